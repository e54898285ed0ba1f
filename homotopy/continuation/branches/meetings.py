"""The branches that meet at a branch point: which of them are known already."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from homotopy.continuation.branches.explorer import Start, turned
from homotopy.continuation.parts.events import Occurrence
from homotopy.continuation.point import Metric, Point
from homotopy.continuation.results.path import Path, hermite

__all__ = ["SAME", "on_known"]

SAME = 1e-4  # two branch points nearer than this, in the metric, are one


def on_known(start: Start, starts: Sequence[Start], found: Occurrence, branches: Sequence[Path]) -> bool:
    """Whether a half-branch of a branch point lies on a branch that passes through the same point.

    It does if, of all half-branches, it is the one nearest to that branch at its distance from the point.
    """
    metric, point = found.metric, found.point
    assert metric is not None
    distance = metric.norm(start.point.x - point.x, start.point.t - point.t)
    own = [
        side for event, path in _passing(found, branches) if event is found for side in _sides(event, path, distance)
    ]
    for event, path in _passing(found, branches):
        if event is found:
            continue
        for side in _sides(event, path, distance):
            gaps = [_gap(metric, side, (other.point.x, other.point.t)) for other in starts]
            mine = _gap(metric, side, (start.point.x, start.point.t))
            if mine <= min(gaps) and mine < min([np.inf, *(_gap(metric, side, other) for other in own)]):
                return True
    return False


def _passing(found: Occurrence, branches: Sequence[Path]) -> list[tuple[Occurrence, Path]]:
    """Return the records of a branch point on all branches."""
    metric = found.metric
    assert metric is not None
    return [
        (event, path)
        for path in branches
        for event in path.events
        if event.name == "BP" and metric.norm(event.point.x - found.point.x, event.point.t - found.point.t) < SAME
    ]


def _gap(metric: Metric, a: tuple[Any, float], b: tuple[Any, float]) -> float:
    return metric.norm(a[0] - b[0], a[1] - b[1])


def _sides(event: Occurrence, path: Path, distance: float) -> list[tuple[Any, float]]:
    """Return the two points of a branch at a distance to both sides of a branch point on it."""
    metric, at, tangent = event.metric, event.point, event.point.tangent
    assert metric is not None
    assert tangent is not None
    found = []
    for sign, neighbor in ((-1.0, _neighbor(path, at, -1)), (1.0, _neighbor(path, at, 1))):
        away = tangent if sign > 0 else turned(tangent)
        x, t = at.x + distance * away.x, at.t + distance * away.t
        if neighbor is not None and neighbor.tangent is not None:
            other = neighbor.tangent if sign > 0 else turned(neighbor.tangent)
            length = metric.norm(neighbor.x - at.x, neighbor.t - at.t)
            scale = metric.norm(*other)
            u = min(1.0, distance / length)
            x = hermite(at.x, neighbor.x, away.x, other.x / scale, length, u)
            t = float(hermite(at.t, neighbor.t, away.t, other.t / scale, length, u))
        found.append((x, t))
    return found


def _neighbor(path: Path, at: Point, side: int) -> Point | None:
    """Return the path's point next to a place on it, None at an end."""
    beyond = [p for p in path.points if (p.s - at.s) * side > 1e-12]
    return None if not beyond else min(beyond, key=lambda p: abs(p.s - at.s))
