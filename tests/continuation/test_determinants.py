"""Tangents, determinants and bordered systems against NumPy's solves, for every way to solve."""

from dataclasses import replace
from math import isnan

import numpy as np
import pytest
import scipy.sparse as sp
from continuation.families import make

from homotopy.continuation import (
    Auto,
    Correction,
    Dense,
    Direction,
    GradientSystem,
    Krylov,
    Metric,
    Point,
    RootSystem,
    Sparse,
    Spectrum,
    track,
)
from homotopy.continuation.engine.tangents import Tangents
from homotopy.continuation.parts.events import Setting
from homotopy.continuation.parts.linear import bordered
from homotopy.status import Status

SEEDS = pytest.mark.parametrize("seed", range(3))
WAYS = {
    "dense": Dense(),
    "sparse": Sparse(),
    "auto": Auto(),
    "own": Auto(),
    "free": Krylov(rtol=1e-12, kernel_rtol=1e-12),
    "auto, free": Auto(dense_limit=1, krylov=Krylov(rtol=1e-12, kernel_rtol=1e-12)),
}


def family(a, b, way, *, gradient):
    """A x + t b, whose matrix is there as the way needs it."""
    n, cls = len(b), GradientSystem if gradient else RootSystem
    matrix = {"dense": a, "sparse": sp.csc_array(a), "auto": a, "own": a}.get(way)
    derivative = {"jvp": lambda x, t, v: a @ v} if matrix is None else {"jacobian": lambda x, t: matrix}
    made = cls(lambda x, t: a @ x + t * b, n, dt=lambda x, t: b, **derivative)
    if way == "own":
        made.factorize = lambda x, t: Dense().factor(made, x, t)
    return made


def drawn(seed, *, gradient):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 7))
    a, b = rng.standard_normal((n, n)), rng.standard_normal(n)
    metric = Metric(float(rng.uniform(0.2, 5)), rng.uniform(0.2, 5), rng.uniform(0.2, 5))
    return rng, a + a.T if gradient else a, b, metric


def whole(a, b, metric, along):
    """The Jacobian bordered with a direction in the metric."""
    border = np.append(metric.x_weight * along.x, metric.t_weight * along.t)
    return np.vstack([np.column_stack([a, b]), border])


@SEEDS
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("gradient", [True, False], ids=["gradient", "root"])
def test_bordered_systems_are_solved(seed, way, gradient):
    rng, a, b, metric = drawn(seed, gradient=gradient)
    n = b.size
    along = metric.unit(rng.standard_normal(n), rng.standard_normal())
    found = bordered(WAYS[way], family(a, b, way, gradient=gradient), (np.zeros(n), 0.0), along, metric)
    matrix, f, g = whole(a, b, metric, along), rng.standard_normal(n), rng.standard_normal()
    tolerance = 1e-6 * np.linalg.cond(matrix)
    for solved, right in ((found.solve(f, g), np.append(f, g)), (found.kernel(), np.eye(n + 1)[n])):
        wanted = np.linalg.solve(matrix, right)
        assert np.append(*solved) == pytest.approx(wanted, abs=tolerance * np.linalg.norm(wanted))
    if "free" not in way:
        assert (found.det_sign(), found.log_det()) == pytest.approx(np.linalg.slogdet(matrix))


@pytest.mark.parametrize("gradient", [True, False], ids=["gradient", "root"])
def test_a_matrix_that_is_singular_has_a_regular_border(gradient):
    a, b, metric = np.diag([2.0, 0.0, 3.0]), np.array([0.5, 1.0, -1.0]), Metric(0.5, 2.0)
    along = metric.unit(np.array([0.3, 1.0, 0.1]), 0.2)
    matrix = whole(a, b, metric, along)
    for way in ("dense", "sparse"):
        for linear in (WAYS[way], Auto()):
            found = bordered(linear, family(a, b, way, gradient=gradient), (np.zeros(3), 0.0), along, metric)
            assert np.append(*found.kernel()) == pytest.approx(np.linalg.solve(matrix, np.eye(4)[3]))
            assert found.det_sign() == np.linalg.slogdet(matrix)[0]


@SEEDS
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("gradient", [True, False], ids=["gradient", "root"])
@pytest.mark.parametrize("each", [False, True], ids=["one size", "many"])
def test_a_tangent_is_the_kernel_and_has_the_determinant_bordered_with_it(seed, way, gradient, each):
    rng, a, b, metric = drawn(seed, gradient=gradient)
    n, x = b.size, np.zeros(b.size)
    metric = replace(metric, x_weight=rng.uniform(0.2, 5, n)) if each else metric
    setting = Setting(family(a, b, way, gradient=gradient), WAYS[way], metric)
    kernel = metric.unit(np.linalg.solve(a, -b), 1.0)
    for natural, sense, along in (
        (True, 1.0, None),
        (True, -1.0, Direction(kernel.x, -kernel.t)),
        (False, -1.0, None),
        (False, 1.0, metric.unit(kernel.x + 0.1 * rng.standard_normal(n), kernel.t)),
        (False, 1.0, metric.unit(-kernel.x, -kernel.t + 0.1 * rng.standard_normal())),
    ):
        tangent, sign, size = Tangents(setting, natural, sense, True, None).tangent(x, 0.0, along)
        toward = sense if natural or along is None else np.sign(metric.inner(*kernel, *along))
        wanted = toward * np.append(*kernel)
        assert np.append(*tangent) == pytest.approx(wanted, abs=1e-5 * np.linalg.cond(a))
        assert metric.norm(*tangent) == pytest.approx(1.0)
        if "free" in way:
            assert sign == 0
            assert isnan(size)
        else:
            assert (sign, size) == pytest.approx(np.linalg.slogdet(whole(a, b, metric, tangent)))
    assert Tangents(setting, False, 1.0, False, None).tangent(x, 0.0, None)[:2] == (None, 0)


@SEEDS
def test_a_point_follows_another_by_its_arclength_and_on_the_same_side(seed):
    rng, a, b, metric = drawn(seed, gradient=True)
    n = b.size
    setting = Setting(family(a, b, "dense", gradient=True), Dense(), metric)
    kernel = metric.unit(np.linalg.solve(a, -b), 1.0)
    last = Point(rng.standard_normal(n), 0.3, 0.0, 0.0, s=2.0, tangent=Direction(-kernel.x, -kernel.t))
    x, t = rng.standard_normal(n), rng.standard_normal()
    found = Correction(x, t, 3.0, 1e-9, Status.CONVERGED, 5, 0.1, n_linear=7, accuracy=1e-12)
    tangents = Tangents(setting, False, 1.0, True, Spectrum(n_lowest=2, every=3))
    values = np.linalg.eigvalsh(a)
    for number, fresh in ((3, False), (4, True), (-1, False), (-3, False)):
        point = tangents.point(last, 0.25, found, number, fresh=fresh)
        assert (point.x is x, point.t, point.value, point.grad_norm) == (True, t, 3.0, 1e-9)
        assert (point.step, point.n_iter, point.n_linear, point.accuracy) == (0.25, 5, 7, 1e-12)
        assert point.s == pytest.approx(2.0 + metric.norm(x - last.x, t - 0.3))
        side = 1.0 if fresh else -1.0
        assert np.append(*point.tangent) == pytest.approx(side * np.append(*kernel))
        assert point.index == (np.sum(values < 0) if number == 3 else -1)
        assert point.eigenvalues == pytest.approx(tuple(values[:2]) if number == 3 else ())
    first = tangents.first(last, None)
    assert (first.x is last.x, first.s, first.index) == (True, 2.0, np.sum(values < 0))
    assert np.append(*first.tangent) == pytest.approx(np.append(*kernel))
    assert tangents.refreshed(replace(last, index=9)).index == np.sum(values < 0)
    plain = Tangents(setting, False, 1.0, True, None)
    assert plain.refreshed(last) is last
    for angle in (0.0, 0.3, 2.0, np.pi):
        across = rng.standard_normal(n)
        other = metric.unit(
            across - metric.inner(across, 0.0, *kernel) * kernel.x, -metric.inner(across, 0.0, *kernel) * kernel.t
        )
        turned = Direction(
            np.cos(angle) * kernel.x + np.sin(angle) * other.x, np.cos(angle) * kernel.t + np.sin(angle) * other.t
        )
        assert plain.angle(replace(last, tangent=kernel), replace(last, tangent=turned)) == pytest.approx(
            angle, abs=1e-7
        )
    assert isnan(plain.angle(last, replace(last, tangent=None)))


@pytest.mark.parametrize("way", ["arclength", "natural"])
@pytest.mark.parametrize("seed", range(4))
def test_the_points_of_a_path_know_their_determinant(seed, way):
    """In the metric that the path has come to: it is measured in larger units where it outgrows those of its start."""
    member = make("pitchfork", np.random.default_rng([seed, 5]), 3, 1e3, plain=True)
    path = track(member.system, member.x0, t0=member.t0, target=member.t1, mode=way)
    known = [p for p in path.points[1:-1] if p.tangent is not None and abs(path.metric.norm(*p.tangent) - 1) < 1e-9]
    assert known
    for p in known:
        matrix = np.column_stack([member.system.hessian(p.x, p.t), member.system.dt_grad(p.x, p.t)])
        assert np.linalg.norm(matrix @ np.append(*p.tangent)) < 1e-6 * np.linalg.norm(matrix) * np.linalg.norm(
            p.tangent.x
        )
        found = np.linalg.slogdet(whole(matrix[:, :-1], matrix[:, -1], path.metric, p.tangent))
        assert (p.orientation, p.log_det) == pytest.approx(tuple(found), abs=1e-6)


def test_a_path_that_has_grown_is_measured_in_larger_units():
    """x = exp(8 t): each time the units grow the tangent has length one in the new ones, and its determinant."""
    seen = []
    system = RootSystem(lambda x, t: x * np.exp(-8 * t) - 1, 1, jacobian=lambda x, t: np.array([[np.exp(-8 * t)]]))
    path = track(system, [1.0], callback=seen.append, max_steps=400)
    assert path.success
    assert len({id(p) for p in seen} - {id(p) for p in path.points}) >= 3  # whose tangents were measured anew
    changed = 0
    for before, after in zip(seen, path.points[1:], strict=True):
        if before is after:
            continue
        changed += 1
        ratio = after.tangent.t / before.tangent.t
        assert after.tangent.x == pytest.approx(ratio * before.tangent.x)
        assert after.log_det == pytest.approx(before.log_det - np.log(ratio))
        weight = (1 - 0.5 * after.tangent.t**2) / after.tangent.x**2  # of x in the metric in which it is one
        moved = after.x[0] - 1.0
        assert weight == pytest.approx(0.5 / (2 * moved) ** 2)
    assert changed >= 3
