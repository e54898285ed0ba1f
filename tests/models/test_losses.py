"""Losses: targets that they take and refuse, and their derivatives in the outputs."""

import numpy as np
import pytest

from homotopy.errors import ArgumentError, DataError
from homotopy.models.losses import BY_NAME, loss


def sample(name, n=6, k=3):
    rng = np.random.default_rng(0)
    y = {"squared": rng.standard_normal((n, k)), "logistic": rng.random((n, k)), "softmax": rng.integers(0, k, n)}[name]
    return rng.standard_normal((n, k)), loss(name).targets(y, k), rng.standard_normal((n, k))


@pytest.mark.parametrize("name", BY_NAME)
def test_derivatives_in_the_outputs_agree_with_differences(name):
    Z, y, U = sample(name)
    chosen, h = loss(name), 1e-4
    slope = (chosen.value(Z + h * U, y) - chosen.value(Z - h * U, y)) / (2 * h)
    assert slope == pytest.approx(np.sum(chosen.grad(Z, y) * U), rel=1e-6)
    bend = (chosen.grad(Z + h * U, y) - chosen.grad(Z - h * U, y)) / (2 * h)
    assert np.allclose(bend, chosen.hessp(Z, y, U), atol=1e-8)


def test_labels_become_probabilities():
    assert loss("logistic").targets([-1, 1, 1], 1).tolist() == [[0], [1], [1]]
    assert loss("logistic").targets([0, 1, 0.25], 1).tolist() == [[0], [1], [0.25]]
    assert loss("softmax").targets([2, 0], 3).tolist() == [[0, 0, 1], [1, 0, 0]]
    assert loss(loss("softmax")).targets([[0.5, 0.5]], 2).tolist() == [[0.5, 0.5]]
    assert loss("squared").targets([1, 2], 1, np.float32).dtype == np.float32


def test_prepared_targets_are_read_only_copies():
    given = np.zeros((2, 1))
    prepared = loss("squared").targets(given, 1)
    given[:] = 1
    assert not prepared.any()
    assert not prepared.flags.writeable


@pytest.mark.parametrize(
    ("name", "y", "k", "error", "message"),
    [
        ("squared", [1.0, np.nan], 1, DataError, "y has values that are not finite"),
        ("squared", [[1.0, 2.0]], 3, ArgumentError, "y has shape"),
        ("squared", 3.0, 1, ArgumentError, "y has shape"),
        ("logistic", [0, 2], 1, DataError, "y has 2; the logistic loss takes"),
        ("softmax", [0, 3], 3, DataError, "y has class 3; the softmax loss of 3 outputs takes 0 to 2"),
        ("softmax", [0.5, 1], 2, DataError, "y has class 0.5"),
        ("softmax", [[0.5, 0.6]], 2, DataError, "no probabilities"),
        ("hinge", [0], 1, ArgumentError, "loss 'hinge' is unknown; there are squared, logistic, softmax"),
    ],
)
def test_bad_targets_are_refused(name, y, k, error, message):
    with pytest.raises(error, match=message):
        loss(name).targets(y, k)


@pytest.mark.parametrize("name", BY_NAME)
def test_the_best_constant_has_no_gradient(name):
    chosen, (_, y, _) = loss(name), sample(name)
    constant = chosen.constant(y)
    assert constant.shape == (3,)
    assert np.allclose(chosen.grad(np.tile(constant, (len(y), 1)), y).sum(axis=0), 0, atol=1e-12)


@pytest.mark.parametrize("name", ["logistic", "softmax"])
def test_the_link_stays_finite_where_a_class_never_occurs(name):
    assert np.isfinite(loss(name).link(np.array([0.0, 1.0, 0.0]))).all()


@pytest.mark.parametrize("name", BY_NAME)
def test_a_step_of_the_gradient_over_the_curvature_cannot_overshoot(name):
    chosen, rng = loss(name), np.random.default_rng(1)
    Z, y, U = sample(name)
    worst = 0.0
    for size in (0.0, 0.1, 1.0, 3.0):
        Z = size * rng.standard_normal(Z.shape)
        bend = len(Z) * chosen.hessp(Z, y, U)
        worst = max(worst, float(((U * bend).sum(axis=1) / (U**2).sum(axis=1)).max()))
    pair = np.array([[1.0, -1.0, 0.0]])
    at = chosen.hessp(np.array([[0.0, 0.0, -50.0]]), y[:1], pair)
    assert worst <= chosen.curvature * (1 + 1e-12)
    assert (pair * at).sum() / 2 == pytest.approx(chosen.curvature)
    assert chosen.quadratic == np.allclose(chosen.hessp(5 * Z, y, U), chosen.hessp(Z, y, U))


def test_targets_of_a_regression():
    y = loss("softmax").targets([0, 2], 3)
    assert loss("softmax").regression_targets(y).tolist() == [[4, -4, -4], [-4, -4, 4]]
    y = loss("squared").targets([1, 2], 1)
    assert loss("squared").regression_targets(y) is y


def test_numbers_are_brought_back_to_targets():
    given = np.array([[1.5, -0.5, 0.5], [0.25, 0.25, 0.5]])
    assert loss("squared").feasible(given) is given
    assert loss("logistic").feasible(given).tolist() == [[1, 0, 0.5], [0.25, 0.25, 0.5]]
    assert loss("softmax").feasible(given)[0] == pytest.approx([2 / 3, 0, 1 / 3])
    for name in BY_NAME:
        loss(name).targets(loss(name).feasible(given), 3)


@pytest.mark.parametrize("name", BY_NAME)
def test_the_gauge_leaves_the_gradient_and_keeps_one_of_all_equals(name):
    chosen, (Z, y, _) = loss(name), sample(name)
    assert np.allclose(chosen.grad(chosen.gauge(Z), y), chosen.grad(Z, y))
    shifted = np.allclose(chosen.grad(Z + 2.0, y), chosen.grad(Z, y))
    assert shifted == np.allclose(chosen.gauge(Z + 2.0), chosen.gauge(Z))
