"""Columns brought to mean zero and standard deviation one, and back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from homotopy.doors import doors

__all__ = ["Scaling"]

Array = NDArray[np.float64]


@doors
@dataclass(frozen=True, eq=False)
class Scaling:
    """What was taken off columns and what they were divided by.

    Attributes
    ----------
    mean, scale : ndarray of shape (d,)
        In the units of the columns; the scale of a constant column is 1.

    Examples
    --------
    >>> scaling = Scaling.of(np.array([[1.0, 5.0], [3.0, 5.0]]))
    >>> scaling.apply(np.array([[3.0, 5.0]])), scaling.undo(np.array([[1.0, 0.0]]))
    (array([[1., 0.]]), array([[3., 5.]]))
    """

    mean: Array
    scale: Array

    @classmethod
    def of(cls, table: Array, weights: Array | None = None) -> Self:
        """Return the scaling of a table of shape (n, d) whose rows count by positive weights, shape (n,), or alike."""
        low, high = table.min(axis=0), table.max(axis=0)
        top = np.maximum(np.abs(low), np.abs(high))
        top[top == 0.0] = 1.0  # squares of the columns themselves may overflow
        share = table / top
        mean = np.average(share, axis=0, weights=weights)
        scale = np.sqrt(np.average((share - mean) ** 2, axis=0, weights=weights))
        constant = (low == high) | (scale == 0.0)
        return cls(np.where(constant, low, mean * top), np.where(constant, 1.0, scale * top))

    @classmethod
    def none(cls, n_columns: int) -> Self:
        """Return the scaling that changes nothing."""
        return cls(np.zeros(n_columns), np.ones(n_columns))

    def apply(self, table: Array) -> Array:
        """Return the columns scaled, shape (n, d)."""
        half = 0.5 * table - 0.5 * self.mean  # the difference of large numbers may be too large for a float
        return np.asarray(half / (0.5 * self.scale))

    def undo(self, table: Array) -> Array:
        """Return scaled columns, shape (n, d), in their own units."""
        return np.asarray(table * self.scale + self.mean)
