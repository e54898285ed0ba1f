"""What polished points are: index, zero modes, kind."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from homotopy.landscape.critical.copies import Copies
from homotopy.landscape.critical.moving.polish import Polished, polish
from homotopy.landscape.critical.moving.surface import Array, Surface
from homotopy.landscape.critical.point import CriticalPoint

__all__ = ["completed", "judged", "kind_of"]

ZERO = 1e-9
"""An eigenvalue below this part of the largest is zero, where the Hessians' own noise is not larger.

The largest there, or as it is about a length away where that is larger: at a minimum like x^4 all are small.
"""
NOTHING = 1e-10
"""An entry below this part of the length over which points are spread may be zero."""


def kind_of(n: int, index: int, n_zero: int, n_symmetric: int) -> str:
    """Return the kind of a point of n variables."""
    if index:
        return "maximum" if index == n else "saddle"
    return "minimum" if n_zero <= n_symmetric else "degenerate"


def judged(surface: Surface, done: Polished, i: int, found_by: str, curvature: float) -> CriticalPoint:
    """Return the i-th polished point with its spectrum, as if there were no symmetries."""
    w = done.eigenvalues[i]
    zero = max(ZERO, 10.0 * surface.noise) * max(float(np.abs(w).max()), curvature)
    index, n_zero = int((w < -zero).sum()), int((np.abs(w) <= zero).sum())
    return CriticalPoint(
        x=surface.x(done.Z[i]),
        value=float(done.values[i]),
        grad_norm=float(np.linalg.norm(done.grads[i] / surface.scale)),
        index=index,
        eigenvalues=_in_x(surface, done, i),
        n_zero=n_zero,
        kind=kind_of(surface.size, index, n_zero, 0),
        found_by=found_by,
    )


def completed(
    surface: Surface, copies: Copies, point: CriticalPoint, place: Array, length: float, curvature: float
) -> tuple[CriticalPoint, Polished]:
    """Return a new point with what its symmetries say, and itself as it was polished.

    A point on a curve of copies is moved to the balanced one, which all of them share. Entries that are zero to
    rounding become zero, where the gradient is no larger then: units that add nothing have fewer copies.
    """
    done = polish(surface, place[None], length=length, max_iter=0)
    x = copies.representative(point.x)
    if x is not point.x:
        balanced = polish(surface, surface.z(x)[None], length=length)
        if balanced.good[0]:
            done, point = balanced, judged(surface, balanced, 0, point.found_by, curvature)
    clean = np.where(np.abs(done.Z[0]) <= NOTHING * length, 0.0, done.Z[0])
    if (clean != done.Z[0]).any():
        cleaned = polish(surface, clean[None], length=length, max_iter=0)
        rounding = 1e-13 * np.abs(done.eigenvalues[0]).max() * length
        if np.linalg.norm(cleaned.grads[0]) <= max(np.linalg.norm(done.grads[0]), rounding):
            done, point = cleaned, judged(surface, cleaned, 0, point.found_by, curvature)
    n_symmetric = min(len(copies.directions(point.x)), point.n_zero) if point.n_zero else 0
    kind = kind_of(surface.size, point.index, point.n_zero, n_symmetric)
    return replace(point, n_symmetric=n_symmetric, multiplicity=copies.number(point.x), kind=kind), done


def _in_x(surface: Surface, done: Polished, i: int) -> Array:
    """Return the eigenvalues in units of x; where all variables have one scale they are those in z."""
    s = surface.scale
    if (s == s[0]).all():
        return np.asarray(done.eigenvalues[i] / s[0] ** 2)
    V, w = done.vectors[i], done.eigenvalues[i]
    return np.linalg.eigvalsh(((V * w) @ V.T) / s[:, None] / s)
