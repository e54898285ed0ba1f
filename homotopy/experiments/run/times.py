"""Seconds of the runs of a block: the whole of it, divided among them."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.methods.base import Method
from homotopy.problems.base import Problem
from homotopy.status import Budget

__all__ = ["divided", "seconds_of"]

SHORT_SECONDS = 5e-3  # how long runs of one gradient may take, which tell what a run takes by itself
_local = threading.local()


def seconds_of(problem: Problem, method: Method, made: NDArray[Any], whole: float) -> NDArray[np.float64]:
    """Return the seconds of a block's runs, records of dtype `RESULT`, which took this long as a whole."""
    cost, parts = made["cost"], made["seconds"]
    side_by_side = len(made) > 1 and np.allclose(parts * cost.sum(), cost * parts.sum(), rtol=1e-9, atol=0.0)
    if not side_by_side:
        return divided(whole, parts)
    fixed = min(_short(problem, method, made["seed"]).fixed(whole, cost), whole / len(made))
    return fixed + divided(whole - fixed * len(made), cost)


@dataclass(frozen=True)
class _Short:
    """Some runs that may spend one gradient: how many, and the seconds and the gradients of one."""

    runs: int
    seconds: float
    cost: float

    def enough(self, n: int) -> bool:
        """Return whether they tell what each of n runs takes by itself: they are as many, or took their time."""
        return self.runs >= n or self.runs * self.seconds >= SHORT_SECONDS

    def fixed(self, whole: float, cost: NDArray[np.float64]) -> float:
        """Return the seconds of a run that its gradients do not take, by what longer runs take as a whole.

        Both take these for each run, and for each gradient the same time.
        """
        more = float(cost.mean()) - self.cost
        if not more > 0:
            return 0.0
        return max(0.0, self.seconds - self.cost * (whole / len(cost) - self.seconds) / more)


def _short(problem: Problem, method: Method, seeds: NDArray[np.int64]) -> _Short:
    """Return short runs of a cell, which this thread makes once, and again for a much larger block.

    They are as many as the block has, whose runs share what a batch takes, or as some milliseconds are enough for.
    """
    known = getattr(_local, "short", None)
    if known and known[0] is problem and known[1] is method and known[2].enough(len(seeds) // 2):
        return known[2]  # type: ignore[no-any-return]
    found = _Short(0, 0.0, 0.0)
    while not found.enough(len(seeds)):
        n = min(len(seeds), max(1, 8 * found.runs))
        begin = time.thread_time()
        runs = method.runs(problem, seeds[:n].tolist(), budget=Budget(gradients=1.0), n_jobs=1)
        found = _Short(n, max(time.thread_time() - begin, 1e-9) / n, float(np.mean(runs.records["cost"])))
    _local.short = problem, method, found
    return found


def divided(whole: float, parts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a whole divided in proportion to some numbers, evenly where these are zero or unknown.

    Examples
    --------
    >>> divided(6.0, np.array([1.0, 2.0]))
    array([2., 4.])
    """
    total = parts.sum()
    return whole * parts / total if total > 0 else np.full(parts.shape, whole / max(parts.size, 1))
