"""The loop of one tiny net against the loop that calls the objective."""

import numpy as np
import pytest
from loops import run

from homotopy._core import vmath
from homotopy.descent import Exponential, Noise, Ramp, descend
from homotopy.models import MLP
from homotopy.objectives import EmpiricalRisk

RULES = ["gd", "momentum", "nesterov", "adam", "rprop"]


def risk(hidden=3, n=4, d=2, activation="tanh", loss="squared", *, output="identity", bias=True, l2=0.0):
    rng = np.random.default_rng(n + 10 * d)
    y = rng.integers(0, 2, (n, 1)) if loss == "logistic" else rng.standard_normal((n, 1))
    model = MLP((d, hidden, 1), activation, output=output, bias=bias)
    return EmpiricalRisk(model, loss, rng.standard_normal((n, d)), y, l2=l2)


def compare(objective, **settings):
    """Every instruction set against the objective's own functions."""
    x = np.random.default_rng(1).uniform(-1, 1, objective.size)
    expected, ends, tiny = run(objective, x, "plain", **settings)
    assert not tiny
    used = 0
    for isa in vmath.available():
        got, other, tiny = run(objective, x, isa, **settings)
        used += tiny
        np.testing.assert_allclose(got, expected, rtol=1e-11, atol=1e-13, err_msg=isa)
        np.testing.assert_allclose(other.values, ends.values, rtol=1e-11, atol=1e-20)
        np.testing.assert_allclose(other.grad_norms, ends.grad_norms, rtol=1e-9, atol=1e-14)
        assert list(other.codes) == list(ends.codes)
        assert list(other.n_evaluations) == list(ends.n_evaluations)
        assert list(other.hits) == list(ends.hits)
        np.testing.assert_allclose(other.traces[0], ends.traces[0], rtol=1e-11)
    return used, ends


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 8])
@pytest.mark.parametrize("hidden", [1, 2, 3, 7])
def test_shapes(n, hidden):
    compare(risk(hidden, n, 1 + n % 3))


@pytest.mark.parametrize("activation", ["identity", "tanh", "logistic", "relu", "leaky-relu:slope=0.2"])
@pytest.mark.parametrize(
    ("loss", "output"),
    [("squared", "identity"), ("squared", "logistic"), ("squared", "tanh"), ("logistic", "identity")],
)
@pytest.mark.parametrize("bias", [True, False])
def test_kinds_of_nets(activation, loss, output, bias):
    compare(risk(3, 3, 2, activation, loss, output=output, bias=bias, l2=0.1))


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("noise", [None, Noise(1e-2, period=1), Noise(1e-2, "gaussian", period=7)])
def test_rules_and_noise(rule, noise):
    steps = 20 if rule == "rprop" else 60
    factor = None if rule == "rprop" else Exponential(1.0, last=0.5)
    compare(risk(), rule=rule, noise=noise, factor=factor, n_steps=steps)


@pytest.mark.parametrize(
    "settings",
    [
        {"record_every": 1},
        {"record_every": 7, "n_steps": 49},
        {"plateau": (1e-2, 5), "n_steps": 10**5},
        {"gradient_tolerance": 0.05, "n_steps": 10**5},
        {"target": 0.35, "n_steps": 10**5, "record_every": 3},
        {"limit": 33},
        {"n_steps": 0},
        {"n_steps": 9000},
        {"n_steps": 60, "noise": Noise(0.1, period=5), "record_every": 5, "plateau": (0.0, 50)},
    ],
)
def test_endings_and_records(settings):
    used, ends = compare(risk(1, 4), **settings)
    assert used > 0 or vmath.available() == ["plain"]
    assert ends.codes[0] != 0


@pytest.mark.parametrize("kind", ["basis", "targets", "l2", "mix"])
@pytest.mark.parametrize("activation", ["tanh", "relu"])
def test_deformations(kind, activation):
    rng = np.random.default_rng(3)
    change = {
        "basis": np.linalg.qr(rng.standard_normal((4, 2)))[0],
        "targets": rng.standard_normal((4, 1)),
        "l2": 0.3,
        "mix": True,
    }[kind]
    moving = risk(3, 4, 2, activation).deformed(**{kind: change})
    compare(moving, schedule=Ramp(share=0.7), target=0.2, record_every=3)


def test_descend_uses_the_loop():
    f = risk()
    x = np.random.default_rng(0).uniform(-1, 1, f.size)
    np.testing.assert_array_equal(descend(f, x, step_size=0.02, n_steps=50).x, run(f, x, vmath.isa())[0])


def test_a_value_that_is_not_finite_ends_the_descent():
    f = risk()
    x = np.full(f.size, 1e200)
    for isa in vmath.available():
        _, ends, _ = run(f, x, isa)
        assert ends.codes[0] == 5
        assert ends.n_evaluations[0] == 1
