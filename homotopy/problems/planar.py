"""A teacher in the plane whose spurious minimum is there for a student of any width."""

from __future__ import annotations

from math import pi

import numpy as np
from numpy.typing import NDArray

from homotopy.arguments import choice, integer, positive
from homotopy.naming import spell
from homotopy.objectives.base import Vector
from homotopy.objectives.teacher import TeacherStudent
from homotopy.problems.base import Problem, Starts
from homotopy.problems.published import near

__all__ = ["TRAP_ANGLES", "TRAP_MASSES", "trap", "trap_point"]

TRAP_MASSES: Vector = np.array([1.0004373881227133, 1.3907978803259113, 0.6043526494785179])
"""The norms of the student's rows at the spurious minimum of three units."""

TRAP_ANGLES: Vector = pi * np.array([1.7773338761844872, 1.0562136425763324, 0.3631698869070589])
"""Their angles, in radians."""

TEACHER = pi * np.array([0.0, 5 / 6, 4 / 3])
"""The angles of the teacher's rows, all of norm 1."""


def trap(n: int = 3, start: str = "trap", split: int = 3, distance: float = 0.01) -> Problem:
    """Three relu units in the plane: a spurious minimum that more units in the student do not take away.

    Parameters
    ----------
    n : int
        Student units, at least 3.
    start : str
        ``trap``: near the spurious minimum; ``random``: all entries N(0, 1/2).
    split : int
        Which unit of the spurious minimum, 1, 2 or 3, is split into n - 2 equal ones.
    distance : float
        Length of the random displacement of a start from the spurious minimum.

    Raises
    ------
    ArgumentError
        If `n` is below 3, `start` or `split` is not one of those allowed, or `distance` is negative or not finite.

    Notes
    -----
    The risk is that of ``teacher``, with Gaussian inputs and the second layers fixed to one. At the spurious minimum it
    is 0.0042328, and its Hessian in norms and angles has the eigenvalues .0274, .262, .305, .578, .689 and 1.119. For
    n = 3 it is proven that a minimum is there, and alone (`homotopy.landscape.enclose`). Equal copies of unit 3 keep
    the trap: they share one mass, which may go from one to another, so that for n > 3 the minima are a flat family of
    n - 3 dimensions, across which the Hessian is positive. Copies of unit 1 or 2 free it, because turning them apart
    lowers the risk.

    There is a second spurious minimum at 4 or more units, of value 4.9749e-5 (alone, proven, at n = 4). Solved
    therefore is a run at 1e-6: not a thousandth, as for ``teacher``, and still far above what descents reach at the
    optimum 0, also where copies make it flat.

    The published counter-theorem is about students of non-negative masses, for teachers whose directions lie in a
    plane. A trap at every width is not one that random starts meet at every width: of 200 descents by L-BFGS from
    random starts 38 % end in it at n = 3, 2.5 % at n = 4, and none at n = 5, 6 or 8; in the second minimum end 40 % at
    n = 4, 18 % at n = 5 and one of 200 at n = 6 and 8. With n of 5 or more the trap must be started from. New units
    that are not copies of unit 3 lead out of it, to the second minimum or to the optimum.

    Examples
    --------
    >>> import numpy as np
    >>> chosen = trap(n=5, distance=0.0)
    >>> round(chosen.objective.value(chosen.start(np.random.default_rng(0))), 7)
    0.0042328
    """
    integer("n", n, least=3)
    choice("start", start, ("trap", "random"))
    integer("split", split, least=1, most=3)
    positive("distance", distance, or_zero=True)
    risk = TeacherStudent(3, n, 2, teacher=_rows(np.ones(3), TEACHER))
    return Problem(
        name=spell("trap", trap, "n", n=n, start=start, split=split, distance=distance),
        objective=risk,
        start=Starts(risk.draw) if start == "random" else near(trap_point(n, split), distance),
        optimum=0.0,
        tolerance=1e-6,
        source="Zimmermann, Grillo, Balakin et al., Removing spurious minima for planar features by skip connections, "
        "arXiv 2610.01728 (2026): the counter-theorem; the point was computed to full precision for this package",
    )


def trap_point(n: int = 3, split: int = 3) -> Vector:
    """Return the spurious minimum of `trap` with one of its units, 1, 2 or 3, split into n - 2 equal ones.

    Returns
    -------
    ndarray of shape (2 n,)
        The rows, those of the split unit in its place.

    Raises
    ------
    ArgumentError
        If `n` is below 3, or `split` is not 1, 2 or 3.
    """
    n, split = integer("n", n, least=3), integer("split", split, least=1, most=3)
    copies = np.ones(3, dtype=int)
    copies[split - 1] = n - 2
    return np.repeat(_rows(TRAP_MASSES / copies, TRAP_ANGLES), copies, axis=0).ravel()


def _rows(masses: Vector, angles: Vector) -> NDArray[np.float64]:
    return np.asarray(masses[:, None] * np.column_stack([np.cos(angles), np.sin(angles)]))
