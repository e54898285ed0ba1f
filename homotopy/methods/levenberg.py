"""Levenberg-Marquardt with the generalized Gauss-Newton matrix."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import LinAlgError, cho_factor, cho_solve

from homotopy.errors import ArgumentError
from homotopy.methods.base import full_name
from homotopy.methods.batch import Batch, BatchMethod, Stage
from homotopy.methods.ledger import Rows
from homotopy.objectives.base import Vector
from homotopy.objectives.risk import EmpiricalRisk
from homotopy.problems.base import Problem
from homotopy.status import Status

__all__ = ["LevenbergMarquardt", "levenberg", "levenberg_cost"]


def levenberg_cost(n_variables: int) -> float:
    """Return the gradient-equivalents of one accepted iteration: the gradient, and n/6 for the matrix and factor."""
    return 1.0 + n_variables / 6.0


@dataclass
class _State:
    """One descent by Levenberg-Marquardt."""

    risk: EmpiricalRisk
    x: Vector
    value: float
    grad: Vector
    damping: float = 0.0
    growth: float = 2.0

    def step(self) -> tuple[Vector, float, float]:
        """Return a step, the fall that the model promises, and the value behind it."""
        matrix = self._matrix + self.damping * np.eye(self.x.size)
        try:
            move = -cho_solve(cho_factor(matrix, check_finite=False), self.grad, check_finite=False)
        except LinAlgError:
            return np.zeros_like(self.x), 1.0, np.inf
        promised = 0.5 * float(move @ (self.damping * move - self.grad))
        return move, promised, float(self.risk.value(self.x + move))

    def refresh(self) -> None:
        """Compute the matrix at x, and the first damping."""
        self._matrix = np.asarray(self.risk.ggn(self.x))
        if self.damping == 0.0:
            self.damping = 1e-2 * max(float(self._matrix.diagonal().max()), 1e-12)


def levenberg(
    batch: Batch,
    risk: EmpiricalRisk,
    x: NDArray[np.float64],
    rows: Rows,
    *,
    name: str,
    cost: float = 1.0,
    most: float = 2000.0,
    target: float | None = None,
) -> Stage:
    """Descend some runs by Levenberg-Marquardt and charge them.

    Parameters
    ----------
    batch : Batch
        Keeps the accounts.
    risk : EmpiricalRisk
        What to descend; the problem's own objective is observed.
    x : ndarray of shape (m, n)
        Where the runs stand.
    rows : ndarray of shape (m,)
        Which runs these are.
    name : str
        What the stage is called.
    cost : float
        Gradient-equivalents of one gradient of `risk`.
    most : float
        The most gradient-equivalents of this stage, in gradients of `risk`.
    target : float or None
        Where to stop; for the problem's own objective its target is the default.

    Notes
    -----
    A trial that does not lower the value costs half a gradient. It ends at the target, where the gradient's norm is
    below 1e-9, or where ten accepted iterations lowered the value by less than 1 %.
    """
    true = risk is batch.problem.objective
    target = batch.problem.target if target is None and true else target
    points, values = np.array(x), np.full(len(rows), np.nan)
    status = []
    for i, row in enumerate(rows):
        if not batch.going[row]:
            status.append(Status.BUDGET_SPENT)
            continue
        one = np.array([row])
        points[i], values[i], end = _descend(batch, risk, x[i], one, cost=cost, most=most, target=target)
        if true:
            batch.observe(one, points[i], values[i])
        batch.status[row] = end
        status.append(end)
    batch.note(rows, stage=name, value=values, ended=[s.name for s in status], cost=batch.cost(rows))
    return Stage(np.asarray(rows), points, values, tuple(status))


def _descend(
    batch: Batch, risk: EmpiricalRisk, x: Vector, one: Rows, *, cost: float, most: float, target: float | None
) -> tuple[Vector, float, Status]:
    """Return where one descent ends."""
    value, grad = risk.value_and_grad(x)
    state = _State(risk, np.array(x), value, grad)
    begin, price = batch.cost(one)[0], cost * levenberg_cost(x.size)
    limit = min(batch.limits[one[0]], begin + cost * most)
    batch.charge(one, grad=1, charged=cost - 1.0)
    history = [value]
    goal = -np.inf if target is None else target
    true = risk is batch.problem.objective
    while True:
        if not np.isfinite(state.value):
            return state.x, state.value, Status.NON_FINITE
        if state.value <= goal:
            return state.x, state.value, Status.REACHED_TARGET
        if np.linalg.norm(state.grad) < 1e-9 or (len(history) > 10 and history[-11] - state.value < 0.01 * state.value):
            return state.x, state.value, Status.CONVERGED
        if batch.cost(one)[0] + price > limit:
            return state.x, state.value, Status.BUDGET_SPENT if limit < begin + cost * most else Status.MAX_STEPS
        if true:
            batch.observe(one, state.x, state.value)
        state.refresh()
        batch.charge(one, charged=price)
        if not _accept(batch, state, one, cost):
            return state.x, state.value, Status.CONVERGED
        history.append(state.value)


def _accept(batch: Batch, state: _State, one: Rows, cost: float) -> bool:
    """Try steps of growing damping until one lowers the value; return whether one did (Nielsen's rule)."""
    for _ in range(30):
        move, promised, value = state.step()
        if value < state.value:
            ratio = (state.value - value) / max(promised, 1e-300)
            state.x = state.x + move
            state.value, state.grad = state.risk.value_and_grad(state.x)
            state.damping = max(state.damping * max(1.0 / 3.0, 1.0 - (2.0 * ratio - 1.0) ** 3), 1e-15)
            state.growth = 2.0
            return True
        batch.charge(one, charged=0.5 * cost)
        state.damping *= state.growth
        state.growth *= 2.0
    return False


class LevenbergMarquardt(BatchMethod):
    """Levenberg-Marquardt from the start.

    Parameters
    ----------
    limit : float
        The most gradient-equivalents.
    """

    reference = "Marquardt, J. SIAM 11 (1963) 431-441; damping after Nielsen, report IMM-REP-1999-05 (1999)"

    def __init__(self, limit: float = 20_000.0) -> None:
        if not limit > 0:
            raise ArgumentError(f"limit must be positive, not {limit!r}")
        self.limit = limit
        self.name = full_name("lm", limit=(limit, 20_000.0))

    def accepts(self, problem: Problem) -> str | None:
        """Return why the problem has no Gauss-Newton matrix, or None."""
        if isinstance(problem.objective, EmpiricalRisk):
            return None
        return f"its objective is a {type(problem.objective).__name__}; an EmpiricalRisk is needed"

    def run(self, batch: Batch) -> None:
        """Descend, one run after the other."""
        risk: Any = batch.problem.objective
        rows = batch.rows
        levenberg(batch, risk, batch.x[rows], rows, name="lm", most=self.limit)
