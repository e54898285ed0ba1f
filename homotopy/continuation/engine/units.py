"""The sizes of x, t and F on a path: what lengths and tolerances are measured in, so that no result has units."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from math import isfinite, sqrt
from typing import Any

import numpy as np

from homotopy.continuation.engine.course import Course
from homotopy.continuation.parts.linear import Linear
from homotopy.continuation.point import Metric, Point
from homotopy.errors import EvaluationError
from homotopy.objectives.base import Vector
from homotopy.objectives.family import Homotopy

__all__ = ["GROWTH", "grown", "learned", "mean_square", "reach", "size_of"]

GROWTH = 2.0  # a path that has come this many times as far as the size of x gets a size of as many times that way
STATIONARY = 1e-6  # of what F moves in half of the course: a rate at the start that says nothing
FAST = 2.0  # times the size of the start: a rate at the start that leads further does not last
STILL = 1e-3  # of the size of the start: below, what x moves is not looked at
LEAST, MOST = 2.0**-400, 2.0**400  # of sizes, whose squares must be numbers
EXPONENT = 200  # sizes are looked for between two to this power and its inverse
HALVINGS = 10  # of the last factor of two in which a size is looked for


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
    Where F does not move at the start, it is looked at in the middle of the course. A start at zero without a solver,
    or with a singular Jacobian, tells x by what must be added to it to move F as much. One that does not move at all,
    as the trivial branch of a pitchfork, tells it by the family's own curvature: the size at which a move of x changes
    the Jacobian as much as a move through half of the course does. Only where x does nothing of this kind, and is zero,
    has it no size, and one is taken.
    """
    x, span = start[0], course.length
    try:
        moved = _moved(homotopy, start, course)
        size = _size(homotopy, start, course, moved, linear) if scale is None else scale
        residual = sqrt(float(moved.dot(moved)))
        if not _is_size(residual):
            residual = _stiffness(homotopy, start, float(np.sqrt(np.mean(np.square(size)))))
    except (EvaluationError, OverflowError):
        size, residual = _or_one(mean_square(x)) if scale is None else scale, 1.0
    return plain.scaled(size if scale is not None else _or_one(size), span, _or_one(residual))


def _is_size(value: float) -> bool:
    return LEAST < value < MOST


def _or_one(value: float) -> float:
    return value if _is_size(value) else 1.0


def _moved(homotopy: Homotopy, start: tuple[Vector, float], course: Course) -> Vector:
    """Return how F moves through the course at the rate of the start, or in half of it where that is next to nothing.

    As at a start where F is stationary in t: on a fold of a closed curve, on a trivial branch.
    """
    x, t = start
    moved: Vector = course.length * homotopy.dt_grad(x, t)
    try:
        half = homotopy.grad(x, t + 0.5 * course.sense * course.length)  # F vanishes at the start
    except (EvaluationError, ArithmeticError):
        return moved
    size = float(half.dot(half))
    return half if isfinite(size) and float(moved.dot(moved)) <= STATIONARY**2 * size else moved


def _size(
    homotopy: Homotopy, start: tuple[Vector, float], course: Course, moved: Vector, linear: Linear | None
) -> float:
    """Return the size of x."""
    x, t = start
    still = mean_square(x)
    if not moved.any():
        return still if _is_size(still) else _curvature(homotopy, start, course)
    moves = 0.0
    if linear is not None:
        with suppress(np.linalg.LinAlgError):
            moves = mean_square(linear.factor(homotopy, x, t).solve(moved))
    if _is_size(moves):
        # Without a target the length of the course may be any, and only the rate itself is sure.
        capped = _is_size(still) and course.target is not None
        return max(min(moves, FAST * still) if capped else moves, STILL * still)
    return still if _is_size(still) else reach(homotopy, start, sqrt(float(moved.dot(moved))))


def _waves(n: int) -> Vector:
    waves: Vector = np.cos(np.arange(1.0, n + 1) ** 2)
    return waves / mean_square(waves)


def _stiffness(homotopy: Homotopy, start: tuple[Vector, float], size: float) -> float:
    """Return how far a move of x of a size moves F, by its Jacobian, or if that is zero by itself."""
    x, t = start
    r = size * _waves(x.size)
    moved = float(np.linalg.norm(homotopy.hessp(x, t, r)))
    return moved or float(np.linalg.norm(homotopy.grad(x + r, t) - homotopy.grad(x, t)))


def reach(homotopy: Homotopy, start: tuple[Vector, float], aim: float) -> float:
    """Return the size of a move of x that moves F by `aim`; 1 if none does."""
    x, t = start
    r, here = _waves(x.size), homotopy.grad(x, t)

    def change(size: float) -> float:
        return float(np.linalg.norm(homotopy.grad(x + size * r, t) - here))

    return _least(change, aim)


def _curvature(homotopy: Homotopy, start: tuple[Vector, float], course: Course) -> float:
    """Return the size at which a move of x changes the Jacobian as much as one through half the course; 1 if none."""
    x, t = start
    r = _waves(x.size)
    here = homotopy.hessp(x, t, r)
    aim = float(np.linalg.norm(homotopy.hessp(x, t + 0.5 * course.sense * course.length, r) - here))
    if not aim > 1e-12 * float(np.linalg.norm(here)):  # no more than rounding
        return 1.0
    return _least(lambda size: float(np.linalg.norm(homotopy.hessp(x + size * r, t, r) - here)), aim)


def _least(change: Callable[[float], float], aim: float) -> float:
    """Return the least size whose change, which grows with it, exceeds the aim; 1 if none does."""

    def exceeds(size: float) -> bool:
        try:
            value = change(size)
        except (EvaluationError, ArithmeticError):
            return True
        return not value <= aim  # what is not finite does

    low, high = -EXPONENT, EXPONENT  # powers of two, so that a family in units that are such has the same digits
    if not isfinite(aim) or not exceeds(2.0**high) or exceeds(2.0**low):
        return 1.0
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if exceeds(2.0**middle) else (middle, high)
    least, most = 2.0**low, 2.0**high
    for _ in range(HALVINGS):
        half = 0.5 * (least + most)
        least, most = (least, half) if exceeds(half) else (half, most)
    return most


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
    if not GROWTH * size < moved < MOST:
        return metric
    return Metric(plain.x_weight / (GROWTH * moved) ** 2, metric.t_weight, metric.residual)
