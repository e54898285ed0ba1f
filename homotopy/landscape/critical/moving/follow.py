"""Eigenvector following: uphill along some eigenvectors of the Hessian, downhill along the others, at many points."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from homotopy.landscape.critical.moving.surface import Array, Surface

__all__ = ["NEWTON", "Search", "eigen", "follow", "step_lengths"]

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
REGULAR = 1e-8
"""Eigenvalues below this part of the largest are left out where the length of a Newton step is asked for."""


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


def step_lengths(w: Array, g: Array) -> Array:
    """Return how long Newton steps are along eigenvectors of eigenvalues w, 0 where these are near zero, shape (m, n).

    The components of the gradients along the eigenvectors are g.
    """
    size = np.abs(w)
    with np.errstate(all="ignore"):
        return np.where(size > REGULAR * size.max(axis=1, keepdims=True), np.abs(g) / size, 0.0)


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
    C. J. Cerjan and W. H. Miller, J. Chem. Phys. 75 (1981) 2800; Y. Dauphin et al., NIPS 2014, equation 4 of
    the saddle-free step; J. Yin, L. Zhang and P. Zhang, SIAM J. Sci. Comput. 41 (2019) A3576, k-index saddles.
    """
    front = _Front(surface, Z, uphill, length, modes)
    for _ in range(max_iter):
        if not front.live.size:
            break
        front.advance()
    return Search(front.Z, front.ended, front.far)


class _Front:
    """Searches that advance together; `live` are the places of those that have not ended."""

    def __init__(
        self, surface: Surface, Z: Array, uphill: NDArray[np.int64], length: float, modes: Array | None
    ) -> None:
        m = len(Z)
        self.surface, self.uphill, self.length = surface, uphill, length
        self.Z, self.P = Z.copy(), None if modes is None else modes.copy()
        self.ended, self.far = np.zeros(m, dtype=bool), np.zeros(m, dtype=bool)
        self.radius = np.full(m, FIRST * length)
        self.G = surface.grads(Z)[1]
        self.live = np.flatnonzero(np.isfinite(self.G).all(axis=1))
        self.outside = FAR * length + 10.0 * np.linalg.norm(Z, axis=1)

    def advance(self) -> None:
        """Make one step of each search that has not ended."""
        w, V = eigen(self.surface.hessians(self.Z[self.live]))
        fine = np.isfinite(w).all(axis=1)
        self.live, w, V = self.live[fine], w[fine], V[fine]
        if not self.live.size:
            return
        g = np.einsum("mji,mj->mi", V, self.G[self.live])
        up = _uphill(w, V, self.uphill[self.live], None if self.P is None else self.P[self.live])
        if self.P is not None:
            self.P[self.live] = _columns(V, up, self.P.shape[2])
        with np.errstate(all="ignore"):
            whole = np.where(g == 0.0, 0.0, np.abs(g) / np.abs(w))
        p = np.where(up, 1.0, -1.0) * np.sign(g) * np.minimum(whole, self.radius[self.live, None])
        done = (up == (w < 0)).all(axis=1) & (step_lengths(w, g).max(axis=1) <= NEAR * self.length)
        done |= ~self.G[self.live].any(axis=1)
        self.ended[self.live[done]] = True
        self.live = self.live[~done]
        if self.live.size:
            self._move(p[~done], w[~done], V[~done])

    def _move(self, p: Array, w: Array, V: Array) -> None:
        """Move the live searches by p in the bases V, and make their steps longer or shorter."""
        live, bend = self.live, w * p
        self.Z[live] += np.einsum("mij,mj->mi", V, p)
        new = self.surface.grads(self.Z[live])[1]
        change = np.linalg.norm(np.einsum("mji,mj->mi", V, new - self.G[live]) - bend, axis=1)
        expected = np.linalg.norm(bend, axis=1)
        self.radius[live] *= np.where(change < GOOD * expected, 2.0, np.where(change > BAD * expected, 0.5, 1.0))
        np.clip(self.radius, SHORTEST * self.length, LONGEST * self.length, out=self.radius)
        self.G[live] = new
        gone = np.linalg.norm(self.Z[live], axis=1) > self.outside[live]
        self.far[live[gone]] = True
        self.live = live[~gone & np.isfinite(new).all(axis=1)]


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
