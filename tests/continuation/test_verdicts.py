"""The verdicts of the tracker on single steps, against their formulas: jumps, lost identity, strays, closed curves."""

from dataclasses import replace
from math import nan

import curves
import numpy as np
import pytest
from continuation.families import make

from homotopy.continuation import (
    ArclengthNewton,
    Correction,
    Dense,
    Direction,
    Explorer,
    GradientSystem,
    Hopf,
    Krylov,
    Metric,
    Point,
    RootSystem,
    Spectrum,
    Start,
    Trail,
    diagram,
    track,
)
from homotopy.continuation.branches import branching
from homotopy.continuation.crossing import identity as identities
from homotopy.continuation.crossing import jumps
from homotopy.continuation.crossing.identity import Identity
from homotopy.continuation.crossing.jumps import Jumps
from homotopy.continuation.engine.stepping import _before
from homotopy.continuation.parts.closed import Closed
from homotopy.continuation.parts.events import Setting
from homotopy.continuation.parts.hopf import _Pair
from homotopy.continuation.parts.spectrum import crossing_direction, null_vector
from homotopy.continuation.parts.stability import rightmost
from homotopy.errors import EvaluationError
from homotopy.status import Status

SEEDS = pytest.mark.parametrize("seed", range(6))


def at(s, *, x=None, log_det=0.0, orientation=1, t=None, tangent=None, **more):
    x = np.zeros(1) if x is None else np.array(x, dtype=float)
    return Point(
        x, s if t is None else t, 0.0, 0.0, s=s, log_det=log_det, orientation=orientation, tangent=tangent, **more
    )


def zeros_at(*places):
    """diag(a - t) x = 0: along x = 0 the determinant vanishes at t = a."""
    a = np.array(places)
    return RootSystem(lambda x, t: (a - t) * x, a.size, jacobian=lambda x, t: np.diag(a - t), dt=lambda x, t: -x)


def on_line(system, s, log_det, orientation=1):
    n = system.size
    return at(s, x=np.zeros(n), log_det=log_det, orientation=orientation, tangent=Direction(np.zeros(n), 1.0))


# ---------------------------------------------------------------- lost identity


@pytest.mark.parametrize(
    ("place", "length", "found"),
    [
        (0.5, 1.0, True),
        (1.24, 1.0, True),
        (1.26, 1.0, False),
        (-0.79, 1.0, True),
        (-0.81, 1.0, False),
        (0.5, 0.39, False),
    ],
)
def test_a_zero_that_was_due_ahead_and_did_not_come_is_suspect(place, length, found):
    system = zeros_at(place, 40.0)
    watch = Identity(Setting(system, Dense(), Metric()))
    trail = Trail([on_line(system, 0.0, 0.0)], natural=False)
    # The determinant rises over the step, so that only what lies ahead of the last point counts.
    assert watch.suspects(trail, on_line(system, length, 0.1), []) == found
    assert not watch.suspects(trail, on_line(system, length, 0.1, orientation=-1), [])
    assert not watch.suspects(trail, on_line(system, length, nan), [])


@pytest.mark.parametrize(("place", "found"), [(-0.9, False), (-0.2, True), (0.1, True)])
def test_a_zero_that_lies_behind_the_new_point_is_suspect(place, found):
    """It is too far behind the last point to be seen from there; the determinant falls over the step."""
    system = zeros_at(-0.9 if place == -0.9 else place, 40.0)
    watch = Identity(Setting(system, Dense(), Metric()))
    trail = Trail([on_line(system, 0.0, 0.0)], natural=False)
    assert watch.suspects(trail, on_line(system, 1.0, -0.1), []) == found
    if place == 0.1:
        near = on_line(system, 0.9, -0.1)
        assert watch.suspects(Trail([on_line(system, 0.0, 0.0)], natural=False), near, [5.0])


@SEEDS
def test_whether_a_determinant_may_have_vanished_is_told_by_its_line(seed):
    rng = np.random.default_rng(seed)
    watch = Identity(Setting(zeros_at(1.0), Dense(), Metric()))
    for _ in range(200):
        d = rng.uniform(0.2, 3.0, 3) * [rng.choice([-1, 1]), 1, 1]
        s = np.cumsum(rng.uniform(0.1, 1.0, 3))
        a, b, c = (at(u, log_det=np.log(abs(v)), orientation=int(np.sign(v))) for u, v in zip(s, d, strict=True))
        # In units of the last value the line through the last two reaches this at the new point.
        line = 1 + (1 - d[0] / d[1]) * (s[2] - s[1]) / (s[1] - s[0])
        grown = d[2] / d[1]
        assert watch._may(Trail([a, b], natural=False), c) == (line < 0.25 or not 0.5 < grown < 3.0)
        assert watch._may(Trail([replace(a, log_det=nan), b], natural=False), c)
        assert watch._may(Trail([b, b], natural=False), c)
    assert watch._may(Trail([b], natural=False), c)
    wide = replace(c, x=np.zeros(identities.DENSE + 1))
    assert not watch._may(Trail([b], natural=False), wide)


@SEEDS
def test_a_zero_that_comes_nearer_is_seen_in_many_variables(seed):
    """D = 1 - s / z falls to zero at z; three points, and the step that comes to it."""
    rng = np.random.default_rng(seed)
    watch = Identity(Setting(zeros_at(1.0), Dense(), Metric()))
    z = rng.uniform(3.0, 5.0)
    points = [at(s, log_det=np.log(abs(1 - s / z)), orientation=1, x=np.zeros(70)) for s in (0.0, 1.0, 1.8)]
    left = z - 1.8
    for share, near in ((0.75, False), (0.85, True), (1.2, True)):
        # It is looked for up to a quarter of the step beyond.
        assert watch._nears(Trail(points, natural=False), at(1.8 + share * left, x=np.zeros(70))) == near
    assert watch.suspects(
        Trail(points, natural=False), at(1.8 + left, x=np.zeros(70), log_det=points[-1].log_det - 2), []
    )
    assert not watch.passes(points[-1], 100.0)
    flat = [replace(p, log_det=0.0) for p in points]
    other = [replace(points[0], orientation=-1), *points[1:]]
    unknown = [replace(points[0], log_det=nan), *points[1:]]
    for trail in (points[:2], flat, other, unknown, points[::-1]):
        assert not watch._nears(Trail(trail, natural=False), at(1.8 + left, x=np.zeros(70)))


# ---------------------------------------------------------------- jumps


def corrected(distance=0.0, **more):
    return Correction(np.zeros(1), 0.0, 0.0, 0.0, Status.CONVERGED, 1, distance, **more)


@SEEDS
def test_a_step_is_suspect_where_its_error_is_large_against_its_move(seed):
    rng = np.random.default_rng(seed)
    metric = Metric(rng.uniform(0.3, 3), rng.uniform(0.3, 3))
    setting = Setting(zeros_at(1.0, 2.0), Dense(), metric)
    for _ in range(60):
        last = at(0.0, x=rng.standard_normal(2), t=0.0, tangent=metric.unit(rng.standard_normal(2), 1.0))
        point = at(1.0, x=rng.standard_normal(2), t=0.7, tangent=metric.unit(rng.standard_normal(2), 1.0))
        dx, dt = point.x - last.x, 0.7
        moved = metric.norm(dx, dt)
        along = metric.inner(dx, dt, *point.tangent)
        back = np.sqrt(max(moved**2 - along**2, 0.0))
        distance = rng.uniform(0, 1) * moved
        error, ratio = max(distance, back), rng.uniform(0.1, 1.0)
        watch, trail = Jumps(ratio, setting, 1), Trail([last], natural=False)
        found, kept = watch.suspects(trail, point, 0.5, corrected(distance), None)
        assert found == (error > ratio * moved)
        assert kept is None if not found else kept == (0.5, pytest.approx(error))
        if found:
            for before, cleared in (
                ((1.0, error / 0.59), True),
                ((1.0, error / 0.61), False),
                ((0.54, 9 * error), False),
            ):
                assert watch.suspects(trail, point, 0.5, corrected(distance), before)[0] != cleared
        plain = Jumps(ratio, setting, 0)  # a predictor of order zero: its guess is no prediction
        scale = dt / last.tangent.t
        error = max(metric.norm(dx - scale * last.tangent.x, 0.0), back)
        assert plain.suspects(trail, point, 0.5, corrected(distance), None)[0] == (error > ratio * moved)
    bare = replace(last, tangent=None)
    assert (
        plain.suspects(Trail([bare], natural=True), replace(point, tangent=None), 0.5, corrected(9.0), None)[0] is False
    )
    words = plain.detail(last, Correction(last.x, 2.0, 0.0, 0.0, Status.CONVERGED, 1, 0.25), 0.125, None)
    assert words.startswith("a step of 0.125 from t = 0 leads ")
    assert "0.25 off" in words
    assert "0.5 off" in plain.detail(last, corrected(0.25), 0.125, (0.1, 0.5))


def test_two_folds_in_one_step_are_seen_by_the_cubic():
    """t(s) = s^3 - c s turns twice between -1 and 1 where 0 < c < 3; its slope at the ends is 3 - c."""
    for c, twice in ((-1.0, False), (0.0, False), (0.1, True), (1.0, True), (2.9, True), (3.1, False)):
        for sign in (1.0, -1.0):
            a, b = (at(s, t=sign * (s**3 - c * s), tangent=Direction(np.zeros(1), sign * (3 - c))) for s in (-1.0, 1.0))
            assert jumps.turns_twice(a, b) == twice
    assert not jumps.turns_twice(replace(a, tangent=None), b)
    assert not jumps.turns_twice(b, b)


def test_a_guess_strays_where_the_determinant_says_so():
    point = at(1.0, log_det=1.0, orientation=1)
    for det, log_det, strays in ((1.0, 1.0, False), (-1.0, 1.0, True), (0.0, 9.0, False)):
        assert jumps.strays(corrected(det=det, log_det=log_det), point) == strays
    for off, strays in ((0.99, False), (1.01, True)):
        for sign in (1, -1):
            assert jumps.strays(corrected(det=1.0, log_det=1.0 + sign * off * jumps.STRAY), point) == strays
    assert not jumps.strays(corrected(det=-1.0, log_det=1.0), replace(point, log_det=nan))


def test_a_place_lies_before_what_a_step_passed():
    a, b = at(1.0, t=0.2), at(2.0, t=0.6)
    for t, s, before in ((0.3, 1.2, True), (0.5, 1.8, False), (0.4, 1.5, True), (0.5, 1.0, True), (0.5, 0.9, True)):
        assert _before(at(s, t=t), (0.4, (a, b))) == before
    back = at(2.0, t=-0.2)  # t falls
    assert _before(at(1.5, t=0.1), (0.0, (a, back)))
    assert not _before(at(1.5, t=-0.1), (0.0, (a, back)))


# ---------------------------------------------------------------- closed curves


@SEEDS
def test_a_curve_closes_where_it_crosses_its_start(seed):
    rng = np.random.default_rng(seed)
    metric = Metric(1.0, 1.0)
    tangent = metric.unit(rng.standard_normal(2), rng.standard_normal())
    first = at(0.0, x=np.zeros(2), t=0.0, tangent=tangent, step=0.1)
    setting = replace(Setting(zeros_at(1.0, 2.0), Dense(), metric), first=first)
    event = Closed()

    def near(along, side):
        """A point so far along the tangent of the start and so far beside it."""
        across = np.cross(np.append(tangent.x, tangent.t), rng.standard_normal(3))
        z = along * np.append(tangent.x, tangent.t) + side * across / np.linalg.norm(across)
        return at(5.0, x=z[:2], t=z[2], tangent=tangent, step=0.1)

    before, after = (event.value(near(along, 0.01), setting) for along in (-0.04, 0.05))
    assert before == (pytest.approx(-0.04), pytest.approx(np.hypot(0.04, 0.01)))
    assert event.happened(before, after)
    assert not event.happened(after, before)
    assert not event.happened(before, before)
    for along in ((-0.04, -0.01), (0.01, 0.05), (-0.04, -0.04)):  # to one side of the plane through the start
        assert not event.happened(*(event.value(near(a, 0.001), setting) for a in along))
    aside = [event.value(near(along, 0.3), setting) for along in (-0.04, 0.05)]
    assert not event.happened(*aside)
    assert event.test(near(0.03, 0.2), setting) == pytest.approx(0.03)
    # Of many whole steps away, sixteen of them or sixteen times 0.02, it is not looked at closely; of cut ones it is.
    for step, along, looked in ((0.1, 1.5, True), (0.1, 1.7, False), (0.001, 0.31, True), (0.001, 0.33, False)):
        for point in (replace(near(along, 0.0), step=step), replace(near(0.0, along), step=step)):
            assert (event.value(point, setting)[1] < 9) == looked
            assert Closed(whole=False).value(point, setting)[1] == pytest.approx(along)
    assert not event.confirmed(replace(first, tangent=None), setting)
    assert not event.confirmed(first, replace(setting, first=None))
    away = replace(near(0.05, 0.0), tangent=Direction(-tangent.x, -tangent.t))
    assert event.value(away, setting) == event.value(near(50.0, 0.0), setting)
    assert event.detail(first, setting) == "the curve is closed"


# ---------------------------------------------------------------- eigenvalues that cross


def test_which_pairs_crossed_is_counted():
    event = Hopf()
    for before, after, numbers in (
        ((0, 0), (2, 2), [1]),
        ((2, 2), (0, 0), [1]),
        ((1, 0), (3, 2), [2]),
        ((0, 0), (4, 4), [1, 3]),
        ((0, 0), (3, 2), [1]),
        ((1, 0), (2, 2), [1]),
    ):
        assert event.happened(before, after)
        assert [pair.number for pair in event.pinned(before, after)] == numbers
    for before, after in (((0, 0), (1, 0)), ((2, 2), (2, 0)), ((0, 0), (0, 0)), (None, (2, 2)), ((2, 2), None)):
        assert not event.happened(before, after)


def test_a_pair_is_on_the_axis():
    def spiral(real, frequency):
        a = np.array([[real, -frequency, 0], [frequency, real, 0], [0, 0, -9.0]])
        return Setting(
            RootSystem(lambda x, t: a @ x, 3, jacobian=lambda x, t: a, dt=lambda x, t: 0 * x), Dense(), Metric()
        )

    point = at(0.0, x=np.zeros(3))
    assert Hopf().value(point, spiral(0.1, 2.0)) == (2, 2)
    assert Hopf().value(point, spiral(-0.1, 2.0)) == (0, 0)
    assert Hopf().value(point, spiral(0.1, 0.0)) == (2, 0)
    for real, frequency, size in ((1e-3, 1.0, 9.0), (-1e-3, 2.0, 9.0), (1e-3, 8e-6, 9.0), (1e-3, 1e-5, 9.0)):
        event, wanted = Hopf().value(point, spiral(real, frequency)), 2 * (real > 0)
        assert event == (wanted, wanted * (frequency > 1e-6 * size))  # a pair, or two real ones
    for real, frequency, on in ((0.9e-6, 1.0, True), (1.1e-6, 1.0, False), (-0.9e-6, 1.0, True), (-1.1e-6, 1.0, False)):
        assert _Pair(0).confirmed(point, spiral(real, frequency)) == on
        assert _Pair(0).confirmed(point, spiral(3 * real, 3 * frequency)) == on
    assert _Pair(0).confirmed(point, spiral(0.0, 1e-5))
    assert not _Pair(0).confirmed(point, spiral(0.0, 8e-6))  # of the size 9 a real one
    pair = _Pair(1)
    assert pair.value(point, spiral(0.3, 2.0)) == pytest.approx(0.3)
    assert pair.confirmed(point, spiral(0.0, 2.0))
    assert not pair.confirmed(point, spiral(0.1, 2.0))
    assert not pair.confirmed(point, spiral(0.0, 0.0))
    assert pair.detail(point, spiral(0.0, 2.5)) == "frequency 2.5"
    assert _Pair(3).value(point, spiral(0.3, 2.0)) == -np.inf
    exact = RootSystem(lambda x, t: 0 * x, 8, jacobian=lambda x, t: np.diag([0.0, *range(1, 8)]), dt=lambda x, t: 0 * x)
    assert rightmost(exact, np.zeros(8), 0.0, dense_limit=2) is None  # singular: shift and invert fails


# ---------------------------------------------------------------- kernels and branches that cannot be had


def test_a_kernel_that_cannot_be_had_is_none():
    x, along, metric = np.zeros(2), Direction(np.zeros(2), 1.0), Metric()

    def system(matrix, raises=None):
        def jacobian(x, t):
            if raises:
                raise raises
            return matrix

        return RootSystem(lambda x, t: matrix @ x, 2, jacobian=jacobian, dt=lambda x, t: 0 * x)

    assert branching.kernel(system(np.diag([1.0, 0.0])), x, 0.0, along, metric).k == 1
    assert branching.kernel(system(np.eye(2)), x, 0.0, along, metric) is None
    assert branching.kernel(system(np.diag([1.0, 0.0]), EvaluationError("no")), x, 0.0, along, metric) is None
    aside = Direction(np.array([1.0, 0.0]), 0.0)  # no tangent of the branch lies there
    assert branching.kernel(system(np.diag([1.0, 0.0])), x, 0.0, aside, metric) is None


@SEEDS
@pytest.mark.parametrize("slope", [0.3, -2.0, 30.0, -300.0])
def test_the_direction_that_crosses_is_normal_to_the_branch(seed, slope):
    """At the origin of (x1 - slope t) (x1 - b t) = 0, x2 = c t, mixed: two lines that cross."""
    rng = np.random.default_rng(seed)
    b, c, mix = *rng.standard_normal(2), rng.standard_normal((2, 2)) + 2 * np.eye(2)
    system = RootSystem(
        lambda x, t: mix @ np.array([(x[0] - slope * t) * (x[0] - b * t), x[1] - c * t]),
        2,
        jacobian=lambda x, t: mix @ np.array([[2 * x[0] - (slope + b) * t, 0], [0, 1]]),
        dt=lambda x, t: mix @ np.array([-(slope + b) * x[0] + 2 * slope * b * t, -c]),
    )
    metric = Metric(rng.uniform(0.5, 2), rng.uniform(0.5, 2))
    along = metric.unit(np.array([slope, c]), 1.0)
    found = crossing_direction(system, np.zeros(2), 0.0, along=along, linear=Dense(), metric=metric)
    assert metric.norm(*found) == pytest.approx(1.0)
    assert metric.inner(*found, *along) == pytest.approx(0.0, abs=1e-6)
    assert found.x[1] == pytest.approx(c * found.t, abs=1e-6)  # in the null space of the Jacobian


def test_where_no_solve_has_a_direction_there_is_none():
    """As where every matrix is zero, whichever solver it is."""
    broken = GradientSystem(lambda x, t: 0 * x, 2, jacobian=lambda x, t: np.zeros((2, 2)), dt=lambda x, t: 0 * x)
    assert null_vector(broken, np.zeros(2), 0.0, linear=Krylov(), dense_limit=1) is None


@pytest.mark.parametrize(
    "corrector", [None, ArclengthNewton(linear=Krylov(rtol=1e-10))], ids=["factors", "matrix-free"]
)
def test_a_crossing_is_told_with_and_without_a_determinant(corrector):
    member = make("transcritical", np.random.default_rng([3, 1]), 2, 1.0, plain=True)
    path = track(member.system, member.x0, corrector=corrector)
    assert path.success
    if corrector is None:
        found = [e.point.t for e in path.events if e.name == "BP"]
        assert found == pytest.approx([t for t, _ in member.crossings], abs=1e-4)


def test_both_sides_of_a_start_make_one_path():
    """From the middle of the S-curve to both bounds: its events and its points are those of the whole."""
    family, explorer = curves.s_curve(), Explorer(bounds=(0.0, 1.0), spectrum=Spectrum())
    metric = explorer.metric(family, np.zeros(1), 0.5)
    start = Start(at(0.0, x=[0.0], t=0.5), metric.unit(np.array([1.0]), -4.0), metric)
    path = explorer.both(family, start)
    s = path.column("s")
    assert (np.diff(s) > 0).all()
    assert s[0] == 0.0
    assert sorted([path.points[0].t, path.t]) == [0.0, 1.0]
    assert [e.name for e in path.events] == ["LP", "LP"]
    for event in path.events:
        a, b = path.points[event.step], path.points[event.step + 1]
        assert a.s - 1e-9 <= event.point.s <= b.s + 1e-9
        assert metric.inner(*event.point.tangent, event.point.x - a.x, event.point.t - a.t) >= -1e-9
        assert (event.index_before, event.index_after) in ((0, 1), (1, 0))
    for a, b in zip(path.points[:-1], path.points[1:], strict=True):
        assert metric.inner(*a.tangent, b.x - a.x, b.t - a.t) > 0
    one, two = path.events
    assert (one.index_before, one.index_after, two.index_before, two.index_after) == (0, 1, 1, 0)
    whole = diagram(family, np.zeros(1), 0.5, explorer=explorer)
    assert len(whole.branches) == 1
    assert whole.complete
