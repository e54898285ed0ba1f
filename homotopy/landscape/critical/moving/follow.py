"""Eigenvector following: uphill along some eigenvectors of the Hessian, downhill along the others, at many points."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from homotopy.landscape.critical.moving.surface import Array, Surface

__all__ = ["NEWTON", "Search", "eigen", "follow"]

NEWTON = -1
"""In place of an index: uphill along the eigenvectors of negative curvature, which is Newton's method."""
FIRST, LONGEST, SHORTEST = 0.1, 2.0, 1e-3
"""Lengths of steps along one eigenvector, in units of the length over which the points are spread."""
GOOD, BAD = 0.2, 0.6
"""By how much of itself a change of the gradient may differ from what the Hessian says, for longer or shorter steps."""
FAR = 1e4
"""So far out, in the same units, a search has gone off to infinity."""
NEAR = 1e-7
"""A Newton step so short ends a search: what follows is polishing."""


@dataclass
class Search:
    """Where searches ended.

    Attributes
    ----------
    Z : ndarray of shape (m, n)
        The last points.
    ended : ndarray of bool, shape (m,)
        Whether a Newton step there is short.
    far : ndarray of bool, shape (m,)
        Whether it has gone off to infinity.
    """

    Z: Array
    ended: NDArray[np.bool_]
    far: NDArray[np.bool_]


def eigen(H: Array) -> tuple[Array, Array]:
    """Return eigenvalues (m, n), ascending, and eigenvectors (m, n, n) of symmetric matrices; NaN for those of NaN."""
    good = np.isfinite(H).all(axis=(1, 2))
    if good.all():
        w, V = np.linalg.eigh(H)
        return w, V
    w, V = np.full(H.shape[:2], np.nan), np.full(H.shape, np.nan)
    if good.any():
        w[good], V[good] = np.linalg.eigh(H[good])
    return w, V


def follow(
    surface: Surface,
    Z: Array,
    uphill: NDArray[np.int64],
    *,
    length: float,
    modes: Array | None = None,
    max_iter: int = 150,
) -> Search:
    """Return where eigenvector following leads.

    Parameters
    ----------
    surface : Surface
        The function.
    Z : ndarray of shape (m, n)
        Where the searches begin.
    uphill : ndarray of int, shape (m,)
        Along how many eigenvectors each goes uphill: the index of the points that it can end at. 0 is saddle-free
        Newton, -1 Newton's method.
    length : float
        Over what length the points are spread.
    modes : ndarray of shape (m, n, k) or None
        The directions to go uphill along at first, as columns, zero beyond each search's own number; those of the
        eigenvectors that overlap with them most follow. None takes the lowest eigenvectors at every point.
    max_iter : int
        The most steps.

    Notes
    -----
    With eigenvalues l_i and components g_i of the gradient the step is -s_i g_i / |l_i| along eigenvector i, s_i = -1
    uphill and 1 downhill, each component cut to a length that grows where the gradient changes as the Hessian says, and
    shrinks where it does not. Where the signs of the eigenvalues are those of s this is Newton's step. Points of
    another index are left, since there every step leads away.

    References
    ----------
    C. J. Cerjan and W. H. Miller, J. Chem. Phys. 75 (1981) 2800 [memory]; Y. Dauphin et al., NIPS 2014, equation 4 of
    the saddle-free step; J. Yin, L. Zhang and P. Zhang, SIAM J. Sci. Comput. 41 (2019) A3576, k-index saddles [memory].
    """
    m = len(Z)
    Z, P = Z.copy(), None if modes is None else modes.copy()
    ended, far = np.zeros(m, dtype=bool), np.zeros(m, dtype=bool)
    radius = np.full(m, FIRST * length)
    _, G = surface.grads(Z)
    live = np.flatnonzero(np.isfinite(G).all(axis=1))
    far_out = FAR * length + 10.0 * np.linalg.norm(Z, axis=1)
    for _ in range(max_iter):
        if not live.size:
            break
        w, V = eigen(surface.hessians(Z[live]))
        fine = np.isfinite(w).all(axis=1)
        live, w, V = live[fine], w[fine], V[fine]
        if not live.size:
            break
        g = np.einsum("mji,mj->mi", V, G[live])
        up = _uphill(w, V, uphill[live], None if P is None else P[live])
        if P is not None:
            P[live] = _columns(V, up, P.shape[2])
        size = np.abs(w)
        with np.errstate(all="ignore"):
            whole = np.where(g == 0.0, 0.0, np.abs(g) / size)
        p = np.where(up, 1.0, -1.0) * np.sign(g) * np.minimum(whole, radius[live, None])
        agrees = (up == (w < 0)).all(axis=1)
        reach = NEAR * length
        done = agrees & (np.where(size > 1e-8 * size.max(axis=1, keepdims=True), whole, 0.0).max(axis=1) <= reach)
        done |= ~G[live].any(axis=1)
        Z[live] += np.einsum("mij,mj->mi", V, np.where(done[:, None], 0.0, p))
        ended[live[done]] = True
        live, p, g, w, V = live[~done], p[~done], g[~done], w[~done], V[~done]
        if not live.size:
            break
        new = surface.grads(Z[live])[1]
        change = np.linalg.norm(np.einsum("mji,mj->mi", V, new - G[live]) - w * p, axis=1)
        expected = np.linalg.norm(w * p, axis=1)
        radius[live] *= np.where(change < GOOD * expected, 2.0, np.where(change > BAD * expected, 0.5, 1.0))
        np.clip(radius, SHORTEST * length, LONGEST * length, out=radius)
        G[live] = new
        gone = np.linalg.norm(Z[live], axis=1) > far_out[live]
        far[live[gone]] = True
        live = live[~gone & np.isfinite(new).all(axis=1)]
    return Search(Z, ended, far)


def _uphill(w: Array, V: Array, uphill: NDArray[np.int64], P: Array | None) -> NDArray[np.bool_]:
    """Return along which eigenvectors to go uphill, shape (m, n)."""
    if P is None:
        lowest = np.arange(w.shape[1]) < uphill[:, None]
        return np.where(uphill[:, None] == NEWTON, w < 0, lowest)
    overlap = (np.einsum("mji,mjk->mik", V, P) ** 2).sum(axis=2)
    rank = np.argsort(np.argsort(-overlap, axis=1, kind="stable"), axis=1)
    return np.asarray(rank < uphill[:, None])


def _columns(V: Array, up: NDArray[np.bool_], k: int) -> Array:
    """Return the eigenvectors to go uphill along as the first columns, zeros behind them, shape (m, n, k)."""
    order = np.argsort(~up, axis=1, kind="stable")[:, :k]
    chosen = np.take_along_axis(V, order[:, None, :], axis=2)
    return np.asarray(chosen * np.take_along_axis(up, order, axis=1)[:, None, :])
