"""Which signs make a linear path vanish: a small closest-vector problem."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from homotopy._core.prune import flip_descent
from homotopy.errors import ArgumentError
from homotopy.objectives.base import Seed, Vector

__all__ = ["SignSearch", "search_signs"]

EXHAUSTIVE = 10
"""Up to so many signs are all tried."""
SCAN = 2.5
"""Flops over n^2 of a look at all flips of one sign and of two: five for each pair."""


@dataclass(frozen=True)
class SignSearch:
    """What a sign search found.

    Attributes
    ----------
    signs : ndarray of shape (m, n)
        The best sign vectors, best first, entries -1 and 1.
    residual : ndarray of shape (m,)
        |A c - b|^2 / |b|^2 of each.
    n_restarts : int
        Random restarts that were made.
    runner_up : float
        The residual of the second best sign vector seen; infinite if there is none.
    flops : float
        Floating-point operations of the search.
    """

    signs: NDArray[np.float64]
    residual: NDArray[np.float64]
    n_restarts: int
    runner_up: float = np.inf
    flops: float = 0.0

    @property
    def clear(self) -> bool:
        """Whether the best signs are sure: they leave at most 1e-3, or a quarter of what any other signs seen do."""
        return bool(self.residual[0] <= max(1e-3, 0.25 * self.runner_up))


def search_signs(
    A: NDArray[np.float64],
    b: Vector,
    *,
    rng: Seed = None,
    n_best: int = 3,
    n_restarts: int = 20,
    tolerance: float = 1e-3,
) -> SignSearch:
    r"""Return sign vectors c that make :math:`|A c - b|^2` small.

    Parameters
    ----------
    A : ndarray of shape (m, n)
        One column a unit.
    b : ndarray of shape (m,)
        What the signed columns should add up to.
    rng : Generator, int or None
        Draws the restarts.
    n_best : int
        How many sign vectors to return at most.
    n_restarts : int
        The most random restarts.
    tolerance : float
        The search ends once :math:`|A c - b|^2 \le` tolerance :math:`|b|^2`.

    Raises
    ------
    ArgumentError
        If the shapes do not agree, or a number is not finite.

    Notes
    -----
    Up to ten signs are all tried. More are found by rounding the least-squares solution, flipping one or two signs at
    a time while that helps, and doing the same from random signs until the tolerance is met. This is a
    closest-vector problem: no bound on the work is known that is not exponential in n.

    Examples
    --------
    >>> A = np.random.default_rng(0).standard_normal((12, 12))
    >>> c = np.where(np.arange(12) % 3, 1.0, -1.0)
    >>> found = search_signs(A, A @ c, rng=0)
    >>> bool(np.array_equal(found.signs[0], c))
    True
    """
    A, b = np.asarray(A, dtype=np.float64), np.asarray(b, dtype=np.float64)
    if A.ndim != 2 or b.shape != (A.shape[0],):
        raise ArgumentError(f"A has shape {A.shape} and b {b.shape}; they must be (m, n) and (m,)")
    if not (np.isfinite(A).all() and np.isfinite(b).all()):
        raise ArgumentError("A and b must be finite; they have entries that are not")
    gram, target = np.ascontiguousarray(A.T @ A), np.ascontiguousarray(A.T @ b)
    total = float(b @ b)
    m, n = A.shape
    flops = 2.0 * m * n * (n + 1)
    if n <= EXHAUSTIVE:
        candidates, n_made = _all_signs(n), 0
    else:
        rng = np.random.default_rng(rng)
        candidates, n_made, n_scans = _descend(A, b, gram, target, rng, n_restarts, tolerance * total)
        flops += 4.0 * m * n * n + n_scans * SCAN * n * n + (n_made + 1) * 2.0 * m * n
    flops += len(candidates) * 2.0 * n * (n + 1)
    squares = np.einsum("si,ij,sj->s", candidates, gram, candidates) - 2 * candidates @ target + total
    order = np.argsort(squares, kind="stable")
    residual = np.maximum(squares[order], 0) / max(total, 1e-300)
    best, second = order[:n_best], float(residual[1]) if len(order) > 1 else np.inf
    return SignSearch(candidates[best], residual[:n_best], n_made, second, flops)


def _all_signs(n: int) -> NDArray[np.float64]:
    bits = (np.arange(2**n)[:, None] >> np.arange(n)) & 1
    return np.asarray(1.0 - 2.0 * bits)


def _descend(
    A: NDArray[np.float64],
    b: Vector,
    gram: NDArray[np.float64],
    target: Vector,
    rng: np.random.Generator,
    n_restarts: int,
    limit: float,
) -> tuple[NDArray[np.float64], int, int]:
    """Return the distinct ends of the flip descents, the random restarts that they took, and the scans of pairs."""
    rounded = np.where(np.linalg.lstsq(A, b, rcond=None)[0] < 0, -1.0, 1.0)
    found: dict[bytes, NDArray[np.float64]] = {}
    n_made = n_scans = 0
    for n_made in range(n_restarts + 1):
        c = rounded.copy() if n_made == 0 else rng.choice((-1.0, 1.0), size=A.shape[1])
        n_scans += 1 + flip_descent(gram, target, c)
        found[c.tobytes()] = c
        residual = A @ c - b
        if residual @ residual <= limit:
            break
    for c in _neighbors(gram, target, np.array(list(found.values()))):
        found.setdefault(c.tobytes(), c)
    return np.array(list(found.values())), n_made, n_scans


def _neighbors(gram: NDArray[np.float64], target: Vector, found: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the best sign vector with each one of its signs turned round."""
    squares = np.einsum("si,ij,sj->s", found, gram, found) - 2 * found @ target
    best = found[np.argmin(squares)]
    return np.asarray(best * (1.0 - 2.0 * np.eye(len(best))))
