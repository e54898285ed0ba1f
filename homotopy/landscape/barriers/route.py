"""The lowest path that is found between two points: elastic bands, saddles at their tops, and descents from these."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.arguments import generator, integer, vector
from homotopy.doors import door, doors
from homotopy.errors import ArgumentError
from homotopy.landscape.barriers.flow import steepest_descent
from homotopy.landscape.barriers.matching import Minima
from homotopy.landscape.barriers.network import Network
from homotopy.landscape.barriers.spectrum import polished
from homotopy.landscape.critical.point import CriticalPoint
from homotopy.objectives.base import Seed, Vector
from homotopy.objectives.function import checked
from homotopy.threads import one_blas_thread

__all__ = ["ElasticBand", "lowest_path"]

Array = NDArray[np.float64]


@doors
@dataclass(frozen=True, eq=False)
class ElasticBand:
    """A path between two points.

    Attributes
    ----------
    points : ndarray of shape (m, n)
        The path: from a over saddles and minima between to the image of b that is nearest to a.
    values : ndarray of shape (m,)
        The function on it.
    barrier : float
        How far its top lies above the higher of its ends, in units of f; 0 where it never rises above it. The true
        barrier may be lower, since another path may be.
    saddle : CriticalPoint or None
        The top: a critical point of index 1. None where the path has no barrier, or no saddle was found, which the
        notes tell.
    notes : tuple of str
        Sentences on ends that are no minima, and on bands on whose top no saddle was found.
    """

    points: Array
    values: Array
    barrier: float
    saddle: CriticalPoint | None
    notes: tuple[str, ...] = ()

    @property
    def top(self) -> float:
        """The largest value on the path."""
        return float(self.values.max())


@door
@one_blas_thread
def lowest_path(objective: Any, a: Any, b: Any, *, images: int = 12, bands: int = 8, rng: Seed = 0) -> ElasticBand:
    """Return a path between two points whose top is as low as could be found.

    Parameters
    ----------
    objective : Objective
        The function; smooth.
    a, b : array_like of shape (n,)
        The ends, as a rule minima; b is replaced by the symmetric copy of it that is nearest to a, where the objective
        has symmetries.
    images : int
        Points of an elastic band between its ends.
    bands : int
        Elastic bands that may be relaxed in all.
    rng : Generator, int or None
        Draws the sides to which bands are bent in search of a lower way, the last half of them at most.

    Returns
    -------
    ElasticBand
        The path, its barrier and the saddle at its top.

    Raises
    ------
    ArgumentError
        If a point is not finite or has not the objective's size, the two are the same, or a number is below 1.

    Notes
    -----
    Where an end is no minimum, its steepest descent is the beginning of the path. Between the minima a doubly nudged
    band with a climbing image is relaxed (`relaxed`), each of its tops is refined to a saddle of index 1 by eigenvector
    following, and the steepest descents from it say which minima it connects. What is not connected then is tried by
    another band, between the nearest minima of the two sides. Then the way is lowered: what is connected below its top
    makes two sides that are tried likewise, and bands that are bent to a random side come last. The path is the one
    over the lowest saddles of those found, made of steepest descents, so that its top is a critical point and not the
    top of a band.

    References
    ----------
    G. Henkelman, B. P. Uberuaga and H. Jonsson, J. Chem. Phys. 113 (2000) 9901; J. M. Carr, S. A. Trygubenko and D. J.
    Wales, J. Chem. Phys. 122 (2005) 234903, for bands between the nearest minima of what is not connected.

    Examples
    --------
    >>> import numpy as np
    >>> from homotopy.objectives.functions import Polynomial
    >>> well = Polynomial([[1, 0, 1], [0, 0, 0], [-2, 0, 0], [0, 0, 0], [1, 0, 0]])  # (x^2 - 1)^2 + y^2
    >>> path = lowest_path(well, [-1.0, 0.0], [1.0, 0.0])
    >>> round(path.barrier, 12), path.saddle.index
    (1.0, 1)
    """
    objective = checked(objective)
    images, bands = integer("images", images), integer("bands", bands)
    x = vector("a", a, objective.size, "the objective", finite=True)
    y = Minima(objective).image(x, vector("b", b, objective.size, "the objective", finite=True))
    apart = float(np.linalg.norm(x - y))
    if apart <= 1e-12 * (float(np.linalg.norm(x)) + float(np.linalg.norm(y))):
        raise ArgumentError("b must be another point than a, and no symmetric copy of it")
    network = Network(objective, images=images, scale=apart, rng=generator("rng", rng))
    (begin, first), (end, last) = _foot(network, x), _foot(network, y)
    told = {"a": begin, "b": end}
    notes = [f"{name} is no minimum: steepest descent leads from it to one" for name, part in told.items() if len(part)]
    if first == last:
        notes.append("both ends belong to one minimum: there is no barrier between them")
    else:
        network.connect(first, last, bands=bands, bows=bands // 2)
    middle, saddle = network.path(first, last)
    notes += network.notes
    points = np.vstack([begin, middle, end[::-1]])
    values = np.array([objective.value(np.ascontiguousarray(p)) for p in points])
    high = max(values[0], values[-1])
    barrier = max(0.0, float(values.max() - high))
    if saddle is not None and saddle.value <= high:
        saddle = None
    return ElasticBand(points, values, barrier, saddle, tuple(notes))


def _foot(network: Network, x: Vector) -> tuple[Array, int]:
    """Return the descent from x to a minimum, without that, and its number; of a minimum no point."""
    minima, scale = network.minima, network.length
    near = polished(network.objective, x, index=0, near=1e-4 * scale)
    if near is not None:
        return np.empty((0, x.size)), minima.add(near)
    flow = steepest_descent(network.objective, x, scale=scale)
    if flow.end == "unfinished":
        network.notes.append("a steepest descent from an end reaches no minimum: the band begins at the end itself")
        return np.empty((0, x.size)), minima.add(x)
    return flow.points[:-1], minima.add(flow.x)
