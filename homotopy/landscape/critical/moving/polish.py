"""The last steps to a critical point, and whether it is one as far as rounding can tell."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from homotopy.landscape.critical.moving.follow import eigen, step_lengths
from homotopy.landscape.critical.moving.surface import Array, Surface

__all__ = ["Polished", "polish"]

TOLERANCE = 1e-10
"""The largest gradient of a critical point, over the norm of its Hessian times the length of the region searched."""
STEP = 1e-6
"""The longest Newton step left at a critical point, along eigenvectors whose eigenvalues are not zero, over lengths."""
SINGULAR = 1e-11
"""Eigenvalues below this part of the largest are left out of a step."""
ROUNDING = 1e-13
"""A gradient below this part of the same is as small as rounding may allow; one more step is tried."""
LAST, NEARLY = 40, 1e-5
"""Steps beyond the most for points whose gradient is below this part of the same."""
HALVINGS = 6


@dataclass
class Polished:
    """Points behind the last steps.

    Attributes
    ----------
    Z : ndarray of shape (m, n)
        The points.
    values, grads : ndarray of shape (m,) and (m, n)
        The values there and the gradients.
    eigenvalues, vectors : ndarray of shape (m, n) and (m, n, n)
        Of the Hessians.
    good : ndarray of bool, shape (m,)
        Whether each is a critical point: ``|g| <= 1e-10 |H| max(length, |z|)``, and the Newton step along eigenvectors
        that are not singular is at most 1e-6 of that length.
    """

    Z: Array
    values: Array
    grads: Array
    eigenvalues: Array
    vectors: Array
    good: NDArray[np.bool_]


def polish(surface: Surface, Z: Array, *, length: float, max_iter: int = 60) -> Polished:
    """Return where damped Newton steps lead as long as the norm of the gradient falls.

    Parameters
    ----------
    surface : Surface
        The function.
    Z : ndarray of shape (m, n)
        Points; from near a critical point the steps lead to it, and from elsewhere this minimizes |g|.
    length : float
        The length of the region searched.
    max_iter : int
        The most Hessians at each point.

    Notes
    -----
    A step is that of the pseudo-inverse without eigenvalues below 1e-11 of the largest, halved up to six times until
    |g| falls. What ends a search is that it falls no more, which is rounding at a critical point, and elsewhere a local
    minimum of |g| that is none of f.
    """
    Z = Z.copy()
    values, G = surface.grads(Z)
    norms = np.linalg.norm(G, axis=1)
    w, V = np.full(Z.shape, np.nan), np.full((*Z.shape, Z.shape[1]), np.nan)
    live = np.flatnonzero(np.isfinite(norms))
    for step in range(max_iter + LAST + 1):
        if not live.size:
            break
        w[live], V[live] = eigen(surface.hessians(Z[live]))
        if step >= max_iter:  # those that are near are not left half polished
            near = norms[live] <= NEARLY * np.abs(w[live]).max(axis=1) * length
            live = live[near & (step < max_iter + LAST) & (max_iter > 0)]
        live = live[norms[live] > 0]
        p = _newton(w[live], V[live], G[live], length)
        reach = np.maximum(length, np.linalg.norm(Z[live], axis=1))
        rounding = norms[live] <= ROUNDING * np.abs(w[live]).max(axis=1) * reach
        live = live[_halved(surface, Z, G, norms, values, live, p, rounding)]
    largest = np.abs(w).max(axis=1)
    reach = np.maximum(length, np.linalg.norm(Z, axis=1))
    with np.errstate(all="ignore"):
        steps = step_lengths(w, np.einsum("mji,mj->mi", V, G)).max(axis=1)
        good = np.isfinite(norms) & np.isfinite(largest)
        good &= (norms <= TOLERANCE * largest * reach) & (steps <= STEP * reach)
    return Polished(Z, values, G, w, V, good)


def _newton(w: Array, V: Array, G: Array, length: float) -> Array:
    """Return the steps of the pseudo-inverse, each at most as long as the region."""
    g = np.einsum("mji,mj->mi", V, G)
    with np.errstate(all="ignore"):
        p = np.where(np.abs(w) > SINGULAR * np.abs(w).max(axis=1, keepdims=True), -g / w, 0.0)
    step = np.einsum("mij,mj->mi", V, p)
    with np.errstate(all="ignore"):
        shorter = np.minimum(1.0, length / np.linalg.norm(step, axis=1))
    return np.asarray(step * shorter[:, None])


def _halved(
    surface: Surface,
    Z: Array,
    G: Array,
    norms: Array,
    values: Array,
    live: NDArray[np.int64],
    p: Array,
    rounding: NDArray[np.bool_],
) -> NDArray[np.bool_]:
    """Move the live points by the longest of p, p/2, ... behind which |g| is smaller; return which have moved.

    Where |g| is of the size of rounding a whole step is tried alone.
    """
    moved = np.zeros(len(live), dtype=bool)
    left, factor = np.flatnonzero(np.isfinite(p).all(axis=1)), 1.0
    for _ in range(HALVINGS):
        if not left.size:
            break
        rows = live[left]
        there = Z[rows] + factor * p[left]
        v, g = surface.grads(there)
        size = np.linalg.norm(g, axis=1)
        less = size < norms[rows]
        hit = rows[less]
        Z[hit], G[hit], norms[hit], values[hit] = there[less], g[less], size[less], v[less]
        moved[left[less]] = True
        left, factor = left[~less & ~rounding[left]], 0.5 * factor
    return moved
