"""Paths that run to infinity: |x| grows by orders while t tends to a limit, which is extrapolated."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from math import ceil, log10
from typing import Any

import numpy as np
import scipy

from homotopy.continuation.engine.state import Plan, State
from homotopy.continuation.point import Metric, Point
from homotopy.status import Status

__all__ = ["escaped", "limit"]

GROWTH = 1e8  # times the size of x in the beginning: a path that still goes on is given up
FAILED = 1e3  # the same for one that has failed
RATIO = 3.0  # of |x| between the points that are compared
RATES = (0.1, 10.0)  # the exponents q in t = limit - c |x|^-q that are looked for
EPS = float(np.finfo(np.float64).eps)
LOST = (Status.STEP_TOO_SMALL, Status.NOT_CONVERGED, Status.SINGULAR, Status.NON_FINITE)


def escaped(plan: Plan, state: State) -> State:
    """End a path that runs to infinity, or say it of one that has failed on its way there, and return the state."""
    if state.status is None:
        found = limit(state.points, plan.setting.metric, growth=GROWTH, agreement=0.02, triples=5)
    elif state.status in LOST and plan.observed.beyond and not state.jumped:
        found = limit(state.points, plan.setting.metric, growth=FAILED, agreement=0.05, triples=3)
    else:
        return state
    if found is None or _reaches(plan, state.points, found[0]):
        return state
    last = state.events[-1] if state.events else None
    if last is not None and last.name == "jump" and last.step == len(state.points) - 1:
        state.events.pop()  # the branch beyond is the one that comes back from infinity
    return state.ended(Status.RUNS_TO_INFINITY, f"{Status.RUNS_TO_INFINITY.value} at t = {_rounded(plan, *found):.10g}")


def limit(
    points: Sequence[Point], metric: Metric, *, growth: float, agreement: float, triples: int
) -> tuple[float, float] | None:
    """Return the limit of t on a path that runs to infinity, and its error; None on any other.

    Notes
    -----
    With m the distance of x from the start, in the metric, points of which each has at least three times the m of the
    one before are compared, the last one first. The path runs to infinity if m is `growth` times what it was within
    the first unit of arclength, if it grew from point to point, and if the last `triples` of them tell the same
    exponent q of ``t = limit - c m^-q``, to a part `agreement`: so t converges geometrically, as it does at a pole of
    order 1/q, and not on paths that only grow, along which q is zero (exp) or negative (powers of t). A t that stays
    the same to rounding has converged.
    """
    first, size = points[0], metric.norm(points[-1].x - points[0].x, 0.0)
    near = bisect_right(points, first.s + 1.0, key=lambda p: p.s)
    begin = [metric.norm(p.x - first.x, 0.0) for p in points[near - 1 : 0 : -max(1, near // 4)]]
    if not size > growth * max(begin, default=0.0) > 0.0:
        return None
    moved = [metric.norm(p.x - first.x, 0.0) for p in points]
    chosen = [len(points) - 1]
    for i in range(len(points) - 2, 0, -1):
        if not moved[i] < moved[i + 1]:
            break
        if moved[i] * RATIO <= moved[chosen[-1]]:
            chosen.append(i)
    if len(chosen) < triples + 2:
        return None
    m, t = [moved[i] for i in chosen], [points[i].t for i in chosen]
    rounding = 64.0 * EPS * max(map(abs, t[: triples + 2]))
    if max(t[: triples + 2]) - min(t[: triples + 2]) <= rounding:
        return t[0], rounding
    while len(t) >= triples + 2 and abs(t[0] - t[1]) <= 1e3 * rounding:
        m, t = m[1:], t[1:]
    if len(t) < triples + 2:
        return None
    rates = [_rate(m[i : i + 3], t[i : i + 3]) for i in range(triples)]
    known = [rate for rate in rates if rate is not None]
    if len(known) < triples or max(known) - min(known) > agreement * max(known):
        return None
    ends = [_end(m[i : i + 2], t[i : i + 2], known[i]) for i in (0, 1)]
    return ends[0], abs(ends[0] - ends[1]) + rounding


def _rate(m: Sequence[float], t: Sequence[float]) -> float | None:
    """Return the exponent q that three points tell, the last one first; None if none in the range."""
    if (t[0] - t[1]) * (t[1] - t[2]) <= 0.0:
        return None
    wanted = (t[0] - t[1]) / (t[1] - t[2])

    def off(q: float) -> float:
        a, b = float((m[0] / m[1]) ** -q), float((m[1] / m[2]) ** -q)
        return b * (1.0 - a) / (1.0 - b) - wanted

    low, high = RATES
    return None if off(low) * off(high) > 0.0 else float(scipy.optimize.brentq(off, low, high))


def _end(m: Sequence[float], t: Sequence[float], q: float) -> float:
    """Return the limit through two points, the last one first."""
    a = float((m[0] / m[1]) ** -q)
    return t[0] + (t[0] - t[1]) * a / (1.0 - a)


def _reaches(plan: Plan, points: Sequence[Point], end: float) -> bool:
    """Whether the path reaches its target or a bound before infinity."""
    last, sign = points[-1].t, 1.0 if end > points[-2].t else -1.0
    ahead: list[Any] = [plan.course.target, *plan.course.span]
    return any(t is not None and 0.0 < sign * (t - last) < 0.99 * sign * (end - last) for t in ahead)


def _rounded(plan: Plan, t: float, error: float) -> float:
    """Return the limit to the digits that are known; the target or a bound where it is that."""
    stops = [one for one in (plan.course.target, *plan.course.span) if one is not None]
    near = 10.0 * error + 1e-9 * plan.course.length
    return next((one for one in stops if abs(one - t) <= near), round(t, max(0, min(300, ceil(-log10(error or EPS))))))
