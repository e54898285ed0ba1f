"""The directions of continuous symmetries: functions do not change along them, and Hessians have them as zeros."""

from itertools import pairwise

import numpy as np
import pytest

import homotopy as hp
from homotopy.errors import ArgumentError
from homotopy.landscape import canonical, distance, orbit_size, same_function, symmetric_directions


def jacobian_of(model, x, X, h=1e-6):
    """Return the derivatives of all outputs by all weights, by central differences."""
    steps = h * np.eye(x.size)
    return np.array([(model.forward(x + e, X) - model.forward(x - e, X)).ravel() / (2 * h) for e in steps]).T


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("sizes", [(2, 3, 1), (3, 2, 4, 2), (2, 3, 2, 2, 1)])
@pytest.mark.parametrize("activation", ["relu", "leaky-relu", "identity", "tanh", "softplus", "logistic"])
def test_outputs_do_not_change_along_them(activation, sizes, bias):
    rng = np.random.default_rng(0)
    model = hp.MLP(sizes, activation, bias=bias)
    x = rng.standard_normal(model.size)
    D = symmetric_directions(model, x)
    hidden, weights = np.array(sizes[1:-1]), model.unpack(x)
    if activation == "identity":  # all of GL acts on generic factors, less what acts on nothing
        rank = np.linalg.matrix_rank(jacobian_of(model, x, rng.standard_normal((60, sizes[0]))), tol=1e-5)
        assert len(D) == model.size - rank
    else:
        assert len(D) == ("relu" in activation) * hidden.sum()
    np.testing.assert_allclose(D @ D.T, np.eye(len(D)), atol=1e-12)
    X = rng.standard_normal((20, sizes[0]))
    if len(D):
        np.testing.assert_allclose(jacobian_of(model, x, X) @ D.T, 0.0, atol=1e-6)
    assert len(weights) == len(sizes) - 1


def test_a_penalty_leaves_rotations_only():
    rng = np.random.default_rng(1)
    X, Y = rng.standard_normal((8, 3)), rng.standard_normal((8, 2))
    for activation, count in (("identity", 6), ("relu", 0)):
        model = hp.MLP((3, 4, 2), activation)
        risk = hp.EmpiricalRisk(model, "squared", X, Y, l2=0.1)
        x = rng.standard_normal(model.size)
        D = symmetric_directions(risk, x)
        assert len(D) == count
        np.testing.assert_allclose(D @ risk.grad(x), 0.0, atol=1e-12)
        np.testing.assert_allclose(D @ x, 0.0, atol=1e-12)


def test_students_turn_where_no_teacher_looks():
    rng = np.random.default_rng(2)
    assert len(symmetric_directions(hp.TeacherStudent(3, 4), rng.standard_normal(12))) == 0
    risk = hp.TeacherStudent(2, 3, 5)
    x = rng.standard_normal(15)
    D = symmetric_directions(risk, x)
    assert D.shape == (3, 15)
    np.testing.assert_allclose(D @ risk.grad(x), 0.0, atol=1e-13)


def test_scaled_weights_have_the_same_directions():
    rng = np.random.default_rng(3)
    for activation in ("relu", "identity"):
        model = hp.MLP((2, 3, 1), activation, bias=False)
        x = rng.standard_normal(model.size)
        D, E = symmetric_directions(model, x), symmetric_directions(model, 1e-8 * x)
        np.testing.assert_allclose(D.T @ D, E.T @ E, atol=1e-12)
        assert symmetric_directions(model, 0 * x).shape == (0, x.size)


@pytest.mark.parametrize("sizes", [(3, 2, 2), (2, 4, 3), (4, 1, 3), (3, 4, 2, 3), (2, 3, 3, 3, 2)])
def test_linear_nets_are_told_apart_by_their_product(sizes):
    rng = np.random.default_rng(4)
    model = hp.MLP(sizes, "identity", bias=False)
    x = rng.standard_normal(model.size)
    layers = model.unpack(canonical(model, x))
    product = np.linalg.multi_dot([w for w, _ in model.unpack(x)][::-1])
    np.testing.assert_allclose(np.linalg.multi_dot([w for w, _ in layers][::-1]), product, atol=1e-13)
    for (w, _), (v, _) in pairwise(layers):
        np.testing.assert_allclose(w @ w.T, v.T @ v, atol=1e-13)  # balanced: the least norm of all factors
    zero = model.pack([(np.zeros_like(w) if k == 0 else w, None) for k, (w, _) in enumerate(model.unpack(x))])
    assert not canonical(model, zero).any()
    assert distance(model, zero, 0 * zero) == 0.0
    assert orbit_size(model, x) > 1
    # Equal singular values: no basis of their own is there to lean on.
    turn = np.linalg.qr(rng.standard_normal((3, 3)))[0]
    square = hp.MLP((3, 3, 3), "identity", bias=False)
    one, two = (square.pack([(a, None), (turn @ a.T, None)]) for a in (np.eye(3), turn))
    assert np.abs(canonical(square, one) - canonical(square, two)).max() < 1e-13
    assert distance(square, one, two) < 1e-13


def test_a_penalty_tells_scaled_and_flipped_copies_apart():
    rng = np.random.default_rng(5)
    X, y = rng.standard_normal((5, 2)), rng.standard_normal(5)
    model = hp.MLP((2, 1, 1), "relu")
    x, scaled = np.array([1.0, 2.0, 3.0, 4.0, 5.0]), np.array([2.0, 4.0, 6.0, 2.0, 5.0])
    assert same_function(model, x, scaled, X)
    assert distance(hp.EmpiricalRisk(model, "squared", X, y), x, scaled) < 1e-12
    assert distance(hp.EmpiricalRisk(model, "squared", X, y, l2=0.1), x, scaled) == pytest.approx(np.sqrt(18))
    model = hp.MLP((2, 1, 1), "logistic")
    flipped = np.array([-1.0, -2.0, -3.0, -4.0, 9.0])
    assert same_function(model, x, flipped, X)
    assert distance(model, x, flipped) < 1e-12
    assert (orbit_size(model, x), orbit_size(hp.EmpiricalRisk(model, "squared", X, y, l2=0.1), x)) == (2, 1)
    assert distance(hp.EmpiricalRisk(model, "squared", X, y, l2=0.1), x, flipped) > 1


def test_linear_recurrent_nets_are_refused():
    model = hp.RNN(1, 2, 1, "identity")
    with pytest.raises(ArgumentError, match="linear recurrent"):
        symmetric_directions(model, model.init(0))
    assert len(symmetric_directions(hp.RNN(1, 2, 1, "relu"), model.init(0))) == 2


@pytest.mark.parametrize("activation", ["tanh", "relu", "identity"])
def test_softmax_sees_differences_of_outputs_only(activation):
    rng = np.random.default_rng(6)
    X, y = rng.standard_normal((9, 2)), rng.integers(0, 3, 9)
    model = hp.MLP((2, 3, 3), activation)
    risk, penalized = (hp.EmpiricalRisk(model, "softmax", X, y, l2=l2) for l2 in (0.0, 0.1))
    for _ in range(5):
        x = rng.standard_normal(model.size)
        moved = x.copy()
        (_, (v, c)) = model.unpack(moved)
        v += rng.standard_normal(3)
        c += 2.0
        assert risk.value(moved) == pytest.approx(risk.value(x), rel=1e-12)
        assert distance(risk, x, moved) < 1e-13
        np.testing.assert_allclose(canonical(risk, x), canonical(risk, moved), atol=1e-13)
        assert risk.value(canonical(risk, x)) == pytest.approx(risk.value(x), rel=1e-12)
        assert min(distance(model, x, moved), distance(penalized, x, moved)) > 0.1
        D = symmetric_directions(risk, x)
        np.testing.assert_allclose(D @ risk.grad(x), 0.0, atol=1e-13)
        # One for each hidden unit and the bias; of a linear net for each input and the bias.
        assert len(D) - len(symmetric_directions(model, x)) == (3 if activation == "identity" else 4)
