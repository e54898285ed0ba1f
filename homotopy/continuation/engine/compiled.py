"""Whole traces in compiled code, for homotopies that bring their own (``trace``) and steps without Python parts."""

from __future__ import annotations

from math import inf, nan
from typing import Any

import numpy as np

from homotopy.continuation.engine.ends import land_on
from homotopy.continuation.engine.landing import crossing
from homotopy.continuation.engine.starting import dress
from homotopy.continuation.parts.events import BranchPoint, Fold, Occurrence
from homotopy.continuation.parts.linear import Auto
from homotopy.continuation.parts.newton import ArclengthNewton
from homotopy.continuation.parts.predictors import Tangent
from homotopy.continuation.parts.stepcontrol import Adaptive, Fixed
from homotopy.continuation.results.rows import Rows

__all__ = ["settings", "suits", "trace"]

CROSSED = 1  # of the codes of hp_trace


def suits(tracker: Any) -> bool:
    """Whether a compiled trace gives what the tracker would: its parts are the plain ones and nothing watches it."""
    return (
        hasattr(tracker.homotopy.inner, "trace")
        and type(tracker.predictor) is Tangent
        and type(tracker.corrector) is ArclengthNewton
        and type(tracker.corrector.linear) is Auto
        and _steps(tracker.step_control)
        and tracker.callback is None
        and tracker.checkpoint is None
        and tracker.direction is None
        and [type(event) for event in tracker.watch.events] == [Fold, BranchPoint]
        and not any(event.terminal or event.reject for event in tracker.watch.events)
        and tracker.jump.terminal
        and tracker.dresser.spectrum is None
        and tracker.budget.gradients == inf
        and tracker.budget.seconds == inf
    )


def _steps(control: Any) -> bool:
    return type(control) is Fixed or (type(control) is Adaptive and control.distance is None)


def settings(tracker: Any) -> dict[str, float]:
    """Return the fields of hp_settings (ext/arclength.h) for a tracker."""
    control, corrector = tracker.step_control, tracker.corrector
    fixed = type(control) is Fixed
    low, high = tracker.bounds
    return {
        "x_weight": tracker.metric.x_weight,
        "t_weight": tracker.metric.t_weight,
        "tolerance": corrector.tolerance,
        "final_tolerance": corrector.final_tolerance,
        "initial": control.initial,
        "minimum": 0.0 if fixed else control.minimum,
        "maximum": inf if fixed else control.maximum,
        "iterations": 0.0 if fixed else float(control.iterations or 0),
        "angle": 0.0 if fixed else control.angle or 0.0,
        "grow": 1.0 if fixed else control.grow,
        "shrink": 1.0 if fixed else control.shrink,
        "jump_ratio": tracker.guard.ratio,
        "low": low,
        "high": high,
        "target": nan if tracker.target is None else tracker.target,
        "limit": inf,
        "sense": tracker.sense,
        "max_iter": corrector.max_iter,
        "max_steps": tracker.max_steps,
        "fixed": int(fixed),
    }


def trace(tracker: Any) -> Any:
    """Advance a tracker that `suits` and has begun as far as compiled code goes.

    It goes to the largest number of steps or to a crossing of the target or a bound, where the tracker lands. Where a
    step fails for good, the tracker itself tries it again, and says why.
    """
    start = tracker.points[0]
    code, rows, folds, totals = tracker.homotopy.inner.trace(start.x, start.t, settings(tracker))
    if totals["n_points"] == 0:  # singular at the start
        return dress(tracker, start)
    points = Rows(rows)
    for fold in Rows(folds):
        before, tangent = fold.n_iter, fold.tangent
        kernel = None if tangent is None else tangent.x / np.linalg.norm(tangent.x)
        sides = points[before].index, points[before + 1].index
        tracker.occurrences.append(Occurrence("LP", fold, before, kernel, *sides))
    tracker.points = points
    tracker.rejected, tracker.attempts = int(totals["rejected"]), int(totals["attempts"])
    tracker.homotopy.n_grad += int(totals["n_grad"])
    tracker.homotopy.n_matrix += int(totals["n_solve"])
    tracker.step = totals["next_step"] or tracker.step
    tracker.watch.values = tracker.watch.at(points[-1])
    if code == CROSSED:
        point = tracker.points.pop()
        last = tracker.points[-1]
        crossed = crossing(last, point, tracker.target, tracker.bounds)
        step, sense = len(points) - 1, point.t - last.t
        if tracker.occurrences and tracker.occurrences[-1].step == step:
            tracker.occurrences[:] = [
                o for o in tracker.occurrences if o.step < step or (o.point.t - crossed) * sense <= 0
            ]
        assert crossed is not None
        return land_on(tracker, last, point, crossed)
    return None
