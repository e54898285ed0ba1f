"""The affine functions of samples: regression on them, and a basis of them."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import svd

from homotopy.models.samples import mean_of, rooted

__all__ = ["Affine"]

Array = NDArray[np.float64]


class Affine:
    """The affine functions of samples X (N, d), which count by their weights (N,), whatever net sees them."""

    def __init__(self, X: Array, weights: Array | None = None) -> None:
        self.X, self.weights, self.mean = X, weights, mean_of(X, weights)
        self.columns = np.column_stack([X, np.ones(len(X))])

    @cached_property
    def root(self) -> Array:
        """A root of the covariance, shape (min(N, d), d): R with R'R the mean of (x - mean)(x - mean)'."""
        away = rooted(self.X - self.mean, self.weights)
        return np.asarray(np.linalg.qr(away, mode="r") / np.sqrt(len(self.X)))

    @cached_property
    def centered(self) -> Array:
        """The columns with centered inputs, shape (N, d + 1)."""
        return np.column_stack([self.X - self.mean, np.ones(len(self.X))])

    @cached_property
    def _svd(self) -> tuple[Array, Array, Array]:
        return _decomposed(rooted(self.columns, self.weights))

    @cached_property
    def centered_inverse(self) -> Array:
        """The pseudo-inverse of the centered columns, shape (d + 1, N)."""
        basis, s, Vt = _decomposed(rooted(self.centered, self.weights))
        return self._weighted((Vt.T / s) @ basis.T)

    def ridge(self, penalty: float) -> tuple[Array, Array]:
        """Return the regression on the columns with a penalty of its weights, penalty / 2 |u|^2 beside the mean loss.

        Returns
        -------
        basis : ndarray of shape (N, q)
            Q, columns that are orthogonal by the weights and at most one long, Q'WQ <= 1: Q Q'W r is what the
            regression explains of r. They are orthonormal without a penalty.
        inverse : ndarray of shape (d + 1, N)
            What takes r to the weights u.
        """
        U, s, Vt = self._svd
        kept = s**2 / (s**2 + len(self.X) * penalty)  # one, exactly, without a penalty
        basis = U * np.sqrt(kept)
        if self.weights is not None:
            basis = basis / np.sqrt(self.weights)[:, None]
        return np.ascontiguousarray(basis), self._weighted((Vt.T * kept / s) @ U.T)

    def _weighted(self, inverse: Array) -> Array:
        """Return the inverse of columns times the roots of the weights as one of the columns."""
        return inverse if self.weights is None else np.asarray(inverse * np.sqrt(self.weights))


def _decomposed(columns: Array) -> tuple[Array, Array, Array]:
    """Return the singular value decomposition without what is zero to rounding."""
    U, s, Vt = svd(columns, full_matrices=False)
    keep = s > max(columns.shape) * np.finfo(np.float64).eps * s[0]
    return np.ascontiguousarray(U[:, keep]), s[keep], Vt[keep]
