"""Bratu's problem on 200 points, 69 arclength steps of one length round the fold: tracked, compiled, by hand."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, nan, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_banded

import homotopy as hp
from homotopy.bench.contest import Contestant
from homotopy.continuation import Adaptive, ArclengthNewton, Fixed, Jump, Path, RootSystem
from homotopy.continuation.engine.course import Course
from homotopy.continuation.engine.units import learned
from homotopy.homotopies import Bratu, MovingQuadratic
from homotopy.linalg import Tridiagonal
from homotopy.objectives.family import Homotopy

__all__ = ["ENDINGS", "Curve", "by_hand", "compiled", "ours"]

Array = NDArray[np.float64]
N, STEPS, LENGTH, TOLERANCE = 200, 69, 0.07, 1e-8  # the last relative to the size of the residual
CURVATURE = (N + 1.0) ** 2


def residual(x: Array, t: float, e: Array) -> Array:
    """Return the gradient -u'' - t e^u by central differences; e is e^u."""
    g: Array = 2 * CURVATURE * x - t * e
    g[1:] -= CURVATURE * x[:-1]
    g[:-1] -= CURVATURE * x[1:]
    return g


def bands(t: float, e: Array) -> Array:
    """Return the three diagonals of the Jacobian, shape (3, N)."""
    made = np.full((3, N), -CURVATURE)
    np.subtract(2 * CURVATURE, t * e, out=made[1])
    return made


def callbacks() -> RootSystem:
    """Return the same problem as a user writes it: plain NumPy functions, and the package's tridiagonal solver."""
    off = np.full(N - 1, -CURVATURE)
    last: tuple[Array, Array] = (np.empty(0), np.empty(0))

    def e(x: Array) -> Array:  # computed once a point: the tracker never writes into one
        nonlocal last
        if last[0] is not x:
            last = (x, np.exp(x))
        return last[1]

    return RootSystem(
        lambda x, t: residual(x, t, e(x)),
        N,
        dt=lambda x, t: -e(x),
        factorize=lambda x, t: Tridiagonal(off, 2 * CURVATURE - t * e(x), off),
        x0=np.zeros(N),
    )


def by_hand() -> tuple[float, Array]:
    """Return the last t and u of the trace, written as one loop in NumPy."""
    x, t, tx, tt = np.zeros(N), 0.0, np.zeros(N), 1.0
    wx, wt = 0.5 / N, 0.5
    pair = np.empty((N, 2))
    goal = TOLERANCE * sqrt(N)  # the residual changes by e^0 in each of N places when t changes by 1
    for step in range(STEPS + 1):
        e = np.exp(x)
        z = solve_banded((1, 1), bands(t, e), e, check_finite=False)
        dt = 1 / np.sqrt(wt + wx * (z @ z))
        if step and dt * (wt * tt + wx * (tx @ z)) < 0:
            dt = -dt
        tx, tt = z * dt, dt
        if step == STEPS:
            break
        guess, lam = x + LENGTH * tx, t + LENGTH * tt
        x, t = guess.copy(), lam
        for _ in range(8):
            e = np.exp(x)
            g = residual(x, t, e)
            if np.sqrt(g @ g) <= goal:
                break
            pair[:, 0], pair[:, 1] = g, e
            s = solve_banded((1, 1), bands(t, e), pair, check_finite=False)
            plane = wx * (tx @ (x - guess)) + wt * tt * (t - lam)
            dl = (wx * (tx @ s[:, 0]) - plane) / (wt * tt + wx * (tx @ s[:, 1]))
            x = x - s[:, 0] + dl * s[:, 1]
            t += dl
    return t, x


def ours() -> list[Contestant]:
    """Return the package's contestants."""
    return [_compiled(Bratu(N)), _tracked("homotopy callbacks", callbacks()), _tracked("homotopy track", Bratu(N))]


def _track(family: Homotopy) -> Path:
    return hp.track(
        family,
        corrector=ArclengthNewton(tolerance=TOLERANCE),
        step_control=Fixed(LENGTH),
        target=None,
        max_steps=STEPS,
        scale=1.0,
    )


def _tracked(name: str, family: Homotopy) -> Contestant:
    return Contestant(name, lambda: _track(family), answer=lambda: _track(family).t)


def _compiled(family: Bratu) -> Contestant:
    def run() -> Curve:
        return compiled(family, ArclengthNewton(tolerance=TOLERANCE), Fixed(LENGTH), max_steps=STEPS)

    def answer() -> float:
        """Return the last t, infinite if the curve is another than the interpreted tracker's."""
        curve = run()
        return float(curve.points["t"][-1]) if curve.agrees(_track(family), 1e-6) else inf

    return Contestant("homotopy", run, answer=answer)


ENDINGS = ("max steps", "crossed", "limit", "too small", "not converged", "not finite", "singular")
"""Why a compiled trace ended, by its code."""


@dataclass(frozen=True)
class Curve:
    """What the compiled tracker found.

    Points are t, value, grad_norm, step, n_iter, s, tangent_t, index of shape (m,) and x, tangent_x of shape (m, n);
    folds are the same, with the number of the point before as n_iter. Of `ENDINGS`, after "crossed" the last point
    lies beyond the target or the bound.
    """

    ended: str
    points: dict[str, NDArray[Any]]
    folds: dict[str, NDArray[Any]]
    rejected: int

    def agrees(self, path: Path, tolerance: float = 1e-8) -> bool:
        """Return whether a path has the same points and folds, to a tolerance."""
        if len(path.points) != len(self.points["t"]) or path.n_folds != len(self.folds["t"]):
            return False
        folds = [event.point.t for event in path.events if event.name == "LP"]
        x = np.array([point.x for point in path.points])
        pairs = ((x, self.points["x"]), (path.column("t"), self.points["t"]), (np.array(folds), self.folds["t"]))
        return all(np.allclose(a, b, rtol=tolerance, atol=tolerance) for a, b in pairs)


def compiled(
    family: Bratu | MovingQuadratic,
    corrector: ArclengthNewton,
    control: Adaptive | Fixed,
    *,
    max_steps: int,
    target: float | None = None,
    bounds: tuple[float, float] = (-inf, inf),
) -> Curve:
    """Return the curve from the family's start at t = 0, by the tracker as one compiled loop (ext/track/arclength.h).

    It does not land on the target or a bound that it crosses; the family solves its linear systems itself, and an aim
    of the steps at a distance is not looked at. The size of x is 1, as for ``track(..., scale=1.0)``.
    """
    fixed = isinstance(control, Fixed)
    course = {"low": bounds[0], "high": bounds[1], "target": nan if target is None else target, "sense": 1.0}
    limits = {"limit": inf, "max_steps": max_steps, "jump_ratio": Jump().limit(fixed=fixed), "fixed": int(fixed)}
    start = family.start()
    course_of = Course(0.0, target, None if bounds == (-inf, inf) else bounds)
    metric = learned(family, corrector.metric(family.size), course_of, (start, 0.0), scale=1.0, linear=None)
    weights = {"x_weight": metric.x_weight, "t_weight": metric.t_weight, "max_iter": corrector.max_iter}
    aims = {"tolerance": corrector.tolerance, "final_tolerance": corrector.final_tolerance}
    aims["residual"] = metric.residual
    settings = {**course, **limits, **weights, **aims, **_numbers(control)}
    code, points, folds, totals = family.core.trace(start, 0.0, settings)
    return Curve(ENDINGS[code], points, folds, int(totals["rejected"]))


def _numbers(control: Adaptive | Fixed) -> dict[str, float]:
    """Return the fields of hp_settings that the control of the steps fills."""
    if isinstance(control, Fixed):
        loose = {"minimum": 0.0, "maximum": inf, "iterations": 0.0, "angle": 0.0, "grow": 1.0, "shrink": 1.0}
        return loose | {"initial": control.initial}
    aims = {"iterations": float(control.iterations or 0), "angle": control.angle or 0.0}
    return aims | {name: getattr(control, name) for name in ("initial", "minimum", "maximum", "grow", "shrink")}
