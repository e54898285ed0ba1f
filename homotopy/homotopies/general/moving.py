"""Homotopies whose values and derivatives are those of one function of (x, t)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.homotopies.easy import beginning, solve_easy
from homotopy.objectives.base import Seed, Vector, compiled
from homotopy.objectives.family import Homotopy

__all__ = ["Moving"]


class Moving(Homotopy):
    """A homotopy whose values and derivatives are computed by a function of (x, t), often a compiled one.

    A subclass sets `objective` and calls `_follow` with the function, which has value_and_grad, hessp, dt and
    dt_grad, and, where it can, hessian and capsule. `start` begins at `x0`, a point of the true problem, or where that
    is None at a random point.
    """

    x0: Vector | None = None
    _moving: Any

    def _follow(self, moving: Any) -> None:
        """Take over a function of (x, t)."""
        self._moving, self.size = moving, int(moving.size)
        if hasattr(moving, "hessian"):
            self.hessian = self._hessian

    def _hessian(self, x: Vector, t: float) -> NDArray[np.float64]:
        """Return the Hessian of H(., t) at x, shape (n, n)."""
        return np.asarray(self._moving.hessian(x, t))

    def capsule(self) -> Any | None:
        """Return H as compiled loops see it, or None where it is not compiled."""
        return compiled(self._moving)

    def value_and_grad(self, x: Vector, t: float) -> tuple[float, Vector]:
        """Return H(x, t) and its gradient in x, shape (n,)."""
        value, grad = self._moving.value_and_grad(x, t)
        return float(value), np.asarray(grad)

    def hessp(self, x: Vector, t: float, v: Vector) -> Vector:
        """Return the Hessian of H(., t) at x times v, shape (n,)."""
        return np.asarray(self._moving.hessp(x, t, v))

    def hessp_many(self, X: Vector, t: float, V: Vector) -> Vector:
        """Return the Hessian of H(., t) at each row of X times the same row of V, shape (r, n)."""
        if hasattr(self._moving, "hessp_many"):
            return np.asarray(self._moving.hessp_many(X, t, V))
        return super().hessp_many(X, t, V)

    def dt(self, x: Vector, t: float) -> float:
        """Return the partial derivative of H in t."""
        return float(self._moving.dt(x, t))

    def dt_grad(self, x: Vector, t: float) -> Vector:
        """Return the partial derivative in t of the gradient, shape (n,)."""
        return np.asarray(self._moving.dt_grad(x, t))

    def start(self, rng: Seed = None) -> Vector:
        """Return a stationary point of H(., 0), reached by L-BFGS from x0 or from a random point that `rng` draws."""
        return solve_easy(self, beginning(self, rng))
