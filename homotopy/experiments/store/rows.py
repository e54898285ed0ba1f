"""What the rows of a sound store hold; a file may be damaged, or written by somebody who means harm."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from math import isfinite, isnan
from typing import Any

from homotopy.errors import DataError, HomotopyError
from homotopy.experiments.run.blocks import curve_columns
from homotopy.experiments.run.traces import Trace
from homotopy.experiments.store.checksums import Whole
from homotopy.experiments.store.columns import LONGEST, stored_of
from homotopy.experiments.store.schema import COLUMNS
from homotopy.problems.bounds import Bound
from homotopy.status import Budget

__all__ = ["check_block", "check_row", "check_text", "kept_text"]

NULLS = {"problems": {"optimum"}, "runs": {"value", "cost", "cost_to_success", "time"}}
NAMES = {"problem", "method", "version", "kind", "name", "worker", "started", "finished"}
LONGEST_NAME = 10_000  # characters: a name stands in each row of a table of runs
LONGEST_TEXT = 1 << 24  # of a remark, of a group of a hundred thousand problems, of a command


def check_row(table: str, row: Sequence[Any]) -> None:
    """Refuse a row that no version of this package writes.

    Parameters
    ----------
    table : str
        One of `COLUMNS`.
    row : sequence
        Its values, in the order of `COLUMNS`.

    Raises
    ------
    DataError
        If a value has a wrong type, is too long or cannot be what it stands for.
    """
    for (name, kind), value in zip(COLUMNS[table].items(), row, strict=True):
        if value is None and name in NULLS.get(table, ()):
            continue
        if type(value) is not kind:
            raise DataError(f"{table}: {name} is no {kind.__name__}")
        if isinstance(value, str):
            check_text(table, name, value)
    if table in CHECKS:
        try:
            CHECKS[table](row)
        except (HomotopyError, ValueError, TypeError, RecursionError, OverflowError) as error:
            raise DataError(f"{table}: {error}") from None


def check_text(table: str, name: str, text: str) -> None:
    """Refuse a text that stands in no row.

    Raises
    ------
    DataError
        If it is too long, has half a character or a NUL.
    """
    if len(text) > (LONGEST_NAME if name in NAMES else LONGEST_TEXT):
        raise DataError(f"{table}: {name} has {len(text)} characters")
    if not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text):
        raise DataError(f"{table}: {name} is not UTF-8")
    if "\0" in text:
        raise DataError(f"{table}: {name} has a NUL")


def kept_text(text: str) -> str:
    r"""Return a text of somebody else's, such as an error's, as a row can hold it.

    Examples
    --------
    >>> print(kept_text("a\0b\ud800"))
    a\0b\ud800
    """
    return text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\0")[:LONGEST_TEXT]


def _check_cell(row: Sequence[Any]) -> None:
    Budget(gradients=row[3], seconds=row[4])


def _check_problem(row: Sequence[Any]) -> None:
    _, _, size, optimum, tolerance, _ = row
    if size < 0 or not (optimum is None or isfinite(optimum)) or isnan(tolerance) or tolerance < 0:
        raise DataError("a size, an optimum or a tolerance cannot be")


def _check_session(row: Sequence[Any]) -> None:
    if not all(isinstance(json.loads(text), dict) for text in row[2:]):
        raise DataError("a command or a machine is no dictionary")


def _check_note(row: Sequence[Any]) -> None:
    kind, text = row[2:4]
    if kind == "group" and not _listed(json.loads(text), str):
        raise DataError("a group is no list of names")
    if kind == "data" and not (_listed(found := json.loads(text), float) and len(found) == 2):
        raise DataError("what tells data apart is no pair of numbers")
    if kind == "bound":
        Bound(**json.loads(text))
    if kind in ("constant", "test target"):
        float(text)


def _listed(found: Any, kind: type) -> bool:
    return isinstance(found, list) and all(type(one) is kind for one in found)


def _check_path(row: Sequence[Any]) -> None:
    if row[1] < 0:
        raise DataError("a seed is negative")
    Trace.unpack(*row[1:])


def _check_old_run(row: Sequence[Any]) -> None:
    if row[1] < 0 or row[2] not in (0, 1) or len(row[6]) > LONGEST or row[9] < 0:
        raise DataError("a seed, a success, a status or a position cannot be")


CHECKS: dict[str, Callable[[Sequence[Any]], None]] = {
    "cells": _check_cell,
    "problems": _check_problem,
    "sessions": _check_session,
    "notes": _check_note,
    "paths": _check_path,
    "runs": _check_old_run,
}


def check_block(whole: Whole) -> None:
    """Refuse a block whose columns do not belong together, or cannot be unpacked.

    Raises
    ------
    DataError
        If that is so.
    """
    for table in ("blocks", "results"):
        if table not in whole.rows and not (table == "results" and whole.old):
            raise DataError(f"its row of {table} is not there")
    for table, row in whole.rows.items():
        check_row(table, row)
        if row[:2] != whole.rows["blocks"][:2]:
            raise DataError(f"its row of {table} is of another cell")
    _, _, size, x, curves = whole.rows["blocks"][:5]
    if size < 1 or not x or len(x) % (8 * size):
        raise DataError("its final points do not fit the number of its runs")
    curve_columns(curves, size)
    if "results" in whole.rows:
        _, _, statuses, columns = whole.rows["results"]
        stored_of(statuses, columns, size)
    if "scores" in whole.rows and len(whole.rows["scores"][2]) != 8 * size:
        raise DataError("its scores do not fit the number of its runs")
    for row in whole.old:
        check_row("runs", row)
        if row[9] >= size:
            raise DataError("a run has a place that it has not")
