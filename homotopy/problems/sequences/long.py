"""Sequences in the long form: all their steps in one table, one sequence after the other; cut, padded, split."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.arguments import integer
from homotopy.errors import DataError
from homotopy.tables import Frame
from homotopy.tables.frames import counted

__all__ = ["Long", "cut", "last_only", "padded", "without_first", "without_missing"]

Rows = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Long:
    """Sequences in the long form.

    Attributes
    ----------
    inputs : Frame
        A row a step, sequence after sequence.
    targets : Frame or None
        A row a target; None where none are asked for.
    at : ndarray of int
        The rows of `inputs` that the targets belong to, in rising order.
    lengths : ndarray of shape (n,), int
        Steps of each sequence.
    every_step : bool
        Whether there may be a target at more than the last step.
    names : tuple of str
        What messages call the sequences.
    notes : tuple of str
        What is to be said about how they were read.
    """

    inputs: Frame
    targets: Frame | None
    at: Rows
    lengths: Rows
    every_step: bool
    names: tuple[str, ...]
    notes: tuple[str, ...] = ()

    @property
    def owner(self) -> Rows:
        """The number of each row's sequence, shape (rows,)."""
        return np.repeat(np.arange(len(self.lengths)), self.lengths)

    @property
    def begins(self) -> Rows:
        """The first row of each sequence, shape (n,)."""
        return np.cumsum(self.lengths) - self.lengths

    def chosen(self, rows: NDArray[np.bool_]) -> Long:
        """Return the long form with the targets that a mask over `at` keeps."""
        return replace(self, at=self.at[rows], targets=None if self.targets is None else self.targets.taken(rows))


def padded(values: NDArray[Any], lengths: Rows, at: Rows | None = None) -> NDArray[Any]:
    """Return rows as an array of shape (n, T, ...), zero where there is none.

    Parameters
    ----------
    values : ndarray of shape (rows, ...)
        One entry a step, or one for each row of `at`.
    lengths : ndarray of shape (n,)
        Steps of each sequence; T is the largest.
    at : ndarray of int or None
        The rows, counted over all steps, that have an entry; None where all have.

    Examples
    --------
    >>> padded(np.array([1.0, 2.0, 3.0]), np.array([1, 2]))
    array([[1., 0.],
           [2., 3.]])
    """
    rows = np.arange(int(lengths.sum())) if at is None else at
    owner = np.repeat(np.arange(len(lengths)), lengths)[rows]
    step = rows - (np.cumsum(lengths) - lengths)[owner]
    out = np.zeros((len(lengths), int(lengths.max()), *values.shape[1:]), dtype=values.dtype)
    out[owner, step] = values
    return out


def cut(long: Long, windows: int) -> tuple[Long, Rows]:
    """Return sequences cut into pieces of so many steps, and the number of the sequence of each piece.

    The last piece of a sequence has what is left; it is left out where that is less than half of a piece. Sequences are
    numbered without those of which nothing is left.

    Raises
    ------
    DataError
        If there is one target a sequence only, or every sequence has less than half of a piece.
    """
    integer("windows", windows, least=2)
    if not long.every_step:
        raise DataError(
            "windows= cuts sequences into pieces, which needs a target at each step; here is one a sequence"
        )
    first = [int(n) for n in long.lengths]
    pieces = [[min(windows, n - a) for a in range(0, n, windows) if min(windows, n - a) * 2 >= windows] for n in first]
    if not any(pieces):
        raise DataError(
            f"windows={windows} leaves no piece: the longest sequence has {counted(max(first), 'step')}, and a piece "
            "needs at least half as many as it should have"
        )
    kept = np.concatenate([np.arange(n) < sum(some) for n, some in zip(first, pieces, strict=True)])
    place = np.cumsum(kept) - 1
    own = kept[long.at]
    targets = None if long.targets is None else long.targets.taken(own)
    names = tuple(
        f"{name}, piece {i + 1}" for name, some in zip(long.names, pieces, strict=True) for i in range(len(some))
    )
    gone = int((~kept).sum())
    notes = (*long.notes, *([f"{counted(gone, 'step')} behind the last whole piece left out"] if gone else []))
    made = Long(
        long.inputs.taken(kept),
        targets,
        place[long.at[own]],
        np.array([n for some in pieces for n in some], dtype=np.intp),
        True,
        names,
        notes,
    )
    counts = [len(some) for some in pieces if some]
    return made, np.repeat(np.arange(len(counts)), counts)


def without_first(long: Long, washout: int) -> Long:
    """Return the long form without targets at the first steps of each sequence.

    Raises
    ------
    DataError
        If that leaves a sequence without any.
    """
    if not integer("washout", washout, least=0):
        return long
    short = np.flatnonzero(long.lengths <= washout)
    if short.size:
        n = int(long.lengths[short[0]])
        raise DataError(f"washout={washout} leaves no target in {long.names[short[0]]}, which has {counted(n, 'step')}")
    return long.chosen(long.at - long.begins[long.owner[long.at]] >= washout)


def without_missing(long: Long, gone: NDArray[np.bool_]) -> Long:
    """Return the long form without the targets that a mask over `at` marks as missing.

    Raises
    ------
    DataError
        If that leaves a sequence without any.
    """
    assert long.targets is not None
    lost = np.setdiff1d(np.arange(len(long.lengths)), long.owner[long.at[~gone]])
    if lost.size:
        raise DataError(f"{long.targets.prefix}{long.names[lost[0]]} has no target at any step")
    note = f"{counted(int(gone.sum()), 'step')} without a target do not count"
    return replace(long.chosen(~gone), notes=(*long.notes, note))


def last_only(long: Long) -> Long:
    """Return the long form with the targets of last steps alone.

    Raises
    ------
    DataError
        If the last step of a sequence has none.
    """
    ends = long.begins + long.lengths - 1
    made = long.chosen(np.isin(long.at, ends))
    lost = np.flatnonzero(~np.isin(ends, made.at))
    if lost.size:
        raise DataError(f"the last step of {long.names[lost[0]]} has no target")
    return replace(made, every_step=False)
