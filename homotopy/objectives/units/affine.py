"""The affine functions of samples: regression on them, and a basis of them."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import svd

from homotopy.objectives.samples import mean_of, rooted

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
    def decomposed(self) -> tuple[Array, Array]:
        """An orthonormal basis of the functions on the samples, (N, q), and the pseudo-inverse of the columns.

        By their weights, both: the basis Q has Q'WQ = 1, and the inverse times targets is their weighted regression.
        """
        return _decomposed(self.columns, self.weights)

    @cached_property
    def centered_inverse(self) -> Array:
        """The pseudo-inverse of the centered columns, shape (d + 1, N)."""
        return _decomposed(self.centered, self.weights)[1]


def _decomposed(columns: Array, weights: Array | None) -> tuple[Array, Array]:
    U, s, Vt = svd(rooted(columns, weights), full_matrices=False)
    keep = s > max(columns.shape) * np.finfo(np.float64).eps * s[0]
    basis = np.ascontiguousarray(U[:, keep])
    inverse = (Vt[keep].T / s[keep]) @ basis.T
    if weights is None:
        return basis, inverse
    roots = np.sqrt(weights)
    return np.ascontiguousarray(basis / roots[:, None]), inverse * roots
