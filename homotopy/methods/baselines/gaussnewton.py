"""Levenberg-Marquardt in Python, for every objective that offers outputs on samples."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve

from homotopy.linalg.dense import dense_hessian
from homotopy.methods.batch.batch import FLAT, Batch
from homotopy.methods.batch.recipes import Recipe
from homotopy.objectives.base import Vector
from homotopy.status import Status

__all__ = ["Walk", "gauss_newton_matrix"]

TRIALS = 60
"""Dampings that are tried at one point."""


def gauss_newton_matrix(objective: Any, x: Vector) -> NDArray[np.float64]:
    """Return the Gauss-Newton matrix at x, shape (n, n): the objective's own ``ggn``, or J'BJ by its columns."""
    if hasattr(objective, "ggn"):
        return np.asarray(objective.ggn(x))
    outputs = objective.outputs
    Z = outputs.forward(x)
    l2 = float(getattr(objective, "l2", 0.0))
    return dense_hessian(
        lambda v: outputs.vjp(x, outputs.loss.hessp(Z, outputs.targets, outputs.jvp(x, v))) + l2 * v, x.size
    )


class Walk:
    """One run from its start: the same rule as the compiled one (`LevenbergMarquardt`).

    Parameters
    ----------
    batch : Batch
        Keeps the accounts.
    row : int
        Which run this is.
    recipe : Recipe
        The first damping, and what ends the run.

    Notes
    -----
    A step solves (B + damping I) d = -g. It is accepted where the value falls by more than 1e-4 of what the quadratic
    model says; with the ratio r of the two the damping is multiplied by max(1/3, 1 - (2 r - 1)^3), at a failure by 2,
    4, 8, ... A trial is charged a gradient, a matrix a Hessian-vector product for each variable, and its
    factorization n^3 / 3 flops.
    """

    def __init__(self, batch: Batch, row: int, recipe: Recipe) -> None:
        self.batch, self.rows, self.recipe = batch, np.array([row]), recipe
        self.x = batch.x[row].copy()
        self.begin = float(batch.cost(self.rows)[0])
        self.value, self.grad = self._evaluate(self.x)
        self.values = [self.value]
        self.damping, self.growth = 0.0, 2.0

    def run(self) -> Status:
        """Step until something ends the run, and return how it ended."""
        while True:
            end = self._ended()
            if end is not None:
                return end
            B = gauss_newton_matrix(self.batch.objective, self.x)
            self.batch.charge(self.rows, hessp=self.x.size)
            if not self.damping:
                first: Any = self.recipe.step_size
                self.damping = first * (float(np.abs(np.diag(B)).max()) or 1.0)
            if not self._step(B):
                flat = np.linalg.norm(self.grad) <= FLAT * (1.0 + abs(self.value))
                return self._spent() or (Status.CONVERGED if flat else Status.STEP_TOO_SMALL)

    def _evaluate(self, x: Vector) -> tuple[float, Vector]:
        value, grad = self.batch.objective.value_and_grad(x)
        self.batch.charge(self.rows, grad=1)
        if np.isfinite(value):
            self.batch.observe(self.rows, x, value)
        return float(value), np.asarray(grad)

    def _spent(self) -> Status | None:
        """Return how the run ended where nothing is left to spend."""
        if self.batch.solved[self.rows[0]]:
            return Status.REACHED_TARGET
        if not self.batch.going[self.rows[0]]:
            return Status.BUDGET_SPENT
        spent = float(self.batch.cost(self.rows)[0]) - self.begin
        return Status.MAX_STEPS if spent >= self.recipe.max_evaluations else None

    def _ended(self) -> Status | None:
        """Return how the run ended, or None."""
        if not (np.isfinite(self.value) and np.isfinite(self.grad).all()):
            return Status.NON_FINITE
        drop, window = self.recipe.plateau or (0.0, len(self.values))
        slow = len(self.values) > window and self.values[-1 - window] - self.value < drop * abs(self.value)
        if slow or np.linalg.norm(self.grad) < (self.recipe.gradient_tolerance or 0.0):
            return Status.REACHED_TARGET if self.batch.solved[self.rows[0]] else Status.CONVERGED
        return self._spent()

    def _step(self, B: NDArray[np.float64]) -> bool:
        """Raise the damping until a step is accepted; return whether one was."""
        n = self.x.size
        for _ in range(TRIALS):
            self.batch.charge_flops(self.rows, n**3 / 3.0)
            try:
                d = -cho_solve(cho_factor(B + self.damping * np.eye(n), lower=True), self.grad)
            except np.linalg.LinAlgError:
                d = None
            if d is not None and self._accepted(d):
                return True
            if self._spent() is not None:
                return False
            self.damping *= self.growth
            self.growth *= 2.0
        return False

    def _accepted(self, d: Vector) -> bool:
        """Go to x + d if the value falls there by enough."""
        value, grad = self._evaluate(self.x + d)
        gain = 0.5 * (self.damping * float(d @ d) - float(d @ self.grad))
        ratio = (self.value - value) / gain if gain > 0 else -np.inf
        if not (ratio > 1e-4 and value < self.value and np.isfinite(grad).all()):
            return False
        self.x, self.value, self.grad = self.x + d, value, grad
        self.values.append(value)
        self.damping *= max(1.0 / 3.0, 1.0 - (2.0 * ratio - 1.0) ** 3)
        self.growth = 2.0
        return True
