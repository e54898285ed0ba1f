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
    """One side of a race.

    Parameters
    ----------
    name : str
        Who it is, as the floors name it.
    call : callable
        Does the work once and waits until it is done.
    evaluations : float
        How many evaluations (or steps) one call makes.
    answer : callable or None
        Returns a number that every contestant of the heat must agree on; None for a limit.
    """

    name: str
    call: Callable[[], Any]
    evaluations: float = 1.0
    answer: Callable[[], float] | None = None


@dataclass(frozen=True)
class Heat:
    """What a race found.

    Attributes
    ----------
    name : str
        The contestant.
    seconds : float
        The best time of one evaluation.
    median : float
        The median over rounds; far above the best on a busy machine.
    """

    name: str
    seconds: float
    median: float


def race(
    contestants: Sequence[Contestant], *, rounds: int = 25, least: float = 0.004, busy: bool = False
) -> list[Heat]:
    """Time contestants by turns and return a Heat for each, in their order.

    Parameters
    ----------
    contestants : sequence of Contestant
        All in this process; each is called twice first, which compiles what is compiled on first use.
    rounds : int
        Turns of each.
    least : float
        Seconds that a turn lasts at least: short calls are repeated.
    busy : bool
        Whether to measure this process's processor time instead of the clock's, for a machine that others use. It
        leaves out waiting, also that of a library for threads of its own.

    Notes
    -----
    Garbage collection rests meanwhile. Turn by turn, so that a slow moment of the machine meets all.
    """
    clock = time.process_time if busy else time.perf_counter
    repeats = [_calibrate(c.call, least, clock) for c in contestants]
    times: list[list[float]] = [[] for _ in contestants]
    enabled = gc.isenabled()
    gc.disable()
    try:
        for _ in range(rounds):
            for c, n, found in zip(contestants, repeats, times, strict=True):
                found.append(_turn(c.call, n, clock) / (n * c.evaluations))
    finally:
        if enabled:
            gc.enable()
    return [
        Heat(c.name, min(found), sorted(found)[len(found) // 2]) for c, found in zip(contestants, times, strict=True)
    ]


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
