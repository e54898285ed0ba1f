"""The path of steepest descent from a point to the minimum in whose basin it lies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import LSODA

from homotopy.landscape.barriers.spectrum import EPS, Modes, modes, polished
from homotopy.objectives.base import Vector

__all__ = ["Flow", "leaving", "steepest_descent"]

STEPS = 4000
"""Steps of the integrator in all."""
KICKS = 6
"""Saddles on its way that a descent leaves along their most negative mode."""
KEPT = 60
"""Points of a path that are kept."""


@dataclass(frozen=True)
class Flow:
    """A path of steepest descent.

    Attributes
    ----------
    points : ndarray of shape (m, n)
        The path, from its start to its end.
    values : ndarray of shape (m,)
        The function on it.
    end : str
        ``minimum``: at a critical point without negative eigenvalue, polished by Newton's method; ``flat``: where the
        gradient is zero to rounding, but Newton's method does not contract; ``unfinished``: it still falls.
    """

    points: NDArray[np.float64]
    values: NDArray[np.float64]
    end: str

    @property
    def x(self) -> Vector:
        """The last point, shape (n,)."""
        return np.array(self.points[-1])


def steepest_descent(objective: Any, x: Vector, *, scale: float, rate: float | None = None) -> Flow:
    r"""Return the path of steepest descent from x.

    Parameters
    ----------
    objective : Objective
        The function; smooth.
    x : ndarray of shape (n,)
        Where it begins.
    scale : float
        A length in the units of x, to which errors are relative: 1e-7 of it in each variable, 1e-6 of the variable.
    rate : float or None
        A curvature, by which time is made dimensionless; None takes the largest one at x.

    Notes
    -----
    dx/dt = -g(x) / rate is integrated by LSODA (Hindmarsh and Petzold), whose steps are explicit or implicit as the
    stiffness asks for, so that the path stays in its basin. Whenever the gradient has fallen by another factor ten,
    Newton's method is tried; it is taken if its steps contract, all its points have no negative eigenvalue, and it
    ends no higher. Where the path halts at a saddle, it leaves it along the most negative mode, whose sign is that of
    the path's last direction there.
    """
    x = np.array(x, dtype=np.float64)
    rate = rate or modes(objective, x).largest or 1.0
    points, left = [x], STEPS
    for _ in range(KICKS):
        end, left = _integrate(objective, points, rate=rate, scale=scale, left=left)
        if end != "saddle":
            break
        here = modes(objective, points[-1])
        out = here.vectors[:, 0]
        side = -1.0 if out @ (points[-1] - points[max(len(points) - 3, 0)]) < 0 else 1.0
        step = leaving(objective, points[-1], here, scale=scale)
        points.append(points[-1] + side * step * out)
    else:
        end = "unfinished"
    kept = np.array(points)[_spread(np.array(points))]
    return Flow(kept, np.array([objective.value(np.ascontiguousarray(point)) for point in kept]), end)


def leaving(objective: Any, x: Vector, here: Modes, *, scale: float) -> float:
    """Return how far along its most negative mode a saddle is left, so that the gradient there is still linear.

    The largest of scale/20, scale/40, ... at which the gradient differs by at most a twentieth from what the Hessian
    says, on both sides.
    """
    out, low = here.vectors[:, 0], here.values[0]
    h = scale / 20
    while h > 1e-7 * scale:
        sides = (objective.grad(np.ascontiguousarray(x + s * h * out)) * s for s in (1.0, -1.0))
        if all(np.linalg.norm(g - low * h * out) <= 0.05 * abs(low) * h for g in sides):
            break
        h /= 2
    return h


def _integrate(objective: Any, points: list[Vector], *, rate: float, scale: float, left: int) -> tuple[str, int]:
    """Append points of the path from the last one on; return how it ended and how many steps are left."""

    def slope(t: float, x: Vector) -> Vector:
        del t
        return np.asarray(objective.grad(np.ascontiguousarray(x))) / -rate

    x = points[-1]
    solver = LSODA(slope, 0.0, x, 1e15, first_step=1e-3, rtol=1e-6, atol=1e-7 * scale)
    steepest, trial = 0.0, None
    while left > 0 and solver.status == "running":
        left -= 1
        try:
            solver.step()
        except (FloatingPointError, ValueError, RuntimeError):
            return "unfinished", left
        if solver.status == "failed" or not np.isfinite(solver.y).all():
            return "unfinished", left
        x = np.array(solver.y)
        points.append(x)
        size = float(np.linalg.norm(objective.grad(x)))
        steepest = max(steepest, size)
        trial = 0.1 * steepest if trial is None else trial
        if size <= trial:
            trial = 0.1 * size
            end = _ended(objective, points, size=size, scale=scale)
            if end:
                return end, left
    return "unfinished", left


def _ended(objective: Any, points: list[Vector], *, size: float, scale: float) -> str:
    """Return how the path ends at its last point, or nothing where it goes on; a minimum is appended."""
    x = points[-1]
    here = modes(objective, x)
    found = polished(objective, x, index=0, near=0.2 * scale, here=here)
    value = objective.value(x)
    if found is not None and objective.value(found) <= value + 16 * EPS * abs(value):
        points.append(found)
        return "minimum"
    if size <= 1e-9 * here.largest * scale and here.index:
        return "saddle"
    if size <= 64 * EPS * here.largest * (scale + float(np.linalg.norm(x))):
        return "flat"
    return ""


def _spread(path: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the numbers of at most `KEPT` points, about evenly along the path, the first and the last among them."""
    length = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1))])
    at = np.searchsorted(length, np.linspace(0.0, length[-1], KEPT))
    return np.unique(np.clip(np.append(at, [0, len(path) - 1]), 0, len(path) - 1))
