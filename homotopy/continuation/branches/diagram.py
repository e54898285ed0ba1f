"""Bifurcation diagrams: every branch that branch points lead to, within limits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any

import numpy as np

from homotopy.arguments import one_of, vector
from homotopy.continuation.branches.switching import Explorer, Start, switch
from homotopy.continuation.parts.events import Occurrence
from homotopy.continuation.point import Direction, Metric, Point
from homotopy.continuation.results.path import Path
from homotopy.continuation.results.plot import plot_path
from homotopy.continuation.results.table import Records, table, write_csv
from homotopy.errors import ArgumentError
from homotopy.objectives.base import Vector
from homotopy.objectives.family import Homotopy
from homotopy.threads import one_blas_thread

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Diagram", "diagram"]


@dataclass(frozen=True)
class Diagram:
    """What `diagram` returns.

    Attributes
    ----------
    branches : tuple of Path
        The branch through the start first, the others in the order of their discovery.
    parents : tuple of int
        The number of the branch on which each was found; -1 for the first.
    branch_points : tuple of Occurrence
        Each once.
    complete : bool
        False if a limit left branch points unexplored.
    """

    branches: tuple[Path, ...]
    parents: tuple[int, ...]
    branch_points: tuple[Occurrence, ...]
    complete: bool

    def table(self, records: Records | None = None) -> np.recarray[Any, Any]:
        """Return all points as a record array, one row a step; see `table.table`."""
        return table(self.branches, records)

    def to_csv(self, file: str | FilePath, records: Records | None = None) -> None:
        """Write the table."""
        write_csv(self.table(records), file)

    def plot(self, ax: Axes | None = None, *, measure: str | Callable[[Point], float] = "norm") -> Axes:
        """Draw all branches, stable stretches solid, with LP and BP marks, and return the Axes."""
        for number, path in enumerate(self.branches):
            ax = plot_path(path, ax, measure=measure, color=f"C{number % 10}", legend=False)
        assert ax is not None
        return ax

    def at(self, t: float) -> list[Point]:
        """Return the points of all branches at t."""
        return [point for path in self.branches for point in path.at(t)]


@one_blas_thread
def diagram(
    homotopy: Homotopy,
    x0: Vector,
    t0: float = 0.0,
    *,
    explorer: Explorer,
    max_branches: int = 20,
    max_points: int = 10_000,
) -> Diagram:
    """Return the bifurcation diagram that hangs together with one solution.

    Parameters
    ----------
    homotopy : Homotopy
        The family.
    x0 : ndarray of shape (n,)
        A solution at t0.
    t0 : float
        The t of the start.
    explorer : Explorer
        How branches are followed, and within which t.
    max_branches, max_points : int
        Limits; a diagram that they cut is not `complete`.

    Raises
    ------
    ArgumentError
        If x0 has not the homotopy's size or does not solve the problem at t0.
    """
    one_of("explorer", explorer, Explorer, "an Explorer object")
    x0 = vector("x0", x0, homotopy.size, "the homotopy")
    value, g = homotopy.value_and_grad(x0, t0)
    norm = float(np.linalg.norm(g))
    if not norm <= max(1e-6, explorer.corrector.tolerance):
        raise ArgumentError(f"x0 does not solve the problem at t0 = {t0:g}: the gradient norm is {norm:.3g}")
    metric = explorer.corrector.metric(homotopy.size)
    start = Start(Point(x0, t0, value, norm), metric.unit(np.zeros_like(x0), 1.0))
    branches, parents = [explorer.both(homotopy, start)], [-1]
    known: list[Occurrence] = []
    number = 0
    complete = True
    while number < len(branches):
        for found in (event for event in branches[number].events if event.name == "BP"):
            if any(metric.norm(found.point.x - o.point.x, found.point.t - o.point.t) < explorer.offset for o in known):
                continue
            known.append(found)
            if len(branches) >= max_branches or sum(len(path.points) for path in branches) >= max_points:
                complete = False
                continue
            starts = switch(homotopy, found, explorer=explorer)
            fresh = [s for s in starts if not _on_some(s.point, branches, metric, 0.2 * explorer.offset)]
            for start in fresh:
                if not _on_some(start.point, branches[-len(fresh) :], metric, 0.2 * explorer.offset):
                    branches.append(_from(found, explorer.follow(homotopy, start), metric))
                    parents.append(number)
        number += 1
    return Diagram(tuple(branches), tuple(parents), tuple(known), complete)


def _from(found: Occurrence, path: Path, metric: Metric) -> Path:
    """Return the path with the branch point put before its first point."""
    first = path.points[0]
    dx, dt = first.x - found.point.x, first.t - found.point.t
    gap = metric.norm(dx, dt)
    tangent: Direction | None = metric.unit(dx, dt) if gap > 0 else None
    head = replace(found.point, s=0.0, tangent=tangent, index=first.index, eigenvalues=())
    path = path.shifted(gap, 1)
    return replace(path, points=(head, *path.points))


def _on_some(point: Point, paths: list[Path], metric: Metric, tolerance: float) -> bool:
    """Whether a point lies within a tolerance of some path, taken as a chain of segments."""
    for path in paths:
        for a, b in zip(path.points, path.points[1:], strict=False):
            dx, dt = b.x - a.x, b.t - a.t
            square = metric.norm(dx, dt) ** 2
            if square == 0.0:
                continue
            u = min(1.0, max(0.0, metric.inner(point.x - a.x, point.t - a.t, dx, dt) / square))
            if metric.norm(point.x - a.x - u * dx, point.t - a.t - u * dt) < tolerance + 0.01 * square:
                return True
    return False
