"""Which points are copies of each other: what a net's symmetries leave unchanged."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.linalg import null_space

from homotopy.landscape.critical.moving.surface import Array
from homotopy.landscape.symmetry.canonical import canonical, orbit_size
from homotopy.landscape.symmetry.directions import symmetric_directions
from homotopy.landscape.symmetry.distances import distance, outputs
from homotopy.landscape.symmetry.group.asked import layout_of
from homotopy.landscape.symmetry.units import symmetries_of
from homotopy.objectives.base import Vector
from homotopy.objectives.facets import offered

__all__ = ["Copies"]

MOST = 1000
"""The most outputs on data that are compared."""
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
    linear : bool
        Whether units can be mixed.
    rigid : bool
        Whether copies have the same distances: the Hessians of two copies then have one spectrum.
    marked : bool
        Whether `mark` gives outputs.
    """

    def __init__(self, objective: Any) -> None:
        self.objective, self.symmetries = objective, symmetries_of(objective)
        layout: Any = layout_of(objective)
        self.known = layout is not None and bool(layout.widths)
        self.continuous = self.known and bool(layout.scales or layout.linear)
        self.linear = self.known and bool(layout.linear)
        self.rigid = not self.continuous and not (self.known and bool(layout.constant))
        model: Any = getattr(objective, "model", None)
        dense = self.known and hasattr(model, "forward") and not hasattr(model, "cell")
        self.marked = dense or (self.known and model is None and layout.shared)
        self._net = model if dense else objective
        self._outputs = objective.outputs if dense and offered(objective, "outputs") else None
        n_inputs = int(model.sizes[0] if dense else objective.d) if self.marked else 0
        self._inputs = np.random.default_rng(0).standard_normal((SAMPLES, n_inputs))

    def mark(self, x: Vector) -> Vector:
        """Return numbers that all copies share, shape (q,): the net's outputs on fixed random inputs, if it has any."""
        if not self.marked:
            return np.zeros(0)
        with np.errstate(all="ignore"):
            return outputs(self._net, x, self._inputs).ravel()

    def seen(self, x: Vector) -> Vector:
        """Return what the objective sees of a net: its outputs on the data; `mark` where there are none."""
        if self._outputs is None:
            return self.mark(x)
        with np.errstate(all="ignore"):
            return np.asarray(self._outputs.forward(np.ascontiguousarray(x)), dtype=np.float64).ravel()[:MOST]

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
        """Return an orthonormal basis of the directions of continuous symmetries at x, shape (m, n).

        Of linear layers it is that of all directions in which the function is unchanged: where units add nothing,
        symmetries move less of them than may move.
        """
        model: Any = getattr(self.objective, "model", None)
        if not self.known or hasattr(model, "cell"):
            return np.zeros((0, len(x)))
        if self.linear and not getattr(self.objective, "l2", 0.0) and hasattr(model, "jacobian"):
            inputs = np.random.default_rng(1).standard_normal((len(x), int(model.sizes[0])))
            J = np.asarray(model.jacobian(np.ascontiguousarray(x), inputs)).reshape(-1, len(x))
            return np.asarray(null_space(J, rcond=1e-9).T)
        return symmetric_directions(self.objective, x)
