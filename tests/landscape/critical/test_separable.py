"""Sums of one-dimensional functions have 2^d minima and 3^d points, in any linear coordinates and units."""

import numpy as np
import pytest

import homotopy.landscape as landscape
from homotopy.landscape.critical.moving.surface import Surface
from homotopy.landscape.critical.separable.blocks import find_blocks
from homotopy.objectives.function import checked
from homotopy.objectives.functions import Himmelblau

from .sums import Wells, WellsWithProducts, counted, counts


@pytest.mark.parametrize("kind", [Wells, WellsWithProducts])
@pytest.mark.parametrize("d", [1, 2, 3])
def test_every_combination_is_found(kind, d, rng):
    rotated, crossed = bool(rng.integers(2)), bool(rng.integers(2))
    f = kind(d, rng, rotated=rotated, crossed=crossed, height=10.0 ** rng.uniform(-6, 6))
    points = landscape.critical_points(f, f.starts(6, rng), rng=0)
    assert counted(points) == counts(d)
    assert len(points.minima) == 2**d
    assert points.morse_sum == 1
    for point in points:
        assert point.grad_norm <= 1e-9 * np.abs(point.eigenvalues).max() * np.linalg.norm(f.units)


@pytest.mark.slow
@pytest.mark.parametrize("d", [5, 6])
def test_many_variables(d, rng):
    f = WellsWithProducts(d, rng, rotated=True)
    points = landscape.critical_points(f, 5, rng=0)
    assert counted(points) == counts(d)
    assert {point.found_by for point in points} == {"product"}


def test_a_weak_coupling_is_seen(rng):
    for coupling, blocks in ((0.0, 3), (1e-5, 2), (1e-2, 2)):
        f = WellsWithProducts(3, rng, rotated=True, coupling=coupling)
        found = find_blocks(Surface(checked(f), np.ones(3)), rng.standard_normal((10, 3)), rng)
        assert found is not None
        assert len(found.bases) == blocks
    coupled = WellsWithProducts(2, rng, coupling=1e-5)
    assert find_blocks(Surface(checked(coupled), np.ones(2)), rng.standard_normal((10, 2)), rng) is None


class Two:
    """Himmelblau's function of two mixtures of four variables, and of two others."""

    def __init__(self, rng):
        self.size, self.M = 4, rng.standard_normal((4, 4)) + 2 * np.eye(4)
        self.one = Himmelblau()

    def value_and_grad(self, x):
        y = self.M @ x
        (a, ga), (b, gb) = self.one.value_and_grad(y[:2].copy()), self.one.value_and_grad(y[2:].copy())
        return a + 2 * b, self.M.T @ np.concatenate([ga, 2 * gb])


@pytest.mark.slow
def test_blocks_of_two_variables(rng):
    f = Two(rng)
    starts = np.linalg.solve(f.M, 3 * rng.standard_normal((4, 10))).T
    points = landscape.critical_points(f, starts, rng=0)
    assert counted(points) == {0: 16, 1: 32, 2: 24, 3: 8, 4: 1}
