"""Targets as arrays that losses and kernels read: tables of the right shape, finite, read-only."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from homotopy.arguments import numbers
from homotopy.errors import ArgumentError, DataError

__all__ = ["frozen", "overflow", "table_of", "target_table"]

Array = NDArray[Any]


def overflow(given: Array, stored: Array) -> str:
    """Return what to add to a message where numbers are finite as given but not as stored."""
    return f" as {stored.dtype}" if np.isfinite(given).all() else ""


def frozen(table: Array) -> Array:
    """Return a table C-contiguous and read-only."""
    table = np.ascontiguousarray(table)
    table.flags.writeable = False
    return table


def table_of(name: str, values: ArrayLike, n_rows: int | None = None) -> Array:
    """Return numbers as a table, of so many rows where that is given.

    Raises
    ------
    ArgumentError
        If they have another shape.
    """
    table = numbers(name, values)
    if table.ndim != 2 or (n_rows is not None and len(table) != n_rows):
        rows = "n" if n_rows is None else n_rows
        raise ArgumentError(f"{name} has shape {table.shape}; it must be a table of shape ({rows}, columns)")
    return table


def target_table(y: ArrayLike, n_outputs: int, dtype: Any, name: str) -> Array:
    """Return y as a read-only copy of shape (n, n_outputs).

    Raises
    ------
    ArgumentError
        If its shape does not fit.
    DataError
        If a number is not finite.
    """
    given = numbers(name, y)
    with np.errstate(over="ignore"):
        table = given.astype(dtype)
    if table.ndim == 1 and n_outputs == 1:
        table = table[:, None]
    if table.ndim != 2 or table.shape[1] != n_outputs:
        raise ArgumentError(
            f"{name} has shape {given.shape}; the model has {n_outputs} outputs and needs (n, {n_outputs})"
        )
    if not np.isfinite(table).all():
        raise DataError(f"{name} has values that are not finite{overflow(given, table)}")
    return frozen(table)
