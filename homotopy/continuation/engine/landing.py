"""Where a step crosses a t that ends the path, the point there, and what lies beyond a natural path that stops."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from homotopy.continuation.parts.descents import LBFGS
from homotopy.continuation.parts.events import Setting
from homotopy.continuation.parts.linear import is_symmetric
from homotopy.continuation.parts.newton import Corrector, Newton
from homotopy.continuation.point import Correction, Guess, Point
from homotopy.continuation.results.path import Path
from homotopy.status import Status

__all__ = ["beyond", "crossing", "land"]


def crossing(last: Point, point: Point, target: float | None, bounds: tuple[float, float]) -> float | None:
    """Return the target or the bound that an arclength step crossed, else None."""
    low, high = min(last.t, point.t), max(last.t, point.t)
    if target is not None and low <= target <= high and last.t != target:
        return target
    if point.t < bounds[0] <= last.t:
        return bounds[0]
    return bounds[1] if point.t > bounds[1] >= last.t else None


def land(setting: Setting, corrector: Corrector, pair: tuple[Point, Point], t: float) -> Point | Status:
    """Return the point at exactly t between two points, by Newton's method at fixed t from the interpolated one.

    A corrector that moves further than the two points lie apart has left the branch: NOT_CONVERGED.
    """
    (last, point), metric = pair, setting.metric
    start = Path(pair, Status.CONVERGED).at(t)[-1]
    found = corrector.correct(setting.homotopy, Guess(start.x, t, None, metric))
    if found.status is not Status.CONVERGED:
        return found.status
    if found.distance > metric.norm(point.x - last.x, point.t - last.t):
        return Status.NOT_CONVERGED
    s = last.s + metric.norm(found.x - last.x, t - last.t)
    return replace(
        start, x=found.x, t=t, value=found.value, grad_norm=found.grad_norm, n_iter=found.n_iter, s=s, step=point.step
    )


def beyond(setting: Setting, last: Point, t: float) -> Correction | None:
    """Return the solution at t that a patient corrector finds from the last point of a natural path that stopped.

    None where it finds none, or one so near that no branch can have ended.
    """
    homotopy, metric = setting.homotopy, setting.metric
    patient: Corrector = LBFGS(max_iter=2000) if is_symmetric(homotopy) else Newton(max_iter=50)
    found = patient.correct(homotopy, Guess(last.x, t, None, metric))
    near = 2.0 * metric.norm(np.zeros_like(last.x), t - last.t)
    return found if found.status is Status.CONVERGED and found.distance > near else None
