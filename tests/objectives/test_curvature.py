"""What a stationary point is: random functions whose index is known."""

import numpy as np
import pytest
import scipy.sparse as sp

from homotopy.homotopies import Proximal
from homotopy.objectives.curvature import curvature_at
from homotopy.objectives.function import Function
from homotopy.objectives.functions import Rosenbrock


class Quadratic:
    """x.Ax / 2, without a Hessian as a matrix."""

    def __init__(self, matrix):
        self.matrix, self.size = matrix, len(matrix)

    def value_and_grad(self, x):
        return 0.5 * float(x @ self.matrix @ x), self.matrix @ x

    def hessp(self, x, v):
        return self.matrix @ v


class Known(Quadratic):
    """The same with its Hessian."""

    def hessian(self, x):
        return self.matrix


class NoProducts:
    """A saddle without hessp."""

    size = 3

    def value_and_grad(self, x):
        return 0.5 * float(x @ (x * [1.0, -1.0, 2.0])), x * [1.0, -1.0, 2.0]


def matrix(rng, n, index, *, zeros=0, spread=1e3):
    values = np.exp(rng.uniform(-np.log(spread), 0.0, n))
    values[:index] *= -1.0
    values[n - zeros :] = 0.0
    basis = np.linalg.qr(rng.standard_normal((n, n)))[0]
    a = (basis * values) @ basis.T
    return 0.5 * (a + a.T)


def kind_of(n, index):
    return "minimum" if index == 0 else "maximum" if index == n else "saddle"


@pytest.mark.parametrize("n", [1, 2, 3, 7, 40, 90])
@pytest.mark.parametrize("scale", [1e-8, 1.0, 1e8])
def test_index_is_exact_for_few_variables(n, scale):
    rng = np.random.default_rng(n)
    for index in sorted({0, 1, n // 2, n - 1, n}):
        a = scale * matrix(rng, n, index)
        found = curvature_at(Quadratic(a), rng.standard_normal(n) * 1e-12)
        assert (found.kind, found.index, found.exact) == (kind_of(n, index), index, True)
        assert found.ok == (index == 0)
        assert found.counts.hessp >= n
        np.testing.assert_allclose(found.lowest, np.linalg.eigvalsh(a)[0], rtol=1e-8)
        if index:
            np.testing.assert_allclose(found.direction @ a @ found.direction, found.lowest, rtol=1e-6)
            np.testing.assert_allclose(np.linalg.norm(found.direction), 1.0)
            assert not found.direction.flags.writeable
        else:
            assert found.direction is None


@pytest.mark.parametrize("n", [150, 600, 3000])
def test_lanczos_finds_what_is_negative(n):
    rng = np.random.default_rng(n)
    for index in (0, 1, 4):
        values = np.exp(rng.uniform(-np.log(20.0), 0.0, n))
        values[:index] = -0.1
        values[:index] -= 0.05 * np.arange(index)
        rows = rng.standard_normal((n, 3)) / np.sqrt(n)  # a low-rank rotation keeps the products cheap
        q = np.linalg.qr(rows)[0]

        def turn(v, q=q):
            return v - 2.0 * q @ (q.T @ v)

        def product(x, v, values=values, turn=turn):
            return turn(values * turn(v))

        def grad(x, product=product):
            return product(x, x)

        f = Function(lambda x, grad=grad: 0.5 * float(x @ grad(x)), grad, n, hessp=product)
        found = curvature_at(f, np.zeros(n))
        assert found.kind == ("saddle" if index else "minimum")
        assert found.index <= index
        assert not found.exact
        assert found.counts.hessp <= 110
        if index:
            assert found.index >= 1
            assert found.direction @ product(None, found.direction) < -0.09
            assert str(found).startswith("a saddle of index at least")


def test_flat_directions_are_no_saddle():
    rng = np.random.default_rng(5)
    for n, zeros in ((2, 1), (5, 2), (50, 20), (300, 100)):
        found = curvature_at(Known(matrix(rng, n, 0, zeros=zeros)), np.zeros(n))
        assert found.kind == "degenerate"
        assert found.ok
        assert str(found).startswith("a degenerate point: lowest eigenvalue")
        found = curvature_at(Known(matrix(rng, n, 1, zeros=zeros)), np.zeros(n))
        assert not found.ok


@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize("n", [2, 5, 30, 120])
def test_a_point_beside_a_ring_of_minima_is_no_saddle(n, exact):
    """Inside the ring f = (|x|^2 - 1/4)^2 every direction along it has a small negative curvature."""
    rng = np.random.default_rng(n)

    def grad(x):
        return 4 * (x @ x - 0.25) * x

    def product(x, v):
        return 4 * (x @ x - 0.25) * v + 8 * x * (x @ v)

    f = Function(lambda x: float((x @ x - 0.25) ** 2), grad, n, hessp=product if exact else None)
    for away in (0.0, 1e-12, 1e-9, -1e-9, 1e-7, -1e-7, 1e-5, -1e-5):
        u = rng.standard_normal(n)
        assert curvature_at(f, 0.5 * u / np.linalg.norm(u) * (1 + away)).ok, away
    assert curvature_at(f, np.full(n, 1e-9)).kind == "maximum"


def test_a_saddle_reached_nearly_is_one():
    rng = np.random.default_rng(0)
    for n in (2, 5, 30):
        for _ in range(10):
            a, b = matrix(rng, n, 1, spread=30.0), rng.standard_normal((n, n))

            def grad(x, a=a, b=b):
                return a @ x + b.T @ (np.sin(b @ x) ** 2 * np.cos(b @ x)) / 2

            f = Function(lambda x, a=a, b=b: 0.5 * x @ a @ x + (np.sin(b @ x) ** 3).sum() / 6, grad, n)
            x = rng.standard_normal(n) * 10 ** rng.uniform(-12, -4)
            found = curvature_at(f, x)
            assert (found.kind, found.index) == ("saddle", 1)


def test_sparse_hessians_by_their_factors():
    n = 2000
    a = sp.diags_array([np.full(n - 1, -1.0), np.full(n, 2.0), np.full(n - 1, -1.0)], offsets=[-1, 0, 1]).tocsc()
    lowest = 2 - 2 * np.cos(np.pi * np.arange(1, 6) / (n + 1))
    f = Function(lambda x: 0.0, lambda x: np.zeros(n), n, hessp=lambda x, v: a @ v)
    for index in (0, 1, 3):
        moved = a - (0.5 * (lowest[index - 1] + lowest[index]) if index else 0.0) * sp.eye_array(n)
        found = curvature_at(f, np.zeros(n), hessian=moved)
        assert (found.kind, found.index, found.exact) == (kind_of(n, index), index, True)
        assert found.counts.hessp == 0
    assert curvature_at(f, np.zeros(n), hessian=a - lowest[0] * sp.eye_array(n)).kind == "degenerate"
    assert curvature_at(f, np.zeros(n), hessian=-a).kind == "maximum"


def test_differences_homotopies_and_what_cannot_be_known():
    found = curvature_at(NoProducts(), np.zeros(3))
    assert (found.kind, found.index, found.counts.hessp) == ("saddle", 1, 0)
    assert found.counts.grad >= 6
    assert str(found) == "a saddle of index 1"
    assert str(curvature_at(Proximal(Rosenbrock(), np.zeros(2)).at(1.0), np.ones(2))) == "a minimum"
    nothing = Function(lambda x: 0.0, np.zeros_like, 2, hessp=lambda x, v: np.full(2, np.nan))
    assert str(curvature_at(nothing, np.zeros(2))) == "unknown: the Hessian is not finite"
    assert curvature_at(Rosenbrock(), np.ones(2), products=0).kind == "unknown"
    hilbert = np.diag(np.geomspace(1e-8, 1.0, 800))
    found = curvature_at(Quadratic(hilbert), np.zeros(800))
    assert str(found).startswith("unknown: Lanczos did not converge in")
    assert found.ok
