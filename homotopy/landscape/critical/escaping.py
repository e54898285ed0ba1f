"""Ends of descents that are on their way to infinity, where units saturate."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from homotopy.landscape.critical.moving.follow import eigen
from homotopy.landscape.critical.moving.surface import Array, Surface

__all__ = ["far_and_flat"]

FLAT = 1e-9
"""Eigenvalues below this part of the largest are zero."""
FAR = 10.0
"""Points so many times as far out as the starts are far."""


def far_and_flat(surface: Surface, Z: Array, starts: float) -> NDArray[np.bool_]:
    """Return which points lie far out where the Hessian is singular, as those do that descents to infinity end at."""
    w, _ = eigen(surface.hessians(Z))
    with np.errstate(all="ignore"):
        sizes = np.abs(w)
        singular = ~(sizes.min(axis=1) > FLAT * sizes.max(axis=1))
        return np.asarray(singular & ~(np.linalg.norm(Z, axis=1) <= FAR * starts))
