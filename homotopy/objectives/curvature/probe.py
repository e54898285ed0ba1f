"""Products and gradients at one point, counted, whatever the objective has of them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.arguments import positive_or_none
from homotopy.linalg import dense_hessian, full
from homotopy.objectives.base import Vector
from homotopy.status import Counts

__all__ = ["Probe"]

Matrix = NDArray[np.float64]


class Probe:
    """Products and gradients at one point, counted."""

    def __init__(self, objective: Any, x: Vector, scale: float | None) -> None:
        self.objective, self.x = objective, x
        length = positive_or_none("scale", scale)
        self.length = length or float(np.linalg.norm(x)) or 1.0
        self.known = getattr(objective, "hessian", None)
        inner: Any = getattr(objective, "homotopy", None)
        if self.known is None and hasattr(inner, "hessian"):
            self.known = lambda x: inner.hessian(x, objective.t)
        self.n_grad = self.n_products = 0

    @property
    def counts(self) -> Counts:
        """What was evaluated."""
        return Counts(grad=self.n_grad, hessp=self.n_products)

    def grad(self, x: Vector) -> Vector:
        """Return the gradient at x."""
        self.n_grad += 1
        return np.array(self.objective.value_and_grad(x)[1], dtype=np.float64)

    def product(self, v: Vector, x: Vector | None = None) -> Vector:
        """Return the Hessian times v, at the point or at another one."""
        x, v = self.x if x is None else x, np.array(v, dtype=np.float64)
        if hasattr(self.objective, "hessp"):
            self.n_products += 1
            return np.array(self.objective.hessp(x, v), dtype=np.float64)
        step = np.cbrt(np.finfo(np.float64).eps) * self.length / (float(np.linalg.norm(v)) or 1.0)
        return np.asarray((self.grad(x + step * v) - self.grad(x - step * v)) / (2.0 * step))

    def matrix(self) -> Matrix:
        """Return the Hessian, shape (n, n): the one that the objective knows, for n products, or these themselves."""
        if self.known is None:
            return dense_hessian(self.product, self.x.size)
        self.n_products += self.x.size
        return full(self.known(self.x))
