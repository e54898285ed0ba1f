"""Many runs in a few arrays: what a record array of them is made from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy._core.curves import parts
from homotopy.errors import ArgumentError

__all__ = ["RECORD_FIELDS", "RESULT", "Runs", "one_below_the_other", "record_type"]

RECORD_FIELDS: list[tuple[str, str]] = [
    ("seed", "i8"),
    ("success", "?"),
    ("value", "f8"),
    ("cost", "f8"),
    ("cost_to_success", "f8"),
    ("status", "U20"),
    ("seconds", "f8"),
]
"""The fields of `Method.solve_many`'s records, but for x and curve."""

RESULT = np.dtype(RECORD_FIELDS)
"""The numbers of a run, without its final point and its curve."""


def record_type(size: int) -> np.dtype[Any]:
    """Return the type of one record for problems of `size` variables; aligned, so that x may go into a kernel."""
    return np.dtype([*RECORD_FIELDS, ("x", "f8", (size,)), ("curve", "O")], align=True)


def one_below_the_other(curves: Iterable[NDArray[Any]]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return the points of curves, shape (m, 2), and where each curve begins and the last one ends."""
    arrays = [np.empty((0, 2)), *(np.reshape(curve, (-1, 2)) for curve in curves)]
    return np.concatenate(arrays, dtype=np.float64), np.cumsum([len(points) for points in arrays], dtype=np.int64)


@dataclass(frozen=True)
class Runs:
    """What r runs gave, by columns.

    Attributes
    ----------
    records : ndarray of shape (r,), dtype `RESULT`
        Their numbers.
    x : ndarray of shape (r, n)
        Their final points.
    points : ndarray of shape (m, 2)
        All their curves, one after the other.
    begins : ndarray of shape (r + 1,), int64
        Where each curve begins, and where the last one ends.
    """

    records: NDArray[Any]
    x: NDArray[np.float64]
    points: NDArray[np.float64]
    begins: NDArray[np.int64]

    @classmethod
    def of(cls, rows: NDArray[Any]) -> Runs:
        """Return the runs of a record array as `Method.solve_many` returns it.

        Raises
        ------
        ArgumentError
            If it has not all of the fields.
        """
        there = getattr(getattr(rows, "dtype", None), "names", None) or ()
        lacking = [name for name in (*(RESULT.names or ()), "x", "curve") if name not in there]
        if lacking:
            raise ArgumentError(f"the records of a method's solve_many lack the field {lacking[0]}")
        records = np.empty(len(rows), dtype=RESULT)
        records[:] = rows[list(RESULT.names or ())]
        return cls(records, np.array(rows["x"], dtype=np.float64), *one_below_the_other(rows["curve"]))

    @classmethod
    def joined(cls, several: list[Runs]) -> Runs:
        """Return several runs' columns one below the other."""
        if len(several) == 1:
            return several[0]
        begins, at = [np.zeros(1, dtype=np.int64)], 0
        for some in several:
            begins.append(some.begins[1:] + at)
            at += len(some.points)
        names = ("records", "x", "points")
        columns = {name: np.concatenate([getattr(some, name) for some in several]) for name in names}
        return cls(**columns, begins=np.concatenate(begins))

    def table(self) -> np.recarray[Any, Any]:
        """Return the record array that `Method.solve_many` returns; its curves are read-only."""
        out = np.empty(len(self.records), dtype=record_type(self.x.shape[1]))
        for name in RESULT.names or ():
            out[name] = self.records[name]
        out["x"], out["curve"] = self.x, parts(self.points, self.begins)
        return out.view(np.recarray)
