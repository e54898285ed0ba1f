"""An objective in variables of size one: verdicts are not to depend on the units of single variables."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.landscape.critical.surface import natural_scale
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
    """Return what variables are measured in near a point: `natural_scale`, in powers of two, and 1 where x is 0."""
    if not x.any() or not (hasattr(objective, "hessian") or hasattr(objective, "hessp")):
        return np.ones_like(x)
    factors = 1.0 + SPREAD * np.random.default_rng(x.size).standard_normal((POINTS, x.size))
    return np.asarray(2.0 ** np.round(np.log2(natural_scale(objective, np.ascontiguousarray(x * factors)))))
