"""The largest slope of a unit within each activation pattern: a projection on a cone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls

from homotopy.landscape.convex.patterns import Signs
from homotopy.landscape.convex.program import EPS, Program

__all__ = ["Slopes", "cone_slope", "distinct", "signs_of", "slopes"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Slopes:
    """The largest slopes of units of the given patterns.

    Attributes
    ----------
    top : ndarray of shape (m, 2)
        For each pattern the largest of g . units(u) over its unit vectors u, and of minus it; bounds from above but for
        rounding, 0 where there is no positive one. Those below `least` may be larger bounds.
    directions : ndarray of shape (m, 2, r)
        Where it is reached, of norm one; zeros where the slope was below `least`.
    """

    top: Array
    directions: Array

    def bound(self, program: Program, g: Array) -> float:
        """Return the largest of all, and what rounding may do: no unit of these patterns has a larger slope."""
        size = float(np.abs(g) @ np.linalg.norm(program.Z, axis=1))
        return float(self.top.max(initial=0.0)) + 4.0 * (len(g) + 8) * EPS * size


def slopes(program: Program, patterns: Signs, g: Array, *, least: float = 0.0) -> Slopes:
    """Return the largest slopes within cells; where a simple bound of one is below `least`, that bound."""
    gates = np.where(patterns > 0, 1.0, program.leak)
    linear = (gates * g) @ program.Z
    norms = np.linalg.norm(linear, axis=1)
    top, directions = np.repeat(norms[:, None], 2, axis=1), np.zeros((len(linear), 2, linear.shape[1]))
    lengths = np.linalg.norm(program.Z, axis=1)
    rows = program.Z / np.where(lengths > 0, lengths, 1.0)[:, None]
    for i in np.flatnonzero((norms >= least) & (norms > 0)):
        walls = patterns[i][:, None] * rows
        for side, sign in enumerate((1.0, -1.0)):
            top[i, side], directions[i, side] = cone_slope(sign * linear[i], walls)
    return Slopes(top, directions)


def cone_slope(linear: Array, walls: Array) -> tuple[float, Array]:
    r"""Return the largest of linear . u over the unit ball within the cone walls u >= 0, and its unit vector.

    Notes
    -----
    It is the length of the projection on the cone, :math:`\min_{\nu \ge 0} |a + A^T \nu|`; any such :math:`\nu` gives
    a bound from above.
    """
    inside = walls @ linear
    if (inside >= 0).all():
        length = float(np.linalg.norm(linear))
        return length, linear / length
    scale = float(np.linalg.norm(linear))
    weights, _ = nnls(walls.T, -linear / scale)
    rest = linear / scale + weights @ walls
    length = float(np.linalg.norm(rest))
    return length * scale, rest / length if length > 1e-9 else np.zeros_like(rest)


def signs_of(program: Program, U: Array) -> Signs:
    """Return the patterns (m, n) of directions (m, r), 1 where a sign is 0 to rounding; 0 for samples that are 0."""
    lengths = np.linalg.norm(program.Z, axis=1)
    values = U @ program.Z.T
    sizes = 1e-12 * np.linalg.norm(U, axis=1)[:, None] * lengths
    return np.where(lengths > 0, np.where(values >= -sizes, 1, -1), 0).astype(np.int8)


def distinct(directions: Array, angle: float = 1e-7) -> NDArray[np.intp]:
    """Return the indices of the first of each group of unit vectors (m, r) that are within an angle of each other."""
    kept: list[int] = []
    for i, one in enumerate(directions):
        if not kept or np.linalg.norm(directions[kept] - one, axis=1).min() > angle:
            kept.append(i)
    return np.array(kept, dtype=np.intp)
