"""Milestones: steps that pass one are cut there, so that the path has a point at exactly that t."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import scipy

from homotopy.continuation.engine.course import ON_FOLD
from homotopy.continuation.engine.landing import Crossed, Probe, landed, stations
from homotopy.continuation.engine.state import Plan, State, Trial
from homotopy.continuation.parts.events import Occurrence
from homotopy.continuation.point import Correction, Point
from homotopy.errors import EvaluationError
from homotopy.status import Status

__all__ = ["cut"]


def cut(
    plan: Plan, state: State, trial: Trial, on_way: tuple[Sequence[Occurrence], Crossed | None], probe: Probe
) -> Trial | None:
    """Return the part of a step that ends at the first milestone it passes; None if it passes none.

    `on_way` are the events of the step, folds among them, and the target or bound that it passes: what lies beyond that
    is not looked at. The step passes a milestone again on the way back from a fold, unless the fold lies on it.
    """
    point = trial.point
    assert point is not None
    where = _first(plan, state.last, point, on_way)
    if where is None:
        return None
    t, pair = where
    end = landed(plan, state, t, pair, probe)
    if isinstance(end, Point):
        step = _length(plan, state, end, trial.step)
        solved = (end.x, t, end.value, end.grad_norm, Status.CONVERGED, end.n_iter, 0.0)
        found = Correction(*solved, accuracy=end.accuracy)
        try:
            point = plan.tangents.point(state.last, step, found, len(state.points))
            met = trial.met if trial.met is not None and trial.met.s < point.s else None
            return Trial(step, found, point, met=met)
        except (np.linalg.LinAlgError, EvaluationError):
            end = Status.SINGULAR
    if (t - pair[0].t) * (t - pair[1].t) > 0.0:  # a little beyond a fold, which does not reach it
        return None
    state.notes.append(f"the milestone t = {t:g} was passed without a point there: {end.value}")
    return None


def _first(
    plan: Plan, last: Point, point: Point, on_way: tuple[Sequence[Occurrence], Crossed | None]
) -> Crossed | None:
    """Return the first milestone that a step passes, and the points between which t passes it one way."""
    events, ending = on_way
    slack = ON_FOLD * plan.course.length
    for a, b in stations(last, point, events):
        low, high = min(a.t, b.t) - slack, max(a.t, b.t) + slack
        here = [t for t in plan.course.milestones if low <= t <= high and abs(t - a.t) > slack]
        end = ending[0] if ending is not None and ending[1] == (a, b) else None
        if here:
            t = min(here, key=lambda one: abs(one - a.t))
            return None if end is not None and abs(end - a.t) <= abs(t - a.t) else (t, (a, b))
        if end is not None:
            return None
    return None


def _length(plan: Plan, state: State, end: Point, most: float) -> float:
    """Return the step whose prediction the point corrects: then steps between lead to the points between."""
    last, metric = state.last, plan.setting.metric
    if plan.tangents.natural:
        return abs(end.t - last.t) / plan.course.length
    trail, predict = plan.trail(state), plan.steps.predictor.predict

    def beyond(step: float) -> float:
        guess = predict(plan.setting.homotopy, trail, step)
        assert guess.tangent is not None
        return metric.inner(end.x - guess.x, end.t - guess.t, *guess.tangent)

    try:
        return float(scipy.optimize.brentq(beyond, 0.0, 1.1 * most, xtol=1e-15, rtol=1e-14, disp=False))
    except ValueError:
        return min(most, metric.norm(end.x - last.x, end.t - last.t))
