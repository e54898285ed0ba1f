"""Where an event happened: bisection and secants on the length of the step over it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.optimize import brentq

from homotopy.continuation.parts.events import Event, Occurrence, Setting
from homotopy.continuation.parts.linear import is_symmetric
from homotopy.continuation.parts.spectrum import Spectrum
from homotopy.continuation.point import Point
from homotopy.errors import EvaluationError

__all__ = ["locate", "occurrence"]

_Side = tuple[float, Any, Point]


def locate(
    event: Event,
    setting: Setting,
    probe: Callable[[float], Point | None],
    low: _Side,
    high: _Side,
) -> Point:
    """Return the point of an event between two sides (step, value, point).

    Parameters
    ----------
    event : Event
        What happened.
    setting : Setting
        What its function needs besides points.
    probe : callable
        Returns the curve's point at a step from the low side, or None where the corrector fails.
    low, high : tuple of float, float and Point
        The sides.

    Notes
    -----
    Stops when the bracket is at most ``event.tolerance * step``, or the event function is zero.
    Brent's method for a continuous function; bisection for any other, and where a probe fails, as it may on the
    event itself, whose linear systems can be singular.
    """
    tolerance = event.tolerance
    if event.continuous:
        found = _brent(event, setting, probe, (low, high), tolerance)
        if found is not None:
            return found
    (a, va, pa), (b, _, pb) = low, high
    whole = b - a
    while b - a > tolerance * whole:
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


def _brent(
    event: Event, setting: Setting, probe: Callable[[float], Point | None], sides: tuple[_Side, _Side], tolerance: float
) -> Point | None:
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
        root = brentq(function, a, b, xtol=tolerance * (b - a), rtol=1e-14, maxiter=60, disp=False)
        function(root)
    except _ProbeError:
        return None
    return min(seen.values(), key=lambda pair: abs(pair[0]))[1]


def occurrence(event: Event, setting: Setting, where: Point, last: Point, point: Point, step: int) -> Occurrence:
    """Return the record of a located event, with the null vector and the index on both sides."""
    kernel = event.null_vector(where, setting)
    return Occurrence(event.name, where, step, kernel, _index(setting, last), _index(setting, point))


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
