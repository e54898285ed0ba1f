"""Whether a point is on its way to infinity, as those of nets that saturate are, and not to a stationary point."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh

from homotopy.arguments import integer, vector
from homotopy.landscape.classify.around import EPS
from homotopy.objectives.base import Vector
from homotopy.objectives.curvature.probe import Probe
from homotopy.threads import one_blas_thread

__all__ = ["escapes"]

Matrix = NDArray[np.float64]
MOST = 500
"""Variables up to which the Hessian is decomposed."""
STEADY = 0.93
"""A step this part of the last is no shorter: at a minimum of order p they shorten by (p - 2) / (p - 1)."""
RUN = 4
"""So many steady steps in a row are asked for."""
SETTLED = 1e-3
"""Steps that end below this part of the longest have come to a point."""
SOFT = 1e-8
SHARES = (0.05, 0.1, 0.2, 0.3, 0.45, 0.6, 0.75)
"""How far x is moved back, one after the other."""


@dataclass(frozen=True)
class March:
    """Newton steps from a point.

    Attributes
    ----------
    x : ndarray of shape (n,)
        Their end.
    value : float
        f there.
    lengths, cosines, norms : lists of float
        Of each step its length and the cosine with the one before (0 of the first); the gradients' norms behind each.
    """

    x: Vector
    value: float
    lengths: list[float]
    cosines: list[float]
    norms: list[float]

    @property
    def steady(self) -> int:
        """The most steps in a row that did not shorten, pointed one way and lowered the gradient; 0 if they settled."""
        if not self.lengths or self.lengths[-1] < SETTLED * max(self.lengths):
            return 0
        most = run = 1
        for k in range(1, len(self.lengths)):
            same = self.lengths[k] >= STEADY * self.lengths[k - 1] and self.cosines[k] > 0.95
            run = run + 1 if same and self.norms[k] < 0.9 * self.norms[k - 1] else 1
            most = max(most, run)
        return most


@one_blas_thread
def escapes(objective: Any, x: Vector, *, steps: int = 60) -> str:
    r"""Return a sentence where a point is on its way to infinity, else an empty text.

    Parameters
    ----------
    objective : Objective
        With ``value_and_grad`` and, where it has them, ``hessp`` and ``hessian``.
    x : ndarray of shape (n,)
        Where a descent, or another search for stationary points, has got to.
    steps : int
        The most Newton steps.

    Returns
    -------
    str
        Empty also where n > 500, where nothing is looked at, and where the steps do not say.

    Raises
    ------
    ArgumentError
        If x is not a finite vector of the objective's size.

    Notes
    -----
    Newton's steps toward a point where the gradient vanishes become small: quadratically at a regular point, by factors
    (p - 2) / (p - 1) at one of order p. Where the gradient vanishes only at infinity they do not: of exp(-c s) each has
    length 1 / c, of s^{-q} it is s / (q + 1). So a point escapes if four steps in a row each have at least 0.93 of the
    length of the one before, point the same way and lower the gradient's norm, and steps never become small before the
    gradient is rounding. Where that is so at x already, steps start nearer to the origin, from x moved back by a part
    of what it has in directions of no curvature, and have to lead back to the value at x. All this is free of units.
    """
    x = vector("x", x, objective.size, "the objective", finite=True)
    steps = integer("steps", steps)
    if x.size > MOST:
        return ""
    with np.errstate(all="ignore"):
        march = _march(objective, x, steps)
        if march is None:
            return ""
        if march.steady < RUN:
            march = _from_behind(objective, x, steps)
    if march is None:
        return ""
    return (
        f"on its way to infinity: {march.steady} Newton steps in one direction did not shorten, while the gradient "
        f"fell to {march.norms[-1] / march.norms[0]:.1g} of what it was"
    )


def _march(objective: Any, x: Vector, steps: int) -> March | None:
    """Return Newton steps until the gradient is rounding or no longer falls; None where something is not finite."""
    value, grad = objective.value_and_grad(x)
    lengths: list[float] = []
    cosines: list[float] = []
    norms, last = [float(np.linalg.norm(grad))], np.zeros(x.size)
    for _ in range(steps):
        step = _newton(objective, x, np.asarray(grad))
        if step is None:
            return None
        length = float(np.linalg.norm(step))
        if length == 0.0:
            break
        try:
            there, slope = objective.value_and_grad(x + step)
        except ArithmeticError:
            break
        norm = float(np.linalg.norm(slope))
        if not (np.isfinite(there) and norm < norms[-1]):
            break
        x, value, grad = x + step, there, slope
        lengths.append(length)
        cosines.append(float(last @ step) / length)
        norms.append(norm)
        last = step / length
    return March(x, float(value), lengths, cosines, norms[1:] or norms)


def _from_behind(objective: Any, x: Vector, steps: int) -> March | None:
    """Return steady steps from a point nearer to the origin that lead back to the value at x; None where none do."""
    back, value = _softest(objective, x), float(objective.value_and_grad(x)[0])
    if back is None:
        return None
    for share in SHARES:
        start = np.ascontiguousarray(x - share * back)
        high = float(objective.value_and_grad(start)[0])
        march = _march(objective, start, steps)
        if march is None or march.steady < RUN:
            continue
        close = abs(march.value - value) <= 1e-2 * abs(high - value) + 8.0 * EPS * abs(value)
        if close and float((march.x - start) @ back) > 0.0:
            return march
    return None


def _newton(objective: Any, x: Vector, grad: Vector) -> Vector | None:
    """Return Newton's step in the directions whose curvature is more than rounding; None where it is not finite."""
    matrix = Probe(objective, x, None).matrix()
    if not (np.isfinite(matrix).all() and np.isfinite(grad).all()):
        return None
    values, vectors = eigh(0.5 * (matrix + matrix.T))
    seen = np.abs(values) > 8.0 * EPS * x.size**0.5 * float(np.abs(values).max())
    return np.asarray(-vectors[:, seen] @ ((vectors[:, seen].T @ grad) / values[seen]))


def _softest(objective: Any, x: Vector) -> Vector | None:
    """Return the part of x in directions of hardly any curvature; None where that is little of it."""
    matrix = Probe(objective, x, None).matrix()
    if not np.isfinite(matrix).all():
        return None
    values, vectors = eigh(0.5 * (matrix + matrix.T))
    soft = vectors[:, np.abs(values) <= SOFT * float(np.abs(values).max())]
    back = soft @ (soft.T @ x)
    return back if float(np.linalg.norm(back)) > 0.1 * float(np.linalg.norm(x)) else None
