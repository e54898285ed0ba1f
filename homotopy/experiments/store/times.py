"""The times of runs that were made side by side."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["spread"]

FLOATS = NDArray[np.float64]


def spread(seconds: FLOATS, cost: FLOATS, block: NDArray[np.int64]) -> FLOATS:
    """Return times in which a block's whole is divided in proportion to cost, where it had been divided evenly.

    Blocks whose runs have different times, or of which a time or a cost is unknown, stay as they are.

    Examples
    --------
    >>> spread(np.array([2.0, 2.0, 5.0]), np.array([1.0, 3.0, 7.0]), np.array([0, 0, 1]))
    array([1., 3., 5.])
    """
    _, at = np.unique(block, return_inverse=True)
    if not at.size:
        return seconds
    first = np.zeros(at.max() + 1)
    first[at[::-1]] = seconds[::-1]
    others = np.bincount(at, weights=seconds != first[at])
    spent, whole = np.bincount(at, weights=cost), np.bincount(at, weights=seconds)
    even = (others == 0) & (spent > 0) & np.isfinite(whole + spent)
    share = np.divide(whole, spent, out=np.zeros_like(whole), where=even)
    return np.where(even[at], cost * share[at], seconds)
