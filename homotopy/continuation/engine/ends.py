"""How a path ends: on its target, on a bound, or where it jumps, and what lies beyond one that stops."""

from __future__ import annotations

import numpy as np

from homotopy.continuation.engine.state import Plan, State, Trial
from homotopy.continuation.parts.descents import LBFGS
from homotopy.continuation.parts.events import Occurrence, Setting
from homotopy.continuation.parts.linear import is_symmetric
from homotopy.continuation.parts.newton import Corrector, Newton
from homotopy.continuation.point import Correction, Guess, Point
from homotopy.errors import EvaluationError
from homotopy.objectives.curvature import Curvature, curvature_at
from homotopy.status import Status

__all__ = ["added", "beyond", "left_range", "mark", "reached", "report_jump", "stopped_at"]


def added(plan: Plan, state: State, point: Point) -> State:
    """Put a point on the path and call the callback with it; the path ends if it asks to stop."""
    state.points.append(point)
    if plan.observed.callback is not None:
        try:
            plan.observed.callback(point)
        except StopIteration:
            return state.ended(Status.STOPPED_BY_CALLBACK)
    return state


def mark(plan: Plan, state: State, point: Point) -> None:
    """Record a point at which the path starts, ends or was cut, if it is at a milestone."""
    if point.t in plan.course.milestones:
        here = (point, len(state.points) - 1, None, point.index, point.index)
        state.events.append(Occurrence("milestone", *here, metric=plan.setting.metric))


def reached(plan: Plan, state: State) -> State:
    """End the path at its target after a check: the gradient below the final tolerance, no jump, and what the end is.

    Toward an objective the Hessian there is looked at, and charged; a saddle or a maximum is no success.
    """
    norm, residual = state.last.grad_norm, plan.setting.metric.residual
    if not norm <= plan.steps.landing.tolerance * residual and not state.last.accuracy > 0.0:
        return state.ended(Status.NOT_CONVERGED, f"the gradient norm at the target is {norm:.3g}")
    if state.jumped:
        return state.ended(Status.NOT_CONVERGED, f"t = {plan.course.target:g} was reached only after a jump")
    folds = sum(event.name == "LP" for event in state.events)
    through = f" through {folds} fold{'s' if folds > 1 else ''}" if folds else ""
    state.end = _end(plan, state)
    where = "" if state.end is None else f", {'' if state.end.ok else 'but '}at {state.end}"
    return state.ended(Status.REACHED_TARGET, Status.REACHED_TARGET.value + through + where)


def _end(plan: Plan, state: State) -> Curvature | None:
    """Return what the end of a path toward an objective is; None of a path that has none, or no budget for it."""
    homotopy, point = plan.setting.homotopy, state.last
    if not hasattr(homotopy, "objective") or not is_symmetric(homotopy) or point.t != 1.0 or plan.spent(state):
        return None
    found = curvature_at(homotopy.at(point.t), point.x)
    state.tally.grad += found.counts.grad
    state.tally.hessp += found.counts.hessp
    return found


def stopped_at(plan: Plan, state: State, found: list[Occurrence], terminal: Occurrence) -> State:
    """End the path at a terminal event."""
    state.events.extend(found[: found.index(terminal) + 1])
    state = added(plan, state, terminal.point)
    if terminal.name == "closed":
        return state.ended(Status.TERMINAL_EVENT, terminal.detail)
    return state.ended(Status.TERMINAL_EVENT, f"{Status.TERMINAL_EVENT.value}: {terminal.name}")


def left_range(plan: Plan, state: State) -> State:
    """End the path at a bound, which is no success where there is a target."""
    status = Status.TERMINAL_EVENT if plan.course.target is None else Status.NOT_CONVERGED
    return state.ended(status, f"the path left the range of t at {state.last.t:g}")


def report_jump(plan: Plan, state: State, trial: Trial, status: Status) -> State:
    """Record a jump; end the path there, or go on from where it led."""
    last, jump = state.last, plan.observed.jump
    detail = plan.jumps.detail(last, trial.correction, trial.step, state.suspicion)
    state.events.append(Occurrence(jump.name, last, len(state.points) - 1, detail=detail, metric=plan.setting.metric))
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


def beyond(setting: Setting, last: Point, t: float) -> Correction | None:
    """Return the solution at t that a patient corrector finds from the last point of a natural path that stopped.

    None where it finds none, or one so near that no branch can have ended.
    """
    homotopy, metric = setting.homotopy, setting.metric
    patient: Corrector = LBFGS(max_iter=2000) if is_symmetric(homotopy) else Newton(max_iter=50)
    found = patient.correct(homotopy, Guess(last.x, t, None, metric))
    near = 2.0 * metric.norm(np.zeros_like(last.x), t - last.t)
    return found if found.status is Status.CONVERGED and found.distance > near else None
