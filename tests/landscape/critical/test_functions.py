"""Functions whose critical points are known otherwise: by papers, by all roots on a grid, by the sum of (-1)^index."""

import numpy as np
import pytest
from scipy.optimize import fsolve

import homotopy.landscape as landscape
from homotopy.errors import ArgumentError
from homotopy.objectives.functions import Himmelblau, Rosenbrock

from .sums import counted


class Scaled:
    """height f(x / unit)."""

    def __init__(self, f, unit, height):
        self.f, self.unit, self.height, self.size = f, unit, height, f.size

    def value_and_grad(self, x):
        value, g = self.f.value_and_grad(x / self.unit)
        return self.height * value, self.height / self.unit * g

    def hessp(self, x, v):
        return self.height / self.unit**2 * self.f.hessp(x / self.unit, v)


class Quartic:
    """|x|^4 / 4 plus a random polynomial of degree three: it grows, and has some points."""

    def __init__(self, rng, size=2):
        self.size = size
        self.Q = rng.standard_normal((size, size))
        self.Q = 2.0 * (self.Q + self.Q.T)
        self.c, self.b = 0.5 * rng.standard_normal(size), rng.standard_normal((size, size))

    def value_and_grad(self, x):
        s, u = x @ x, self.b @ x
        value = s**2 / 4 - x @ self.Q @ x / 2 + self.c @ x + 0.2 * (u**3).sum()
        return value, s * x - self.Q @ x + self.c + 0.6 * self.b.T @ u**2

    def hessp(self, x, v):
        return (x @ x) * v + 2 * x * (x @ v) - self.Q @ v + 1.2 * self.b.T @ ((self.b @ x) * (self.b @ v))


def test_himmelblau_in_any_units():
    starts = 4 * np.random.default_rng(0).standard_normal((8, 2))
    for unit, height in ((1e6, 1e-6), (1e-6, 1e-6)):
        points = landscape.critical_points(Scaled(Himmelblau(), unit, height), unit * starts, rng=0)
        assert counted(points) == {0: 4, 1: 4, 2: 1}
        assert points.morse_sum == 1
        assert points[-1].kind == "maximum"
        np.testing.assert_allclose(points[-1].x / unit, [-0.270845, -0.923039], atol=1e-6)


def test_rosenbrock_has_one_point():
    (point,) = landscape.critical_points(Rosenbrock(), 5, rng=0)
    assert point.kind == "minimum"
    np.testing.assert_allclose(point.x, 1.0, rtol=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_as_many_as_a_grid_of_roots_finds(seed):
    f = Quartic(np.random.default_rng(seed))
    points = landscape.critical_points(f, 10, rng=0)
    grid = np.linspace(-6, 6, 16)
    roots = []
    for x in np.array(np.meshgrid(grid, grid)).reshape(2, -1).T:
        root, _, status, _ = fsolve(lambda z: f.value_and_grad(z)[1], x, full_output=True, xtol=1e-12)
        if status == 1 and all(np.linalg.norm(root - other) > 1e-6 for other in roots):
            roots.append(root)
    assert len(points) == len(roots)
    for root in roots:
        assert min(np.linalg.norm(root - point.x) for point in points) < 1e-7
    assert points.morse_sum == 1


def test_more_variables_have_the_sum_of_signs():
    points = landscape.critical_points(Quartic(np.random.default_rng(4), 4), 10, rng=0)
    assert points.morse_sum == 1
    for point in points:
        w = np.linalg.eigvalsh(np.array([points.objective.hessp(point.x, v) for v in np.eye(4)]))
        assert (w < 0).sum() == point.index
        np.testing.assert_allclose(point.eigenvalues, w, atol=1e-9 * np.abs(w).max())


class Well:
    """(x - 1)^4."""

    size = 1

    def value_and_grad(self, x):
        return float((x[0] - 1) ** 4), 4 * (x - 1) ** 3

    def hessp(self, x, v):
        return 12 * (x - 1) ** 2 * v


def test_a_degenerate_minimum_is_one_point():
    (point,) = landscape.critical_points(Well(), 5, rng=0)
    assert abs(point.x[0] - 1) < 1e-3
    assert point.kind == "degenerate"


def test_equal_seeds_give_equal_points():
    a, b = (landscape.critical_points(Himmelblau(), 5, rng=3) for _ in range(2))
    for p, q in zip(a, b, strict=True):
        assert p.x.tobytes() == q.x.tobytes()
        assert p.hits == q.hits


def test_what_is_no_start_is_refused():
    for starts in (np.zeros((3, 5)), np.full((2, 2), np.nan), 0, "many"):
        with pytest.raises(ArgumentError, match="starts"):
            landscape.critical_points(Himmelblau(), starts)
    with pytest.raises(ArgumentError, match="kinds"):
        landscape.critical_points(Himmelblau(), 5, kinds="saddles")
