"""Lanczos's method a step at a time: the ends of a symmetric operator's spectrum from few products."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh_tridiagonal

from homotopy.linalg.krylov import Product

__all__ = ["Lanczos"]

Array = NDArray[np.float64]


class Lanczos:
    """An orthonormal basis of the Krylov space of a symmetric operator A, which grows by a vector a product.

    ARPACK (`scipy.sparse.linalg.eigsh`) runs to an accuracy that is relative to the eigenvalue, which one near zero
    never reaches; here the caller looks at the Ritz values as they come and ends when they say enough.

    Parameters
    ----------
    product : callable
        v -> A v, linear and symmetric.
    start : ndarray of shape (n,)
        The first vector, not zero.

    Attributes
    ----------
    values : ndarray of shape (k,)
        The Ritz values after k products, ascending; the lowest lies above the lowest eigenvalue, up to rounding.
    residuals : ndarray of shape (k,)
        ``|A y - value y|`` of each: an eigenvalue lies as near to the value.
    shares : ndarray of shape (k,)
        What each value counts in the quadrature of start' g(A) start, of sum 1 (Gauss's rule: squared first entries of
        the tridiagonal matrix's eigenvectors).
    exhausted : bool
        Whether the space is invariant: no product adds to it.

    Examples
    --------
    >>> found = Lanczos(lambda v: np.array([-1.0, 2.0, 3.0]) * v, np.ones(3))
    >>> found.extend(3).values.round(6).tolist(), found.exhausted
    ([-1.0, 2.0, 3.0], True)
    """

    def __init__(self, product: Product, start: Array) -> None:
        self.product = product
        self._rows: Array = np.empty((8, start.size))  # the basis, with room to grow
        self._rows[0] = start / np.linalg.norm(start)
        self._diagonal: list[float] = []
        self._beside: list[float] = []
        self._modes: Array = np.empty((0, 0))
        self.values: Array = np.empty(0)
        self.residuals: Array = np.empty(0)
        self.shares: Array = np.empty(0)
        self.exhausted = False

    @property
    def n_products(self) -> int:
        """Products until now."""
        return len(self._diagonal)

    def extend(self, count: int) -> Lanczos:
        """Make up to `count` products more, fewer where the space becomes invariant, and return the object itself."""
        for _ in range(count):
            if self.exhausted:
                break
            self._step()
        self.values, self._modes = eigh_tridiagonal(self._diagonal, self._beside[: self.n_products - 1])
        last = 0.0 if self.exhausted else self._beside[-1]
        self.residuals = last * np.abs(self._modes[-1])
        self.shares = self._modes[0] ** 2
        return self

    def vector(self, number: int) -> Array:
        """Return the unit Ritz vector of one of the values, shape (n,)."""
        found = np.asarray(self._modes[:, number] @ self._rows[: self.n_products])
        return np.asarray(found / np.linalg.norm(found))

    def _step(self) -> None:
        """Make one product; the new vector is made orthogonal to all others, twice, which is enough."""
        count = self.n_products + 1  # every product before added a vector
        basis = self._rows[:count]
        last = basis[-1]
        w = np.array(self.product(last), dtype=np.float64)
        size = float(np.linalg.norm(w))
        self._diagonal.append(float(last @ w))
        for _ in range(2):
            w -= basis.T @ (basis @ w)
        norm = float(np.linalg.norm(w))
        full = count == w.size
        rounding = 8.0 * np.finfo(np.float64).eps * max(size, *map(abs, self._diagonal), *self._beside)
        self._beside.append(norm)
        if full or not norm > rounding:
            self.exhausted = True
        else:
            if count == len(self._rows):
                grown = np.empty((min(2 * count, w.size), w.size))
                grown[:count] = self._rows
                self._rows = grown
            self._rows[count] = w / norm
