"""The exactly smoothed squared loss: means over drawn noise, the easy end, what is refused."""

import numpy as np
import pytest

from homotopy.descent import descend
from homotopy.errors import ArgumentError
from homotopy.homotopies import Diffusion, Gaussian, LayerwiseDiffusion
from homotopy.models import MLP
from homotopy.models.recurrent import RNN
from homotopy.models.smoothing import BY_NAME
from homotopy.objectives import EmpiricalRisk, TeacherStudent
from homotopy.problems import problem


def risk(sizes=(2, 3, 2), activation="tanh", seed=0, bias=True, weighted=False, **more):
    rng = np.random.default_rng(seed)
    X, y = rng.standard_normal((9, sizes[0])), rng.standard_normal((9, sizes[-1]))
    weights = rng.exponential(size=9) if weighted else None
    return EmpiricalRisk(MLP(sizes, activation, bias=bias), "squared", X, y, weights=weights, **more)


MEMBERS = [
    ("tanh", True, False, 0.0), ("relu", False, True, 0.0), ("gelu", True, True, 0.1), ("erf", True, False, 0.02),
    ("sin", False, False, 0.0), ("softplus", True, False, 0.0), ("logistic", True, True, 0.0),
    ("identity", True, False, 0.0), ("leaky-relu:slope=0.2", True, False, 0.05),
]  # fmt: skip


@pytest.mark.parametrize(("activation", "bias", "weighted", "l2"), MEMBERS)
def test_it_is_the_mean_over_noise_on_all_weights(activation, bias, weighted, l2):
    rng = np.random.default_rng(len(activation))
    own = risk((2, 3, 2), activation, 5, bias, weighted, l2=l2)
    homotopy, x = Diffusion(own, 0.8), rng.standard_normal(own.size)
    values, grads = own.value_and_grad_many(x + 0.4 * rng.standard_normal((20_000, own.size)))
    value, grad = homotopy.value_and_grad(x, 0.5)
    assert abs(values.mean() - value) < 4 * values.std() / np.sqrt(len(values))
    # the largest of so many normal errors is beyond 4 deviations in one of a thousand cases
    assert (np.abs(grads.mean(axis=0) - grad) < 4.5 * grads.std(axis=0) / np.sqrt(len(grads)) + 1e-12).all()


@pytest.mark.parametrize("points", ["antithetic", "random", "quasi"])
def test_samples_tend_to_it(points):
    own = risk()
    x, exact = np.random.default_rng(1).standard_normal(own.size), Diffusion(own, 0.5)
    errors = []
    for m in (64, 4096):
        found = [Gaussian(own, 0.5, samples=m, points=points, rng=seed).value(x, 0.2) for seed in range(8)]
        errors.append(np.sqrt(np.mean((np.array(found) - exact.value(x, 0.2)) ** 2)))
    assert errors[1] < errors[0] / 4
    assert errors[1] < 0.02 * exact.value(x, 0.2)


def test_quasi_random_samples_are_nearer_than_random_ones():
    own = risk()
    x, exact = np.random.default_rng(2).standard_normal(own.size), Diffusion(own, 0.3)
    error = {}
    for points in ("antithetic", "random", "quasi"):
        found = [Gaussian(own, 0.3, samples=256, points=points, rng=seed).value(x, 0.0) for seed in range(20)]
        error[points] = np.sqrt(np.mean((np.array(found) - exact.value(x, 0.0)) ** 2))
    assert error["quasi"] < error["antithetic"] < error["random"]
    assert error["quasi"] < 0.5 * error["random"]


def test_it_solves_the_heat_equation():
    own = risk(activation="erf")
    sigma, h = 0.6, 1e-4
    x = np.random.default_rng(3).standard_normal(own.size)
    ahead = [Diffusion(own, sigma + k * h).value(x, 0.0) for k in (-2, -1, 1, 2)]
    slope = sum(w * a for w, a in zip((1, -8, 8, -1), ahead, strict=True)) / (12 * h)
    at = Diffusion(own, sigma).at(0.0)
    laplacian = sum(at.hessp(x, unit) @ unit for unit in np.eye(own.size))
    assert slope == pytest.approx(sigma * laplacian, rel=1e-6)
    assert Diffusion(own, sigma).dt(x, 0.0) == pytest.approx(-sigma * sigma * laplacian, rel=1e-9)


@pytest.mark.parametrize("activation", ["tanh", "erf"])
def test_strong_noise_leaves_one_minimum_the_best_constant(activation):
    for seed in range(2):
        own = risk((2, 2, 1), activation, seed, l2=0.01 * seed)
        homotopy = Diffusion(own, 2.0)
        blurred = homotopy.blurred()
        assert np.linalg.norm(homotopy.grad(blurred, 0.0)) < 1e-12
        at = homotopy.at(0.0)
        hessian = np.array([at.hessp(blurred, unit) for unit in np.eye(own.size)])
        assert np.linalg.eigvalsh(hessian).min() > 0
        for start in np.random.default_rng(seed).normal(scale=2.0, size=(4, own.size)):
            end = descend(at, start, rule="lbfgs", n_steps=2000, gradient_tolerance=1e-8).x
            np.testing.assert_allclose(end, blurred, atol=1e-5)


def least_curvature(homotopy, t):
    """The smallest eigenvalue of the Hessian at the best constant, which is stationary."""
    x = homotopy.blurred()
    assert np.linalg.norm(homotopy.grad(x, t)) < 1e-12
    return np.linalg.eigvalsh(np.array([homotopy.hessp(x, t, unit) for unit in np.eye(x.size)]))[0]


def test_the_best_constant_becomes_a_saddle_where_a_linear_function_is_better():
    for seed in range(3):
        homotopy = Diffusion(risk((2, 2, 1), seed=seed), 2.0)
        assert least_curvature(homotopy, 0.0) > 0
        assert least_curvature(homotopy, 0.95) < -1e-3
    xor = Diffusion(problem("xor").objective, 1.0)  # no linear function is
    assert min(least_curvature(xor, t) for t in (0.0, 0.5, 0.9)) > 0
    assert Diffusion(problem("xor:activation=relu").objective).blurred() is None


def test_one_layer_by_layer_is_the_loss_of_the_mean_outputs():
    own = risk((2, 4, 2), "relu")
    rng = np.random.default_rng(5)
    x = rng.standard_normal(own.size)
    layers = own.model.unpack(x)
    total = np.zeros((9, 2))
    for _ in range(20_000):
        (W, b), (C, c) = layers
        noisy = own.X @ (W + 0.5 * rng.standard_normal(W.shape)).T + b + 0.5 * rng.standard_normal(b.shape)
        total += np.maximum(noisy, 0) @ C.T + c
    expected = own.loss.value(total / 20_000, own.y)
    assert LayerwiseDiffusion(own, 1.0).value(x, 0.5) == pytest.approx(expected, rel=0.02)


def test_far_out_nothing_warns_and_descents_come_back():
    for activation in ("relu", "tanh", "gelu", "softplus"):
        own = risk(activation=activation)
        homotopy = Diffusion(own, 1.0)
        value, _ = homotopy.value_and_grad(np.full(own.size, 1e200), 0.0)
        assert value > 1e100 or not np.isfinite(value)
        found = descend(homotopy.at(0.0), 20.0 * np.ones(own.size), rule="lbfgs", n_steps=50)
        assert np.isfinite(found.value)


def one_step(state):
    rng = np.random.default_rng(8)
    given = {"state": rng.standard_normal((7, 3))} if state == "given" else {}
    X, y = rng.standard_normal((7, 1, 2)), rng.standard_normal((7, 1))
    return EmpiricalRisk(RNN(2, 3, 1, state=state), "squared", X, y, l2=0.1, **given)


@pytest.mark.parametrize("state", ["zero", "given"])
def test_one_step_of_a_recurrent_net_is_a_net_with_one_hidden_layer(state):
    own, rng = one_step(state), np.random.default_rng(9)
    x = 0.5 * rng.standard_normal(own.size)
    values = np.array([own.value(x + 0.35 * z) for z in rng.standard_normal((20_000, own.size))])
    assert abs(values.mean() - Diffusion(own, 0.7).value(x, 0.5)) < 4 * values.std() / np.sqrt(len(values))


def test_others_are_refused_in_a_sentence():
    rng = np.random.default_rng(6)
    X = rng.standard_normal((6, 4, 2))
    sequences = EmpiricalRisk(RNN(2, 3, 1), "squared", X, np.ones(6))
    for objective, words in (
        (TeacherStudent(3, 3), "chain"),
        (risk((2, 2, 2, 1)), "chain of 2 layers or steps; one is needed"),
        (sequences, "chain of 4 layers or steps; one is needed"),
        (one_step("learned"), "the initial state is learned, and its noise would be multiplied"),
        (risk((2, 1)), "no hidden layers"),
        (problem("jellyfish").objective, "the loss is logistic; the squared one is needed"),
        (problem("xor:output=logistic").objective, "the output is logistic"),
    ):
        assert words in Diffusion.reason(objective)
        with pytest.raises(ArgumentError, match=words):
            Diffusion(objective)
    with pytest.raises(ArgumentError, match="sigma must be a positive number, not 0"):
        Diffusion(risk(), 0)
    with pytest.raises(ArgumentError, match="x0"):
        Diffusion(risk(), x0=np.zeros(3))
    with pytest.raises(ArgumentError, match="points must be 'antithetic', 'random' or 'quasi', not 'sobol'"):
        Gaussian(risk(), points="sobol")
    with pytest.raises(ArgumentError, match="power of 2"):
        Gaussian(risk(), samples=6, points="quasi")


def test_units_without_a_smoothing_are_refused(monkeypatch):
    """An activation that nobody has smoothed is named in the refusal."""
    monkeypatch.delitem(BY_NAME, "tanh")
    with pytest.raises(ArgumentError, match="smoothing of tanh units"):
        Diffusion(risk())
