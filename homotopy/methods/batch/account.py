"""What many runs have spent, and the best that each has seen at the true problem."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.methods.base import Result, record_type
from homotopy.objectives.curvature import Curvature
from homotopy.objectives.flops import flops_of
from homotopy.problems.base import Problem
from homotopy.status import Budget, Counts, Status

__all__ = ["MAX_CURVE", "Ledger", "Rows"]

Rows = NDArray[np.intp]

MAX_CURVE = 128
"""The most points of a run's curve."""


class Ledger:
    """Arrays with one entry a run: evaluations by kind, the best point of the true problem, the curve.

    A method reports every evaluation: `charge` for work, `observe` for points of the true problem with their values
    (free: detecting success costs nothing). `budget` is what each run may spend, `flops` counts one gradient of the
    problem.
    """

    def __init__(self, problem: Problem, n_runs: int, budget: Budget) -> None:
        self.problem = problem
        self.budget = budget
        self.counts = {kind: np.zeros(n_runs) for kind in ("value", "grad", "hessp", "charged")}
        self.cost = np.zeros(n_runs)
        self.best_value = np.full(n_runs, np.inf)
        self.best_x = np.full((n_runs, problem.size), np.nan)
        self.cost_to_success = np.full(n_runs, np.nan)
        self.flops = flops_of(problem.objective)
        self._pieces: list[list[Any]] = [[] for _ in range(n_runs)]
        self._begin = time.perf_counter()

    @property
    def seconds(self) -> float:
        """Wall-clock seconds since the runs began."""
        return time.perf_counter() - self._begin

    def charge(self, rows: Any, *, value: Any = 0, grad: Any = 0, hessp: Any = 0, charged: Any = 0.0) -> None:
        """Add the cost of some work; each amount is one number or one a run."""
        for kind, amount in (("value", value), ("grad", grad), ("hessp", hessp), ("charged", charged)):
            self.counts[kind][rows] += amount
        c = self.counts  # summed afresh, as `Counts` does, so that rounding cannot make the two differ
        self.cost[rows] = 0.5 * c["value"][rows] + c["grad"][rows] + 2.0 * c["hessp"][rows] + c["charged"][rows]

    def observe(self, rows: Any, x: Any, value: Any) -> None:
        """Note one point of the true problem a run, at what the run has spent by now."""
        rows, value = np.atleast_1d(rows), np.atleast_1d(value)
        x = np.reshape(x, (len(rows), -1))
        better = value < self.best_value[rows]
        kept = rows[better]
        self.best_value[kept] = value[better]
        self.best_x[kept] = x[better]
        for row, spent, best in zip(kept.tolist(), self.cost[kept].tolist(), value[better].tolist(), strict=True):
            pieces = self._pieces[row]
            if not (pieces and pieces[-1][-1][0] == spent and pieces[-1][-1][1] == best):
                pieces.append(((spent, best),))
        target = self.problem.target
        if target is not None:
            new = rows[(value <= target) & np.isnan(self.cost_to_success[rows])]
            self.cost_to_success[new] = self.cost[new]

    def observe_curve(self, row: int, before: float, unit: float, trace: NDArray[np.float64]) -> None:
        """Note values of the true problem seen inside a compiled loop, without their points.

        The run had spent `before` ahead of the loop, whose evaluations cost `unit` each; `trace` of shape (m, 2) holds
        evaluations until then, and the value.
        """
        if len(trace):
            if unit != 1.0 or before:
                trace = trace * (unit, 1.0) + (before, 0.0)
            self._pieces[row].append(trace)

    def curve(self, row: int) -> NDArray[np.float64]:
        """Return what a run had spent and the lowest value seen until then, shape (m, 2), m at most MAX_CURVE."""
        pieces = self._pieces[row]
        if not pieces:
            return np.empty((0, 2))
        curve = np.array(pieces[0] if len(pieces) == 1 else np.concatenate(pieces))
        if not np.isfinite(curve[-1, 1]) or np.isnan(curve[:, 1].sum()):
            curve = curve[np.isfinite(curve[:, 1])]
        np.minimum.accumulate(curve[:, 1], out=curve[:, 1])
        if len(curve) > MAX_CURVE:
            every = -(-len(curve) // (MAX_CURVE - 1))
            curve = np.concatenate([curve[:-1:every], curve[-1:]])
        return curve

    def outcome(self, row: int, status: Status) -> tuple[bool, Status]:
        """Return success and status of a run that ended with `status`."""
        if self.problem.optimum is None:
            return status.ok, status
        solved = bool(np.isfinite(self.cost_to_success[row]))
        if solved:
            return True, Status.REACHED_TARGET
        return False, status

    def result(
        self,
        row: int,
        status: Status,
        *,
        stages: Sequence[dict[str, Any]] = (),
        path: Any = None,
        curvature: Curvature | None = None,
    ) -> Result:
        """Return the Result of one run; one that never saw a finite value is unsuccessful."""
        x = self.best_x[row].copy()
        x.setflags(write=False)
        success, status = self.outcome(row, status)
        kinds = {kind: int(self.counts[kind][row]) for kind in ("value", "grad", "hessp")}
        return Result(
            x=x,
            value=float(self.best_value[row]),
            success=success and bool(np.isfinite(self.best_value[row])),
            status=status,
            counts=Counts(**kinds, charged=float(self.counts["charged"][row])),
            seconds=self.seconds,
            cost_to_success=float(self.cost_to_success[row]),
            curve=self.curve(row),
            stages=tuple(stages),
            path=path,
            curvature=curvature,
        )

    def records(self, seeds: Sequence[int], statuses: Sequence[Status]) -> np.recarray[Any, Any]:
        """Return one record a run; the time of all is divided among them in proportion to what each has spent."""
        out = np.empty(len(seeds), dtype=record_type(self.problem.size))
        ends = [self.outcome(row, status) for row, status in enumerate(statuses)]
        out["seed"] = seeds
        out["success"] = np.array([success for success, _ in ends], dtype=bool) & np.isfinite(self.best_value)
        out["status"] = [status.name for _, status in ends]
        out["value"], out["cost"], out["cost_to_success"] = self.best_value, self.cost, self.cost_to_success
        spent = self.cost.sum()
        out["seconds"] = self.seconds * (self.cost / spent if spent > 0 else 1 / max(len(seeds), 1))
        out["x"] = self.best_x
        for row in range(len(seeds)):
            out["curve"][row] = self.curve(row)
        return out.view(np.recarray)
