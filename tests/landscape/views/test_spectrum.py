"""Densities of spectra against spectra: of matrices that are known, and of nets by all eigenvalues."""

import numpy as np
import pytest

import homotopy as hp
from homotopy.errors import ArgumentError
from homotopy.landscape import spectral_density
from homotopy.linalg import dense_hessian
from homotopy.linalg.lanczos import Lanczos


class Known:
    """x'Ax/2 of a matrix with these eigenvalues, in a basis of one reflection."""

    def __init__(self, values, seed=0):
        self.values, self.size = np.asarray(values), len(values)
        v = np.random.default_rng(seed).standard_normal(self.size)
        self.v = v / np.linalg.norm(v)

    def _turn(self, x):
        return x - 2.0 * self.v * (self.v @ x)

    def value_and_grad(self, x):
        g = self.hessp(x, x)
        return 0.5 * float(x @ g), g

    def hessp(self, x, v):
        return self._turn(self.values * self._turn(v))


def within(found, want):
    """Whether an estimate is within four standard errors."""
    mean, error = found
    return abs(mean - want) <= 4.0 * error + 1e-12 * abs(want)


def test_a_known_matrix_of_two_thousand_rows():
    rng = np.random.default_rng(0)
    values = np.concatenate([rng.standard_normal(1990), [40.0, 41.0, 60.0], np.full(7, -20.0)])
    found = spectral_density(Known(values), np.zeros(2000), n_vectors=12, n_steps=60, rng=1)
    for power in (1, 2, 3, 4):
        assert within(found.moment(power), float(np.mean(values**power))), power
    assert found.highest == pytest.approx(60.0)
    assert found.lowest == pytest.approx(-20.0)
    assert within(found.share_below(-10.0), 7 / 2000)
    assert found.n_products == 12 * 60
    grid = np.linspace(-25.0, 65.0, 400)
    mean, error = found.density(grid, width=1.0)
    want = np.mean(np.exp(-0.5 * (grid[:, None] - values) ** 2), axis=1) / np.sqrt(2 * np.pi)
    assert np.trapezoid(mean, grid) == pytest.approx(1.0, abs=1e-6)
    assert np.max(np.abs(mean - want)) < 0.01
    assert np.mean(np.abs(mean - want) <= 4 * error + 2e-3 * want.max()) > 0.97


def test_a_net_of_five_hundred_weights():
    rng = np.random.default_rng(3)
    risk = hp.EmpiricalRisk(hp.MLP((10, 30, 5)), "squared", rng.standard_normal((40, 10)), rng.standard_normal((40, 5)))
    x = risk.draw(rng)
    H = dense_hessian(lambda v: risk.hessp(x, v), risk.size)
    exact = np.linalg.eigvalsh(H)
    found = spectral_density(risk, x, n_vectors=20, n_steps=50, rng=0)
    assert found.size == 485
    assert within(found.moment(1), float(np.trace(H)) / risk.size)
    assert within(found.moment(2), float(np.linalg.norm(H) ** 2) / risk.size)
    assert found.highest == pytest.approx(exact[-1], rel=1e-6)
    assert found.lowest == pytest.approx(exact[0], rel=1e-3)
    again = spectral_density(risk, x, n_vectors=20, n_steps=50, rng=0)
    assert np.array_equal(found.nodes, again.nodes)
    assert not np.array_equal(found.nodes, spectral_density(risk, x, n_vectors=20, n_steps=50, rng=1).nodes)


def test_small_matrices_are_exact_and_errors_of_one_vector_unknown():
    values = np.array([-1.0, 2.0, 5.0])
    found = spectral_density(Known(values), np.zeros(3), n_vectors=1, rng=0)
    assert np.allclose(found.nodes[0], values)
    assert np.isnan(found.moment(1)[1])
    flat = spectral_density(Known(np.zeros(4)), np.zeros(4), rng=0)
    assert flat.moment(2)[0] == 0.0
    assert np.isfinite(flat.density([0.0])[0]).all()


@pytest.mark.slow
def test_a_hundred_thousand_variables():
    values = np.concatenate([np.linspace(0.0, 1.0, 99_999), [50.0]])
    found = spectral_density(Known(values), np.zeros(100_000), n_vectors=2, n_steps=30, rng=0)
    assert found.moment(1)[0] == pytest.approx(values.mean(), rel=0.05)
    assert found.highest == pytest.approx(50.0)


def test_shares_of_ritz_values_are_gausss_rule():
    A = np.diag([1.0, 3.0, 4.0, 8.0])
    start = np.array([1.0, 2.0, 0.5, 1.0])
    found = Lanczos(lambda v: A @ v, start).extend(2)
    unit = start / np.linalg.norm(start)
    for power in range(4):
        assert found.shares @ found.values**power == pytest.approx(unit @ np.diag(A.diagonal() ** power) @ unit)


def test_arguments():
    f = Known([1.0, 2.0])
    for call in (
        lambda: spectral_density(f, np.zeros(3)),
        lambda: spectral_density(f, np.zeros(2), n_vectors=0),
        lambda: spectral_density(f, np.zeros(2), rng=0).density([0.0], width=-1.0),
        lambda: spectral_density(f, np.zeros(2), rng="x"),
    ):
        with pytest.raises(ArgumentError):
            call()
