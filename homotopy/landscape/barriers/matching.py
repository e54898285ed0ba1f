"""Which known minimum a point is, up to symmetry."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from homotopy.landscape.barriers.spectrum import modes
from homotopy.landscape.critical.copies import Copies
from homotopy.landscape.critical.judging import kind_of
from homotopy.landscape.critical.point import CriticalPoint
from homotopy.objectives.base import Vector

__all__ = ["NEAR", "Minima", "described", "family_width"]

NEAR = 1e-5
"""Points nearer than this share of the largest known one are the same."""
FLAT = 1e-7
"""Values nearer than this share of the largest difference of values belong to one flat family."""


class Minima:
    """Minima, in the order in which they were met, symmetric copies once.

    Parameters
    ----------
    objective : Objective
        What they are minima of.
    points : iterable of CriticalPoint
        Those that are known.
    symmetric : bool
        Whether symmetric copies are the same.
    """

    def __init__(self, objective: Any, points: Iterable[CriticalPoint] = (), *, symmetric: bool = True) -> None:
        self.objective, self.points = objective, list(points)
        self.copies = Copies(objective) if symmetric else None

    @property
    def scale(self) -> float:
        """The norm of the largest one, and one where all are zero."""
        return max((float(np.linalg.norm(point.x)) for point in self.points), default=0.0) or 1.0

    def image(self, x: Vector, known: Vector) -> Vector:
        """Return the symmetric copy of a known point that is nearest to x."""
        group = None if self.copies is None else self.copies.symmetries
        return np.asarray(known if group is None else group.nearest(x, known))

    def distance(self, x: Vector, known: Vector) -> float:
        """Return how far x is from the nearest symmetric copy of a known point."""
        if self.copies is None:
            return float(np.linalg.norm(x - known))
        return self.copies.distance(x, known, np.ones(x.size))

    def find(self, x: Vector, value: float) -> int | None:
        """Return the number of the minimum that x is, or None where it is none of them.

        Of a flat family, whose points have zero eigenvalues that no symmetry explains, any point of that value is.
        """
        scale = max(self.scale, float(np.linalg.norm(x)))
        values = [point.value for point in self.points]
        spread = max(values, default=0.0) - min(values, default=0.0)
        for i, point in enumerate(self.points):
            apart = abs(value - point.value)
            bend = float(np.abs(point.eigenvalues).max(initial=0.0))
            if point.n_zero > point.n_symmetric and apart <= family_width(spread, bend, scale**2):
                return i
            rounding = 1e-8 * (abs(value) + abs(point.value)) + bend * (NEAR * scale) ** 2
            if apart <= rounding and self.distance(x, point.x) <= NEAR * scale:
                return i
        return None

    def add(self, x: Vector) -> int:
        """Return the number of the minimum that x is, which is entered if it is new."""
        found = self.find(x, float(self.objective.value(x)))
        if found is None:
            self.points.append(described(self.objective, x))
            found = len(self.points) - 1
        return found


def family_width(spread: float, bend: float, square: float) -> float:
    """Return by how much values of one flat family may differ.

    Parameters
    ----------
    spread : float
        The largest difference of values.
    bend : float
        The largest curvature.
    square : float
        The squared size of the points.
    """
    return max(FLAT * spread, 1e-10 * bend * square)


def described(objective: Any, x: Vector, found_by: str = "descent") -> CriticalPoint:
    """Return a critical point with its spectrum, its zero modes told apart, and the number of its copies."""
    x, here = np.array(x), modes(objective, x)
    copies = Copies(objective)
    zero = int((np.abs(here.values) <= here.zero).sum())
    symmetric = min(zero, len(copies.directions(x))) if zero else 0
    return CriticalPoint(
        x,
        here.value,
        float(np.linalg.norm(here.grad)),
        here.index,
        np.array(here.values),
        n_zero=zero,
        n_symmetric=symmetric,
        kind=kind_of(x.size, here.index, zero, symmetric),
        multiplicity=copies.number(x),
        found_by=found_by,
    )
