"""Points and events in files: arrays and JSON in one .npz, no pickles, written atomically."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from math import isinf
from pathlib import Path as FilePath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.archives import read_npz
from homotopy.arguments import one_of, shown
from homotopy.continuation.parts.events import Occurrence
from homotopy.continuation.point import Direction, Metric, Point
from homotopy.errors import DataError, HomotopyError
from homotopy.scratch import beside
from homotopy.texts import visible

__all__ = ["SCHEMA", "plain", "read", "sound", "write"]

SCHEMA = 1
LONGEST = 1000  # characters of a file's name that a sentence shows
_SCALARS = ("t", "value", "grad_norm", "step", "n_iter", "s", "index", "n_linear", "orientation", "log_det", "accuracy")
_WHOLE = ("n_iter", "index", "n_linear", "orientation")
_COUNTS = ("step", "index_before", "index_after")
_EVENT = ("name", *_COUNTS, "detail")


def write(
    file: str | FilePath, points: Sequence[Point], events: Sequence[Occurrence], header: Mapping[str, Any]
) -> None:
    """Write points, events and the JSON-able rest: beside, then renamed, so that a killed run leaves the old file."""
    one_of("file", file, (str, os.PathLike), "a file name")
    arrays = _points(points, "point") | _points([event.point for event in events], "event")
    for number, event in enumerate(events):
        if event.null_vector is not None:
            arrays[f"null_{number}"] = event.null_vector
    entries = [
        {name: getattr(event, name) for name in _EVENT} | {"metric": event.metric and event.metric.plain()}
        for event in events
    ]
    text = json.dumps({"schema": SCHEMA, **header, "events": entries})
    file = FilePath(file)
    with beside(file) as scratch, scratch.open("wb") as stream:
        np.savez(stream, header=np.array(text), **arrays)  # type: ignore[arg-type]


def read(file: str | FilePath) -> tuple[list[Point], list[Occurrence], dict[str, Any]]:
    """Return the points, the events and the header that `write` wrote.

    Raises
    ------
    DataError
        If the file is missing, is none of these, or has another schema.
    """
    one_of("file", file, (str, os.PathLike), "a file name")
    if not FilePath(file).exists():
        raise DataError(f"{_named(file)}: no such file")
    try:
        arrays = read_npz(file)
    except DataError:
        raise _foreign(file) from None
    with sound(file):
        header = json.loads(str(arrays["header"]))
        schema = header.get("schema")
    if type(schema) is not int or schema != SCHEMA:
        raise DataError(f"{file}: written with schema {shown(schema)}; this version reads {SCHEMA}")
    with sound(file):
        points, located = _read(arrays, "point"), _read(arrays, "event")
        return points, _events(arrays, header["events"], located), header


@contextmanager
def sound(file: str | FilePath) -> Iterator[None]:
    """Raise a DataError where what a file holds is not what it must be: entries that lack, or of other types."""
    try:
        yield
    except HomotopyError:
        raise
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, ArithmeticError, RecursionError):
        raise _foreign(file) from None


def plain(value: Any, *kinds: type) -> Any:
    """Return a value of one of these types, where a truth value is no number; a float is finite or NaN.

    Raises
    ------
    TypeError
        If it is none; `sound` makes a sentence of it.
    """
    if type(value) not in kinds or (type(value) is float and isinf(value)):
        raise TypeError
    return value


def _named(file: str | FilePath) -> str:
    """Return a file's name as a sentence shows it: whole, unless nobody could read it."""
    name = visible(str(file))
    return name if len(name) <= LONGEST else shown(name)


def _foreign(file: str | FilePath) -> DataError:
    return DataError(f"{_named(file)}: not a path written by this package, or the file is damaged")


def _events(arrays: dict[str, NDArray[Any]], entries: Any, located: list[Point]) -> list[Occurrence]:
    """Return the events that `write` wrote."""
    events = []
    for i, (entry, point) in enumerate(zip(plain(entries, list), located, strict=True)):
        words = {key: plain(entry[key], str) for key in ("name", "detail")}
        numbers = {key: plain(entry[key], int) for key in _COUNTS}
        null, metric = arrays.get(f"null_{i}"), Metric.restored(entry.get("metric"))
        if null is not None and (null.dtype != np.float64 or null.shape != point.x.shape):
            raise TypeError
        event = Occurrence(point=point, null_vector=null, metric=metric, **words, **numbers)
        events.append(event)
    return events


def _points(points: Sequence[Point], name: str) -> dict[str, NDArray[Any]]:
    """Return the points as arrays, one a field; the absent is NaN."""
    out: dict[str, NDArray[Any]] = {f"{name}_{k}": np.array([getattr(p, k) for p in points]) for k in _SCALARS}
    if not points:
        return out
    n = points[0].x.size
    out[f"{name}_x"] = np.stack([p.x for p in points])
    missing = Direction(np.full(n, np.nan), np.nan)
    tangents = [p.tangent or missing for p in points]
    if any(p.tangent for p in points):
        out[f"{name}_tangent_x"] = np.stack([d.x for d in tangents])
        out[f"{name}_tangent_t"] = np.array([d.t for d in tangents])
    width = max(len(p.eigenvalues) for p in points)
    padded = [[*p.eigenvalues, *[np.nan] * (width - len(p.eigenvalues))] for p in points]
    out[f"{name}_eigenvalues"] = np.array(padded, dtype=np.float64).reshape(len(points), width)
    return out


def _read(arrays: dict[str, NDArray[Any]], name: str) -> list[Point]:
    """Return the points that `_points` wrote."""
    columns = {k: arrays[f"{name}_{k}"] for k in _SCALARS if f"{name}_{k}" in arrays}
    n, points = columns["t"].size, []
    x = arrays[f"{name}_x"] if n else np.empty((0, 1))
    for key, column in columns.items():
        if column.shape != (n,) or column.dtype.kind not in ("i" if n and key in _WHOLE else "if"):
            raise TypeError
    eigenvalues = _rows(arrays, f"{name}_eigenvalues", n)
    has_tangents = f"{name}_tangent_t" in arrays
    tangents, slopes = (_rows(arrays, f"{name}_tangent_{k}", n) if has_tangents else None for k in "xt")
    if x.dtype != np.float64 or x.shape != (n, x.shape[1]) or not np.isfinite(x).all() or not x.shape[1]:
        raise TypeError
    for i in range(n):
        tangent = None
        if tangents is not None and slopes is not None and not np.isnan(slopes[i]):
            tangent = Direction(tangents[i].reshape(x[i].shape).copy(), float(slopes[i]))
        values = {k: column[i].item() for k, column in columns.items()}
        own = () if eigenvalues is None else tuple(float(v) for v in eigenvalues[i] if not np.isnan(v))
        here = x[i].copy()
        here.setflags(write=False)
        points.append(Point(x=here, tangent=tangent, eigenvalues=own, **values))
    return points


def _rows(arrays: dict[str, NDArray[Any]], name: str, n: int) -> NDArray[Any] | None:
    """Return an array of floats with a row for each of n points; None where there is no point."""
    if not n:
        return None
    found = arrays[name]
    if found.dtype != np.float64 or len(found) != n:
        raise TypeError
    return found
