"""Which points are copies of each other: what a net's symmetries leave unchanged."""

from __future__ import annotations

from typing import Any

import numpy as np

from homotopy.landscape.critical.moving.surface import Array
from homotopy.landscape.symmetry.canonical import canonical, orbit_size
from homotopy.landscape.symmetry.directions import symmetric_directions
from homotopy.landscape.symmetry.distances import distance
from homotopy.landscape.symmetry.group.asked import layout_of
from homotopy.landscape.symmetry.units import symmetries_of
from homotopy.objectives.base import Vector

__all__ = ["Copies"]

SAMPLES = 16
"""Random inputs on which nets are compared before their weights are."""
EQUAL = 1e-7
"""Weights of units that differ by this part of the largest are equal, for the number of copies."""


class Copies:
    """The symmetries of an objective, as a census needs them.

    Parameters
    ----------
    objective : Objective
        Any objective; without symmetries known of it every point is its only copy.

    Attributes
    ----------
    symmetries : Symmetries or None
        What gives the copy nearest to a point.
    continuous : bool
        Whether points may lie on curves of copies: units that can be scaled or mixed.
    rigid : bool
        Whether copies have the same distances: the Hessians of two copies then have one spectrum.
    marked : bool
        Whether `mark` gives outputs.
    """

    def __init__(self, objective: Any) -> None:
        self.objective, self.symmetries = objective, symmetries_of(objective)
        layout = layout_of(objective)
        self.known = layout is not None and bool(layout.widths)
        self.continuous = self.known and bool(layout.scales or layout.linear)  # type: ignore[union-attr]
        self.rigid = not self.continuous and not (self.known and bool(layout.constant))  # type: ignore[union-attr]
        self._inputs: Array | None = None
        self.marked = False
        model = getattr(objective, "model", None)
        self._forward = getattr(model, "forward", None) if self.known and not hasattr(model, "cell") else None
        self._rows = getattr(objective, "rows", None) if self.known and model is None else None
        inputs = int(model.sizes[0]) if self._forward is not None else int(getattr(objective, "d", 0))  # type: ignore[union-attr]
        if self._forward is not None or self._rows is not None:
            self.marked = True
            self._inputs = np.random.default_rng(0).standard_normal((SAMPLES, inputs))

    def mark(self, x: Vector) -> Vector:
        """Return numbers that all copies share, shape (q,): the net's outputs on fixed random inputs, if it has any."""
        with np.errstate(all="ignore"):
            if self._forward is not None:
                return np.asarray(self._forward(np.ascontiguousarray(x), self._inputs), dtype=np.float64).ravel()
            if self._rows is not None:
                return np.asarray(np.maximum(self._inputs @ self._rows(np.ascontiguousarray(x)).T, 0.0).sum(axis=1))
        return np.zeros(0)

    def sizes(self, x: Vector) -> Vector:
        """Return the sizes of the weights in ascending order, which rigid copies share."""
        return np.sort(np.abs(x))

    def distance(self, x: Vector, y: Vector, scale: Vector) -> float:
        """Return the distance from x to the nearest copy of y, each variable in units of its scale."""
        if self.known and not self.rigid:
            return distance(self.objective, x, y) / float(scale.max())
        image = y if self.symmetries is None else self.symmetries.nearest(x, y)
        return float(np.linalg.norm((x - image) / scale))

    def representative(self, x: Vector) -> Vector:
        """Return the balanced copy of a point on a curve of copies, and any other point itself."""
        return np.asarray(canonical(self.objective, x)) if self.continuous else x

    def number(self, x: Vector) -> int:
        """Return how many different copies x has under the discrete symmetries."""
        return orbit_size(self.objective, x, rtol=EQUAL) if self.known else 1

    def directions(self, x: Vector) -> Array:
        """Return an orthonormal basis of the directions of continuous symmetries at x, shape (m, n)."""
        if not self.known or hasattr(getattr(self.objective, "model", None), "cell"):
            return np.zeros((0, len(x)))
        return symmetric_directions(self.objective, x)
