"""Closed-form paths, folds, and a case for every way to end."""

from dataclasses import replace

import curves
import numpy as np
import pytest

from homotopy.continuation import (
    LBFGS,
    Adaptive,
    ArclengthNewton,
    Constant,
    Course,
    DenseNewton,
    Event,
    Fixed,
    GradientDescent,
    GradientSystem,
    Jump,
    Limits,
    MoorePenrose,
    Newton,
    NewtonKrylov,
    Observed,
    Polynomial,
    RootSystem,
    Secant,
    SparseNewton,
    Steps,
    Tangent,
    Tracker,
    track,
)
from homotopy.errors import ArgumentError, EvaluationError, TrackingError
from homotopy.status import Budget, Status

PREDICTORS = [Constant(), Secant(), Tangent(), Polynomial(2), Polynomial(3)]
NATURAL = [Newton(), DenseNewton(), SparseNewton(), NewtonKrylov(), LBFGS(), GradientDescent()]
ARCLENGTH = [ArclengthNewton(), MoorePenrose(), ArclengthNewton(theta=0.9)]


def names(items):
    return [type(item).__name__ + str(getattr(item, "degree", "")) for item in items]


@pytest.mark.parametrize("predictor", PREDICTORS, ids=names(PREDICTORS))
@pytest.mark.parametrize("corrector", NATURAL, ids=names(NATURAL))
def test_a_moving_quadratic_is_followed_by_natural_steps(predictor, corrector):
    family, center = curves.moving_quadratic()
    path = track(family, predictor=predictor, corrector=corrector)
    assert path.success
    assert path.t == 1.0
    for point in path.points:
        np.testing.assert_allclose(point.x, center(point.t), atol=1e-5)
    np.testing.assert_allclose(path.x, center(1.0), atol=1e-8)
    assert path.points[-1].grad_norm <= corrector.final_tolerance * path.metric.residual


@pytest.mark.parametrize("predictor", PREDICTORS[1:], ids=names(PREDICTORS[1:]))
@pytest.mark.parametrize("corrector", ARCLENGTH, ids=names(ARCLENGTH))
def test_the_s_curve_is_followed_through_both_folds(predictor, corrector):
    path = track(curves.s_curve(), curves.S_START, predictor=predictor, corrector=corrector)
    assert path.success
    assert path.n_folds == 2
    assert path.x[0] == pytest.approx(curves.S_END, abs=1e-9)
    assert "2 folds" in path.message
    for event, t, x in zip(path.events, curves.S_FOLDS, (-1, 1), strict=True):
        assert event.name == "LP"
        assert event.point.t == pytest.approx(t, abs=1e-9)
        assert event.point.x[0] == pytest.approx(x / np.sqrt(3), abs=1e-6)
    assert [(e.index_before, e.index_after) for e in path.events] == [(0, 1), (1, 0)]


def test_root_systems_with_unsymmetric_jacobians_are_followed():
    for corrector in (ArclengthNewton(), DenseNewton(), SparseNewton(), NewtonKrylov()):
        path = track(curves.circle(), np.array([1.0, 0.0]), corrector=corrector)
        assert path.success
        np.testing.assert_allclose(path.x, [np.cos(3), np.sin(3)], atol=1e-9)


@pytest.mark.parametrize("predictor", PREDICTORS[:3], ids=names(PREDICTORS[:3]))
@pytest.mark.parametrize("corrector", NATURAL, ids=names(NATURAL))
@pytest.mark.parametrize("control", [Adaptive(), Fixed(0.05), Fixed(0.01)], ids=["adaptive", "fixed", "fine"])
def test_natural_tracking_over_a_fold_reports_the_jump_and_never_success(predictor, corrector, control):
    path = track(curves.s_curve(), curves.S_START, predictor=predictor, corrector=corrector, step_control=control)
    assert not path.success
    assert not path.status.ok
    assert path.events[-1].name == "jump"
    assert path.t <= curves.S_FOLDS[0] + 1e-6
    assert path.events[-1].point.t == path.t
    assert "another branch" in path.message


def test_a_path_may_go_on_after_a_jump_but_is_no_success():
    path = track(
        curves.s_curve(), curves.S_START, predictor=Constant(), corrector=LBFGS(), events=[Jump(terminal=False)]
    )
    assert path.t == 1.0
    assert path.x[0] == pytest.approx(curves.S_END, abs=1e-6)
    assert path.jumped
    assert not path.success
    assert path.status is Status.NOT_CONVERGED
    assert "jump" in path.message


def test_tracking_backward_and_to_other_targets():
    family, center = curves.moving_quadratic()
    path = track(family, center(2.0), t0=2.0, target=-1.0)
    assert path.success
    np.testing.assert_allclose(path.x, center(-1.0), atol=1e-8)
    assert np.all(np.diff(path.column("t")) < 0)


# ---------------------------------------------------------------- a case for every status


def test_reached_target():
    path = track(curves.s_curve(), curves.S_START)
    assert path.status is Status.REACHED_TARGET
    assert path.raise_for_status() is path


def test_converged_is_what_a_corrector_says():
    from homotopy.continuation import Guess

    found = DenseNewton().correct(curves.s_curve(), Guess(curves.S_START + 0.1, 0.0))
    assert found.status is Status.CONVERGED
    assert found.grad_norm <= 1e-8
    assert found.distance == pytest.approx(0.1, rel=1e-6)


def test_terminal_event_ends_the_path_at_the_event():
    event = Event("half", lambda point: point.t - 0.5, terminal=True)
    path = track(curves.s_curve(), curves.S_START, events=[event])
    assert path.status is Status.TERMINAL_EVENT
    assert path.t == pytest.approx(0.5, abs=1e-10)
    assert not path.success


def test_max_steps():
    path = track(curves.s_curve(), curves.S_START, max_steps=3)
    assert path.status is Status.MAX_STEPS
    assert path.counts.accepted + path.counts.rejected == 3
    with pytest.raises(TrackingError, match="largest number"):
        path.raise_for_status()


def test_step_too_small():
    control = Adaptive(initial=0.01, minimum=1e-4)
    path = track(curves.s_curve(), curves.S_START, corrector=DenseNewton(), step_control=control)
    assert path.status is Status.STEP_TOO_SMALL
    assert path.counts.rejected < 60


def test_not_converged():
    path = track(curves.s_curve(), curves.S_START, corrector=DenseNewton(max_iter=1), step_control=Fixed(0.1))
    assert path.status is Status.NOT_CONVERGED


def wall(at=0.4, *, raises=False):
    def grad(x, t):
        if t > at:
            if raises:
                raise EvaluationError("beyond the wall")
            return np.array([np.nan])
        return x - t

    return GradientSystem(grad, 1, jacobian=lambda x, t: np.eye(1), dt=lambda x, t: np.array([-1.0]))


@pytest.mark.parametrize("raises", [False, True])
def test_non_finite(raises):
    path = track(wall(raises=raises), np.zeros(1), corrector=DenseNewton(), step_control=Fixed(0.1))
    assert path.status is Status.NON_FINITE
    assert path.t == pytest.approx(0.4)
    soft = track(wall(raises=raises), np.zeros(1), step_control=Adaptive(minimum=1e-5))
    assert soft.status is Status.STEP_TOO_SMALL
    assert "not finite" in soft.message
    assert soft.t == pytest.approx(0.4, abs=2e-5)
    assert track(wall(), np.array([np.nan])).status is Status.NON_FINITE


def test_singular():
    flat = GradientSystem(
        lambda x, t: np.array([x[0] - t, 0.0]),
        2,
        jacobian=lambda x, t: np.diag([1.0, 0.0]),
        dt=lambda x, t: np.array([-1.0, 0.0]),
    )
    for corrector in (DenseNewton(), ArclengthNewton()):
        path = track(flat, np.zeros(2), corrector=corrector, on_singular="stop")
        assert path.status is Status.SINGULAR
        assert "at the start" in path.message


def test_bad_start():
    path = track(curves.s_curve(), np.array([0.3]))
    assert path.status is Status.BAD_START
    assert "gradient norm at t = 0" in path.message
    assert len(path.points) == 1


def test_budget_spent():
    assert track(curves.s_curve(), curves.S_START, budget=20).status is Status.BUDGET_SPENT
    assert track(curves.s_curve(), curves.S_START, budget=Budget(seconds=1e-9)).status is Status.BUDGET_SPENT


def test_stopped_by_callback():
    seen = []

    def callback(point):
        seen.append(point.t)
        if point.t > 0.2:
            raise StopIteration

    path = track(curves.s_curve(), curves.S_START, callback=callback)
    assert path.status is Status.STOPPED_BY_CALLBACK
    assert path.t == seen[-1] > 0.2
    assert len(seen) == path.counts.accepted


def test_a_path_that_turns_back_behind_its_start_is_no_success():
    # The circle (t - 0.3)^2 + x^2 = 0.1 meets t = 0 at x = +-0.1.
    ring = GradientSystem(
        lambda x, t: np.array([(t - 0.3) ** 2 + x[0] ** 2 - 0.1]),
        1,
        jacobian=lambda x, t: np.array([[2 * x[0]]]),
        dt=lambda x, t: np.array([2 * (t - 0.3)]),
    )
    path = track(ring, np.array([0.1]))
    assert path.status is Status.NOT_CONVERGED
    assert "left the range of t at 0" in path.message
    assert path.n_folds == 1
    assert path.x[0] == pytest.approx(-0.1, abs=1e-8)
    free = track(ring, np.array([0.1]), target=None, bounds=(0.0, 2.0))
    assert free.status is Status.TERMINAL_EVENT


# ---------------------------------------------------------------- arguments


def test_bad_arguments_are_refused_in_one_sentence():
    family = curves.s_curve()
    with pytest.raises(ArgumentError, match=r"x0 has shape \(2,\)"):
        track(family, np.zeros(2))
    with pytest.raises(ArgumentError, match="max_steps"):
        track(family, np.zeros(1), max_steps=0)
    with pytest.raises(ArgumentError, match="target"):
        track(family, np.zeros(1), target=0.0)
    with pytest.raises(ArgumentError, match="Constant works with natural"):
        track(family, curves.S_START, predictor=Constant())
    with pytest.raises(ArgumentError, match="theta"):
        track(family, curves.S_START, corrector=ArclengthNewton(theta=1.0))
    with pytest.raises(ArgumentError, match="tolerance"):
        DenseNewton(tolerance=0.0)
    with pytest.raises(ArgumentError, match="no start of its own"):
        track(family)


def test_a_tracker_is_what_was_asked_for_and_runs_as_often_as_one_likes():
    tracker = Tracker(
        curves.s_curve(),
        curves.S_START,
        Steps(Tangent(), ArclengthNewton(), Adaptive()),
        observed=Observed([Event("half", lambda point: point.t - 0.5, direction=-1)]),
        limits=Limits(max_steps=200),
    )
    first, second = tracker.run(), tracker.run()
    assert first.success
    assert [event.name for event in first.events] == ["LP", "half", "LP"]
    assert [p.x.tobytes() for p in first.points] == [p.x.tobytes() for p in second.points]
    assert first.counts == second.counts
    there = replace(tracker, course=Course(target=0.3)).run()
    assert there.success
    assert there.t == 0.3


def test_equal_calls_give_equal_paths():
    a, b = (track(curves.s_curve(), curves.S_START) for _ in range(2))
    assert [p.t for p in a.points] == [p.t for p in b.points]
    assert [p.x.tobytes() for p in a.points] == [p.x.tobytes() for p in b.points]


@pytest.mark.parametrize("mode", ["arclength", "natural", "auto"])
@pytest.mark.parametrize("way", [1.0, -1.0])
def test_a_path_ends_at_its_bounds_in_every_mode(mode, way):
    """Where its target lies beyond, it has not converged; where it has none, it has ended as it was asked to."""
    family = RootSystem(lambda x, t: np.sinh(x) - t, 1)

    def ended(bound, target, **more):
        bounds = tuple(sorted((-0.25 * way, bound * way)))
        target = target and target * way
        return track(family, np.zeros(1), mode=mode, bounds=bounds, target=target, **more)

    for target, status in ((1.0, Status.NOT_CONVERGED), (None, Status.TERMINAL_EVENT)):
        if target is None and way < 0:
            continue  # without a target t grows
        path = ended(0.5, target)
        assert (path.status, path.t, path.notes) == (status, 0.5 * way, ())
        assert path.message == f"the path left the range of t at {0.5 * way:g}"
        assert path.x == pytest.approx(np.arcsinh([path.t]), abs=1e-7)
        stone = ended(0.5, target, milestones=[0.3 * way, 0.5 * way])
        assert [e.point.t for e in stone.events if e.name == "milestone"] == [0.3 * way, 0.5 * way]
    for bound in (1.0, 2.0):
        assert ended(bound, 1.0).success
