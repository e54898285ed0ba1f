"""A homotopy that counts its evaluations."""

from __future__ import annotations

from typing import Any

from homotopy.objectives.base import Vector
from homotopy.objectives.family import At, Homotopy
from homotopy.status import Counts

__all__ = ["CountedHomotopy"]


class CountedHomotopy(Homotopy):
    """A homotopy with counters; optional methods (``hessian``, ``factorize``) are there where the inner one has them.

    A Hessian or a factorization counts as n products, dt_grad as a gradient.
    """

    def __init__(self, inner: Homotopy) -> None:
        self.inner = inner
        self.size = inner.size
        self.symmetric = bool(getattr(inner, "symmetric", True))
        self.n_grad = self.n_hessp = self.n_matrix = 0
        if hasattr(inner, "objective"):
            self.objective = inner.objective
        for name in ("hessian", "factorize"):
            if hasattr(inner, name):
                setattr(self, name, self._matrix(getattr(inner, name)))

    def _matrix(self, function: Any) -> Any:
        def counted(x: Vector, t: float) -> Any:
            self.n_matrix += 1
            return function(x, t)

        return counted

    @property
    def counts(self) -> Counts:
        """What was evaluated until now, in the homotopy's own evaluations: `cost` is not applied."""
        return Counts(grad=self.n_grad, hessp=self.n_hessp + self.size * self.n_matrix)

    def value_and_grad(self, x: Vector, t: float) -> tuple[float, Vector]:
        """Return value and gradient and count one gradient."""
        self.n_grad += 1
        return self.inner.value_and_grad(x, t)

    def hessp(self, x: Vector, t: float, v: Vector) -> Vector:
        """Return the product and count it."""
        self.n_hessp += 1
        return self.inner.hessp(x, t, v)

    def dt(self, x: Vector, t: float) -> float:
        """Return the derivative of the value in t."""
        return self.inner.dt(x, t)

    def dt_grad(self, x: Vector, t: float) -> Vector:
        """Return the derivative of the gradient in t and count one gradient."""
        self.n_grad += 1
        return self.inner.dt_grad(x, t)

    def start(self, rng: Any = None) -> Vector:
        """Return a solution of the easy problem."""
        return self.inner.start(rng)

    def at(self, t: float) -> At:
        """Return the objective at one t, uncounted."""
        return self.inner.at(t)

    def finish(self, x: Vector) -> Vector:
        """Return the point of the true problem."""
        return self.inner.finish(x)
