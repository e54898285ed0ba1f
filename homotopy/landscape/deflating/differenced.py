"""A system whose Jacobian nobody gave, differenced over lengths that follow the size of x."""

from __future__ import annotations

from typing import Any

import numpy as np

from homotopy.objectives.base import Vector
from homotopy.objectives.family import Homotopy

__all__ = ["Differenced", "in_any_units"]

CUBE = float(np.finfo(np.float64).eps) ** (1 / 3)
"""The best step of a central difference of order two, over the length on which the function changes."""
AT_ZERO = 1e-6
"""Near zero |x| is no such length; this part of the unit bounds it from below."""


class Differenced(Homotopy):
    """A homotopy with products of its Jacobian by central differences over ``eps^(1/3) max(|x|, 1e-6 unit)``.

    Parameters
    ----------
    homotopy : Homotopy
        What is differenced.
    unit : float
        The size of x that is expected, positive.
    """

    def __init__(self, homotopy: Homotopy, unit: float) -> None:
        self.homotopy, self.unit, self.size = homotopy, unit, homotopy.size
        self.symmetric = bool(getattr(homotopy, "symmetric", True))

    def value_and_grad(self, x: Vector, t: float) -> tuple[float, Vector]:
        """Return value and gradient, or F in its place."""
        return self.homotopy.value_and_grad(x, t)

    def hessp(self, x: Vector, t: float, v: Vector) -> Vector:
        """Return the Jacobian times v."""
        length = float(np.linalg.norm(v))
        if length == 0.0:
            return np.zeros_like(v)
        h = CUBE * max(float(np.linalg.norm(x)), AT_ZERO * self.unit) / length
        up, down = self.value_and_grad(x + h * v, t)[1], self.value_and_grad(x - h * v, t)[1]
        return np.asarray((up - down) / (2 * h))

    def dt(self, x: Vector, t: float) -> float:
        """Return the derivative of the value in t."""
        return self.homotopy.dt(x, t)

    def dt_grad(self, x: Vector, t: float) -> Vector:
        """Return the derivative of the gradient in t."""
        return self.homotopy.dt_grad(x, t)

    def start(self, rng: Any = None) -> Vector:
        """Return the homotopy's own start."""
        return self.homotopy.start(rng)


def in_any_units(homotopy: Homotopy, unit: float) -> Homotopy:
    """Return the homotopy, or where it differences its Jacobian over 1 + |x|, one that does so over |x|."""
    own = hasattr(homotopy, "factorize") or "jvp" not in getattr(homotopy, "differenced", ())
    return homotopy if own else Differenced(homotopy, unit)
