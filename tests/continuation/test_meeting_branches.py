"""Where branches meet: how the place is found, which branches leave it, and which of them are known."""

from dataclasses import replace
from itertools import count
from math import comb, nan, sqrt

import numpy as np
import pytest

from homotopy.continuation import (
    ArclengthNewton,
    Correction,
    Dense,
    Direction,
    Explorer,
    Metric,
    Occurrence,
    Path,
    Point,
    RootSystem,
    Start,
)
from homotopy.continuation.branches import branching, diagram, meetings, switching
from homotopy.continuation.crossing import meeting
from homotopy.continuation.parts.events import Setting
from homotopy.continuation.parts.linear import Sparse
from homotopy.status import Status

SEEDS = pytest.mark.parametrize("seed", range(5))


# ---------------------------------------------------------------- the place


class Rows:
    """diag((a - t)^power) x = 0, along x = 0: the determinant is the product of these."""

    def __init__(self, a, power, metric):
        self.a, self.power, self.metric = a, power, metric
        self.system = RootSystem(
            lambda x, t: (a - t) ** power * x,
            a.size,
            jacobian=lambda x, t: np.diag((a - t) ** power),
            dt=lambda x, t: -power * (a - t) ** (power - 1) * x,
        )
        self.setting = Setting(self.system, Dense(), metric)

    def probe(self, step):
        """The point a step in arclength from t = 0."""
        t = step / sqrt(self.metric.t_weight)
        sign, size = np.linalg.slogdet(np.diag((self.a - t) ** self.power))
        tangent = self.metric.unit(np.zeros(self.a.size), 1.0)
        return Point(
            np.zeros(self.a.size), t, 7.0, 0.0, step, s=2.0 + step, tangent=tangent, orientation=int(sign), log_det=size
        )


@SEEDS
@pytest.mark.parametrize("even", [False, True], ids=["crossed", "touched"])
def test_the_place_where_a_determinant_vanishes_is_found(seed, even):
    rng = np.random.default_rng(seed)
    a = np.r_[rng.uniform(0.03, 0.05), rng.uniform(5, 9, 2)]
    rows = Rows(a, 2 if even else 1, Metric(rng.uniform(0.5, 2), rng.uniform(0.5, 2), 3.0))
    unit = sqrt(rows.metric.t_weight)
    sides = [(step, rows.probe(step)) for step in (0.0, 0.08 * unit)]
    found = meeting.met(rows.setting, rows.probe, tuple(sides), even=even)
    assert found.t == pytest.approx(a[0], abs=1e-9)
    assert found.x == pytest.approx(np.zeros(3), abs=1e-12)
    assert found.step == pytest.approx(unit * a[0], abs=1e-9)
    assert found.s == pytest.approx(2.0 + unit * a[0])
    assert np.append(*found.tangent) == pytest.approx([0, 0, 0, 1 / unit])
    assert (found.value, found.grad_norm, found.orientation) == (0.0, 0.0, 0)
    back = [(0.08 * unit - step, point) for step, point in reversed(sides)]
    turned = meeting.met(rows.setting, lambda s: replace(rows.probe(0.08 * unit - s), step=s), tuple(back), even=even)
    assert turned.t == pytest.approx(a[0], abs=1e-9)
    assert turned.tangent.t == pytest.approx(1 / unit)  # that of the points beside
    assert meeting.met(rows.setting, lambda step: None, tuple(sides), even=even) is None
    beyond = [(step, rows.probe(step)) for step in (0.1 * unit, 0.18 * unit)]
    assert meeting.met(rows.setting, rows.probe, tuple(beyond), even=even) is None


def test_branches_that_pass_each_other_do_not_meet():
    """x1 (t - 0.4) = gap, F along x1 = 0 is the gap, and rounding for a small one only."""
    metric = Metric(1.0, 1.0)
    rows = Rows(np.array([0.04, 3.0]), 1, metric)
    plain, sides = rows.system, tuple((step, rows.probe(step)) for step in (0.0, 0.08))
    for gap, meet in ((0.0, True), (1e-18, True), (1e-9, False)):
        system = RootSystem(
            lambda x, t, gap=gap: plain.grad(x, t) + np.array([gap, 0.0]),
            2,
            jacobian=plain.hessian,
            dt=plain.dt_grad,
        )
        found = meeting.met(Setting(system, Dense(), metric), rows.probe, sides)
        assert (found is not None) == meet


@pytest.mark.parametrize("residual", [1e-6, 1.0, 1e8])
@pytest.mark.parametrize("error", [1e-9, 1e-8, 1e-7, 1e-6])
def test_branches_meet_where_f_vanishes_as_far_as_it_is_known(error, residual):
    """To ten times the square of the interpolation's error, and to 1e-13 of its size; rounding here is much less."""
    limit, slope = residual * min(1e-13, 10 * error**2), 1e-9 * residual
    fit = meeting._Fit(0.0, error, np.zeros(2), 0.5, (np.zeros(2), 1.0), [])
    for share, vanishes in ((0.0, True), (0.99, True), (1.01, False)):
        gap = share * limit * np.array([0.6, 0.8])
        system = RootSystem(lambda x, t, gap=gap: slope * x + gap, 2, jacobian=lambda x, t: slope * np.eye(2))
        assert meeting._vanishes(Setting(system, Dense(), Metric(1.0, 1.0, residual)), fit) == vanishes


@SEEDS
def test_a_bracket_is_the_zero_or_the_straight_line(seed):
    rng = np.random.default_rng(seed)
    a, b, root = -rng.uniform(0.1, 2), rng.uniform(0.1, 2), rng.uniform(-0.05, 0.05)

    def value(step):
        return (step - root) * (2 + np.sin(step))

    def signed(point):
        return value(point.t)

    def probe(step):
        return Point(np.zeros(1), step, 0.0, 0.0)

    sides = (a, probe(a)), (b, probe(b))
    assert meeting._bracketed(probe, signed, sides) == pytest.approx(root, abs=2e-3 * (b - a))
    line = a - value(a) * (b - a) / (value(b) - value(a))
    assert meeting._bracketed(lambda step: None, signed, sides) == pytest.approx(line)
    assert meeting._bracketed(probe, signed, ((root + 0.1, probe(root + 0.1)), (b, probe(b)))) is None


def test_a_determinant_that_levels_out_is_told_from_one_that_vanishes():
    def fit(function):
        beside = [Point(np.zeros(1), function(s), 0.0, 0.0, s) for s in meeting.BESIDE]
        return meeting._Fit(0.0, 0.0, np.zeros(1), 0.0, (np.zeros(1), 1.0), beside)

    def passes(function, gone=lambda step: False):
        probe = lambda step: None if gone(step) else Point(np.zeros(1), function(step), 0.0, 0.0)  # noqa: E731
        return meeting._passes(probe, lambda point: point.t, fit(function))

    assert passes(lambda s: 2 * s)
    assert passes(lambda s: -2 * s * (1 + 0.1 * s))
    assert passes(lambda s: s * (1 + 0.2 * abs(s)))
    assert not passes(lambda s: np.sign(s) * np.hypot(s, 0.2))
    assert not passes(lambda s: s * (1 + 0.5 * abs(s)))
    assert not passes(lambda s: s if s < 0 else s * (1 + 0.5 * s))
    assert not passes(lambda s: s if s > 0 else s * (1 - 0.5 * s))
    assert not passes(lambda s: 2 * s, lambda step: 0 < step < 0.5)


@SEEDS
def test_without_a_determinant_its_sign_over_the_size_of_the_inverse_stands_for_it(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 5))
    a, b = rng.standard_normal((n, n)), rng.standard_normal(n)
    metric = Metric(rng.uniform(0.5, 2), rng.uniform(0.5, 2), 1.0)
    system = RootSystem(lambda x, t: a @ x + t * b, n, jacobian=lambda x, t: a, dt=lambda x, t: b)
    along = metric.unit(rng.standard_normal(n), 1.0)
    border = np.append(metric.x_weight * along.x, metric.t_weight * along.t)
    matrix = np.vstack([np.column_stack([a, b]), border])
    solved = np.linalg.solve(matrix, np.append(np.cos(np.arange(1.0, n + 1)), 0.0))
    point = Point(np.zeros(n), 0.0, 0.0, 0.0, tangent=along)
    found = meeting._by_solve(Setting(system, Dense(), metric), point)
    assert found == pytest.approx(np.sign(np.linalg.det(matrix)) / metric.norm(solved[:-1], solved[-1]))
    zero = RootSystem(lambda x, t: 0 * x, n, jacobian=lambda x, t: 0 * a, dt=lambda x, t: b)
    assert meeting._by_solve(Setting(zero, Dense(), metric), point) == 0.0


# ---------------------------------------------------------------- the branching equation


class Equation:
    """A branching equation g(y) = 0 that is given."""

    def __init__(self, function, k):
        self.function, self.frame = function, type("Frame", (), {"k": k})

    def point(self, y):
        found = self.function(y)
        return None if found is None else (y, np.atleast_1d(found))


@SEEDS
def test_the_radius_across_balances_the_terms(seed):
    """p y1^3 + m y0 y1: at a distance d across, p d^3 is at most twice m d times the radius along."""
    rng = np.random.default_rng(seed)
    for _ in range(20):
        pure, mixed, along = 10.0 ** rng.uniform(-2, 2, 3) * [1, 1, 0.01]
        found = branching._balanced(Equation(lambda y, p=pure, m=mixed: p * y[1] ** 3 + m * y[0] * y[1], 1), along)
        wanted = next(d for d in along * 0.3 ** np.arange(17) if pure * d**2 <= 2 * mixed * along)
        assert found == pytest.approx(wanted)
    assert branching._balanced(Equation(lambda y: None, 1), 0.01) is None
    assert branching._balanced(Equation(lambda y: y[1] ** 3, 1), 0.01) is None  # no branch along
    # Of two equations the larger pure term counts, and the larger mixed one.
    two = Equation(lambda y: np.array([pure * y[1] ** 3 + mixed * y[0] * y[1], mixed * y[0] * y[2]]), 2)
    assert branching._balanced(two, along) == pytest.approx(wanted)


@SEEDS
@pytest.mark.parametrize("k", [1, 2])
def test_a_polynomial_of_degree_four_is_its_own_model(seed, k):
    rng = np.random.default_rng(seed)
    exponents = branching._exponents(k + 1)
    assert len(exponents) == comb(k + 1 + 4, 4)
    assert (exponents.sum(axis=1) <= 4).all()
    weights, scale = rng.standard_normal((k, len(exponents))), 10.0 ** rng.uniform(-3, 0, k + 1)

    def function(y):
        return weights @ np.prod((y / scale) ** exponents, axis=1)

    model, y = branching._model(Equation(function, k), scale), rng.standard_normal((9, k + 1))
    ratio = model(y) / np.array([function(scale * one) for one in y])
    assert ratio == pytest.approx(np.tile(ratio[0], (9, 1)))  # each equation in a size of its own
    shells = branching._model(Equation(lambda y: function(y) / np.abs(weights).sum(), k), scale)
    assert shells(y) == pytest.approx(model(y))
    assert branching._model(Equation(lambda y: None, k), scale) is None
    assert branching._model(Equation(lambda y: np.zeros(k), k), scale) is None
    kinked = Equation(lambda y: np.abs(y[:k] / scale[:k] - 0.3), k)
    assert branching._model(kinked, scale) is None


@pytest.mark.parametrize("y", [-0.3, 1e-2, 0.07])
def test_the_other_equations_are_solved_near_the_kernel_only(y):
    """x1 t = 0 and x2 = c x1^2: at a distance y in the kernel x2 is c y^2, up to ten times as far."""
    metric = Metric(1.0, 1.0)
    for share, near in ((0.5, True), (9.0, True), (11.0, False), (-9.0, True), (-11.0, False)):
        c = share / abs(y)
        system = RootSystem(
            lambda x, t, c=c: np.array([x[0] * t, x[1] - c * x[0] ** 2]),
            2,
            jacobian=lambda x, t, c=c: np.array([[t, 0.0], [-2 * c * x[0], 1.0]]),
            dt=lambda x, t: np.array([x[0], 0.0]),
        )
        along = Direction(np.zeros(2), 1.0)
        frame = branching.kernel(system, np.zeros(2), 0.0, along, metric)
        found = branching.Reduced(system, np.zeros(2), 0.0, metric, frame).point(np.array([0.1 * y, y]))
        assert (found is not None) == near
        if not near:
            continue
        z, g = found
        assert abs(z[0]) == pytest.approx(abs(y))
        assert (z[1], z[2]) == pytest.approx((c * y * y, 0.1 * y))
        assert abs(g[0]) == pytest.approx(abs(frame.rows[0] * z[0] * z[2]))


@SEEDS
def test_the_other_equations_are_solved_to_what_rounding_leaves(seed):
    """Far from zero moves do not fall to 1e-15: they stay what they are."""
    rng, metric = np.random.default_rng(seed), Metric(1.0, 1.0)
    for _ in range(10):
        x, c = rng.uniform(30, 100, 2), rng.uniform(0.5, 2)
        system = RootSystem(
            lambda z, t, x=x, c=c: np.array([(z[0] - x[0]) * t, (z[1] - x[1]) - c * (z[0] - x[0]) ** 2]),
            2,
            jacobian=lambda z, t, x=x, c=c: np.array([[t, 0.0], [-2 * c * (z[0] - x[0]), 1.0]]),
            dt=lambda z, t, x=x: np.array([z[0] - x[0], 0.0]),
        )
        frame = branching.kernel(system, x, 0.0, Direction(np.zeros(2), 1.0), metric)
        z, _ = branching.Reduced(system, x, 0.0, metric, frame).point(np.array([0.01, 0.07]))
        assert z[1] - x[1] == pytest.approx(c * 0.07**2, abs=1e-12)


def test_the_two_halves_of_the_known_branch_lie_along_it():
    e, close, tilted = np.eye(2), np.array([0.99, 0.14]), np.array([0.9, 0.43])
    assert branching._known([e[0], e[1], -e[0], -e[1]]) == (0, 2)
    assert branching._known([e[1], -e[0], -e[1], e[0]]) == (3, 1)
    assert branching._known([close, -close, e[1], -e[1]]) is None  # the chord turns by 0.28
    assert branching._known([close, close * [-1, 1], e[1], -e[1]]) == (0, 1)
    assert branching._known([tilted, tilted * [-1, 1], e[1]]) is None
    assert branching._known([e[0], close, -e[0]]) == (0, 2)
    assert branching._known([e[0], close]) is None
    assert branching._known([]) is None


# ---------------------------------------------------------------- the starts of branches


@SEEDS
def test_a_branch_begins_in_units_of_its_own_size(seed):
    """The size of x in which it moves as fast as t does; between a thousandth of that of the metric and that."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 5))
    explorer = Explorer(bounds=(0.0, 1.0), corrector=ArclengthNewton(theta=0.3))
    plain = Metric.weighted(0.3, n)
    size, length = 10.0 ** rng.uniform(-3, 3, 2)
    metric = plain.scaled(size, length, 5.0)
    x, way, dt = rng.standard_normal(n), rng.standard_normal(n), -rng.uniform(0.1, 2) * length
    way /= np.sqrt(np.mean(way**2))
    for share, kept in ((1e-5, 1e-3), (0.01, 0.01), (0.5, 0.5), (3.0, 1.0)):
        move = (share * size * abs(dt) / length * way, dt)
        found = Correction(x, 0.5, 3.0, 1e-9, Status.CONVERGED, 1, 0.0)
        start = switching._start(found, metric.unit(*move), explorer, metric, move)
        assert (start.point.x is x, start.point.t, start.point.value, start.point.grad_norm) == (True, 0.5, 3.0, 1e-9)
        assert start.metric.x_weight == pytest.approx(plain.x_weight / (kept * size) ** 2)
        assert (start.metric.t_weight, start.metric.residual) == (metric.t_weight, 5.0)
        assert start.metric.norm(*start.direction) == pytest.approx(1.0)
        assert np.append(*start.direction) * move[1] == pytest.approx(np.append(*move) * start.direction.t)
        assert start.direction.t < 0
        still = switching._start(found, metric.unit(way, 0.0), explorer, metric, (way, 0.0))
        assert still.metric is metric
    scaled = Explorer(bounds=(0.0, 1.0), scale=size)
    assert switching._start(found, metric.unit(*move), scaled, metric, move).metric is metric


@SEEDS
def test_half_branches_have_the_sign_of_their_bordered_determinant(seed):
    rng = np.random.default_rng(seed)
    a, b = rng.standard_normal((3, 3)), rng.standard_normal(3)
    system = RootSystem(lambda x, t: a @ x + t * b, 3, jacobian=lambda x, t: a, dt=lambda x, t: b)
    metric = Metric(0.4, 2.0)
    away = metric.unit(rng.standard_normal(3), rng.standard_normal())
    matrix = np.vstack([np.column_stack([a, b]), np.append(0.4 * away.x, 2.0 * away.t)])
    start = Start(Point(np.zeros(3), 0.0, 0.0, 0.0), away, metric)
    for linear in (Dense(), Sparse()):
        explorer = Explorer(bounds=(0.0, 1.0), corrector=ArclengthNewton(linear=linear))
        assert switching._sign(system, start, explorer) == np.sign(np.linalg.det(matrix))
    flat = RootSystem(lambda x, t: 0 * x, 3, jacobian=lambda x, t: 0 * a, dt=lambda x, t: b)
    assert switching._sign(flat, start, explorer) == 0


def a_curve(rng, metric, n=2):
    """A smooth curve z(u) with its points and unit tangents."""
    way, bend = rng.standard_normal(n + 1), 0.3 * rng.standard_normal(n + 1)

    def place(u):
        return way * u + bend * u * u

    def tangent(u):
        d = way + 2 * bend * u
        return metric.unit(d[:-1], float(d[-1]))

    return place, tangent


@SEEDS
def test_a_known_branch_is_followed_to_both_sides_of_a_point(seed):
    """Its cubic lies on the curve to the third order, and ends where the branch's next point does."""
    rng = np.random.default_rng(seed)
    metric = Metric(rng.uniform(0.5, 2), rng.uniform(0.5, 2))
    place, tangent = a_curve(rng, metric)

    def point(u, s, *, straight=False):
        z = place(u)
        return Point(z[:-1], float(z[-1]), 0.0, 0.0, s=s, tangent=None if straight else tangent(u))

    def arclength(u):
        inner = np.linspace(0, u, 2001)
        steps = np.diff(place(inner[:, None]), axis=0)
        return np.sign(u) * sum(metric.norm(d[:-1], d[-1]) for d in steps)

    us = [-0.4, -0.1, 0.15, 0.5]
    path = Path(tuple(point(u, 5 + arclength(u)) for u in us), Status.TERMINAL_EVENT)
    here = point(0.0, 5.0)
    assert [meetings._neighbor(path, here, side).s for side in (-1, 1)] == [path.points[1].s, path.points[2].s]
    assert meetings._neighbor(path, path.points[-1], 1) is None
    assert meetings._neighbor(path, path.points[0], -1) is None
    event = Occurrence("BP", here, 1, metric=metric)
    distance = 0.3 * min(abs(arclength(u)) for u in us)
    for side, found in zip((-1, 1), meetings._sides(event, path, distance), strict=True):
        fine = np.linspace(0, side * 0.2, 4001)
        gaps = [abs(metric.norm(z[:-1], z[-1]) - distance) for z in place(fine[:, None])]
        wanted = place(fine[int(np.argmin(gaps))])
        assert np.append(*found) == pytest.approx(wanted, abs=0.02 * distance)
        assert metric.norm(*found) == pytest.approx(distance, rel=0.02)
    far = meetings._sides(event, path, 1e3)  # no further than the next point
    assert [np.append(*z).tolist() for z in far] == [pytest.approx(place(u).tolist()) for u in us[1:3]]
    bare = Path(tuple(point(u, 5 + arclength(u), straight=True) for u in us), Status.TERMINAL_EVENT)
    for side, z in zip((-1, 1), meetings._sides(event, bare, distance), strict=True):
        assert np.append(*z) == pytest.approx(side * distance * np.append(*tangent(0.0)))


def test_half_branches_are_known_where_a_branch_passes():
    """Three lines through the origin: the one of the event, one that a second branch has, and a new one."""
    metric = Metric(1.0, 1.0)

    def line(angle, *, name="BP"):
        d = Direction(np.array([np.cos(angle)]), float(np.sin(angle)))
        points = [Point(s * d.x, s * d.t, 0.0, 0.0, s=s + 1, tangent=d) for s in (-1.0, -0.2, 0.2, 1.0)]
        event = Occurrence(name, Point(0 * d.x, 0.0, 0.0, 0.0, s=1.0, tangent=d), 1, metric=metric)
        return event, Path(tuple(points), Status.TERMINAL_EVENT, (event,))

    event, own = line(0.0)
    _, other = line(1.0)
    starts = []
    for angle in (1.0, 1.0 + np.pi, 2.0, 2.0 + np.pi):
        d = Direction(np.array([np.cos(angle)]), float(np.sin(angle)))
        starts.append(Start(Point(0.01 * d.x, 0.01 * d.t, 0.0, 0.0), d, metric))
    known = [meetings.on_known(start, starts, event, [own, other]) for start in starts]
    assert known == [True, True, False, False]
    assert not any(meetings.on_known(start, starts, event, [own]) for start in starts)
    _, elsewhere = line(1.0, name="LP")
    assert not any(meetings.on_known(start, starts, event, [own, elsewhere]) for start in starts)
    off = Occurrence("BP", Point(np.array([2 * meetings.SAME]), 0.0, 0.0, 0.0, tangent=event.tangent), 1, metric=metric)
    assert meetings._passing(event, [Path(own.points, own.status, (off,))]) == []
    assert [e is event for e, _ in meetings._passing(event, [own, other])] == [True, False]


@SEEDS
def test_a_branch_is_put_behind_its_branch_point(seed):
    rng = np.random.default_rng(seed)
    metric, n = Metric(rng.uniform(0.5, 2), rng.uniform(0.5, 2)), 3
    x, dx, dt = rng.standard_normal(n), rng.standard_normal(n), rng.standard_normal()
    where = Point(x, 0.25, 4.0, 0.0, s=9.0, tangent=Direction(x, 1.0), index=7, eigenvalues=(1.0,))
    found, steps = Occurrence("BP", where, 5, metric=metric), count()
    points = tuple(Point(x + dx, 0.25 + dt + s, 0.0, 0.0, s=s, index=2, n_iter=next(steps)) for s in (0.0, 0.5))
    event = Occurrence("LP", Point(x, 0.0, 0.0, 0.0, s=0.25), 0)
    path = diagram._from(found, Path(points, Status.TERMINAL_EVENT, (event,)))
    gap = metric.norm(dx, dt)
    assert [p.s for p in path.points] == pytest.approx([0.0, gap, gap + 0.5])
    head = path.points[0]
    assert (head.x is x, head.t, head.value, head.index, head.eigenvalues) == (True, 0.25, 4.0, 2, ())
    assert np.append(*head.tangent) == pytest.approx(np.append(dx, dt) / gap)
    assert (path.events[0].step, path.events[0].point.s) == (1, pytest.approx(gap + 0.25))
    here = diagram._from(found, Path((Point(x, 0.25, 0.0, 0.0),), Status.TERMINAL_EVENT))
    assert here.points[0].tangent is None
    for off, same in ((0.9, True), (1.1, False)):
        move = metric.unit(dx, dt)
        far = Point(x + off * meetings.SAME * move.x, 0.25 + off * meetings.SAME * move.t, nan, 0.0)
        assert diagram._same(found, Occurrence("BP", far, 0, metric=metric)) == same
