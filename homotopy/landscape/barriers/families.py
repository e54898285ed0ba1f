"""Points of flat families, of which there are infinitely many, taken together."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from homotopy.landscape.critical.point import CriticalPoint
from homotopy.landscape.critical.points import CriticalPoints

__all__ = ["one_of_each_family"]

VALUES = 1e-7
"""Values that differ by less of the largest difference are of one family."""


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
    near = VALUES * (max(values) - min(values)) if values else 0.0
    kept: list[CriticalPoint] = []
    families: dict[int, list[list[CriticalPoint]]] = {}
    for point in points:  # by value
        if point.n_zero <= point.n_symmetric:
            kept.append(point)
            continue
        mine = families.setdefault(point.index, [])
        rounding = 1e-10 * float(np.abs(point.eigenvalues).max(initial=0.0)) * float(point.x @ point.x)
        if mine and point.value - mine[-1][0].value <= max(near, rounding):
            mine[-1].append(point)
        else:
            mine.append([point])
    for family in (one for some in families.values() for one in some):
        best = max(family, key=lambda point: point.hits)
        kept.append(replace(best, hits=sum(point.hits for point in family)))
    return points.replaced(kept)
