"""Where the next point of a path is guessed to be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from homotopy.arguments import integer
from homotopy.continuation.point import Direction, Guess, Point, Trail
from homotopy.doors import door
from homotopy.errors import ArgumentError
from homotopy.objectives.base import Vector
from homotopy.objectives.family import Homotopy

__all__ = ["Constant", "Polynomial", "Predictor", "Secant", "Tangent"]


class Predictor(Protocol):
    """A way to guess the next point."""

    @property
    def order(self) -> int:
        """The order of the error less one: it falls as ``step ** (order + 1)``."""

    @property
    def needs_tangent(self) -> bool:
        """Whether the tracker must compute the tangent at every accepted point."""

    def predict(self, homotopy: Homotopy, trail: Trail, step: float) -> Guess:
        """Return the guess one step, in t or in arclength, beyond the trail's last point."""


@dataclass(frozen=True)
class Constant:
    """The last point itself at the next t; for natural steps only."""

    order: int = 0
    needs_tangent: bool = False

    def predict(self, homotopy: Homotopy, trail: Trail, step: float) -> Guess:
        """Return the last x at the next t.

        Raises
        ------
        ArgumentError
            If the steps are ones in arclength: a point that does not move has no arclength.
        """
        if not trail.natural:
            raise ArgumentError("predictor: Constant works with natural steps only; use Secant, Tangent or Polynomial")
        return Guess(trail.last.x, trail.last.t + trail.direction * step, None, trail.metric)


@dataclass(frozen=True)
class Secant:
    """Along the line through the last two points; the first step goes along the tangent if there is one."""

    order: int = 1
    needs_tangent: bool = False

    def predict(self, homotopy: Homotopy, trail: Trail, step: float) -> Guess:
        """Return the guess along the secant."""
        return _along(trail, trail.secant() or trail.last.tangent, step)


@dataclass(frozen=True)
class Tangent:
    """Along the tangent at the last point (an Euler step)."""

    order: int = 1
    needs_tangent: bool = True

    def predict(self, homotopy: Homotopy, trail: Trail, step: float) -> Guess:
        """Return the guess along the tangent."""
        return _along(trail, trail.last.tangent or trail.secant(), step)


@door
@dataclass(frozen=True)
class Polynomial:
    """Along the polynomial of the given degree through the last points, in t or in arclength.

    Until there are ``degree + 1`` points, the degree is what they allow; the first step goes along the tangent.

    Parameters
    ----------
    degree : int
        From 1 (the secant) upwards.

    Raises
    ------
    ArgumentError
        If the degree is below 1.
    """

    degree: int = 2
    needs_tangent: bool = False

    def __post_init__(self) -> None:
        integer("degree", self.degree)

    @property
    def order(self) -> int:
        """The order of the error less one: the degree."""
        return self.degree

    def predict(self, homotopy: Homotopy, trail: Trail, step: float) -> Guess:
        """Return the guess along the polynomial, the plane normal to its derivative there."""
        points = trail.points[-(self.degree + 1) :]
        if len(points) < 3:
            return _along(trail, trail.secant() or trail.last.tangent, step)
        if trail.natural:
            t = trail.last.t + trail.direction * step
            weights, _ = _lagrange(np.array([p.t for p in points]), t)
            return Guess(_combine(weights, points), t, None, trail.metric)
        weights, slopes = _lagrange(np.array([p.s for p in points]), trail.last.s + step)
        times = np.array([p.t for p in points])
        tangent = trail.metric.unit(_combine(slopes, points), float(slopes @ times))
        return Guess(_combine(weights, points), float(weights @ times), tangent, trail.metric)


def _along(trail: Trail, direction: Direction | None, step: float) -> Guess:
    last, metric = trail.last, trail.metric
    if trail.natural:
        t = last.t + trail.direction * step
        if direction is None or direction.t == 0.0:
            return Guess(last.x, t, None, metric)
        return Guess(last.x + ((t - last.t) / direction.t) * direction.x, t, None, metric)
    if direction is None:
        direction = metric.unit(np.zeros_like(last.x), trail.direction)
    return Guess(last.x + step * direction.x, last.t + step * direction.t, direction, metric)


def _lagrange(nodes: Vector, at: float) -> tuple[Vector, Vector]:
    """Return the weights of the values at the nodes in the interpolant and in its derivative at one place."""
    k = nodes.size
    weights, slopes = np.ones(k), np.zeros(k)
    for i in range(k):
        others = np.delete(nodes, i)
        scale = np.prod(nodes[i] - others)
        weights[i] = np.prod(at - others) / scale
        slopes[i] = sum(np.prod(at - np.delete(others, j)) for j in range(k - 1)) / scale
    return weights, slopes


def _combine(weights: Vector, points: Sequence[Point]) -> Vector:
    x: Vector = np.zeros_like(points[0].x)
    for weight, point in zip(weights, points, strict=True):
        x += weight * point.x
    return x
