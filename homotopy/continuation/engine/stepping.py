"""The four steps of a path: predict, correct, judge, notice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import inf, log
from typing import Any

import numpy as np

from homotopy.continuation.crossing.jumps import CONTRACTION, strays, turns_twice
from homotopy.continuation.crossing.passing import Passage, passed
from homotopy.continuation.engine.ends import added, beyond, left_range, mark, reached, report_jump, stopped_at
from homotopy.continuation.engine.landing import Crossed, crossed, land, straight
from homotopy.continuation.engine.state import Plan, State, Trial
from homotopy.continuation.engine.units import grown
from homotopy.continuation.parts.events import Occurrence
from homotopy.continuation.parts.newton import ArclengthNewton
from homotopy.continuation.parts.stepcontrol import Fixed
from homotopy.continuation.point import Correction, Direction, Guess, Point, Trail
from homotopy.continuation.route.milestones import cut
from homotopy.errors import EvaluationError
from homotopy.status import Status

CLOSE = 0.02  # a step, in the metric, that is short enough for a look at what lies ahead
LAST = 0.01  # of the course
SHARP = 1e-14  # a tolerance that only rounding meets
CROSSING = "another branch crosses there, and shorter steps do not tell which one is followed"

__all__ = ["correct", "judge", "notice", "predict", "refuse"]


def predict(plan: Plan, state: State) -> tuple[float, Guess]:
    """Return the length of the next step, and the guess there."""
    goal, left = _left(plan, state)
    if state.step < left * (1 - 1e-9):
        return state.step, plan.steps.predictor.predict(plan.setting.homotopy, plan.trail(state), state.step)
    guess = plan.steps.predictor.predict(plan.setting.homotopy, plan.trail(state), left)
    return left, Guess(guess.x, goal, guess.tangent, guess.metric)


def _left(plan: Plan, state: State) -> tuple[float, float]:
    """Return where natural steps end, which they do exactly, and how far that is; arclength steps are not bound."""
    course = plan.course
    if not plan.tangents.natural:
        return inf, inf
    aims = [course.span[1] if course.sense > 0.0 else course.span[0], course.target]
    ahead = [t for t in aims if t is not None and (t - course.t0) * course.sense >= 0.0]  # t0 may lie out of bounds
    goal = min(ahead, key=lambda t: abs(t - course.t0), default=inf)
    return goal, abs(goal - state.last.t) / course.length


def correct(plan: Plan, guess: Guess) -> Correction:
    """Return what the corrector makes of the guess; to the tolerance of the end where the guess is the target."""
    at_target = plan.tangents.natural and guess.t == plan.course.target
    corrector = plan.steps.tight if at_target else plan.steps.corrector
    return corrector.correct(plan.setting.homotopy, guess)


def judge(plan: Plan, state: State, step: float, correction: Correction) -> Trial:
    """Return the trial with its point, or without one where the step is refused; then perhaps with the end."""
    trial = _judged(plan, state, step, correction)
    if trial.point is None and not plan.tangents.natural:
        trial = trial._replace(end=straight(plan, state, step))
    return trial


def _judged(plan: Plan, state: State, step: float, correction: Correction) -> Trial:
    c, trail = correction, plan.trail(state)
    if c.status is not Status.CONVERGED:
        return Trial(step, c)
    try:
        point = plan.tangents.point(trail.last, step, c, len(state.points))
    except EvaluationError:  # before the other, of which a solution that is not finite is one, too
        return Trial(step, replace(c, status=Status.NON_FINITE))
    except np.linalg.LinAlgError:
        return Trial(step, replace(c, status=Status.SINGULAR))
    c = c.turned(plan.tangents.angle(trail.last, point))
    # Fixed steps cannot be shortened.
    coarse = not isinstance(plan.steps.step_control, Fixed) and _coarse(plan, trail.last, point, c)
    if not coarse:
        if not plan.steps.step_control.accepts(c):
            return Trial(step, replace(c, status=Status.NOT_CONVERGED))
        suspected, state.suspicion = plan.jumps.suspects(trail, point, step, c, state.suspicion)
        if suspected:
            return Trial(step, replace(c, status=Status.NOT_CONVERGED))
        passed_at = [e.point.s for e in state.events[-2:] if e.name == "BP"]
        if _arrives(plan, trail.last) or not plan.identity.suspects(trail, point, passed_at):
            return Trial(step, c, point)
    if step <= CLOSE and (not coarse or plan.identity.nears(trail.last, point, step)):
        way = _way_past(plan, state, step)
        if way is not None:
            return Trial(way.step, way.correction, way.point, met=way.met)
    return Trial(step, replace(c, status=Status.NOT_CONVERGED), why="" if coarse else CROSSING)


def _coarse(plan: Plan, last: Point, point: Point, correction: Correction) -> bool:
    """Whether the guess was too far off, or the step too long, to tell what lies between the two points."""
    if correction.contraction > CONTRACTION:
        return True
    if plan.tangents.natural:
        return False
    return turns_twice(last, point) or (not _arrives(plan, last) and strays(correction, point))


def _arrives(plan: Plan, last: Point) -> bool:
    """Whether the path is about to arrive at an objective: its Hessian is often singular there, and falls to that.

    A determinant that falls to zero then says nothing of other branches; the end is looked at by itself.
    """
    target = plan.course.target
    if target is None or not hasattr(plan.setting.homotopy, "objective"):
        return False
    return abs(target - last.t) < LAST * plan.course.length


def _way_past(plan: Plan, state: State, step: float) -> Passage | None:
    """Return the way past a point close ahead where the determinant touches zero, None where none is certain."""
    corrector: Any = plan.steps.tight
    if not isinstance(corrector, ArclengthNewton):
        return None
    last = state.last

    def complete(found: Correction, step: float) -> Point | None:
        try:
            return plan.tangents.point(last, step, found, len(state.points))
        except (np.linalg.LinAlgError, EvaluationError):
            return None

    return passed(plan.setting, replace(corrector, tolerance=SHARP), complete, last, step)


def refuse(plan: Plan, state: State, trial: Trial) -> State:
    """Change the step after a trial that is refused, or end the path."""
    if trial.end is not None:
        state = added(plan, state, trial.end)
        return state if state.status is not None else reached(plan, state)
    state.rejected += 1
    correction, control = trial.correction, plan.steps.step_control
    following = control.next(trial.step, correction)
    suspected = state.suspicion is not None and correction.status is Status.NOT_CONVERGED
    if not isinstance(following, Status):
        state.step = following
        if not suspected:
            state.suspicion = None
        return state
    if suspected:
        return report_jump(plan, state, trial, following)
    last = state.last
    if plan.tangents.natural and plan.observed.beyond and not plan.spent(state):
        t = last.t + plan.course.sense * plan.course.length * min(control.initial, _left(plan, state)[1])
        found = beyond(plan.setting, last, t)
        if found is not None:
            return report_jump(plan, state, Trial(abs(found.t - last.t) / plan.course.length, found), following)
    cause = "" if following is correction.status else f" ({trial.why or correction.status.value})"
    return state.ended(following, f"{following.value} at t = {last.t:.6g}{cause}")


def notice(plan: Plan, state: State, trial: Trial, *, whole: Trial | None = None) -> State:
    """Look for events on the way to the new point, and accept it, end the path before it, or refuse it.

    A trial that ends at a milestone is a part of the `whole` step, which chooses the length of the next.
    """
    last, point = state.last, trial.point
    assert point is not None
    try:
        values = plan.watch.at(point)
    except EvaluationError:
        return _refused(plan, state, trial, Status.NON_FINITE)
    happened = plan.watch.between(state.values, values)
    if happened and any(event.reject for event, _, _ in happened):
        return _refused(plan, state, trial, Status.NOT_CONVERGED)
    found: list[Occurrence] | None = []
    if happened:
        number, probes = len(state.points) - 1, (_probe(plan, state), _probe(plan, state, sharp=True))
        found = plan.watch.located(happened, probes, (last, point), step=trial.step, number=number)
    if found is None:
        state.suspicion = (trial.step, plan.setting.metric.norm(point.x - last.x, point.t - last.t))
        return _refused(plan, state, trial, Status.NOT_CONVERGED)
    if trial.met is not None:
        found = [*found, plan.watch.touched(trial.met, (last, point), number=len(state.points) - 1)]
    state.suspicion = None
    where = None if plan.tangents.natural else crossed(plan, last, point, found)
    if plan.course.milestones and whole is None:
        part = cut(plan, state, trial, (found, where), _probe(plan, state, sharp=True))
        if part is not None:
            return notice(plan, state, part, whole=trial)
    if where is not None:
        limit = where[1][1].s
        found = [record for record in found if record.point.s < limit and _before(record.point, where)]
    terminal = plan.watch.terminal(found) if found else None
    if terminal is not None:
        return stopped_at(plan, state, found, terminal)
    state.events.extend(found)
    if where is not None:
        return land(plan, state, point, where, _probe(plan, state, sharp=True))
    state.values = values
    if whole is not None:
        mark(plan, state, point)
    return _accept(plan, state, whole or trial, point)


def _before(point: Point, where: Crossed) -> bool:
    """Whether a place on the step lies before what it passed."""
    t, (a, b) = where
    return point.s <= a.s or (point.t - t) * (b.t - a.t) <= 0


def _refused(plan: Plan, state: State, trial: Trial, status: Status) -> State:
    """Refuse a trial for what was noticed on its way."""
    return refuse(plan, state, Trial(trial.step, replace(trial.correction, status=status)))


def _accept(plan: Plan, state: State, trial: Trial, point: Point) -> State:
    """Put the point on the path, and choose the next step or end the path there."""
    state = added(plan, state, point)
    if state.status is not None:
        return state
    course = plan.course
    if point.t == course.target:
        return reached(plan, state)
    if plan.tangents.natural and point.t == _left(plan, state)[0]:
        return left_range(plan, state)
    following = plan.steps.step_control.next(trial.step, trial.correction)
    if isinstance(following, Status):
        return state.ended(following)
    state.step = following
    return _outgrown(plan, state)


def _outgrown(plan: Plan, state: State) -> State:
    """Measure in larger units where the path has left those that it began with."""
    setting = plan.setting
    if plan.steps.scale is not None:
        return state
    metric = grown(setting.metric, plan.steps.metric(state.last.x.size), state.points[0], state.last)
    if metric is not setting.metric:
        setting.metric = state.metric = metric
        tangent = state.last.tangent
        if tangent is not None:
            length = metric.norm(*tangent)
            log_det = state.last.log_det + log(length)
            turned = Direction(tangent.x / length, tangent.t / length)
            state.points[-1] = replace(state.last, tangent=turned, log_det=log_det)
    return state


def _probe(plan: Plan, state: State, *, sharp: bool = False) -> Callable[[float], Point | None]:
    """Return the function that gives the curve's point at a step from the last one, None where it finds none.

    A sharp one is corrected to the last digit: close to another branch tolerances are not enough.
    """
    corrector: Any = plan.steps.tight
    if sharp and hasattr(corrector, "tolerance"):
        corrector = replace(corrector, tolerance=SHARP)
    indexed = any(event.needs_index for event in plan.watch.events)  # then located points need their index, too
    trail: Trail = plan.trail(state)

    def probe(step: float) -> Point | None:
        if plan.spent(state):
            return None
        homotopy = plan.setting.homotopy
        found = corrector.correct(homotopy, plan.steps.predictor.predict(homotopy, trail, step))
        if found.status is not Status.CONVERGED:
            return None
        try:
            return plan.tangents.point(trail.last, step, found, 0 if indexed else -1)
        except (np.linalg.LinAlgError, EvaluationError):
            return None

    return probe
