"""Homotopies that move a number of the compiled risk itself."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.errors import ArgumentError
from homotopy.homotopies.easy import solve_easy
from homotopy.objectives.base import Vector
from homotopy.objectives.family import Homotopy
from homotopy.objectives.risk import EmpiricalRisk

__all__ = ["Moving", "needs_risk"]


class Moving(Homotopy):
    """A homotopy whose values and derivatives are computed by a compiled function of (x, t).

    A subclass sets `objective` and `_moving`, the function with value_and_grad, hessp, dt, dt_grad and capsule.
    """

    objective: EmpiricalRisk
    _moving: Any

    def capsule(self) -> Any:
        """Return H as compiled loops see it."""
        return self._moving.capsule()

    def value_and_grad(self, x: Vector, t: float) -> tuple[float, Vector]:
        """Return H(x, t) and its gradient in x, shape (n,)."""
        value, grad = self._moving.value_and_grad(x, t)
        return float(value), np.asarray(grad)

    def hessp(self, x: Vector, t: float, v: Vector) -> Vector:
        """Return the Hessian of H(., t) at x times v, shape (n,)."""
        return np.asarray(self._moving.hessp(x, t, v))

    def hessian(self, x: Vector, t: float) -> NDArray[np.float64]:
        """Return the Hessian of H(., t) at x, shape (n, n)."""
        return np.asarray(self._moving.hessian(x, t))

    def dt(self, x: Vector, t: float) -> float:
        """Return the partial derivative of H in t."""
        return float(self._moving.dt(x, t))

    def dt_grad(self, x: Vector, t: float) -> Vector:
        """Return the partial derivative in t of the gradient, shape (n,)."""
        return np.asarray(self._moving.dt_grad(x, t))

    def start(self, rng: np.random.Generator | int | None = None) -> Vector:
        """Return a stationary point of H(., 0), reached by L-BFGS from random weights that `rng` draws."""
        return solve_easy(self.at(0.0), np.asarray(self.objective.model.init(np.random.default_rng(rng))))


def needs_risk(objective: Any, name: str) -> EmpiricalRisk:
    """Return the objective if it is an EmpiricalRisk.

    Raises
    ------
    ArgumentError
        If it is not.
    """
    if not isinstance(objective, EmpiricalRisk):
        raise ArgumentError(f"objective is a {type(objective).__name__}; {name} needs an EmpiricalRisk")
    return objective
