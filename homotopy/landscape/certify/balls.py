"""Ball arithmetic of python-flint: numbers with a radius that every rounding error is inside of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import inf, nextafter
from typing import Any

from homotopy.extras import extra

__all__ = ["Balls", "Derivatives", "around", "dot", "high", "low", "most", "norm", "outer", "row_sum", "unit"]

Balls = list[Any]
"""Balls (``flint.arb``), one for each number."""
Derivatives = Callable[[Balls], tuple[Any, Balls, list[Balls]]]
"""A function of balls that returns balls of the value, the gradient (n) and the Hessian (n, n)."""


def flint() -> Any:
    """Return the module flint.

    Raises
    ------
    MissingExtraError
        If it is not installed.
    """
    return extra("flint", "certify", "a proof by ball arithmetic")


def around(centers: Sequence[Any], radius: Any) -> Balls:
    """Return the box of all points at most `radius`, a ball whose upper end counts, from the centers."""
    width = flint().arb(0, radius)
    return [center + width for center in centers]


def most(balls: Sequence[Any]) -> Any:
    """Return an upper bound of the largest absolute value in any of the balls, exact; 0 of none."""
    top = flint().arb(0)
    for ball in balls:
        top = top.max(ball.abs_upper())
    return top.upper()


def row_sum(M: Sequence[Sequence[Any]]) -> Any:
    """Return an upper bound of the largest sum of absolute values in a row, exact; 0 of no rows."""
    return most([sum((a.abs_upper() for a in row), flint().arb(0)) for row in M])


def low(ball: Any) -> float:
    """Return a float64 below everything in the ball."""
    return _outward(ball.lower(), -inf)


def high(ball: Any) -> float:
    """Return a float64 above everything in the ball."""
    return _outward(ball.upper(), inf)


def _outward(end: Any, toward: float) -> float:
    """Return a float64 on that side of an exact ball."""
    if not end.is_finite():
        return toward
    found = float(end)  # rounds, we know not where to
    right = (end >= found) if toward < 0 else (end <= found)
    return found if right else nextafter(found, toward)


def dot(u: Sequence[Any], v: Sequence[Any]) -> Any:
    """Return the inner product of two vectors, one of them at least of balls."""
    return sum((a * b for a, b in zip(u, v, strict=True)), flint().arb(0))


def norm(v: Sequence[Any]) -> Any:
    """Return the Euclidean norm of a vector of balls."""
    return dot(v, v).nonnegative_part().sqrt()


def unit(v: Sequence[Any]) -> Balls:
    """Return v over its norm; where that may be 0, balls in which every unit vector lies."""
    length, sphere = norm(v), flint().arb(0, 1)
    if not length > 0:
        return [sphere for _ in v]
    ratios = [a / length for a in v]
    return [sphere.intersection(a) if a.overlaps(sphere) else a for a in ratios]


def outer(u: Sequence[Any], v: Sequence[Any]) -> list[Balls]:
    """Return the matrix u v^T."""
    return [[a * b for b in v] for a in u]
