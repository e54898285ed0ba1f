"""All the places where a function of one variable is stationary."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.optimize import brentq

from homotopy.landscape.critical.moving.follow import NEWTON, follow
from homotopy.landscape.critical.moving.polish import polish
from homotopy.landscape.critical.moving.surface import Array, Surface

__all__ = ["stationary_on_line"]

GRID = 1000
"""Places on a line between which the sign of the slope is looked at."""
OUT = 5.0
"""So many spreads of what is known beyond its ends."""
DECADES, EACH = 6, 20
"""Further out there are so many decades, with so many places in each."""


def stationary_on_line(surface: Surface, starts: Array) -> Array:
    """Return places at which the slope of a function of one variable vanishes, ascending, shape (m,).

    Parameters
    ----------
    surface : Surface
        The function, of one variable.
    starts : ndarray of shape (r,)
        Where Newton's method, descents and ascents begin; with their ends they say what the scale is.

    Notes
    -----
    Sign changes between 1,000 places over the spread of the places known, and five spreads beyond either end, and on
    six decades further out, are bracketed and found by Brent's method; again, until the known ones have not changed.
    """
    Z = starts[:, None]
    length = float(np.ptp(starts)) or float(np.abs(starts).max()) or 1.0
    ends = [follow(surface, Z, np.full(len(Z), k), length=length) for k in (NEWTON, 0, 1)]
    last = polish(surface, np.concatenate([one.Z[one.ended] for one in ends]), length=length)
    known = _distinct(last.Z[last.good, 0], length)
    for _ in range(5):
        before = len(known)
        for spread in {float(np.ptp(known)) if before > 1 else 0.0, float(np.ptp(starts)) or length}:
            if spread > 0.0:
                known = _distinct(np.append(known, _crossings(surface, _places(known, starts, spread))), length)
        if len(known) == before:
            break
    return known


def _places(known: Array, starts: Array, spread: float) -> Array:
    """Return where to look, ascending."""
    low, high = (known[0], known[-1]) if len(known) else (starts.min(), starts.max())
    low, high = low - OUT * spread, high + OUT * spread
    out = spread * 10.0 ** np.linspace(0.5, DECADES, EACH * DECADES)
    return np.concatenate([(low - out)[::-1], np.linspace(low, high, GRID), high + out])


def _slopes(surface: Surface, places: Array) -> Array:
    return np.asarray(surface.grads(places[:, None])[1][:, 0])


def _crossings(surface: Surface, places: Array) -> Array:
    """Return where the slope changes its sign between neighboring places."""
    g = _slopes(surface, places)
    found = list(places[g == 0.0])

    def slope(y: Any) -> float:
        return float(_slopes(surface, np.array([y]))[0])

    for i in np.flatnonzero(g[:-1] * g[1:] < 0):
        root = float(brentq(slope, places[i], places[i + 1], xtol=1e-300, rtol=1e-14, maxiter=200))
        if abs(slope(root)) <= 1e-6 * max(abs(g[i]), abs(g[i + 1])):  # no pole
            found.append(root)
    return np.array(found)


def _distinct(places: Array, length: float) -> Array:
    """Return places ascending, of those nearer than 1e-6 of their spread one."""
    places = np.sort(places[np.isfinite(places)])
    if not len(places):
        return places
    size = max(float(np.ptp(places)), 1e-9 * length, 1e-9 * float(np.abs(places).max()))
    return np.asarray(places[np.append(True, np.diff(places) > 1e-6 * size)])
