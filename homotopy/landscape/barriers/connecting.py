"""Which minima each saddle of index 1 connects."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from homotopy.arguments import each_of, one_of
from homotopy.doors import door, doors
from homotopy.landscape.barriers.matching import Minima
from homotopy.landscape.barriers.saddles import both_sides
from homotopy.landscape.critical.point import CriticalPoint
from homotopy.landscape.critical.points import CriticalPoints
from homotopy.objectives.base import Vector
from homotopy.threads import one_blas_thread

__all__ = ["Connection", "Connections", "census", "connections", "joined"]


@doors
@dataclass(frozen=True, eq=False)
class Connection:
    """A saddle of index 1 and the minima on its two sides.

    Attributes
    ----------
    saddle : CriticalPoint
        The saddle.
    ends : tuple of int
        The numbers of the minima, in `Connections.minima`; equal where both sides end at copies of one minimum.
    barrier : float
        How far the saddle lies above the higher of the two minima, in units of f.
    heights : tuple of float
        How far it lies above either of them.
    path : ndarray of shape (m, n)
        Points of the steepest descents, from the first minimum over the saddle to the second.
    """

    saddle: CriticalPoint
    ends: tuple[int, int]
    barrier: float
    heights: tuple[float, float]
    path: NDArray[np.float64]


@doors
class Connections(Sequence[Connection]):
    """Connections, by the value of their saddle.

    Parameters
    ----------
    found : iterable of Connection
        The connections, in any order.
    minima : iterable of CriticalPoint
        The minima that their ends number: those given, in their order, then those that were met on the way.
    notes : iterable of str
        Sentences on saddles that connect nothing.

    Attributes
    ----------
    minima : tuple of CriticalPoint
        The minima.
    notes : tuple of str
        The sentences.
    """

    def __init__(
        self, found: Iterable[Connection], minima: Iterable[CriticalPoint], *, notes: Iterable[str] = ()
    ) -> None:
        self._found = tuple(sorted(each_of("found", found, Connection), key=lambda one: one.saddle.value))
        self.minima, self.notes = tuple(each_of("minima", minima, CriticalPoint)), tuple(notes)

    def __len__(self) -> int:
        return len(self._found)

    @overload
    def __getitem__(self, key: int) -> Connection: ...
    @overload
    def __getitem__(self, key: slice) -> tuple[Connection, ...]: ...
    def __getitem__(self, key: int | slice) -> Connection | tuple[Connection, ...]:
        return self._found[key]

    def __repr__(self) -> str:
        return f"Connections({len(self)} between {len(self.minima)} minima)"


@door
@one_blas_thread
def connections(points: Any) -> Connections:
    """Return which minima the saddles of index 1 connect, up to symmetry.

    Parameters
    ----------
    points : CriticalPoints
        The critical points of an objective; minima that they lack and that a descent ends at are added behind them.

    Returns
    -------
    Connections
        One for each saddle of index 1 both of whose descents end at minima; a note says how many did not.

    Raises
    ------
    ArgumentError
        If they are no CriticalPoints.

    Notes
    -----
    A saddle is left along its most negative mode as far as the gradient there is linear to a twentieth, on both sides,
    and the path of steepest descent is followed by a stiff integrator (`steepest_descent`). Steepest is meant in the
    variables as they are: in others, such as some in other units, a descent may end elsewhere. By a theorem of Murrell
    and Laidler the lowest way between two minima passes over saddles of index 1 alone.

    References
    ----------
    J. N. Murrell and K. J. Laidler, Trans. Faraday Soc. 64 (1968) 371; D. J. Wales, Energy Landscapes (2003).
    """
    minima = Minima(census(points).objective, points.minima)
    found, lost = [], 0
    for saddle in points:
        if saddle.index == 1:
            one = joined(minima, saddle)
            if one is None:
                lost += 1
            else:
                found.append(one)
    plural = "s of index 1 have" if lost > 1 else " of index 1 has"
    notes = [f"{lost} saddle{plural} a descent that ends at no minimum"] if lost else []
    return Connections(found, minima.points, notes=notes)


def census(points: Any) -> CriticalPoints:
    """Return what are CriticalPoints.

    Raises
    ------
    ArgumentError
        If they are anything else.
    """
    one_of("points", points, CriticalPoints, "CriticalPoints, as critical_points returns them")
    found: CriticalPoints = points
    return found


def joined(minima: Minima, saddle: CriticalPoint) -> Connection | None:
    """Return the connection over a saddle, new minima entered; None where a side ends at no minimum."""
    x: Vector = np.array(saddle.x)
    scale = max(minima.scale, float(np.linalg.norm(x)))
    one, other = both_sides(minima.objective, x, scale=scale)
    if "unfinished" in (one.end, other.end):
        return None
    ends = minima.add(one.x), minima.add(other.x)
    heights = tuple(saddle.value - minima.points[end].value for end in ends)
    path = np.vstack([one.points[::-1], other.points[1:]])
    return Connection(saddle, ends, min(heights), (heights[0], heights[1]), path)
