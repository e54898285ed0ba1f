"""Bifurcation diagrams: every branch that branch points lead to, within limits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any

import numpy as np

from homotopy.arguments import one_of, vector
from homotopy.continuation.branches.explorer import Explorer, Start
from homotopy.continuation.branches.meetings import SAME, on_known
from homotopy.continuation.branches.switching import explained
from homotopy.continuation.parts.events import Occurrence
from homotopy.continuation.parts.iteration import rounding
from homotopy.continuation.point import Direction, Point
from homotopy.continuation.results.path import Path
from homotopy.continuation.results.plot import plot_path
from homotopy.continuation.results.table import Records, table, write_csv
from homotopy.doors import door, doors
from homotopy.errors import ArgumentError
from homotopy.objectives.base import Vector
from homotopy.objectives.family import Homotopy
from homotopy.status import Status
from homotopy.threads import one_blas_thread

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Diagram", "diagram"]


@doors
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
    notes : tuple of str
        What keeps the diagram from being complete: limits, branch points whose half-branches are not all known, ends
        that are none.
    """

    branches: tuple[Path, ...]
    parents: tuple[int, ...]
    branch_points: tuple[Occurrence, ...]
    notes: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether every branch point was resolved, its half-branches balance, and every branch ends for a reason."""
        return not self.notes

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


@door
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
    metric = explorer.metric(homotopy, x0, t0)
    solved = norm <= max(1e-6, explorer.corrector.tolerance) * metric.residual
    if not solved and not norm <= 8.0 * rounding(homotopy, (x0, t0), g, metric):
        raise ArgumentError(f"x0 does not solve the problem at t0 = {t0:g}: the gradient norm is {norm:.3g}")
    start = Start(Point(x0, t0, value, norm), metric.unit(np.zeros_like(x0), 1.0), metric)
    growing = _Growing(homotopy, explorer, [explorer.both(homotopy, start)], [-1])
    number = 0
    while number < len(growing.branches):
        for found in (event for event in growing.branches[number].events if event.name == "BP"):
            if growing.is_new(found):
                growing.known.append(found)
                points = sum(len(path.points) for path in growing.branches)
                if len(growing.branches) >= max_branches or points >= max_points:
                    growing.note(found, "a limit was reached")
                else:
                    growing.explore(found, number)
        number += 1
    notes = [*growing.notes, *_unexplained(growing.branches)]
    return Diagram(tuple(growing.branches), tuple(growing.parents), tuple(growing.known), tuple(notes))


@dataclass
class _Growing:
    """A diagram on its way."""

    homotopy: Homotopy
    explorer: Explorer
    branches: list[Path]
    parents: list[int]
    known: list[Occurrence] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def note(self, found: Occurrence, why: str) -> None:
        """Note that a branch point is not resolved."""
        self.notes.append(f"the branch point at t = {found.point.t:.6g}: {why}")

    def is_new(self, found: Occurrence) -> bool:
        """Whether a branch point is none of those that are known."""
        return not any(_same(found, other) for other in self.known)

    def explore(self, found: Occurrence, number: int) -> None:
        """Follow all half-branches of a branch point that are not known yet."""
        starts, why = explained(self.homotopy, found, explorer=self.explorer)
        if why:
            self.note(found, why)
        for start in starts:
            if not on_known(start, starts, found, self.branches):
                self.branches.append(_from(found, self.explorer.follow(self.homotopy, start)))
                self.parents.append(number)


def _same(a: Occurrence, b: Occurrence) -> bool:
    """Whether two records are of one branch point."""
    metric = a.metric
    assert metric is not None
    return metric.norm(a.point.x - b.point.x, a.point.t - b.point.t) < SAME


def _unexplained(branches: list[Path]) -> list[str]:
    """Return, in words, the ends of branches that are neither a bound nor a closed curve nor asked for."""
    found = enumerate(branches)
    return [f"branch {i}: {path.message}" for i, path in found if path.status is not Status.TERMINAL_EVENT]


def _from(found: Occurrence, path: Path) -> Path:
    """Return the path with the branch point put before its first point."""
    first, metric = path.points[0], found.metric
    assert metric is not None
    dx, dt = first.x - found.point.x, first.t - found.point.t
    gap = metric.norm(dx, dt)
    tangent: Direction | None = metric.unit(dx, dt) if gap > 0 else None
    head = replace(found.point, s=0.0, tangent=tangent, index=first.index, eigenvalues=())
    path = path.shifted(gap, 1)
    return replace(path, points=(head, *path.points))
