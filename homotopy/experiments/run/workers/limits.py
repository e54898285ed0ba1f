"""How long the present run of a worker lasts, so that one that takes too long can be ended."""

from __future__ import annotations

import faulthandler
import os
import threading
import time
from math import inf

__all__ = ["Alarm", "Clock", "begin", "clocked_by", "end"]

_local = threading.local()


class Clock:
    """Since when a run lasts, for those who wait for it to read."""

    def __init__(self) -> None:
        self._since = inf

    def begin(self) -> None:
        """Note that a run begins."""
        self._since = time.monotonic()

    def end(self) -> None:
        """Note that none goes on."""
        self._since = inf

    @property
    def lasts(self) -> float:
        """Seconds since the run began, by the clock on the wall; negative where none goes on."""
        return time.monotonic() - self._since


class Alarm(Clock):
    """Ends this process when a run takes longer than so many seconds, whatever it does.

    A thread in C counts, which needs no lock of Python's: a run that never gives it back is ended, too.
    """

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._seconds = seconds
        self._nowhere = open(os.devnull, "w")  # noqa: SIM115  where the thread writes its last words

    def begin(self) -> None:
        """Set the alarm anew."""
        faulthandler.dump_traceback_later(self._seconds, exit=True, file=self._nowhere)

    def end(self) -> None:
        """Take the alarm back."""
        faulthandler.cancel_dump_traceback_later()


def clocked_by(clock: Clock) -> None:
    """Let a clock measure the runs of this thread."""
    _local.clock = clock


def begin() -> None:
    """Say that a run of this thread begins: time so far is not its."""
    clock = getattr(_local, "clock", None)
    if clock is not None:
        clock.begin()


def end() -> None:
    """Say that no run of this thread goes on."""
    clock = getattr(_local, "clock", None)
    if clock is not None:
        clock.end()
