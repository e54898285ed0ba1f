"""Minima and the ways between them that are known: grown by elastic bands until two of them are connected."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import DisjointSet

from homotopy.landscape.barriers.band import relaxed, tangents, tops
from homotopy.landscape.barriers.connecting import joined
from homotopy.landscape.barriers.matching import Minima, described
from homotopy.landscape.barriers.saddles import climbed
from homotopy.landscape.critical.point import CriticalPoint
from homotopy.objectives.base import Vector

__all__ = ["Network", "Way"]

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Way:
    """A path between two minima.

    Attributes
    ----------
    ends : tuple of int
        Their numbers.
    level : float
        The largest value on it.
    path : ndarray of shape (m, n)
        Its points, from the first to the second.
    saddle : CriticalPoint or None
        Its top; None of a band on whose top no saddle was found.
    """

    ends: tuple[int, int]
    level: float
    path: Array
    saddle: CriticalPoint | None


class Network:
    """Minima, each symmetric copy by itself, and ways between them.

    Parameters
    ----------
    objective : Objective
        The function.
    images : int
        Points of an elastic band between its ends.
    scale : float
        A length in the units of x.
    """

    def __init__(self, objective: Any, *, images: int, scale: float) -> None:
        self.objective, self.images, self.length = objective, images, scale
        self.minima = Minima(objective, symmetric=False)
        self.ways: list[Way] = []
        self.bands: list[Way] = []
        self.notes: list[str] = []
        self._tried: set[tuple[int, int]] = set()

    def connect(self, i: int, j: int, *, bands: int) -> bool:
        """Grow the network until two minima are connected or so many bands are spent; return whether they are.

        Each band is between the nearest minima of the two sides that were not tried; where none is left, or the number
        is spent, the bands themselves serve, and a note says so.
        """
        for _ in range(bands):
            if _together(self.ways, len(self.minima.points)).connected(i, j):
                return True
            pair = self._nearest(i, j)
            if pair is None:
                break
            self._tried.add(pair)
            self._band(*pair)
        if _together(self.ways, len(self.minima.points)).connected(i, j):
            return True
        self.notes.append("no chain of saddles was found: the barrier is that of a relaxed band, a bound from above")
        self.ways += self.bands
        return False

    def path(self, i: int, j: int) -> tuple[Array, CriticalPoint | None]:
        """Return the points of the lowest chain of ways between two connected minima, and the saddle at its top."""
        if i == j:
            return self.minima.points[i].x[None, :], None
        before = self._before(i)
        pieces, top, at = [self.minima.points[j].x[None, :]], None, j
        highest = -np.inf
        while at != i:
            way, at = before[at]
            forward = way.ends[0] == at
            pieces.append(way.path[:-1] if forward else way.path[:0:-1])
            if way.level > highest:
                highest, top = way.level, way.saddle
        return np.vstack(pieces[::-1]), top

    def _before(self, i: int) -> dict[int, tuple[Way, int]]:
        """Return how each minimum is reached from one, along the spanning tree of the lowest ways."""
        sets = DisjointSet(range(len(self.minima.points)))
        near: dict[int, list[tuple[Way, int]]] = {}
        for way in sorted(self.ways, key=lambda one: one.level):
            if sets.merge(*way.ends):
                for one, other in (way.ends, way.ends[::-1]):
                    near.setdefault(one, []).append((way, other))
        before: dict[int, tuple[Way, int]] = {}
        queue = deque([i])
        while queue:
            at = queue.popleft()
            for way, other in near.get(at, []):
                if other != i and other not in before:
                    before[other] = (way, at)
                    queue.append(other)
        return before

    def _nearest(self, i: int, j: int) -> tuple[int, int] | None:
        """Return the nearest two minima, one connected with i and one with j, between which no band was tried."""
        sets = _together(self.ways, len(self.minima.points))
        pairs = [(min(u, v), max(u, v)) for u in sets.subset(i) for v in sets.subset(j)]
        left = [pair for pair in pairs if pair not in self._tried]
        points = self.minima.points
        return min(left, key=lambda pair: float(np.linalg.norm(points[pair[0]].x - points[pair[1]].x)), default=None)

    def _band(self, i: int, j: int) -> None:
        """Relax a band between two minima and enter what its tops lead to."""
        a, b = (self.minima.points[k].x for k in (i, j))
        band, values = relaxed(self.objective, a, b, images=self.images)
        if not np.isfinite(values).all():
            return
        self.bands.append(Way((i, j), float(values.max()), band, None))
        along = tangents(band, values)
        for top in tops(values):
            saddle = climbed(self.objective, band[top], along[top - 1], scale=self.length)
            if saddle is not None and not any(self._is(way.saddle, saddle) for way in self.ways):
                self._enter(saddle)

    def _is(self, known: CriticalPoint | None, x: Vector) -> bool:
        return known is not None and bool(np.linalg.norm(known.x - x) <= 1e-6 * self.length)

    def _enter(self, x: Vector) -> None:
        """Enter a saddle and the minima on its sides."""
        saddle = described(self.objective, x, "eigenvector following")
        one = joined(self.minima, saddle)
        if one is not None and one.ends[0] != one.ends[1]:
            self.ways.append(Way(one.ends, saddle.value, one.path, saddle))


def _together(ways: list[Way], n: int) -> DisjointSet:
    """Return which of n minima are connected by ways."""
    sets = DisjointSet(range(n))
    for way in ways:
        sets.merge(*way.ends)
    return sets
