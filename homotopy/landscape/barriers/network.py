"""Minima and the ways between them that are known: grown by elastic bands until two of them are connected."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import DisjointSet

from homotopy.arguments import generator
from homotopy.landscape.barriers.band import relaxed, tangents, tops
from homotopy.landscape.barriers.connecting import joined
from homotopy.landscape.barriers.matching import Minima, described
from homotopy.landscape.barriers.saddles import climbed
from homotopy.landscape.critical.point import CriticalPoint
from homotopy.objectives.base import Seed, Vector

__all__ = ["Network", "Way"]

Array = NDArray[np.float64]
BOW = 0.6
"""How far an arc goes aside, in distances between its ends."""


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
    rng : Generator, int or None
        Draws the sides to which bands are bent.
    """

    def __init__(self, objective: Any, *, images: int, scale: float, rng: Seed = 0) -> None:
        self.objective, self.images, self.length = objective, images, scale
        self.rng = generator("rng", rng)
        self.minima = Minima(objective, symmetric=False)
        self.ways: list[Way] = []
        self.bands: list[Way] = []
        self.notes: list[str] = []
        self._tried: set[tuple[int, int]] = set()

    def connect(self, i: int, j: int, *, bands: int, bows: int = 0) -> bool:
        """Grow the network until two minima are connected, and then to lower the way; return whether they are.

        Parameters
        ----------
        i, j : int
            The minima.
        bands : int
            Elastic bands in all.
        bows : int
            How many of them at most begin as arcs to a random side.

        Notes
        -----
        What is connected below the top of the lowest way that is known, or by anything while none is, makes a side of
        i and a side of j. Each band is between the nearest minima of the two sides that were not tried; where none is
        left, and a way is known, it begins as an arc between i and j. Without a way the bands themselves serve, and a
        note says so.
        """
        for _ in range(bands):
            top = self.level(i, j)
            pair = self._nearest(i, j, below=top)
            if pair is not None:
                self._tried.add(pair)
                self._band(*pair)
            elif top < np.inf and bows > 0 and self.minima.points[i].x.size > 1:
                bows -= 1
                self._band(i, j, bow=BOW)
            else:
                break
        if self.level(i, j) < np.inf:
            return True
        self.notes.append("no chain of saddles was found: the barrier is that of a relaxed band, a bound from above")
        self.ways += self.bands
        return False

    def level(self, i: int, j: int) -> float:
        """Return the least value below which the known ways leave two minima apart: infinite without a way."""
        sets = DisjointSet(range(len(self.minima.points)))
        for way in sorted(self.ways, key=lambda one: one.level):
            sets.merge(*way.ends)
            if sets.connected(i, j):
                return way.level
        return np.inf

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

    def _nearest(self, i: int, j: int, *, below: float) -> tuple[int, int] | None:
        """Return the nearest two minima, one on either side, between which no band was tried."""
        sets = DisjointSet(range(len(self.minima.points)))
        for way in self.ways:
            if way.level < below:
                sets.merge(*way.ends)
        pairs = [(min(u, v), max(u, v)) for u in sets.subset(i) for v in sets.subset(j)]
        left = [pair for pair in pairs if pair not in self._tried]
        points = self.minima.points
        return min(left, key=lambda pair: float(np.linalg.norm(points[pair[0]].x - points[pair[1]].x)), default=None)

    def _band(self, i: int, j: int, *, bow: float = 0.0) -> None:
        """Relax a band between two minima and enter what its tops lead to."""
        a, b = (self.minima.points[k].x for k in (i, j))
        band, values = relaxed(self.objective, self._arc(a, b, bow))
        if not np.isfinite(values).all():
            return
        self.bands.append(Way((i, j), float(values.max()), band, None))
        along = tangents(band, values)
        for top in tops(values):
            saddle = climbed(self.objective, band[top], along[top - 1], scale=self.length)
            if saddle is not None and not any(self._is(way.saddle, saddle) for way in self.ways):
                self._enter(saddle)

    def _arc(self, a: Vector, b: Vector, bow: float) -> Array:
        """Return points from a to b on a line, or on an arc that goes as far to a random side as `bow` says."""
        share = np.linspace(0.0, 1.0, self.images + 2)[:, None]
        along = b - a
        side = self.rng.standard_normal(a.size) if bow else np.zeros(a.size)
        side -= along * (side @ along) / (along @ along)
        length = float(np.linalg.norm(side)) or 1.0
        return np.asarray(a + share * along + np.sin(np.pi * share) * bow * np.linalg.norm(along) * side / length)

    def _is(self, known: CriticalPoint | None, x: Vector) -> bool:
        return known is not None and bool(np.linalg.norm(known.x - x) <= 1e-6 * self.length)

    def _enter(self, x: Vector) -> None:
        """Enter a saddle and the minima on its sides."""
        saddle = described(self.objective, x, "eigenvector following")
        one = joined(self.minima, saddle)
        if one is not None and one.ends[0] != one.ends[1]:
            self.ways.append(Way(one.ends, saddle.value, one.path, saddle))
