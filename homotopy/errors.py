"""Errors that users meet: one sentence each, naming what is wrong and what is allowed."""

__all__ = [
    "ArgumentError",
    "DamageWarning",
    "DataError",
    "EvaluationError",
    "HomotopyError",
    "Interrupted",
    "MissingExtraError",
    "TrackingError",
    "reason",
]


class HomotopyError(Exception):
    """The base of every error that this package raises on purpose."""


class ArgumentError(HomotopyError, ValueError):
    """An argument has a value that is not allowed; the message names it, its value and what is allowed."""


class DataError(HomotopyError, ValueError):
    """A data set cannot be used: a missing file or column, text or NaN where a number must stand, too few rows."""


class DamageWarning(UserWarning):
    """A store is damaged: the message says what of it is lost; the rest is read."""


class EvaluationError(HomotopyError, ArithmeticError):
    """The objective cannot be evaluated at this point; a tracker rejects the step and shrinks it."""


class TrackingError(HomotopyError, RuntimeError):
    """A path did not end in success; raised only by ``raise_for_status``."""


class Interrupted(HomotopyError):  # noqa: N818
    """A computation ended early because `homotopy.interrupts.request` asked everything to; it has no result."""


class MissingExtraError(HomotopyError, ImportError):
    """An optional dependency is not installed; the message names the extra that brings it."""


def reason(error: BaseException) -> str:
    """Return the kind of any error with what it says, in one line; the kind alone where it says nothing, or fails to.

    Examples
    --------
    >>> reason(KeyError("x")), reason(StopIteration())
    ("KeyError: 'x'", 'StopIteration')
    """
    try:
        text = " ".join(str(error).split())
    except Exception:  # of an error of somebody's own, whose text is computed
        text = ""
    kind = type(error).__name__
    return f"{kind}: {text}" if text else kind
