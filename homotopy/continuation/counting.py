"""A homotopy that counts its evaluations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from homotopy.objectives.base import Vector
from homotopy.objectives.family import At, Homotopy

__all__ = ["CountedHomotopy", "Tally"]


@dataclass(slots=True)
class Tally:
    """How often a family was evaluated: gradients and products; a matrix is n products."""

    grad: int = 0
    hessp: int = 0


class CountedHomotopy(Homotopy):
    """A homotopy that counts into a tally; ``hessian`` and ``factorize`` are there where the inner one has them.

    A Hessian or a factorization counts as n products, dt_grad as a gradient.
    """

    def __init__(self, inner: Homotopy, tally: Tally) -> None:
        self.inner, self.tally = inner, tally
        self.size = inner.size
        self.symmetric = bool(getattr(inner, "symmetric", True))
        if hasattr(inner, "objective"):
            self.objective = inner.objective
        for name in ("hessian", "factorize"):
            if hasattr(inner, name):
                setattr(self, name, self._matrix(getattr(inner, name)))

    def _matrix(self, function: Callable[[Vector, float], Any]) -> Callable[[Vector, float], Any]:
        def counted(x: Vector, t: float) -> Any:
            self.tally.hessp += self.size
            return function(x, t)

        return counted

    def value_and_grad(self, x: Vector, t: float) -> tuple[float, Vector]:
        """Return value and gradient and count one gradient."""
        self.tally.grad += 1
        return self.inner.value_and_grad(x, t)

    def hessp(self, x: Vector, t: float, v: Vector) -> Vector:
        """Return the product and count it."""
        self.tally.hessp += 1
        return self.inner.hessp(x, t, v)

    def dt(self, x: Vector, t: float) -> float:
        """Return the derivative of the value in t."""
        return self.inner.dt(x, t)

    def dt_grad(self, x: Vector, t: float) -> Vector:
        """Return the derivative of the gradient in t and count one gradient."""
        self.tally.grad += 1
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
