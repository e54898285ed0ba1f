"""Small verdicts and lengths of the tracker against their formulas, on random numbers."""

from math import inf
from types import SimpleNamespace

import curves
import numpy as np
import pytest
import scipy.sparse as sp

from homotopy.continuation import (
    LBFGS,
    Adaptive,
    ArclengthNewton,
    Constant,
    Correction,
    Course,
    Dense,
    Direction,
    Event,
    GradientDescent,
    GradientSystem,
    Guess,
    Kink,
    Krylov,
    Metric,
    MoorePenrose,
    Newton,
    Occurrence,
    Point,
    Polynomial,
    RootSystem,
    Secant,
    Sparse,
    Tangent,
    Trail,
    singular,
    track,
)
from homotopy.continuation.crossing.identity import Identity
from homotopy.continuation.engine import landing, state, stepping, watch
from homotopy.continuation.parts import descents, predictors, stability
from homotopy.continuation.parts.events import Setting
from homotopy.continuation.parts.iteration import rounding
from homotopy.continuation.route import infinity, milestones
from homotopy.continuation.singular import regularized
from homotopy.errors import ArgumentError, EvaluationError
from homotopy.status import Status

SEEDS = pytest.mark.parametrize("seed", range(5))
EPS = np.finfo(float).eps


def at(s, t, x=0.0, **more):
    return Point(np.atleast_1d(np.asarray(x, dtype=float)), t, 0.0, 0.0, s=s, **more)


# ---------------------------------------------------------------- correctors and steps


@SEEDS
def test_rounding_is_what_some_units_in_the_last_place_do(seed):
    """Powers of two times few digits, so that the differences are exact."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 8))
    slopes = 2.0 ** rng.integers(-9, 9, n)
    x = rng.choice([-1, 1], n) * rng.choice([1.0, 1.25, 1.5, 1.75], n) * 2.0 ** rng.integers(-9, 9, n)
    x[rng.integers(n)] = 0.0
    family = GradientSystem(lambda y, t: slopes * y, n, jacobian=lambda y, t: np.diag(slopes), dt=lambda y, t: 0 * y)
    metric = Metric(2.0 ** -int(rng.integers(2, 9)) / n, 1.0, 1.0)
    unit = np.sqrt(0.5 / (n * metric.x_weight))  # of x, where half of its size is one in the metric
    g = family.grad(x, 0.0)
    found = rounding(family, (x, 0.0), g, metric)
    assert found == pytest.approx(4 * EPS * np.linalg.norm(slopes * np.where(x == 0, unit, abs(x))), rel=1e-6, abs=0)
    found = rounding(family, (np.zeros(n), 0.0), np.zeros(n), metric, whole=True)
    assert found == pytest.approx(4 * EPS * unit * np.linalg.norm(slopes), rel=1e-6, abs=0)
    found = rounding(family, (x, 0.0), g, metric, whole=True)
    assert found == pytest.approx(4 * EPS * np.linalg.norm(slopes * (unit + abs(x))), rel=0.3, abs=0)


@SEEDS
def test_the_first_trial_of_a_descent_is_the_cauchy_step(seed):
    rng = np.random.default_rng(seed)
    n, sign = int(rng.integers(1, 6)), rng.choice([-1, 1])
    root, x = rng.standard_normal((n, n)), rng.standard_normal(n)
    a = sign * (root @ root.T + 0.1 * np.eye(n))
    family = GradientSystem(lambda y, t: a @ y, n, value=lambda y, t: 0.5 * y @ a @ y, jvp=lambda y, t, v: a @ v)
    weight = rng.uniform(0.1, 10, n)
    guess, g = Guess(x, 0.0, None, Metric(weight)), a @ x
    wanted = (g @ g) / abs(g @ a @ g) * np.linalg.norm(g)
    assert descents._cauchy(family, guess, g) == pytest.approx(wanted)
    flat = GradientSystem(lambda y, t: 0 * y, n, jvp=lambda y, t, v: 0 * v)
    assert descents._cauchy(flat, guess, g) == pytest.approx(1 / np.sqrt(weight.max()))
    assert descents._size(Guess(x, 0.0, None, Metric(4.0))) == 0.5


@pytest.mark.parametrize("corrector", [Newton, ArclengthNewton, MoorePenrose, LBFGS, GradientDescent])
def test_a_corrector_is_as_exact_and_as_patient_at_the_end_as_it_is_told(corrector):
    made = corrector(tolerance=1e-5, final_tolerance=1e-7, max_iter=11, linear=Sparse())
    end = made.tight()
    assert type(end) is corrector
    assert (end.tolerance, end.final_tolerance, end.max_iter) == (1e-7, 1e-7, 11 * made.patience)
    assert made.patience == (4 if "Newton" not in str(corrector.__mro__) else 2)
    fixed = made.at_fixed_t()
    assert fixed.natural
    assert (fixed.tolerance, fixed.final_tolerance, fixed.max_iter) == (1e-5, 1e-7, 11)
    assert fixed.linear is made.linear
    if not made.natural:
        assert ArclengthNewton(theta=0.3).metric(4) == Metric(0.3 / 4, 0.7, 1.0)


@SEEDS
def test_steps_follow_the_smallest_of_what_is_aimed_at(seed):
    rng = np.random.default_rng(seed)
    for _ in range(100):
        aims = {"iterations": int(rng.integers(1, 9)), "distance": rng.uniform(0.01, 1), "angle": rng.uniform(0.1, 1)}
        aims = {name: aim if rng.uniform() < 0.7 else None for name, aim in aims.items()}
        control = Adaptive(0.1, 1e-3, 0.5, grow=rng.uniform(1.1, 3), shrink=rng.uniform(0.1, 0.9), **aims)
        step, n_iter, distance, angle = rng.uniform(1e-3, 0.5), int(rng.integers(0, 12)), *rng.uniform(0, 2, 2)
        descent = bool(rng.integers(2))
        done = Correction(np.zeros(1), 0.0, 0.0, 0.0, Status.CONVERGED, n_iter, distance, angle, descent=descent)
        scales = [control.grow]
        if aims["iterations"] is not None and not descent:
            scales.append(np.sqrt(2.0) ** (aims["iterations"] - n_iter))
        if aims["distance"] is not None:
            scales.append(np.sqrt(aims["distance"] / distance))
        if aims["angle"] is not None:
            scales.append(aims["angle"] / angle)
        wanted = np.clip(step * max(control.shrink, min(scales)), 1e-3, 0.5)
        assert control.next(step, done) == pytest.approx(wanted)
        assert control.accepts(done) == (aims["angle"] is None or angle <= 3 * aims["angle"])
    still = Correction(np.zeros(1), 0.0, 0.0, 0.0, Status.CONVERGED, 4, 0.0, 0.0)
    assert Adaptive(distance=0.1, iterations=None).next(0.02, still) == pytest.approx(0.04)  # nothing to compare with
    lost = Correction(np.zeros(1), 0.0, 0.0, 0.0, Status.SINGULAR, 4, 0.0)
    control = Adaptive(0.1, 1e-3, 0.5, shrink=0.3)
    assert (control.next(0.1, lost), control.next(2e-3, lost)) == (pytest.approx(0.03), 1e-3)
    assert (control.next(1e-3, lost), control.next(1.1e-3, lost)) == (Status.STEP_TOO_SMALL, 1e-3)


def test_limits_of_steps_may_meet_and_not_cross():
    for good in (
        {"initial": 0.1, "minimum": 0.1, "maximum": 0.1},
        {"minimum": 0.02},
        {"maximum": 0.02},
        {"grow": 1.01},
    ):
        assert Adaptive(**good)
    bad = [{"minimum": 0.0}, {"minimum": -1e-3}, {"minimum": 0.021}, {"maximum": 0.019}, {"initial": 0.2}]
    for options in [*bad, {"shrink": 0.0}, {"shrink": 1.0}, {"grow": 1.0}, {"shrink": -0.5}]:
        with pytest.raises(ArgumentError, match="must satisfy 0 <"):
            Adaptive(**options)


@SEEDS
@pytest.mark.parametrize("degree", [1, 2, 3, 5])
def test_a_polynomial_is_extrapolated_with_its_derivative(seed, degree):
    rng = np.random.default_rng(seed)
    line = np.polynomial.Polynomial(rng.standard_normal(degree + 1))
    nodes, place = np.cumsum(rng.uniform(0.1, 1, degree + 1)), rng.uniform(3, 4)
    weights, slopes = predictors._lagrange(nodes, place)
    assert weights @ line(nodes) == pytest.approx(line(place))
    assert slopes @ line(nodes) == pytest.approx(line.deriv()(place))


@SEEDS
@pytest.mark.parametrize("sense", [1.0, -2.5])
def test_predictions_are_exact_on_curves_of_their_degree(seed, sense):
    """x a polynomial of t; by arclength both polynomials of s. A natural step is a part of a course of any length."""
    rng = np.random.default_rng(seed)
    metric = Metric(rng.uniform(0.5, 2), rng.uniform(0.5, 2))
    for degree in (1, 2, 3):
        x, t = (np.polynomial.Polynomial(rng.standard_normal(degree + 1)) for _ in range(2))
        places = np.cumsum(sense * rng.uniform(0.1, 0.3, degree + 2))
        step, predictor = rng.uniform(0.1, 0.3), Polynomial(degree) if degree > 1 else Secant()
        points = [at(abs(u), u, x(u)) for u in places]
        found = predictor.predict(None, Trail(points, True, sense, metric), step)
        wanted = places[-1] + sense * step
        assert (found.t, found.x[0], found.tangent) == (pytest.approx(wanted), pytest.approx(x(wanted)), None)
        if degree == 1:
            continue  # along a line arclength is no parameter of these
        points = [at(s, t(s), x(s)) for s in np.abs(places)]
        found = predictor.predict(None, Trail(points, False, sense, metric), step)
        s = abs(places[-1]) + step
        assert (found.t, found.x[0]) == (pytest.approx(t(s)), pytest.approx(x(s)))
        assert np.append(*found.tangent) == pytest.approx(
            np.append(*metric.unit(np.array([x.deriv()(s)]), t.deriv()(s)))
        )
    along = metric.unit(rng.standard_normal(1), -0.5)
    last, before = at(1.0, 0.4, 0.3, tangent=along), at(0.5, 0.6, -0.2)
    chord = metric.unit(np.array([0.5]), -0.2)
    for predictor, direction in ((Tangent(), along), (Secant(), chord), (Polynomial(2), chord)):
        found = predictor.predict(None, Trail([before, last], False, sense, metric), 0.3)
        assert np.append(found.x, found.t) == pytest.approx(np.array([0.3, 0.4]) + 0.3 * np.append(*direction))
        assert np.append(*found.tangent) == pytest.approx(np.append(*direction))
        found = predictor.predict(None, Trail([before, last], True, sense, metric), 0.3)
        assert (found.t, found.tangent) == (pytest.approx(0.4 + 0.3 * sense), None)
        assert found.x[0] == pytest.approx(0.3 + 0.3 * sense * direction.x[0] / direction.t)
        first = predictor.predict(None, Trail([last], False, sense, metric), 0.3)
        assert np.append(*first.tangent) == pytest.approx(np.append(*along))
        bare = predictor.predict(None, Trail([before], False, sense, metric), 0.3)
        assert np.append(*bare.tangent) == pytest.approx([0.0, np.sign(sense) / np.sqrt(metric.t_weight)])
        still = predictor.predict(None, Trail([before], True, sense, metric), 0.3)
        assert (still.x is before.x, still.t) == (True, pytest.approx(0.6 + 0.3 * sense))
    constant = Constant().predict(None, Trail([before, last], True, sense, metric), 0.3)
    assert (constant.x is last.x, constant.t, constant.tangent) == (True, pytest.approx(0.4 + 0.3 * sense), None)
    with pytest.raises(ArgumentError, match="Constant works with natural steps only"):
        Constant().predict(None, Trail([last], False, sense, metric), 0.3)


# ---------------------------------------------------------------- what a step passes


def planned(course, *, natural=False, last=None):
    tangents = SimpleNamespace(natural=natural)
    return SimpleNamespace(course=course, tangents=tangents, setting=SimpleNamespace(metric=Metric()), last=last)


@SEEDS
def test_a_step_passes_a_target_or_a_bound(seed):
    """By the order of numbers: what lies between the two points, or a hair behind the second."""
    rng = np.random.default_rng(seed)
    seen = set()
    for _ in range(400):
        low, high = np.sort(rng.uniform(-2, 2, 2)).tolist()
        t0 = float(rng.uniform(low, high))
        target = rng.choice([None, float(rng.uniform(-3, 3))])
        plan = planned(Course(t0, target, (low, high) if rng.uniform() < 0.7 else None))
        a, b = at(0.0, float(rng.uniform(*np.clip(plan.course.span, -2, 2)))), at(1.0, float(rng.uniform(-3, 3)))
        wanted = None
        if target is not None and min(a.t, b.t) < target < max(a.t, b.t):
            wanted = target
        elif b.t < plan.course.span[0] or b.t > plan.course.span[1]:
            wanted = plan.course.span[int(b.t > a.t)]
        assert landing._between(plan, a, b) == wanted
        seen.add("none" if wanted is None else "target" if wanted == target else "bound")
    assert seen == {"none", "target", "bound"}
    plan = planned(Course(0.0, 2.0))
    for off, found in ((0.0, 2.0), (1.9e-9, 2.0), (2.1e-9, None)):  # of a course of length 2
        assert landing._between(plan, at(0.0, 1.0), at(1.0, 2.0 - off)) == found
        assert landing._between(plan, at(0.0, 2.0 + off), at(1.0, 1.0)) == (None if found else 2.0)


@pytest.mark.parametrize("objective", [False, True])
def test_a_path_may_end_straight_ahead(objective):
    """Where Newton's method contracts at the target, near where the tangent says, and no zero was due on the way."""
    along, asked = Metric(4.0, 1.0).unit(np.array([0.5]), 1.0), []
    last = at(2.0, 0.9, 1.0, tangent=along, orientation=1)
    length = Metric(4.0, 1.0).norm(np.array([0.07]), 0.1)

    def straight(step=1.0, *, last=last, zero=inf, target=1.0, t0=0.0, status=Status.CONVERGED, **more):
        told = {"contraction": 0.19, "distance": 0.14 * length, "accuracy": 1e-11} | more
        done = Correction(np.array([1.07]), 1.0, 5.0, 1e-13, status, 4, **told)

        class Corrector:
            tolerance = 1e-12

            def correct(self, homotopy, guess):
                assert guess.x == pytest.approx(1.05)
                assert guess.t == 1.0
                return done

        def passes(last, before):
            asked.append(before)
            return zero < before

        homotopy = GradientSystem(lambda x, t: 1e-3 * (x - 1.07), 1, value=lambda x, t: 5.0)
        if objective:
            homotopy.objective = None
        plan = SimpleNamespace(
            course=Course(t0, target),
            setting=SimpleNamespace(metric=Metric(4.0, 1.0), homotopy=homotopy),
            steps=SimpleNamespace(landing=Corrector()),
            jumps=SimpleNamespace(ratio=0.15),
            identity=SimpleNamespace(passes=passes),
        )
        return landing.straight(plan, SimpleNamespace(notes=[], last=last), step)

    end = straight()
    assert (end.x[0], end.t, end.value, end.grad_norm, end.n_iter, end.accuracy) == (1.07, 1.0, 5.0, 1e-13, 4, 1e-11)
    assert (end.step, end.s) == pytest.approx((length, 2.0 + length))
    assert end.tangent is along
    due = (0.4 if objective else 0.8) * length  # a double zero at the target seems nearer
    assert asked == [pytest.approx(due)]
    share = 0.1 / along.t
    assert straight(1.01 * share) is not None
    assert straight(0.99 * share) is None
    assert straight(distance=0.16 * length) is None
    assert straight(zero=0.99 * due) is None
    assert straight(zero=1.01 * due) is not None
    assert straight(target=None) is None
    assert straight(last=at(2.0, 0.9, 1.0)) is None
    assert straight(last=at(2.0, 0.9, 1.0, tangent=Direction(along.x, -along.t))) is None
    slow = [straight(contraction=0.21), straight(status=Status.SINGULAR)]
    if objective:  # which may have a double root there
        assert [one.accuracy for one in slow] == [pytest.approx(1e-8)] * 2
    else:
        assert slow == [None, None]


def test_folds_cut_a_step_into_parts():
    a, b = at(0.0, 0.2), at(3.0, 0.3)
    folds = [Occurrence("LP", at(s, t), 0) for s, t in ((2.0, 0.1), (1.0, 0.5))]
    others = [Occurrence("BP", at(0.5, 0.4), 0)]
    found = landing.stations(a, b, [*folds, *others])
    assert [(p.t, q.t) for p, q in found] == [(0.2, 0.5), (0.5, 0.1), (0.1, 0.3)]
    plan = planned(Course(0.0, 0.45))
    assert landing.crossed(plan, a, b, [*folds, *others]) == (0.45, (a, folds[1].point))
    assert landing.crossed(plan, a, b, others) is None
    assert landing.crossed(plan, at(0.0, 0.4), b, []) is None
    a, b = at(0.0, 0.4), at(1.0, 0.6)
    assert landing.crossed(plan, a, b, []) == (0.45, (a, b))


@SEEDS
def test_the_first_milestone_is_the_nearest_before_what_ends_the_path(seed):
    rng = np.random.default_rng(seed)
    for _ in range(200):
        stones = rng.uniform(0, 1, 5).tolist()
        plan = planned(Course(0.0, 1.0, milestones=stones))
        a, b = at(0.0, float(rng.uniform(0, 1))), at(1.0, float(rng.uniform(0, 1)))
        passed = [t for t in stones if min(a.t, b.t) < t < max(a.t, b.t)]
        nearest = min(passed, key=lambda t: abs(t - a.t), default=None)
        end = float(rng.uniform(min(a.t, b.t), max(a.t, b.t)))
        wanted = None if nearest is None else (nearest, (a, b))
        assert milestones._first(plan, a, b, ([], None)) == wanted
        stopped = nearest is not None and abs(end - a.t) <= abs(nearest - a.t)
        assert milestones._first(plan, a, b, ([], (end, (a, b)))) == (None if stopped else wanted)
        assert milestones._first(plan, a, b, ([], (end, (b, a)))) == wanted  # the end is on another part
    # What is passed on the way to a fold comes before what is passed on the way back.
    fold = Occurrence("LP", at(0.5, 0.8), 0)
    plan, a, b = planned(Course(0.0, 1.0, milestones=[0.3, 0.7])), at(0.0, 0.5), at(1.0, 0.2)
    assert milestones._first(plan, a, b, ([fold], None)) == (0.7, (a, fold.point))
    plan = planned(Course(0.0, 1.0, milestones=[0.3]))
    assert milestones._first(plan, a, b, ([fold], None)) == (0.3, (fold.point, b))


@SEEDS
def test_natural_steps_know_what_is_left(seed):
    rng = np.random.default_rng(seed)
    t0, target, share = *rng.uniform(-3, 3, 2), rng.uniform(0, 1)
    last = SimpleNamespace(last=at(0.0, t0 + share * (target - t0)))
    assert stepping._left(planned(Course(t0, target), natural=True), last) == (target, pytest.approx(1 - share))
    free = planned(Course(0.5, None, (0.0, 4.5)), natural=True)
    assert stepping._left(free, SimpleNamespace(last=at(0.0, 1.5))) == (4.5, pytest.approx(3.0 / 4.5))
    assert stepping._left(planned(Course(t0, target)), last) == (inf, inf)
    low, high = sorted((t0, target))
    for bounds in ((low - 1, high + 1), (low, high)):
        assert stepping._left(planned(Course(t0, target, bounds), natural=True), last)[0] == target
    middle = 0.5 * (t0 + target)  # a bound before the target is where they end, if t0 is no bound already behind it
    bounds = (low - 1, middle) if target > t0 else (middle, high + 1)
    assert stepping._left(planned(Course(t0, target, bounds), natural=True), last)[0] == middle
    behind = (low - 2, low - 1) if target > t0 else (high + 1, high + 2)
    assert stepping._left(planned(Course(t0, target, behind), natural=True), last)[0] == target
    assert stepping._left(planned(Course(5.0, None, (0.0, 1.0)), natural=True), last) == (inf, inf)


def test_predictors_look_back_on_points_that_are_apart():
    def kept(places, stones):
        points = [at(s, s) for s in places]
        events = [Occurrence("milestone", at(s, s), 0) for s in stones]
        return [p.s for p in state._spaced(SimpleNamespace(points=points, events=events))]

    assert kept([0.0, 1.0, 2.0, 2.05], [2.0]) == [0.0, 1.0, 2.05]
    assert kept([0.0, 1.0, 1.95, 2.0], [2.0]) == [0.0, 1.0, 2.0]
    assert kept([0.0, 1.0, 1.85, 2.0], [2.0]) == [0.0, 1.0, 1.85, 2.0]  # more than a tenth of the longest
    assert kept([0.0, 1.0, 1.95, 2.0], []) == [0.0, 1.0, 1.95, 2.0]  # close by the tracker's own choice
    assert kept([0.0, 1.0, 1.02, 1.04, 2.0], [1.02]) == [0.0, 1.0, 1.04, 2.0]
    assert kept(np.arange(30.0).tolist(), []) == np.arange(18.0, 30.0).tolist()
    assert kept([3.0], []) == [3.0]


# ---------------------------------------------------------------- crossings that are known


@SEEDS
def test_a_zero_behind_the_new_point_is_suspect_unless_it_was_passed(seed):
    """(1 + c t^2) x = 0: its determinant is flat at t = 0; along its tangent at t = 1 it vanishes so far behind."""
    rng, seen = np.random.default_rng(seed), set()
    along = Direction(np.zeros(1), 1.0)
    for _ in range(40):
        behind, passed = rng.uniform(0.6, 1.5), rng.uniform(-0.5, 1.0, 3).tolist()
        c = 1 / (2 * behind - 1)
        system = RootSystem(
            lambda x, t, c=c: (1 + c * t * t) * x,
            1,
            jacobian=lambda x, t, c=c: np.array([[1 + c * t * t]]),
            dt=lambda x, t, c=c: 2 * c * t * x,
        )
        watch = Identity(Setting(system, Dense(), Metric()))
        last = at(0.0, 0.0, tangent=along, log_det=0.0, orientation=1)
        point = at(1.0, 1.0, tangent=along, log_det=-0.1, orientation=1)
        # The zeros that were passed are known to a quarter of the step and a fifth of the way since.
        known = [abs(1 - behind - s) <= 0.25 + 0.2 * (1 - s) for s in passed[-2:]]
        wanted = behind < 1.25 and not any(known)
        assert watch.suspects(Trail([last], natural=False), point, passed) == wanted
        seen.add(wanted)
    assert seen == {True, False}


# ---------------------------------------------------------------- infinity


@SEEDS
def test_the_size_of_a_path_is_the_largest_in_its_first_unit_of_arclength(seed):
    """It goes out to a half, comes back, and only then leaves: what was reached on the way counts."""
    rng = np.random.default_rng(seed)
    way, points = rng.standard_normal(2), []
    way /= np.linalg.norm(way)
    early = np.linspace(0, 0.9, 40)
    for s in early:
        m = 0.45 * np.exp(-(((s - 0.45) / 0.12) ** 2)) + 0.01 * s
        points.append(at(s, -1.0 / (1 + s), m * way))
    for m in np.geomspace(0.02, 1e6, 100):
        points.append(at(1.0 + m, -1.0 / (2 + m), m * way))
    asked = {"agreement": 0.02, "triples": 4}
    assert infinity.limit(points, Metric(), growth=0.9e6 / 0.45, **asked)[0] == pytest.approx(0.0, abs=1e-5)
    assert infinity.limit(points, Metric(), growth=1.2e6 / 0.45, **asked) is None
    assert infinity.limit(points[:1] + points[-60:], Metric(), growth=2.0, **asked) is None  # no early point is known


def test_a_path_is_given_up_on_its_way_to_infinity():
    """One that goes on where it is 1e8 times as far as in the beginning, one that has failed where it is 1e3 times."""

    def fleeing(far, *, end=1.0):
        m = np.r_[0.0, np.geomspace(0.1, far, 150)]
        return [at(s, end - 0.7 / max(s, 0.01), s) for s in m]

    def left(far, status=None, *, target=5.0, jumped=False, beyond=True, events=()):
        plan = planned(Course(0.0, target))
        plan.observed = SimpleNamespace(beyond=beyond)
        found = state.State(0.1, fleeing(far), status=status, message="before", jumped=jumped, events=list(events))
        return infinity.escaped(plan, found)

    gone = Status.RUNS_TO_INFINITY
    for far, status in ((1.2e8, gone), (0.8e8, None)):
        assert left(far).status is status
        assert left(far, jumped=True).status is status
    assert left(1.2e8).message == f"{gone.value} at t = 1"
    assert left(0.8e8).message == "before"
    for status in Status:
        lost = status in (Status.STEP_TOO_SMALL, Status.NOT_CONVERGED, Status.SINGULAR, Status.NON_FINITE)
        for far, known in ((1.2e3, True), (0.8e3, False)):
            found = left(far, status)
            assert found.status is (gone if lost and known else status)
        assert left(1e6, status, jumped=True).status is status
        assert left(1e6, status, beyond=False).status is status
    assert left(1e9, target=0.99).status is gone  # this target lies behind
    assert left(1e4, Status.SINGULAR, target=1.0).status is gone
    last = len(fleeing(1e6)) - 1
    point = fleeing(1e6)[-1]
    jump, early = Occurrence("jump", point, last), Occurrence("jump", point, last - 1)
    fold = Occurrence("LP", point, last)
    for events, kept in (([fold, jump], [fold]), ([early], [early]), ([jump, fold], [jump, fold]), ([], [])):
        assert left(1e6, Status.STEP_TOO_SMALL, events=events).events == kept
    # Where it would come to its target before, it is let go on.
    near = planned(Course(0.0, 1.0 - 1e-4))
    near.observed = SimpleNamespace(beyond=True)
    found = state.State(0.1, fleeing(1.2e3), status=Status.SINGULAR)
    assert infinity.escaped(near, found).status is Status.SINGULAR


@SEEDS
def test_a_target_before_infinity_is_reached_first(seed):
    rng = np.random.default_rng(seed)
    for _ in range(100):
        before, last, target, end = rng.uniform(-2, 2, 4).tolist()
        plan = planned(Course(before - 30.0, target))
        toward = np.sign(end - before)
        share = (target - last) / (end - last)
        # It is on the way if it lies between, a hundredth of the way from the end, and the path goes on as it went.
        wanted = bool(toward == np.sign(end - last) and 0 < share < 0.99)
        assert infinity._reaches(plan, [at(0.0, before), at(1.0, last)], end) == wanted
    plan = planned(Course(0.0, None, (-1.0, 2.0)))
    assert infinity._reaches(plan, [at(0.0, 0.5), at(1.0, 1.0)], 2.5)
    assert not infinity._reaches(plan, [at(0.0, 0.5), at(1.0, 1.0)], 1.9)
    assert not infinity._reaches(plan, [at(0.0, 0.5), at(1.0, 1.0)], 2.001)


def test_a_limit_is_told_to_the_digits_that_are_known():
    plan = planned(Course(0.0, 4.0, (-1.0, 9.0)))
    assert infinity._rounded(plan, 4.0 + 3e-5, 1e-5) == 4.0
    assert infinity._rounded(plan, 4.0 + 3e-9, 0.0) == 4.0
    assert infinity._rounded(plan, 4.0 + 3e-3, 1e-5) == 4.003
    assert infinity._rounded(plan, -1.0 + 1e-12, 1e-9) == -1.0
    assert infinity._rounded(plan, 1.23456789, 2e-4) == 1.2346
    assert infinity._rounded(plan, 1.23456789, 0.02) == 1.23
    assert infinity._rounded(planned(Course(0.0, 400.0)), 31.23456789, 2.0) == 31.0
    assert infinity._rounded(plan, 1.23456789, 0.0) == 1.23456789


# ---------------------------------------------------------------- spectra and singular starts


@SEEDS
def test_a_disk_holds_all_eigenvalues_that_may_be_unstable(seed):
    rng = np.random.default_rng(seed)
    a = rng.standard_normal((7, 7)) * (rng.random((7, 7)) < 0.5)
    real, imaginary = stability._disk(sp.csc_array(a))
    symmetric, rest = 0.5 * (a + a.T), 0.5 * (a - a.T)
    assert real == pytest.approx(max(s[i] + sum(abs(np.delete(s, i))) for i, s in enumerate(symmetric)))
    assert imaginary == pytest.approx(max(sum(abs(row)) for row in rest))
    values = np.linalg.eigvals(a)
    assert values.real.max() <= real + 1e-12
    assert abs(values.imag).max() <= imaginary + 1e-12
    found = stability._sorted(values)
    assert (np.diff(found.real) <= 1e-12).all()
    pairs = np.flatnonzero(found.imag > 1e-9)
    assert found[pairs + 1] == pytest.approx(found[pairs].conj())


@SEEDS
@pytest.mark.parametrize("n_zero", [1, 3])
def test_a_singular_start_is_moved_by_a_tenth_of_the_sizes(seed, n_zero):
    """A x + x^3 - t b at x = 0, of which x must have some size to move it as t does."""
    rng = np.random.default_rng(seed)
    q, b = np.linalg.qr(rng.standard_normal((3, 3)))[0], 10.0 ** rng.uniform(-3, 3) * rng.standard_normal(3)
    values = np.r_[np.zeros(n_zero), rng.uniform(0.5, 2, 3 - n_zero)]
    a = q * values @ q.T if n_zero < 3 else np.zeros((3, 3))
    family = GradientSystem(
        lambda x, t: a @ x + x**3 - t * b,
        3,
        value=lambda x, t: 0.5 * x @ a @ x + np.sum(x**4) / 4 - t * (b @ x),
        jacobian=lambda x, t: a + np.diag(3 * x**2),
        dt=lambda x, t: -b,
    )
    with np.errstate(all="ignore"):
        path, note = regularized(family, np.zeros(3), 7)
    waves = np.cos(np.arange(1.0, 4.0) ** 2)
    waves /= np.sqrt(np.mean(waves**2))
    sizes = np.geomspace(1e-9, 1e9, 200_001)
    moved = np.linalg.norm(sizes[:, None] * (a @ waves) + (sizes[:, None] * waves) ** 3, axis=1)
    size = sizes[np.argmax(moved > np.linalg.norm(b))]
    assert path.distance == pytest.approx(0.1 * size, rel=2e-3)
    assert np.sqrt(np.mean(path.center**2)) == pytest.approx(path.distance)
    weight = values.max() if n_zero < 3 else np.linalg.norm(b) / (size * np.sqrt(3))
    assert path.weight == pytest.approx(1e-3 * weight, rel=2e-3)
    assert f"{n_zero} of 3 eigenvalues" in note
    x = path.start()
    assert np.linalg.norm(path.grad(x, 0.0)) < 1e-6 * path.weight * path.distance


# ---------------------------------------------------------------- limits of two parts


@pytest.mark.parametrize("most", [1, 5, 20, 29, 35, 45, 60, 70])
def test_both_parts_of_a_path_share_its_limit_of_steps(most):
    whole = track(curves.s_curve(), curves.S_START, mode="auto")
    path = track(curves.s_curve(), curves.S_START, mode="auto", max_steps=most)
    attempts, needed = (one.counts.accepted + one.counts.rejected for one in (path, whole))
    if most >= needed + len(whole.points):
        assert path.success
    if not path.success:
        assert path.status is Status.MAX_STEPS
        assert attempts <= most + 1  # the second part tries one at least


@pytest.mark.parametrize("mode", ["arclength", "natural", "auto"])
@pytest.mark.parametrize("most", [30, 150, 300])
def test_a_path_stops_soon_after_its_budget(mode, most):
    path = track(curves.s_curve(), curves.S_START, mode=mode, budget=float(most))
    assert path.counts.gradient_equivalents < most + 100
    if not path.success:
        assert path.counts.gradient_equivalents >= most or mode == "natural"


# ---------------------------------------------------------------- places of events


@SEEDS
@pytest.mark.parametrize("continuous", [True, False])
@pytest.mark.parametrize("gone", [(), (0.5,), (0.5, 0.4), (0.25, 0.75)], ids=str)
def test_an_event_is_located_although_probes_fail(seed, continuous, gone):
    """Where none is had in the middle, one two fifths of the way is asked for; where neither is, the place is rough."""
    rng = np.random.default_rng(seed)
    root = rng.uniform(0.55, 0.7)
    event = Event("stop", lambda point: point.t - root)
    if not continuous:
        event = Kink(lambda x: [x[0] > root])

    def probe(step):
        return None if any(abs(step - one) < 1e-6 for one in gone) else at(step, step, step, step=step)

    setting = Setting(None, Dense(), Metric())
    ends = [at(s, s, s, step=s) for s in (0.0, 1.0)]
    sides = [(p.step, event.value(p, setting), p) for p in ends]
    found = watch._locate(event, setting, probe, *sides)
    if gone == (0.5, 0.4) and not continuous:
        assert found is ends[1]
    else:
        assert found.t == pytest.approx(root, abs=1e-11)
        assert continuous or found.t > root
    nothing = watch._locate(event, setting, lambda step: None, *sides)
    assert nothing is (ends[0] if continuous and root < 0.5 else ends[1])


def test_the_size_of_many_variables_is_told_by_one_product():
    for size in (1e-3, 7.0):
        family = GradientSystem(lambda x, t, s=size: s * x, 401, jvp=lambda x, t, v, s=size: s * v)
        assert singular._scale(family, np.ones(401)) == (pytest.approx(size), None)
        assert singular._scale(GradientSystem(lambda x, t: 0 * x, 401, jvp=lambda x, t, v: 0 * v), np.ones(401))[0] == 0


@SEEDS
def test_the_index_beside_an_event_is_known_or_unknown(seed):
    """From the point, the inertia of factors, or the spectrum of few variables; else it is -1."""
    rng = np.random.default_rng(seed)
    values = rng.choice([-1, 1], 5) * rng.uniform(0.5, 2, 5)
    q = np.linalg.qr(rng.standard_normal((5, 5)))[0]
    a, negative, x = q * values @ q.T, int(np.sum(values < 0)), np.zeros(5)

    def index(matrix, linear, *, cls=GradientSystem, known=-1, raises=None, wide=0):
        whole = np.pad(matrix, (0, wide))
        whole[range(5, 5 + wide), range(5, 5 + wide)] = 1.0

        def jacobian(x, t):
            if raises is not None:
                raise raises
            return whole

        free = isinstance(linear, Krylov)
        derivative = {"jvp": lambda x, t, v: whole @ v} if free else {"jacobian": jacobian}
        family = cls(lambda x, t: whole @ x, len(whole), **derivative)
        return watch._index(Setting(family, linear, Metric()), Point(np.zeros(len(whole)), 0.0, 0.0, 0.0, index=known))

    assert index(a, Dense()) == negative
    assert index(a, Dense(), wide=200) == negative
    assert index(a, Krylov()) == negative
    assert index(a, Krylov(), wide=95) == negative
    assert index(a, Krylov(), wide=96) == -1  # too many for a spectrum
    assert index(a, Dense(), known=7) == 7
    assert index(a, Dense(), cls=RootSystem) == -1
    assert index(a, Dense(), cls=RootSystem, known=3) == 3
    assert index(a, Dense(), raises=EvaluationError("no")) == -1
    assert index(0 * a, Sparse()) == -1
    assert x.size == 5


@pytest.mark.parametrize("corrector", [LBFGS(), GradientDescent(), Newton()], ids=lambda c: type(c).__name__)
def test_a_corrector_that_cannot_evaluate_stays_where_it_was(corrector):
    """At the guess, or where it had come to: beyond x = 1 there is nothing."""

    def guarded(function):
        def inside(x, t):
            if x[0] > 1.0:
                raise EvaluationError("not here")
            return function(x)

        return inside

    def family(least):
        return GradientSystem(
            guarded(lambda x: x - least),
            1,
            value=guarded(lambda x: 0.5 * float((x - least) @ (x - least))),
            jacobian=lambda x, t: np.eye(1),
        )

    for start, least, iterations in ((2.0, 0.5, 0), (0.0, 9.0, 2)):
        found = corrector.correct(family(least), Guess(np.array([start]), 0.25, None, Metric(0.5)))
        assert (found.status, found.t) == (Status.NON_FINITE, 0.25)
        assert 0 <= found.n_iter <= iterations
        assert found.x[0] == start if iterations == 0 or isinstance(corrector, LBFGS) else found.x[0] <= 9.0
        assert found.descent == (not isinstance(corrector, Newton))
        if found.x[0] == start:
            assert found.distance == 0.0


def test_what_happened_on_a_step_is_recorded_in_its_order():
    """Three kinks and a change of sign; not what is not confirmed, and nothing where a probe has left the curve."""
    places = [0.2, 0.5, 0.9]
    kink = Kink(lambda x: [x[0] > place for place in places])
    stop = Event("stop", lambda point: point.t - 0.4, terminal=True)

    class Doubtful(Event):
        def confirmed(self, where, setting):
            return False

    doubtful = Doubtful("doubtful", lambda point: point.t - 0.6)
    family = GradientSystem(lambda x, t: x - t, 1, jacobian=lambda x, t: np.eye(1))
    setting, events = Setting(family, Dense(), Metric()), [kink, stop, doubtful]
    looked = watch.Watch(events, setting)

    def probe(step, off=0.0):
        return at(2.0 + step + off, step, step, step=step, index=5)

    pair = probe(0.0), probe(1.0)
    before, after = (looked.at(point) for point in pair)
    happened = looked.between(before, after)
    assert [event for event, _, _ in happened] == events
    found = looked.located(happened, (probe, probe), pair, step=1.0, number=7)
    assert [record.name for record in found] == ["kink", "stop", "kink", "kink"]
    assert [record.point.t for record in found] == pytest.approx([0.2, 0.4, 0.5, 0.9], abs=1e-9)
    told = {(record.step, record.index_before, record.index_after, record.null_vector) for record in found}
    assert told == {(7, 5, 5, None)}
    assert all(record.metric is setting.metric for record in found)
    assert looked.terminal(found) is found[1]
    assert looked.terminal(found[:1]) is None
    astray = lambda step: probe(step, off=2.0)  # noqa: E731
    assert looked.located(happened, (astray, astray), pair, step=1.0, number=7) is None
    near = lambda step: probe(step, off=1.0)  # noqa: E731
    assert looked.located(happened, (near, near), pair, step=1.0, number=7) is not None
    many = Kink(lambda x: [x[0] > place for place in np.linspace(0.01, 0.99, 30)])
    crowd = watch.Watch([many], setting)
    happened = crowd.between(crowd.at(pair[0]), crowd.at(pair[1]))
    assert len(crowd.located(happened, (probe, probe), pair, step=1.0, number=0)) == 20
