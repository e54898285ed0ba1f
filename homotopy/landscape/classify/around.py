"""An objective on an affine space through a point, with the size of its rounding errors."""

from __future__ import annotations

from math import factorial, nan
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.objectives.base import Vector
from homotopy.objectives.curvature.probe import Probe

__all__ = ["Around"]

Matrix = NDArray[np.float64]
EPS = float(np.finfo(np.float64).eps)
POINTS = 9
"""Values from which the noise is estimated."""


class Around:
    """The function s -> f(x + B s) - f(x), or minus that.

    Parameters
    ----------
    objective : Objective
        f, with ``value_and_grad``, and ``hessp`` or ``hessian`` where it has them.
    x : ndarray of shape (n,)
        The point.
    basis : ndarray of shape (n, m) or None
        Orthonormal columns B; None is all of space.
    sign : float
        1, or -1 for -f.
    reach : float or None
        How far to look at most; None is the size of x.

    Attributes
    ----------
    size : int
        The number m of variables s.
    value, grad : float, ndarray of shape (m,)
        f(x), with its sign, and the gradient at s = 0.
    noise : float
        What rounding makes of values near x, in units of f.
    """

    def __init__(
        self,
        objective: Any,
        x: Vector,
        basis: Matrix | None = None,
        sign: float = 1.0,
        *,
        reach: float | None = None,
    ) -> None:
        self.objective, self.x, self.sign = objective, x, sign
        self.basis = np.eye(x.size) if basis is None else basis
        self.size = int(self.basis.shape[1])
        self.reach = float(np.linalg.norm(x)) if reach is None else reach
        self.value, self.grad = 0.0, np.zeros(self.size)
        self.value, self.grad = self.rise(np.zeros(self.size))
        self.noise = self.noise_at(np.zeros(self.size))

    def opposite(self) -> Around:
        """Return the same of -f."""
        return Around(self.objective, self.x, self.basis, -self.sign, reach=self.reach)

    def point(self, s: Vector) -> Vector:
        """Return x + B s."""
        return np.ascontiguousarray(self.x + self.basis @ s)

    def rise(self, s: Vector) -> tuple[float, Vector]:
        """Return f(x + B s) - f(x) and the gradient in s; NaN where f cannot be evaluated."""
        try:
            value, grad = self.objective.value_and_grad(self.point(s))
        except ArithmeticError:
            return nan, np.full(self.size, nan)
        return self.sign * float(value) - self.value, self.sign * (self.basis.T @ np.asarray(grad))

    def hessian(self) -> Matrix:
        """Return the Hessian at s = 0, shape (m, m), symmetric."""
        matrix = Probe(self.objective, self.x, None).matrix()
        inner = self.basis.T @ matrix @ self.basis
        return np.asarray(0.5 * self.sign * (inner + inner.T))

    def noise_at(self, s: Vector) -> float:
        """Return the standard deviation of rounding by a table of differences (Moré and Wild 2011), at least eps |f|.

        Values are taken so near together that differences of order 4 to 6 have nothing of the function itself.
        """
        direction = np.random.default_rng(self.size).standard_normal(self.size)
        length = float(np.linalg.norm(self.point(s))) or 1.0
        direction *= 2.0**-26 * length / (float(np.linalg.norm(direction)) or 1.0)
        table = np.array([self.rise(s + (i - POINTS // 2) * direction)[0] for i in range(POINTS)])
        found = []
        for k in range(1, 7):
            table = np.diff(table)
            if k >= 4:
                found.append(factorial(k) / factorial(2 * k) ** 0.5 * float(np.sqrt(np.mean(table**2))))
        estimate = float(np.median(found))
        return max(estimate if np.isfinite(estimate) else 0.0, EPS * abs(self.value))
