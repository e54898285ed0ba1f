"""From every point known along its eigenvectors to the points next to it, until nothing new comes."""

from __future__ import annotations

import numpy as np

from homotopy.landscape.critical.collecting import Collector
from homotopy.landscape.critical.follow import follow
from homotopy.landscape.critical.surface import Array

__all__ = ["explore"]

AWAY = 0.1
"""How far searches begin from a point, in lengths over which points are spread."""
ROWS = 4096
STEPS = 50
"""The most steps of one search."""


def explore(collector: Collector, rng: np.random.Generator) -> None:
    """Follow eigenvectors down and up from every point until nothing new comes."""
    queue = list(range(len(collector.places)))
    while queue and collector.n_searches < collector.most:
        batch, queue = queue[:64], queue[64:]
        Z, uphill, modes = _beside(collector, batch)
        for first in range(0, len(Z), ROWS):
            part = slice(first, first + ROWS)
            search = follow(
                collector.surface, Z[part], uphill[part], length=collector.length, modes=modes[part], max_iter=STEPS
            )
            queue += collector.search(search, "eigenvector following", hits=False)


def _beside(collector: Collector, places: list[int]) -> tuple[Array, np.ndarray, Array]:
    """Return displaced points, how many directions to go uphill along, and which."""
    n, step = collector.surface.size, AWAY * collector.length
    Z, uphill, modes = [], [], []
    for place in places:
        w, V = collector.bases[place]
        point = collector.known.points[place]
        negative = np.arange(n) < point.index
        for j in range(n):
            up = negative.copy()
            up[j] = not up[j]
            columns = np.zeros((n, n))
            columns[:, : up.sum()] = V[:, up]
            for sign in (-1.0, 1.0):
                Z.append(collector.places[place] + sign * step * V[:, j])
                uphill.append(int(up.sum()))
                modes.append(columns)
    return np.array(Z), np.array(uphill), np.array(modes)
