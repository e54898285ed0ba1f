"""The watch on a path's events: their values at a point, what happened between two, and where."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from homotopy.continuation.parts.events import BranchPoint, Event, Occurrence, Setting
from homotopy.continuation.parts.locate import locate, occurrence
from homotopy.continuation.point import Point

__all__ = ["Watch"]

_BRANCH_POINT = BranchPoint()
_PER_STEP = 20  # a pattern of many units may change several times within one step

Happened = list[tuple[Event, Any, Any]]


@dataclass(frozen=True, slots=True)
class Watch:
    """The events of one path.

    Attributes
    ----------
    events : sequence of Event
        What is watched.
    setting : Setting
        What the events may look at.
    """

    events: Sequence[Event]
    setting: Setting

    def at(self, point: Point) -> list[Any]:
        """Return the value of every event at a point."""
        return [event.value(point, self.setting) for event in self.events]

    def between(self, before: Sequence[Any], after: Sequence[Any]) -> Happened:
        """Return the events between two points with these values."""
        return [(event, a, b) for event, a, b in zip(self.events, before, after, strict=True) if event.happened(a, b)]

    def located(
        self,
        happened: Happened,
        probe: Callable[[float], Point | None],
        pair: tuple[Point, Point],
        *,
        step: float,
        number: int,
    ) -> list[Occurrence]:
        """Return the records of what happened between two points, in the order of the path.

        Parameters
        ----------
        happened : list of tuple of Event, float and float
            The events, with their values at the two points.
        probe : callable
            ``probe(step)`` returns the curve's point at a step from the first of the pair.
        pair : tuple of Point
            Between which points.
        step : float
            The step from the first to the second.
        number : int
            Accepted points until now.
        """
        last, point = pair
        found = []
        for event, a, b in happened:
            low = (0.0, a, last)
            for _ in range(1 if event.continuous else _PER_STEP):
                where = locate(event, self.setting, probe, low, (step, b, point))
                found.append(occurrence(event, self.setting, where, last, point, number))
                if event.continuous or where is point:
                    break
                low = (where.step, event.value(where, self.setting), where)
                if not event.happened(low[1], b):
                    break
        return sorted(found, key=lambda record: record.point.s)

    def jumped(self, found: Sequence[Occurrence], pair: tuple[Point, Point]) -> bool:
        """Whether a branch point among the records is none: its two sides lie on branches that do not meet there."""
        points = (record.point for record in found if record.name == _BRANCH_POINT.name)
        return any(_BRANCH_POINT.is_jump(point, pair, self.setting) for point in points)

    def terminal(self, found: Sequence[Occurrence]) -> Occurrence | None:
        """Return the first record of a terminal event."""
        names = {event.name for event in self.events if event.terminal}
        return next((record for record in found if record.name in names), None)
