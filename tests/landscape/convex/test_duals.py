"""Every point of the dual gives a bound from below, also one that no loss has as its slopes, and so does every cone."""

import numpy as np
import pytest

from homotopy.landscape import convex_minimum
from homotopy.landscape.convex.measure import Measure, weighed
from homotopy.landscape.convex.program import CONJUGATES, program_of
from homotopy.landscape.convex.sphere import steepest
from homotopy.models import MLP
from homotopy.objectives import EmpiricalRisk


def logistic(X, y, l2, **more):
    return EmpiricalRisk(MLP((X.shape[1], 2, 1), "relu"), "logistic", X, y, l2=l2, **more)


def test_slopes_that_the_loss_has_nowhere_give_no_higher_bound():
    """Two equal samples with slopes of opposite signs: no unit has any slope, but the second one has no such loss."""
    risk = logistic(np.ones((2, 1)), np.zeros(2), 1e-3)
    assert program_of(risk, None).dual(np.array([0.25, -0.25]), 0.0) <= convex_minimum(risk).upper


@pytest.mark.parametrize("seed", range(3))
def test_any_slopes_give_a_bound(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 7))
    X = rng.standard_normal((n, 1))
    X[1] = -X[0]
    y = rng.random(n) if seed % 2 else rng.integers(0, 2, n).astype(float)
    risk = logistic(X, y, 10.0 ** rng.uniform(-4, -1), weights=rng.uniform(0.1, 10, n))
    program, least = program_of(risk, None), convex_minimum(risk).upper
    angles = np.linspace(0, 2 * np.pi, 4001)
    units = program.units(np.column_stack([np.cos(angles), np.sin(angles)]))
    for scale in (0.1, 1.0, 10.0):
        for _ in range(10):
            g = scale * rng.standard_normal(n) / n
            assert program.dual(g, 1.001 * np.abs(g @ units).max()) <= least * (1 + 1e-12)


def test_targets_at_the_ends_leave_the_conjugate_its_digits():
    """With y = 1 and slopes of 1e-11 the conjugate is (1 - q) log1p(-q) + q log q, q = 1e-11: no difference of ones."""
    for y, sign in ((1.0, -1.0), (0.0, 1.0)):
        for q in (1e-3, 1e-8, 1e-11, 1e-15):
            found, size = CONJUGATES["logistic"](np.array([sign * q]), np.array([y]))
            assert found[0] == pytest.approx((1 - q) * np.log1p(-q) + q * np.log(q), rel=4e-16)
            assert abs(found[0]) <= size[0] <= 4 * abs(found[0])


@pytest.mark.parametrize("seed", range(3))
def test_a_penalty_of_almost_nothing(seed):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((6, 1))
    found = convex_minimum(logistic(X, (X[:, 0] > 0.2).astype(float), 10.0 ** rng.uniform(-11, -9)))
    assert found.exact


def test_the_best_measure_on_no_units_is_none():
    program = program_of(EmpiricalRisk(MLP((1, 1, 1), "relu", bias=False), "squared", [[1.0]], [1.0], l2=0.1), None)
    nothing = Measure(np.zeros((0, 1)), np.zeros(0), 0.0)
    assert len(weighed(program, nothing, nothing.U, nothing.signs).U) == 0


def test_samples_almost_alike_and_far_off():
    """The bound that came from slopes that rounding had left outside was 2 % too high here, and was called exact."""
    X = [-36083.2471184, -36083.24711838, 36083.2471184, -1939.08089822, 10227.76608957, 7205.7068902]
    risk = logistic(np.array(X)[:, None], np.eye(6)[0], 0.00151682)
    found = convex_minimum(risk)
    other = convex_minimum(risk, patterns=20, cones=0)
    assert found.gap <= 1e-7 * found.upper
    assert other.lower <= found.lower
    assert found.upper <= other.upper * (1 + 1e-12) <= found.upper * (1 + 1e-4)


def test_no_unit_is_steeper_than_the_cones_say():
    for seed in range(4):
        rng = np.random.default_rng(seed)
        act = ("relu", "leaky-relu:slope=0.4")[seed % 2]
        X = rng.standard_normal((12, 2))
        program = program_of(EmpiricalRisk(MLP((2, 2, 1), act), "squared", X, np.ones(12), l2=0.1), None)
        g, U = rng.standard_normal(12), rng.standard_normal((20000, 3))
        found = np.abs(g @ program.units(U / np.linalg.norm(U, axis=1)[:, None])).max()
        end = steepest(program, g, 0.0, most=4000)
        assert found <= end.slope <= found * (1.02 if end.closed else 1.5)


@pytest.mark.parametrize("apart", [1e-4, 1e-7, 1e-10, 1e-13])
def test_samples_that_are_almost_one(apart):
    """Between them is no room for a unit; the conic solver lost its way in cells so thin."""
    rng = np.random.default_rng(7)
    X = rng.standard_normal((9, 2))
    X[1] = X[0] + apart * rng.standard_normal(2)
    X[2] = -X[0] + apart * rng.standard_normal(2)
    found = convex_minimum(logistic(X, np.arange(9.0) % 2, 1e-5))
    assert found.gap <= 1e-7 * found.upper
    X[1], X[2] = X[0], -X[0]
    same = convex_minimum(logistic(X, np.arange(9.0) % 2, 1e-5))
    assert found.upper == pytest.approx(same.upper, rel=100 * apart + 1e-7)
