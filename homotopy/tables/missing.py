"""Missing cells: counted, refused in a sentence, or their rows left out."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.arguments import choice
from homotopy.errors import DataError
from homotopy.tables.frames import Frame

__all__ = ["HOW", "counts", "how_missing", "kept_rows", "refuse_missing", "told"]

HOW = ("drop", "mean")
"""What can be done about missing cells, besides refusing them."""


def how_missing(how: Any) -> str | None:
    """Return ``drop``, ``mean`` or None; another value raises ArgumentError."""
    return None if how is None else choice("missing", how, HOW)


def counts(frame: Frame) -> dict[str, int]:
    """Return how many cells are missing in each column that has missing ones."""
    found = {column.name: int(column.missing.sum()) for column in frame.columns}
    return {name: n for name, n in found.items() if n}


def told(found: dict[str, int], most: int = 5) -> str:
    """Return the counts in words.

    Examples
    --------
    >>> told({"age": 5, "city": 2}), told({"age": 1})
    ('7 cells are missing (age: 5, city: 2)', '1 cell is missing (age: 1)')
    """
    n = sum(found.values())
    inside = [f"{name}: {count}" for name, count in list(found.items())[:most]]
    more = f" and {len(found) - most} more columns" if len(found) > most else ""
    return f"{n} cell{'s are' if n != 1 else ' is'} missing ({', '.join(inside)}{more})"


def refuse_missing(frame: Frame, why: str) -> None:
    """Refuse a table that has missing cells; the sentence counts them, names the first row and ends with `why`.

    Raises
    ------
    DataError
        If it has.
    """
    found = counts(frame)
    if found:
        n = sum(found.values())
        first = frame.row(int(np.flatnonzero(np.any([column.missing for column in frame.columns], axis=0))[0]))
        at = f"the first in {first}" if n > 1 else f"in {first}"
        raise DataError(f"{frame.prefix}{told(found)[:-1]}; {at}); {why}")


def kept_rows(features: Frame, others: Frame, how: str | None) -> tuple[NDArray[np.bool_], tuple[str, ...]]:
    """Return which rows can be used, and what is to be said of missing cells.

    Parameters
    ----------
    features : Frame
        The inputs: with ``drop``, rows with missing cells are not used; with ``mean``, cells are filled later.
    others : Frame
        Targets: rows without one are never used.
    how : str or None
        ``drop``, ``mean``, or None.

    Returns
    -------
    rows : ndarray of shape (n,), bool
        Which can be used.
    notes : tuple of str
        What was left out, and what will be filled.

    Raises
    ------
    DataError
        If cells are missing and `how` is None, or fewer than two rows can be used.
    """
    whole = Frame((*features.columns, *others.columns), features.source, features.rows, features.named)
    if how is None:
        refuse_missing(
            whole,
            "missing=drop (on the command line --missing drop) leaves such rows out, missing=mean fills numbers with "
            "their mean and makes missing categories one of their own",
        )
    notes: list[str] = []
    unusable = _rows(others)
    if how == "drop":
        unusable |= _rows(features)
        if unusable.any():
            notes.append(f"{told(counts(whole))}: {_many(unusable)} left out")
    elif how == "mean":
        if unusable.any():
            notes.append(f"{_many(unusable)} without a target left out")
        found = counts(features.taken(~unusable))
        if found:
            words = [column.name for column in features.columns if column.kind == "category" and column.name in found]
            how_filled = ["a category of their own"] * bool(words) + ["the mean"] * (len(words) < len(found))
            notes.append(f"{told(found)}: filled with {' or '.join(how_filled[::-1])}")
    if unusable.any() and (~unusable).sum() < 2:
        raise DataError(f"{features.prefix}{told(counts(whole))}; {int((~unusable).sum())} rows would be left of "
                        f"{len(unusable)}, and at least 2 are needed")  # fmt: skip
    return ~unusable, tuple(notes)


def _rows(frame: Frame) -> NDArray[np.bool_]:
    """Return which rows have a missing cell."""
    out = np.zeros(len(frame), dtype=bool)
    for column in frame.columns:
        out |= column.missing
    return out


def _many(rows: NDArray[np.bool_]) -> str:
    n = int(rows.sum())
    return f"{n} row{'s' if n != 1 else ''} of {len(rows)}"
