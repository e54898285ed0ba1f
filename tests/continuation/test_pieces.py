"""Pieces of the tracker on random members whose answers are known in closed form, each piece by itself."""

from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp
from continuation.families import make

from homotopy.continuation import (
    Adaptive,
    Constant,
    Dense,
    Direction,
    Explorer,
    Fold,
    GradientSystem,
    Krylov,
    Metric,
    Newton,
    Observed,
    Path,
    Point,
    RootSystem,
    Sparse,
    Spectrum,
    Steps,
    Trail,
    track,
)
from homotopy.continuation.branches import branching, switching
from homotopy.continuation.counting import CountedHomotopy, Tally
from homotopy.continuation.crossing import meeting
from homotopy.continuation.crossing.identity import Identity, distances
from homotopy.continuation.engine.course import Course
from homotopy.continuation.engine.settings import Limits
from homotopy.continuation.engine.state import State, plan
from homotopy.continuation.parts import descents
from homotopy.continuation.parts.events import Setting
from homotopy.continuation.parts.spectrum import null_vector
from homotopy.continuation.parts.stability import n_unstable, rightmost
from homotopy.continuation.results.path import hermite
from homotopy.continuation.route import infinity
from homotopy.continuation.singular import Regularized, is_singular, regularized
from homotopy.objectives.base import check_derivatives
from homotopy.objectives.functions import Himmelblau, Rosenbrock
from homotopy.status import Status

SEEDS = pytest.mark.parametrize("seed", range(5))


def linear(matrix, slope=None, way=None, *, gradient=True, sparse=False):
    """The system (A + t B) (x - t way)."""
    n = len(matrix)
    slope = np.zeros((n, n)) if slope is None else slope
    way = np.zeros(n) if way is None else way

    def hessian(x, t):
        return sp.csc_array(matrix + t * slope) if sparse else matrix + t * slope

    def value(x, t):
        return 0.5 * float((x - t * way) @ (matrix + t * slope) @ (x - t * way))

    cls, known = (GradientSystem, {"value": value}) if gradient else (RootSystem, {})
    return cls(
        lambda x, t: (matrix + t * slope) @ (x - t * way),
        n,
        **known,
        jacobian=hessian,
        dt=lambda x, t: slope @ (x - t * way) - (matrix + t * slope) @ way,
    )


def symmetric(rng, values):
    q = np.linalg.qr(rng.standard_normal((len(values), len(values))))[0]
    return q * values @ q.T, q


# ---------------------------------------------------------------- the metric


@SEEDS
def test_a_metric_is_its_inner_product(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 6))
    a, b = rng.standard_normal((2, n))
    s, t, weight = *rng.standard_normal(2), rng.uniform(0.1, 5, n)
    for metric, w in ((Metric(weight, 3.0, 7.0), weight), (Metric(2.0, 3.0, 7.0), np.full(n, 2.0))):
        assert metric.inner(a, s, b, t) == pytest.approx(np.sum(w * a * b) + 3 * s * t)
        assert metric.norm(a, s) == pytest.approx(np.sqrt(np.sum(w * a * a) + 3 * s * s))
        unit = metric.unit(a, s)
        assert metric.norm(*unit) == pytest.approx(1.0)
        assert unit.x * s == pytest.approx(a * unit.t)
        assert metric.inner(*unit, a, s) > 0
        again = Metric.restored(metric.plain())
        assert again.plain() == metric.plain()
        size = rng.uniform(0.5, 2, n)
        scaled = metric.scaled(size, 0.25, 11.0)
        assert scaled.norm(size * a, 0.25 * s) == pytest.approx(metric.norm(a, s))
        assert scaled.residual == 11.0
    assert Metric.restored(None) is None
    good = [0.5, 2.0, 3.0]
    for number in range(3):
        for odd in (-1.0, np.inf, np.nan, None, [[1.0]], [1.0, -2.0], [1.0, np.inf], *(["1", True] if number else [])):
            with pytest.raises((TypeError, ValueError)):
                Metric.restored([*good[:number], odd, *good[number + 1 :]])
    for odd in ([], good[:2], [*good, 1.0], 5):
        with pytest.raises((TypeError, ValueError)):
            Metric.restored(odd)
    assert Metric.weighted(0.3, 4) == Metric(0.075, 0.7, 1.0)


def test_points_that_are_one_have_no_secant():
    point = Point(np.ones(2), 0.5, 0.0, 0.0)
    assert Trail([point, point], natural=False).secant() is None
    assert Trail([point], natural=False).secant() is None
    further = Point(np.array([1.0, 4.0]), 0.5, 0.0, 0.0)
    assert Trail([point, further], natural=False).secant().x.tolist() == [0.0, 1.0]


# ---------------------------------------------------------------- counting


def test_every_evaluation_is_counted_once():
    family, tally = linear(np.diag([1.0, 2.0, 3.0])), Tally()
    counted = CountedHomotopy(family, tally)
    x = np.ones(3)
    assert counted.value_and_grad(x, 0.0)[1].tolist() == [1.0, 2.0, 3.0]
    assert (tally.grad, tally.hessp) == (1, 0)
    counted.dt_grad(x, 0.0)
    assert (tally.grad, tally.hessp) == (2, 0)
    counted.hessp(x, 0.0, x)
    assert (tally.grad, tally.hessp) == (2, 1)
    counted.hessian(x, 0.0)
    assert (tally.grad, tally.hessp) == (2, 4)
    assert counted.dt(x, 0.0) == family.dt(x, 0.0)
    assert counted.at(0.5).grad(x).tolist() == family.at(0.5).grad(x).tolist()
    assert counted.finish(x) is x
    assert (tally.grad, tally.hessp) == (2, 4)
    assert CountedHomotopy(linear(np.eye(1), gradient=False), tally).symmetric is False

    class Unsaid:
        size = 1

    assert CountedHomotopy(Unsaid(), tally).symmetric is True
    assert not hasattr(CountedHomotopy(Unsaid(), tally), "hessian")


# ---------------------------------------------------------------- spectra


@SEEDS
@pytest.mark.parametrize("dense_limit", [400, 3])
def test_the_index_is_the_number_of_negative_eigenvalues(seed, dense_limit):
    rng = np.random.default_rng(seed)
    values = rng.uniform(0.5, 4, 14) * np.where(np.arange(14) < seed * 2, -1, 1)
    family = linear(symmetric(rng, values)[0])
    spectrum = Spectrum(n_lowest=2, dense_limit=dense_limit, max_negative=12)
    index, lowest = spectrum.index(family, np.zeros(14), 0.0)
    assert index == seed * 2
    assert lowest == pytest.approx(np.sort(values)[:2], rel=1e-5)
    found, vectors = spectrum.lowest(family, np.zeros(14), 0.0)
    assert found[:2] == pytest.approx(np.sort(values)[:2], rel=1e-5)
    assert np.linalg.norm(family.hessian(None, 0.0) @ vectors - vectors * found) < 1e-4
    capped = Spectrum(dense_limit=3, max_negative=3).index(family, np.zeros(14), 0.0)[0]
    assert capped == min(3, seed * 2)


def test_an_eigenvalue_of_rounding_is_not_negative():
    for least, index in ((-1e-12, 0), (-1e-8, 1)):
        assert Spectrum().index(linear(np.diag([1.0, least])), np.zeros(2), 0.0)[0] == index
        assert n_unstable(np.array([-1.0, -least], dtype=complex)) == index
    assert n_unstable(np.empty(0, dtype=complex)) == 0


@SEEDS
def test_unstable_directions_of_a_flow_are_those_of_positive_real_part(seed):
    rng = np.random.default_rng(seed)
    matrix = rng.standard_normal((9, 9)) - 0.5 * np.eye(9)
    values = np.linalg.eigvals(matrix)
    family = linear(matrix, gradient=False)
    for flow, sign in ((None, 1), ("F", 1), ("-F", -1)):
        index, lowest = Spectrum(n_lowest=3, flow=flow).index(family, np.zeros(9), 0.0)
        assert index == np.sum(sign * values.real > 0)
        assert lowest == pytest.approx(np.sort(sign * values.real)[::-1][:3])
    few = linear(
        np.diag(np.r_[0.5, 0.3, -np.arange(5.0, 45.0)]) + np.triu(0.01 * rng.random((42, 42)), 1), gradient=False
    )
    found = rightmost(few, np.zeros(42), 0.0, dense_limit=4, most=40)
    assert n_unstable(found) == 2
    assert found[:2].real == pytest.approx([0.5, 0.3])
    assert rightmost(few, np.zeros(42), 0.0, sign=-1.0, dense_limit=4, most=4) is None
    assert rightmost(linear(-np.eye(9), gradient=False), np.zeros(9), 0.0, dense_limit=4).size == 0
    assert Spectrum(dense_limit=2).index(RootSystem(lambda x, t: x, 3), np.zeros(3), 0.0) == (-1, ())


@SEEDS
@pytest.mark.parametrize("way", ["dense", "root", "iterated", "exactly singular"])
def test_the_null_vector_is_that_of_the_matrix(seed, way):
    rng = np.random.default_rng(seed)
    least = 0.0 if way in ("exactly singular", "root") else 1e-9
    matrix, q = symmetric(rng, np.r_[rng.uniform(1, 3, 3), least, -rng.uniform(1, 3, 3)])
    null = q[:, 3]
    if way == "root":
        matrix = rng.standard_normal((7, 7)) @ matrix
    if way == "exactly singular":
        matrix, null = np.diag([1.0, -2.0, 0.0, 3.0]), np.eye(4)[2]
    n = len(null)
    family = linear(matrix, np.eye(n), gradient=way != "root")
    limit = 2 if way in ("iterated", "exactly singular") else 400
    found = null_vector(family, np.zeros(n), 0.0, linear=Dense(), metric=Metric(1.0, 4.0), dense_limit=limit)
    assert abs(found @ null) == pytest.approx(1.0, abs=1e-6)
    assert np.linalg.norm(found) == pytest.approx(1.0)


@SEEDS
def test_many_variables_get_the_vector_of_five_inverse_iterations(seed):
    rng = np.random.default_rng(seed)
    matrix, q = symmetric(rng, np.r_[rng.uniform(1, 3, 3), 0.1, -rng.uniform(1, 3, 3)])
    found = null_vector(linear(matrix), np.zeros(7), 0.0, linear=Dense(), dense_limit=2)
    wanted = np.linalg.matrix_power(np.linalg.inv(matrix), 5) @ np.cos(np.arange(1.0, 8.0))
    assert found == pytest.approx(wanted / np.linalg.norm(wanted))
    assert abs(found @ q[:, 3]) == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize(("kind", "least"), [("transcritical", 4), ("pitchfork", 6)])
def test_the_other_branch_leaves_along_the_crossing_direction(kind, least, monkeypatch):
    """Where the kernel is not computed, the null vector leads to branches of a simple point, not to all of them."""
    monkeypatch.setattr(switching, "DENSE", 2)
    explorer, number = Explorer(bounds=(0.0, 1.0)), 0
    for seed in range(7):
        member = make(kind, np.random.default_rng([seed, 4]), 3, 1.0, plain=True)
        path = track(member.system, member.x0)
        for event in (event for event in path.events if event.name == "BP"):
            found, why = switching.explained(member.system, event, explorer=explorer)
            assert "above 400" in why
            assert len(found) <= 2
            number += len(found)
            moves = [(start.point.x - event.point.x, start.point.t - event.point.t) for start in found]
            for start, move in zip(found, moves, strict=True):
                other = member.solutions(start.point.t, connected=False)
                assert member.distance(other, start.point.x).min() < 1e-5
                assert member.distance(member.curve(start.point.t), start.point.x) > 1e-4
                assert 0.05 * explorer.offset < event.metric.norm(*move) < 3 * explorer.offset
                assert start.metric.norm(*start.direction) == pytest.approx(1.0)
                assert event.metric.inner(*start.direction, *move) > 0
            assert len(moves) < 2 or event.metric.inner(*moves[0], *moves[1]) < 0  # to both sides
    assert number >= least


# ---------------------------------------------------------------- branching


@SEEDS
def test_vanishing_singular_values_are_counted_by_their_gap(seed):
    rng = np.random.default_rng(seed)
    for k in (1, 2, 3):
        big, small = rng.uniform(0.1, 1.0, 4), rng.uniform(0.1, 1.0, k) * 1e-8
        s = np.r_[np.sort(big)[::-1], np.sort(small)[::-1]]
        assert branching._vanishing(s) == (k if k < 3 else None)
    assert branching._vanishing(np.array([1.0, 0.5, 0.2])) is None
    assert branching._vanishing(np.array([1.0, 1.5e-3])) is None
    assert branching._vanishing(np.array([1.0, 0.5e-3])) == 1
    assert branching._vanishing(np.array([1e-9])) == 1


def lines(angles):
    """The product of linear functions that vanish in these directions, as a model of one equation."""
    return lambda y: np.prod([np.cos(a) * y[:, 1] - np.sin(a) * y[:, 0] for a in angles], axis=0)[:, None]


@SEEDS
def test_the_zeros_on_a_circle_are_all_found(seed):
    angles = np.random.default_rng(seed).uniform(0, np.pi, seed + 1)
    found = branching._on_circle(lines(angles))
    wanted = np.sort(np.mod(np.r_[angles, angles + np.pi], 2 * np.pi))
    assert np.sort([np.mod(np.arctan2(y[1], y[0]), 2 * np.pi) for y in found]) == pytest.approx(wanted, abs=1e-5)
    assert branching._on_circle(lambda y: 0.0 * y[:, :1]) is None


@SEEDS
def test_the_common_zeros_on_a_sphere_are_all_found(seed):
    """Two products of two planes: four lines through the origin, eight points of the sphere."""
    rng = np.random.default_rng(seed)
    planes = rng.standard_normal((4, 3))
    found = branching._on_sphere(
        lambda y: np.column_stack([(y @ planes[0]) * (y @ planes[1]), (y @ planes[2]) * (y @ planes[3])])
    )
    wanted = []
    for i in (0, 1):
        for j in (2, 3):
            line = np.cross(planes[i], planes[j])
            wanted += [line / np.linalg.norm(line), -line / np.linalg.norm(line)]
    assert len(found) == 8
    assert max(min(np.linalg.norm(one - other) for other in found) for one in wanted) < 1e-6


@pytest.mark.parametrize("kind", ["transcritical", "pitchfork", "double"])
@SEEDS
def test_half_branches_lie_on_the_branches(kind, seed):
    rng = np.random.default_rng([seed, 9])
    member = make(kind, rng, 4, 1.0, plain=True)
    t, x = member.crossings[0]
    ahead, behind = member.curve(t + 1e-6), member.curve(t - 1e-6)
    if not np.isfinite([ahead, behind]).all() or not member.success:
        return
    metric = Metric.weighted(0.5, 4)
    along = metric.unit(ahead - behind, 2e-6)
    frame = branching.kernel(member.system, x, t, along, metric)
    assert frame.k == (2 if kind == "double" else 1)
    whole = np.column_stack([frame.basis, frame.range])
    assert whole.T @ whole == pytest.approx(np.eye(5), abs=1e-9)
    roots = np.sqrt(np.r_[np.full(4, metric.x_weight), metric.t_weight])
    assert abs(frame.basis[:, 0] @ (np.append(along.x, along.t) * roots)) == pytest.approx(1.0, abs=1e-5)
    matrix = np.column_stack([member.system.hessian(x, t), member.system.dt_grad(x, t)]) / roots
    assert np.abs(matrix @ frame.basis).max() < 1e-6 * np.abs(matrix).max()
    assert frame.values == pytest.approx(np.linalg.svd(frame.rows[:, None] * matrix)[1][: frame.values.size])
    reduced = branching.Reduced(member.system, x, t, metric, frame)
    ways, known = branching.half_branches(reduced, 0.01)
    assert len(set(known)) == 2
    for number, way in enumerate(ways):
        z, g = reduced.point(way)
        near = [member.distance(z[:-1], branch(z[-1])) for branch in (member.curve, *member.others)]
        assert min(near) < 2e-3 * np.linalg.norm(way) / 0.01 + 1e-9
        assert (int(np.argmin(near)) == 0) == (number in known)
        assert np.abs(g).max() < 1e-4


# ---------------------------------------------------------------- where curves meet


@SEEDS
def test_simple_values_pass_zero_as_a_line_does(seed):
    rng = np.random.default_rng(seed)
    nodes = meeting.BESIDE
    at, slope = rng.uniform(-0.2, 0.2), rng.choice([-1, 1]) * rng.uniform(0.5, 2)
    line = slope * (nodes - at)
    assert meeting._simple(line)
    assert meeting._zero(nodes, line * (1 + 0.05 * nodes), even=False) == pytest.approx(at, abs=1e-9)
    assert not meeting._simple(np.abs(line))
    assert not meeting._simple(line * np.abs(nodes))
    assert not meeting._simple(slope * np.sign(nodes) * nodes**2)
    assert not meeting._simple(slope * (np.r_[nodes[:3], 5 * nodes[3:]]))
    assert not meeting._simple(slope * np.sign(nodes))
    for power in (0.2, 0.35, 0.4, 1.0, 1.4, 1.5, 2.0):  # as powers whose values a factor of 1.5 to 5 apart
        curve = slope * np.sign(nodes) * abs(nodes) ** power
        assert meeting._simple(curve) == (1.5 < 3**power < 5)
        assert not meeting._simple(np.r_[curve[:2], -curve[2], curve[3:]])
    for share in (0.32, 0.35, 2.9, 3.1):  # and about as steep on both sides
        assert meeting._simple(np.r_[slope * nodes[:3], share * slope * nodes[3:]]) == (1 / 3 < share < 3)
    touch = (nodes - at) ** 2
    assert meeting._zero(nodes, touch, even=True) == pytest.approx(at, abs=1e-9)
    assert meeting._zero(nodes, touch + 1.0, even=True) is None


@SEEDS
def test_distances_to_singular_points_are_those_of_the_eigenvalues(seed):
    """Along x = 0 of diag(a_i - t): each vanishes at t = a_i."""
    rng = np.random.default_rng(seed)
    a = rng.uniform(-3, 3, 4)
    metric = Metric(0.3, rng.uniform(0.2, 5))
    family = linear(symmetric(rng, a)[0], -np.eye(4))
    setting = Setting(family, Dense(), metric)
    tangent = metric.unit(np.zeros(4), 1.0)
    found = distances(setting, Point(np.zeros(4), 0.0, 0.0, 0.0, tangent=tangent))
    assert found == pytest.approx(np.sort(a) * np.sqrt(metric.t_weight), rel=1e-5)
    assert distances(setting, Point(np.zeros(4), 0.0, 0.0, 0.0)).size == 0
    turning = np.array([[0.0, 1.0], [-1.0, 0.0]])  # eigenvalues of A - t that are never real
    spun = Setting(linear(turning, -np.eye(2), gradient=False), Dense(), metric)
    assert distances(spun, Point(np.zeros(2), 0.0, 0.0, 0.0, tangent=metric.unit(np.zeros(2), 1.0))).size == 0
    identity = Identity(setting)
    point, least = (
        Point(np.zeros(4), 0.0, 0.0, 0.0, tangent=tangent, log_det=0.0),
        np.min(found[found > 0], initial=9.0),
    )
    assert identity.passes(point, 1.01 * least) == (least < 9)
    assert not identity.passes(point, 0.99 * least)
    further = Point(np.zeros(4), 0.01, 0.0, 0.0, log_det=-0.1)
    assert identity.nears(point, further, 0.101 * least) == (least < 9)
    assert not identity.nears(point, further, 0.099 * least)
    assert not identity.nears(further, point, 1.0)


# ---------------------------------------------------------------- infinity


def fleeing(rng, q, *, end=1.0, c=0.7, count=120, far=1e9, curve=None):
    """Points whose t tends to an end as end - c m^-q, m the distance from the start, that grow evenly."""
    way = rng.standard_normal(3)
    way /= np.linalg.norm(way)
    m = np.r_[0.0, np.geomspace(0.05, far, count)]
    t = np.r_[0.0, curve(m[1:]) if curve else end - c * m[1:] ** -q]
    return [Point(s * way, u, 0.0, 0.0, s=s) for s, u in zip(m, t, strict=True)]


ASKED = {"growth": 1e6, "agreement": 0.02, "triples": 4}


@pytest.mark.parametrize("q", [0.15, 0.5, 1.0, 2.0])
@SEEDS
def test_the_limit_of_t_is_extrapolated(q, seed):
    rng = np.random.default_rng(seed)
    end, c = rng.uniform(-3, 3), rng.choice([-1, 1]) * rng.uniform(0.3, 3)
    found = infinity.limit(fleeing(rng, q, end=end, c=c), Metric(), **ASKED)
    assert found is not None
    assert found[0] == pytest.approx(end, abs=max(3 * found[1], 1e-12))
    assert found[1] < 1e-2
    # What is left out of the law is told as an error.
    bent = fleeing(
        rng, q, curve=lambda m: end - c * m**-q - 0.3 * c * m ** (-2 * q), far=10 ** (4 / q) if q < 1 else 1e4
    )
    near = infinity.limit(bent, Metric(), **(ASKED | {"growth": 1e3, "agreement": 0.1}))
    assert abs(near[0] - end) < 2 * near[1] + 1e-14
    assert near[1] < 20 * abs(near[0] - end) + 1e-12
    m, t = [3.0**3, 3.0**2, 3.0], [end - c * 3.0 ** (-q * k) for k in (3, 2, 1)]
    assert infinity._rate(m, t) == pytest.approx(q)
    assert infinity._end(m[:2], t[:2], q) == pytest.approx(end)


def test_paths_that_only_grow_have_no_limit():
    rng = np.random.default_rng(3)
    for curve in (np.log, lambda m: m**0.3, lambda m: 1 - m**-0.05, lambda m: np.sin(m)):
        assert infinity.limit(fleeing(rng, 1.0, curve=curve), Metric(), **ASKED) is None
    assert infinity.limit(fleeing(rng, 1.0, far=1e5), Metric(), **ASKED) is None  # not far enough
    assert infinity.limit(fleeing(rng, 1.0, far=3e6), Metric(), **ASKED) is not None
    for triples in (3, 4, 5):  # so many triples of points, each three times as far as the one before
        m = np.r_[0.0, 1e9 / 3.001 ** (np.arange(80.0, -1.0, -1.0) / 4)]
        for number, told in ((triples + 2, True), (triples + 1, False)):
            t = np.where(m > 1.1 * m[-1] / 3.001**number, 0.5, 0.1)
            points = [Point(np.full(1, u), v, 0.0, 0.0, s=u) for u, v in zip(m, t, strict=True)]
            found = infinity.limit(points, Metric(), growth=1e6, agreement=0.02, triples=triples)
            assert (found is not None and found[0] == 0.5) == told
        still = [Point(p.x, 0.5, 0.0, 0.0, s=p.s) for p in points]
        for number in range(1, triples + 3):  # of points that are so far apart, and one at the start, however still
            few = [*still[:2], *still[-4 * number + 3 :]]
            found = infinity.limit(few, Metric(), growth=1.0, agreement=0.02, triples=triples)
            assert (found is not None) == (number + 1 >= triples + 2)
    steady = infinity.limit(fleeing(rng, 1.0, curve=lambda m: np.full(m.shape, 0.5)), Metric(), **ASKED)
    assert steady[0] == 0.5
    shaken = [Point(p.x, 0.5 + 2.0**-53 * (k % 7), 0.0, 0.0, s=p.s) for k, p in enumerate(still)]
    assert infinity.limit(shaken, Metric(), growth=1.0, agreement=0.02, triples=3)[0] == shaken[-1].t
    assert 0 < steady[1] < 1e-13
    assert infinity._rate([27.0, 9.0, 3.0], [1.0, 0.0, 0.5]) is None  # t turns back
    assert infinity._rate([27.0, 9.0, 3.0], [3.0, 2.0, 1.0]) is None  # and does not converge
    back = fleeing(rng, 1.0)
    assert infinity.limit([*back[:-1], back[60]], Metric(), **ASKED) is None


# ---------------------------------------------------------------- what is read off a path


def test_between_points_without_tangents_a_path_is_straight():
    a, b = (Point(np.array([1.0, -2.0]) * k, 0.2 * k, 3.0 * k, 0.0, s=k, step=k, index=int(k)) for k in (1.0, 2.0))
    for t, share in ((0.25, 0.25), (0.36, 0.8)):
        (found,) = Path((a, b), Status.REACHED_TARGET).at(t)
        assert found.x == pytest.approx((1 + share) * np.array([1.0, -2.0]))
        assert (found.t, found.s, found.value) == (t, pytest.approx(1 + share), pytest.approx(3 * (1 + share)))
        assert (found.step, found.index) == ((1.0, 1) if share < 0.5 else (2.0, 2))


@SEEDS
def test_a_path_with_tangents_is_cubic_in_arclength_and_else_straight(seed):
    rng = np.random.default_rng(seed)
    a, b = np.cumsum(rng.uniform(0.1, 1, 2))
    x = np.polynomial.Polynomial(rng.standard_normal(4))
    t = np.polynomial.Polynomial([rng.standard_normal(), rng.choice([-1, 1]) * 9.0, *rng.uniform(-1, 1, 2)])

    def point(s, *, tangent=True):
        along = Direction(np.array([x.deriv()(s)]), float(t.deriv()(s))) if tangent else None
        return Point(np.array([x(s)]), float(t(s)), s, 0.0, s=s, tangent=along)

    s = a + rng.uniform(0.1, 0.9) * (b - a)
    (found,) = Path((point(a), point(b)), Status.REACHED_TARGET).at(t(s))
    assert (found.t, found.x[0], found.s, found.value) == pytest.approx((t(s), x(s), s, s))
    share = (t(s) - t(a)) / (t(b) - t(a))
    turned = replace(point(a), tangent=Direction(point(a).tangent.x, -point(a).tangent.t))
    for pair in (
        (point(a, tangent=False), point(b)),
        (point(a), point(b, tangent=False)),
        (turned, point(b)),  # t goes back before it comes
        (replace(point(a), s=b), point(b)),
    ):
        (found,) = Path(pair, Status.REACHED_TARGET).at(t(s))
        assert (found.t, found.x[0]) == pytest.approx((t(s), x(a) + share * (x(b) - x(a))))


@SEEDS
def test_a_cubic_is_its_own_interpolant(seed):
    rng = np.random.default_rng(seed)
    cubic, length = np.polynomial.Polynomial(rng.standard_normal(4)), rng.uniform(0.1, 3)
    slope, a = cubic.deriv(), rng.standard_normal()
    for share in (0.0, 0.3, 0.7, 1.0):
        found = hermite(cubic(a), cubic(a + length), slope(a), slope(a + length), length, share)
        assert found == pytest.approx(cubic(a + share * length))


# ---------------------------------------------------------------- singular starts


@SEEDS
def test_the_perturbed_homotopy_has_exact_derivatives(seed):
    rng = np.random.default_rng(seed)
    family = linear(symmetric(rng, rng.uniform(-1, 2, 3))[0], np.eye(3), rng.standard_normal(3))
    path = Regularized(family, 0.7, rng.standard_normal(3))
    x, h = rng.standard_normal(3), 1e-5
    for t in (0.0, 0.4, 1.0):
        error = check_derivatives(path.at(t), x, rng=1)
        assert max(error["gradient_error"], error["hessp_error"]) < 1e-6
        assert path.hessian(x, t) == pytest.approx(np.array([path.hessp(x, t, e) for e in np.eye(3)]))
        assert path.dt(x, t) == pytest.approx((path.value(x, t + h) - path.value(x, t - h)) / (2 * h), abs=1e-7)
        assert path.dt_grad(x, t) == pytest.approx((path.grad(x, t + h) - path.grad(x, t - h)) / (2 * h), abs=1e-7)
    assert path.grad(x, 1.0) == pytest.approx(family.grad(x, 1.0))
    assert path.grad(x, 0.0) == pytest.approx(family.grad(x, 0.0) + 0.7 * (x - path.center))
    assert path.finish(x) is x


@SEEDS
def test_singular_is_what_is_singular_to_rounding(seed):
    rng = np.random.default_rng(seed)
    unit = 10.0 ** rng.integers(-6, 7)
    for least, singular in ((1e-6, False), (1e-11, True)):
        family = linear(unit * symmetric(rng, np.r_[rng.uniform(0.5, 2, 4), least])[0])
        assert is_singular(family, np.zeros(5), 0.0, linear=Dense()) == singular
        assert not is_singular(family, np.zeros(5), 0.0, linear=Krylov())
    assert is_singular(linear(np.diag([1.0, 0.0])), np.zeros(2), 0.0, linear=Sparse())


@pytest.mark.parametrize("n_zero", [1, 2])
@SEEDS
def test_a_singular_start_is_told_and_solved(seed, n_zero):
    rng = np.random.default_rng(seed)
    values = np.r_[np.zeros(n_zero), rng.uniform(0.5, 2, 3)]
    matrix, _ = symmetric(rng, values)
    path, note = regularized(
        linear(matrix, np.eye(len(values)), rng.standard_normal(len(values))), np.zeros(len(values)), 0
    )
    assert f"{n_zero} of {len(values)} eigenvalues" in note
    assert path.weight == pytest.approx(1e-3 * values.max())
    x = path.start()
    assert np.linalg.norm(path.grad(x, 0.0)) < 1e-6 * path.weight
    assert np.sqrt(np.mean((path.center) ** 2)) == pytest.approx(path.distance)


# ---------------------------------------------------------------- descents and plans


def test_armijo_takes_the_first_length_that_lowers_the_value_enough():
    family = linear(np.diag([2.0]))
    x = np.array([3.0])
    value, g = family.value_and_grad(x, 0.0)
    for size in (0.1, 0.9, 1.5, 40.0):
        new, found, slope, length = descents._armijo(family, x, 0.0, value, g, size)
        tried = [size * 0.5**k for k in range(40)]
        wanted = next(s for s in tried if (x[0] - s * g[0]) ** 2 <= value - 1e-4 * s * g[0] ** 2)
        assert length == wanted
        assert (new[0], found, slope[0]) == (x[0] - length * g[0], new[0] ** 2, 2 * new[0])
    assert descents._armijo(family, x, 0.0, value, -g, 1.0) is None  # uphill


@pytest.mark.parametrize(("objective", "x0"), [(Rosenbrock(), [-1.2, 1.0]), (Himmelblau(), [1.0, 1.0])])
@pytest.mark.parametrize("corrector", [descents.LBFGS(), descents.GradientDescent()], ids=lambda c: type(c).__name__)
def test_descents_end_where_the_gradient_is_small(objective, x0, corrector):
    from homotopy.continuation import Guess

    family = GradientSystem(lambda x, t: objective.grad(x), 2, value=lambda x, t: objective.value(x))
    found = corrector.correct(family, Guess(np.array(x0), 0.3, None, Metric(1.0, 1.0, 2.0)))
    assert found.status is Status.CONVERGED
    assert found.grad_norm == pytest.approx(np.linalg.norm(objective.grad(found.x)), abs=1e-9)
    assert found.grad_norm <= 2e-6
    assert found.value == pytest.approx(objective.value(found.x), abs=1e-12)
    assert found.distance == pytest.approx(np.linalg.norm(found.x - x0))
    assert (found.t, found.descent) == (0.3, True)


def test_tangents_are_computed_for_whom_they_serve():
    family = linear(np.eye(3))

    def wanted(steps, **observed):
        state = State(0.1)
        return plan(
            CountedHomotopy(family, state.tally), steps, Course(), Observed(**observed), Limits()
        ).tangents.wanted

    natural = Steps(Constant(), Newton(), Adaptive())
    free = Steps(Constant(), Newton(linear=Krylov()), Adaptive())
    descent = Steps(Constant(), descents.LBFGS(), Adaptive())
    assert wanted(natural)
    assert not wanted(free)
    assert not wanted(descent)
    assert wanted(free, events=[Fold()])
