"""A flag for the whole process that asks compiled loops, wherever they run, to end."""

from __future__ import annotations

import threading

__all__ = ["clear", "request", "requested"]

_flag = threading.Event()


def request() -> None:
    """Ask every compiled loop of this process to end; its caller then meets `homotopy.errors.Interrupted`."""
    _flag.set()


def clear() -> None:
    """Take the request back."""
    _flag.clear()


def requested() -> bool:
    """Return whether loops are asked to end."""
    return _flag.is_set()
