"""Points on their way to infinity, where units saturate: gradients vanish there to rounding, and nothing is."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from homotopy.landscape.critical.moving.follow import eigen
from homotopy.landscape.critical.moving.surface import Array, Surface

__all__ = ["far_and_flat", "on_its_way"]

FLAT = 1e-9
"""Eigenvalues below this part of the largest are zero."""
FAR = 10.0
"""Points so many spreads of the starts out are far."""
PART = 0.05
"""The least part of z that lies in flat directions, of a point that is on its way along them."""
BACK, ON = (0.3, 0.6, 0.9), (1.0, 10.0, 100.0)
"""How far points are moved back to the origin and on, in parts of themselves."""


def far_and_flat(surface: Surface, Z: Array, spread: float) -> NDArray[np.bool_]:
    """Return which points lie far out where the Hessian is singular, as those do that descents to infinity end at."""
    w, _ = eigen(surface.hessians(Z))
    with np.errstate(all="ignore"):
        sizes = np.abs(w)
        singular = ~(sizes.min(axis=1) > FLAT * sizes.max(axis=1))
        return np.asarray(singular & ~(np.linalg.norm(Z, axis=1) <= FAR * spread))


def on_its_way(surface: Surface, z: Array, w: Array, V: Array, length: float) -> bool:
    """Return whether a point of small gradient is one of those that lead to infinity along flat directions.

    Parameters
    ----------
    surface : Surface
        The function.
    z : ndarray of shape (n,)
        The point.
    w, V : ndarray of shape (n,) and (n, n)
        Eigenvalues and eigenvectors of the Hessian there.
    length : float
        Over what length points are spread.

    Notes
    -----
    With u the part of z in directions whose eigenvalues are below 1e-9 of the largest: where f rises from z to
    z - 0.3 u, z - 0.6 u or z - 0.9 u, by more than a millionth of what the curvature makes of such a step elsewhere,
    and not from z to z + u, z + 10 u or z + 100 u, units have saturated along u, and the limit lies at infinity.
    """
    largest = float(np.abs(w).max(initial=0.0))
    N = V[:, np.abs(w) <= FLAT * largest]
    u = N @ (N.T @ z)
    size = float(np.linalg.norm(u))
    if not size > PART * float(np.linalg.norm(z)):
        return False
    back, on = (z - np.outer(t, u) for t in (BACK, [-t for t in ON]))
    values = surface.grads(np.vstack([z, back, on]))[0]
    enough = 1e-6 * max(largest * length**2, 1e-6 * abs(float(values[0])))
    rise = values[1:] - values[0]
    with np.errstate(all="ignore"):
        return bool((rise[:3] > enough).any() and (rise[3:] <= 1e-9 * enough).all() and np.isfinite(values).all())
