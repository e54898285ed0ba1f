"""Means and standard deviations that neither overflow nor depend on units, and what they make of numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["moments", "restored", "scaled"]

Floats = NDArray[np.float64]


def moments(values: NDArray[Any]) -> tuple[float, float]:
    """Return the mean and the standard deviation of numbers; a deviation of exactly 0 where all are equal.

    Examples
    --------
    >>> moments(np.array([1.0, 3.0])), moments(np.full(3, 0.1)), moments(np.array([-1e308, 1e308]))
    ((2.0, 1.0), (0.1, 0.0), (0.0, 1e+308))
    """
    low, high = float(values.min()), float(values.max())
    if low == high:
        return low, 0.0
    shift = int(np.frexp(max(abs(low), abs(high)))[1])  # a power of two: nothing is rounded
    small = np.ldexp(values, -shift)
    return float(np.ldexp(small.mean(), shift)), float(np.ldexp(small.std(), shift))


def scaled(values: NDArray[Any], mean: float, scale: float) -> Floats:
    """Return (values - mean) / scale; zero where the scale is 0, which is that of a constant.

    Examples
    --------
    >>> scaled(np.array([1.0, 3.0]), 2.0, 1.0), scaled(np.array([0.1, 5.0]), 0.1, 0.0)
    (array([-1.,  1.]), array([0., 0.]))
    """
    if scale == 0.0:
        return np.zeros(len(values))
    shift = int(np.frexp(scale)[1])  # a difference of large numbers may be too large for a float
    with np.errstate(over="ignore", invalid="ignore"):
        made = (np.ldexp(values, -shift) - np.ldexp(mean, -shift)) / np.ldexp(scale, -shift)
    return np.asarray(made, dtype=np.float64)


def restored(values: NDArray[Any], mean: float, scale: float) -> Floats:
    """Return values * scale + mean, which undoes `scaled`."""
    return np.asarray(values * scale + mean, dtype=np.float64)
