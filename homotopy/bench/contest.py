"""Timing: contestants take turns in one process on one thread, and the best round of each counts."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any

__all__ = ["Contestant", "Heat", "race"]


@dataclass(frozen=True)
class Contestant:
    """One side of a race."""

    name: str  # as the floors have it
    call: Callable[[], Any]  # does the work once and waits until it is done
    evaluations: float | Callable[[], float] = 1.0  # evaluations, steps or successes of one call
    answer: Callable[[], float] | None = None  # a number that all in a heat must agree on; None for a limit
    rate: Callable[[], tuple[int, int]] | None = None  # successes and trials, where the task is to succeed
    note: Callable[[], str] | None = None  # what else is to be said of it, once it has run


@dataclass(frozen=True)
class Heat:
    """A contestant's best time of one evaluation, and the median over rounds: far above it on a busy machine."""

    name: str
    seconds: float
    median: float
    note: str = ""


def race(
    contestants: Sequence[Contestant], *, rounds: int = 25, least: float = 0.004, busy: bool = False
) -> list[Heat]:
    """Time contestants by turns, so that a slow moment of the machine meets all, and return their Heats in order.

    Each is called twice first, which compiles what is compiled on first use; calls are repeated until a turn lasts
    `least` seconds; garbage collection rests meanwhile. For a machine that others use, `busy` measures the process's
    time instead of the clock's, which leaves out waiting, also that of a library for threads of its own.
    """
    clock = time.process_time if busy else time.perf_counter
    repeats = [_calibrate(c.call, least, clock) for c in contestants]
    times: list[list[float]] = [[] for _ in contestants]
    enabled = gc.isenabled()
    gc.disable()
    try:
        for _ in range(rounds):
            for c, n, found in zip(contestants, repeats, times, strict=True):
                found.append(_turn(c.call, n, clock) / (n * _evaluations(c)))
    finally:
        if enabled:
            gc.enable()
    return [
        Heat(c.name, min(found), sorted(found)[len(found) // 2], c.note() if c.note else "")
        for c, found in zip(contestants, times, strict=True)
    ]


def _evaluations(c: Contestant) -> float:
    """Return how many evaluations a call makes, which some know once they have run."""
    return c.evaluations() if callable(c.evaluations) else c.evaluations


def _turn(call: Callable[[], Any], n: int, clock: Callable[[], float]) -> float:
    """Return the seconds of n calls."""
    begin = clock()
    for _ in range(n):
        call()
    return clock() - begin


def _calibrate(call: Callable[[], Any], least: float, clock: Callable[[], float]) -> int:
    """Return how many calls last at least so long."""
    call()
    n, best = 1, inf
    while n < 10_000_000:
        best = _turn(call, n, clock)
        if best >= least:
            return n
        n = max(n + 1, int(n * min(10.0, 1.3 * least / max(best, 1e-9))))
    return n
