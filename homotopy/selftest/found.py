"""How a check says what it found: numbers held to the truth, and a sentence where they are not."""

from __future__ import annotations

from typing import Any

from homotopy.errors import HomotopyError

__all__ = ["CheckError", "hold", "near"]


class CheckError(HomotopyError):
    """A check found something else than it should; the message says what."""


def hold(condition: Any, sentence: str) -> None:
    """Go on where a condition holds.

    Raises
    ------
    CheckError
        If it does not, with the sentence.
    """
    if not condition:
        raise CheckError(sentence)


def near(what: str, found: Any, expected: Any, tolerance: float, *, scale: float | None = None) -> float:
    """Return how far numbers are from what they should be, where that is within the tolerance.

    Parameters
    ----------
    what : str
        What the numbers are, as a sentence begins.
    found, expected : array_like
        Numbers of one shape.
    tolerance : float
        How far the largest difference may be, relative to `scale`.
    scale : float or None
        None takes the largest of the expected numbers, and 1 where all are zero.

    Raises
    ------
    CheckError
        If the shapes differ, a number is not finite, or one is farther away.
    """
    import numpy as np  # here: the process that only starts the checks needs none

    found, expected = np.asarray(found, dtype=float), np.asarray(expected, dtype=float)
    hold(found.shape == expected.shape, f"{what}: shape {found.shape} instead of {expected.shape}")
    if scale is None:
        scale = float(np.abs(expected).max(initial=0.0)) or 1.0
    error = float(np.abs(found - expected).max(initial=0.0)) / scale
    hold(error <= tolerance, f"{what}: off by {error:.1e}, allowed are {tolerance:.0e}")  # NaN is not within it
    return error
