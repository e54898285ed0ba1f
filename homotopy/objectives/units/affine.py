"""The affine functions of samples: regression on them, and a basis of them."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import svd

__all__ = ["Affine"]

Array = NDArray[np.float64]


class Affine:
    """The affine functions of samples X (N, d), whatever net sees them."""

    def __init__(self, X: Array) -> None:
        self.X, self.mean = X, X.mean(axis=0)
        self.columns = np.column_stack([X, np.ones(len(X))])

    @cached_property
    def root(self) -> Array:
        """A root of the covariance, shape (min(N, d), d): R with R'R the mean of (x - mean)(x - mean)'."""
        return np.asarray(np.linalg.qr(self.X - self.mean, mode="r") / np.sqrt(len(self.X)))

    @cached_property
    def centered(self) -> Array:
        """The columns with centered inputs, shape (N, d + 1)."""
        return np.column_stack([self.X - self.mean, np.ones(len(self.X))])

    @cached_property
    def _svd(self) -> tuple[Array, Array, Array]:
        return _decomposed(self.columns)

    @cached_property
    def centered_inverse(self) -> Array:
        """The pseudo-inverse of the centered columns, shape (d + 1, N)."""
        basis, s, Vt = _decomposed(self.centered)
        return np.asarray((Vt.T / s) @ basis.T)

    def ridge(self, penalty: float) -> tuple[Array, Array]:
        """Return the regression on the columns with a penalty of its weights, penalty / 2 |u|^2 beside the mean loss.

        Returns
        -------
        basis : ndarray of shape (N, q)
            Q, orthogonal columns of norm at most one: Q Q' r is what the regression explains of r. Orthonormal without
            a penalty.
        inverse : ndarray of shape (d + 1, N)
            What takes r to the weights u.
        """
        U, s, Vt = self._svd
        held = s**2 + len(self.X) * penalty
        return np.ascontiguousarray(U * (s / np.sqrt(held))), np.asarray((Vt.T * (s / held)) @ U.T)


def _decomposed(columns: Array) -> tuple[Array, Array, Array]:
    """Return the singular value decomposition without what is zero to rounding."""
    U, s, Vt = svd(columns, full_matrices=False)
    keep = s > max(columns.shape) * np.finfo(np.float64).eps * s[0]
    return np.ascontiguousarray(U[:, keep]), s[keep], Vt[keep]
