"""The progress of a path in one line, now and then: a callback."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

from homotopy.arguments import function, number
from homotopy.continuation.point import Point
from homotopy.doors import doors

__all__ = ["Progress"]

LOG = logging.getLogger(__name__)


@doors
class Progress:
    """A callback for `track` that tells how far the path is, at most once in so many seconds.

    Parameters
    ----------
    every : float
        Seconds between two lines, at least 0.
    log : callable or None
        ``log(line)`` takes the line; None sends it to the logger of this module, at level INFO.

    Raises
    ------
    ArgumentError
        If `every` is negative, or `log` is no function.

    Examples
    --------
    >>> from homotopy.continuation import RootSystem, track
    >>> lines = []
    >>> path = track(RootSystem(lambda x, t: x - t, n=1), [0.0], callback=Progress(every=0, log=lines.append))
    >>> lines[0].split(", ")[:2], len(lines) == path.counts.accepted
    (['1 points', 't = 0.02'], True)
    """

    def __init__(self, every: float = 1.0, log: Callable[[str], Any] | None = None) -> None:
        self.every = number("every", every, "a number of seconds, at least 0", least=0.0)
        if log is not None:
            function("log", log, "log(line)")
        self.log: Callable[[str], Any] = LOG.info if log is None else log
        self.began = self.told = time.perf_counter()
        self.points, self.newton, self.folds, self.event = 0, 0, 0, ""
        self._last: Point | None = None

    def __call__(self, point: Point) -> None:
        """Take an accepted point."""
        self.points += 1
        self.newton += point.n_iter
        self._look(self._last, point)
        self._last = point
        now = time.perf_counter()
        if now - self.told >= self.every:
            self.told = now
            self.log(self.line())

    def _look(self, before: Point | None, point: Point) -> None:
        """Note what the two points tell: a fold, a branch point, a change of the index."""
        if before is None:
            return
        a, b = before.tangent, point.tangent
        if a is not None and b is not None and a.t * b.t < 0.0:
            self.folds += 1
            self.event = f"LP near t = {point.t:.6g}"
        elif before.orientation * point.orientation < 0:
            self.event = f"BP near t = {point.t:.6g}"
        elif before.index >= 0 and point.index >= 0 and before.index != point.index:
            self.event = f"index {point.index} near t = {point.t:.6g}"

    def line(self) -> str:
        """Return the line as it stands."""
        point = self._last
        if point is None:
            return "no points"
        told = [f"{self.points} points", f"t = {point.t:.6g}", f"step {point.step:.3g}"]
        told += [f"{self.folds} folds", *([self.event] if self.event else [])]
        return ", ".join([*told, f"{self.newton} Newton steps", f"{time.perf_counter() - self.began:.1f} s"])
