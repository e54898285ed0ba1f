"""A net with outputs on some of its samples."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.objectives.base import Vector
from homotopy.objectives.outputs import NetObjective, curvature

__all__ = ["Subset"]

Array = NDArray[Any]


class Subset(NetObjective):
    """The mean loss of a net over some of its samples, the indices `keep`; the net is evaluated on all of them."""

    def __init__(self, objective: Any, keep: NDArray[np.intp]) -> None:
        self._all, self._keep = objective.outputs, keep
        self.size, self.loss = int(objective.size), self._all.loss
        self.targets = np.asarray(self._all.targets)[keep]
        self.l2 = float(getattr(objective, "l2", 0.0))

    def _spread(self, G: Array) -> Array:
        """Return G with zeros for the samples that are left out."""
        out = np.zeros(np.shape(self._all.targets))
        out[self._keep] = G
        return out

    def forward(self, x: Vector) -> Array:
        """Return the outputs at x, shape (m, k)."""
        return np.asarray(self._all.forward(x))[self._keep]

    def jvp(self, x: Vector, v: Vector) -> Array:
        """Return the derivative of the outputs along v, shape (m, k)."""
        return np.asarray(self._all.jvp(x, v))[self._keep]

    def vjp(self, x: Vector, G: Array) -> Vector:
        """Return the gradient of the sum of G times the outputs, shape (n,)."""
        return np.asarray(self._all.vjp(x, self._spread(G)))

    def curvature(self, x: Vector, G: Array, v: Vector) -> Vector:
        """Return the Hessian of the sum of G times the outputs, times v."""
        return curvature(self._all, x, self._spread(G), v)
