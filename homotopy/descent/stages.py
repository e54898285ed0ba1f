"""Descents whose t moves on when the loss at this t has stopped falling."""

from __future__ import annotations

import time
from collections.abc import Callable
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.descent.ladders import Plateau
from homotopy.descent.settings import Aim
from homotopy.errors import ArgumentError
from homotopy.objectives.base import Vector
from homotopy.objectives.family import At, Homotopy
from homotopy.status import Budget, Status

__all__ = ["in_stages", "part_of"]

ENDS = (Status.NON_FINITE, Status.BUDGET_SPENT, Status.STOPPED_BY_CALLBACK)
"""What ends a descent at any t."""


class _Sum:
    """What r descents have come to, stage after stage."""

    def __init__(self, x: Vector, gradients: NDArray[np.float64]) -> None:
        r = len(x)
        self.x, self.left = x, gradients
        self.value, self.grad_norm, self.cost_to_target = np.full((3, r), np.nan)
        self.n_steps, self.n_evaluations = np.zeros((2, r), dtype=np.int64)
        self.status = np.full(r, Status.BUDGET_SPENT, dtype=object)
        self.trace = [np.empty((0, 2))] * r
        self.live = np.ones(r, dtype=bool)

    def take(self, rows: NDArray[np.intp], found: Any, cost: float) -> None:
        """Add what a stage found for some of the descents; its evaluations cost so many gradients each."""
        before = self.n_evaluations[rows]
        self.x[rows] = found.x
        self.value[rows], self.grad_norm[rows] = found.value, found.grad_norm
        self.cost_to_target[rows] = found.cost_to_target + before
        self.n_steps[rows] += found.n_steps
        self.n_evaluations[rows] += found.n_evaluations
        self.status[rows] = found.status
        self.left[rows] -= cost * found.n_evaluations
        traces = (found.trace,) if isinstance(found.trace, np.ndarray) else found.trace
        for row, offset, trace in zip(rows, before, traces, strict=True):
            self.trace[row] = np.concatenate([self.trace[row], trace + np.array([offset, 0.0])])
        ended = np.array([status in ENDS for status in self.status[rows]], dtype=bool)
        spent = ~ended & (self.left[rows] < cost)
        self.live[rows[ended | spent]] = False


def in_stages(
    go: Callable[..., Any],
    homotopy: Any,
    starts: Any,
    schedule: Plateau,
    *,
    n_steps: int,
    budget: Any,
    last: dict[str, Any],
    **common: Any,
) -> tuple[dict[str, Any], float]:
    """Return the fields of the Descent of one compiled loop for each t of a schedule, and one at t = 1; and seconds.

    `go` is `homotopy.descend`; `last` holds settings of the last stage alone, `common` those of every stage, where
    arrays of shape (r,) hold one number a start.

    Raises
    ------
    ArgumentError
        If what descends is no homotopy whose t is free, or the starts have another shape.
    """
    if not (isinstance(homotopy, Homotopy) or hasattr(homotopy, "dt_grad")):
        raise ArgumentError("schedule moves the parameter of a homotopy, but the objective is not one")
    begin, alone = time.perf_counter(), np.ndim(starts) == 1
    x = np.array(starts, dtype=np.float64, ndmin=2)
    gradients = Budget.of(budget).gradients if np.ndim(budget) == 0 else budget
    total = _Sum(x, np.array(np.broadcast_to(gradients, len(x)), dtype=np.float64))
    seconds = budget.seconds if isinstance(budget, Budget) else np.inf
    each = n_steps // (schedule.stages + 1)
    for t in [*schedule.ladder().tolist(), 1.0]:
        rows = np.flatnonzero(total.live)
        left = seconds - (time.perf_counter() - begin)
        if not len(rows) or left <= 0:
            break
        end = t == 1.0
        own = {"plateau": schedule.plateau} if not end else last
        settings = {key: part_of(value, rows, len(x)) for key, value in {**common, **own}.items()}
        limit: Any = total.left[rows]
        if isfinite(left):
            limit = Budget(gradients=float(limit.min()), seconds=left)
        stage = At(homotopy, t)
        found = go(
            stage,
            x[0] if alone else x[rows],
            n_steps=n_steps - schedule.stages * each if end else each,
            budget=float(limit[0]) if alone and isinstance(limit, np.ndarray) else limit,
            **settings,
        )
        total.take(rows, found, Aim(stage).cost)
    names = ("x", "value", "grad_norm", "n_steps", "n_evaluations", "status", "cost_to_target")
    fields = {name: getattr(total, name) for name in names}
    for array in (*fields.values(), *total.trace):
        array.setflags(write=False)
    fields["trace"] = tuple(total.trace)
    return {name: field[0] if alone else field for name, field in fields.items()}, time.perf_counter() - begin


def part_of(value: Any, rows: NDArray[np.intp], r: int) -> Any:
    """Return the part of a setting that belongs to some of r starts: arrays of shape (r,) are one number a start."""
    return value[rows] if isinstance(value, np.ndarray) and value.shape == (r,) else value
