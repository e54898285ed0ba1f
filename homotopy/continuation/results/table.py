"""Paths and diagrams as tables: one row a step."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path as FilePath
from typing import Any, Protocol

import numpy as np

from homotopy.arguments import shown
from homotopy.continuation.parts.events import Occurrence
from homotopy.continuation.point import Point
from homotopy.doors import door
from homotopy.errors import ArgumentError
from homotopy.texts import cell

__all__ = ["Branch", "Records", "table", "write_csv"]

Records = Mapping[str, Callable[[Point], float]]


class Branch(Protocol):
    """What tables and pictures need of a path."""

    @property
    def points(self) -> tuple[Point, ...]:
        """Its points, in order."""

    @property
    def events(self) -> tuple[Occurrence, ...]:
        """What happened on it."""


_FIELDS = [(name, "i8") for name in ("step", "branch")]
_FIELDS += [(name, "f8") for name in ("t", "s", "ds", "value", "grad_norm")]
_FIELDS += [(name, "i8") for name in ("newton", "linear", "index")] + [("lowest", "f8"), ("event", "U16")]


@door
def table(paths: Sequence[Branch], records: Records | None = None) -> np.recarray[Any, Any]:
    """Return a record array with one row a point of each path.

    Parameters
    ----------
    paths : sequence of Path
        Branches, numbered in this order.
    records : mapping or None
        Further columns: functions of a Point.

    Returns
    -------
    record array
        step, branch, t, s (arclength), ds, value, grad_norm, newton and linear (iterations), index (-1: unknown),
        lowest (eigenvalue, or of a root system the greatest real part; NaN: unknown), event (names of what happened
        after this point and before the next), and the records.

    Raises
    ------
    ArgumentError
        If one of paths is no path.
    """
    records = records or {}
    dtype = [*_FIELDS, *((name, "f8") for name in records)]
    rows = []
    for branch, path in enumerate(paths):
        if not (hasattr(path, "points") and hasattr(path, "events")):
            raise ArgumentError(f"paths must be a list of paths, and one of it is {shown(path)}")
        events: dict[int, list[str]] = {}
        for event in path.events:
            events.setdefault(event.step, []).append(event.name)
        for step, p in enumerate(path.points):
            lowest = p.eigenvalues[0] if p.eigenvalues else np.nan
            row = (step, branch, p.t, p.s, p.step, p.value, p.grad_norm, p.n_iter, p.n_linear, p.index, lowest)
            names = " ".join(events.get(step, []))[:16]
            rows.append((*row, names, *(float(f(p)) for f in records.values())))
    return np.array(rows, dtype=dtype).view(np.recarray)


@door
def write_csv(rows: np.recarray[Any, Any], file: str | FilePath) -> None:
    """Write a table with a header row; numbers with all their digits.

    Raises
    ------
    ArgumentError
        If rows is no array with named fields.
    """
    names = getattr(rows, "dtype", np.dtype(float)).names
    if not names:
        raise ArgumentError(f"rows must be a table, an array with named fields, not {shown(rows)}")
    with FilePath(file).open("w", newline="", encoding="utf-8", errors="backslashreplace") as stream:
        writer = csv.writer(stream)
        writer.writerow(map(cell, names))
        writer.writerows([cell(v) if isinstance(v, str) else v for v in row.item()] for row in rows)
