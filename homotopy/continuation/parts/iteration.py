"""The iteration of Newton's method: when it has converged, when only rounding is left, when it is given up."""

from __future__ import annotations

from math import isfinite, nan, sqrt
from typing import Any

import numpy as np

from homotopy.continuation.parts.linear import Linear, bordered
from homotopy.continuation.point import Correction, Guess, Metric
from homotopy.errors import ArgumentError, EvaluationError
from homotopy.objectives.base import Vector
from homotopy.objectives.family import Homotopy
from homotopy.status import Status

__all__ = ["fixed_step", "iterate", "plane_step", "rounding"]

_GROWTH = 100.0  # a residual that grew by this factor will not come back
_STILL = 1e-5  # a move, in the metric, after which a residual that does not fall may be one of rounding
_TINY = 1e-8  # a move, in the metric, that shows rounding where the one before was no longer
_LEAST = 1e-13  # a move, in the metric, that may be one of rounding
_SMALL = 64  # up to this many variables a correction costs little beside an evaluation
_EPS = float(np.finfo(np.float64).eps)


class _Iterate:
    """The state of one Newton iteration."""

    __slots__ = (
        "contraction",
        "det",
        "forcing",
        "g",
        "guess",
        "log_det",
        "metric",
        "move",
        "n_linear",
        "solver",
        "t",
        "tangent",
        "x",
    )

    def __init__(self, guess: Guess) -> None:
        self.guess, self.x, self.t, self.g = guess, guess.x, guess.t, guess.x
        self.tangent, self.metric = guess.tangent, guess.metric
        self.n_linear, self.forcing, self.move, self.contraction = 0, 0.0, 0.0, 0.0
        self.det, self.log_det = 0.0, nan
        self.solver: Any = None


@np.errstate(all="ignore")  # what overflows is not finite, and ends as a Status
def iterate(homotopy: Homotopy, guess: Guess, settings: Any, step: Any) -> Correction:
    """Return what Newton's method makes of a guess; `step(homotopy, iterate, linear)` moves the iterate.

    The settings have `tolerance`, `max_iter` and `linear`.
    """
    z = _Iterate(guess)
    goal = settings.tolerance * guess.metric.residual
    value = norm = nan
    n_iter = 0
    try:
        value, z.g = homotopy.value_and_grad(z.x, z.t)
        first = norm = sqrt(float(z.g.dot(z.g)))
        if not isfinite(norm):
            return _result(z, value, norm, Status.NON_FINITE, n_iter)
        slow = 0
        while norm > goal or _far(z, settings.tolerance):
            if n_iter == settings.max_iter or norm > _GROWTH * first or slow > settings.max_iter // 4:
                return _result(z, value, norm, Status.NOT_CONVERGED, n_iter)
            z.forcing = min(0.05, 0.3 * goal / norm) if norm > 0.0 else 0.05
            moved_before = z.move
            step(homotopy, z, settings.linear)
            n_iter += 1
            value, z.g = homotopy.value_and_grad(z.x, z.t)
            before, norm = norm, sqrt(float(z.g.dot(z.g)))
            if n_iter == 1 and before > 10.0 * goal:
                z.contraction = norm / before
            slow += norm > 0.5 * before
            # Rounding is told by the function, or by moves that are tiny and become no smaller.
            if n_iter > 1 and 0.5 * moved_before < z.move < _TINY:
                return _result(z, value, norm, Status.CONVERGED, n_iter, accuracy=z.move)
            if norm > 0.5 * before and z.move < _STILL and _at_rounding(homotopy, z, norm):
                return _result(z, value, norm, Status.CONVERGED, n_iter, accuracy=z.move)
        status = Status.CONVERGED if isfinite(norm) else Status.NON_FINITE
    except (EvaluationError, OverflowError):
        status = Status.NON_FINITE
    except np.linalg.LinAlgError:
        status = Status.SINGULAR
    return _result(z, value, norm, status, n_iter)


def _far(z: _Iterate, tolerance: float) -> bool:
    """Whether a small residual hides a distance: beside another branch, or in equations of small size beside large.

    Told by the next correction, with the factors at hand. With many variables it is computed only after a long move:
    after a short one Newton's method has settled.
    """
    if z.x.size > _SMALL and (z.solver is None or z.move <= 10.0 * sqrt(tolerance)):
        return False
    if z.solver is None:
        return True
    moved = z.metric.norm(*z.solver(z.g))
    # Between two roots that are close Newton's method halves its moves; then it may yet settle on either.
    return moved > 10.0 * tolerance or 0.1 * z.move < moved > _LEAST


def _at_rounding(homotopy: Homotopy, z: _Iterate, norm: float) -> bool:
    """Whether the residual is what rounding leaves."""
    return norm <= 8.0 * rounding(homotopy, (z.x, z.t), z.g, z.metric)


def rounding(homotopy: Homotopy, at: tuple[Vector, float], g: Vector, metric: Metric, *, whole: bool = False) -> float:
    """Return the rounding level of the residual g at (x, t): how it changes when x changes by some units in its place.

    One evaluation. A component that is zero, or each where that of the `whole` is meant, has the rounding of its size
    in the metric.
    """
    x, t = at
    noise = 4.0 * _EPS * np.where(np.arange(x.size) % 3 == 1, -1.0, 1.0)
    unit = np.sqrt(0.5 / (x.size * metric.x_weight))
    size = unit + np.abs(x) if whole else np.where(x == 0.0, unit, np.abs(x))
    moved = homotopy.grad(x + noise * size, t) - g
    return sqrt(float(moved.dot(moved)))


def _result(
    z: _Iterate, value: float, norm: float, status: Status, n_iter: int, *, accuracy: float = 0.0
) -> Correction:
    distance = z.metric.norm(z.x - z.guess.x, z.t - z.guess.t)
    found = (z.x, z.t, value, norm, status, n_iter, distance, nan, z.n_linear)
    return Correction(*found, accuracy=accuracy, contraction=z.contraction, det=z.det, log_det=z.log_det)


def _unknown(g: Vector) -> tuple[Vector, float]:
    """Return the next correction of an iterative solver, which would cost as much as a step: none."""
    return np.zeros_like(g), 0.0


def fixed_step(homotopy: Homotopy, z: _Iterate, linear: Linear) -> None:
    """Move at fixed t."""
    solver = linear.factor(homotopy, z.x, z.t)
    # An iterative solver need not be more exact than the Newton iteration can use.
    free = hasattr(solver, "n_products")
    dx = solver.solve(z.g, rtol=z.forcing) if free else solver.solve(z.g)
    z.solver = _unknown if free else lambda g: (solver.solve(g), 0.0)
    z.x, z.move = z.x - dx, z.metric.norm(dx, 0.0)
    z.n_linear += getattr(solver, "n_products", 1)


def plane_step(homotopy: Homotopy, z: _Iterate, linear: Linear, *, turning: bool = False) -> None:
    """Move in the plane normal to the tangent: through the guess, or through the iterate, where the tangent turns.

    Raises
    ------
    ArgumentError
        If the guess has no tangent.
    """
    tangent, guess = z.tangent, z.guess
    if tangent is None:
        raise ArgumentError("guess: an arclength corrector needs a guess with a tangent; Constant gives none")
    border: Any = bordered(linear, homotopy, (z.x, z.t), tangent, z.metric)
    off = 0.0 if turning or z.x is guess.x else z.metric.inner(tangent.x, tangent.t, z.x - guess.x, z.t - guess.t)
    free = hasattr(border, "n_products")
    dx, dt = border.solve(z.g, off, rtol=z.forcing) if free else border.solve(z.g, off)
    z.solver = _unknown if free else lambda g: border.solve(g, 0.0)
    if z.x.size <= _SMALL and z.det == 0.0 and hasattr(border, "log_det"):
        z.det, z.log_det = float(border.det_sign()), border.log_det()
    if turning:
        z.tangent = z.metric.unit(*border.kernel())
    z.x, z.t, z.move = z.x - dx, z.t - dt, z.metric.norm(dx, dt)
    z.n_linear += getattr(border, "n_products", 1)
