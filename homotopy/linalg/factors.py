"""Factored matrices, dense, sparse and tridiagonal, with their inertia."""

from __future__ import annotations

from functools import lru_cache
from math import isfinite
from typing import Any, Protocol

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.linalg import lapack
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import splu

from homotopy.arguments import shown
from homotopy.doors import door
from homotopy.errors import ArgumentError, EvaluationError

__all__ = ["DenseLU", "DenseSymmetric", "LinearSolver", "NotFiniteError", "SparseLU", "Tridiagonal", "square"]

Array = NDArray[np.float64]


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


class NotFiniteError(EvaluationError, np.linalg.LinAlgError):
    """A linear system has entries that are not finite: what it was made of could not be evaluated, it is not singular.

    Whoever tells the two apart catches EvaluationError first.
    """


def square(a: Any) -> None:
    """Check that a is a square matrix of one row or more: LAPACK writes where it has no room with any other.

    Raises
    ------
    ArgumentError
        If it is none.
    """
    shape = getattr(a, "shape", None)
    if shape is None or len(shape) != 2 or shape[0] != shape[1] or not shape[0]:
        raise ArgumentError(f"a must be a square matrix, not {shown(a) if shape is None else f'one of shape {shape}'}")


def _finite(x: Array, factors: Any, b: Array) -> Array:
    """Return a solution if it is finite; else raise, with regard to whether the right side and the factors are."""
    flat = x if x.ndim == 1 else x.ravel(order="K")
    if not isfinite(flat.dot(flat)) and not np.isfinite(flat).all():
        if np.isfinite(factors).all() and np.isfinite(b).all():
            raise np.linalg.LinAlgError("the solution of a linear system is not finite")
        raise NotFiniteError("a linear system has entries that are not finite")
    return x


def _no_pivot(*parts: Array) -> np.linalg.LinAlgError:
    """Return the error for a matrix that could not be factored, with regard to whether its entries are finite."""
    if all(np.isfinite(part).all() for part in parts):
        return np.linalg.LinAlgError("a pivot is exactly zero")
    return NotFiniteError("a linear system has entries that are not finite")


@door
class DenseLU:
    """LU factors of a dense matrix.

    Raises
    ------
    numpy.linalg.LinAlgError
        If a pivot is exactly zero.
    """

    def __init__(self, a: Array) -> None:
        square(a)
        self._lu, self._pivots, info = lapack.dgetrf(a)
        self.size = int(self._pivots.size)
        if info != 0:
            raise _no_pivot(a)

    def solve(self, b: Array) -> Array:
        """Return the solution of A x = b."""
        return _finite(lapack.dgetrs(self._lu, self._pivots, b)[0], self._lu, b)

    def det_sign(self) -> int:
        """Return the sign of det A."""
        swaps = int(np.count_nonzero(self._pivots != np.arange(self._pivots.size)))
        return _parity(swaps + int(np.count_nonzero(self._lu.diagonal() < 0)))

    def log_det(self) -> float:
        """Return the logarithm of |det A|."""
        return _log(self._lu.diagonal())


@door
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
        square(a)
        self._ldl, self._pivots, info = lapack.dsytrf(a, lower=1)
        if info != 0:
            raise _no_pivot(a)
        # A 2 x 2 block of D has one eigenvalue of each sign; its two entries of the pivot vector are negative.
        single = self._pivots > 0
        self.n_negative = int(np.count_nonzero(self._ldl.diagonal()[single] < 0)) + int((~single).sum()) // 2

    def solve(self, b: Array) -> Array:
        """Return the solution of A x = b."""
        return _finite(lapack.dsytrs(self._ldl, self._pivots, b, lower=1)[0], self._ldl, b)

    def det_sign(self) -> int:
        """Return the sign of det A."""
        return _parity(self.n_negative)

    def log_det(self) -> float:
        """Return the logarithm of |det A|."""
        diagonal, single = self._ldl.diagonal(), self._pivots > 0
        whole = _log(diagonal[single])
        if single.all():
            return whole
        first = np.flatnonzero(~single)[::2]
        blocks = diagonal[first] * diagonal[first + 1] - self._ldl.diagonal(-1)[first] ** 2
        return whole + _log(blocks)


@door
class Tridiagonal:
    """LU factors of a tridiagonal matrix given by its lower, main and upper diagonal.

    Raises
    ------
    ArgumentError
        If they have not the shapes (n - 1,), (n,) and (n - 1,).
    numpy.linalg.LinAlgError
        If a pivot is exactly zero.
    """

    def __init__(self, lower: Array, diagonal: Array, upper: Array) -> None:
        n = np.size(diagonal)
        if not n or (np.shape(lower), np.shape(diagonal), np.shape(upper)) != ((n - 1,), (n,), (n - 1,)):
            shapes = f"{np.shape(lower)}, {np.shape(diagonal)} and {np.shape(upper)}"
            raise ArgumentError(f"lower, diagonal and upper must have shapes (n - 1,), (n,) and (n - 1,), not {shapes}")
        self._small: DenseLU | None = None
        if diagonal.size < 3:  # SciPy's wrapper refuses an empty second superdiagonal
            self._small = DenseLU(np.diag(diagonal) + np.diag(lower, -1) + np.diag(upper, 1))
            return
        *self._factors, info = lapack.dgttrf(lower, diagonal, upper)
        if info != 0:
            raise _no_pivot(lower, diagonal, upper)

    def solve(self, b: Array) -> Array:
        """Return the solution of A x = b."""
        if self._small is not None:
            return self._small.solve(b)
        return _finite(lapack.dgttrs(*self._factors, b)[0], self._factors[1], b)

    def det_sign(self) -> int:
        """Return the sign of det A."""
        if self._small is not None:
            return self._small.det_sign()
        pivots = self._factors[4]
        swaps = int(np.count_nonzero(pivots != _straight(pivots.size)))
        return _parity(swaps + int(np.count_nonzero(self._factors[1] < 0.0)))

    def log_det(self) -> float:
        """Return the logarithm of |det A|."""
        return _log(self._factors[1]) if self._small is None else self._small.log_det()


@door
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
        order, threshold, options = "COLAMD", 1.0, {}
        if symmetric:
            order, threshold, options = "MMD_AT_PLUS_A", 0.001, {"SymmetricMode": True}
        square(a)
        try:
            self._lu = splu(sp.csc_array(a), permc_spec=order, diag_pivot_thresh=threshold, options=options)
        except RuntimeError as error:
            raise _no_pivot(sp.csc_array(a).data) from error
        self.size = int(self._lu.shape[0])
        self._diagonal = diagonal = self._lu.U.diagonal()
        straight = symmetric and np.array_equal(self._lu.perm_r, self._lu.perm_c)
        self._negative_pivots = int(np.count_nonzero(diagonal < 0))
        self.n_negative = self._negative_pivots if straight else None

    def solve(self, b: Array) -> Array:
        """Return the solution of A x = b."""
        return _finite(self._lu.solve(b), self._diagonal, b)

    def det_sign(self) -> int:
        """Return the sign of det A."""
        return _parity(self._negative_pivots + _swaps(self._lu.perm_r) + _swaps(self._lu.perm_c))

    def log_det(self) -> float:
        """Return the logarithm of |det A|."""
        return _log(self._diagonal)


def _log(pivots: Array) -> float:
    """Return the logarithm of the size of a product."""
    return float(np.add.reduce(np.log(np.abs(pivots))))


@lru_cache(maxsize=4)
def _straight(n: int) -> NDArray[np.int32]:
    """Return LAPACK's pivots where no row was exchanged, 1 to n."""
    rows = np.arange(1, n + 1, dtype=np.int32)
    rows.setflags(write=False)
    return rows


def _parity(n: int) -> int:
    return -1 if n % 2 else 1


def _swaps(permutation: NDArray[np.intp]) -> int:
    """Return n minus the number of cycles, whose parity is that of the permutation."""
    n = permutation.size
    graph = sp.csr_array((np.ones(n), permutation, np.arange(n + 1)), shape=(n, n))
    return n - int(connected_components(graph)[0])
