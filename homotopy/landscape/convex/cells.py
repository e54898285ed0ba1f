"""The largest slope of a unit within each activation pattern: a projection on a cone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls

from homotopy.landscape.convex.patterns import Signs, unit_rows
from homotopy.landscape.convex.program import Program

__all__ = ["Cells", "Slopes", "distinct", "signs_of"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Slopes:
    """The largest slopes of units of the given patterns.

    Attributes
    ----------
    top : ndarray of shape (m, 2)
        For each pattern no less than the largest of g . units(u) over its unit vectors u, but for rounding, and of
        minus it; equal to it where there is a direction.
    directions : ndarray of shape (m, 2, r)
        Where it is reached, of norm one; zeros where that was not asked for.
    """

    top: Array
    directions: Array

    def bound(self, program: Program, g: Array) -> float:
        """Return the largest of all, and what rounding may do: no unit of these patterns has a larger slope."""
        return float(self.top.max(initial=0.0)) + program.rounding(g)


class Cells:
    r"""Activation patterns, and what earlier looks have left over for bounds of their slopes.

    Notes
    -----
    The largest of a . u over the unit ball within the cone A u >= 0 is the length of the projection of a on the cone,
    :math:`\min_{\nu \ge 0} |a + A^T \nu|`, a nonnegative least-squares problem; any such :math:`\nu` gives a bound
    from above. So does :math:`t \, A^T \nu` of an earlier a with the best t >= 0, which says of most cells that they
    need no new solution.
    """

    def __init__(self, program: Program, patterns: Signs) -> None:
        self.program, self.patterns = program, patterns
        self._rows = unit_rows(program.Z)
        self._pushes = np.zeros((len(patterns), 2, program.Z.shape[1]))

    def add(self, patterns: Signs) -> None:
        """Add patterns."""
        self.patterns = np.vstack([self.patterns, patterns])
        self._pushes = np.concatenate([self._pushes, np.zeros((len(patterns), *self._pushes.shape[1:]))])

    def slopes(self, g: Array, least: float, most: int | None = None) -> Slopes:
        """Return the largest slopes: bounds for cells whose bound is below `least`.

        With `most`, the largest so many are found, and the others have bounds.
        """
        program = self.program
        linear = (np.where(self.patterns > 0, 1.0, program.leak) * g) @ program.Z
        both = np.stack([linear, -linear], axis=1)
        along = np.einsum("mkr,mkr->mk", both, self._pushes)
        top = np.linalg.norm(both - np.minimum(along, 0.0)[..., None] * self._pushes, axis=2)
        directions = np.zeros(both.shape)
        order = np.argsort(-top, axis=None, kind="stable")
        exact: list[float] = []
        for place in order[: int((top >= least).sum())]:
            i, side = divmod(int(place), 2)
            if top[i, side] <= 0.0 or (most is not None and len(exact) >= most and top[i, side] <= min(exact)):
                break
            top[i, side], directions[i, side], self._pushes[i, side] = self._project(i, both[i, side])
            if most is not None:
                exact = sorted([*exact, float(top[i, side])])[-most:]
        return Slopes(top, directions)

    def _project(self, i: int, linear: Array) -> tuple[float, Array, Array]:
        """Return the largest slope within a cell, where it is reached, and the unit vector that pushes it there."""
        scale = float(np.linalg.norm(linear))
        along = linear / scale
        walls = self.patterns[i][:, None] * self._rows
        if (walls @ along >= 0).all():
            return scale, along, np.zeros_like(along)
        push = nnls(walls.T, -along)[0] @ walls
        rest, size = along + push, float(np.linalg.norm(push))
        length = float(np.linalg.norm(rest))
        direction = rest / length if length > 1e-9 else np.zeros_like(rest)
        return length * scale, direction, push / size if size > 0 else push


def signs_of(program: Program, U: Array) -> Signs:
    """Return the patterns (m, n) of directions (m, r), 1 where a sign is 0 to rounding; 0 for samples that are 0."""
    sides = program.sides(U, 1e-12)
    return np.where(program.Z.any(axis=1), np.where(sides == 0, 1, sides), 0).astype(np.int8)


def distinct(program: Program, directions: Array, angle: float = 1e-7) -> NDArray[np.intp]:
    """Return the indices of the first of each group of directions (m, r) that are within an angle, without units."""
    V = directions @ program.white[1].T
    V = V / np.linalg.norm(V, axis=1)[:, None]
    kept: list[int] = []
    for i, one in enumerate(V):
        if not kept or np.linalg.norm(V[kept] - one, axis=1).min() > angle:
            kept.append(i)
    return np.array(kept, dtype=np.intp)
