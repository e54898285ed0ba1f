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
    def decomposed(self) -> tuple[Array, Array]:
        """An orthonormal basis of the functions on the samples, (N, q), and the pseudo-inverse of the columns."""
        return _decomposed(self.columns)

    @cached_property
    def centered_inverse(self) -> Array:
        """The pseudo-inverse of the centered columns, shape (d + 1, N)."""
        return _decomposed(self.centered)[1]


def _decomposed(columns: Array) -> tuple[Array, Array]:
    U, s, Vt = svd(columns, full_matrices=False)
    keep = s > max(columns.shape) * np.finfo(np.float64).eps * s[0]
    basis = np.ascontiguousarray(U[:, keep])
    return basis, (Vt[keep].T / s[keep]) @ basis.T
