"""The points that a census knows, and whether another is one of them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np

from homotopy.landscape.critical.copies import Copies
from homotopy.landscape.critical.moving.surface import Array
from homotopy.landscape.critical.point import CriticalPoint
from homotopy.objectives.base import Vector

__all__ = ["Known"]

VALUES = 1e-9
"""Values that differ by this part of their sizes may be equal, that of the largest difference between values known."""
SHARP, BLUNT = 1e-8, 1e-5
"""To what part of their spread places are known, at best and at worst, where no eigenvalue is zero."""
ROUNDINGS = 1e3
"""Between these it is so many roundings times the condition of the Hessian."""
AT_ORIGIN = 1e3
"""A point nearer to the origin than so many Newton steps is there: nothing else says how large its rounding is."""
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
    height : float
        By how much values differ over that length, as the curvature makes them.

    Attributes
    ----------
    points : list of CriticalPoint
        The points, in the order of their finding.

    Notes
    -----
    Two points are one where their values are equal to rounding, and their indices, and

    - of nets: their outputs on 16 random inputs, their spectra and the sizes of their weights; or where units can be
      scaled or mixed, or logistic units flipped, their outputs, and their distance modulo symmetry;
    - else: their places.

    All of these are compared over the largest of their kind, to a thousand roundings times the condition of the
    Hessian, at least 1e-8 and at most 1e-5. Of two points with zero eigenvalues the indices may differ, places are
    compared to 1e-2, and with continuous symmetries equal outputs are enough.
    """

    def __init__(self, copies: Copies, scale: Vector, length: float, height: float) -> None:
        self.copies, self.scale, self.length, self.height = copies, scale, length, height
        self.points: list[CriticalPoint] = []
        self._prints: list[Vector] = []
        self._largest: Vector = np.zeros(0)  # of all prints
        self._parts = (0, 0, 0)  # how long the parts of a print are
        self._order: list[tuple[float, int]] = []  # values with places in `points`, ascending

    @classmethod
    def of(cls, objective: Any, points: Iterable[CriticalPoint]) -> Known:
        """Return an empty catalogue in the units of x itself, whose length is the size of the largest of the points.

        Over its own size a point at the origin would be none that is met there again, with other rounding.
        """
        points = tuple(points)
        length = max((float(np.linalg.norm(point.x)) for point in points), default=0.0)
        largest = max((float(np.abs(point.eigenvalues).max(initial=0.0)) for point in points), default=0.0)
        return cls(Copies(objective), np.ones(int(objective.size)), length, largest * length**2)

    def find(self, point: CriticalPoint) -> int | None:
        """Return the place of the point that this one is a copy of, or None."""
        spread = self._order[-1][0] - self._order[0][0] if self._order else 0.0
        terms = float(np.abs(point.eigenvalues).max(initial=0.0)) * float(point.x @ point.x)  # what rounding may be of
        near = (100.0 if point.n_zero else 1.0) * (
            VALUES * spread + 1e-11 * (abs(point.value) + terms) + 1e-13 * self.height
        )
        low = bisect_left(self._order, (point.value - near, -1))
        high = bisect_right(self._order, (point.value + near, len(self.points)))
        if low == high:
            return None
        if _at_origin(point):
            return next((place for _, place in self._order[low:high] if _at_origin(self.points[place])), None)
        mark = self._print(point)
        within = _accuracy(point)
        for _, place in self._alike(mark, self._order[low:high], within, bool(point.n_zero)):
            if self._same(point, self.points[place], within):
                return place
        return None

    def _print(self, point: CriticalPoint) -> Vector:
        """Return the numbers that copies share: a net's outputs on data and random inputs, its weights' sizes."""
        copies, x = self.copies, point.x
        if not copies.known:
            return x / self.scale
        seen, mark = copies.seen(x), copies.mark(x)
        sizes = copies.sizes(x) if copies.rigid else np.zeros(0)
        self._parts = len(seen), len(mark), len(sizes)
        return np.concatenate([seen, mark, sizes])

    def _alike(
        self, mark: Vector, some: list[tuple[float, int]], accuracy: float, flat: bool
    ) -> list[tuple[float, int]]:
        """Return those of some places whose prints are equal as far as rounding allows; of flat ones on the data."""
        if not mark.size:
            return some
        others: Array = np.array([self._prints[place] for _, place in some])
        if not self.copies.known:
            within = np.full(len(mark), (FLAT if flat else accuracy) * self.length)
        else:
            starts = np.cumsum((0, *self._parts))
            sizes = [self._largest[a:b].max(initial=0.0) for a, b in pairwise(starts)]
            within = np.repeat(sizes, self._parts) * (1e-3 if flat else accuracy)
            if flat:
                within[self._parts[0] :] = np.inf
        good = (np.abs(others - mark) <= within).all(axis=1)
        return [some[i] for i in np.flatnonzero(good)]

    def _same(self, a: CriticalPoint, b: CriticalPoint, accuracy: float) -> bool:
        flat = bool(a.n_zero and b.n_zero)
        if a.index != b.index and not flat:
            return False
        if flat and self.copies.marked:
            return True
        if not flat and self.copies.rigid:
            if np.abs(a.eigenvalues - b.eigenvalues).max() > 10 * accuracy * np.abs(a.eigenvalues).max():
                return False
            if self.copies.known:
                return True
        return self.copies.distance(a.x, b.x, self.scale) <= (FLAT if flat else accuracy) * self.length

    def append(self, point: CriticalPoint, hits: int) -> int:
        """Add a point that is not known; return its place."""
        place, mark = len(self.points), self._print(point)
        self.points.append(replace(point, hits=hits))
        self._prints.append(mark)
        self._largest = np.abs(mark) if not place else np.maximum(self._largest, np.abs(mark))
        insort(self._order, (point.value, place))
        return place

    def hit(self, place: int, hits: int) -> None:
        """Count searches that ended at a known point."""
        if hits:
            old = self.points[place]
            self.points[place] = replace(old, hits=old.hits + hits)

    def add(self, point: CriticalPoint) -> None:
        """Keep a point with its hits; one that is known gets these."""
        place = self.find(point)
        if place is None:
            self.append(point, point.hits)
        else:
            self.hit(place, point.hits)


def _accuracy(point: CriticalPoint) -> float:
    """Return to what part of the spread a point's place is known."""
    sizes = np.sort(np.abs(point.eigenvalues))[point.n_zero :]
    if not sizes.size or not sizes[0] > 0.0:
        return BLUNT
    return float(np.clip(ROUNDINGS * np.finfo(np.float64).eps * sizes[-1] / sizes[0], SHARP, BLUNT))


def _at_origin(point: CriticalPoint) -> bool:
    """Return whether a point is the origin as far as its own gradient can tell."""
    if point.n_zero:
        return not point.x.any()
    stiff = float(np.abs(point.eigenvalues).min(initial=np.inf))
    return float(np.linalg.norm(point.x)) * stiff <= AT_ORIGIN * point.grad_norm
