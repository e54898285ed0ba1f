"""The starts of one problem, drawn once for all methods that a worker runs on it."""

from __future__ import annotations

import threading

import numpy as np
from numpy.typing import NDArray

from homotopy.problems.base import Problem
from homotopy.streams import Draws, Keys

__all__ = ["drawn", "remember"]

NUMBERS = 2**22
"""Numbers that a worker remembers at most, 32 MB."""
_local = threading.local()


class _Memory:
    """Starts of one problem by their seeds, those below a bound."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        seeds = NUMBERS // max(1, problem.size)
        self.x: NDArray[np.float64] = np.empty((seeds, problem.size))
        self.known = np.zeros(seeds, dtype=bool)

    def starts(self, keys: Keys) -> NDArray[np.float64]:
        """Return the starts of runs with these keys; those that are not known yet are drawn."""
        if keys[:, 1].any() or not len(keys) or keys[:, 0].max() >= len(self.known):
            return self.problem.starts(Draws(keys))
        seeds = keys[:, 0].astype(np.intp)
        new = np.flatnonzero(~self.known[seeds])
        if len(new):
            self.x[seeds[new]] = self.problem.starts(Draws(keys[new]))
            self.known[seeds[new]] = True
        return self.x[seeds]


def remember(problem: Problem) -> None:
    """Keep the starts of a problem that this thread draws from now on, and forget those of another one."""
    if getattr(_local, "memory", None) is None or _local.memory.problem is not problem:
        _local.memory = _Memory(problem)


def drawn(problem: Problem, keys: Keys) -> NDArray[np.float64]:
    """Return the starts of runs with these keys, shape (r, n): drawn, or as this thread remembers them."""
    memory = getattr(_local, "memory", None)
    if memory is None or memory.problem is not problem:
        return problem.starts(Draws(keys))
    return np.asarray(memory.starts(keys))
