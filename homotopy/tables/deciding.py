"""Deciding what undecided columns hold, and reading a column as what another one like it held."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.doors import door
from homotopy.errors import DataError
from homotopy.tables.frames import Column, Frame, listed, quoted
from homotopy.tables.kinds import DATE, numbers_of, truth_of, truth_words, word

__all__ = ["FEW", "MOST", "as_kind", "decided", "decided_column"]

FEW, MOST = 10, 1000
"""Categories that a column may have however few its rows are, and may have at all."""


@door
def decided(frame: Frame, categories: Collection[str] = ()) -> Frame:
    """Return the table with every column a number, a boolean or a category.

    Parameters
    ----------
    frame : Frame
        The table.
    categories : collection of str
        Columns that are categories, whatever they look like.

    Returns
    -------
    Frame
        The same columns. A column of texts is one of numbers if all its cells are written as numbers; of booleans if
        they are words of one pair such as yes and no; else of categories.

    Raises
    ------
    DataError
        If a name of `categories` is no column; a column has no cell that is not missing, mixes numbers with a few
        other texts, holds dates, has an infinite number, or has more categories than half the rows and `FEW`, if it is
        not in `categories`, or than `MOST`. The sentence names the cell, and the other columns that cannot be used.
    """
    for name in categories:
        frame.column(name)
    made: list[Column] = []
    wrong: dict[str, DataError] = {}
    for column in frame.columns:
        try:
            made.append(decided_column(frame, column, column.name in categories))
            _refuse_identifiers(frame, made[-1], column.name in categories)
        except DataError as error:
            wrong[column.name] = error
    if wrong:
        first, *others = wrong
        either = f"; nor can {listed(others)} be used as {'they are' if len(others) > 1 else 'it is'}" if others else ""
        raise DataError(f"{wrong[first]}{either}")
    return replace(frame, columns=tuple(made))


def decided_column(frame: Frame, column: Column, category: bool = False) -> Column:
    """Return one column of a table as a number, a boolean or a category; see `decided`.

    Raises
    ------
    DataError
        If it is none of these.
    """
    present = np.flatnonzero(~column.missing)
    if not present.size and len(column.values):
        raise DataError(
            f"{frame.prefix}column {column.name!r} has no value in any row; ignore={column.name} leaves it out"
        )
    if category:
        return as_kind(frame, column, "category")
    if column.kind == "date" or (column.kind == "text" and all(DATE.fullmatch(t) for t in column.values[present])):
        raise DataError(
            f"{frame.prefix}column {column.name!r} holds dates or times ({_word(column, present)}), which are neither "
            f"numbers nor categories; turn them into numbers such as days or months, or leave them out with "
            f"ignore={column.name}"
        )
    if column.kind == "number":
        return _finite(frame, column)
    return _from_text(frame, column, present) if column.kind == "text" else column


def as_kind(frame: Frame, column: Column, kind: str) -> Column:
    """Return a column of a table read as a number, a boolean or a category, as a column of that kind was before.

    Raises
    ------
    DataError
        If a cell is none; the sentence names it.
    """
    if kind == "category":
        return Column(column.name, kind, _objects(column, word))
    if column.kind == kind and kind == "boolean":
        return column
    if kind == "boolean":
        found = _objects(column, truth_of, "neither true nor false, yes nor no, 0 nor 1", frame)
        return Column(column.name, kind, found.astype(np.float64))
    if column.kind in ("number", "boolean"):
        return _finite(frame, Column(column.name, kind, column.values))
    texts = [None if value is None else word(value) for value in column.values]
    values, wrong = numbers_of(texts, frame.decimal)
    if wrong.any():
        _refuse(frame, column, int(np.flatnonzero(wrong)[0]), "is not a number")
    return _finite(frame, Column(column.name, kind, values))


def _from_text(frame: Frame, column: Column, present: NDArray[Any]) -> Column:
    """Return a column of texts as what they are."""
    values, wrong = numbers_of(column.values, frame.decimal)
    if not wrong.any():
        return _finite(frame, Column(column.name, "number", values))
    words = column.values[present]
    if truth_words(set(words)):
        return as_kind(frame, column, "boolean")
    first = int(np.flatnonzero(wrong)[0])
    nearly = _nearly(words, frame.decimal)
    if nearly:
        _refuse(frame, column, first, nearly)
    if 2 * int(wrong.sum()) <= len(words):
        n = len(words) - int(wrong.sum())
        _refuse(
            frame,
            column,
            first,
            f"is not a number, as {n} of the other cells of the column are; mend it, leave it empty if it is missing, "
            f"or take the column as categories with categories={column.name}",
        )
    return Column(column.name, "category", column.values)


def _nearly(words: NDArray[Any], decimal: str) -> str:
    """Return what keeps words from being numbers, where they would all be but for one thing; else nothing."""
    other, how = (".", "point") if decimal == "," else (",", "comma")
    thousands = re.compile(rf"[+-]?\d{{1,3}}(\{other}\d{{3}})+(\{decimal}\d*)?")
    if not numbers_of([text.replace(other, "") if thousands.fullmatch(text) else text for text in words], decimal)[
        1
    ].any():
        return f"has a separator of thousands, which must be removed, or a decimal {how}, which decimal={how} reads"
    if not numbers_of(words, other)[1].any():
        return f"has a decimal {how}; decimal={how} reads such numbers"
    bare = [text.strip("$€£¥% ").strip() for text in words]
    if all(any(sign.isdigit() for sign in text) for text in bare) and not numbers_of(bare, decimal)[1].any():
        return "is a number with a sign of its unit; write the number alone"
    return ""


def _refuse_identifiers(frame: Frame, column: Column, explicit: bool) -> None:
    """Refuse a column of categories that has too many of them."""
    if column.kind != "category":
        return
    found = sorted({str(value) for value in column.values if value is not None})
    if len(found) > MOST or (not explicit and len(found) > max(FEW, len(column.values) / 2)):
        raise DataError(
            f"{frame.prefix}column {column.name!r} has {len(found)} different texts in {len(column.values)} rows "
            f"({listed(found, 2)}), too many for categories; ignore={column.name} leaves it out"
        )


def _finite(frame: Frame, column: Column) -> Column:
    wrong = np.flatnonzero(np.isinf(column.values))
    if wrong.size:
        _refuse(frame, column, int(wrong[0]), "is not a finite number")
    return column


def _refuse(frame: Frame, column: Column, i: int, why: str) -> None:
    raise DataError(f"{frame.place(i, column.name)}: {quoted(column.values[i])} {why}")


def _objects(
    column: Column, made: Callable[[Any], Any], wrong: str = "", frame: Frame | None = None
) -> NDArray[np.object_]:
    """Return what is made of each cell, None where it is missing; None made of one that is not is refused."""
    out = np.empty(len(column.values), dtype=object)
    for i in np.flatnonzero(~column.missing):
        value = column.values[i]
        if column.kind == "boolean" and not isinstance(value, str):
            value = bool(value)
        out[i] = made(value)
        if out[i] is None and frame is not None:
            _refuse(frame, column, int(i), f"is {wrong}")
    return out


def _word(column: Column, present: NDArray[Any]) -> str:
    return quoted(str(column.values[present[0]])) if present.size else "none"
