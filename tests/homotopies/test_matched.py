"""The linear net at the beginning has the mean and the slope of the activation."""

import numpy as np
import pytest
from scipy.integrate import quad

from homotopy.errors import ArgumentError
from homotopy.homotopies import Activation, MatchedActivation
from homotopy.homotopies.general.matched import mean_and_slope
from homotopy.models import MLP
from homotopy.models.activations import activation
from homotopy.objectives import EmpiricalRisk, TeacherStudent


def net(name="relu", hidden=200, n=4000, bias=True):
    rng = np.random.default_rng(0)
    X = rng.standard_normal((n, 3))
    return EmpiricalRisk(MLP((3, hidden, 1), name, bias=bias), "squared", X, np.zeros(n)), rng


@pytest.mark.parametrize("name", ["relu", "tanh", "softplus", "erf", "logistic", "leaky-relu", "gelu"])
def test_mean_and_slope_are_those_over_the_normal_distribution(name):
    def density(z):
        return np.exp(-0.5 * z * z) / np.sqrt(2 * np.pi)

    def value(z):
        return float(activation(name)(np.array([z]))[0])

    mean = quad(lambda z: value(z) * density(z), -12, 12, points=[0])[0]
    step = 1e-5
    slope = quad(lambda z: (value(z + step) - value(z - step)) / (2 * step) * density(z), -12, 12, points=[0])[0]
    assert mean_and_slope(name) == pytest.approx((mean, slope), abs=1e-5)


def outputs(homotopy, x, t):
    """From the gradient of a squared loss with targets zero, in the output's bias, and its value."""
    value, grad = homotopy.value_and_grad(x, t)
    return grad[-1], 2 * value  # mean and mean square of the outputs


def test_units_are_the_stated_mixture_on_samples():
    risk, rng = net("relu", 5, 50)
    x = risk.model.init(rng)
    (W, b), (a, c) = risk.model.unpack(x)
    z = risk.X @ W.T + b
    for t in (0.0, 0.3, 0.8, 1.0):
        units = (1 - t) * (1 / np.sqrt(2 * np.pi) + 0.5 * z) + t * np.maximum(z, 0)
        mean, square = outputs(MatchedActivation(risk), x, t)
        out = units @ a[0] + c
        assert mean == pytest.approx(out.mean(), rel=1e-9, abs=1e-12)
        assert square == pytest.approx((out**2).mean(), rel=1e-9)


def test_the_mean_output_hardly_moves_with_t_and_that_of_activation_does():
    risk, rng = net()
    directions = rng.standard_normal((200, 3))
    layers = [(directions / np.linalg.norm(directions, axis=1, keepdims=True), np.zeros(200))]
    x = risk.model.pack([*layers, (np.full((1, 200), 1 / 200), np.zeros(1))])
    kept = [outputs(MatchedActivation(risk), x, t)[0] for t in (0.0, 0.5, 1.0)]
    np.testing.assert_allclose(kept, 1 / np.sqrt(2 * np.pi), atol=0.03)
    assert abs(outputs(Activation(risk), x, 0.0)[0]) < 0.05


def test_what_is_not_allowed_is_named():
    with pytest.raises(ArgumentError, match="a TeacherStudent has no net"):
        MatchedActivation(TeacherStudent(3, 3))
    with pytest.raises(ArgumentError, match="no biases"):
        MatchedActivation(net(bias=False)[0])
