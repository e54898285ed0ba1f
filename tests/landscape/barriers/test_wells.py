"""Barriers of sums of double wells, which are those of one variable, in any units."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_array

from homotopy.errors import ArgumentError
from homotopy.landscape import connections, disconnectivity, lowest_path

UNITS = [(1.0, 1.0), (1e-6, 1e8), (1e5, 1e-9)]


@pytest.mark.parametrize(("unit_x", "unit_f"), UNITS)
@pytest.mark.parametrize("d", [1, 3, pytest.param(2, marks=pytest.mark.slow), pytest.param(4, marks=pytest.mark.slow)])
def test_neighbors_have_the_barrier_of_one_variable(d, unit_x, unit_f, wells, well):
    rng = np.random.default_rng(100 * d)
    made = [well(rng) for _ in range(d)]
    f = wells([p for p, _ in made], rng, unit_x=unit_x, unit_f=unit_f)
    points = f.critical()
    found = connections(points)
    assert found.notes == ()
    assert len(found) == d * 2 ** (d - 1)
    assert len(found.minima) == 2**d
    for one in found:
        a, b = (f.inside(found.minima[end].x) for end in one.ends)
        (axis,) = np.flatnonzero(np.abs(a - b) > 1e-6)  # the minima differ in one variable
        assert one.barrier == pytest.approx(unit_f * made[axis][1], rel=1e-9)
        values = np.array([f.value(x) for x in one.path])
        top = int(values.argmax())
        assert np.all(np.diff(values[: top + 1]) > -1e-12 * unit_f)
        assert np.all(np.diff(values[top:]) < 1e-12 * unit_f)


@pytest.mark.parametrize("d", [3, pytest.param(2, marks=pytest.mark.slow), pytest.param(4, marks=pytest.mark.slow)])
def test_the_tree_of_a_sum_joins_all_minima_at_the_right_levels(d, wells, well):
    rng = np.random.default_rng(d)
    made = [well(rng, depth=rng.uniform(0.2, 3.0)) for _ in range(d)]
    f = wells([p for p, _ in made], rng)
    tree = disconnectivity(f.critical())
    assert tree.n_parts == 1
    assert len(tree.merges) == 2**d - 1
    z = np.array([f.inside(one.x) for one in tree.minima])
    for i in range(2**d):
        for j in range(i):
            assert tree.level(i, j) == pytest.approx(least_top(f, z, i, j), rel=1e-9)


def least_top(f, z, i, j):
    """Return the minimax value over all chains of neighbors, by repeated relaxation."""
    n = len(z)
    mids = [np.sort(p.deriv().roots().real)[1] for p in f.parts]
    cost = np.full((n, n), np.inf)
    for a in range(n):
        for b in range(n):
            (axes,) = np.nonzero(np.abs(z[a] - z[b]) > 1e-6)
            if len(axes) == 1:
                between = z[a].copy()
                between[axes[0]] = mids[axes[0]]
                cost[a, b] = f.value(f.outside(between))
    for k in range(n):
        cost = np.minimum(cost, np.maximum(cost[:, k : k + 1], cost[k : k + 1, :]))
    return cost[i, j]


@pytest.mark.parametrize("seed", range(6))
def test_a_band_finds_the_barrier(seed, wells, well):
    rng, (unit_x, unit_f) = np.random.default_rng(seed), UNITS[seed % 3]
    d = 1 + seed % 4
    made = [well(rng) for _ in range(d)]
    f = wells([p for p, _ in made], rng, unit_x=unit_x, unit_f=unit_f)
    z = [np.sort(p.deriv().roots().real) for p in f.parts]
    a = np.array([r[0] for r in z])
    b = a.copy()
    b[0] = z[0][2]
    path = lowest_path(f, f.outside(a), f.outside(b), bands=2)
    minima = np.array([f.inside(point.x) for point in f.critical().minima])
    i, j = (int(np.linalg.norm(minima - end, axis=1).argmin()) for end in (a, b))
    high = max(f.value(f.outside(a)), f.value(f.outside(b)))
    straight, least = high + unit_f * made[0][1], least_top(f, minima, i, j)
    assert path.top == pytest.approx(straight, rel=1e-9) or path.top == pytest.approx(least, rel=1e-9)
    assert path.top > least - 1e-9 * abs(least)  # lower than the straight way if by the other well of another variable
    assert path.barrier == pytest.approx(path.top - high, rel=1e-9)
    assert path.saddle.index == 1
    assert path.saddle.grad_norm < 1e-10 * unit_f / unit_x
    assert path.notes == ()
    np.testing.assert_allclose(f.inside(path.points[0]), a, atol=1e-7)
    np.testing.assert_allclose(f.inside(path.points[-1]), b, atol=1e-7)
    np.testing.assert_allclose(path.values, [f.value(x) for x in path.points])
    assert np.linalg.norm(np.diff(path.points, axis=0), axis=1).max() < 0.5 * unit_x


def test_a_sparse_hessian_is_taken(wells, well):
    class Sparse(wells):
        def hessian(self, x):
            return csr_array(np.diag([p(z) for p, z in zip(self.bends, self.inside(x), strict=True)]))

    rng = np.random.default_rng(5)
    p, barrier = well(rng)
    f = Sparse([p, [0.0, 0.0, 1.0]])
    low, _, high = np.sort(f.parts[0].deriv().roots().real)
    assert lowest_path(f, [low, 0.0], [high, 0.0], bands=2).barrier == pytest.approx(barrier, rel=1e-9)


def test_an_end_that_is_no_minimum_is_told(wells, well):
    rng = np.random.default_rng(7)
    p, barrier = well(rng)
    f = wells([p, [0.0, 0.0, 1.0]])
    low, mid, high = np.sort(f.parts[0].deriv().roots().real)
    slope = np.array([0.5 * (low + mid), 0.4])
    same = lowest_path(f, slope, [low, 0.0])
    assert same.barrier == 0.0
    assert same.saddle is None
    assert "a is no minimum" in same.notes[0]
    assert "no barrier" in same.notes[1]
    assert np.all(np.diff(same.values) <= 1e-12)
    over = lowest_path(f, slope, [high, 0.0], bands=2)
    top = f.value(np.array([mid, 0.0]))
    assert over.top == pytest.approx(top, rel=1e-12)
    assert over.barrier == pytest.approx(top - max(f.value(slope), f.value(np.array([high, 0.0]))), rel=1e-9)
    assert barrier == pytest.approx(top - max(f.parts[0](low), f.parts[0](high)), rel=1e-9)


def test_parts_that_nothing_connects_are_told(wells, well):
    rng = np.random.default_rng(3)
    f = wells([well(rng)[0], well(rng)[0]], rng)
    points = f.critical()
    tree = disconnectivity(points, [], attempts=0)
    assert tree.n_parts == 4
    assert "4 parts" in tree.notes[-1]
    assert tree.level(0, 1) == np.inf
    whole = disconnectivity(points, [])
    full = disconnectivity(points)
    assert whole.n_parts == full.n_parts == 1
    assert [m.level for m in whole.merges] == pytest.approx([m.level for m in full.merges], rel=1e-9)


@pytest.mark.parametrize("wrong", [None, [1.0, 2.0], "xor"])
@pytest.mark.parametrize("ask", [connections, disconnectivity, lambda points: disconnectivity(points, [])])
def test_what_is_no_census_is_named(wrong, ask):
    with pytest.raises(ArgumentError, match="points must be CriticalPoints, as critical_points returns them"):
        ask(wrong)
