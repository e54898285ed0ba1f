"""All activation patterns of relu units on given samples: the cells of an arrangement of hyperplanes."""

from __future__ import annotations

from math import comb

import numpy as np
from numpy.typing import NDArray

from homotopy.arguments import numbers
from homotopy.doors import door
from homotopy.errors import ArgumentError

__all__ = ["activation_patterns", "most_patterns", "unit_rows", "whitened"]

Array = NDArray[np.float64]
Signs = NDArray[np.int8]

EVEN = 5
"""Times that columns and rows are brought to one length."""
FLAT = 1e-12
"""Samples whose distance from a flat is below this part of their length lie on it."""


def most_patterns(n: int, r: int) -> int:
    r"""Return the number of patterns of n samples of rank r in general position, the most there can be.

    Notes
    -----
    :math:`2 \sum_{k < r} \binom{n - 1}{k}`, the cells of n hyperplanes through the origin of r dimensions.

    References
    ----------
    T. M. Cover, "Geometrical and statistical properties of systems of linear inequalities with applications in pattern
    recognition", IEEE Trans. Electronic Computers 14 (1965), theorem 1.

    Examples
    --------
    >>> most_patterns(10, 3), most_patterns(40, 3)
    (92, 1562)
    """
    return 2 * sum(comb(n - 1, k) for k in range(min(n, r)))


def whitened(X: Array) -> Array:
    """Return rows (n, r) that have the patterns of X's (n, d) and no units: X times a matrix, each of length 1 or 0."""
    even = np.asarray(X / max(float(np.abs(X).max(initial=0.0)), 1e-300))
    for _ in range(EVEN):
        for axis in (0, 1):
            lengths = np.linalg.norm(even, axis=axis, keepdims=True)
            even = even / np.where(lengths > 0, lengths, 1.0)
    left, size, _ = np.linalg.svd(even, full_matrices=False)
    rank = int((size > size.max(initial=0.0) * max(X.shape) * np.finfo(np.float64).eps).sum())
    return unit_rows(left[:, :rank], 1e-14)


@door
def activation_patterns(X: Array, *, limit: int = 20000) -> Signs:
    r"""Return every pattern of the signs of X u, u with no sign 0 that can be helped, shape (m, n), int8.

    Parameters
    ----------
    X : ndarray of shape (n, d)
        The inputs of the units, the column of ones included where they have biases.
    limit : int
        The most patterns; `most_patterns` must not be above it.

    Returns
    -------
    ndarray of shape (m, n)
        Rows of 1 and -1 in lexical order, all different, with each row its opposite; 0 for samples that are 0.

    Raises
    ------
    ArgumentError
        If there may be more patterns.

    Notes
    -----
    Each cell of the arrangement of the hyperplanes :math:`x_i \cdot u = 0` has a facet on one of them. The cells within
    a hyperplane are those of the other samples projected on it, of one dimension less; each has a cell on both sides,
    with the signs of the cell within, and those of the sides for samples along :math:`x_i`. No position is excluded:
    samples may be repeated, opposite, on a line or 0. What is within 1e-12 of such a position, in coordinates in which
    X has orthonormal columns, counts as in it.

    Examples
    --------
    >>> activation_patterns(np.array([[1.0, 1.0], [2.0, 1.0], [3.0, 1.0]]))
    array([[-1, -1, -1],
           [-1, -1,  1],
           [-1,  1,  1],
           [ 1, -1, -1],
           [ 1,  1, -1],
           [ 1,  1,  1]], dtype=int8)
    """
    rows = numbers("X", X)
    if rows.ndim != 2:
        raise ArgumentError(f"X has shape {rows.shape}; it must be (n, d)")
    Q = whitened(rows)
    lines = len(np.unique(np.round(Q * _turn(Q)[:, None], 9), axis=0))
    most = most_patterns(lines, Q.shape[1])
    if most > limit:
        raise ArgumentError(
            f"X has {len(Q)} rows of rank {Q.shape[1]}, up to {most} patterns; at most {limit} are enumerated"
        )
    return _cells(Q)


def _cells(Q: Array) -> Signs:
    """Return the sign vectors of the cells of hyperplanes with unit normals Q (n, r), in lexical order."""
    n, r = Q.shape
    live = np.flatnonzero(np.linalg.norm(Q, axis=1) > 0.5)
    if not len(live):
        return np.zeros((1, n), dtype=np.int8)
    if r == 1:
        signs = np.sign(Q[:, :1].T).astype(np.int8)
        return _different(np.vstack([signs, -signs]))
    if r == 2:
        return _around(Q, live)
    done, found = np.zeros(n, dtype=bool), []
    for i in live:
        if done[i]:
            continue
        within = Q @ np.linalg.qr(Q[i][:, None], mode="complete")[0][:, 1:]
        within[i] = 0.0
        rest = unit_rows(within, FLAT)
        along = ~rest.any(axis=1)
        done |= along
        sides = np.where(along, np.sign(Q @ Q[i]), 0.0).astype(np.int8)
        inner = _cells(rest)
        found.append(_different(np.vstack([inner + sides, inner - sides])))
    return _different(np.vstack(found))


def _around(Q: Array, live: NDArray[np.intp]) -> Signs:
    """Return the sign vectors of the sectors between lines through the origin of a plane, two at each line's ends."""
    turned = Q[live] @ np.array([[0.0, 1.0], [-1.0, 0.0]])
    within = turned @ Q.T
    on = np.abs(within) <= FLAT
    ends = np.where(on, 0.0, np.sign(within)).astype(np.int8)
    sides = np.where(on, np.sign(Q[live] @ Q.T), 0.0).astype(np.int8)
    return _different(np.vstack([ends + sides, ends - sides, sides - ends, -ends - sides]))


def _different(signs: Signs) -> Signs:
    """Return the different rows in lexical order."""
    table = np.ascontiguousarray(signs + 1).view(np.uint8)  # as bytes, rows are compared at once
    rows = np.unique(table.view(np.dtype((np.void, table.shape[1]))).ravel())
    return np.asarray(rows.view(np.uint8).reshape(-1, table.shape[1]).astype(np.int8) - 1, dtype=np.int8)


def unit_rows(Q: Array, least: float = 0.0) -> Array:
    """Return the rows over their lengths; those of at most the length `least` as zeros."""
    lengths = np.linalg.norm(Q, axis=1)
    live = lengths > least
    return np.where(live[:, None], Q / np.where(live, lengths, 1.0)[:, None], 0.0)


def _turn(Q: Array) -> Array:
    """Return for each row the sign of its entry that is largest in size, 1 for zeros."""
    if not Q.shape[1]:
        return np.ones(len(Q))
    largest = np.argmax(np.round(np.abs(Q), 9), axis=1)
    return np.asarray(np.where(Q[np.arange(len(Q)), largest] < 0, -1.0, 1.0))
