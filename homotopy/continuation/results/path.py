"""A tracked path: its points, its events, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from pathlib import Path as FilePath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.arguments import choice, number
from homotopy.continuation.parts.events import Occurrence
from homotopy.continuation.point import Metric, Point
from homotopy.continuation.results.files import plain, read, sound, write
from homotopy.continuation.results.plot import plot_path
from homotopy.continuation.results.table import Records, table, write_csv
from homotopy.doors import doors
from homotopy.errors import ArgumentError, TrackingError
from homotopy.objectives.base import Vector
from homotopy.status import Counts, Status

__all__ = ["Path", "hermite"]

_PLAIN: dict[str, tuple[type, ...]] = {
    "message": (str,),
    "seconds": (int, float),
    "target": (int, float, type(None)),
    "jumped": (bool,),
    "end": (str,),
    "saddle": (bool,),
}
"""What a header has, and of which types."""


@doors
@dataclass(frozen=True, repr=False)
class Path:
    """What `track` returns.

    Attributes
    ----------
    points : tuple of Point
        The accepted points, the start first.
    status : Status
        How the path ended.
    events : tuple of Occurrence
        Folds, branch points, jumps and what else was asked for, in order.
    counts : Counts
        Evaluations by kind, accepted and rejected steps.
    seconds : float
        Wall-clock time.
    message : str
        The ending in words, with what the status alone does not say.
    target : float or None
        The t aimed at.
    notes : tuple of str
        What a reader must know to trust the path: a perturbed start, a change from natural steps to arclength.
    jumped : bool
        Whether the path goes on after a jump; then it is no success, wherever it ends.
    metric : Metric or None
        The units that the path was measured in at its end: of x, t, and the residual.
    end : str
        What the end of a path toward an objective is, in words ("a minimum", "a saddle of index 2"); else empty.
    saddle : bool
        Whether it is a saddle or a maximum; then it is no success.
    """

    points: tuple[Point, ...]
    status: Status
    events: tuple[Occurrence, ...] = ()
    counts: Counts = field(default_factory=Counts)
    seconds: float = 0.0
    message: str = ""
    target: float | None = 1.0
    notes: tuple[str, ...] = ()
    jumped: bool = False
    metric: Metric | None = None
    end: str = ""
    saddle: bool = False

    @property
    def x(self) -> Vector:
        """The last point."""
        return self.points[-1].x

    @property
    def t(self) -> float:
        """The last t."""
        return self.points[-1].t

    @property
    def value(self) -> float:
        """H at the last point."""
        return self.points[-1].value

    @property
    def success(self) -> bool:
        """Whether the target t was reached from a solved start, with no jump, at an end that was checked.

        The end of a path toward an objective must not be a saddle or a maximum.
        """
        return self.status is Status.REACHED_TARGET and not self.jumped and not self.saddle

    @property
    def closed(self) -> bool:
        """Whether the path is a closed curve, and ends where it began."""
        return any(event.name == "closed" for event in self.events)

    @property
    def n_folds(self) -> int:
        """How many folds the path went through."""
        return sum(event.name == "LP" for event in self.events)

    def __repr__(self) -> str:
        """Return the outcome in a line."""
        events = ", ".join(f"{event.name} at t={event.point.t:.4g}" for event in self.events)
        return (
            f"Path(points={len(self.points)}, t={self.t:.6g}, value={self.value:.6g}, success={self.success}, "
            f"status={self.status.name}, events=[{events}], message={self.message!r})"
        )

    def column(self, name: str) -> NDArray[np.float64]:
        """Return one field of all points (``"t"``, ``"s"``, ``"value"``, ...) as an array.

        Raises
        ------
        ArgumentError
            If points have no number of that name.
        """
        choice("name", name, [one.name for one in fields(Point) if one.type in ("int", "float")])
        return np.array([getattr(point, name) for point in self.points], dtype=np.float64)

    def at(self, t: float) -> list[Point]:
        """Return all points where the branch crosses t, interpolated, in the order of the path.

        Cubic Hermite interpolation in arclength where both neighbors have tangents, else linear.
        """
        t = number("t", t)
        found: list[Point] = []
        if self.points[0].t == t:
            found.append(self.points[0])
        for a, b in zip(self.points, self.points[1:], strict=False):
            if b.t == t:
                found.append(b)
            elif (a.t - t) * (b.t - t) < 0:
                found.append(_between(a, b, t))
        return found

    def raise_for_status(self) -> Path:
        """Return the path if it is a success.

        Raises
        ------
        TrackingError
            If it is not; its message says why.
        """
        if not self.success:
            raise TrackingError(self.message or self.status.value)
        return self

    def save(self, file: str | FilePath) -> None:
        """Write the path to an .npz file without pickles (arrays, and JSON with a schema version)."""
        write(file, self.points, self.events, self.header())

    @classmethod
    def load(cls, file: str | FilePath) -> Path:
        """Return the path that `save` wrote.

        Raises
        ------
        DataError
            If the file is missing or is not one of these.
        """
        points, events, header = read(file)
        with sound(file):
            return cls.restored(points, events, header)

    def header(self) -> dict[str, Any]:
        """Return all but the points and the events, JSON-able."""
        own = {name: getattr(self, name) for name in _PLAIN}
        own["metric"] = self.metric and self.metric.plain()
        return {**own, "status": self.status.name, "notes": list(self.notes), "counts": self.counts.to_dict()}

    @classmethod
    def restored(cls, points: list[Point], events: list[Occurrence], header: dict[str, Any]) -> Path:
        """Return the path with these points and events, and a header that `header` made.

        Raises
        ------
        TypeError
            If there is no point, or an entry of the header is of another type.
        ArgumentError
            If the points are none.
        """
        own = {name: plain(header[name], *kinds) for name, kinds in _PLAIN.items() if name in header}
        if not isinstance(points, (list, tuple)) or not all(isinstance(point, Point) for point in points):
            raise ArgumentError("points must be a list of Point")
        if not points:
            raise TypeError
        if not all(isinstance(note, str) for note in plain(header["notes"], list)):
            raise TypeError
        counts = Counts(**{name: plain(value, int, float) for name, value in header["counts"].items()})
        status, metric = Status[header["status"]], Metric.restored(header.get("metric"))
        return cls(tuple(points), status, tuple(events), counts, notes=tuple(header["notes"]), metric=metric, **own)

    def shifted(self, s: float, steps: int) -> Path:
        """Return the path as the continuation of one of arclength s with so many points before."""
        points = tuple(replace(point, s=point.s + s) for point in self.points)
        moved = (replace(e, step=e.step + steps, point=replace(e.point, s=e.point.s + s)) for e in self.events)
        return replace(self, points=points, events=tuple(moved))

    def table(self, records: Records | None = None) -> np.recarray[Any, Any]:
        """Return the points as a record array, one row a step; see `table.table`."""
        return table([self], records)

    def to_csv(self, file: str | FilePath, records: Records | None = None) -> None:
        """Write the table with a header row."""
        write_csv(self.table(records), file)

    plot = plot_path


def _between(a: Point, b: Point, t: float) -> Point:
    length = b.s - a.s
    if a.tangent is None or b.tangent is None or length <= 0 or (b.t - a.t) * a.tangent.t <= 0:
        u = (t - a.t) / (b.t - a.t)
        return _point(a, b, u, (1 - u) * a.x + u * b.x, t)
    low, high = 0.0, 1.0
    for _ in range(60):
        u = 0.5 * (low + high)
        if (hermite(a.t, b.t, a.tangent.t, b.tangent.t, length, u) - t) * (b.t - a.t) < 0:
            low = u
        else:
            high = u
    return _point(a, b, u, hermite(a.x, b.x, a.tangent.x, b.tangent.x, length, u), t)


def hermite(p: Any, q: Any, dp: Any, dq: Any, length: float, u: float) -> Any:
    """Return the cubic with these values and slopes at the ends of an interval, a share u of its length from p."""
    v = 1.0 - u
    return v * v * (1 + 2 * u) * p + u * u * (3 - 2 * u) * q + length * u * v * (v * dp - u * dq)


def _point(a: Point, b: Point, u: float, x: Vector, t: float) -> Point:
    nearer = a if u < 0.5 else b
    s, value = (1 - u) * a.s + u * b.s, (1 - u) * a.value + u * b.value
    return Point(x, t, value, np.nan, nearer.step, 0, s, nearer.tangent, nearer.index, nearer.eigenvalues)
