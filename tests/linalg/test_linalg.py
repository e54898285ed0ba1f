"""Linear solvers against NumPy."""

import numpy as np
import pytest
import scipy.sparse as sp

from homotopy.errors import EvaluationError
from homotopy.linalg import (
    Bordered,
    DenseLU,
    DenseSymmetric,
    KrylovSolver,
    NotFiniteError,
    OperatorBordered,
    SparseLU,
    SymmetricBordered,
    Tridiagonal,
    WholeBordered,
    cg,
    dense_bordered,
    dense_hessian,
    full,
    gmres_solve,
    identity_like,
    minres,
)


def symmetric(n, seed):
    a = np.random.default_rng(seed).standard_normal((n, n))
    return a + a.T


@pytest.mark.parametrize("n", [1, 2, 5, 17, 40])
@pytest.mark.parametrize("seed", [0, 1])
def test_factors_solve_and_know_their_inertia(n, seed):
    a = symmetric(n, seed)
    b = np.random.default_rng(seed + 100).standard_normal((n, 2))
    negative = int((np.linalg.eigvalsh(a) < 0).sum())
    sign = int(np.sign(np.linalg.det(a)))
    for factors in (DenseSymmetric(a), DenseLU(a), SparseLU(sp.csc_array(a)), SparseLU(a, symmetric=True)):
        np.testing.assert_allclose(a @ factors.solve(b), b, atol=1e-8)
        np.testing.assert_allclose(a @ factors.solve(b[:, 0]), b[:, 0], atol=1e-8)
        assert factors.det_sign() == sign
    assert DenseSymmetric(a).n_negative == negative
    assert SparseLU(a, symmetric=True).n_negative in (negative, None)


@pytest.mark.parametrize("n", [2, 3, 30])
def test_tridiagonal_solves(n):
    rng = np.random.default_rng(n)
    lower, diagonal, upper = rng.standard_normal(n - 1), rng.standard_normal(n), rng.standard_normal(n - 1)
    a = np.diag(diagonal) + np.diag(lower, -1) + np.diag(upper, 1)
    b = rng.standard_normal((n, 2))
    factors = Tridiagonal(lower, diagonal, upper)
    np.testing.assert_allclose(a @ factors.solve(b), b, atol=1e-10)
    assert factors.det_sign() == int(np.sign(np.linalg.det(a)))


def test_exactly_singular_matrices_are_said_to_be_singular():
    zero = np.zeros((2, 2))
    with pytest.raises(np.linalg.LinAlgError, match="pivot"):
        DenseLU(zero)
    with pytest.raises(np.linalg.LinAlgError, match="pivot"):
        DenseSymmetric(zero)
    with pytest.raises(np.linalg.LinAlgError, match="pivot"):
        Tridiagonal(np.zeros(1), np.zeros(2), np.zeros(1))
    with pytest.raises(np.linalg.LinAlgError, match="pivot"):
        SparseLU(sp.csc_array(np.diag([1.0, 0.0])))


def test_cg_solves_and_stops_at_negative_curvature():
    a = symmetric(12, 3)
    positive = a @ a + np.eye(12)
    b = np.arange(1.0, 13.0)
    result = cg(lambda v: positive @ v, b, rtol=1e-10)
    assert result.converged
    assert result.curvature > 0
    np.testing.assert_allclose(positive @ result.x, b, rtol=1e-7)
    bent = cg(lambda v: a @ v, b)
    assert not bent.converged
    assert bent.curvature <= 0


def test_cg_with_the_inverse_as_preconditioner_needs_one_product():
    d = np.linspace(1, 1000, 50)
    assert cg(lambda v: d * v, np.ones(50), preconditioner=lambda v: v / d).n_products == 1


@pytest.mark.parametrize("seed", range(5))
def test_minres_solves_indefinite_systems(seed):
    a = symmetric(15, seed)
    b = np.random.default_rng(seed).standard_normal(15)
    result = minres(lambda v: a @ v, b, rtol=1e-10, max_iter=100)
    assert result.converged
    assert np.linalg.norm(a @ result.x - b) < 1e-7 * np.linalg.norm(b)
    scale = np.linspace(1, 3, 15)
    other = minres(lambda v: a @ v, b, rtol=1e-10, max_iter=100, preconditioner=lambda v: v / scale)
    np.testing.assert_allclose(other.x, result.x, atol=1e-6 * np.linalg.norm(result.x))


def test_minres_of_a_consistent_singular_system_has_least_norm():
    a = np.diag([1.0, -2.0, 0.0])
    result = minres(lambda v: a @ v, np.array([1.0, 1.0, 0.0]))
    np.testing.assert_allclose(result.x, [1.0, -0.5, 0.0], atol=1e-10)


def test_gmres_solves_unsymmetric_systems():
    rng = np.random.default_rng(0)
    a = rng.standard_normal((20, 20)) + 6 * np.eye(20)
    b = rng.standard_normal(20)
    result = gmres_solve(lambda v: a @ v, b, rtol=1e-10)
    assert result.converged
    np.testing.assert_allclose(a @ result.x, b, atol=1e-7)


@pytest.mark.parametrize("seed", range(4))
def test_bordered_solves_agree_with_the_whole_matrix(seed):
    rng = np.random.default_rng(seed)
    n = 9
    a = symmetric(n, seed)
    b, c = rng.standard_normal((2, n))
    d, f, g = 0.3, rng.standard_normal(n), -1.2
    whole = np.block([[a, b[:, None]], [c[None, :], np.array([[d]])]])
    truth = np.linalg.solve(whole, np.append(f, g))
    border = Bordered(DenseSymmetric(a), b, c, d)
    x, y = border.solve(f, g)
    np.testing.assert_allclose(np.append(x, y), truth, rtol=1e-9)
    x, y = border.solve(2 * f, 2 * g)
    np.testing.assert_allclose(np.append(x, y), 2 * truth, rtol=1e-9)
    np.testing.assert_allclose(dense_bordered(a, b, c, d).solve(np.append(f, g)), truth, rtol=1e-9)
    x, y = Bordered(DenseLU(a), b, c, d).kernel()
    np.testing.assert_allclose(whole @ np.append(x, y), np.append(np.zeros(n), 1.0), atol=1e-9)
    assert border.det_sign() == int(np.sign(np.linalg.det(whole)))


def test_bordered_system_is_regular_where_the_matrix_is_nearly_singular():
    a = np.diag([1.0, 1e-13])
    border = Bordered(DenseSymmetric(a), np.array([0.0, 1.0]), np.array([0.0, 1.0]), 0.0)
    x, y = border.solve(np.array([1.0, 2.0]), 3.0)
    np.testing.assert_allclose([*x, y], [1.0, 3.0, 2.0], rtol=1e-6)


@pytest.mark.parametrize("kind", [SymmetricBordered, OperatorBordered])
def test_bordered_operators_agree_with_the_whole_matrix(kind):
    rng = np.random.default_rng(3)
    a = symmetric(9, 3) if kind is SymmetricBordered else rng.standard_normal((9, 9))
    b, c = rng.standard_normal((2, 9))
    d, f, g = 0.7, rng.standard_normal(9), -0.4
    c = b + 0.1 * c if kind is SymmetricBordered else c  # both ends of a step point the same way
    whole = WholeBordered(dense_bordered(a, b, c, d))
    solver = KrylovSolver(
        lambda v: a @ v, symmetric=kind is SymmetricBordered, rtol=1e-12, max_iter=500, precondition=None
    )
    free = kind(solver, b, c, d, kernel_rtol=1e-12)
    for mine, truth in ((free.solve(f, g), whole.solve(f, g)), (free.kernel(), whole.kernel())):
        np.testing.assert_allclose(mine[0], truth[0], atol=1e-7)
        assert mine[1] == pytest.approx(truth[1], abs=1e-7)
    assert free.n_products == solver.n_products > 0
    np.testing.assert_allclose(a @ solver.solve(f), f, atol=1e-8)
    assert WholeBordered(SparseLU(sp.csc_array(dense_bordered_matrix(a, b, c, d)))).det_sign() == whole.det_sign()


def dense_bordered_matrix(a, b, c, d):
    return np.block([[a, b[:, None]], [c[None, :], np.array([[d]])]])


def test_a_linear_map_is_written_out_column_by_column():
    a = np.random.default_rng(0).standard_normal((4, 4))
    found = dense_hessian(lambda v: a @ v, 4)
    np.testing.assert_array_equal(found, a)
    assert found.flags.f_contiguous
    np.testing.assert_array_equal(dense_hessian(lambda v: a @ v, 4, symmetric=True), 0.5 * (a + a.T))
    sparse = sp.csc_array(a)
    np.testing.assert_array_equal(full(sparse), a)
    assert sp.issparse(identity_like(sparse))
    np.testing.assert_array_equal(full(identity_like(sparse)), identity_like(a))


@pytest.mark.parametrize("where", ["the matrix", "the right side"])
@pytest.mark.parametrize("kind", ["dense", "symmetric", "sparse", "tridiagonal", "bordered"])
def test_a_system_with_nan_is_not_called_singular(kind, where):
    a, b = np.diag([2.0, 3.0, 4.0, 5.0]) + np.diag([1.0] * 3, 1) + np.diag([1.0] * 3, -1), np.ones(4)
    if where == "the matrix":
        a[1, 1] = np.nan
    else:
        b[2] = np.inf
    solve = {
        "dense": lambda: DenseLU(a).solve(b),
        "symmetric": lambda: DenseSymmetric(a).solve(b),
        "sparse": lambda: SparseLU(sp.csc_array(a)).solve(b),
        "tridiagonal": lambda: Tridiagonal(np.diag(a, -1), np.diag(a), np.diag(a, 1)).solve(b),
        "bordered": lambda: WholeBordered(dense_bordered(a, b, np.ones(4), 0.0)).solve(np.ones(4), 1.0),
    }
    with pytest.raises(NotFiniteError, match="entries that are not finite") as caught:
        solve[kind]()
    assert isinstance(caught.value, EvaluationError)
    assert isinstance(caught.value, np.linalg.LinAlgError)
    regular = np.nan_to_num(a, nan=3.0)
    regular[0] = 0.0
    with pytest.raises(np.linalg.LinAlgError) as singular:
        DenseLU(regular).solve(np.ones(4))
    assert not isinstance(singular.value, EvaluationError)
