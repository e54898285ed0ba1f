"""All the solutions that deflation finds: at one t, and along a grid of t."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import sqrt

import numpy as np

from homotopy.arguments import one_of, shown, vector
from homotopy.errors import ArgumentError
from homotopy.homotopies.systems.roots import Still
from homotopy.landscape.deflation import DeflatedNewton, Deflation
from homotopy.landscape.symmetries import symmetries_of
from homotopy.objectives.base import Objective, Vector
from homotopy.objectives.family import Homotopy
from homotopy.status import Status
from homotopy.threads import one_blas_thread

__all__ = ["deflated_continuation", "find_solutions"]


@one_blas_thread
def find_solutions(
    problem: Objective | Homotopy,
    starts: Iterable[Vector],
    *,
    t: float = 1.0,
    newton: DeflatedNewton | None = None,
    deflation: Deflation | None = None,
    max_solutions: int = 1000,
) -> list[Vector]:
    """Return the stationary points, or roots, that deflated Newton finds from the starts, each again until it fails.

    Parameters
    ----------
    problem : Objective or Homotopy
        A homotopy is solved at `t`.
    starts : iterable of ndarray of shape (n,)
        Where Newton's method begins.
    t : float
        Where a homotopy is solved.
    newton : DeflatedNewton or None
        Its settings.
    deflation : Deflation or None
        What is known already, and the operator; None takes the symmetries that the objective states.
    max_solutions : int
        When to stop.

    Raises
    ------
    ArgumentError
        If the problem is none, or a start is no vector of its size.

    Notes
    -----
    A start in a subspace that a symmetry keeps is left by rounding errors only: give starts of several shapes.

    Examples
    --------
    >>> from homotopy.objectives.functions import Himmelblau
    >>> len(find_solutions(Himmelblau(), [np.zeros(2)]))
    9
    """
    if isinstance(problem, type) or not (hasattr(problem, "value_and_grad") and hasattr(problem, "size")):
        raise ArgumentError(f"problem must be an Objective or a Homotopy, not {shown(problem)}")
    one_of("starts", starts, Iterable, f"a list of vectors of shape ({problem.size},)")
    homotopy = problem if isinstance(problem, Homotopy) else Still(problem)
    starts = [vector("starts: one of them", start, homotopy.size, "the problem") for start in starts]
    newton = newton or DeflatedNewton()
    if deflation is None:
        deflation = Deflation(symmetries=symmetries_of(getattr(homotopy, "objective", None)))
    found: list[Vector] = []
    for start in starts:
        if deflation.distance(start) == 0.0:  # the operator is infinite there
            start = start + 1e-3 * (1.0 + sqrt(float(start @ start))) * np.cos(np.arange(1.0, start.size + 1))
        while len(found) < max_solutions:
            x, status = newton.solve(homotopy, start, t, deflation)
            if status is not Status.CONVERGED or deflation.distance(x) < 1e-6 * (1.0 + sqrt(float(x @ x))):
                break
            found.append(x)
            deflation.add(x)
    return found


@one_blas_thread
def deflated_continuation(
    homotopy: Homotopy,
    starts: Sequence[Vector],
    times: Sequence[float],
    *,
    newton: DeflatedNewton | None = None,
    power: float = 2.0,
    shift: float = 1.0,
) -> list[list[Vector]]:
    """Return the solutions at every t of a grid: those continued from the t before, and those that deflation adds.

    Parameters
    ----------
    homotopy : Homotopy
        The family.
    starts : sequence of ndarray of shape (n,)
        Guesses at the first t.
    times : sequence of float
        The grid, in either direction.
    newton : DeflatedNewton or None
        Its settings.
    power, shift : float
        As in `Deflation`.

    Returns
    -------
    list of list of ndarray
        One list a time. It finds branches that do not hang together with the starts.

    Raises
    ------
    ArgumentError
        If the starts or the times are no lists, or a start is no vector of the family's size.

    References
    ----------
    Farrell, Beentjes and Birkisson 2016, arXiv 1603.00809.
    """
    newton = newton or DeflatedNewton()
    one_of("starts", starts, Iterable, f"a list of vectors of shape ({homotopy.size},)")
    one_of("times", times, Iterable, "a list of numbers")
    known: list[Vector] = list(starts)
    table: list[list[Vector]] = []
    for t in times:
        symmetries = symmetries_of(getattr(homotopy, "objective", None))
        deflation = Deflation(power=power, shift=shift, symmetries=symmetries)
        continued = find_solutions(homotopy, known, t=t, newton=newton, deflation=deflation)
        table.append(continued)
        known = continued or known
    return table
