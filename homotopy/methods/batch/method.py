"""A method as a program over a batch of runs."""

from __future__ import annotations

import time
from abc import abstractmethod
from collections.abc import Iterable
from typing import Any

import numpy as np

from homotopy.doors import doors
from homotopy.methods.base import Callback, Method, refused
from homotopy.methods.batch.account import Ledger
from homotopy.methods.batch.batch import Batch
from homotopy.methods.batch.ends import Ends, settle
from homotopy.methods.batch.finishing import finish
from homotopy.methods.result import Result
from homotopy.methods.runs import Runs
from homotopy.objectives.base import Seed
from homotopy.problems.base import Problem
from homotopy.status import Budget, BudgetLike
from homotopy.streams import Streams, keys_of

__all__ = ["BatchMethod"]

CHUNK, MOST = 2**25, 2**16
"""Numbers that the starts of one chunk of runs may hold, 256 MB, and the most runs of one, whose curves are kept."""


@doors
class BatchMethod(Method):
    """A method that is written as a program over a batch: one run is a batch of one.

    A subclass gives `run`; `solve` and `solve_many` are the same code, so their records are equal but for the times.
    Only where the optimum is unknown `solve` also looks at the end, and leaves saddles and maxima (`ends`): where it is
    known, its value is the proof.

    Attributes
    ----------
    ends : Ends
        How the end is looked at, and descended to again from behind a saddle.
    keeps_finish : bool
        Whether a part of a budget is kept for the true problem (`Reserve`); not where all work is done on it.
    """

    ends: Ends = Ends()
    keeps_finish = True

    @abstractmethod
    def run(self, batch: Batch) -> None:
        """Take every run of the batch from its start to its end, charging and observing."""

    def conclude(self, batch: Batch) -> None:
        """Write down a last stage of the one run of `solve`; its end is known by now."""

    def solve(
        self, problem: Problem, *, rng: Seed = None, budget: BudgetLike = None, callback: Callback = None
    ) -> Result:
        """Run once and return the Result; see `Method.solve`."""
        batch = self._run(problem, [rng], budget, callback=callback)
        found = settle(batch, self.ends)
        self.conclude(batch)
        return batch.ledger.result(0, batch.status[0], stages=batch.stages[0], path=batch.paths[0], curvature=found)

    def solve_many(
        self, problem: Problem, seeds: Iterable[int], *, budget: BudgetLike = None, n_jobs: int = 1
    ) -> np.recarray[Any, Any]:
        """Run once for each seed, side by side, and return one record a seed; see `Method.solve_many`."""
        return self._runs(problem, seeds, budget, n_jobs).table()

    def runs(self, problem: Problem, seeds: Iterable[int], *, budget: BudgetLike = None, n_jobs: int = 1) -> Runs:
        """Return the same by columns; see `Method.runs`."""
        if getattr(self.solve_many, "__func__", None) is not BatchMethod.solve_many:  # a subclass has its own
            return super().runs(problem, seeds, budget=budget, n_jobs=n_jobs)
        return self._runs(problem, seeds, budget, n_jobs)

    def _runs(self, problem: Problem, seeds: Iterable[int], budget: BudgetLike, n_jobs: int) -> Runs:
        given = tuple(seeds)
        every = np.array(given)
        if every.dtype != np.int64:
            every = np.fromiter(map(int, given), dtype=np.int64, count=len(given))
        size = min(MOST, max(1, CHUNK // max(1, problem.size)))
        if np.isfinite(Budget.of(budget).seconds):
            size = 1  # the seconds are those of one run
        parts = []
        for first in range(0, max(len(every), 1), size):
            some = every[first : first + size]
            batch = self._run(problem, some, budget, n_jobs=n_jobs)
            parts.append(batch.ledger.runs(some, batch.status))
        return Runs.joined(parts)

    def _run(
        self, problem: Problem, seeds: Any, budget: BudgetLike, *, n_jobs: int = 1, callback: Callback = None
    ) -> Batch:
        begin = time.perf_counter()
        reason = self.accepts(problem)
        if reason is not None:
            raise refused(self.name, problem.name, reason)
        ledger = Ledger(problem, len(seeds), Budget.of(budget), begin=begin)
        if self.keeps_finish:
            ledger.reserve.keep()
        batch = Batch(problem, None, Streams(keys_of(seeds)), ledger, n_jobs=n_jobs, callback=callback)
        self.run(batch)
        finish(batch, self.ends)
        unseen = np.flatnonzero(np.isinf(ledger.best_value))
        if len(unseen):
            starts = batch.x[unseen]
            values = np.array([problem.objective.value(start) for start in starts], dtype=np.float64)
            ledger.observe(unseen, starts, values)
            lost = ~np.isfinite(values)  # no finite value was seen: the start, with its value, is what there is
            ledger.best_x[unseen[lost]], ledger.best_value[unseen[lost]] = starts[lost], values[lost]
        return batch
