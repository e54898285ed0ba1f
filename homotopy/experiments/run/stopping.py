"""The wish that comparisons end: said once, they finish the blocks in flight; twice, they end at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

__all__ = ["Stop", "ask", "heard"]


@dataclass
class Stop:
    """What one comparison was asked: `asked` counts how often it was asked to end."""

    running: Callable[[], int]  # runs in the blocks that are being run
    asked: int = 0


_here: list[Stop] = []


@contextmanager
def heard(running: Callable[[], int]) -> Iterator[Stop]:
    """Hear in a ``with`` block what is asked of this process."""
    stop = Stop(running)
    _here.append(stop)
    try:
        yield stop
    finally:
        _here.remove(stop)


def ask() -> int | None:
    """Ask every comparison that goes on in this process to end; again: at once.

    Safe in a signal handler.

    Returns
    -------
    int or None
        The runs that are still being run; None where no comparison goes on.
    """
    for stop in _here:
        stop.asked += 1
    return sum(stop.running() for stop in _here) if _here else None
