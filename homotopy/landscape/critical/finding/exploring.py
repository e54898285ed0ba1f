"""From every point known along its eigenvectors to the points next to it, until nothing new comes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from homotopy.landscape.critical.collecting import Collector
from homotopy.landscape.critical.moving.follow import follow
from homotopy.landscape.critical.moving.surface import Array

__all__ = ["explore"]

AWAY = 0.1
"""How far searches begin from a point, in lengths over which points are spread."""
CHEAPEST = 6
"""Of the eigenvectors of positive curvature those of the smallest are followed up."""
TOGETHER, STEPS = 64, 50
"""Points explored at once, and the most steps of one search."""


def explore(collector: Collector, places: Sequence[int] | None = None) -> None:
    """Follow eigenvectors down and up from points, and from those found so, until nothing new comes.

    Parameters
    ----------
    collector : Collector
        What is known, and what is added to.
    places : sequence of int or None
        Which points to begin from; None is all.

    Notes
    -----
    From a point of index m, moved both ways along each eigenvector of negative curvature, searches go uphill along the
    m - 1 others; along each of the six of least positive curvature they go uphill along m + 1.
    Degenerate points have too many directions to go along, and are left out.
    """
    own = [place for place, family in enumerate(collector.families) if place == family]
    queue = own if places is None else list(places)
    collector.at_random = False
    while queue and collector.n_searches < collector.most:
        batch, queue = queue[:TOGETHER], queue[TOGETHER:]
        batch = [p for p in batch if collector.known.points[p].n_zero <= collector.known.points[p].n_symmetric]
        if not batch:
            continue
        Z, uphill, modes = _beside(collector, batch)
        search = follow(collector.surface, Z, uphill, length=collector.length, modes=modes, max_iter=STEPS)
        queue += collector.search(search, "eigenvector following", hits=False)
    collector.at_random = True


def _beside(collector: Collector, places: list[int]) -> tuple[Array, NDArray[np.int64], Array]:
    """Return displaced points, how many directions to go uphill along, and which."""
    n, step = collector.surface.size, AWAY * collector.length
    widest = min(n, 1 + max(collector.known.points[place].index for place in places))
    Z, uphill, modes = [], [], []
    for place in places:
        V, index = collector.bases[place][1], collector.known.points[place].index
        for j in range(min(n, index + CHEAPEST)):
            up = np.arange(n) < index
            up[j] = not up[j]
            columns = np.zeros((n, widest))
            columns[:, : up.sum()] = V[:, up]
            for sign in (-1.0, 1.0):
                Z.append(collector.places[place] + sign * step * V[:, j])
                uphill.append(int(up.sum()))
                modes.append(columns)
    return np.array(Z), np.array(uphill), np.array(modes)
