"""New starts until one of them succeeds."""

from __future__ import annotations

import numpy as np

from homotopy.arguments import integer, one_of, positive_or_none
from homotopy.doors import doors
from homotopy.methods.baselines.descents import LBFGS
from homotopy.methods.batch import Batch, BatchMethod, in_turn
from homotopy.methods.cutoffs import best_cutoff
from homotopy.naming import spelled
from homotopy.problems.base import Problem
from homotopy.status import Budget

__all__ = ["Multistart"]

TUNING = 10**6
"""The first of the seeds that choose a cutoff; those of runs lie below."""


@doors
class Multistart(BatchMethod):
    """Another method, started again from new points until it succeeds.

    Parameters
    ----------
    of : BatchMethod or None
        The method; None is `LBFGS`. In a name its parameters follow with ``+``: ``of=gd+steps=500``.
    cutoff : float or None
        Gradient-equivalents after which a start is given up; None leaves that to the method.
    restarts : int
        The most starts.
    tune : int
        Where no cutoff is given and the optimum is known: runs that choose it, on seeds from a million on; 0 does not.

    Raises
    ------
    ArgumentError
        If `of` is no method of this kind, the cutoff is not positive, the restarts are below 1, or `tune` is negative.

    Notes
    -----
    The first start is that of every other method at the same seed; the following ones come from the method's own
    stream. The cost is that of all starts together; that of choosing a cutoff, which serves every run on a problem,
    is not charged, and the Result says what was chosen and on which seeds.
    """

    def __init__(
        self, of: BatchMethod | None = None, cutoff: float | None = None, restarts: int = 1000, tune: int = 0
    ) -> None:
        self.of = LBFGS() if of is None else of
        one_of("of", self.of, BatchMethod, "a method of this package")
        self.cutoff = positive_or_none("cutoff", cutoff)
        self.restarts, self.tune = integer("restarts", restarts), integer("tune", tune, least=0)
        self._chosen: tuple[Problem, Budget, float] | None = None
        self.name = spelled(self, "multistart")
        self.reference = f"restarts of: {self.of.reference}"

    def accepts(self, problem: Problem) -> str | None:
        """Return the reason why the method cannot run, if there is one."""
        return self.of.accepts(problem)

    def run(self, batch: Batch) -> None:
        """Run the method from new starts until every run is solved or has spent what it may."""
        in_turn(batch, [self.of], self.restarts, cutoff=self._cutoff(batch))

    def _cutoff(self, batch: Batch) -> float:
        """Return the cutoff: the given one, or the one that other seeds choose."""
        if self.cutoff is not None or not self.tune or batch.problem.target is None:
            return np.inf if self.cutoff is None else float(self.cutoff)
        problem, budget = batch.problem, batch.ledger.budget
        if self._chosen is None or self._chosen[0] is not problem or self._chosen[1] != budget:
            runs = self.of.solve_many(problem, range(TUNING, TUNING + self.tune), budget=budget, n_jobs=batch.n_jobs)
            end = np.where(runs.success, runs.cost_to_success, runs.cost)
            self._chosen = problem, budget, best_cutoff(end, runs.success)
        cutoff = self._chosen[2]
        seeds = f"{TUNING}..{TUNING + self.tune - 1}"
        batch.note(batch.rows, stage="cutoff", cutoff=cutoff, chosen=f"on seeds {seeds}, not charged")
        return cutoff
