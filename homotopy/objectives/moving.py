"""Losses with numbers that move with t: of any net with outputs whose targets do, and of a perceptron, compiled."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy._core.mlp import MovingRisk
from homotopy.objectives.base import Vector
from homotopy.objectives.flops import flops_of
from homotopy.objectives.outputs import curvature

__all__ = ["DeformedRisk", "MovingTargets", "deformed_risk"]

Array = NDArray[Any]


class MovingTargets:
    r"""The loss of targets that move from easy ones to the true ones, on any objective with outputs.

    .. math:: H(x, t) = \ell\big(z(x), y_0 + t (y - y_0)\big) + \frac{\lambda}{2} |x|^2

    The easy targets have shape (N, k), prepared as the loss takes them.
    """

    def __init__(self, objective: Any, easy: Array) -> None:
        self.objective, self.size = objective, int(objective.size)
        self.outputs, self.easy = objective.outputs, easy
        self.l2 = float(getattr(objective, "l2", 0.0))

    @property
    def flops(self) -> float:
        """Flops of one gradient: those of the objective."""
        return flops_of(self.objective)

    def _targets(self, t: float) -> Array:
        return np.asarray(self.easy + t * (self.outputs.targets - self.easy))

    def value_and_grad(self, x: Vector, t: float) -> tuple[float, Vector]:
        """Return H(x, t) and its gradient in x, shape (n,)."""
        outputs, y = self.outputs, self._targets(t)
        Z = outputs.forward(x)
        value = outputs.loss.value(Z, y) + 0.5 * self.l2 * float(x @ x)
        return float(value), np.asarray(outputs.vjp(x, outputs.loss.grad(Z, y)) + self.l2 * x)

    def hessp(self, x: Vector, t: float, v: Vector) -> Vector:
        """Return the Hessian of H(., t) at x times v, shape (n,)."""
        outputs, y = self.outputs, self._targets(t)
        Z = outputs.forward(x)
        bend = outputs.vjp(x, outputs.loss.hessp(Z, y, outputs.jvp(x, v)))
        return np.asarray(bend + curvature(outputs, x, outputs.loss.grad(Z, y), v) + self.l2 * v)

    def dt(self, x: Vector, t: float) -> float:
        """Return the partial derivative of H in t; every loss is -z.y in its targets, the squared one and |y|^2 / 2."""
        Z, moved = self.outputs.forward(x), self.outputs.loss.counted(self.outputs.targets - self.easy)
        slope = -float(np.sum(Z * moved))
        if self.outputs.loss.quadratic:
            slope += float(np.sum(self._targets(t) * moved))
        return slope / len(Z)

    def dt_grad(self, x: Vector, t: float) -> Vector:
        """Return the partial derivative in t of the gradient, shape (n,)."""
        del t
        moved = self.outputs.loss.counted(self.easy - self.outputs.targets) / len(self.easy)
        return np.asarray(self.outputs.vjp(x, np.ascontiguousarray(moved)))


class DeformedRisk(MovingRisk):
    """A risk with numbers that move with t, made by `EmpiricalRisk.deformed`; its flops count the basis too."""

    flops: float
    parts: tuple[Any, ...]

    def __reduce__(self) -> tuple[Any, ...]:
        return deformed_risk, self.parts


def deformed_risk(data: tuple[Any, ...], moves: dict[str, Any], flops: float) -> DeformedRisk:
    """Return the risk from what its compiled part takes, which it keeps to be made again."""
    moving = DeformedRisk(*data, **moves)
    moving.parts, moving.flops = (data, moves, flops), flops
    return moving
