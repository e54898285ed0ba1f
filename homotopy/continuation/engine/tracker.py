"""One path, step by step: predict, correct, judge, notice."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from homotopy.arguments import vector
from homotopy.continuation.counting import CountedHomotopy
from homotopy.continuation.engine.beginning import begin
from homotopy.continuation.engine.checkpoint import Checkpoint, fingerprint
from homotopy.continuation.engine.course import Course
from homotopy.continuation.engine.ends import mark
from homotopy.continuation.engine.settings import Limits, Observed, Steps
from homotopy.continuation.engine.state import Plan, State, plan
from homotopy.continuation.engine.stepping import correct, judge, notice, predict, refuse
from homotopy.continuation.results.path import Path
from homotopy.continuation.route.infinity import escaped
from homotopy.doors import door
from homotopy.interrupts import check
from homotopy.objectives.base import Vector
from homotopy.objectives.family import Homotopy
from homotopy.status import Status

__all__ = ["Tracker"]


@door
@dataclass(frozen=True, eq=False)
class Tracker:
    """A path that was asked for; `run` follows it, and may be called again.

    Parameters
    ----------
    homotopy : Homotopy
        The family; a root system is one with ``symmetric = False``.
    x0 : ndarray of shape (n,)
        Solves the problem at the course's t0.
    steps : Steps
        The parts of a step: predictor, corrector, step control.
    course : Course
        From where to where.
    observed : Observed
        What is looked at on the way.
    limits : Limits
        When to stop.

    Raises
    ------
    ArgumentError
        If x0 has not the homotopy's size.
    """

    homotopy: Homotopy
    x0: Vector
    steps: Steps
    course: Course = field(default_factory=Course)
    observed: Observed = field(default_factory=Observed)
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        object.__setattr__(self, "x0", vector("x0", self.x0, self.homotopy.size, "the homotopy"))

    def run(self, checkpoint: Checkpoint | None = None) -> Path:
        """Return the path.

        Parameters
        ----------
        checkpoint : Checkpoint or None
            Where the state is saved; a file that is there is gone on from.

        Raises
        ------
        DataError
            If the checkpoint is that of another run.
        """
        signature = "" if checkpoint is None else self.signature(checkpoint)
        with np.errstate(all="ignore"):
            saved = None if checkpoint is None else checkpoint.restored(signature)
            if isinstance(saved, Path):
                return saved
            state = State(self.steps.step_control.initial) if saved is None else saved
            counted = CountedHomotopy(self.homotopy, state.tally)
            made = plan(counted, self.steps, self.course, self.observed, self.limits, state=state)
            if state.points:
                made.setting.first = state.points[0]
                state.values = made.watch.at(state.last)
            else:
                state = begin(made, state, self.x0)
                mark(made, state, state.last)
            while state.status is None:
                check()
                before = len(state.points)
                state = _advance(made, state)
                if checkpoint is not None and len(state.points) > before and checkpoint.due(state):
                    checkpoint.save(state, state.path(self.course.target), signature)
        path = state.path(self.course.target)
        if checkpoint is not None and len(path.points) > 1:
            checkpoint.save(state, path, signature)
        return path

    def signature(self, checkpoint: Checkpoint) -> str:
        """Return the settings that the points depend on, in words; the limits are not among them."""
        steps, course, observed = self.steps, self.course, self.observed
        family = fingerprint(self.homotopy, None if checkpoint.perturbed else self.x0)
        told = [type(self.homotopy).__name__, self.homotopy.size, family, course.t0, course.target, course.span]
        told += [course.milestones] if course.milestones else []
        parts = [steps.predictor, steps.corrector, steps.step_control]
        events = [observed.jump, [event.name for event in observed.watched(natural=steps.natural)]]
        return "; ".join(map(str, [*told, *parts, *events, observed.wanted_spectrum()]))


def _advance(made: Plan, state: State) -> State:
    """Try one step: accept it, or refuse it and change the step."""
    if state.attempts >= made.limits.max_steps:
        return state.ended(Status.MAX_STEPS)
    if made.spent(state):
        return state.ended(Status.BUDGET_SPENT)
    state.attempts += 1
    step, guess = predict(made, state)
    correction = correct(made, guess)
    trial, metric = judge(made, state, step, correction), state.metric
    state = refuse(made, state, trial) if trial.point is None else notice(made, state, trial)
    return state if state.metric is metric and state.status is None else escaped(made, state)
