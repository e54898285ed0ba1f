"""L-BFGS against the same algorithm in plain NumPy: every point that it evaluates."""

import numpy as np
import pytest
from loops import run

from homotopy._core import vmath
from homotopy.descent import LBFGS


def direction(g, pairs, scale):
    """The two-loop recursion, newest pair last (Nocedal and Wright, algorithm 7.4)."""
    q, shares = -g, []
    for s, y in reversed(pairs):
        shares.append((s @ q) / (s @ y))
        q = q - shares[-1] * y
    if pairs:
        s, y = pairs[-1]
        scale = (s @ y) / (y @ y)
    q = q * scale
    for (s, y), share in zip(pairs, reversed(shares), strict=True):
        q = q + (share - (y @ q) / (s @ y)) * s
    return q


def shrunk(low, f_low, slope_low, trial, f):
    h = trial - low
    if not np.isfinite(f):
        return low + 0.25 * h
    return float(np.clip(low - slope_low * h * h / (2 * (f - f_low - slope_low * h)), low + 0.1 * h, low + 0.6 * h))


def search(function, x, f, d, slope):
    """The bracketing search; returns what was accepted, or None."""
    low, high, trial, f_low, slope_low = 0.0, np.inf, 1.0, f, slope
    for _ in range(30):
        x1 = x + trial * d
        f1, g1 = function(x1)
        if not f1 <= f + 1e-4 * trial * slope:
            high = trial
            trial = shrunk(low, f_low, slope_low, trial, f1)
        elif g1 @ d < 0.9 * slope:
            low, f_low, slope_low = trial, f1, g1 @ d
            trial = 2.5 * trial if np.isinf(high) else 0.5 * (low + high)
        else:
            return x1, f1, g1
    return (x1, f1, g1) if f1 < f else None


def reference(function, x, *, memory, step_size, n_steps):
    """L-BFGS whose pairs are a plain list; a pair without curvature is not kept, and nothing else changes."""
    f, g = function(x)
    pairs, kept = [], []
    for _ in range(n_steps):
        found = None
        while found is None:
            d = direction(g, pairs, step_size)
            found = search(function, x, f, d, g @ d) if g @ d < 0 else None
            if found is None and not pairs:
                return kept
            pairs = pairs if found else []
        s, y = found[0] - x, found[2] - g
        x, f, g = found
        kept.append(s @ y > 0)
        if s @ y > 0:
            pairs = [*pairs, (s, y)][-memory:]
    return kept


class Recorded:
    """A function of `size` variables that remembers where it was asked."""

    def __init__(self, size, function):
        self.size, self.function, self.points = size, function, []

    def value(self, x):
        return self(x)[0]

    def grad(self, x):
        return self(x)[1]

    def value_and_grad(self, x):
        return self(x)

    def hessp(self, x, v):
        raise NotImplementedError

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
    kept = reference(true, x, **settings)
    memory = settings.pop("memory")
    run(made, x, isa, rule=LBFGS(memory=memory), **settings)
    assert len(made.points) == len(true.points)
    np.testing.assert_allclose(made.points, true.points, rtol=1e-6, atol=1e-9)
    return kept


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
