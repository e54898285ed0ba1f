"""Paths tried between minima that no known saddle connects."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.cluster.hierarchy import DisjointSet

from homotopy.landscape.barriers.connecting import Connections, joined
from homotopy.landscape.barriers.matching import NEAR, Minima
from homotopy.landscape.barriers.network import Network

__all__ = ["linked"]

IMAGES, BANDS = 12, 4  # of one attempt


def linked(objective: Any, known: Connections, *, attempts: int) -> Connections:
    """Return connections with those added that elastic bands find between parts that were not connected.

    Parameters
    ----------
    objective : Objective
        The function.
    known : Connections
        What is connected; its minima are kept with their numbers, and new ones stand behind them.
    attempts : int
        Pairs of minima that are tried.
    """
    minima, found = Minima(objective, known.minima), list(known)
    tried: set[tuple[int, int]] = set()
    for _ in range(attempts):
        pair = _nearest(minima, _parts(minima, found), tried)
        if pair is None:
            break
        tried.add(pair)
        a = np.array(minima.points[pair[0]].x)
        b = minima.image(a, minima.points[pair[1]].x)
        apart = float(np.linalg.norm(a - b))
        if apart <= NEAR * minima.scale:  # one place, as the kinks of a relu net have with several Hessians
            continue
        network = Network(objective, images=IMAGES, scale=apart)
        network.connect(network.minima.add(a), network.minima.add(b), bands=BANDS)
        for way in network.ways:
            one = joined(minima, way.saddle) if way.saddle is not None else None
            if one is not None:
                found.append(one)
    return Connections(found, minima.points, notes=known.notes)


def _parts(minima: Minima, found: Any) -> DisjointSet:
    sets = DisjointSet(range(len(minima.points)))
    for one in found:
        sets.merge(*one.ends)
    return sets


def _nearest(minima: Minima, sets: DisjointSet, tried: set[tuple[int, int]]) -> tuple[int, int] | None:
    """Return the nearest two minima, up to symmetry, one of the lowest one's part and one of another, not yet tried."""
    points = minima.points
    if sets.n_subsets < 2:
        return None
    base = sets.subset(min(range(len(points)), key=lambda i: points[i].value))
    best, least = None, np.inf
    for i in base:
        for j in set(range(len(points))) - base:
            pair = (min(i, j), max(i, j))
            if pair not in tried:
                far = float(np.linalg.norm(points[i].x - minima.image(points[i].x, points[j].x)))
                if far < least:
                    best, least = pair, far
    return best
