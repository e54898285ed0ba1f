"""An objective in variables of size one: verdicts are not to depend on the units of single variables."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.objectives.base import Vector
from homotopy.objectives.curvature.probe import Probe

__all__ = ["Scaled", "scale_at"]

Matrix = NDArray[np.float64]
POINTS, SPREAD = 4, 0.3
"""Points about x, so many and so far off, where curvatures are looked at: at x itself some may vanish."""


class Scaled:
    """The function z -> f(scale z).

    Parameters
    ----------
    objective : Objective
        f.
    scale : ndarray of shape (n,)
        What each variable is measured in.
    """

    def __init__(self, objective: Any, scale: Vector) -> None:
        self.objective, self.scale, self.size = objective, scale, int(scale.size)

    def value_and_grad(self, z: Vector) -> tuple[float, Vector]:
        """Return the value and the gradient."""
        value, grad = self.objective.value_and_grad(self.scale * z)
        return float(value), self.scale * np.asarray(grad)

    def hessian(self, z: Vector) -> Matrix:
        """Return the Hessian."""
        matrix = Probe(self.objective, self.scale * z, None).matrix()
        return np.asarray(matrix * self.scale[:, None] * self.scale)


def scale_at(objective: Any, x: Vector) -> Vector:
    """Return what each variable is measured in near a point, in powers of two, the largest 1.

    It is the inverse root of the mean size of the variable's curvature at points about x; the same for all at the
    origin, which says nothing of units, and where there are no second derivatives.
    """
    if not x.any() or not (hasattr(objective, "hessian") or hasattr(objective, "hessp")):
        return np.ones_like(x)
    factors = 1.0 + SPREAD * np.random.default_rng(x.size).standard_normal((POINTS, x.size))
    each = [_curvatures(objective, np.ascontiguousarray(x * factor)) for factor in factors]
    curvature = np.mean([one for one in each if np.isfinite(one).all()] or [np.ones_like(x)], axis=0)
    positive = curvature[curvature > 0]
    if not positive.size:
        return np.ones_like(x)
    powers = np.round(-0.5 * np.log2(np.where(curvature > 0, curvature, positive.min())))
    return np.asarray(2.0 ** (powers - powers.max()))


def _curvatures(objective: Any, x: Vector) -> Vector:
    """Return the sizes of the second derivatives in each variable, NaN where they cannot be evaluated."""
    try:
        return np.abs(np.diagonal(Probe(objective, x, None).matrix()))
    except ArithmeticError:
        return np.full(x.size, np.nan)
