"""The watch on a path's events: their values at a point, what happened between two, and where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy

from homotopy.continuation.crossing.meeting import Probe, met
from homotopy.continuation.parts.events import BranchPoint, Event, Occurrence, Setting
from homotopy.continuation.parts.linear import is_symmetric
from homotopy.continuation.parts.spectrum import Spectrum
from homotopy.continuation.point import Point
from homotopy.errors import EvaluationError

__all__ = ["Watch"]

_PER_STEP = 20  # a pattern of many units may change several times within one step

BEYOND = 2.0  # of the step: a place on it is no further

Happened = list[tuple[Event, Any, Any]]
_Side = tuple[float, Any, Point]


@dataclass(frozen=True, slots=True)
class Watch:
    """The events of one path, and what they may look at."""

    events: Sequence[Event]
    setting: Setting

    def at(self, point: Point) -> list[Any]:
        """Return the value of every event at a point."""
        return [event.value(point, self.setting) for event in self.events]

    def between(self, before: Sequence[Any], after: Sequence[Any]) -> Happened:
        """Return the events between two points with these values."""
        return [(event, a, b) for event, a, b in zip(self.events, before, after, strict=True) if event.happened(a, b)]

    def located(
        self, happened: Happened, probes: tuple[Probe, Probe], pair: tuple[Point, Point], *, step: float, number: int
    ) -> list[Occurrence] | None:
        """Return the records of what happened between two points, in the order of the path.

        ``probe(step)`` returns the curve's point at a step from the first of the pair, which is the path's `number`-th;
        `step` leads to the second; the other probe does it to the last digit. None says that the two points lie on
        branches which do not meet between them.
        """
        (last, point), (probe, sharp) = pair, probes
        found = []
        for event, a, b in self._pinned(happened, pair):
            low = (0.0, a, last)
            if isinstance(event, BranchPoint):
                met_at = met(self.setting, sharp, ((0.0, last), (step, point)))
                if met_at is None:
                    return None
                found.append(_occurrence(event, self.setting, met_at, pair, number))
                continue
            for _ in range(1 if event.continuous else _PER_STEP):
                where = _locate(event, self.setting, probe, low, (step, b, point))
                # A probe may have left the curve, to which no record may then lead.
                if where.s - last.s > BEYOND * (point.s - last.s):
                    return None
                if event.confirmed(where, self.setting):
                    found.append(_occurrence(event, self.setting, where, pair, number))
                if event.continuous or where is point:
                    break
                low = (where.step, event.value(where, self.setting), where)
                if not event.happened(low[1], b):
                    break
        return sorted(found, key=lambda record: record.point.s)

    def _pinned(self, happened: Happened, pair: tuple[Point, Point]) -> Happened:
        """Return what is located of what happened between two points."""
        found: Happened = []
        for event, a, b in happened:
            for one in event.pinned(a, b):
                if one is not event:
                    a, b = (one.value(point, self.setting) for point in pair)
                found.append((one, a, b))
        return found

    def touched(self, where: Point, pair: tuple[Point, Point], *, number: int) -> Occurrence:
        """Return the record of a branch point at which the determinant keeps its sign."""
        event = next(event for event in self.events if isinstance(event, BranchPoint))
        return _occurrence(event, self.setting, where, pair, number)

    def terminal(self, found: Sequence[Occurrence]) -> Occurrence | None:
        """Return the first record of a terminal event."""
        names = {event.name for event in self.events if event.terminal}
        return next((record for record in found if record.name in names), None)


def _locate(event: Event, setting: Setting, probe: Probe, low: _Side, high: _Side) -> Point:
    """Return the point of an event between two sides (step, value, point), to ``event.tolerance`` of the step.

    Brent's method for a continuous function; bisection for any other, and where a probe fails, as it may on the
    event itself, whose linear systems can be singular.
    """
    found = _brent(event, setting, probe, (low, high)) if event.continuous else None
    if found is not None:
        return found
    (a, va, pa), (b, _, pb) = low, high
    whole = b - a
    while b - a > event.tolerance * whole:
        middle = 0.5 * (a + b)
        if not a < middle < b:
            break
        point = probe(middle) or probe(a + 0.4 * (b - a))
        if point is None:
            break
        value = event.value(point, setting)
        if event.happened(va, value):
            b, pb = point.step, point
        else:
            a, va, pa = point.step, value, point
    if event.continuous and abs(event.test(pa, setting)) < abs(event.test(pb, setting)):
        return pa
    return pb


class _ProbeError(Exception):
    """A probe's corrector failed."""


def _brent(event: Event, setting: Setting, probe: Probe, sides: tuple[_Side, _Side]) -> Point | None:
    """Return the root of a continuous event function, None where a probe fails."""
    (a, _, pa), (b, _, pb) = sides
    va, vb = event.test(pa, setting), event.test(pb, setting)
    seen: dict[float, tuple[float, Point]] = {a: (va, pa), b: (vb, pb)}

    def function(step: float) -> float:
        if step not in seen:
            point = probe(step)
            if point is None:
                raise _ProbeError
            seen[step] = (event.test(point, setting), point)
        return float(seen[step][0])

    if va * vb > 0.0:  # an event that is no plain change of sign
        return None
    try:
        root = scipy.optimize.brentq(function, a, b, xtol=event.tolerance * (b - a), rtol=1e-14, maxiter=60, disp=False)
        function(root)
    except _ProbeError:
        return None
    return min(seen.values(), key=lambda pair: abs(pair[0]))[1]


def _occurrence(event: Event, setting: Setting, where: Point, pair: tuple[Point, Point], step: int) -> Occurrence:
    """Return the record of a located event, with the null vector and the index on both sides."""
    kernel = event.null_vector(where, setting)
    indices = (_index(setting, pair[0]), _index(setting, pair[1]))
    detail = event.detail(where, setting)
    return Occurrence(event.name, where, step, kernel, *indices, detail, metric=setting.metric)


def _index(setting: Setting, point: Point) -> int:
    """Return the index at a point: known, or from the inertia of factors, or -1."""
    homotopy = setting.homotopy
    if point.index >= 0 or not is_symmetric(homotopy):
        return point.index
    try:
        factors = setting.linear.factor(homotopy, point.x, point.t)
    except (np.linalg.LinAlgError, EvaluationError):
        return -1
    negative = getattr(factors, "n_negative", None)
    if negative is None and homotopy.size <= 100:
        return Spectrum().index(homotopy, point.x, point.t)[0]
    return -1 if negative is None else int(negative)
