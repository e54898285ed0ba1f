"""Points on their way to infinity, and minima that only lie far away."""

import numpy as np
import pytest
from scipy.optimize import minimize

from homotopy.landscape import classified, escapes
from homotopy.models import MLP
from homotopy.objectives import EmpiricalRisk, Function
from homotopy.problems.published import YUN_POINT

XOR, ODD = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]]), [0, 1, 1, 0]
NETS = [("tanh", "logistic", "squared"), ("logistic", "logistic", "squared"), ("tanh", "identity", "logistic")]


def ended(risk, rng, size=2.0, gtol=1e-9):
    start = size * rng.standard_normal(risk.size)
    return minimize(risk.value_and_grad, start, jac=True, method="BFGS", options={"gtol": gtol, "maxiter": 3000}).x


@pytest.mark.slow
@pytest.mark.parametrize("net", NETS)
def test_most_ends_of_descents_on_xor_are_told(net):
    act, out, loss = net
    rng = np.random.default_rng(3)
    free = EmpiricalRisk(MLP((2, 2, 1), act, output=out), loss, XOR, ODD)
    ends = [ended(free, rng) for _ in range(30)]
    still = [x for x in ends if np.linalg.norm(free.grad(x)) < 1e-6]
    assert sum(bool(escapes(free, x)) for x in still) >= 0.85 * len(still)
    held = free.changed(l2=1e-6)
    assert not any(escapes(held, ended(held, rng)) for _ in range(10))


@pytest.mark.parametrize("net", NETS[1:])
def test_xor_without_a_penalty_has_no_minima_and_with_one_no_escapes(net):
    act, out, loss = net
    rng = np.random.default_rng(3)
    free = EmpiricalRisk(MLP((2, 2, 1), act, output=out), loss, XOR, ODD)
    ends = [ended(free, rng) for _ in range(5)]
    still = [np.linalg.norm(free.grad(x)) < 1e-6 for x in ends]
    told = [bool(escapes(free, x)) for x in ends]
    assert sum(told) >= sum(still) - 1
    for l2 in (1e-3, 1e-6, 1e-9):
        held = free.changed(l2=l2)
        assert not any(escapes(held, ended(held, rng)) for _ in range(2))


def test_separable_and_other_classes():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((20, 3))
    y = (X @ [1.0, -2.0, 0.5] > 0.1).astype(float)
    risk = EmpiricalRisk(MLP((3, 1)), "logistic", X, y)
    assert all(escapes(risk, ended(risk, rng, 1.0, 1e-6)) for _ in range(3))
    assert not escapes(risk.changed(l2=1e-10), ended(risk.changed(l2=1e-10), rng, 1.0, 1e-6))
    y[:4] = 1 - y[:4]
    other = EmpiricalRisk(MLP((3, 1)), "logistic", X, y)
    assert not escapes(other, ended(other, rng, 1.0, 1e-6))


@pytest.mark.parametrize("unit", [1e-6, 1.0, 1e6])
def test_functions_of_one_variable(unit):
    def made(value, slope):
        return Function(lambda x: value(x[0] / unit), lambda x: [slope(x[0] / unit) / unit], 1)

    far = made(lambda s: np.exp(-s) + 1e-9 * s, lambda s: 1e-9 - np.exp(-s))  # its minimum is at s = 20.7
    falls = made(lambda s: np.exp(-s), lambda s: -np.exp(-s))
    power = made(lambda s: 1 / s, lambda s: -1 / s**2)
    quartic = made(lambda s: (s - 1) ** 4, lambda s: 4 * (s - 1) ** 3)
    for s in (5.0, 15.0, 20.7):
        assert not escapes(far, np.array([s * unit]))
    assert escapes(falls, np.array([10.0 * unit]))
    assert escapes(power, np.array([10.0 * unit]))
    assert not escapes(quartic, np.array([1.01 * unit]))


def test_a_flat_minimum_is_no_escape():
    import homotopy as hp

    assert not escapes(hp.problem("yun").objective, YUN_POINT)
    relu = hp.problem("swirszcz-d1").objective
    assert not escapes(relu, np.array([2.0, -6.0, 0.5, 0.0]))


def test_the_verdict_names_an_escape_and_a_point_that_is_not_stationary():
    rng = np.random.default_rng(1)
    X = rng.standard_normal((20, 3))
    risk = EmpiricalRisk(MLP((3, 1)), "logistic", X, (X @ [1.0, -2.0, 0.5] > 0.1).astype(float))
    assert classified(risk, ended(risk, rng, 1.0, 1e-6)).kind == "escape"
    held = risk.changed(l2=1e-3)
    assert classified(held, ended(held, rng)).kind == "minimum"
    for _ in range(5):
        assert classified(held, 2.0 * rng.standard_normal(4)).kind == "not stationary"


@pytest.mark.parametrize("unit", [1e-4, 1.0, 1e6])
@pytest.mark.parametrize("act", ["tanh", "logistic", "erf"])
def test_units_saturated_to_rounding_are_no_flat_minimum(act, unit):
    """Steps on both sides of a line: only slopes that grow without end reach what is left, and there is no gradient."""
    rng = np.random.default_rng(len(act))
    X, y = rng.standard_normal((9, 2)), unit * rng.standard_normal(9)
    model = MLP((2, 2, 1), act)
    risk = EmpiricalRisk(model, "squared", X, y)
    W, b = rng.standard_normal((2, 2)), 0.3 * rng.standard_normal(2)
    size = 60.0 / np.abs(X @ W.T + b).min()
    steps = np.column_stack([np.where(X @ W.T + b > 0, 1.0, 0.0 if act == "logistic" else -1.0), np.ones(9)])
    out = np.linalg.lstsq(steps, y, rcond=None)[0]
    x = np.concatenate([(size * W).ravel(), size * b, out])
    assert np.linalg.norm(risk.grad(x)) < 1e-12 * unit
    assert "on its way to infinity" in escapes(risk, x)
    assert classified(risk, x).kind == "escape"
    fitted = EmpiricalRisk(model, "squared", X, steps @ out)  # whatever the units do, nothing is left
    assert "saturated" not in escapes(fitted, x)
    silent = np.concatenate([W.ravel(), b, [0.0, 0.0, y.mean()]])  # units that go nowhere may have any weights
    assert "saturated" not in escapes(risk, silent)


@pytest.mark.parametrize("seed", range(4))
def test_a_saturated_unit_beside_one_on_a_curve_of_equal_values(seed):
    """Exclusive or of signs at value 1/4: one unit is a step, the other may trade slope for weight."""
    rng = np.random.default_rng(seed)
    X, y = 2 * XOR - 1, 2.0 * np.array(ODD) - 1
    risk = EmpiricalRisk(MLP((2, 2, 1)), "squared", X, y)
    W, b = np.array([[-27.0, -28.7], [-8.8, -45.6]]), np.array([-38.0, -38.5])
    W, b = W + rng.uniform(-1, 1, (2, 2)), b + rng.uniform(-0.5, 0.5, 2)
    columns = np.column_stack([np.tanh(X @ W.T + b), np.ones(4)])
    x = np.concatenate([W.ravel(), b, np.linalg.lstsq(columns, y, rcond=None)[0]])
    assert risk.value(x) == pytest.approx(0.25, abs=1e-9)
    assert np.linalg.norm(risk.grad(x)) < 1e-12
    assert "on its way to infinity" in escapes(risk, x)
