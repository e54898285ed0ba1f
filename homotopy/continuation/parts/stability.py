"""Eigenvalues of unsymmetric Jacobians that decide on stability: all that may lie right of the imaginary axis."""

from __future__ import annotations

from math import hypot
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse.linalg import ArpackError, eigs

from homotopy.continuation.parts.linear import hessian_of
from homotopy.linalg import full
from homotopy.objectives.base import Vector
from homotopy.objectives.family import Homotopy

__all__ = ["n_unstable", "rightmost"]

NOTHING = 1e-10  # of the largest eigenvalue in size: a real part that is none
FIRST = 8  # eigenvalues nearest to zero that are computed at first


def rightmost(
    homotopy: Homotopy, x: Vector, t: float, *, sign: float = 1.0, dense_limit: int = 400, most: int = 80
) -> NDArray[np.complex128] | None:
    """Return eigenvalues of `sign` times the Jacobian, the greatest real part first; None where they are not certain.

    Up to `dense_limit` variables they are all eigenvalues (LAPACK). Above they are those nearest to zero, among them
    all of positive real part.

    Notes
    -----
    Above, ARPACK finds the k eigenvalues nearest to zero by shift and invert, k doubled until they fill a disk that
    holds every eigenvalue of positive real part, or up to `most`. That disk is Bendixson's: the real part of an
    eigenvalue is at most the largest eigenvalue of the symmetric part of the matrix, the imaginary part at most the
    norm of the rest; both are bounded by sums of rows. Without a matrix, and where the disk cannot be filled, nothing
    is certain.
    """
    if x.size <= dense_limit:
        return _sorted(np.linalg.eigvals(sign * full(hessian_of(homotopy, x, t))))
    if getattr(homotopy, "hessian", None) is None:
        return None
    a = sp.csc_array(sign * hessian_of(homotopy, x, t))
    real, imaginary = _disk(a)
    if real <= 0.0:
        return np.zeros(0, dtype=np.complex128)
    k = min(FIRST, x.size - 2)
    while True:
        try:
            found = eigs(a, k=k, sigma=0.0, v0=np.cos(np.arange(1.0, x.size + 1)), return_eigenvectors=False)
        except (ArpackError, RuntimeError):  # not converged; exactly singular
            return None
        if np.abs(found).max() >= hypot(real, imaginary):
            return _sorted(found)
        if k >= min(most, x.size - 2):
            return None
        k = min(2 * k, most, x.size - 2)


def n_unstable(values: NDArray[np.complex128]) -> int:
    """Return how many eigenvalues have a positive real part: above ``1e-10`` times the largest in size."""
    return int(np.count_nonzero(values.real > NOTHING * np.abs(values).max())) if values.size else 0


def _sorted(values: Any) -> NDArray[np.complex128]:
    """Return eigenvalues by their real parts, the greatest first, pairs with the positive imaginary part first."""
    values = np.asarray(values, dtype=np.complex128)
    return np.asarray(values[np.lexsort((-values.imag, -values.real))])


def _disk(a: Any) -> tuple[float, float]:
    """Return bounds of the real part and of the imaginary part's size of all eigenvalues."""
    symmetric, rest = 0.5 * (a + a.T), 0.5 * (a - a.T)
    diagonal = symmetric.diagonal()
    sums = np.asarray(abs(symmetric).sum(axis=1)).ravel() - np.abs(diagonal)
    return float((diagonal + sums).max()), float(np.asarray(abs(rest).sum(axis=1)).max())
