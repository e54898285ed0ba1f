"""The classical functions: derivatives, minima, and smoothings against the published formulas and quadrature."""

import numpy as np
import pytest

from homotopy.errors import ArgumentError
from homotopy.objectives.base import Objective, check_derivatives
from homotopy.objectives.functions import Ackley, Himmelblau, Polynomial, Quadratic, Rosenbrock

FUNCTIONS = {
    "rosenbrock": Rosenbrock(),
    "himmelblau": Himmelblau(),
    "smoothed": Himmelblau().smoothed(0.7),
    "ackley": Ackley(4),
    "quadratic": Quadratic([[2.0, 1.0], [1.0, 3.0]], [1.0, -1.0]),
}


def published_rosenbrock(x, y, s):
    return (
        100 * x**4 + (-200 * y + 600 * s**2 + 1) * x**2 - 2 * x + 100 * y**2 - 200 * s**2 * y
        + 300 * s**4 + 101 * s**2 + 1
    )  # fmt: skip


def published_himmelblau(x, y, s):
    return (
        x**4 + (2 * y + 6 * s**2 - 21) * x**2 + (2 * y**2 + 2 * s**2 - 14) * x + y**4 + (6 * s**2 - 13) * y**2
        + (2 * s**2 - 22) * y + 6 * s**4 - 34 * s**2 + 170
    )  # fmt: skip


@pytest.mark.parametrize("name", FUNCTIONS)
def test_derivatives(name):
    function = FUNCTIONS[name]
    assert isinstance(function, Objective)
    rng = np.random.default_rng(1)
    x = rng.standard_normal(function.size)
    found = check_derivatives(function, x, rng=rng)
    assert found["grad"] > 1.7
    assert found["hessp"] > 2.6
    assert found["symmetry"] < 1e-12
    assert found["gradient_error"] < 1e-6
    assert found["hessp_error"] < 1e-6
    columns = [function.hessp(x, e) for e in np.eye(function.size)]
    np.testing.assert_allclose(function.hessian(x), columns, rtol=1e-12, atol=1e-12)
    assert function.value_and_grad(x)[0] == function.value(x)


@pytest.mark.parametrize(
    ("function", "formula"), [(Rosenbrock(), published_rosenbrock), (Himmelblau(), published_himmelblau)]
)
@pytest.mark.parametrize("s", [0.0, 0.3, 1.5])
def test_smoothing_is_the_published_formula_and_the_expectation(function, formula, s):
    rng = np.random.default_rng(2)
    nodes, weights = np.polynomial.hermite_e.hermegauss(8)
    weights = weights / weights.sum()
    for x, y in rng.uniform(-3, 3, (5, 2)):
        value = function.smoothed(s).value(np.array([x, y]))
        assert value == pytest.approx(formula(x, y, s), rel=1e-12)
        mean = sum(
            a * b * function.value(np.array([x + s * u, y + s * v]))
            for u, a in zip(nodes, weights, strict=True)
            for v, b in zip(nodes, weights, strict=True)
        )
        assert value == pytest.approx(mean, rel=1e-11)


def test_smoothing_obeys_the_heat_equation():
    point, s, h = np.array([0.4, -1.2]), 0.8, 1e-4
    slope = (Himmelblau().smoothed(s + h).value(point) - Himmelblau().smoothed(s - h).value(point)) / (2 * h)
    assert s * Himmelblau().smoothed(s).laplacian().value(point) == pytest.approx(slope, rel=1e-7)


def test_minima():
    for function, point in [(Rosenbrock(), [1.0, 1.0]), (Himmelblau(), [3.0, 2.0]), (Ackley(2), [0.0, 0.0])]:
        assert function.value(np.array(point)) == pytest.approx(0.0, abs=1e-14)
        assert np.abs(function.grad(np.array(point))).max() < 1e-12
    assert np.isfinite(Ackley(2).hessp(np.zeros(2), np.ones(2))).all()


@pytest.mark.parametrize(
    "call",
    [
        lambda: Quadratic([[1.0, 2.0], [0.0, 1.0]], [0.0, 0.0]),
        lambda: Quadratic([[1.0]], [0.0, 0.0]),
        lambda: Polynomial([1.0, 2.0]),
        lambda: Ackley(0),
    ],
)
def test_bad_input(call):
    with pytest.raises(ArgumentError):
        call()
