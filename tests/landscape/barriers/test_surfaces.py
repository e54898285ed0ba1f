"""Random surfaces, whose barriers are those of water that rises on a grid; published barriers; nets."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.optimize import root
from scipy.sparse import coo_array
from scipy.sparse.csgraph import breadth_first_order, minimum_spanning_tree

from homotopy.errors import ArgumentError
from homotopy.landscape import CriticalPoints, connections, disconnectivity, lowest_path
from homotopy.landscape.barriers.matching import Minima
from homotopy.problems import problem


class Bumps:
    """A sum of Gaussian bumps and hollows, in a bowl of degree four or bare."""

    size = 2

    def __init__(self, height, center, shape, bowl=0.0):
        self.h, self.c, self.s, self.bowl = (np.asarray(part, dtype=float) for part in (height, center, shape, bowl))

    def value_and_grad(self, x):
        d = x - self.c
        pull = np.einsum("kij,kj->ki", self.s, d)
        e = self.h * np.exp(-0.5 * (d * pull).sum(axis=1))
        return float(self.bowl * (x @ x) ** 2 / 4 + e.sum()), self.bowl * (x @ x) * x - e @ pull

    def value(self, x):
        return self.value_and_grad(x)[0]

    def grad(self, x):
        return self.value_and_grad(x)[1]

    def hessian(self, x):
        d = x - self.c
        pull = np.einsum("kij,kj->ki", self.s, d)
        e = self.h * np.exp(-0.5 * (d * pull).sum(axis=1))
        bowl = self.bowl * ((x @ x) * np.eye(2) + 2 * np.outer(x, x))
        return bowl + np.einsum("k,ki,kj->ij", e, pull, pull) - np.einsum("k,kij->ij", e, self.s)

    def hessp(self, x, v):
        return self.hessian(x) @ v


def random_bumps(rng, m=10):
    width = rng.uniform(0.3, 0.7, m)
    return Bumps(rng.uniform(-1, 1, m), rng.uniform(-2, 2, (m, 2)), np.eye(2) / width[:, None, None] ** 2, 0.05)


def found_on_a_grid(f, places):
    """Return the critical points that Newton's method reaches from places."""
    known = Minima(f)
    for x in places:
        with np.errstate(all="ignore"):
            end = root(f.grad, x, jac=f.hessian, tol=1e-13).x
            near = np.linalg.norm(f.grad(end)) < 1e-10
        if near:
            known.add(end)
    return CriticalPoints(f, known.points)


def flooded(f, minima, n=101, wide=4.0):
    """Return the level at which water joins each two minima on a grid: the tops of a minimum spanning tree's paths."""
    line = np.linspace(-wide, wide, n)
    values = np.array([[f.value(np.array([a, b])) for b in line] for a in line])
    number = np.arange(n * n).reshape(n, n)
    pairs = [(number[:-1], number[1:]), (number[:, :-1], number[:, 1:]), (number[:-1, :-1], number[1:, 1:])]
    pairs.append((number[1:, :-1], number[:-1, 1:]))
    rows, columns = (np.concatenate([pair[k].ravel() for pair in pairs]) for k in (0, 1))
    high = np.maximum(values.ravel()[rows], values.ravel()[columns])
    shift = 1.0 - high.min()  # weights of the spanning tree must not be zero
    tree = minimum_spanning_tree(coo_array((high + shift, (rows, columns)), shape=(n * n, n * n)).tocsr())
    at = [int(np.abs(line - p.x[0]).argmin() * n + np.abs(line - p.x[1]).argmin()) for p in minima]
    levels = np.full((len(at), len(at)), -np.inf)
    for i, start in enumerate(at):
        order, before = breadth_first_order(tree, start, directed=False)
        top = np.full(n * n, -np.inf)
        for node in order[1:]:
            top[node] = max(top[before[node]], values.ravel()[node], values.ravel()[before[node]])
        levels[i] = top[at]
    return levels


@pytest.mark.parametrize("seed", [0, 11, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (7, 8, 12))])
def test_levels_are_those_of_rising_water(seed):
    f = random_bumps(np.random.default_rng(seed))
    line = np.linspace(-3, 3, 19)
    points = found_on_a_grid(f, [(a, b) for a in line for b in line])
    levels = flooded(f, points.minima)
    tree = disconnectivity(points)
    assert len(tree.minima) == len(points.minima) > 1
    for i in range(len(levels)):
        for j in range(i):
            assert tree.level(i, j) == pytest.approx(levels[i, j], abs=5e-3)


@pytest.mark.slow
def test_paths_are_as_low_as_water():
    f = random_bumps(np.random.default_rng(8))
    line = np.linspace(-3, 3, 19)
    points = found_on_a_grid(f, [(a, b) for a in line for b in line])
    levels = flooded(f, points.minima)
    minima = points.minima
    assert len(minima) == 3
    for j in (1, 2):
        path = lowest_path(f, minima[0].x, minima[j].x, rng=0)
        assert path.top == pytest.approx(levels[0, j], abs=5e-3)
        assert np.linalg.norm(f.grad(path.saddle.x)) < 1e-9
        assert path.saddle.value == path.top


def test_the_surface_of_muller_and_brown():
    """K. Muller and L. D. Brown, Theor. Chim. Acta 53 (1979) 75: three minima and two saddles, their printed values."""
    a, b, c = [-1, -1, -6.5, 0.7], [0, 0, 11, 0.6], [-10, -10, -6.5, 0.7]
    shape = -np.array([[[2 * p, q], [q, 2 * r]] for p, q, r in zip(a, b, c, strict=True)])
    f = Bumps([-200, -100, -170, 15], [[1, 0], [0, 0.5], [-0.5, 1.5], [-1, 1]], shape)
    places = [(x, y) for x in np.linspace(-1.4, 1.1, 7) for y in np.linspace(-0.2, 1.9, 7)]
    points = found_on_a_grid(f, places)
    tree = disconnectivity(points)
    assert [round(p.value, 3) for p in tree.minima] == [-146.7, -108.167, -80.768]
    assert [round(m.level, 3) for m in tree.merges] == [-72.249, -40.665]
    path = lowest_path(f, points.minima[0].x, points.minima[1].x, bands=4)
    assert round(path.barrier, 3) == 67.502  # over both saddles, the third minimum between
    assert path.saddle.x == pytest.approx([-0.822, 0.624], abs=1e-3)


@pytest.fixture(scope="module")
def net():
    """The connections of some saddles of a net."""
    f = problem("xor:l2=0.01").objective
    rng, known = np.random.default_rng(1), Minima(f)
    for _ in range(60):
        end = root(lambda x: f.grad(np.ascontiguousarray(x)), rng.uniform(-1.5, 1.5, 9), tol=1e-12).x
        if np.linalg.norm(f.grad(end)) < 1e-11:
            known.add(end)
    return f, connections(CriticalPoints(f, known.points))


def test_descents_from_saddles_of_a_net_stay_in_their_basins(net):
    f, found = net
    assert len(found) > 8
    assert found.notes == ()

    def slope(t, x):
        return -f.grad(np.ascontiguousarray(x))

    for one in found[:5]:
        for end, way in zip(one.ends, (one.path[::-1], one.path), strict=True):
            x = way[np.flatnonzero((way == one.saddle.x).all(axis=1))[0] + 1]
            far = solve_ivp(slope, (0.0, 2000.0), x, method="Radau", rtol=1e-8, atol=1e-10, jac=minus_hessian(f)).y[
                :, -1
            ]
            image = Minima(f).image(far, found.minima[end].x)
            assert np.linalg.norm(far - image) < 1e-4


def minus_hessian(f):
    return lambda t, x: -np.array([f.hessp(np.ascontiguousarray(x), v) for v in np.eye(x.size)])


def test_a_path_between_copies_goes_to_the_nearest(net):
    f, found = net
    model = f.model
    a, b = (np.array(point.x) for point in found.minima[:2])
    (w, bias), (v, out) = model.unpack(b)
    copy = model.pack([(-w[::-1], -bias[::-1]), (-v[:, ::-1], out)])
    assert f.value(copy) == pytest.approx(f.value(b), rel=1e-12)
    first, second = (lowest_path(f, a, end, bands=2) for end in (b, copy))
    np.testing.assert_allclose(first.points[-1], second.points[-1], atol=1e-9)
    assert first.barrier == pytest.approx(second.barrier, rel=1e-9)


@pytest.mark.parametrize(
    ("a", "b", "more", "word"),
    [
        ([0.0], [1.0, 0.0], {}, "a "),
        ([0.0, np.nan], [1.0, 0.0], {}, "a "),
        ([1.0, 0.0], [1.0, 0.0], {}, "b must be another point than a"),
        ([0.0, 0.0], [1.0, 0.0], {"images": 0}, "images"),
        ([0.0, 0.0], [1.0, 0.0], {"bands": 1.5}, "bands"),
        ([0.0, 0.0], [1.0, 0.0], {"rng": "seven"}, "rng"),
    ],
)
def test_bad_ends_are_refused(a, b, more, word):
    with pytest.raises(ArgumentError, match=word):
        lowest_path(random_bumps(np.random.default_rng(0)), a, b, **more)
    with pytest.raises(ArgumentError, match="attempts"):
        disconnectivity(CriticalPoints(random_bumps(np.random.default_rng(0)), []), attempts=-1)
