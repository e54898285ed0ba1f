"""What of a run's budget is kept for the true problem, so that a run that ends early returns a point of it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.problems.base import Problem
from homotopy.status import Budget, Status

__all__ = ["Reserve"]

SHARE, PLAIN = 0.47, 0.37
"""Parts of a small budget that are kept for the true problem, and among them for a plain descent from the start."""
LEAST = 0.1
"""The part of any budget that is kept."""
ALL = 30.0
"""Up to so many gradient-equivalents a homotopy has no time to do anything; all is kept."""
ENOUGH = {True: 250.0, False: 900.0}
"""More than this is not kept unless it is `LEAST`: by whether the optimum is known, where only reaching it counts."""
TELLING = 30.0
"""Gradient-equivalents after which their seconds are known."""


class Reserve:
    """What r runs keep of their budget until the true problem has had its part.

    The stages of a homotopy may spend what is not kept. What descents of the true problem spend in the meantime counts
    for it, and one that converged from a run's own start, or on a problem of known optimum from anywhere, releases the
    rest. A run whose stages have come to the kept part, or could not be paid, is `cut`: it goes on no more, but a
    method may descend the true problem once more from where the run stands, on what is kept beyond the plain descent's
    part.

    Parameters
    ----------
    problem : Problem
        What the runs solve.
    n_runs : int
        Their number r.
    budget : Budget
        What each may spend.

    Attributes
    ----------
    on : bool
        Whether anything is kept: not before `keep`, and nothing of a budget without limits.
    starts : ndarray of shape (r, n) or None
        The runs' own starts, where they are known.
    cut : ndarray of shape (r,), bool
        Which runs are cut.
    """

    def __init__(self, problem: Problem, n_runs: int, budget: Budget) -> None:
        self.on = False
        self.budget = budget
        self.starts: NDArray[np.float64] | None = None
        self._enough = ENOUGH[problem.optimum is not None]
        self._known = problem.optimum is not None
        self._gradients = max(_kept(budget.gradients, self._enough), min(budget.gradients, ALL))
        if not np.isfinite(budget.gradients):
            self._gradients = 0.0
        self.cut = np.zeros(n_runs, dtype=bool)
        self._at_home = np.zeros(n_runs)
        self._done = np.zeros(n_runs, dtype=bool)
        self._seconds_at_home = 0.0

    def keep(self) -> None:
        """Begin to keep a part of what the runs may spend, where that has a limit."""
        self.on = bool(np.isfinite(self.budget.gradients) or np.isfinite(self.budget.seconds))

    def end(self) -> None:
        """Keep nothing any more: the runs may spend all that is left."""
        self.on = False
        self.cut[:] = False

    def begin(self, starts: NDArray[np.float64]) -> None:
        """Remember the runs' starts, shape (r, n), where anything is kept."""
        if self.on:
            self.starts = starts.copy()

    def gradients(self, index: Any, *, plain: bool = False) -> NDArray[np.float64]:
        """Return what the runs keep, in gradient-equivalents, or the part of it for a plain descent."""
        if not self.on:
            return np.zeros(np.shape(index))
        kept = np.where(self._done[index], 0.0, np.maximum(self._gradients - self._at_home[index], 0.0))
        return np.asarray(kept * (PLAIN / SHARE) if plain else kept)

    def seconds(self, spent: float, cost: float, *, plain: bool = False) -> float:
        """Return the same in seconds, after a run that took `spent` seconds for `cost` gradient-equivalents."""
        limit = self.budget.seconds
        if not self.on or not np.isfinite(limit) or self._done.all():
            return 0.0
        enough = self._enough * spent / cost if cost >= TELLING else np.inf
        kept = max(_kept(limit, enough) - self._seconds_at_home, 0.0)
        return kept * (PLAIN / SHARE) if plain else kept

    def credit(self, index: Any, x: NDArray[np.float64], spent: tuple[Any, float], status: Any, *, going: Any) -> None:
        """Count descents of the true problem from points x of shape (m, n): what they spent, and how they ended.

        `spent` holds gradient-equivalents, one number a run, and seconds. Only runs that were `going` on count, not
        those that descend on what is kept.
        """
        if not self.on:
            return
        counts = going & (status != Status.NON_FINITE)
        self._at_home[index[counts]] += spent[0][counts]
        self._seconds_at_home += spent[1] if counts.any() else 0.0
        ended = going & (status == Status.CONVERGED)
        if not self._known and self.starts is not None and ended.any():
            ended &= (self.starts[index] == x).all(axis=-1)
        elif not self._known:
            return
        self._done[index[ended]] = True


def _kept(limit: float, enough: float) -> float:
    """Return what is kept of a limit."""
    return max(LEAST * limit, min(SHARE * limit, enough))
