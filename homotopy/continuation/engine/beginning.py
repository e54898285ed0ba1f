"""The start of a path: its metric, its check, its polish and its tangent."""

from __future__ import annotations

from math import isfinite, nan

import numpy as np

from homotopy.continuation.engine.state import Plan, State
from homotopy.continuation.engine.units import learned
from homotopy.continuation.parts.iteration import rounding
from homotopy.continuation.point import Guess, Metric, Point
from homotopy.continuation.singular import is_singular
from homotopy.errors import ArgumentError, EvaluationError
from homotopy.objectives.base import Vector
from homotopy.status import Status

NEAR = 100.0  # start tolerances: how far, in the metric, a start may lie from the solution

__all__ = ["begin"]


def begin(plan: Plan, state: State, x: Vector) -> State:
    """Learn the metric, check the start, polish it, put it on the path, and return the state."""
    setting, t = plan.setting, plan.course.t0
    try:
        value, g = setting.homotopy.value_and_grad(x, t)
        norm = float(np.sqrt(g @ g))
    except (EvaluationError, OverflowError):
        value = norm = nan
    state.points = [Point(x, t, float(value), norm)]
    if not (isfinite(norm) and isfinite(value)):
        return state.ended(Status.NON_FINITE, f"{Status.NON_FINITE.value} at the start")
    setting.metric = state.metric = _metric(plan, x, t)
    tolerance, fixed = plan.limits.start_tolerance * setting.metric.residual, plan.steps.fixed
    unsolved = norm > tolerance and norm > 8.0 * rounding(setting.homotopy, (x, t), g, setting.metric)
    if unsolved or norm > fixed.tolerance * setting.metric.residual:
        found = fixed.correct(setting.homotopy, Guess(x, t, None, setting.metric))
        solved = found.status is Status.CONVERGED
        # Where F hardly moves with t its size is small, and only the way to the solution tells a solved start.
        if unsolved and not (solved and found.distance <= NEAR * plan.limits.start_tolerance):
            why = f"the gradient norm at t = {t:g} is {norm:.3g}, above {tolerance:.3g}"
            return state.ended(Status.BAD_START, f"{Status.BAD_START.value}: {why}")
        if solved:
            state.points = [Point(found.x, t, found.value, found.grad_norm, 0.0, found.n_iter)]
    return _with_tangent(plan, state)


def _metric(plan: Plan, x: Vector, t: float) -> Metric:
    """Return the metric to begin with: the course's, or what the start tells."""
    if plan.course.metric is not None:
        return plan.course.metric
    linear = plan.setting.linear if plan.tangents.wanted and plan.course.direction is None else None
    plain = plan.steps.metric(x.size)
    return learned(plan.setting.homotopy, plain, plan.course, (x, t), scale=plan.steps.scale, linear=linear)


def _with_tangent(plan: Plan, state: State) -> State:
    """Give the first point its tangent and spectrum, or end the path where the Hessian is singular.

    Raises
    ------
    ArgumentError
        If branch points were asked for without factors that know their determinant's sign.
    """
    point, direction, setting = state.last, plan.course.direction, plan.setting
    singular = f"{Status.SINGULAR.value} at the start, t = {point.t:g}"
    plain = plan.tangents.wanted and direction is None
    if plain and is_singular(setting.homotopy, point.x, point.t, linear=setting.linear):
        return state.ended(Status.SINGULAR, singular)
    try:
        state.points = [plan.tangents.first(point, direction)]
        setting.first = state.last
        state.values = plan.watch.at(state.last)
    except EvaluationError:
        return state.ended(Status.NON_FINITE, f"{Status.NON_FINITE.value} at the start")
    except np.linalg.LinAlgError:
        return state.ended(Status.SINGULAR, singular)
    if state.last.orientation == 0 and plan.observed.branch_points:
        raise ArgumentError("events: BranchPoint needs factors with det_sign(); matrix-free, use IndexChange")
    return state
