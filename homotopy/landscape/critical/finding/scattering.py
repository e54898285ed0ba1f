"""Rounds of searches from random points of several kinds, until what is known explains what they end at."""

from __future__ import annotations

from typing import Any

import numpy as np

from homotopy.landscape.critical.collecting import Collector
from homotopy.landscape.critical.finding.exploring import explore
from homotopy.landscape.critical.moving.follow import NEWTON, follow
from homotopy.landscape.critical.moving.surface import Array

__all__ = ["grows", "scatter"]

ROUNDS = 30
"""The most rounds."""
MET = 8
"""So often every point is to be met before rounds end: of one that is met twice there may be others, not met yet."""
SEARCHES, EACH = 300, 30
"""Newton searches in a round, at most so many a variable; a third as many follow eigenvectors or minimize |g|."""
STEPS = 80
DIRECTIONS = 64


def scatter(collector: Collector, rng: np.random.Generator) -> None:
    """Search from random points, and explore from what is new, until rounds find nothing more.

    Parameters
    ----------
    collector : Collector
        What is known, and what is added to.
    rng : Generator
        Draws the points.

    Notes
    -----
    Rounds end behind two that find nothing new when eight searches from random points have ended at every point, and,
    of a function that grows in all directions, the sum of (-1)^index over its points is 1; where it is another, or says
    nothing, behind four such rounds, one of each kind.

    Points are drawn around the mean of those known: normal over their spread; over a random part or multiple of it; at
    a random distance from one of them; and between two of them, one at its copy nearest to the other.
    """
    barren, kinds = 0, (_normal, _between, _scaled, _near)
    for number in range(ROUNDS):
        if collector.n_searches >= collector.most:
            break
        Z = kinds[number % len(kinds)](collector, min(SEARCHES, EACH * collector.surface.size), rng)
        new = _round(collector, Z, rng)
        if new:
            explore(collector, new)
        barren = 0 if new else barren + 1
        total = collector.morse_sum() if collector.growing else None
        if barren >= (2 if total == 1 else len(kinds)) and _least(collector) >= MET:
            break


def _least(collector: Collector) -> int:
    """Return how often searches have ended at the point that is met most rarely; degenerate ones are left out.

    Mirror images of a point count as one.
    """
    met = np.bincount(collector.families, weights=collector.meets)
    own = [i for i, p in enumerate(collector.known.points) if p.n_zero <= p.n_symmetric and collector.families[i] == i]
    return int(met[own].min()) if own else MET


def _round(collector: Collector, Z: Array, rng: np.random.Generator) -> list[int]:
    surface, length, third = collector.surface, collector.length, len(Z) // 3
    uphill = rng.integers(0, collector.n_uphill, size=third)
    new = collector.search(
        follow(surface, Z, np.full(len(Z), NEWTON), length=length, max_iter=STEPS), "newton", hits=False
    )
    search = follow(surface, Z[:third], uphill, length=length, max_iter=STEPS)
    new += collector.search(search, "eigenvector following", hits=False)
    return new + collector.take(Z[third : 2 * third], "gradient norm", hits=False)


def _known(collector: Collector) -> Array:
    return np.array(collector.places) if collector.places else np.zeros((1, collector.surface.size))


def _middle_and_spread(collector: Collector) -> tuple[Array, Array]:
    """Return the mean of the known points, and their deviation from it or the common length if it is larger.

    Of nets the mean is that over all copies, about 0, and the deviation the same in all directions, so that symmetries
    of the data, too, leave the draws unchanged: points that are alike are then met equally often.
    """
    known, n = _known(collector), collector.surface.size
    if collector.copies.known:
        return np.zeros(n), np.full(n, collector.length / np.sqrt(n))
    return known.mean(axis=0), np.maximum(known.std(axis=0), collector.length / np.sqrt(n))


def _normal(collector: Collector, m: int, rng: np.random.Generator) -> Array:
    middle, spread = _middle_and_spread(collector)
    return np.asarray(middle + spread * rng.standard_normal((m, len(middle))))


def _scaled(collector: Collector, m: int, rng: np.random.Generator) -> Array:
    middle, spread = _middle_and_spread(collector)
    return np.asarray(middle + 10.0 ** rng.uniform(-1.5, 0.7, (m, 1)) * spread * rng.standard_normal((m, len(middle))))


def _near(collector: Collector, m: int, rng: np.random.Generator) -> Array:
    known = _known(collector)
    ways = rng.standard_normal((m, known.shape[1]))
    ways *= collector.length * 10.0 ** rng.uniform(-1.5, 0.3, (m, 1)) / np.linalg.norm(ways, axis=1, keepdims=True)
    return np.asarray(known[rng.integers(len(known), size=m)] + ways)


def _between(collector: Collector, m: int, rng: np.random.Generator) -> Array:
    known, symmetries, surface = _known(collector), collector.copies.symmetries, collector.surface
    A, B = known[rng.integers(len(known), size=m)], known[rng.integers(len(known), size=m)]
    if symmetries is not None:
        B = surface.z(np.array([symmetries.nearest(a, b) for a, b in zip(surface.x(A), surface.x(B), strict=True)]))
    part, off = rng.uniform(0, 1, (m, 1)), 0.05 * collector.length / np.sqrt(known.shape[1])
    return np.asarray(A + part * (B - A) + off * rng.standard_normal(A.shape))


def grows(objective: Any, collector: Collector, rng: np.random.Generator) -> bool:
    """Return whether a function grows in all directions: one bounded from below with a penalty, or as far as is seen.

    Without a penalty values are looked at along random lines at 10, 30, 100, 300 and 1000 lengths from the mean of the
    known points; they must rise each time, and by more than rounding.
    """
    if getattr(objective, "l2", 0.0) and getattr(objective, "at_least", None) is not None:
        return True
    middle, _ = _middle_and_spread(collector)
    ways = rng.standard_normal((DIRECTIONS, len(middle)))
    ways = np.vstack([ways, np.eye(len(middle)), -np.eye(len(middle))])
    ways *= collector.length / np.linalg.norm(ways, axis=1, keepdims=True)
    values = np.array([collector.surface.grads(middle + far * ways)[0] for far in (10.0, 30.0, 100.0, 300.0, 1000.0)])
    with np.errstate(all="ignore"):
        rise = np.diff(values, axis=0)
        return bool((rise > 1e-6 * np.abs(values[1:])).all() and (rise[1:] > rise[:-1]).all())
