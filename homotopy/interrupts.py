"""Asking everything that computes in this process to end early, from any thread or a signal's handler."""

from __future__ import annotations

from homotopy._core import interrupts as core

__all__ = ["check", "clear", "request", "requested"]


def request() -> None:
    """Ask everything that computes in this process to end: it raises `homotopy.errors.Interrupted` within 0.1 s.

    Notes
    -----
    Compiled loops look for it about every millisecond, or after each evaluation that takes longer; trackers look at
    each step. The request holds until `clear`, so that what is begun later ends at once, too. Safe in a handler of
    signals and in every thread.

    Examples
    --------
    >>> import homotopy as hp
    >>> from homotopy import errors, interrupts
    >>> interrupts.request()
    >>> try:
    ...     hp.descend(hp.problem("xor").objective, [0.1] * 9)
    ... except errors.Interrupted as error:
    ...     print(error)
    ... finally:
    ...     interrupts.clear()
    ended early, as was requested by homotopy.interrupts.request
    """
    core.request()


def clear() -> None:
    """Take the request back; what is begun from now on runs.

    Notes
    -----
    Only once everything that should end has ended: what has not looked yet, such as a thread in a single long
    evaluation, would never hear of it and would go on to its end. So threads are waited for before this is called.
    """
    core.clear()


def requested() -> bool:
    """Return whether everything is asked to end (bool)."""
    return core.requested()


def check() -> None:
    """Raise if everything is asked to end: for loops in Python.

    Raises
    ------
    Interrupted
        Between `request` and `clear`.
    """
    core.check()
