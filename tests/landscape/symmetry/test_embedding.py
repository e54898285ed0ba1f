"""Stationary points of a net are stationary points of a wider one (Fukumizu and Amari 2000)."""

import numpy as np
import pytest
from scipy.optimize import minimize

import homotopy as hp
from homotopy.errors import ArgumentError
from homotopy.landscape import same_function, silent_unit, split_unit

XOR = np.array([[-1.0, -1.0], [-1.0, 1.0], [1.0, -1.0], [1.0, 1.0]])
TARGETS = np.array([-1.0, 1.0, 1.0, -1.0])


def stationary(risk, seed):
    """Return a stationary point, polished by Newton's method on the least-squares steps."""
    x = minimize(risk.value_and_grad, risk.draw(np.random.default_rng(seed)), jac=True, method="BFGS").x
    for _ in range(20):
        H = np.array([risk.hessp(x, e) for e in np.eye(x.size)])
        x = x - np.linalg.lstsq(H, risk.grad(x), rcond=1e-9)[0]
    assert np.linalg.norm(risk.grad(x)) < 1e-12
    return x


@pytest.mark.parametrize("sizes", [(2, 1, 1), (2, 2, 1)])
def test_a_split_unit_is_stationary_for_every_share(sizes):
    rng = np.random.default_rng(0)
    X, model = 2.0 * rng.standard_normal((30, 2)), hp.MLP(sizes)
    teacher = np.array([[1.0, -1.0], [0.7, 0.9]])[: sizes[1]]
    y = np.tanh(X @ teacher.T).sum(axis=1) + 0.1 * rng.standard_normal(30)  # a minimum at finite weights
    risk = hp.EmpiricalRisk(model, "squared", X, y)
    x = stationary(risk, 1)
    for shares in ([0.3, 0.7], [-2.0, 3.0], [0.0, 1.0], [0.5, 0.25, 0.25]):
        wide, y = split_unit(risk, x, sizes[1] - 1, shares)
        assert wide.model.sizes[1] == sizes[1] + len(shares) - 1
        assert np.linalg.norm(wide.grad(y)) < 1e-11
        assert wide.value(y) == pytest.approx(risk.value(x), rel=1e-13, abs=1e-15)


@pytest.mark.parametrize("l2", [0.0, 1e-2, 1e-3])
@pytest.mark.parametrize("activation", ["tanh", "erf", "sin"])
def test_a_silent_unit_is_stationary_with_a_penalty(activation, l2):
    risk = hp.EmpiricalRisk(hp.MLP((2, 2, 1), activation), "squared", XOR, TARGETS, l2=max(l2, 1e-3))
    x = stationary(risk, 2)
    wide, y = silent_unit(risk, x)
    assert np.linalg.norm(wide.grad(y)) < 1e-11
    assert wide.value(y) == pytest.approx(risk.value(x), rel=1e-13)
    again, z = silent_unit(wide, y)
    assert again.model.sizes == (2, 4, 1)
    assert np.linalg.norm(again.grad(z)) < 1e-11


@pytest.mark.parametrize("activation", ["tanh", "relu", "softplus", "logistic"])
@pytest.mark.parametrize("layer", [0, 1])
def test_the_gradient_of_a_split_point_is_the_image_of_the_chain_rule(activation, layer):
    rng = np.random.default_rng(3)
    model = hp.MLP((3, 3, 2, 2), activation)
    risk = hp.EmpiricalRisk(model, "squared", rng.standard_normal((9, 3)), rng.standard_normal((9, 2)))
    x, shares = rng.standard_normal(model.size), np.array([0.2, -0.5, 1.3])
    wide, y = split_unit(risk, x, 1, shares, layer=layer)
    assert same_function(model, x, x, risk.X)
    np.testing.assert_allclose(wide.model.forward(y, risk.X), model.forward(x, risk.X), rtol=1e-12, atol=1e-13)
    small, large = model.unpack(risk.grad(x)), wide.model.unpack(wide.grad(y))
    for k, (one, many) in enumerate(zip(small, large, strict=True)):
        for a, b in zip(one, many, strict=True):
            if k == layer:  # what comes into a copy: the share of it
                np.testing.assert_allclose(b[1:4], np.multiply.outer(shares, a[1]), rtol=1e-9, atol=1e-12)
                np.testing.assert_allclose(np.delete(b, [1, 2, 3], 0), np.delete(a, 1, 0), rtol=1e-9, atol=1e-12)
            elif k == layer + 1 and b.ndim == 2:  # what goes out of it: all of it
                np.testing.assert_allclose(b, a[:, [0, 1, 1, 1, *range(2, a.shape[1])]], rtol=1e-9, atol=1e-12)
            else:
                np.testing.assert_allclose(b, a, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("cell", ["elman", "gru", "lstm"])
def test_units_of_recurrent_nets_split_and_fall_silent(cell):
    rng = np.random.default_rng(4)
    model = hp.RNN(2, 3, 1, cell=cell, state="learned")
    x, X = rng.standard_normal(model.size), rng.standard_normal((4, 6, 2))
    for wide, y in (silent_unit(model, x), split_unit(model, x, 1, [0.4, -0.4, 1.0])):
        assert wide.n_hidden > 3
        np.testing.assert_allclose(wide.forward(y, X), model.forward(x, X), rtol=1e-11, atol=1e-12)


def test_students_share_their_rows():
    rng = np.random.default_rng(5)
    risk = hp.TeacherStudent(3, 3)
    x = rng.standard_normal(9)
    wide, y = split_unit(risk, x, 2, [0.2, 0.3, 0.5])
    assert (wide.n, wide.value(y)) == (5, pytest.approx(risk.value(x), rel=1e-12))
    np.testing.assert_allclose(wide.rows(wide.grad(y))[2:], [risk.rows(risk.grad(x))[2]] * 3, rtol=1e-12)
    wide, y = silent_unit(risk, x)
    assert (wide.n, wide.value(y)) == (4, pytest.approx(risk.value(x), rel=1e-13))
    with pytest.raises(ArgumentError, match="negative"):
        split_unit(risk, x, 0, [1.5, -0.5])


def test_what_cannot_be_split():
    model = hp.MLP((2, 2, 1))
    x = model.init(0)
    for bad, match in (
        ((2, [1.0]), "unit must be an integer, at least 0 and at most 1"),
        ((0, [0.5, 0.4]), "shares sum to 0.9; they must sum to 1"),
        ((0, []), "shares"),
        ((0, [np.nan, 1.0]), "shares"),
        ((0, [[0.5, 0.5]]), "shares"),
    ):
        with pytest.raises(ArgumentError, match=match):
            split_unit(model, x, *bad)
    with pytest.raises(ArgumentError, match="layer must be an integer, at least 0 and at most 0"):
        silent_unit(model, x, layer=1)
    with pytest.raises(ArgumentError, match="hidden layer"):
        silent_unit(hp.MLP((2, 1)), np.zeros(3))


def test_a_wider_perceptron():
    model = hp.MLP((2, 3, 4, 1), "erf", output="logistic", bias=False, dtype=np.float32)
    assert model.wider(2) == hp.MLP((2, 5, 4, 1), "erf", output="logistic", bias=False, dtype=np.float32)
    assert model.wider(-3, layer=1).sizes == (2, 3, 1, 1)
    with pytest.raises(ArgumentError, match="extra must be an integer, at least -2"):
        model.wider(-3)
    with pytest.raises(ArgumentError, match="layer must be an integer, at least 0 and at most 1"):
        model.wider(1, layer=2)
    with pytest.raises(ArgumentError, match="no hidden layer"):
        hp.MLP((2, 1)).wider(1)
