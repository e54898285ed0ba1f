"""The sign search finds planted signs, and says what it could not find."""

import numpy as np
import pytest

from homotopy.errors import ArgumentError
from homotopy.homotopies.units.signs import search_signs


@pytest.mark.parametrize(("m", "n"), [(4, 6), (10, 10), (12, 12), (30, 30), (10, 20), (40, 15)])
def test_planted_signs_are_found(m, n):
    rng = np.random.default_rng(n)
    for _ in range(10):
        A, c = rng.standard_normal((m, n)), rng.choice([-1.0, 1.0], n)
        found = search_signs(A, A @ c, rng=rng, n_restarts=500)
        assert found.residual[0] < 1e-3
        assert found.residual[0] <= np.sum((A @ found.signs[0] - A @ c) ** 2) / np.sum((A @ c) ** 2) + 1e-12


def test_small_searches_are_exhaustive():
    rng = np.random.default_rng(0)
    A, b = rng.standard_normal((3, 8)), rng.standard_normal(3)
    every = [np.sum((A @ c - b) ** 2) for c in np.array(np.meshgrid(*[[-1.0, 1.0]] * 8)).reshape(8, -1).T]
    found = search_signs(A, b, n_best=2)
    np.testing.assert_allclose(found.residual * (b @ b), np.sort(every)[:2])
    assert found.n_restarts == 0


def test_best_come_first_and_are_distinct():
    rng = np.random.default_rng(1)
    found = search_signs(rng.standard_normal((8, 16)), 3 * rng.standard_normal(8), rng=2, n_best=4, n_restarts=50)
    assert len(found.signs) > 1
    assert (np.diff(found.residual) >= 0).all()
    assert len(np.unique(found.signs, axis=0)) == len(found.signs)


def test_the_same_seed_finds_the_same():
    A, b = np.random.default_rng(3).standard_normal((10, 25)), np.ones(10)
    one, two = (search_signs(A, b, rng=7, n_restarts=30) for _ in range(2))
    np.testing.assert_array_equal(one.signs, two.signs)
    assert one.n_restarts == two.n_restarts


def test_wrong_shapes_are_named():
    with pytest.raises(ArgumentError, match=r"A has shape \(3, 4\) and b \(4,\)"):
        search_signs(np.ones((3, 4)), np.ones(4))
    with pytest.raises(ArgumentError, match="finite"):
        search_signs(np.full((3, 4), np.nan), np.ones(3))
