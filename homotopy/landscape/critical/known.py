"""The points that a census knows, and whether another is one of them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from homotopy.landscape.critical.copies import Copies
from homotopy.landscape.critical.point import CriticalPoint
from homotopy.objectives.base import Vector

__all__ = ["SAME", "Known"]

VALUES = 1e-9
"""Values that differ by this part of their sizes may be equal, that of the largest difference between values known."""
MARKS = 1e-5
"""Spectra and outputs that differ by more of their sizes belong to different points."""
SAME = 1e-5
"""Points nearer than this part of the length over which they are spread are one."""
FLAT = 1e-2
"""The same where an eigenvalue is zero, so that rounding leaves the place open."""


class Known:
    """Critical points, each once.

    Parameters
    ----------
    copies : Copies
        The objective's symmetries.
    scale : ndarray of shape (n,)
        What variables are measured in.
    length : float
        Over what length points are spread, in units of `scale`.

    Attributes
    ----------
    points : list of CriticalPoint
        The points, in the order of their finding.
    """

    def __init__(self, copies: Copies, scale: Vector, length: float) -> None:
        self.copies, self.scale, self.length = copies, scale, length
        self.points: list[CriticalPoint] = []
        self._marks: list[Vector] = []
        self._largest = 0.0  # of all marks
        self._order: list[tuple[float, int]] = []  # values with places in `points`, ascending

    @classmethod
    def of(cls, objective: Any, points: Iterable[CriticalPoint]) -> Known:
        """Return an empty catalogue in the units of x itself, whose length is the size of the largest of the points.

        Over its own size a point at the origin would be none that is met there again, with other rounding.
        """
        length = max((float(np.linalg.norm(point.x)) for point in points), default=0.0)
        return cls(Copies(objective), np.ones(int(objective.size)), length)

    def find(self, point: CriticalPoint, mark: Vector | None = None) -> int | None:
        """Return the place of the point that this one is a copy of, or None."""
        mark = self.copies.mark(point.x) if mark is None else mark
        spread = self._order[-1][0] - self._order[0][0] if self._order else 0.0
        terms = float(np.abs(point.eigenvalues).max(initial=0.0)) * float(point.x @ point.x)  # what rounding may be of
        near = VALUES * spread + 1e-11 * (abs(point.value) + terms)
        if point.n_zero:
            near *= 100.0
        low = bisect_left(self._order, (point.value - near, -1))
        high = bisect_right(self._order, (point.value + near, len(self.points)))
        for _, place in self._order[low:high]:
            if self._same(point, mark, self.points[place], self._marks[place]):
                return place
        return None

    def _same(self, a: CriticalPoint, mark: Vector, b: CriticalPoint, other: Vector) -> bool:
        flat = bool(a.n_zero and b.n_zero)
        if a.index != b.index and not flat:
            return False
        if mark.size and not np.abs(mark - other).max() <= MARKS * self._largest * (100 if flat else 1):
            return False
        size = max(float(np.linalg.norm(a.x / self.scale)), float(np.linalg.norm(b.x / self.scale)))
        if flat:
            if mark.size and a.n_symmetric + b.n_symmetric:
                return True
        elif np.abs(a.eigenvalues - b.eigenvalues).max() > 10 * MARKS * np.abs(a.eigenvalues).max():
            return False
        within = (FLAT if flat else SAME) * (self.length or size)
        return self.copies.distance(a.x, b.x, self.scale) <= within

    def add(self, point: CriticalPoint, *, hits: int = 0) -> tuple[int, bool]:
        """Return the place of a point, and whether it is new; the one that is known gets the hits."""
        mark = self.copies.mark(point.x)
        place = self.find(point, mark)
        if place is not None:
            old = self.points[place]
            if hits:
                self.points[place] = replace(old, hits=old.hits + hits)
            return place, False
        place = len(self.points)
        self.points.append(replace(point, hits=hits))
        self._marks.append(mark)
        self._largest = max(self._largest, float(np.abs(mark).max(initial=0.0)))
        insort(self._order, (point.value, place))
        return place, True
