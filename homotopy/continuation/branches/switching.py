"""Branch points: the half-branches that leave them."""

from __future__ import annotations

from dataclasses import replace
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.arguments import one_of
from homotopy.continuation.branches.branching import DENSE, Reduced, half_branches, kernel
from homotopy.continuation.branches.explorer import Explorer, Start, turned
from homotopy.continuation.engine.units import mean_square, size_of
from homotopy.continuation.parts.events import Occurrence
from homotopy.continuation.parts.linear import bordered
from homotopy.continuation.parts.spectrum import crossing_direction
from homotopy.continuation.point import Correction, Direction, Guess, Metric, Point
from homotopy.doors import door
from homotopy.errors import ArgumentError, EvaluationError
from homotopy.objectives.base import Vector
from homotopy.objectives.family import Homotopy
from homotopy.status import Status
from homotopy.threads import one_blas_thread

__all__ = ["explained", "switch"]


@door
@one_blas_thread
def switch(homotopy: Homotopy, branch_point: Occurrence, *, explorer: Explorer) -> list[Start]:
    """Return the starts of all half-branches that leave a branch point, but for the two of the known branch.

    Parameters
    ----------
    homotopy : Homotopy
        The family.
    branch_point : Occurrence
        As `track` recorded it, with its tangent.
    explorer : Explorer
        The corrector and the offset.

    Raises
    ------
    ArgumentError
        If the branch point or the explorer is none.

    Notes
    -----
    Up to 400 variables the branching equation on the kernel, of dimension two or three, is solved for all its real
    solutions (`branching.half_branches`). Above, the branch that crosses at a simple branch point is looked for along
    the null vector. None where no half-branch is certain; `explained` says why.
    """
    return explained(homotopy, branch_point, explorer=explorer)[0]


def explained(homotopy: Homotopy, branch_point: Occurrence, *, explorer: Explorer) -> tuple[list[Start], str]:
    """Return what `switch` does, and why it may not be all; "" where it is.

    Raises
    ------
    ArgumentError
        If the branch point has another size than the homotopy.
    """
    one_of("explorer", explorer, Explorer, "an Explorer object")
    one_of("branch_point", branch_point, Occurrence, "an Occurrence, as in path.events")
    point = branch_point.point
    if point.x.size != homotopy.size:
        raise ArgumentError(f"branch_point has {point.x.size} variables and homotopy {homotopy.size}; they must agree")
    if point.tangent is None:
        return [], "the branch point has no tangent"
    metric = branch_point.metric or explorer.metric(homotopy, point.x, point.t)
    if homotopy.size > DENSE:
        return _across(
            homotopy, point, explorer, metric
        ), "the dimension of the kernel is not computed above 400 variables"
    frame = kernel(homotopy, point.x, point.t, point.tangent, metric)
    if frame is None:
        return [], "no gap tells the dimension of the kernel, or it is above three"
    reduced = Reduced(homotopy, point.x, point.t, metric, frame)
    found = half_branches(reduced, explorer.offset)
    if found is None:
        return [], "the branching equation has no isolated solutions near it, or the known branch is not among them"
    ways, known = found
    starts = [_started(reduced, way, point, explorer, metric) for way in ways]
    others = [start for i, start in enumerate(starts) if start is not None and i not in known]
    if any(start is None for start in starts):
        return others, "a solution of the branching equation leads to no branch"
    if not others:
        return [], "no other branch was found there"
    if sum(_sign(homotopy, start, explorer) for start in starts if start is not None) != 0:
        return others, "the signs of its half-branches do not balance, so that one may be missing"
    return others, ""


def _sign(homotopy: Homotopy, start: Start, explorer: Explorer) -> int:
    """Return the sign of the determinant bordered with the direction that leads away from the branch point.

    The sum over all half-branches is the degree of the map around the point, which no change of the map there alters:
    zero.
    """
    metric, away = start.metric, start.direction
    assert metric is not None
    at = (start.point.x, start.point.t)
    try:
        border: Any = bordered(explorer.corrector.linear, homotopy, at, away, metric)
        return int(border.det_sign())
    except (np.linalg.LinAlgError, EvaluationError):
        return 0


def _started(
    reduced: Reduced, way: NDArray[np.float64], point: Point, explorer: Explorer, metric: Metric
) -> Start | None:
    """Return the start of the branch that leaves a point by coordinates in the kernel; None if there is none."""
    at = reduced.point(way)
    if at is None:
        return None
    x, t = at[0][:-1].copy(), float(at[0][-1])
    direction = metric.unit(x - point.x, t - point.t)
    sharp = replace(explorer.corrector, max_iter=20, tolerance=explorer.corrector.final_tolerance)
    found = sharp.correct(reduced.homotopy, Guess(x, t, direction, metric))
    if found.status is not Status.CONVERGED or found.distance > 0.1 * float(np.linalg.norm(way)):
        return None
    return _start(found, direction, explorer, metric, (found.x - point.x, found.t - point.t))


def _start(
    found: Correction, direction: Direction, explorer: Explorer, metric: Metric, move: tuple[Vector, float]
) -> Start:
    """Return the start; its size of x is that of the metric, or less where the branch begins with less."""
    point, plain = Point(found.x, found.t, found.value, found.grad_norm), explorer.corrector.metric(move[0].size)
    if explorer.scale is not None or not isinstance(metric.x_weight, float) or not move[1]:
        return Start(point, direction, metric)
    size = size_of(metric, plain)
    slope = sqrt(plain.t_weight / metric.t_weight) * mean_square(move[0]) / abs(move[1])
    own = Metric(plain.x_weight / min(size, max(slope, 1e-3 * size)) ** 2, metric.t_weight, metric.residual)
    return Start(point, own.unit(*direction), own)


def _across(homotopy: Homotopy, point: Point, explorer: Explorer, metric: Metric) -> list[Start]:
    """Return the two halves of the branch that crosses at a simple branch point, as far as they are found.

    The guess is the branch point plus an offset along the null vector of [A, b] normal to the known branch; Newton's
    method in the normal plane of that vector cannot return to the known branch.
    """
    linear, known = explorer.corrector.linear, point.tangent
    assert known is not None
    across = crossing_direction(homotopy, point.x, point.t, along=known, linear=linear, metric=metric)
    if across is None:
        return []
    starts = []
    for side in (across, turned(across)):
        for offset in (explorer.offset, 0.3 * explorer.offset, 0.1 * explorer.offset):
            guess = Guess(point.x + offset * side.x, point.t + offset * side.t, side, metric)
            found = replace(explorer.corrector, max_iter=20).correct(homotopy, guess)
            if found.status is Status.CONVERGED and found.distance < 2.0 * offset:
                direction = metric.unit(found.x - point.x, found.t - point.t)
                move = (found.x - point.x, found.t - point.t)
                starts.append(_start(found, direction, explorer, metric, move))
                break
    return starts
