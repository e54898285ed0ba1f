"""The critical points of an objective: a sequence by value, with what is known of its completeness."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, replace
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from homotopy.arguments import each_of, one_of, shown
from homotopy.doors import doors
from homotopy.errors import ArgumentError, DataError
from homotopy.landscape.critical.coverage import Coverage, coverage_of
from homotopy.landscape.critical.point import CriticalPoint, morse_sum

__all__ = ["CriticalPoints"]

SCHEMA = 1
COUNTS = ("n_starts", "n_escaped", "n_failed")
_COLUMNS = [one.name for one in fields(CriticalPoint)]
_KINDS = {"x": "f", "value": "f", "grad_norm": "f", "eigenvalues": "f"}
_KINDS |= dict.fromkeys(("kind", "found_by", "verdict"), "U") | {"multiplicity": "Ui"}  # numbers in older files
"""The kinds of the columns' arrays; of the others whole numbers."""


@doors
class CriticalPoints(Sequence[CriticalPoint]):
    """Critical points, sorted by value and then by index.

    Parameters
    ----------
    objective : Objective
        What they are points of.
    points : iterable of CriticalPoint
        The points, in any order.
    n_starts : int
        Random starts that were searched from.
    n_escaped, n_failed : int
        Searches that went off to infinity, and searches that ended nowhere.
    notes : sequence of str
        Sentences on what was met.

    Attributes
    ----------
    coverage : Coverage
        What the hits say of points that are missing.
    """

    def __init__(
        self,
        objective: Any,
        points: Iterable[CriticalPoint],
        *,
        n_starts: int = 0,
        n_escaped: int = 0,
        n_failed: int = 0,
        notes: Sequence[str] = (),
    ) -> None:
        self.objective = objective
        self._points = tuple(
            sorted(each_of("points", points, CriticalPoint), key=lambda point: (point.value, point.index))
        )
        self.n_starts, self.n_escaped, self.n_failed = int(n_starts), int(n_escaped), int(n_failed)
        self.notes = tuple(notes)
        self.coverage: Coverage = coverage_of(point.hits for point in self._points)

    def __len__(self) -> int:
        return len(self._points)

    @overload
    def __getitem__(self, key: int) -> CriticalPoint: ...
    @overload
    def __getitem__(self, key: slice) -> tuple[CriticalPoint, ...]: ...
    def __getitem__(self, key: int | slice) -> CriticalPoint | tuple[CriticalPoint, ...]:
        return self._points[key]

    def __repr__(self) -> str:
        kinds = ", ".join(f"{len(some)} of index {index}" for index, some in self.by_index().items())
        return f"CriticalPoints({len(self)}: {kinds or 'none'})"

    @property
    def minima(self) -> list[CriticalPoint]:
        """The points without a negative eigenvalue, by value."""
        return [point for point in self if point.is_minimum]

    @property
    def saddles(self) -> list[CriticalPoint]:
        """The points with negative and positive eigenvalues, by value."""
        return [point for point in self if point.kind == "saddle"]

    def by_index(self) -> dict[int, list[CriticalPoint]]:
        """Return the points of each index, in ascending order of it; each list by value."""
        return {index: [p for p in self if p.index == index] for index in sorted({p.index for p in self})}

    @property
    def morse_sum(self) -> int | None:
        """The sum of multiplicity * (-1)^index; None where a point has zero eigenvalues, for which it is not defined.

        Of a function that grows without bound in all directions, all of whose critical points are not degenerate, it
        is 1 where all points are known (the Euler characteristic of the space; Milnor 1963, theorem 5.2). Another
        number says that points are missing; 1 is no proof, since those that are missing may cancel.
        """
        return morse_sum(self)

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return everything but the objective as arrays, for `numpy.savez`; texts as fixed-width strings."""
        arrays: dict[str, NDArray[Any]] = {"schema": np.array(SCHEMA)}
        for name in _COLUMNS:
            arrays[name] = np.array([getattr(point, name) for point in self])
        arrays["multiplicity"] = np.array([str(point.multiplicity) for point in self], dtype=np.str_)  # may pass int64
        if not len(self):
            empty = np.zeros((0, int(getattr(self.objective, "size", 0))))
            arrays["x"] = arrays["eigenvalues"] = empty
        arrays["counts"] = np.array([getattr(self, n) for n in COUNTS])
        arrays["notes"] = np.array(self.notes, dtype=np.str_)
        return arrays

    @classmethod
    def from_arrays(cls, objective: Any, arrays: Any) -> CriticalPoints:
        """Return the points that `to_arrays` wrote.

        Raises
        ------
        DataError
            If an array is missing or is another one, or they were written by another version.
        """
        one_of("arrays", arrays, Mapping, "a dictionary of arrays, or a file of them that numpy.load opened")
        names = ["schema", "counts", "notes", *_COLUMNS]
        lacking = [name for name in names if name not in arrays]
        if lacking:
            raise DataError(f"arrays lack {', '.join(lacking)}; they must be those of CriticalPoints.to_arrays")
        schema = np.asarray(arrays["schema"])
        if schema.shape != () or schema != SCHEMA:
            raise DataError(f"arrays have schema {shown(schema.tolist())}; this version reads schema {SCHEMA}")
        columns = {name: np.asarray(arrays[name]) for name in _COLUMNS}
        _check(columns, np.asarray(arrays["counts"]), np.asarray(arrays["notes"]), objective.size)
        points = []
        for i in range(len(columns["value"])):
            row = {name: np.asarray(columns[name][i]) for name in _COLUMNS}
            plain = {name: v.copy() if v.ndim else v.item() for name, v in row.items()}
            plain["multiplicity"] = int(plain["multiplicity"])
            points.append(CriticalPoint(**plain))  # type: ignore[arg-type]
        counts = dict(zip(COUNTS, np.asarray(arrays["counts"]).tolist(), strict=True))
        notes = [str(note) for note in arrays["notes"]]
        return cls(objective, points, notes=notes, **counts)

    def merged(self, other: CriticalPoints) -> CriticalPoints:
        """Return the points of both, symmetric copies merged, with hits, starts, escapes and failures added.

        Raises
        ------
        ArgumentError
            If the other points are of an objective of another size.
        """
        from homotopy.landscape.critical.known import Known  # here: reading points needs no symmetries

        mine, theirs = (int(one.objective.size) for one in (self, other))
        if mine != theirs:
            raise ArgumentError(f"other has points of {theirs} variables; these have {mine}")
        known = Known.of(self.objective, (*self, *other))
        for point in (*self, *other):
            known.add(point)
        notes = dict.fromkeys((*self.notes, *other.notes))
        counts = {n: getattr(self, n) + getattr(other, n) for n in COUNTS}
        return CriticalPoints(self.objective, known.points, notes=tuple(notes), **counts)

    def replaced(self, points: Iterable[CriticalPoint], notes: Sequence[str] | None = None) -> CriticalPoints:
        """Return the same census with other points, such as those to which verdicts were added, and other notes."""
        counts = {n: getattr(self, n) for n in COUNTS}
        return CriticalPoints(self.objective, points, notes=self.notes if notes is None else notes, **counts)

    def with_verdicts(self, verdicts: Iterable[str]) -> CriticalPoints:
        """Return the same census with a sentence beside each point, in order.

        Raises
        ------
        ArgumentError
            If they are not as many.
        """
        told = list(verdicts)
        if len(told) != len(self):
            raise ArgumentError(f"verdicts are {len(told)}, and there are {len(self)} points; one each is needed")
        return self.replaced(replace(p, verdict=v) for p, v in zip(self, told, strict=True))


def _check(columns: dict[str, Any], counts: Any, notes: Any, size: int) -> None:
    """Raise DataError where arrays are not those of critical points of so many variables."""
    n = len(columns["value"]) if columns["value"].ndim else -1
    good = counts.shape == (len(COUNTS),) and counts.dtype.kind == "i" and (counts >= 0).all() and notes.ndim == 1
    for name, column in columns.items():
        wide = name in ("x", "eigenvalues")
        good &= column.shape == ((n, size) if wide else (n,)) and (column.dtype.kind in _KINDS.get(name, "i") or not n)
        good &= column.dtype.kind != "f" or bool(np.isfinite(column).all())
        good &= column.dtype.kind != "i" or bool((column >= 0).all())
    good = good and all(re.fullmatch("[0-9]{1,4000}", str(copies)) for copies in columns["multiplicity"].tolist())
    if not good or notes.dtype.kind not in "Uf":  # an empty list of notes is an array of floats
        raise DataError("arrays are not those of CriticalPoints.to_arrays for this objective, or they are damaged")
