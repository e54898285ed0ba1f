"""Linear systems: factorizations with their inertia, Krylov methods on operators, bordered systems."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite, sqrt
from typing import Any, Protocol

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.linalg import lapack
from scipy.sparse.linalg import LinearOperator, gmres, splu

__all__ = [
    "Bordered",
    "DenseLU",
    "DenseSymmetric",
    "KrylovResult",
    "LinearSolver",
    "SparseLU",
    "Tridiagonal",
    "cg",
    "dense_bordered",
    "gmres_solve",
    "minres",
]

Array = NDArray[np.float64]
Product = Callable[[Array], Array]


class LinearSolver(Protocol):
    """A factored matrix A of shape (n, n)."""

    def solve(self, b: Array) -> Array:
        """Return the solution of A x = b; b has shape (n,) or (n, k).

        Raises
        ------
        numpy.linalg.LinAlgError
            If the solution is not finite.
        """

    def det_sign(self) -> int:
        """Return the sign of det A."""


def _finite(x: Array) -> Array:
    flat = x.ravel(order="K")
    if not isfinite(flat.dot(flat)):
        raise np.linalg.LinAlgError("the solution of a linear system is not finite")
    return x


class DenseLU:
    """LU factors of a dense matrix.

    Raises
    ------
    numpy.linalg.LinAlgError
        If a pivot is exactly zero.
    """

    def __init__(self, a: Array) -> None:
        self._lu, self._pivots, info = lapack.dgetrf(a)
        self.size = int(self._pivots.size)
        if info != 0:
            raise np.linalg.LinAlgError("a pivot is exactly zero")

    def solve(self, b: Array) -> Array:
        """Return the solution of A x = b."""
        return _finite(lapack.dgetrs(self._lu, self._pivots, b)[0])

    def det_sign(self) -> int:
        """Return the sign of det A."""
        swaps = int(np.count_nonzero(self._pivots != np.arange(self._pivots.size)))
        return _parity(swaps + int(np.count_nonzero(self._lu.diagonal() < 0)))


class DenseSymmetric:
    """Bunch-Kaufman factors L D L' of a dense symmetric matrix (its lower triangle is read).

    Attributes
    ----------
    n_negative : int
        How many eigenvalues of A are negative, by Sylvester's law of inertia.

    Raises
    ------
    numpy.linalg.LinAlgError
        If D is exactly singular.
    """

    def __init__(self, a: Array) -> None:
        self._ldl, self._pivots, info = lapack.dsytrf(a, lower=1)
        if info != 0:
            raise np.linalg.LinAlgError("a pivot is exactly zero")
        # A 2 x 2 block of D has one eigenvalue of each sign; its two entries of the pivot vector are negative.
        single = self._pivots > 0
        self.n_negative = int(np.count_nonzero(self._ldl.diagonal()[single] < 0)) + int((~single).sum()) // 2

    def solve(self, b: Array) -> Array:
        """Return the solution of A x = b."""
        return _finite(lapack.dsytrs(self._ldl, self._pivots, b, lower=1)[0])

    def det_sign(self) -> int:
        """Return the sign of det A."""
        return _parity(self.n_negative)


class Tridiagonal:
    """LU factors of a tridiagonal matrix given by its lower, main and upper diagonal."""

    def __init__(self, lower: Array, diagonal: Array, upper: Array) -> None:
        self._small: DenseLU | None = None
        if diagonal.size < 3:  # SciPy's wrapper refuses an empty second superdiagonal
            self._small = DenseLU(np.diag(diagonal) + np.diag(lower, -1) + np.diag(upper, 1))
            return
        *self._factors, info = lapack.dgttrf(lower, diagonal, upper)
        if info != 0:
            raise np.linalg.LinAlgError("a pivot is exactly zero")

    def solve(self, b: Array) -> Array:
        """Return the solution of A x = b."""
        if self._small is not None:
            return self._small.solve(b)
        return _finite(lapack.dgttrs(*self._factors, b)[0])

    def det_sign(self) -> int:
        """Return the sign of det A."""
        if self._small is not None:
            return self._small.det_sign()
        pivots = self._factors[4]
        swaps = int(np.count_nonzero(pivots != np.arange(1, pivots.size + 1)))
        return _parity(swaps + int(np.count_nonzero(self._factors[1] < 0)))


class SparseLU:
    """SuperLU factors of a sparse matrix.

    Parameters
    ----------
    a : sparse matrix or array of shape (n, n)
        The matrix.
    symmetric : bool
        Whether it is symmetric: then the pivots are kept on the diagonal where that is stable, and their signs are
        the inertia.

    Attributes
    ----------
    n_negative : int or None
        How many eigenvalues are negative; None where the pivoting left the diagonal or A is not symmetric.
    """

    def __init__(self, a: Any, *, symmetric: bool = False) -> None:
        options = {"SymmetricMode": True} if symmetric else {}
        order = "MMD_AT_PLUS_A" if symmetric else "COLAMD"
        try:
            self._lu = splu(
                sp.csc_array(a),
                permc_spec=order,
                diag_pivot_thresh=0.001 if symmetric else 1.0,
                options=options,
            )
        except RuntimeError as error:
            raise np.linalg.LinAlgError("a pivot is exactly zero") from error
        self.size = int(self._lu.shape[0])
        diagonal = self._lu.U.diagonal()
        straight = symmetric and np.array_equal(self._lu.perm_r, self._lu.perm_c)
        self._negative_pivots = int(np.count_nonzero(diagonal < 0))
        self.n_negative = self._negative_pivots if straight else None

    def solve(self, b: Array) -> Array:
        """Return the solution of A x = b."""
        return _finite(self._lu.solve(b))

    def det_sign(self) -> int:
        """Return the sign of det A."""
        return _parity(self._negative_pivots + _swaps(self._lu.perm_r) + _swaps(self._lu.perm_c))


def _parity(n: int) -> int:
    return -1 if n % 2 else 1


def _swaps(permutation: NDArray[np.intp]) -> int:
    """Return n minus the number of cycles, whose parity is that of the permutation."""
    seen = np.zeros(permutation.size, dtype=bool)
    cycles = 0
    for first in range(permutation.size):
        if not seen[first]:
            cycles += 1
            i = first
            while not seen[i]:
                seen[i] = True
                i = permutation[i]
    return int(permutation.size) - cycles


@dataclass(frozen=True)
class KrylovResult:
    """What an iterative solver returns.

    Attributes
    ----------
    x : ndarray of shape (n,)
        The approximate solution.
    residual : float
        Its residual norm, as the recurrence knows it.
    n_products : int
        Products with A.
    converged : bool
        Whether ``residual <= rtol * |b|``.
    curvature : float
        The smallest v.Av / v.v met (CG only; NaN otherwise): negative proves that A is indefinite.
    """

    x: Array
    residual: float
    n_products: int
    converged: bool
    curvature: float = float("nan")


def cg(
    product: Product, b: Array, *, rtol: float = 1e-8, max_iter: int = 1000, preconditioner: Product | None = None
) -> KrylovResult:
    """Return the solution of A x = b, A positive definite, by conjugate gradients.

    Stops when ``|b - A x| <= rtol * |b|``, or at the first direction of curvature v.Av <= 0, where x is what was
    reached before it.

    Parameters
    ----------
    product : callable
        v -> A v.
    b : ndarray of shape (n,)
        The right side.
    rtol : float
        Relative tolerance, dimensionless.
    max_iter : int
        The largest number of products.
    preconditioner : callable or None
        v -> M v with M positive definite and near the inverse of A.

    Examples
    --------
    >>> result = cg(lambda v: np.array([2.0, 8.0]) * v, np.array([2.0, 8.0]))
    >>> result.x.round(6).tolist(), result.converged
    ([1.0, 1.0], True)
    """
    x = np.zeros_like(b)
    r = b.copy()
    z = r if preconditioner is None else preconditioner(r)
    p = z.copy()
    rz = float(r @ z)
    norm = sqrt(float(b @ b))
    goal, lowest = rtol * norm, float("inf")
    k = 0
    while norm > goal and k < max_iter:
        ap = product(p)
        k += 1
        bend = float(p @ ap)
        lowest = min(lowest, bend / float(p @ p))
        if bend <= 0:
            break
        alpha = rz / bend
        x += alpha * p
        r -= alpha * ap
        norm = sqrt(float(r @ r))
        z = r if preconditioner is None else preconditioner(r)
        rz, old = float(r @ z), rz
        p = z + (rz / old) * p
    return KrylovResult(x, norm, k, norm <= goal, lowest)


def minres(
    product: Product, b: Array, *, rtol: float = 1e-8, max_iter: int = 1000, preconditioner: Product | None = None
) -> KrylovResult:
    """Return the solution of A x = b, A symmetric and perhaps indefinite, by MINRES.

    Stops when the residual norm (in the norm of the preconditioner) is at most ``rtol`` times that of b. A
    consistent singular system gives the solution of least norm.

    Parameters
    ----------
    product : callable
        v -> A v.
    b : ndarray of shape (n,)
        The right side.
    rtol : float
        Relative tolerance, dimensionless.
    max_iter : int
        The largest number of products.
    preconditioner : callable or None
        v -> M v with M positive definite and near the inverse of |A|.

    References
    ----------
    Paige and Saunders 1975, SIAM J. Numer. Anal. 12, 617-629.
    """
    apply = preconditioner or (lambda v: v)
    r1 = r2 = b
    y = apply(b)
    beta1 = beta = sqrt(max(float(b @ y), 0.0))
    x, w, w2 = np.zeros_like(b), np.zeros_like(b), np.zeros_like(b)
    old, dbar, epsilon, phi, c, s = 0.0, 0.0, 0.0, beta, -1.0, 0.0
    goal = rtol * beta1
    k = 0
    while phi > goal and k < max_iter and beta > 0.0:
        v = y / beta
        y = product(v)
        k += 1
        if k > 1:
            y = y - (beta / old) * r1
        alpha = float(v @ y)
        y = y - (alpha / beta) * r2
        r1, r2 = r2, y
        y = apply(r2)
        old, beta = beta, sqrt(max(float(r2 @ y), 0.0))
        # Apply the last rotation, then make a new one that annihilates beta.
        last = epsilon
        delta = c * dbar + s * alpha
        gbar = s * dbar - c * alpha
        epsilon, dbar = s * beta, -c * beta
        gamma = max(sqrt(gbar * gbar + beta * beta), 1e-300)
        c, s = gbar / gamma, beta / gamma
        w, w2 = w2, (v - last * w - delta * w2) / gamma
        x = x + (c * phi) * w2
        phi *= s
    return KrylovResult(x, phi, k, phi <= goal)


def gmres_solve(
    product: Product, b: Array, *, rtol: float = 1e-8, max_iter: int = 1000, preconditioner: Product | None = None
) -> KrylovResult:
    """Return the solution of A x = b, A any square operator, by restarted GMRES (SciPy's, 50 vectors).

    Stops when ``|b - A x| <= rtol * |b|``. Parameters as in `minres`; the preconditioner may be any matrix near the
    inverse of A.
    """
    n = b.size
    count = 0

    def counted(v: Array) -> Array:
        nonlocal count
        count += 1
        return product(v)

    restart = min(50, n)
    x, info = gmres(
        LinearOperator((n, n), matvec=counted, dtype=np.float64),
        b,
        rtol=rtol,
        atol=0.0,
        restart=restart,
        maxiter=max(1, max_iter // restart),
        M=None if preconditioner is None else LinearOperator((n, n), matvec=preconditioner, dtype=np.float64),
    )
    residual = sqrt(float(np.sum((b - product(x)) ** 2)))
    return KrylovResult(x, residual, count + 1, info == 0)


def dense_bordered(a: Array, b: Array, c: Array, d: float) -> DenseLU:
    """Return the LU factors of the bordered matrix [[A, b], [c', d]] of shape (n + 1, n + 1)."""
    n = b.size
    m = np.empty((n + 1, n + 1), order="F")
    m[:n, :n] = a
    m[:n, n] = b
    m[n, :n] = c
    m[n, n] = d
    return DenseLU(m)


class Bordered:
    """The bordered system [[A, b], [c', d]] [x; y] = [f; g] by block elimination on a factored A.

    Notes
    -----
    With A z = b and A w = f: y = (g - c.w) / (d - c.z), x = w - y z. Where A is nearly singular, as close to a fold,
    the errors of w and z lie along its null vector and nearly cancel in x; a Newton iteration corrects the rest.

    References
    ----------
    Keller 1977, in Applications of Bifurcation Theory, 359-384; Govaerts and Pryce 1993, IMA J. Numer. Anal. 13.
    """

    def __init__(self, solver: LinearSolver, b: Array, c: Array, d: float) -> None:
        self._solver, self._b, self._c, self._d = solver, b, c, d
        self._z: Array | None = None
        self._pivot = 0.0

    def _keep(self, z: Array) -> None:
        """Keep z = A^-1 b and the pivot d - c.z.

        Raises
        ------
        numpy.linalg.LinAlgError
            If the bordered matrix is singular.
        """
        self._z, self._pivot = z, self._d - float(self._c.dot(z))
        if self._pivot == 0.0 or not isfinite(self._pivot):
            raise np.linalg.LinAlgError("the bordered matrix is singular")

    def solve(self, f: Array, g: float) -> tuple[Array, float]:
        """Return x of shape (n,) and y."""
        if self._z is None:
            both = np.empty((f.size, 2), order="F")
            both[:, 0] = f
            both[:, 1] = self._b
            both = self._solver.solve(both)
            w = both[:, 0]
            self._keep(both[:, 1])
        else:
            w = self._solver.solve(f)
        y = (g - float(self._c.dot(w))) / self._pivot
        return w - y * self._solved(), y

    def _solved(self) -> Array:
        """Return z, solved for where it is not known."""
        if self._z is None:
            self._keep(self._solver.solve(self._b))
        assert self._z is not None
        return self._z

    def kernel(self) -> tuple[Array, float]:
        """Return the solution of [[A, b], [c', d]] [x; y] = [0; 1] with one solve."""
        return self._solved() / -self._pivot, 1.0 / self._pivot

    def det_sign(self) -> int:
        """Return the sign of the determinant of the bordered matrix; 0 if the factors of A do not know theirs."""
        inner = getattr(self._solver, "det_sign", None)
        if inner is None:
            return 0
        self._solved()
        return int(inner()) if self._pivot > 0.0 else -int(inner())
