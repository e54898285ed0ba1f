"""How a path ends: on its target, on a bound, or where it jumps."""

from __future__ import annotations

import numpy as np

from homotopy.continuation.engine.landing import land
from homotopy.continuation.engine.plan import Plan
from homotopy.continuation.engine.state import State, Trial
from homotopy.continuation.parts.events import Occurrence
from homotopy.continuation.point import Point
from homotopy.errors import EvaluationError
from homotopy.status import Status

__all__ = ["called", "land_on", "reached", "report_jump"]


def called(plan: Plan, state: State) -> State:
    """Call the callback with the newest point; the path ends if it asks to stop."""
    if plan.observed.callback is not None:
        try:
            plan.observed.callback(state.last)
        except StopIteration:
            return state.ended(Status.STOPPED_BY_CALLBACK)
    return state


def land_on(plan: Plan, state: State, point: Point, t: float) -> State:
    """End the path at a t between its last point and one beyond."""
    end = land(plan.setting, plan.steps.landing, (state.last, point), t)
    if isinstance(end, Status):
        state.points.append(point)
        return state.ended(Status.NOT_CONVERGED, f"the corrector at t = {t:g} failed: {end.value}")
    state.points.append(end)
    state = called(plan, state)
    if state.status is not None:
        return state
    if t == plan.course.target:
        return reached(plan, state)
    status = Status.TERMINAL_EVENT if plan.course.target is None else Status.NOT_CONVERGED
    return state.ended(status, f"the path left the range of t at {t:g}")


def reached(plan: Plan, state: State) -> State:
    """End the path at its target after a check: the gradient below the final tolerance, and no jump on the way."""
    norm = state.last.grad_norm
    if not norm <= plan.steps.landing.tolerance:
        return state.ended(Status.NOT_CONVERGED, f"the gradient norm at the target is {norm:.3g}")
    if state.jumped:
        return state.ended(Status.NOT_CONVERGED, f"t = {plan.course.target:g} was reached only after a jump")
    folds = sum(event.name == "LP" for event in state.events)
    through = f" through {folds} fold{'s' if folds > 1 else ''}" if folds else ""
    return state.ended(Status.REACHED_TARGET, Status.REACHED_TARGET.value + through)


def report_jump(plan: Plan, state: State, trial: Trial, status: Status) -> State:
    """Record a jump; end the path there, or go on from where it led."""
    last, jump = state.last, plan.observed.jump
    detail = plan.jumps.detail(last, trial.correction, trial.step, state.suspicion)
    state.events.append(Occurrence(jump.name, last, len(state.points) - 1, detail=detail))
    if jump.terminal:
        return state.ended(status, f"{status.value}: {detail}")
    state.jumped, state.suspicion, state.step = True, None, plan.steps.step_control.initial
    state.notes.append(f"jumped: {detail}")
    try:
        point = plan.tangents.point(last, trial.step, trial.correction, len(state.points), fresh=True)
        state.values = plan.watch.at(point)
    except (np.linalg.LinAlgError, EvaluationError):
        return state.ended(status, f"{status.value}: {detail}")
    state.points.append(point)
    return reached(plan, state) if point.t == plan.course.target else state
