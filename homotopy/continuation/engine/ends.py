"""How a path ends: on its target, on a bound, or where it jumps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from homotopy.continuation.engine.landing import land
from homotopy.continuation.parts.events import Occurrence
from homotopy.continuation.point import Correction, Point
from homotopy.errors import EvaluationError
from homotopy.status import Status

if TYPE_CHECKING:
    from homotopy.continuation.engine.tracker import Tracker

__all__ = ["land_on", "reached", "report_jump"]


def land_on(tracker: Tracker, last: Point, point: Point, t: float) -> None:
    """End the path at a t that its last step crossed."""
    end = land(tracker.homotopy, tracker.fixed().tight(), (last, point), t, tracker.metric)
    if isinstance(end, Status):
        tracker.points.append(point)
        return tracker.end(Status.NOT_CONVERGED, f"the corrector at t = {t:g} failed: {end.value}")
    tracker.points.append(end)
    if not tracker.called():
        return None
    if t == tracker.target:
        return reached(tracker)
    message = f"the path left the range of t at {t:g}"
    return tracker.end(Status.TERMINAL_EVENT if tracker.target is None else Status.NOT_CONVERGED, message)


def reached(tracker: Tracker) -> None:
    """Check the end: the gradient below the final tolerance, and no jump on the way."""
    tolerance = tracker.fixed().tight().tolerance
    norm = tracker.points[-1].grad_norm
    if not norm <= tolerance:
        return tracker.end(Status.NOT_CONVERGED, f"the gradient norm at the target is {norm:.3g}")
    if tracker.jumped:
        return tracker.end(Status.NOT_CONVERGED, f"t = {tracker.target:g} was reached only after a jump")
    folds = sum(o.name == "LP" for o in tracker.occurrences)
    through = f" through {folds} fold{'s' if folds > 1 else ''}" if folds else ""
    return tracker.end(Status.REACHED_TARGET, Status.REACHED_TARGET.value + through)


def report_jump(tracker: Tracker, step: float, correction: Correction, status: Status) -> None:
    """Record a jump; end the path there, or go on from where it led."""
    last = tracker.points[-1]
    detail = tracker.guard.detail(last, correction, step)
    tracker.occurrences.append(Occurrence(tracker.jump.name, last, len(tracker.points) - 1, detail=detail))
    if tracker.jump.terminal:
        return tracker.end(status, f"{status.value}: {detail}")
    tracker.jumped, tracker.guard.suspicion, tracker.step = True, None, tracker.step_control.initial
    tracker.notes.append(f"jumped: {detail}")
    try:
        point = tracker.dresser.point(last, step, correction, len(tracker.points), fresh=True)
        tracker.watch.values = tracker.watch.at(point)
    except (np.linalg.LinAlgError, EvaluationError):
        return tracker.end(status, f"{status.value}: {detail}")
    tracker.points.append(point)
    return reached(tracker) if point.t == tracker.target else None
