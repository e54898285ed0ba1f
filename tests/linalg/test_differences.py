"""Derivatives by differences: right whatever the units of x, t and F, at random points of random smooth functions."""

import numpy as np
import pytest

from homotopy.continuation import GradientSystem, RootSystem
from homotopy.differences import Differences
from homotopy.objectives import Function

KINDS = ("sine", "cubic", "exponential", "saturating")


class Smooth:
    """A random smooth system of y and u, with its Jacobian and its rate in u."""

    def __init__(self, kind, n, rng):
        self.kind = kind
        self.a, self.b = rng.standard_normal((2, n, n))
        self.d, self.e = rng.standard_normal((2, n))

    def bend(self, z):
        """The bent part and its slope."""
        if self.kind == "exponential":
            return np.expm1(0.3 * z), 0.3 * np.exp(0.3 * z)
        if self.kind == "saturating":
            return np.tanh(z), 1 / np.cosh(z) ** 2
        return (np.sin(z), np.cos(z)) if self.kind == "sine" else (z, np.ones_like(z))

    def value(self, y, u):
        straight = y**3 if self.kind == "cubic" else y
        return self.a @ straight + self.bend(self.b @ y + self.e * u)[0] - self.d * u

    def jacobian(self, y, u):
        straight = 3 * y**2 if self.kind == "cubic" else np.ones_like(y)
        return self.a * straight + self.bend(self.b @ y + self.e * u)[1][:, None] * self.b

    def rate(self, y, u):
        return self.bend(self.b @ y + self.e * u)[1] * self.e - self.d


class Scaled:
    """The system in other units: x = c y, t = t0 + b u, F = s G."""

    def __init__(self, kind, rng):
        self.n = int(rng.integers(1, 6))
        self.inner = Smooth(kind, self.n, rng)
        self.c = 10.0 ** rng.uniform(-8, 8, self.n)
        self.s, self.b = 10.0 ** rng.uniform(-8, 8, 2)
        self.t0 = self.b * rng.choice([0.0, 1.0, -3.0])

    def __call__(self, x, t):
        return self.s * self.inner.value(x / self.c, (t - self.t0) / self.b)

    def points(self, rng):
        """A path in x and t, from a point that may be zero in part or wholly."""
        y = rng.standard_normal(self.n) * rng.choice([0.0, 1.0, 1e-3, 3.0], self.n)
        for k in range(6):
            yield self.c * y, self.t0 + self.b * 0.1 * k
            y = y + 0.3 * rng.standard_normal(self.n)

    def truth(self, x, t):
        y, u = x / self.c, (t - self.t0) / self.b
        return self.s * self.inner.jacobian(y, u) / self.c, self.s * self.inner.rate(y, u) / self.b


def relative(found, truth, natural):
    """The error against the derivative, or against a hundredth of what one unit of each would give."""
    return np.linalg.norm(found - truth) / max(np.linalg.norm(truth), 1e-2 * natural)


@pytest.mark.parametrize("kind", KINDS)
def test_columns_and_rates_of_random_functions_in_any_units(kind):
    errors = []
    for seed in range(60):
        rng = np.random.default_rng([KINDS.index(kind), seed])
        made = Scaled(kind, rng)
        system = RootSystem(made, made.n)
        for x, t in made.points(rng):
            jacobian, rate = made.truth(x, t)
            for i, unit in enumerate(np.eye(made.n)):
                natural = made.s / made.c[i]
                errors.append(relative(system.hessp(x, t, unit), jacobian[:, i], natural))
                errors.append(relative(system.hessp(x, t, -3 * unit), -3 * jacobian[:, i], 3 * natural))
            errors.append(relative(system.dt_grad(x, t), rate, made.s / made.b))
    assert np.median(errors) < 1e-9
    assert np.quantile(errors, 0.99) < 1e-7
    assert max(errors) < 1e-6


@pytest.mark.parametrize("kind", KINDS)
def test_products_with_any_direction(kind):
    errors = []
    for seed in range(60):
        rng = np.random.default_rng([10 + KINDS.index(kind), seed])
        made = Scaled(kind, rng)
        system = RootSystem(made, made.n)
        for x, t in made.points(rng):
            v = made.c * rng.standard_normal(made.n)
            truth = made.truth(x, t)[0]
            errors.append(np.linalg.norm(system.hessp(x, t, v) - truth @ v) / np.linalg.norm(truth * v))
    assert np.quantile(errors, 0.95) < 1e-7
    assert max(errors) < 1e-3


@pytest.mark.parametrize("c", [1e-8, 1e-4, 1.0, 1e4, 1e8])
@pytest.mark.parametrize("s", [1e-8, 1.0, 1e8])
def test_gradients_and_hessians_of_values(c, s):
    rng = np.random.default_rng(3)
    a = rng.standard_normal((3, 3))
    a = a @ a.T + np.eye(3)

    def value(x, t):
        y = x / c
        return s * float(0.5 * y @ a @ y + np.sum(np.cos(y)) - t * y.sum())

    system = GradientSystem(None, 3, value=value)
    for k in range(5):
        y, t = 0.5 * k * rng.standard_normal(3), 0.2 * k
        truth = a @ y - np.sin(y) - t
        np.testing.assert_allclose(system.grad(c * y, t) * c / s, truth, rtol=0, atol=1e-9 * (1 + np.abs(truth).max()))
        hessian = a - np.diag(np.cos(y))
        found = np.stack([system.hessp(c * y, t, unit) for unit in np.eye(3)]) * c**2 / s
        np.testing.assert_allclose(found, hessian, rtol=0, atol=1e-6 * np.abs(hessian).max())
        np.testing.assert_allclose(system.dt_grad(c * y, t) * c / s, -1, rtol=1e-6)
        assert system.dt(c * y, t) / s == pytest.approx(-y.sum(), abs=1e-7 * (1 + np.abs(y).max()))


def test_from_one_side_where_the_other_one_is_no_number():
    wall = RootSystem(lambda x, t: np.where((t > 0.5) | (x > 1.0), np.nan, np.sin(x) * np.exp(t)), 1)
    assert wall.dt_grad(np.array([0.3]), 0.5)[0] == pytest.approx(np.sin(0.3) * np.exp(0.5), rel=1e-8)
    assert wall.hessp(np.ones(1), 0.2, np.ones(1))[0] == pytest.approx(np.cos(1.0) * np.exp(0.2), rel=1e-8)
    with np.errstate(invalid="ignore"):
        assert np.isnan(wall.dt_grad(np.array([2.0]), 0.2)).all()


def test_a_function_of_much_noise_is_differenced_as_well_as_it_can_be():
    """Values that are rounded to eight digits: the best relative error is about 1e-8 to the power 2/3."""

    def rounded(x, t):
        y = np.exp(x) - 1 - t
        return np.round(y, 8)

    system = RootSystem(rounded, 3)
    for point in (np.zeros(3), np.array([0.1, -0.4, 1.0])):
        for i, unit in enumerate(np.eye(3)):
            assert system.hessp(point, 0.0, unit)[i] == pytest.approx(np.exp(point[i]), rel=1e-3)


def test_what_is_learnt_is_learnt_once():
    calls = 0

    def counted(x):
        nonlocal calls
        calls += 1
        return np.sin(x) + x**2

    differences, rng = Differences(), np.random.default_rng(0)
    for _ in range(3):
        for unit in np.eye(4):
            differences.along(counted, np.arange(4.0), unit)
        before = calls
    for _ in range(50):
        for unit in np.eye(4):
            differences.along(counted, np.arange(4.0) + 0.2 * rng.random(4), unit)
    assert calls - before == 50 * 4 * 2


@pytest.mark.parametrize("v", [np.zeros(2), np.full(2, np.nan)])
def test_no_direction_has_no_derivative(v):
    found = RootSystem(lambda x, t: x**2, 2).hessp(np.ones(2), 0.0, v)
    assert np.array_equal(found, v, equal_nan=True)


@pytest.mark.parametrize("c", [1e-8, 1e-3, 1.0, 1e8])
def test_the_hessian_of_a_plain_function_in_any_units(c):
    sizes = c * np.array([1e6, 1e-6])
    made = Function(lambda x: float(np.sum(np.cosh(x / sizes))), lambda x: np.sinh(x / sizes) / sizes, 2)
    for y in (np.array([1.0, 1.0]), np.array([0.5, -2.0])):
        for i, unit in enumerate(np.eye(2)):
            truth = np.cosh(y[i]) / sizes[i] ** 2
            assert made.hessp(sizes * y, unit)[i] == pytest.approx(truth, rel=1e-8)
