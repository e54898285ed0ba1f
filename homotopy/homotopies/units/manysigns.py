"""Signs that make the linear paths of many runs vanish, searched in C."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy._core.signs import search
from homotopy.errors import ArgumentError
from homotopy.homotopies.units.signs import clear, search_flops
from homotopy.streams import Draws

__all__ = ["SignSearches", "search_many"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class SignSearches:
    """What r sign searches found (`SignSearch`), as arrays.

    Attributes
    ----------
    signs : ndarray of shape (r, m, n)
        The best sign vectors of each, best first, entries -1 and 1.
    residual : ndarray of shape (r, m)
        |A c - b|^2 / |b|^2 of each; infinite where there are no further signs, or where A or b was not finite.
    n_restarts : ndarray of shape (r,)
        Random restarts that were made.
    runner_up : ndarray of shape (r,)
        The residual of the second best sign vector seen; infinite if there is none.
    flops : ndarray of shape (r,)
        Floating-point operations of each search.
    """

    signs: Array
    residual: Array
    n_restarts: NDArray[np.intp]
    runner_up: Array
    flops: Array

    def __len__(self) -> int:
        return len(self.residual)

    @property
    def clear(self) -> NDArray[np.bool_]:
        """Whether the best signs are sure: they leave at most 1e-3, or a quarter of what any other signs seen do."""
        return clear(self.residual[:, 0], self.runner_up)

    def has(self, number: int) -> NDArray[np.bool_]:
        """Return which searches found a sign vector of this number."""
        if number >= self.residual.shape[1]:
            return np.zeros(len(self), dtype=bool)
        return np.isfinite(self.residual[:, number])

    def where(self, mask: NDArray[np.bool_]) -> SignSearches:
        """Return the searches that the mask keeps."""
        return SignSearches(*(getattr(self, field.name)[mask] for field in fields(self)))

    def put(self, rows: NDArray[np.intp], other: SignSearches) -> None:
        """Put the searches of another in place of those of these rows."""
        for field in fields(self):
            getattr(self, field.name)[rows] = getattr(other, field.name)


def search_many(
    A: Array, b: Array, *, draws: Draws | None = None, n_best: int = 3, n_restarts: int = 20, tolerance: float = 1e-3
) -> SignSearches:
    r"""Return, for each of r systems, sign vectors c that make :math:`|A c - b|^2` small.

    Parameters
    ----------
    A : ndarray of shape (r, m, n)
        One column a unit; nothing is copied where the last two axes are those of a contiguous (r, n, m), exchanged.
    b : ndarray of shape (r, m) or (m,)
        What the signed columns should add up to.
    draws : Draws or None
        Draws the restarts, whose stream of each system moves on; without it there are none.
    n_best : int
        How many sign vectors to return at most.
    n_restarts : int
        The most random restarts.
    tolerance : float
        A search ends once :math:`|A c - b|^2 \le` tolerance :math:`|b|^2`.

    Raises
    ------
    ArgumentError
        If the shapes do not agree.

    Notes
    -----
    Each search is that of `search_signs`, which says how; a system that is not finite finds nothing.

    Examples
    --------
    >>> A = np.random.default_rng(0).standard_normal((5, 8, 8))
    >>> c = np.where(np.arange(8) % 3, 1.0, -1.0)
    >>> bool((search_many(A, A @ c).signs[:, 0] == c).all())
    True
    """
    A, b = np.asarray(A, dtype=np.float64), np.ascontiguousarray(b, dtype=np.float64)
    if A.ndim != 3 or b.shape not in ((A.shape[1],), (len(A), A.shape[1])):
        raise ArgumentError(f"A has shape {A.shape} and b {b.shape}; they must be (r, m, n) and (r, m), or (m,) for b")
    r, m, n = A.shape
    units = np.ascontiguousarray(A.swapaxes(1, 2)).reshape(r, n * m)
    state: Any = None if draws is None else draws.state
    settings = {"best": max(n_best, 2), "restarts": n_restarts, "tolerance": tolerance, "state": state}
    signs, residual, made, scans = search(units, b, n=n, **settings)
    flops = np.broadcast_to(search_flops(m, n, made, scans), (r,)).copy()
    return SignSearches(signs[:, :n_best], residual[:, :n_best], made.astype(np.intp), residual[:, 1].copy(), flops)
