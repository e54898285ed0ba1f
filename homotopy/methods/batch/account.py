"""What many runs have spent, and the best that each has seen at the true problem."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy._core.curves import curves
from homotopy.arguments import integer
from homotopy.descent.records import Traces
from homotopy.doors import door
from homotopy.interrupts import check
from homotopy.methods.batch.reserve import TELLING, Reserve
from homotopy.methods.result import Result
from homotopy.methods.runs import RESULT, Runs
from homotopy.objectives.curvature import Curvature
from homotopy.objectives.flops import flops_of
from homotopy.problems.base import Problem
from homotopy.status import Budget, Counts, Status

__all__ = ["MAX_CURVE", "Ledger", "Rows"]

Rows = NDArray[np.intp]

MAX_CURVE = 128
"""The most points of a run's curve."""
QUICK = 1e-3
"""A gradient that takes less of the budget's seconds than this is timed three times."""
CODES = {status: code for code, status in enumerate(Status)}
NAMES = np.array([status.name for status in Status])


@door
class Ledger:
    """Arrays with one entry a run: evaluations by kind, the best point of the true problem, the curve.

    A method reports every evaluation: `charge` for work, `observe` for points of the true problem with their values
    (free: detecting success costs nothing). A run that `reached` the problem's target ends; it is a success where the
    problem's held-out data say so, too (`Problem.judged`), and its best point stays that one. `budget` is what each run
    may spend, `flops` counts one gradient of the problem, `reserve` what of the budget is kept for it. The clock begins
    at `begin`, a time of `perf_counter`, or now.
    """

    def __init__(self, problem: Problem, n_runs: int, budget: Budget, *, begin: float | None = None) -> None:
        n_runs = integer("n_runs", n_runs, least=0)
        self.problem = problem
        self.budget = budget
        self.counts = {kind: np.zeros(n_runs) for kind in ("value", "grad", "hessp", "charged")}
        self.cost = np.zeros(n_runs)
        self.best_value = np.full(n_runs, np.inf)
        self.best_x = np.full((n_runs, problem.size), np.nan)
        self.reached = np.full(n_runs, np.nan)  # what each had spent when it reached the problem's target
        self.cost_to_success = np.full(n_runs, np.nan)  # the same, of those that succeeded
        self._refused: dict[int, tuple[float, Status]] = {}  # the others: their losses on held-out data
        self.flops = flops_of(problem.objective)
        self.reserve = Reserve(problem, n_runs, budget)
        self._seen: list[tuple[Any, ...]] = []  # pieces of curves, as `homotopy._core.curves.curves` takes them
        self._begin = time.perf_counter() if begin is None else begin

    @property
    def seconds(self) -> float:
        """Wall-clock seconds since the runs began."""
        return time.perf_counter() - self._begin

    def seconds_left(self, *, home: bool = False) -> float:
        """Return the seconds that are left to stages or, `home`, to descents of the true problem (`Reserve`)."""
        if not np.isfinite(self.budget.seconds):
            return np.inf
        spent, cost = self.seconds, float(self.cost.max(initial=0.0))
        kept = self.reserve.seconds(spent, cost)
        if home:
            late = spent >= self.budget.seconds - kept
            kept = self.reserve.seconds(spent, cost, plain=True) if late else 0.0
        return float(self.budget.seconds - kept - spent)

    def pace(self, x: Any) -> float:
        """Return the seconds that a gradient-equivalent takes; where little is spent yet, as a gradient at x tells.

        One gradient, or the quickest of three where the first takes less than a thousandth of the budget's seconds.
        """
        cost = float(self.cost.max(initial=0.0))
        if cost >= TELLING:
            return self.seconds / cost
        times: list[float] = []
        while len(times) < (3 if times and times[0] < QUICK * self.budget.seconds else 1):
            begin = time.perf_counter()
            value = self.problem.objective.value_and_grad(x)[0]
            times.append(time.perf_counter() - begin)
            self.charge([0], grad=1)
            self.observe([0], x, value)
        return min(times)

    def cut(self, rows: Any, limits: Any, cost: float, status: Any) -> None:
        """Cut the runs whose stage ended, or did not begin, for want of what they keep, and not at limits of its own.

        `cost` is that of one evaluation of the stage, `status` how it ended for each run.
        """
        if self.reserve.on:
            most = self.budget.gradients - self.reserve.gradients(rows)
            short = (most - self.cost[rows] < cost) & (limits >= most)
            self.reserve.cut[rows] |= (status == Status.BUDGET_SPENT) & (short | (self.seconds_left() <= 0.0))

    def charge(self, rows: Any, *, value: Any = 0, grad: Any = 0, hessp: Any = 0, charged: Any = 0.0) -> None:
        """Add the cost of some work; each amount is one number or one a run."""
        check()
        for kind, amount in (("value", value), ("grad", grad), ("hessp", hessp), ("charged", charged)):
            self.counts[kind][rows] += amount
        c = self.counts  # summed afresh, as `Counts` does, so that rounding cannot make the two differ
        self.cost[rows] = 0.5 * c["value"][rows] + c["grad"][rows] + 2.0 * c["hessp"][rows] + c["charged"][rows]

    def observe(self, rows: Any, x: Any, value: Any) -> None:
        """Note one point of the true problem a run, at what the run has spent by now."""
        rows, value = np.atleast_1d(rows), np.atleast_1d(value)
        x = np.reshape(x, (len(rows), -1))
        better = value < self.best_value[rows]
        if self.problem.test_target is not None:
            better &= np.isnan(self.reached[rows])
        kept = rows[better]
        self.best_value[kept] = value[better]
        self.best_x[kept] = x[better]
        self._seen.append((kept, self.cost[kept], value[better]))
        target = self.problem.target
        if target is not None:
            new = rows[(value <= target) & np.isnan(self.reached[rows])]
            self.reached[new] = self.cost[new]
            self._judge(new)

    def _judge(self, rows: Rows) -> None:
        """Take runs that have just reached the target as successes, those that fail on held-out data left out."""
        if self.problem.test_target is not None:
            found = {row: self.problem.judged(self.best_x[row]) for row in rows.tolist()}
            self._refused |= {row: one for row, one in found.items() if one[1] is not Status.REACHED_TARGET}
            rows = np.array([row for row in found if row not in self._refused], dtype=np.intp)
        self.cost_to_success[rows] = self.reached[rows]

    def observe_curves(self, rows: Any, before: Any, unit: float, traces: Sequence[NDArray[np.float64]]) -> None:
        """Note values of the true problem seen inside a compiled loop, without their points.

        The runs, as many as traces, had spent `before` ahead of the loop, whose evaluations cost `unit` each and are
        charged by now; a trace of shape (m, 2) holds evaluations until then, and the value.
        """
        if len(traces):
            rows = np.ascontiguousarray(rows, dtype=np.int64)
            before = np.array(before, dtype=np.float64)
            self._seen.append((rows, before, self.cost[rows], unit, *Traces.of(traces).columns()))

    def curves(self) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Return the points of all curves, shape (m, 2), and where each run's begin, shape (r + 1,).

        A point is what the run had spent and the lowest value seen until then; a run has at most MAX_CURVE of them.
        """
        return curves(self._seen, len(self.cost), MAX_CURVE)

    def outcomes(self, statuses: Any) -> tuple[NDArray[np.bool_], NDArray[Any]]:
        """Return success and status of runs that ended with these statuses; one without a finite value has none."""
        statuses = np.array(statuses, dtype=object)
        finite = np.isfinite(self.best_value)
        if self.problem.optimum is None:
            return np.array([status.ok for status in statuses], dtype=bool) & finite, statuses
        solved = np.isfinite(self.cost_to_success)
        statuses[solved] = Status.REACHED_TARGET
        # a stage of its own target, after which nothing was left to go on with
        statuses[~solved & (statuses == Status.REACHED_TARGET)] = Status.BUDGET_SPENT
        for row, (_, status) in self._refused.items():
            statuses[row] = status
        return solved & finite, statuses

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
        statuses = np.full(len(self.cost), status, dtype=object)
        success, statuses = self.outcomes(statuses)
        points, begins = self.curves()
        kinds = {kind: int(self.counts[kind][row]) for kind in ("value", "grad", "hessp")}
        return Result(
            x=x,
            value=float(self.best_value[row]),
            success=bool(success[row]),
            status=statuses[row],
            counts=Counts(**kinds, charged=float(self.counts["charged"][row])),
            seconds=self.seconds,
            cost_to_success=float(self.cost_to_success[row]),
            curve=points[begins[row] : begins[row + 1]],
            stages=tuple(stages),
            path=path,
            curvature=curvature,
            note=self.problem.told(x, *self._refused[row]) if row in self._refused else "",
            problem=self.problem,
        )

    def runs(self, seeds: NDArray[np.int64], statuses: Any) -> Runs:
        """Return the runs by columns; the seconds are shared by what each run spent."""
        out = np.empty(len(seeds), dtype=RESULT)
        success, ended = self.outcomes(statuses)
        out["seed"], out["success"] = seeds, success
        codes = np.full(len(ended), -1)
        while (left := codes < 0).any():  # once for each status that occurs: to hash so many would take longer
            status = ended[left.argmax()]
            codes[ended == status] = CODES[status]
        out["status"] = NAMES[codes]
        out["value"], out["cost"], out["cost_to_success"] = self.best_value, self.cost, self.cost_to_success
        total = float(self.cost.sum())
        out["seconds"] = self.seconds * (self.cost / total if 0 < total < np.inf else 1.0 / max(len(seeds), 1))
        return Runs(out, self.best_x, *self.curves())
