"""Natural steps while they go, pseudo-arclength from a little before the place where they fail."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from homotopy.continuation.engine.checkpoint import Checkpoint
from homotopy.continuation.engine.course import Course
from homotopy.continuation.engine.settings import Steps
from homotopy.continuation.engine.tracker import Tracker
from homotopy.continuation.parts.linear import is_symmetric
from homotopy.continuation.parts.predictors import Constant, Tangent
from homotopy.continuation.parts.stepcontrol import Adaptive
from homotopy.continuation.point import Point
from homotopy.continuation.results.path import Path
from homotopy.errors import EvaluationError
from homotopy.objectives.base import Vector
from homotopy.status import Budget, Status

__all__ = ["sweep_then_arclength"]

BACK_OFF = 0.05  # of the way to the failure

SWEEP = Adaptive(initial=0.05, minimum=2e-3, maximum=0.2)


class _Inertia:
    """A callback that stops a sweep where the Hessian's index, or the sign of its determinant, changes."""

    def __init__(self, tracker: Tracker) -> None:
        self.homotopy, self.linear, self.callback = tracker.homotopy, tracker.steps.linear, tracker.observed.callback
        self.first = self.at(tracker.x0, tracker.course.t0)
        self.changed = False

    def at(self, x: Vector, t: float) -> int | None:
        try:
            factors = self.linear.factor(self.homotopy, x, t)
        except (np.linalg.LinAlgError, EvaluationError):
            return None
        index = getattr(factors, "n_negative", None) if is_symmetric(self.homotopy) else None
        if index is None and hasattr(factors, "det_sign"):
            index = factors.det_sign()
        return None if index is None else int(index)

    def __call__(self, point: Point) -> None:
        index = self.at(point.x, point.t)
        self.changed = index is not None and self.first is not None and index != self.first
        if self.changed:
            raise StopIteration
        if self.callback is not None:
            self.callback(point)


def sweep_then_arclength(tracker: Tracker, checkpoint: Checkpoint | None = None) -> Path:
    """Return the path by natural steps as far as they go, then by pseudo-arclength.

    The tracker's corrector is an `ArclengthNewton`, whose tolerances and linear solver the sweep shares. While the path
    is on the way, each part is in a file beside the checkpoint's.

    Notes
    -----
    The sweep ends where Newton's method fails down to a step of 0.002, where a jump is told, or where the index of
    the Hessian (of a root system: the sign of the determinant) changes. Arclength then begins 5 % of the way before
    that place.
    """
    inertia = _Inertia(tracker)
    sweeper = replace(
        tracker,
        steps=Steps(tracker.steps.predictor, tracker.steps.fixed, SWEEP),
        observed=replace(tracker.observed, callback=inertia, beyond=False),
    )
    settings = ""
    if checkpoint is not None:
        steps = tracker.steps
        settings = f"auto; {sweeper.signature(checkpoint)}; {steps.corrector}; {steps.step_control}"
        finished = checkpoint.restored(settings)
        if isinstance(finished, Path):
            return finished
    sweep = sweeper.run(checkpoint and checkpoint.part("sweep"))
    last = sweep.points[-1]
    inertia.changed |= inertia.first is not None and inertia.at(last.x, last.t) not in (None, inertia.first)
    course = tracker.course
    at_bound = last.t in course.span and last.t not in (course.t0, course.target)
    why = None if at_bound else _why_ended(sweep, inertia)
    path = sweep if why is None else _finished_by_arclength(tracker, sweep, why, checkpoint)
    if checkpoint is not None and len(path.points) > 1:
        checkpoint.whole(path, settings)
    return path


def _why_ended(sweep: Path, inertia: _Inertia) -> str | None:
    """Return why the sweep ended where arclength goes on, None where it does not."""
    if inertia.changed and sweep.status is Status.STOPPED_BY_CALLBACK:
        return "the index changed"
    return sweep.message if sweep.status in (Status.STEP_TOO_SMALL, Status.NOT_CONVERGED) else None


def _finished_by_arclength(tracker: Tracker, sweep: Path, why: str, checkpoint: Checkpoint | None) -> Path:
    """Return the sweep's points up to 5 % before its end, at least the first, and the path from there by arclength."""
    course, limits, steps = tracker.course, tracker.limits, tracker.steps
    reached = (1.0 - BACK_OFF) * abs(sweep.points[-1].t - course.t0)
    kept = [p for p in sweep.points if abs(p.t - course.t0) <= reached] or [sweep.points[0]]
    last = kept[-1]
    left = Budget(
        max(limits.budget.gradients - sweep.counts.gradient_equivalents, 1e-9),
        max(limits.budget.seconds - sweep.seconds, 1e-9),
    )
    n_steps = max(1, limits.max_steps - sweep.counts.accepted - sweep.counts.rejected)
    rest = replace(
        tracker,
        x0=last.x,
        steps=replace(steps, predictor=Tangent()) if isinstance(steps.predictor, Constant) else steps,
        course=Course(last.t, course.target, course.span, milestones=course.milestones),
        limits=replace(limits, max_steps=n_steps, budget=left),
    )
    path = rest.run(checkpoint and checkpoint.part("rest"))
    return _joined(sweep, kept, path, f"by arclength from t = {last.t:.6g}, because by natural steps: {why}")


def _joined(sweep: Path, kept: list[Point], rest: Path, note: str) -> Path:
    """Return one path; the arclength of the first part is measured by its chords."""
    count = len(kept) - 1
    rest = rest.shifted(kept[-1].s, count)
    before = tuple(e for e in sweep.events if e.step < count and e.name != "jump")
    # A milestone at which the second part begins is the last of the first.
    after = tuple(e for e in rest.events if not (count and e.name == "milestone" and e.point.s == kept[-1].s))
    rest = replace(rest, points=(*kept, *rest.points[1:]), events=(*before, *after), notes=(note, *rest.notes))
    return replace(rest, counts=sweep.counts + rest.counts, seconds=sweep.seconds + rest.seconds)
