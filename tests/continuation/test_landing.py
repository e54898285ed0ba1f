"""How a path ends at its target or a bound: by Newton's method at fixed t, along the curve, at a double root."""

from dataclasses import replace
from math import sqrt
from types import SimpleNamespace

import curves
import numpy as np
import pytest

from homotopy.continuation import (
    Adaptive,
    ArclengthNewton,
    Course,
    Dense,
    Direction,
    GradientSystem,
    Jump,
    Limits,
    Metric,
    Newton,
    Observed,
    Occurrence,
    Point,
    RootSystem,
    Steps,
    Tangent,
    track,
)
from homotopy.continuation.counting import CountedHomotopy
from homotopy.continuation.crossing import passing
from homotopy.continuation.engine import ends, landing
from homotopy.continuation.engine.beginning import begin
from homotopy.continuation.engine.state import State, Trial, plan
from homotopy.continuation.parts.events import Setting
from homotopy.continuation.point import Correction
from homotopy.continuation.route import milestones
from homotopy.homotopies import Proximal
from homotopy.objectives.functions import Quadratic
from homotopy.status import Budget, Status

SEEDS = pytest.mark.parametrize("seed", range(4))


def begun(family, start, **told):
    """A path at its start, by arclength, and its plan."""
    state = State(0.02)
    steps = told.pop("steps", Steps(Tangent(), ArclengthNewton(), Adaptive()))
    course = told.pop("course", Course())
    made = plan(CountedHomotopy(family, state.tally), steps, course, Observed(**told), Limits())
    return made, begin(made, state, np.asarray(start, dtype=float))


def parabola(scale=1.0, *, gradient=False):
    """scale (x^2 - (1 - t)): a fold at t = 1."""
    value = {"value": lambda x, t: scale * (x[0] ** 3 / 3 - (1 - t) * x[0])} if gradient else {}
    return (GradientSystem if gradient else RootSystem)(
        lambda x, t: scale * (x**2 - (1 - t)),
        1,
        jacobian=lambda x, t: np.diag(2 * scale * x),
        dt=lambda x, t: np.full(1, scale),
        **value,
    )


def on_curve(made, state, u):
    """The point x = u of the parabola."""
    t = 1 - u * u
    last = state.points[0]
    tangent = made.setting.metric.unit(np.array([-1.0]), 2 * u)
    s = made.setting.metric.norm(np.array([u]) - last.x, t - last.t)
    return Point(np.array([u]), t, 0.0, 0.0, step=s, s=s, tangent=tangent, orientation=1)


@SEEDS
def test_a_target_between_two_points_is_solved_at_fixed_t(seed):
    rng = np.random.default_rng(seed)
    made, state = begun(parabola(), [1.0])
    u, v = 0.9, 0.6
    a, b = on_curve(made, state, u), on_curve(made, state, v)
    t = rng.uniform(a.t + 0.05, b.t - 0.05)
    end = landing.landed(made, state, t, (a, b), lambda step: None)
    assert end.x[0] == pytest.approx(sqrt(1 - t), abs=1e-12)
    assert (end.t, end.step, end.grad_norm < 1e-12) == (t, b.step, True)
    assert end.n_iter > 0
    first = state.points[0]
    assert end.s == pytest.approx(made.setting.metric.norm(end.x - first.x, t))
    # From points that lie close together a root further away is not taken.
    for off, good in ((1e-4, True), (-1e-4, True), (0.1, False)):
        close = [Point(a.x + off + d, a.t + d, 0.0, 0.0) for d in (0.0, 1e-3)]
        end = landing._fixed(made, state, a.t + 5e-4, tuple(close))
        assert (end is not Status.NOT_CONVERGED) == good
    assert landing._fixed(made, state, b.t + 1e-3, (a, b)) is Status.NOT_CONVERGED  # it is not between them


@SEEDS
def test_where_none_is_found_at_fixed_t_the_curve_is_followed(seed):
    """To the step at which it has the t."""
    rng = np.random.default_rng(seed)
    way, t = rng.uniform(0.5, 2), rng.uniform(0.2, 0.4)

    def probe(step):
        return Point(np.array([way * step]), step + 0.1 * step**2, 0.0, 0.0, step=step)

    last = probe(0.0)
    pair = (last, probe(0.5))
    found = landing._by_arclength(t, last, pair, probe)
    assert found.t == pytest.approx(t, abs=1e-12)
    assert found.x[0] == pytest.approx(way * found.step)
    assert landing._by_arclength(t, last, (probe(0.1), probe(0.5)), probe).t == pytest.approx(t, abs=1e-12)
    assert landing._by_arclength(t, last, (probe(0.45), probe(0.5)), probe) is None
    assert landing._by_arclength(t, last, pair, lambda step: None if 0.01 < step < 0.5 else probe(step)) is None


@pytest.mark.parametrize("residual", [1e-6, 1.0, 1e5])
def test_a_double_root_is_an_end_whose_accuracy_is_told(residual):
    """x^2 = 1 - t at t = 1: x is wrong by the root of what F is wrong by."""
    made, state = begun(parabola(residual), [1.0])
    size = made.setting.metric.residual
    for off, good in ((0.0, True), (0.5e-10, True), (0.9e-10, True), (1.1e-10, False), (1e-4, False)):
        x = sqrt(off * size / residual)
        near = Point(np.array([x]), 1.0 - 1e-9, 0.0, 0.0, s=3.0, step=0.5)
        end = landing._as_end(made, state, near, 1.0)
        assert (end is not None) == good
        if good:
            accuracy = max(sqrt(off), 1e-8)
            assert (end.t, end.x is near.x, end.s) == (1.0, True, 3.0)
            assert end.grad_norm == pytest.approx(residual * x * x, abs=1e-30)
            assert end.accuracy == pytest.approx(accuracy)
            assert state.notes[-1] == f"t = 1 is a double root: x there is accurate to about {accuracy:.1g} of its size"


def test_a_fold_that_lies_on_the_target_is_the_end():
    """It is not looked for at fixed t, where Newton's method only halves its error."""
    for u, fold in ((0.5e-5, True), (0.9e-5, True), (4e-5, False)):  # the last one is 1.6e-9 before the target
        made, state = begun(parabola(), [1.0])
        a, b = on_curve(made, state, 0.2), on_curve(made, state, u)
        end = landing.landed(made, state, 1.0, (a, b), lambda step: None)
        assert (isinstance(end, Point) and end.x is b.x) == fold
        assert len(state.notes) == fold
    made, state = begun(parabola(), [1.0])
    b = on_curve(made, state, 0.9e-5)
    steep = replace(b, tangent=Direction(np.zeros(1), 1.0))
    for other in (replace(b, orientation=0), replace(b, tangent=None), steep):
        end = landing.landed(made, state, 1.0, (on_curve(made, state, 0.2), other), lambda step: None)
        assert not isinstance(end, Point) or end.x is not b.x


@pytest.mark.parametrize("gradient", [False, True])
def test_a_path_ends_on_a_fold(gradient):
    path = track(parabola(gradient=gradient), [1.0])
    assert path.success
    assert path.t == 1.0
    assert abs(path.x[0]) < 1e-4
    assert path.points[-1].accuracy > 0
    assert "double root" in path.notes[-1]


# ---------------------------------------------------------------- what the end is called


def test_a_jump_is_recorded_and_gone_on_from_where_it_may():
    for terminal in (True, False):
        made, state = begun(curves.s_curve(), curves.S_START, events=[Jump(terminal=terminal)])
        state.suspicion, state.step = (0.1, 0.25), 0.07
        x = np.array([curves.S_END])
        found = Correction(x, 1.0, 2.0, 1e-15, Status.CONVERGED, 3, 0.5)
        last = state.last
        state = ends.report_jump(made, state, Trial(0.1, found), Status.STEP_TOO_SMALL)
        jump = state.events[-1]
        moved = made.setting.metric.norm(x - last.x, 1.0)
        detail = f"a step of 0.1 from t = 0 leads {moved:.3g} away, 0.25 off its prediction, to another branch"
        assert (jump.name, jump.point is last, jump.step, jump.detail) == ("jump", True, 0, detail)
        assert jump.metric is made.setting.metric
        if terminal:
            assert (state.status, state.message) == (
                Status.STEP_TOO_SMALL,
                f"{Status.STEP_TOO_SMALL.value}: {detail}",
            )
            assert (len(state.points), state.jumped) == (1, False)
        else:
            assert (state.jumped, state.suspicion, state.step, len(state.points)) == (True, None, 0.02, 2)
            assert state.notes == [f"jumped: {detail}"]
            assert (state.status, state.message) == (Status.NOT_CONVERGED, "t = 1 was reached only after a jump")
            assert state.last.tangent.t > 0


def test_an_end_is_checked_before_it_is_called_one():
    def reached(norm, *, accuracy=0.0, jumped=False, folds=0, corrector=ArclengthNewton(final_tolerance=1e-8)):  # noqa: B008
        made, state = begun(curves.s_curve(), curves.S_START, steps=Steps(Tangent(), corrector, Adaptive()))
        state.points.append(Point(np.ones(1), 1.0, 0.0, norm * made.setting.metric.residual, accuracy=accuracy))
        state.events = [Occurrence(name, state.last, 0) for name in ["LP"] * folds + ["BP"]]
        state.jumped = jumped
        return ends.reached(made, state)

    good = Status.REACHED_TARGET
    assert (reached(0.9e-8).status, reached(0.9e-8).message) == (good, good.value)
    assert reached(1.0e-8, folds=1).message == f"{good.value} through 1 fold"
    assert reached(1.0e-8, folds=3).message == f"{good.value} through 3 folds"
    assert reached(1.1e-8).status is Status.NOT_CONVERGED
    assert reached(1.1e-8).message.startswith("the gradient norm at the target is ")
    assert reached(1.1e-8, accuracy=1e-9).status is good
    assert reached(np.nan).status is Status.NOT_CONVERGED
    assert reached(0.0, jumped=True).message == "t = 1 was reached only after a jump"


def test_only_an_end_toward_an_objective_is_looked_at():
    for bend, words, ok in ((1.0, "a minimum", True), (-2.0, "a saddle of index 1", False)):
        family = Proximal(Quadratic(np.diag([1.0, bend]), np.ones(2)), np.zeros(2))
        made, state = begun(family, family.start())
        assert ends._end(made, state) is None  # it is not there yet
        before = replace(state.tally)
        state.points = [Point(np.array([1.0, 1.0 / bend]), 1.0, 0.0, 0.0)]
        found = ends._end(made, state)
        assert (str(found), found.ok) == (words, ok)
        assert state.tally.grad == before.grad + found.counts.grad
        assert state.tally.hessp == before.hessp + found.counts.hessp > before.hessp
        state = ends.reached(made, state)
        assert state.status is Status.REACHED_TARGET
        assert state.message.endswith(f", {'' if ok else 'but '}at {words}")
        assert state.path(1.0).success == ok
    made, state = begun(curves.s_curve(), curves.S_START)
    state.points = [Point(np.array([curves.S_END]), 1.0, 0.0, 0.0)]
    assert ends._end(made, state) is None


def test_a_natural_path_that_stops_looks_for_a_branch_beyond():
    """At a fold of the S-curve the other branch is two units away; ahead on the same branch there is none."""
    setting = Setting(curves.s_curve(), Dense(), Metric(0.5, 0.5))
    x = -0.6
    fold = Point(np.array([x]), (x**3 - x + 2) / 4, 0.0, 0.0)
    found = ends.beyond(setting, fold, 0.62)
    assert found.t == 0.62
    assert found.x[0] == pytest.approx(np.roots([1, 0, -1, 2 - 4 * 0.62]).real.max(), abs=1e-5)
    before = Point(np.array([-1.2]), 0.368, 0.0, 0.0)  # where x moves by 1.2 of t
    assert ends.beyond(setting, before, 0.378) is None
    assert ends.beyond(setting, Point(np.array([-1.0]), 0.5, 0.0, 0.0), 0.51) is not None  # and here by more than 2
    root = RootSystem(lambda x, t: x**2 + t, 1)  # none beyond t = 0
    assert ends.beyond(Setting(root, Dense(), Metric()), Point(np.ones(1) * 1e-3, -1e-6, 0.0, 0.0), 0.1) is None


@SEEDS
def test_a_step_to_a_milestone_is_the_one_whose_prediction_it_corrects(seed):
    """Along the tangent that is the part of the way in its direction; by natural steps a part of the course."""
    rng = np.random.default_rng(seed)
    made, state = begun(parabola(), [1.0])
    metric, last = made.setting.metric, state.last
    move = metric.unit(last.tangent.x + 0.1 * rng.standard_normal(1), last.tangent.t)
    length = rng.uniform(0.05, 0.5)
    end = Point(last.x + length * move.x, last.t + length * move.t, 0.0, 0.0)
    wanted = length * metric.inner(*move, *last.tangent)
    assert milestones._length(made, state, end, wanted) == pytest.approx(wanted)
    assert milestones._length(made, state, end, 0.92 * wanted) == pytest.approx(wanted)
    # Further ahead than a tenth more than the step, or behind: as far as it lies away, and no further than the step.
    assert milestones._length(made, state, end, 0.9 * wanted) == pytest.approx(0.9 * wanted)
    behind = Point(last.x - length * move.x, last.t - length * move.t, 0.0, 0.0)
    assert milestones._length(made, state, behind, 9.0) == pytest.approx(length)
    course = Course(0.0, 4.0)
    made, state = begun(parabola(), [1.0], course=course, steps=Steps(Tangent(), Newton(), Adaptive()))
    assert milestones._length(made, state, end, 9.0) == pytest.approx((end.t - last.t) / 4)


def test_time_is_counted_from_the_beginning_of_a_run():
    made, state = begun(parabola(), [1.0])
    state.began -= 100.0
    assert 100.0 <= state.seconds < 200.0
    assert 100.0 <= state.path(1.0).seconds < 200.0
    for seconds, gradients, spent in ((99.0, np.inf, True), (500.0, np.inf, False), (500.0, 1.0, True)):
        limited = replace(made, limits=Limits(budget=Budget(gradients, seconds)))
        assert limited.spent(state) == spent
    assert not made.spent(state)
    cost = state.counts.gradient_equivalents
    for more, spent in ((0.0, True), (0.5, False), (-0.5, True)):
        assert replace(made, limits=Limits(budget=Budget(cost + more))).spent(state) == spent


def test_milestones_are_marked_where_points_are():
    made, state = begun(curves.s_curve(), curves.S_START, course=Course(milestones=[0.0, 0.5]))
    for t, marked in ((0.5, True), (0.5 + 1e-12, False), (0.0, True)):
        state.events = []
        point = Point(np.ones(1), t, 0.0, 0.0, index=3)
        ends.mark(made, state, point)
        assert [e.name for e in state.events] == ["milestone"] * marked
        if marked:
            (found,) = state.events
            assert (found.point is point, found.step, found.index_before, found.index_after) == (True, 0, 3, 3)
            assert found.metric is made.setting.metric


# ---------------------------------------------------------------- past a touch


@SEEDS
def test_the_way_past_a_touch_is_where_the_curve_behind_leads(seed):
    """(a - t)^2 (x - c t^2) = 0 next to x = c t^2; the points behind and ahead are those of the parabola."""
    rng = np.random.default_rng(seed)
    a, c = rng.uniform(0.015, 0.025), rng.uniform(0.3, 1)

    def function(x, t):
        return (a - t) ** 2 * (x - c * t * t)

    system = RootSystem(
        function,
        1,
        jacobian=lambda x, t: np.array([[(a - t) ** 2]]),
        dt=lambda x, t: -2 * (a - t) * (x - c * t * t) - (a - t) ** 2 * 2 * c * t,
    )
    metric = Metric(1.0, 1.0, 1e-3)
    setting = Setting(system, Dense(), metric)

    def complete(found, step):
        t = found.t
        tangent = metric.unit(np.array([2 * c * t]), 1.0)
        slope = np.array([[(a - t) ** 2, -((a - t) ** 2) * 2 * c * t], np.append(*tangent)])
        sign, size = np.linalg.slogdet(slope)
        s = np.sign(t) * metric.norm(found.x, t)
        return Point(found.x, t, 0.0, 0.0, step=step, s=s, tangent=tangent, orientation=int(sign), log_det=size)

    start = Correction(np.zeros(1), 0.0, 0.0, 0.0, Status.CONVERGED, 0, 0.0)
    last, corrector = complete(start, 0.0), ArclengthNewton(tolerance=1e-14, max_iter=16)
    found = passing.passed(setting, corrector, complete, last, 0.01)
    assert found.met.t == pytest.approx(a, abs=1e-7)
    assert found.step in [0.01 * factor for factor in passing.LENGTHS]
    assert found.step > a > 0.5 * found.step - 0.01
    assert found.point.x[0] == pytest.approx(c * found.point.t**2, abs=1e-9)
    steps, points = passing._behind(setting, corrector, complete, last, 0.005)
    assert steps == pytest.approx([-0.02, -0.015, -0.01, -0.005, 0.0])
    for step, point in zip(steps, points, strict=True):
        assert metric.inner(*last.tangent, point.x, point.t) == pytest.approx(step)  # in the plane of its guess
        assert point.x[0] == pytest.approx(c * point.t**2, abs=1e-9)
    turned = replace(last, orientation=-last.orientation)
    assert passing._behind(setting, corrector, complete, turned, 0.005) is None
    assert passing._behind(setting, corrector, lambda found, step: None, last, 0.005) is None
    assert passing.passed(setting, corrector, lambda found, step: None, last, 0.01) is None


def test_an_extrapolation_that_is_not_certain_tells_nothing():
    """A curve that bends between the points behind and the place ahead."""
    metric = Metric(1.0, 1.0)
    steps = 0.5 * passing.NODES

    def ahead(curve, at, found, *, gone=False, size=0.0):
        last = Point(np.zeros(1), 0.0, 0.0, 0.0, tangent=Direction(np.zeros(1), 1.0), orientation=1)
        points = [Point(np.array([curve(s)]), s, 0.0, 0.0) for s in steps]
        corrector = SimpleNamespace(correct=lambda homotopy, guess: found(guess))

        def complete(done, step):
            return None if gone else Point(done.x, done.t, 0.0, 0.0, orientation=1, log_det=size)

        setting = SimpleNamespace(metric=metric, homotopy=None)
        return passing._Ahead(setting, corrector, complete, last, steps, points).at(at)

    def stays(guess, *, off=0.0, status=Status.CONVERGED):
        return Correction(guess.x, guess.t, 0.0, 0.0, status, 1, off, det=1.0, log_det=0.0)

    smooth, rough = (lambda s: s**4, lambda s: 1e-3 * s**4)  # of degree four, which the one of degree three misses
    assert ahead(smooth, 1.0, stays) is None
    found = ahead(rough, 0.02, stays)
    assert found[1].x[0] == pytest.approx(1e-3 * 0.02**4, rel=1e-6, abs=0)
    assert found[1].t == pytest.approx(0.02)
    error = 1e-3 * abs(np.prod(0.02 - steps[1:]))
    assert ahead(rough, 0.02, lambda guess: stays(guess, off=2.9 * error)) is not None
    assert ahead(rough, 0.02, lambda guess: stays(guess, off=3.1 * error + 1e-9)) is None
    assert ahead(rough, 0.02, lambda guess: stays(guess, status=Status.NOT_CONVERGED)) is None
    assert ahead(rough, 0.02, stays, gone=True) is None  # it has no tangent
    for size, near in ((0.39, True), (0.41, False), (-0.39, True), (-0.41, False)):  # or another curve is as near
        assert (ahead(rough, 0.02, stays, size=size) is not None) == near
    assert ahead(lambda s: 0.0, 5.0, lambda guess: stays(guess, off=0.9e-9)) is not None
    assert ahead(lambda s: 0.0, 5.0, lambda guess: stays(guess, off=1.1e-9)) is None
