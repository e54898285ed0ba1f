"""The sizes of x, t and F on a path: what lengths and tolerances are measured in, so that no result depends on units."""

from __future__ import annotations

from math import isfinite, sqrt
from typing import Any

import numpy as np

from homotopy.continuation.engine.settings import Course
from homotopy.continuation.parts.linear import Linear
from homotopy.continuation.point import Metric, Point
from homotopy.errors import EvaluationError
from homotopy.objectives.base import Vector
from homotopy.objectives.family import Homotopy

__all__ = ["GROWTH", "grown", "learned", "mean_square", "size_of"]

GROWTH = 4.0  # a path that has come this many times as far as the size of x has a larger size
STILL = 1e-3  # of the size of the start: below, what x moves is not looked at


def mean_square(x: Vector) -> float:
    """Return the root mean square of the components."""
    return sqrt(float(x.dot(x)) / x.size)


@np.errstate(all="ignore")  # what overflows is not finite, and tells nothing
def learned(
    homotopy: Homotopy, plain: Metric, course: Course, start: tuple[Vector, float], *, scale: Any, linear: Linear | None
) -> Metric:
    """Return the metric in units of the path.

    `plain` is the metric of x, t and F of size one. That of t is the length of the course. That of x is `scale` where
    it is given; else how far x moves in that time at the rate it has at the start, or a thousandth of the start where
    that is more; without a `linear` solver the size of the start. That of F is how far F moves.

    Notes
    -----
    A start that does not move, as the trivial branch of a pitchfork, tells x by the family's own curvature: the size
    at which a move of x changes the Jacobian as much as a move through the course does.
    """
    x, t = start
    span = course.length
    try:
        b = homotopy.dt_grad(x, t)
        size = _size(homotopy, start, span, b, linear) if scale is None else scale
        residual = span * sqrt(float(b.dot(b)))
        if not (isfinite(residual) and residual > 0.0):
            residual = _stiffness(homotopy, start) * float(np.sqrt(np.mean(np.square(size))) * sqrt(x.size))
    except (EvaluationError, OverflowError):
        size, residual = (mean_square(x) or 1.0) if scale is None else scale, 1.0
    return plain.scaled(size, span, residual if isfinite(residual) and residual > 0.0 else 1.0)


def _size(homotopy: Homotopy, start: tuple[Vector, float], span: float, b: Vector, linear: Linear | None) -> float:
    """Return the size of x."""
    x, t = start
    still, moves = mean_square(x), 0.0
    if b.any():
        if linear is None:
            return still or 1.0
        try:
            moves = span * mean_square(linear.factor(homotopy, x, t).solve(b))
        except np.linalg.LinAlgError:
            return still or 1.0
    size = max(moves, STILL * still) if isfinite(moves) else still
    return size if size > 0.0 else _curvature(homotopy, start, span)


def _waves(n: int) -> Vector:
    waves: Vector = np.cos(np.arange(1.0, n + 1) ** 2)
    return waves / mean_square(waves)


def _stiffness(homotopy: Homotopy, start: tuple[Vector, float]) -> float:
    """Return the size of the Jacobian, by one product."""
    r = _waves(start[0].size)
    return float(np.linalg.norm(homotopy.hessp(*start, r)) / np.linalg.norm(r))


def _curvature(homotopy: Homotopy, start: tuple[Vector, float], span: float) -> float:
    """Return the size at which a move of x changes the Jacobian as much as a move of t through the course; 1 if none."""
    x, t = start
    r = _waves(x.size)
    here = homotopy.hessp(x, t, r)
    aim = float(np.linalg.norm(homotopy.hessp(x, t + 0.5 * span, r) - here))
    noise = 1e-12 * float(np.linalg.norm(here))
    if not aim > noise:
        return 1.0

    def change(size: float) -> float:
        value = float(np.linalg.norm(homotopy.hessp(x + size * r, t, r) - here))
        return value if isfinite(value) else np.inf

    low, high = -60, 60  # powers of ten; the change grows with the size
    if change(10.0**high) <= aim:
        return 1.0
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if change(10.0**middle) > aim else (middle, high)
    return 10.0**low


def size_of(metric: Metric, plain: Metric) -> float:
    """Return the size of x in a metric; that of a mean component where each has its own."""
    ratio = plain.x_weight / metric.x_weight
    return sqrt(ratio if isinstance(ratio, float) else float(np.mean(ratio)))


def grown(metric: Metric, plain: Metric, first: Point, last: Point) -> Metric:
    """Return the metric with the size of x that a path has come to, or the same where it has not outgrown its own."""
    if not isinstance(metric.x_weight, float):
        return metric
    size = size_of(metric, plain)
    moved = mean_square(last.x - first.x)
    if not moved > GROWTH * size:
        return metric
    return Metric(plain.x_weight / moved**2, metric.t_weight, metric.residual)
