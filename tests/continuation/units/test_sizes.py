"""The sizes that a path is measured in: positive and finite whatever the family, and in its units."""

import numpy as np
import pytest

from homotopy.continuation import Metric, RootSystem
from homotopy.continuation.engine.course import Course
from homotopy.continuation.engine.units import learned
from homotopy.continuation.parts.linear import AUTO

PLAIN = Metric.weighted(0.5, 3)


def metric(function, x0, *, jacobian=None, dt=None, linear=AUTO):
    system = RootSystem(function, 3, jacobian=jacobian, dt=dt)
    with np.errstate(all="ignore"):
        return learned(system, PLAIN, Course(), (x0, 0.0), scale=None, linear=linear)


ODD = {
    "nothing moves": (lambda x, t: x, lambda x, t: np.eye(3), lambda x, t: np.zeros(3)),
    "nothing at all": (lambda x, t: 0 * x, lambda x, t: np.zeros((3, 3)), lambda x, t: np.zeros(3)),
    "no derivative": (lambda x, t: x, lambda x, t: np.full((3, 3), np.nan), lambda x, t: np.full(3, np.nan)),
    "no Jacobian": (lambda x, t: x - t, lambda x, t: np.full((3, 3), np.nan), lambda x, t: -np.ones(3)),
    "infinite": (lambda x, t: x - t, lambda x, t: np.eye(3), lambda x, t: np.full(3, np.inf)),
    "huge": (lambda x, t: 1e300 * (x - t), lambda x, t: 1e300 * np.eye(3), lambda x, t: np.full(3, -1e300)),
    "tiny": (lambda x, t: x - 1e-300 * t, lambda x, t: np.eye(3), lambda x, t: np.full(3, -1e-300)),
    "singular": (lambda x, t: x**3 - t, lambda x, t: np.diag(3 * x**2), lambda x, t: -np.ones(3)),
    "not evaluated": (lambda x, t: x / (0.0 if t > 0.3 else 1.0), lambda x, t: np.eye(3), lambda x, t: np.zeros(3)),
}


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("linear", [AUTO, None], ids=["solver", "none"])
@pytest.mark.parametrize("x0", [0.0, 1e-200, 0.7, 1e200])
def test_sizes_are_positive_and_finite(name, linear, x0):
    function, jacobian, dt = ODD[name]
    found = metric(function, np.full(3, x0), jacobian=jacobian, dt=dt, linear=linear)
    for value in (found.x_weight, found.t_weight, found.residual):
        assert np.isfinite(value)
        assert value > 0.0


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("linear", [AUTO, None], ids=["solver", "none"])
def test_sizes_go_with_the_units(seed, linear):
    rng = np.random.default_rng(seed)
    mix, b = rng.standard_normal((3, 3)) * rng.integers(0, 2), rng.standard_normal(3) * rng.integers(0, 2)
    power, c, s = int(rng.integers(1, 4)), 10.0 ** rng.uniform(-8, 8), 10.0 ** rng.uniform(-8, 8)

    def made(c, s):
        return metric(
            lambda x, t: s * (mix @ (x / c) + (x / c) ** 3 + t**power * (x / c - b)),
            np.zeros(3),
            jacobian=lambda x, t: s / c * (mix + np.diag(3 * (x / c) ** 2) + t**power * np.eye(3)),
            dt=lambda x, t: s * power * t ** (power - 1) * (x / c - b),
            linear=linear,
        )

    one, other = made(1.0, 1.0), made(c, s)
    assert np.isclose(other.x_weight * c**2, one.x_weight, rtol=1e-2)
    assert np.isclose(other.residual / s, one.residual, rtol=1e-2)
