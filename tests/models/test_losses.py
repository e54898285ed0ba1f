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
