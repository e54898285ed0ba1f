"""Which signs make a linear path vanish: a small closest-vector problem."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy._core.signs import flip_descent
from homotopy.arguments import generator
from homotopy.errors import ArgumentError
from homotopy.objectives.base import Seed, Vector

__all__ = ["SignSearch", "clear", "search_flops", "search_signs"]

EXHAUSTIVE = 10
"""Up to so many signs are all tried."""
SCAN = 6.0
"""Flops over n^2 of a look at all flips of one sign and of two: twelve a pair, comparison and choice included."""
ALIKE = 1e-12
"""Squares that differ by less, over |b|^2 + |A|^2, are equal: rounding cannot tell them apart. Over |A|^2 it is what
counts as zero, and the least that |b|^2 counts."""
RIDGE, NOTHING = 1e-10, 1e-4
"""The ridge of the least-squares solution, over the mean square of the columns, and what counts as zero in it."""


@dataclass(frozen=True)
class SignSearch:
    """What a sign search found.

    Attributes
    ----------
    signs : ndarray of shape (m, n)
        The best sign vectors, best first, entries -1 and 1.
    residual : ndarray of shape (m,)
        |A c - b|^2 / |b|^2 of each; |b|^2 counts as at least 1e-12 |A|^2.
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
        return bool(clear(self.residual[0], self.runner_up))


def clear(residual: NDArray[np.float64], runner_up: float | NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return where signs of this residual are sure, given that of the second best."""
    return np.asarray((residual <= np.maximum(1e-3, 0.25 * np.asarray(runner_up))) & np.isfinite(residual))


def search_flops(m: int, n: int, n_restarts: Any = 0, n_scans: Any = 0) -> Any:
    """Return the flops of a search for n signs with columns of length m; its restarts and looks may be arrays.

    Beside the products of the columns all sign vectors cost 2 n each, a descent the slopes where it begins and its
    looks at all flips, the rounded solution an elimination.
    """
    products = 2.0 * m * n * (n + 1)
    if n <= EXHAUSTIVE:
        return products + 2.0**n * 2.0 * n
    return products + n**3 + 4.0 * n * n + (n_restarts + 1.0) * 2.0 * n * n + n_scans * SCAN * n * n


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
    a time while that helps, and doing the same from random signs until the tolerance is met. Of sign vectors that
    rounding cannot tell apart the first comes first. This is a closest-vector problem: no bound on the work is known
    that is not exponential in n. Methods search many systems at once, compiled (`manysigns`); this is what that does.

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
    total, trace = float(b @ b), float(np.trace(gram))
    alike, scale = ALIKE * (total + trace), max(total, ALIKE * trace, 1e-300)
    n_made = n_scans = 0
    if A.shape[1] <= EXHAUSTIVE:
        candidates = _all_signs(A.shape[1])
    else:
        limit = tolerance * scale + ALIKE * trace
        rng = generator("rng", rng)
        ends, n_made, n_scans = _descend(gram, target, total, rng, n_restarts, limit)
        candidates = _with_neighbors(ends, _first(_squares(gram, target, total, ends), alike))
    squares = _squares(gram, target, total, candidates)
    best, residual = [], []
    for _ in range(min(max(n_best, 2), len(candidates))):
        best.append(_first(squares, alike))
        residual.append(max(squares[best[-1]], 0.0) / scale)
        squares[best[-1]] = np.inf
    second = float(residual[1]) if len(residual) > 1 else np.inf
    flops = search_flops(A.shape[0], A.shape[1], n_made, n_scans)
    return SignSearch(candidates[best[:n_best]], np.array(residual[:n_best]), n_made, second, float(flops))


def _squares(gram: NDArray[np.float64], target: Vector, total: float, c: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return |A c - b|^2 of each row c."""
    return np.asarray(np.einsum("si,ij,sj->s", c, gram, c) - 2 * c @ target + total)


def _first(squares: NDArray[np.float64], alike: float) -> int:
    """Return the index of the lowest, of those that rounding cannot tell apart the first."""
    return int(np.flatnonzero(squares <= squares.min() + alike)[0])


def _all_signs(n: int) -> NDArray[np.float64]:
    bits = (np.arange(2**n)[:, None] >> np.arange(n)) & 1
    return np.asarray(1.0 - 2.0 * bits)


def _descend(
    gram: NDArray[np.float64], target: Vector, total: float, rng: np.random.Generator, n_restarts: int, limit: float
) -> tuple[NDArray[np.float64], int, int]:
    """Return the distinct ends of the flip descents, the random restarts that they took, and the scans of pairs."""
    found: dict[bytes, NDArray[np.float64]] = {}
    n_made = n_scans = 0
    for n_made in range(n_restarts + 1):
        c = rng.choice((-1.0, 1.0), size=len(target)) if n_made else _rounded(gram, target)
        n_scans += 1 + flip_descent(gram, target, c)
        found[c.tobytes()] = c
        if _squares(gram, target, total, c[None])[0] <= limit:
            break
    return np.array(list(found.values())), n_made, n_scans


def _rounded(gram: NDArray[np.float64], target: Vector) -> NDArray[np.float64]:
    """Return the signs of the least-squares solution with a small ridge; plus where that says nothing."""
    ridge = RIDGE * np.trace(gram) / len(gram)
    y = np.linalg.solve(gram + ridge * np.eye(len(gram)), target) if ridge > 0.0 else np.zeros(len(gram))
    return np.where(y < -NOTHING * np.abs(y).max(), -1.0, 1.0)


def _with_neighbors(found: NDArray[np.float64], best: int) -> NDArray[np.float64]:
    """Return the sign vectors and, behind them, the best one with each one of its signs turned round."""
    every = {c.tobytes(): c for c in found}
    for c in found[best] * (1.0 - 2.0 * np.eye(found.shape[1])):
        every.setdefault(c.tobytes(), c)
    return np.array(list(every.values()))
