"""Which points are copies of each other: what a net's symmetries leave unchanged."""

from __future__ import annotations

from math import factorial
from typing import Any

import numpy as np

from homotopy.landscape.critical.moving.surface import Array
from homotopy.landscape.symmetry.units import Symmetries, symmetries_of
from homotopy.objectives.base import Vector

__all__ = ["Copies"]

SAMPLES = 16
"""Random inputs on which nets are compared before their weights are."""


class Copies:
    """The symmetries of an objective, as a census needs them.

    Parameters
    ----------
    objective : Objective
        Any objective; without symmetries known of it every point is its only copy.
    """

    def __init__(self, objective: Any) -> None:
        self.symmetries: Symmetries | None = symmetries_of(objective)
        self.model = getattr(objective, "model", None) if self.symmetries is not None else None
        self._forward = getattr(self.model, "forward", None)
        self._inputs: Array | None = None
        if self._forward is not None:
            self._inputs = np.random.default_rng(0).standard_normal((SAMPLES, int(self.model.sizes[0])))  # type: ignore[union-attr]

    def mark(self, x: Vector) -> Vector:
        """Return numbers that all copies share, shape (q,): the net's outputs on fixed random inputs; none without one."""
        if self._forward is None:
            return np.zeros(0)
        with np.errstate(all="ignore"):
            return np.asarray(self._forward(np.ascontiguousarray(x), self._inputs), dtype=np.float64).ravel()

    def distance(self, x: Vector, y: Vector, scale: Vector) -> float:
        """Return the distance from x to the nearest copy of y, each variable in units of its scale."""
        image = y if self.symmetries is None else self.symmetries.nearest(x, y)
        return float(np.linalg.norm((x - image) / scale))

    def number(self, x: Vector, near: float) -> int:
        """Return how many different copies x has; weights that differ by less than `near` are equal."""
        if self.model is None:
            return 1
        return _orbit(self.model, x, near, bool(getattr(self.symmetries, "odd", False)))


def _orbit(model: Any, x: Vector, near: float, odd: bool) -> int:
    """Return the orbit's size: in each layer h! 2^h over what leaves its units as they are."""
    layers, n = model.unpack(np.ascontiguousarray(x)), 1
    for (w, b), (after, _) in zip(layers[:-1], layers[1:], strict=True):
        units = np.hstack([w, after.T] if b is None else [w, np.asarray(b)[:, None], after.T])
        n *= factorial(len(units)) * (2 ** len(units) if odd else 1)
        left = list(range(len(units)))
        while left:
            unit = units[left[0]]
            equal = [i for i in left if np.abs(units[i] - unit).max() <= near]
            if odd:
                equal += [i for i in left if i not in equal and np.abs(units[i] + unit).max() <= near]
            silent = odd and float(np.abs(unit).max()) <= near
            n //= factorial(len(equal)) * (2 ** len(equal) if silent else 1)
            left = [i for i in left if i not in equal]
    return n
