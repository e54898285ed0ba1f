"""A curve that closes: back at its start, in the same direction."""

from __future__ import annotations

from math import inf
from typing import Any

from homotopy.continuation.parts.events import Event, Setting
from homotopy.continuation.parts.newton import ArclengthNewton
from homotopy.continuation.point import Guess, Point
from homotopy.status import Status

__all__ = ["Closed"]

SAME = 1e-7  # in the metric: a pass of the start that is nearer is a return, for both points are sharp
STEPS, LEAST = 16.0, 0.02  # so many steps, at least of this length, from the start is far away
FAR = (0.0, inf)
ALONG = 1.0 - 1e-6  # cosine of the angle between the tangents of start and return


class Closed(Event):
    """The path is back at its start, in the same direction. It is watched for by arclength, unless t0 bounds the way.

    Parameters
    ----------
    whole : bool
        Whether points are whole steps apart, so that one of many steps away need not be looked at closely.

    Notes
    -----
    Where the path crosses the plane through its start that is normal to the tangent there, somewhere near, that place
    is located. It is the start if both, corrected to the last digits, are the same to 1e-7 in the metric, and their
    tangents to 1.4e-3 radians: a curve that crosses itself at its start, or passes close by, has not closed.
    """

    def __init__(self, *, whole: bool = True) -> None:
        super().__init__("closed", lambda point: 0.0, terminal=True)
        self.whole = whole

    def value(self, point: Point, setting: Setting) -> Any:
        """Return how far beyond the start the point lies, and how far away."""
        first, metric = setting.first, setting.metric
        if first is None or first.tangent is None or point.tangent is None:
            return FAR
        dt, reach = point.t - first.t, STEPS * max(point.step, LEAST)
        if self.whole and metric.t_weight * dt * dt > reach * reach:  # a glance, for most points
            return FAR
        dx = point.x - first.x
        away = metric.norm(dx, dt)
        if (self.whole and away > reach) or metric.inner(*point.tangent, *first.tangent) <= 0.0:
            return FAR
        return metric.inner(dx, dt, *first.tangent), away

    def test(self, point: Point, setting: Setting) -> Any:
        """Return how far beyond the start the point lies."""
        first = setting.first
        assert first is not None
        assert first.tangent is not None
        return setting.metric.inner(point.x - first.x, point.t - first.t, *first.tangent)

    def happened(self, before: Any, after: Any) -> bool:
        """Whether the start's normal plane was crossed somewhere near it."""
        near: bool = before[0] < 0.0 <= after[0] and before[1] + after[1] < 4.0 * (after[0] - before[0])
        return near

    def confirmed(self, where: Point, setting: Setting) -> bool:
        """Whether the place is the start."""
        first, metric = setting.first, setting.metric
        if first is None or first.tangent is None or where.tangent is None:
            return False
        tangent = metric.unit(*first.tangent)  # the metric may have been learned anew
        sharp = ArclengthNewton(tolerance=1e-13, max_iter=16, linear=setting.linear)
        found = [
            sharp.correct(setting.homotopy, Guess(near.x, near.t, tangent, metric)) for near in (first, where)
        ]  # in the same plane, so that both end at one point if they are near it
        if any(one.status is not Status.CONVERGED for one in found):
            return False
        gap = metric.norm(found[1].x - found[0].x, found[1].t - found[0].t)
        slack = SAME + 10.0 * max(one.accuracy for one in found)
        return gap <= slack and metric.inner(*where.tangent, *tangent) > ALONG

    def detail(self, where: Point, setting: Setting) -> str:
        """Return the words for it."""
        return "the curve is closed"
