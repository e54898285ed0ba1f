"""The Gauss-Newton matrix of recurrent nets against its products, and what a descent pays for it."""

from __future__ import annotations

import numpy as np
import pytest

from homotopy._core import rnn, vmath
from homotopy.descent import descend
from homotopy.errors import ArgumentError
from homotopy.models import RNN
from homotopy.objectives import EmpiricalRisk

ACTIVATIONS = (0, 1, 2, 3, 5, 6, 7, 8)


@pytest.fixture(params=vmath.available())
def isa(request):
    """Run with one instruction set."""
    rnn.use_isa(request.param)
    yield request.param
    rnn.use_isa(vmath.available()[0])


def member(rng):
    """Return a random risk of a net of any cell and loss, with steps that do not count."""
    n, T, d, h, k = (int(rng.integers(1, most)) for most in (20, 7, 4, 7, 4))
    cell, loss = int(rng.integers(3)), int(rng.integers(3))
    k = max(k, 2) if loss == 2 else k
    net = rnn.Net(d, h, k, int(rng.choice(ACTIVATIONS)) if cell == 0 else 1, cell, bool(rng.integers(2)), False)
    Y = rng.standard_normal((n, T, k))
    if loss:
        Y = np.eye(k)[rng.integers(0, k, (n, T))] if loss == 2 else (Y > 0) * 1.0
    steps = rng.random((n, T)) * (rng.random((n, T)) < 0.6)
    steps[0, [0, -1]] = 1.0
    opening = 1.0 + float(rng.random()) * (T - 1) if rng.random() < 0.5 else None
    return rnn.Risk(net, loss, rng.standard_normal((n, T, d)), Y, steps, 0.1, opening=opening)


def test_matrix_is_its_products(isa):
    """Column i is the product with unit vector i, whatever cell, loss, masks and t."""
    rng = np.random.default_rng(1)
    for _ in range(12):
        risk = member(rng)
        x, t = rng.standard_normal(risk.n), float(rng.random())
        products = np.array([risk.ggnp(x, v, t) for v in np.eye(risk.n)])
        matrix = risk.ggn(x, t)
        assert np.array_equal(matrix, matrix.T)
        np.testing.assert_allclose(matrix, products, rtol=1e-9, atol=1e-11 * abs(products).max())


def test_float32_has_no_matrix():
    """A matrix of float32 numbers is refused in a sentence."""
    net = rnn.Net(1, 2, 1, 1, 0, False, True)
    X = np.ones((3, 4, 1), np.float32)
    with pytest.raises(ArgumentError, match="float64"):
        rnn.Risk(net, 0, X, X, np.ones((3, 4)), 0.0).ggn(np.zeros(net.size, np.float32))


def test_descent_pays_for_the_matrix():
    """Levenberg-Marquardt on a risk of sequences charges each matrix by its flops, in the compiled loop."""
    rng = np.random.default_rng(2)
    X = rng.standard_normal((64, 10, 1))
    last = EmpiricalRisk(RNN(1, 4, 1), "squared", X, X[:, -1] * X[:, -2])
    every = EmpiricalRisk(RNN(1, 4, 1), "squared", X, X**2)
    x = last.draw(rng)
    ends = [descend(risk, x, rule="lm", n_steps=5) for risk in (last, every)]
    assert all(end.value < risk.value(x) for end, risk in zip(ends, (last, every), strict=True))
    prices = [risk.price(risk.flops) for risk in (last, every)]
    assert prices[0] < 3.0 < prices[1] < 20.0
    assert all(end.n_evaluations > 5 * price for end, price in zip(ends, prices, strict=True))
