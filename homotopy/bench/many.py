"""Many starts until some of them succeed: the rows, the starts, and how an iteration cap is tuned for its owner."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from math import inf
from typing import Any

import numpy as np
from numpy.typing import NDArray

import homotopy as hp
from homotopy.bench.contest import Contestant

__all__ = ["LBFGS", "LM", "OURS", "ROWS", "Attempt", "Row", "contestant", "starts"]

Array = NDArray[Any]
Attempt = Callable[[Array, int], Array]
"""From starts of shape (r, p) and a cap of iterations to the values reached, shape (r,); it stops at the target."""


LONG = 0.5
"""Seconds."""


@dataclass(frozen=True)
class Row:
    """A problem, how many starts a side takes at once, and the caps of iterations that a side may choose from."""

    problem: str
    caps: tuple[int, ...]  # the last one is what success rates are compared at
    peers: int = 1000  # starts of a peer: fewer where 1,000 would take minutes
    ours: int = 1000


LBFGS = {
    "W9 xor relu": Row("xor:act=relu", (10, 15, 20, 30, 40, 60, 100, 200)),
    "W9 xor tanh": Row("xor", (15, 20, 30, 40, 60, 100, 200)),
    "W9 ts 8-8": Row("ts:act=relu,d=8,h=8", (100, 200, 400, 800), peers=24, ours=96),
    "W9 teacher k=20": Row("teacher:k=20", (100, 200, 400, 800), peers=24, ours=200),
}
"""Rows of many-start L-BFGS."""
LM = {
    "W10 xor relu": Row("xor:act=relu", (5, 10, 15, 20, 30, 60, 100)),
    "W10 xor tanh": Row("xor", (10, 15, 20, 30, 60, 100)),
    "W10 sine": Row("sine", (50, 100, 200, 400), peers=200),
}
"""Rows of many-start Levenberg-Marquardt."""
ROWS = LBFGS | LM
"""All rows by workload."""


@cache
def starts(workload: str, n: int, *, tuning: bool = False) -> Array:
    """Return n starts of the problem, shape (n, p); those for tuning are others than those that are timed."""
    problem = hp.problem(ROWS[workload].problem)
    rng = np.random.default_rng(23 if tuning else 29)
    return np.stack([problem.start(rng) for _ in range(n)])


class Side:
    """One side of a row: its cap, chosen for the most successes a second on starts for tuning when it is first called.

    Parameters
    ----------
    workload : str
        A key of `ROWS`.
    attempt : callable
        The side's many-start descent.
    n : int
        Starts of a call.
    """

    def __init__(self, workload: str, attempt: Attempt, n: int) -> None:
        self.row, self.attempt = ROWS[workload], attempt
        self.starts, self.tuning = starts(workload, n), starts(workload, n, tuning=True)
        self.target = hp.problem(self.row.problem).target or 0.0
        self.cap, self.solved = 0, 0

    def __call__(self) -> Array:
        """Descend from all starts."""
        if not self.cap:
            self.attempt(self.tuning, self.row.caps[0])  # compiles
            self.cap = min(self.row.caps, key=self._seconds)
            self.solved = self.count(self.cap)
        return self.attempt(self.starts, self.cap)

    def count(self, cap: int) -> int:
        """Return how many starts succeed within a cap."""
        return int(np.sum(np.asarray(self.attempt(self.starts, cap)) <= self.target))

    def rate(self) -> tuple[int, int]:
        """Return successes and starts at the row's last cap, which is the same for all sides."""
        return self.count(self.row.caps[-1]), len(self.starts)

    def successes(self) -> float:
        """Return how many starts of a call succeed; half a one where none does."""
        return max(float(self.solved), 0.5)

    def note(self) -> str:
        """Return the cap that was chosen."""
        return f"at most {self.cap} iterations"

    def _seconds(self, cap: int) -> float:
        """Return seconds a success with this cap on the starts for tuning; a short time is the better of two."""
        best, solved = inf, 0
        for _ in range(2):
            begin = time.process_time()
            values = self.attempt(self.tuning, cap)
            best = min(best, time.process_time() - begin)
            solved = int(np.sum(np.asarray(values) <= self.target))
            if best > LONG:
                break
        return best / solved if solved else inf


def contestant(name: str, workload: str, attempt: Attempt, n: int | None = None) -> Contestant:
    """Return a side as a contestant, timed by the success."""
    side = Side(workload, attempt, ROWS[workload].peers if n is None else n)
    return Contestant(name, side, side.successes, rate=side.rate, note=side.note)


def _ours(workload: str, rule: str) -> list[Contestant]:
    problem = hp.problem(ROWS[workload].problem)

    def attempt(X: Array, cap: int) -> Array:
        found = hp.descend(problem.objective, X, rule=rule, n_steps=cap, target=problem.target)
        return np.asarray(found.value)

    return [contestant("homotopy", workload, attempt, ROWS[workload].ours)]


OURS: dict[str, Callable[[], list[Contestant]]] = {
    **{workload: partial(_ours, workload, "lbfgs") for workload in LBFGS},
    **{workload: partial(_ours, workload, "lm") for workload in LM},
}
"""The package's contestants by workload."""
