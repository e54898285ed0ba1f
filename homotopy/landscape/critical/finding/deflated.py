"""Searches by deflation: known points are divided out, so that Newton's method from a few starts finds others."""

from __future__ import annotations

import numpy as np

from homotopy.landscape.critical.collecting import Collector
from homotopy.landscape.critical.moving.surface import Array
from homotopy.landscape.deflating.deflation import Deflation
from homotopy.landscape.deflating.newton import DeflatedNewton
from homotopy.landscape.deflating.solutions import find_solutions

__all__ = ["deflate"]

FEW, SMALL = 100, 60
"""Up to so many known points and variables: each step of Newton's method measures the distance to every point."""
STARTS = 2
STEPS = 40


def deflate(collector: Collector, Z: Array) -> list[int]:
    """Return the places of points that deflated Newton finds from the first starts, beside those known.

    Parameters
    ----------
    collector : Collector
        What is known, and what is added to.
    Z : ndarray of shape (r, n)
        Starts, in units of size one.

    Notes
    -----
    Points on curves of copies cannot be divided out: where one is known nothing is done.

    References
    ----------
    Farrell, Birkisson and Funke 2015, SIAM J. Sci. Comput. 37, A2026-A2045.
    """
    known, surface = collector.known.points, collector.surface
    if not 0 < len(known) <= FEW or surface.size > SMALL or any(point.n_zero for point in known):
        return []
    unit = float(np.linalg.norm(surface.scale)) / np.sqrt(surface.size)
    found = find_solutions(
        surface.objective,
        list(surface.x(Z[:STARTS])),
        newton=DeflatedNewton(max_iter=STEPS, max_step=collector.length * unit),
        deflation=Deflation([point.x for point in known], symmetries=collector.copies.symmetries),
        restart=False,
    )
    return collector.take(surface.z(np.array(found)), "deflation", hits=False) if found else []
