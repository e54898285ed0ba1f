"""The four steps of the tracker, one by one, on a state."""

import curves
import numpy as np
import pytest

from homotopy.continuation import (
    Adaptive,
    ArclengthNewton,
    Course,
    Jump,
    Limits,
    Newton,
    Observed,
    Steps,
    Tangent,
    Tracker,
)
from homotopy.continuation.counting import CountedHomotopy
from homotopy.continuation.engine.beginning import begin
from homotopy.continuation.engine.state import State, plan
from homotopy.continuation.engine.stepping import correct, judge, notice, predict, refuse
from homotopy.errors import ArgumentError
from homotopy.status import Budget, Counts, Status

ARCLENGTH = Steps(Tangent(), ArclengthNewton(), Adaptive())
NATURAL = Steps(Tangent(), Newton(), Adaptive())


def begun(steps=ARCLENGTH, *, course=None, observed=None, limits=None, start=curves.S_START):
    state = State(steps.step_control.initial)
    family = CountedHomotopy(curves.s_curve(), state.tally)
    made = plan(family, steps, course or Course(), observed or Observed(), limits or Limits())
    return made, begin(made, state, np.array(start))


def advanced(made, state):
    step, guess = predict(made, state)
    trial = judge(made, state, step, correct(made, guess))
    return refuse(made, state, trial) if trial.point is None else notice(made, state, trial)


def test_the_four_steps_by_hand_make_the_tracker_s_path():
    made, state = begun()
    n = 0
    while state.status is None:
        state = advanced(made, state)
        n += 1
    path = Tracker(curves.s_curve(), curves.S_START, ARCLENGTH).run()
    assert path.success
    assert n == path.counts.accepted + path.counts.rejected
    assert state.counts == path.counts
    assert (state.status, state.message) == (path.status, path.message)
    assert [p.x.tobytes() for p in state.points] == [p.x.tobytes() for p in path.points]
    assert [e.point.t for e in state.events] == [e.point.t for e in path.events]


def test_a_start_is_put_on_the_state_with_its_tangent():
    made, state = begun()
    assert (len(state.points), state.status, state.rejected) == (1, None, 0)
    assert state.last.tangent.t > 0
    assert len(state.values) == len(made.watch.events) == 2  # folds and branch points
    assert state.counts.grad > 0
    assert begun(start=[0.3])[1].status is Status.BAD_START
    assert begun(start=[np.nan])[1].status is Status.NON_FINITE


def test_a_refused_trial_shortens_the_step_and_leaves_the_points_alone():
    made, state = begun()
    step, guess = predict(made, state)
    failed = ArclengthNewton(max_iter=1, tolerance=1e-15).correct(curves.s_curve(), guess)
    trial = judge(made, state, step, failed)
    assert trial.point is None
    state = refuse(made, state, trial)
    assert state.step == 0.5 * step
    assert (state.rejected, len(state.points), state.status) == (1, 1, None)


def test_natural_steps_end_on_the_target_and_are_corrected_to_its_tolerance_there():
    whole = Steps(Tangent(), Newton(final_tolerance=1e-10), Adaptive(initial=1.0, maximum=1.0))
    made, state = begun(whole, course=Course(target=0.01))
    step, guess = predict(made, state)
    assert (step, guess.t) == (1.0, 0.01)  # a natural step is a part of the course
    assert correct(made, guess).grad_norm <= 1e-10 * made.setting.metric.residual
    state = advanced(made, state)
    assert state.status is Status.REACHED_TARGET


def test_a_suspicion_stays_in_the_state_until_it_is_cleared():
    made, state = begun(observed=Observed([Jump(ratio=1e-9)]))
    step, guess = predict(made, state)
    trial = judge(made, state, step, correct(made, guess))
    assert trial.point is None
    assert trial.correction.status is Status.NOT_CONVERGED
    assert state.suspicion[0] == step
    shorter = judge(
        made, state, 0.5 * step, correct(made, made.steps.predictor.predict(None, made.trail(state), 0.5 * step))
    )
    assert shorter.point is not None  # the error fell with the square of the step
    state = notice(made, state, shorter)
    assert state.suspicion is None


def test_a_budget_is_counted_in_evaluations_of_the_family():
    made, state = begun(limits=Limits(budget=Budget(gradients=20)))
    assert not made.spent(state)
    state.tally.hessp += 10
    assert made.spent(state)
    assert (
        state.counts.gradient_equivalents == Counts(grad=state.tally.grad, hessp=state.tally.hessp).gradient_equivalents
    )


def test_what_a_tracker_is_told_checks_itself():
    with pytest.raises(ArgumentError, match="step_control must be a StepControl object"):
        Steps(Tangent(), Newton(), 0.1)
    with pytest.raises(ArgumentError, match="bounds must be two numbers"):
        Course(bounds=(1, 0))
    with pytest.raises(ArgumentError, match="target must be a finite number other than the first t"):
        Course(0.5, 0.5)
    with pytest.raises(ArgumentError, match="max_steps must be an integer"):
        Limits(max_steps=0)
    with pytest.raises(ArgumentError, match="callback must be a function"):
        Observed(callback=3)
    assert (Course(0.2).span, Course(1.0, 0.0).span, Course(target=None).sense) == ((0.2, np.inf), (-np.inf, 1.0), 1.0)
