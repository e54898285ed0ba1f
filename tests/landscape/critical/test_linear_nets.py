"""Two-layer linear nets: every critical point takes some singular directions, and none but the best is a minimum."""

from itertools import combinations

import numpy as np
import pytest

import homotopy as hp
import homotopy.landscape as landscape


def values(X, Y, h):
    """Return the values at all critical points (Baldi and Hornik, Neural Networks 2 (1989) 53-58)."""
    n = len(X)
    cross = X.T @ Y / n
    powers = np.linalg.eigvalsh(cross.T @ np.linalg.solve(X.T @ X / n, cross))[::-1][: min(X.shape[1], Y.shape[1])]
    whole, most = 0.5 * (Y**2).sum() / n, min(h, len(powers))
    return sorted(whole - 0.5 * sum(some) for m in range(most + 1) for some in combinations(powers, m))


def found_and_known(d, h, k, bias, rng):
    """Return the points of a random linear net, and the values known."""
    X = rng.standard_normal((30, d))
    Y = rng.standard_normal((30, k)) * rng.uniform(0.5, 2, k) + X @ rng.standard_normal((d, k))
    risk = hp.EmpiricalRisk(hp.MLP((d, h, k), "identity", bias=bias), "squared", X, Y)
    middle = (X - X.mean(axis=0), Y - Y.mean(axis=0)) if bias else (X, Y)
    return landscape.critical_points(risk, 20, rng=0), values(*middle, h)


@pytest.mark.parametrize(("d", "h", "k", "bias"), [(2, 1, 2, True), (2, 3, 2, False)])
def test_every_subset_is_found(d, h, k, bias, rng):
    points, known = found_and_known(d, h, k, bias, rng)
    np.testing.assert_allclose([point.value for point in points], known, rtol=1e-9)
    assert points[0].kind == "minimum"
    assert all(point.kind in ("saddle", "maximum") for point in points[1:])


@pytest.mark.slow
def test_rank_four(rng):
    points, known = found_and_known(4, 2, 4, False, rng)
    np.testing.assert_allclose([point.value for point in points], known, rtol=1e-9)
    assert [point.kind for point in points] == ["minimum"] + ["saddle"] * (len(known) - 1)
