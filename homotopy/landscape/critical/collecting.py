"""The ends of searches, polished, judged and put among the points known."""

from __future__ import annotations

from typing import Any

import numpy as np

from homotopy.landscape.classify.escapes import escapes
from homotopy.landscape.critical.copies import Copies
from homotopy.landscape.critical.finding.mirrors import mirrors
from homotopy.landscape.critical.judging import completed, judged
from homotopy.landscape.critical.known import Known
from homotopy.landscape.critical.moving.follow import Search
from homotopy.landscape.critical.moving.polish import Polished, polish
from homotopy.landscape.critical.moving.surface import Array, Surface
from homotopy.landscape.critical.point import morse_sum
from homotopy.landscape.critical.points import CriticalPoints

__all__ = ["Collector"]

OUTSIDE = 30.0
"""A search that ends nowhere, so many lengths and distances of starts out, was on its way to infinity."""


class Collector:
    """What a census has found so far.

    Attributes
    ----------
    known : Known
        The points.
    places : list of ndarray of shape (n,)
        Where each was found, in units of size one.
    bases : list of (ndarray, ndarray)
        Eigenvalues and eigenvectors of the Hessian of each in the same units.
    meets : list of int
        How many searches that began at random points ended at each.
    families : list of int
        The place of the point that each is a mirror image of, or its own.
    at_random : bool
        Whether searches begin at random points now, and not beside those known.
    growing : bool
        Whether the function is known to grow in all directions, so that `morse_sum` is 1 where all points are known.
    """

    def __init__(
        self, surface: Surface, copies: Copies, length: float, *, curvature: float, most: int, home: float
    ) -> None:
        self.surface, self.copies, self.length, self.most, self.home = surface, copies, length, most, home
        self.curvature = curvature
        self.known = Known(copies, surface.scale, length, curvature * length**2)
        self.places: list[Array] = []
        self.bases: list[tuple[Array, Array]] = []
        self.meets: list[int] = []
        self.at_random, self.growing = True, False
        self.mirrors, self.families = mirrors(surface.objective), list[int]()
        self.n_searches = self.n_escaped = self.n_failed = 0

    def search(self, search: Search, found_by: Any, *, hits: bool = True) -> list[int]:
        """Take the ends of searches; return the places of points that are new."""
        gone = search.far | ~search.ended
        self.n_searches += int(gone.sum())
        self.n_failed += int(gone.sum()) if hits else 0
        names = np.broadcast_to(np.asarray(found_by), len(search.Z))
        return self.take(search.Z[~gone], names[~gone], hits=hits)

    def take(self, Z: Array, found_by: Any, *, hits: bool) -> list[int]:
        """Polish points and keep those that are critical, with their mirror images; return the places of new ones.

        The images are not among these: what lies beside them are images, too.
        """
        new = self._taken(Z, found_by, hits=hits)
        at_random, self.at_random = self.at_random, False
        for place in new:
            point, first = self.known.points[place], len(self.places)
            if self.mirrors and point.n_zero <= point.n_symmetric:
                images = np.array([mirror(point.x) for mirror in self.mirrors])
                self._taken(self.surface.z(images), "symmetry", hits=False)
                self.families[first:] = [self.families[place]] * (len(self.places) - first)
        self.at_random = at_random
        return [place for place in new if self.families[place] == place]

    def _taken(self, Z: Array, found_by: Any, *, hits: bool) -> list[int]:
        names = np.broadcast_to(np.asarray(found_by), len(Z))
        new: list[int] = []
        rows = max(1, min(4096, 4_000_000 // self.surface.size**2))
        for first in range(0, len(Z), rows):
            part = slice(first, first + rows)
            done = polish(self.surface, Z[part], length=self.length)
            self.n_searches += len(done.Z)
            new += [p for i in range(len(done.Z)) for p in self._keep(done, i, str(names[part][i]), hits)]
        return new

    def _keep(self, done: Polished, i: int, found_by: str, hits: bool) -> list[int]:
        out = not np.linalg.norm(done.Z[i]) < OUTSIDE * max(self.length, self.home)
        if not done.good[i]:
            x = self.surface.x(done.Z[i])
            gone = hits and found_by == "descent" and (out or bool(escapes(self.surface.objective, x)))
            return self._lost(escaped=gone, hits=hits)
        point = judged(self.surface, done, i, found_by, self.curvature)
        place = self.known.find(point)
        if place is not None:
            self.known.hit(place, int(hits))
            self.meets[place] += int(self.at_random)
            return []
        if point.n_zero and (out or escapes(self.surface.objective, point.x)):
            return self._lost(escaped=True, hits=hits)
        point, own = completed(self.surface, self.copies, point, done.Z[i], self.length, self.curvature)
        self.places.append(own.Z[0])
        self.bases.append((own.eigenvalues[0], own.vectors[0]))
        self.meets.append(int(self.at_random))
        self.families.append(len(self.families))
        return [self.known.append(point, int(hits))]

    def _lost(self, *, escaped: bool, hits: bool) -> list[int]:
        """Count a search that ended at no point; there is none to return."""
        self.n_escaped += int(escaped and hits)
        self.n_failed += int(hits and not escaped)
        return []

    @property
    def n_uphill(self) -> int:
        """How many numbers of directions uphill are tried: from none to one more than at any point known."""
        top = max((point.index for point in self.known.points), default=0)
        return min(top + 1, self.surface.size) + 1

    def morse_sum(self) -> int | None:
        """Return `CriticalPoints.morse_sum` of what is known by now."""
        return morse_sum(self.known.points)

    def points(self, n_starts: int) -> CriticalPoints:
        """Return the census."""
        counts = {"n_starts": n_starts, "n_escaped": self.n_escaped, "n_failed": self.n_failed}
        return CriticalPoints(self.surface.objective, self.known.points, notes=self._notes(), **counts)

    def _notes(self) -> list[str]:
        """Return what is to be said of the census, in sentences."""
        notes, total = [], self.morse_sum()
        flat = sum(point.n_zero > point.n_symmetric for point in self.known.points)
        if flat:
            notes.append(
                f"{flat} points have zero eigenvalues that no symmetry explains; a flat set may stand as several"
            )
        if self.growing and total not in (None, 1):
            notes.append(f"the sum of (-1)^index over all copies is {total} and not 1, so that points are missing")
        if self.n_searches >= self.most:
            notes.append(f"the search ended at max_searches = {self.most}, so that points may be missing")
        return notes
