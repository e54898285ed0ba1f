"""Points and events in files: arrays and JSON in one .npz, no pickles, written atomically."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path as FilePath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.arguments import one_of, shown
from homotopy.continuation.parts.events import Occurrence
from homotopy.continuation.point import Direction, Metric, Point
from homotopy.errors import DataError

__all__ = ["SCHEMA", "read", "write"]

SCHEMA = 1
_SCALARS = ("t", "value", "grad_norm", "step", "n_iter", "s", "index", "n_linear", "orientation", "log_det", "accuracy")
_EVENT = ("name", "step", "index_before", "index_after", "detail")


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
    temporary = file.with_name(file.name + ".part")
    with temporary.open("wb") as stream:
        np.savez(stream, header=np.array(text), **arrays)  # type: ignore[arg-type]
    os.replace(temporary, file)


def read(file: str | FilePath) -> tuple[list[Point], list[Occurrence], dict[str, Any]]:
    """Return the points, the events and the header that `write` wrote.

    Raises
    ------
    DataError
        If the file is missing, is none of these, or has another schema.
    """
    one_of("file", file, (str, os.PathLike), "a file name")
    try:
        with np.load(FilePath(file), allow_pickle=False) as data:
            arrays = dict(data)
        header = json.loads(str(arrays["header"]))
    except FileNotFoundError as error:
        raise DataError(f"{shown(str(file))}: no such file") from error
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise DataError(f"{shown(str(file))}: not a path written by this package") from error
    if header.get("schema") != SCHEMA:
        raise DataError(f"{file}: written with schema {header.get('schema')!r}; this version reads {SCHEMA}")
    located = _read(arrays, "event")
    events = [
        Occurrence(
            point=located[i],
            null_vector=arrays.get(f"null_{i}"),
            **{**entry, "metric": Metric.restored(entry.get("metric"))},
        )
        for i, entry in enumerate(header["events"])
    ]
    return _read(arrays, "point"), events, header


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
    points = []
    for i in range(arrays[f"{name}_t"].size):
        tangent = None
        if f"{name}_tangent_t" in arrays and not np.isnan(arrays[f"{name}_tangent_t"][i]):
            tangent = Direction(arrays[f"{name}_tangent_x"][i].copy(), float(arrays[f"{name}_tangent_t"][i]))
        values = {k: arrays[f"{name}_{k}"][i].item() for k in _SCALARS if f"{name}_{k}" in arrays}
        eigenvalues = tuple(float(v) for v in arrays[f"{name}_eigenvalues"][i] if not np.isnan(v))
        x = arrays[f"{name}_x"][i].copy()
        x.setflags(write=False)
        points.append(Point(x=x, tangent=tangent, eigenvalues=eigenvalues, **values))
    return points
