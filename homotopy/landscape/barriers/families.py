"""Points of flat families, of which there are infinitely many, taken together."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from homotopy.landscape.barriers.matching import family_width
from homotopy.landscape.critical.point import CriticalPoint
from homotopy.landscape.critical.points import CriticalPoints

__all__ = ["one_of_each_family"]


def one_of_each_family(points: CriticalPoints) -> CriticalPoints:
    """Return critical points with one for all flat ones of an index and a value.

    Parameters
    ----------
    points : CriticalPoints
        Any; a point is flat where it has zero eigenvalues that no symmetry explains.

    Returns
    -------
    CriticalPoints
        The same points where none is flat. Of flat ones of one index and one value, the one that most searches ended
        at stands for all and has the hits of all.

    Notes
    -----
    Whether such points are connected is not looked at: two separate families of equal value are one here.
    """
    values = [point.value for point in points]
    spread = max(values, default=0.0) - min(values, default=0.0)
    kept: list[CriticalPoint] = []
    families: dict[int, list[list[CriticalPoint]]] = {}
    for point in points:  # by value
        if point.n_zero <= point.n_symmetric:
            kept.append(point)
            continue
        mine = families.setdefault(point.index, [])
        bend = float(np.abs(point.eigenvalues).max(initial=0.0))
        if mine and point.value - mine[-1][0].value <= family_width(spread, bend, float(point.x @ point.x)):
            mine[-1].append(point)
        else:
            mine.append([point])
    for family in (one for some in families.values() for one in some):
        best = max(family, key=lambda point: point.hits)
        kept.append(replace(best, hits=sum(point.hits for point in family)))
    return points.replaced(kept)
