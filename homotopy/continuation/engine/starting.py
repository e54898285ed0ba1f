"""The first point of a path: checked, polished, dressed."""

from __future__ import annotations

from math import isfinite, nan
from typing import TYPE_CHECKING

import numpy as np

from homotopy.continuation.parts.events import BranchPoint
from homotopy.continuation.point import Guess, Point
from homotopy.continuation.singular import is_singular
from homotopy.errors import ArgumentError, EvaluationError
from homotopy.status import Status

if TYPE_CHECKING:
    from homotopy.continuation.engine.tracker import Tracker

__all__ = ["begin", "dress"]


def begin(tracker: Tracker) -> None:
    """Check the start, polish it, and put it on the path."""
    x, t = tracker.x0, tracker.t0
    try:
        value, g = tracker.homotopy.value_and_grad(x, t)
        norm = float(np.sqrt(g @ g))
    except (EvaluationError, OverflowError):
        value = norm = nan
    point = Point(x, t, float(value), norm)
    tracker.points.append(point)
    if not (isfinite(norm) and isfinite(value)):
        return tracker.end(Status.NON_FINITE, f"{Status.NON_FINITE.value} at the start")
    if norm > tracker.start_tolerance:
        return tracker.end(
            Status.BAD_START,
            f"{Status.BAD_START.value}: the gradient norm at t = {t:g} is {norm:.3g}, "
            f"above {tracker.start_tolerance:.3g}",
        )
    fixed = tracker.fixed()
    if norm > fixed.tolerance:
        found = fixed.correct(tracker.homotopy, Guess(x, t, None, tracker.metric))
        if found.status is Status.CONVERGED:
            point = Point(found.x, t, found.value, found.grad_norm, 0.0, found.n_iter)
    tracker.points = [point]
    return dress(tracker, point)


def dress(tracker: Tracker, point: Point) -> None:
    """Give the first point its tangent and spectrum, or end the path where the Hessian is singular.

    Raises
    ------
    ArgumentError
        If a BranchPoint is watched for without factors that know their determinant's sign.
    """
    t = point.t
    singular = f"{Status.SINGULAR.value} at the start, t = {t:g}"
    plain = tracker.dresser.tangents and tracker.direction is None
    if plain and is_singular(tracker.homotopy, point.x, t, linear=tracker.linear):
        return tracker.end(Status.SINGULAR, singular)
    try:
        tracker.points = [tracker.dresser.first(point, tracker.direction)]
        tracker.watch.values = tracker.watch.at(tracker.points[0])
    except np.linalg.LinAlgError:
        return tracker.end(Status.SINGULAR, singular)
    except EvaluationError:
        return tracker.end(Status.NON_FINITE, f"{Status.NON_FINITE.value} at the start")
    if tracker.points[0].orientation == 0 and any(
        isinstance(event, BranchPoint) and event is not tracker.own for event in tracker.watch.events
    ):
        raise ArgumentError("events: BranchPoint needs factors with det_sign(); matrix-free, use IndexChange")
    return None
