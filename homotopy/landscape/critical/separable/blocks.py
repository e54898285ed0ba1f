"""Linear coordinates in which a function is a sum of functions of few variables each."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import scipy
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from homotopy.landscape.critical.moving.surface import Array, Surface

__all__ = ["Blocks", "find_blocks"]

POINTS, TRIES = 8, 4
"""Points whose Hessians are compared, and random pencils of them."""
LARGEST = 400
"""More variables are not looked at: the pencils cost their cube."""
COUPLED = (1e-10, 1e-8, 1e-6, 1e-4)
"""From which part of the diagonal on an element of the Hessians couples two coordinates, one after the other."""
EXACT = 1e-13
"""Hessians of a larger asymmetry are not exact."""
STENCIL = np.array([-1.0, 9.0, -45.0, 45.0, -9.0, 1.0]) / 60.0
OFFSETS = np.array([-3.0, -2.0, -1.0, 1.0, 2.0, 3.0])
LENGTHS = (0.2, 0.1, 0.05, 0.02, 0.01)
"""Steps of differences of order six, over the spread of each variable."""
WRONG = 1e-7
"""By which part of itself the gradient may differ from that of the sum."""


@dataclass(frozen=True)
class Blocks:
    """Coordinates y with z = origin + sum over blocks b of bases[b] y_b, so that f is a sum of functions of y_b.

    Attributes
    ----------
    origin : ndarray of shape (n,)
        The point from which coordinates count.
    bases : list of ndarray of shape (n, n_b)
        The columns that belong to each block.
    inverses : list of ndarray of shape (n_b, n)
        y_b = inverses[b] (z - origin).
    """

    origin: Array
    bases: list[Array]
    inverses: list[Array]


def find_blocks(surface: Surface, Z: Array, rng: np.random.Generator) -> Blocks | None:
    """Return the blocks of a function, or None where it is no such sum as far as Hessians and gradients tell.

    Parameters
    ----------
    surface : Surface
        The function.
    Z : ndarray of shape (m, n)
        Points around which it is looked at.
    rng : Generator
        Draws points and combinations.

    Notes
    -----
    Where f(z) is a sum over b of f_b(W_b z), every Hessian is W^T diag(H_b) W, so that eigenvectors of a pencil (A, B)
    of two combinations of Hessians, A v = l B v, lie each in one block of columns of the inverse of W. Coordinates that
    some Hessian couples are one block. What is found is then checked on gradients at points near and far, which must be
    those of the sum to 1e-7 of their sizes.
    """
    n = surface.size
    if n < 2 or n > LARGEST:
        return None
    spread = np.maximum(Z.std(axis=0), 1e-3 * (np.abs(Z).max(axis=0) + Z.std()))
    if not (spread > 0).all():
        spread = np.where(spread > 0, spread, spread.max() or 1.0)
    origin = Z.mean(axis=0)
    places = origin + spread * rng.standard_normal((POINTS, n))
    noise, surface.noise = surface.noise, 0.0
    H = surface.hessians(places)
    if surface.noise > EXACT:  # products of differences: better ones are made here
        H = np.array([_differenced(surface, z, spread) for z in places])
    surface.noise = max(noise, surface.noise)
    if not np.isfinite(H).all():
        return None
    V = _eigenvectors(H, rng)
    if V is None:
        return None
    M = np.abs(np.einsum("ji,kjl,lm->kim", V, H, V)).max(axis=0)
    d = np.sqrt(np.maximum(np.diag(M), 1e-300))
    coupling, last = M / d[:, None] / d, 0
    for threshold in COUPLED:
        count, label = connected_components(csr_array(coupling > threshold), directed=False)
        if count < 2 or count == last:
            continue
        last = count
        W = np.linalg.inv(V)
        found = Blocks(origin, [V[:, label == b] for b in range(count)], [W[label == b] for b in range(count)])
        if _holds(surface, found, spread, rng):
            return found
    return None


def _eigenvectors(H: Array, rng: np.random.Generator) -> Array | None:
    """Return the real vectors of the best conditioned of some pencils as columns, or None if all are singular."""
    best, least = None, np.inf
    for _ in range(TRIES):
        A, B = np.einsum("tk,kij->tij", rng.standard_normal((2, len(H))), H)
        with np.errstate(all="ignore"):
            try:
                w, X = scipy.linalg.eig(A, B)
            except (ValueError, np.linalg.LinAlgError):
                continue
        if not np.isfinite(w).all():
            continue
        V = np.where(w.imag >= 0, X.real, X.imag)  # a pair of conjugate vectors gives its real and its imaginary part
        V = V / np.maximum(np.linalg.norm(V, axis=0), 1e-300)
        condition = float(np.linalg.cond(V))
        if condition < least:
            best, least = V, condition
    return best if least < 1e12 else None


def _differenced(surface: Surface, z: Array, spread: Array) -> Array:
    """Return the Hessian by central differences of order six, over that of the lengths at which it changes least."""
    n, made = len(z), []
    for length in LENGTHS:
        h = length * spread
        ways = OFFSETS[:, None, None] * np.diag(h)
        G = surface.grads((z + ways).reshape(-1, n))[1].reshape(len(OFFSETS), n, n)
        D = np.einsum("s,sij->ij", STENCIL, G) / h[:, None]
        made.append(np.asarray(0.5 * (D + D.T)))
    changes = [float(np.abs(a - b).max()) for a, b in pairwise(made)]
    return made[int(np.argmin(changes)) + 1]


def _holds(surface: Surface, blocks: Blocks, spread: Array, rng: np.random.Generator) -> bool:
    """Return whether gradients at random points, near and far, are those of the sum."""
    far = np.repeat([0.1, 0.5, 1.0, 2.0, 4.0], 3)[:, None]
    Z = blocks.origin + far * spread * rng.standard_normal((len(far), len(spread)))
    _, whole = surface.grads(Z)
    for V, W in zip(blocks.bases, blocks.inverses, strict=True):
        _, alone = surface.grads(blocks.origin + (Z - blocks.origin) @ W.T @ V.T)
        a, b = whole @ V, alone @ V
        size = np.abs(whole) @ np.abs(V)  # the terms that a is a sum of
        if not np.isfinite(b).all() or not (np.abs(a - b) <= WRONG * np.maximum(np.abs(b), 1e-3 * size)).all():
            return False
    return True
