"""What a target column holds: numbers, or labels of classes with their own types; and the loss that goes with it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.arguments import choice
from homotopy.errors import DataError
from homotopy.tables.deciding import FEW, MOST, as_kind, decided_column
from homotopy.tables.frames import Column, Frame, listed, quoted
from homotopy.tables.kinds import numbers_of, word

__all__ = ["LOSSES", "Label", "chosen_loss", "distinct", "labels", "prepared", "whole"]

Label = str | int | float | bool
LOSSES = ("squared", "logistic", "softmax")
MOST_WHOLE, ROWS_EACH = 10, 10  # whole numbers are classes if at most so many are different, each so often on average


def prepared(frame: Frame, column: Column, loss: str | None) -> Column:
    """Return a target column as a number, a boolean or a category; of texts, none but numbers are changed.

    Raises
    ------
    DataError
        If it cannot be a target of this loss, or of any.
    """
    if loss == "squared":
        return _number(frame, column)
    if column.kind == "number":
        return as_kind(frame, column, "number")
    if column.kind == "text":
        if not numbers_of(column.values, frame.decimal)[1].any():
            return as_kind(frame, column, "number")
        if loss is None:
            decided_column(frame, column)  # refuses dates, and numbers mixed with a few texts
        return replace(column, kind="category")
    return decided_column(frame, column)


def _number(frame: Frame, column: Column) -> Column:
    texts = column.values.dtype == object
    if texts and (column.kind == "category" or numbers_of(column.values, frame.decimal)[1].any()):
        values = [None if value is None else str(value) for value in column.values]
        wrong = np.flatnonzero(numbers_of(values, frame.decimal)[1])
        if wrong.size:
            i = int(wrong[0])
            raise DataError(
                f"{frame.place(i, column.name)}: {quoted(values[i])} is not a number, which the squared loss needs; "
                "loss=softmax takes the target as classes, loss=logistic as two of them"
            )
    return as_kind(frame, column, "number")


def whole(values: NDArray[Any]) -> bool:
    """Whether numbers are all whole, and small enough to be told apart."""
    return bool(np.all(np.abs(values) < 2**53) and np.all(values == np.floor(values)))


def labels(column: Column) -> NDArray[np.object_]:
    """Return the label of each row, with its own type: text, int, float or bool."""
    out = np.empty(len(column.values), dtype=object)
    if column.kind == "boolean":
        out[:] = [bool(value) for value in column.values]
    elif column.kind == "number":
        kind: Any = int if whole(column.values) else float
        out[:] = [kind(value) for value in column.values]
    else:
        out[:] = [_label(value) for value in column.values]
    return out


def _label(value: Any) -> Label:
    if isinstance(value, float) and value == int(value):
        return int(value)
    return value if isinstance(value, (str, int, float)) else str(value)


def distinct(column: Column) -> int:
    """Return how many different values a column has."""
    values = column.values
    return len(np.unique(values)) if values.dtype != object else len({word(value) for value in values})


def chosen_loss(frame: Frame, loss: str | None) -> tuple[str, str]:
    """Return the loss for these prepared targets, and in words why where that may surprise.

    It is the loss that is asked for. Otherwise texts and booleans are classes, and so are whole numbers of which two
    are different, or at most ten with ten rows or more to each on average; all else are numbers. Classes have the
    logistic loss where there are two, else softmax; numbers the squared loss.

    Raises
    ------
    ArgumentError
        If the loss is unknown.
    DataError
        If a target is constant or has too many classes; or several are neither all numbers nor all of two classes.
    """
    counts = [distinct(column) for column in frame.columns]
    for column, count in zip(frame.columns, counts, strict=True):
        if count < 2:
            raise DataError(
                f"{frame.prefix}the target {column.name!r} is constant ({labels(column)[0]}) in all rows"
                if len(column.values)
                else f"{frame.prefix}the target {column.name!r} has no rows"
            )
    if loss is not None:
        found, why = choice("loss", loss, LOSSES), ""
    else:
        found, why = _by_itself(frame, counts)
    if found != "squared":
        _check_classes(frame, counts, found, asked=loss is not None)
    return found, why


def _by_itself(frame: Frame, counts: list[int]) -> tuple[str, str]:
    numbers = [column.kind == "number" for column in frame.columns]
    two = [
        n == 2 and (not number or whole(c.values)) for n, number, c in zip(counts, numbers, frame.columns, strict=True)
    ]
    if all(two):
        return "logistic", "whole numbers taken as classes (loss=squared takes them as numbers)" if numbers[0] else ""
    if len(counts) > 1:
        if all(numbers):
            return "squared", ""
        raise DataError(f"{frame.prefix}the targets {listed(frame.names)} must all be numbers or all have two classes")
    (number,), (count,), (column,) = numbers, counts, frame.columns
    if not number:
        return "softmax", ""
    few = whole(column.values) and count <= MOST_WHOLE
    if few and len(column.values) >= ROWS_EACH * count:
        return "softmax", f"{count} whole numbers taken as classes (loss=squared takes them as numbers)"
    return "squared", f"{count} whole numbers taken as numbers (loss=softmax takes them as classes)" if few else ""


def _check_classes(frame: Frame, counts: list[int], loss: str, *, asked: bool) -> None:
    for column, count in zip(frame.columns, counts, strict=True):
        if loss == "logistic" and count != 2:
            raise DataError(f"{frame.prefix}the logistic loss needs two classes; {column.name!r} has {count}")
        if count > MOST or (not asked and count > max(FEW, len(column.values) / 2)):
            first = listed(sorted({str(value) for value in labels(column)}), 2)
            raise DataError(
                f"{frame.prefix}the target {column.name!r} has {count} different values in {len(column.values)} rows "
                f"({first}), too many for classes"
            )
    if loss == "softmax" and len(counts) > 1:
        raise DataError(f"{frame.prefix}the softmax loss takes one target, not {len(counts)}: {listed(frame.names)}")
