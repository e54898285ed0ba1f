"""Bordered systems [[A, b], [c', d]]: regular where A is singular at a fold."""

from __future__ import annotations

from math import isfinite, log, nan

import numpy as np
from numpy.typing import NDArray

from homotopy.doors import door
from homotopy.errors import ArgumentError
from homotopy.linalg.factors import DenseLU, LinearSolver, NotFiniteError, SparseLU

__all__ = ["Bordered", "WholeBordered", "dense_bordered"]

Array = NDArray[np.float64]


@door
def dense_bordered(a: Array, b: Array, c: Array, d: float) -> DenseLU:
    """Return the LU factors of the bordered matrix [[A, b], [c', d]] of shape (n + 1, n + 1).

    Raises
    ------
    ArgumentError
        If the shapes do not fit.
    numpy.linalg.LinAlgError
        If a pivot is exactly zero.
    """
    n = b.size
    if not (np.shape(a) == (n, n) and np.shape(b) == np.shape(c) == (n,)):
        shapes = f"{np.shape(a)}, {np.shape(b)} and {np.shape(c)}"
        raise ArgumentError(f"a, b and c must have shapes (n, n), (n,) and (n,), not {shapes}")
    m = np.empty((n + 1, n + 1), order="F")
    m[:n, :n], m[:n, n], m[n, :n], m[n, n] = a, b, c, d
    return DenseLU(m)


@door
class WholeBordered:
    """The bordered system [[A, b], [c', d]] [x; y] = [f; g] on factors of the whole matrix, regular where A is not.

    Parameters
    ----------
    factors : DenseLU or SparseLU
        Of the matrix of shape (n + 1, n + 1).
    """

    def __init__(self, factors: DenseLU | SparseLU) -> None:
        self._factors = factors

    def solve(self, f: Array, g: float) -> tuple[Array, float]:
        """Return x of shape (n,) and y."""
        z = self._factors.solve(np.append(f, g))
        return z[:-1], float(z[-1])

    def kernel(self) -> tuple[Array, float]:
        """Return the solution for the right side (0, 1)."""
        return self.solve(np.zeros(self._factors.size - 1), 1.0)

    def det_sign(self) -> int:
        """Return the sign of the determinant of the bordered matrix."""
        return self._factors.det_sign()

    def log_det(self) -> float:
        """Return the logarithm of the size of that determinant."""
        return self._factors.log_det()


@door
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
        """Keep z = A^-1 b and the pivot d - c.z."""
        self._z, self._pivot = z, self._d - float(self._c.dot(z))
        if not isfinite(self._pivot):
            raise NotFiniteError("a bordered system has entries that are not finite")
        if self._pivot == 0.0:
            raise np.linalg.LinAlgError("the bordered matrix is singular")

    def solve(self, f: Array, g: float) -> tuple[Array, float]:
        """Return x of shape (n,) and y."""
        if self._z is None:
            both = np.empty((f.size, 2), order="F")
            both[:, 0], both[:, 1] = f, self._b
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

    def log_det(self) -> float:
        """Return the logarithm of the size of that determinant; NaN if the factors of A do not know theirs."""
        inner = getattr(self._solver, "log_det", None)
        if inner is None:
            return nan
        self._solved()
        return float(inner()) + log(abs(self._pivot))
