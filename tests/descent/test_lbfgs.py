"""L-BFGS of functions that are no nets, against the same algorithm in plain NumPy: every point that it evaluates."""

import numpy as np
import pytest
from loops import run
from plain_lbfgs import plain_lbfgs

from homotopy._core import vmath
from homotopy.descent import LBFGS


class Recorded:
    """A function of `size` variables that remembers where it was asked."""

    def __init__(self, size, function):
        self.size, self.function, self.points = size, function, []

    def value_and_grad(self, x):
        return self(x)

    def __call__(self, x):
        self.points.append(x.copy())
        return self.function(x)


def quartic(A, b):
    def function(x):
        r = A @ x - b
        return float(0.5 * r @ r + 0.05 * (x**4).sum()), A.T @ r + 0.2 * x**3

    return function


def ramps(weights, starts):
    """Bowls that become ramps: beyond `starts` each variable has a constant slope, so that pairs have no curvature."""

    def function(x):
        left = np.minimum(x - starts, 0.0)
        return float(weights @ (0.5 * left**2 - 1e-3 * x)), weights * (left - 1e-3)

    return function


def compare(function, x, isa, **settings):
    true, made = Recorded(len(x), function), Recorded(len(x), function)
    plain = plain_lbfgs(true, x, **settings)
    memory = settings.pop("memory")
    run(made, x, isa, rule=LBFGS(memory=memory), **settings)
    assert len(made.points) == len(true.points)
    np.testing.assert_allclose(made.points, true.points, rtol=1e-6, atol=1e-9)
    return plain.kept


@pytest.mark.parametrize("memory", [1, 2, 5])
@pytest.mark.parametrize("size", [1, 3, 8, 21, 40])
@pytest.mark.parametrize("isa", vmath.available())
def test_points_are_those_of_the_plain_algorithm(isa, size, memory):
    rng = np.random.default_rng([size, memory])
    A = rng.standard_normal((size + 3, size)) / np.sqrt(size)
    x = rng.standard_normal(size)
    kept = compare(quartic(A, rng.standard_normal(size + 3)), x, isa, memory=memory, step_size=0.1, n_steps=8)
    assert all(kept)


@pytest.mark.parametrize("memory", [1, 2, 3])
@pytest.mark.parametrize("size", [2, 3, 6])
@pytest.mark.parametrize("isa", vmath.available())
def test_a_pair_that_is_not_kept_overwrites_none(isa, size, memory):
    rng = np.random.default_rng([size, memory, 1])
    function = ramps(rng.uniform(0.5, 2.0, size), rng.uniform(-1.0, 1.0, size))
    x = rng.uniform(-9.0, -3.0, size)
    kept = compare(function, x, isa, memory=memory, step_size=0.1, n_steps=12)
    full = np.cumsum(kept) >= memory
    assert (full[:-2] & ~np.array(kept)[1:-1]).any()  # with a full memory, and a step follows that the old pairs make
