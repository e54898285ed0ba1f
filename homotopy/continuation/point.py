"""The small records that predictors, correctors and the tracker pass to each other, and the metric of the curve."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import NamedTuple

import numpy as np

from homotopy.arguments import number
from homotopy.objectives.base import Vector
from homotopy.status import Status

__all__ = ["Correction", "Direction", "Guess", "Metric", "Point", "Trail"]


class Direction(NamedTuple):
    """A direction (dx, dt) of the curve, dx of shape (n,)."""

    x: Vector
    t: float


@dataclass(frozen=True, slots=True)
class Metric:
    """The inner product ``x_weight * (dx.ex) + t_weight * dt * et`` in which arclength is measured.

    Examples
    --------
    >>> Metric.weighted(0.5, 4)
    Metric(x_weight=0.125, t_weight=0.5)
    """

    x_weight: float = 1.0
    t_weight: float = 1.0

    @classmethod
    def weighted(cls, theta: float, n: int) -> Metric:
        """Return the metric with weights theta / n and 1 - theta, the same for every number n of variables.

        Raises
        ------
        ArgumentError
            If theta is not inside (0, 1).
        """
        theta = number("theta", theta, "a number inside (0, 1)", above=0, below=1)
        return cls(theta / n, 1.0 - theta)

    def inner(self, ax: Vector, at: float, bx: Vector, bt: float) -> float:
        """Return the inner product of two directions."""
        return self.x_weight * float(ax.dot(bx)) + self.t_weight * at * bt

    def norm(self, x: Vector, t: float) -> float:
        """Return the length of a direction."""
        return sqrt(self.x_weight * float(x.dot(x)) + self.t_weight * t * t)

    def unit(self, x: Vector, t: float) -> Direction:
        """Return the direction scaled to length one."""
        scale = 1.0 / self.norm(x, t)
        return Direction(x * scale, t * scale)


@dataclass(frozen=True, slots=True)
class Point:
    """An accepted point of a path.

    Attributes
    ----------
    x : ndarray of shape (n,)
        The point.
    t : float
        The homotopy parameter.
    value : float
        H(x, t).
    grad_norm : float
        Euclidean norm of the gradient of H(., t) at x.
    step : float
        The step that led here, in t or in arclength.
    n_iter : int
        Corrector iterations that it took.
    s : float
        Arclength from the start, in the metric of the path.
    tangent : Direction or None
        The unit tangent, where it was computed.
    index : int
        The number of negative eigenvalues of the Hessian; -1 where it was not computed.
    eigenvalues : tuple of float
        The lowest eigenvalues of the Hessian, where they were asked for.
    n_linear : int
        Iterations of the linear solver, or factorizations, that the step took.
    orientation : int
        The sign of the determinant of the Jacobian bordered with the tangent; 0 where it is not known.
    """

    x: Vector
    t: float
    value: float
    grad_norm: float
    step: float = 0.0
    n_iter: int = 0
    s: float = 0.0
    tangent: Direction | None = None
    index: int = -1
    eigenvalues: tuple[float, ...] = ()
    n_linear: int = 0
    orientation: int = 0


@dataclass(frozen=True, slots=True)
class Guess:
    """A predicted point, with the direction along which it was predicted (None by natural steps).

    The arclength correctors keep to the plane through the guess that is normal to `tangent` in `metric`.
    """

    x: Vector
    t: float
    tangent: Direction | None = None
    metric: Metric = Metric()


@dataclass(frozen=True, slots=True)
class Correction:
    """What a corrector made of a guess.

    Attributes
    ----------
    status : Status
        CONVERGED, or why not.
    distance : float
        How far the corrector moved from the guess, in the metric of the guess; a large one against the step betrays
        a jump to another branch.
    angle : float
        Angle in radians between the tangents before and after the step; NaN where one of them is not known.
    n_linear : int
        Iterations of the linear solver, or factorizations.
    descent : bool
        Whether the iterations are those of a descent, whose number says little about the step.
    """

    x: Vector
    t: float
    value: float
    grad_norm: float
    status: Status
    n_iter: int
    distance: float
    angle: float = float("nan")
    n_linear: int = 0
    descent: bool = False


@dataclass(frozen=True, slots=True)
class Trail:
    """The accepted points that a predictor may look back on, newest last, and how the next step is measured.

    Attributes
    ----------
    points : sequence of Point
        At least one.
    natural : bool
        Whether a step is one in t; else it is one in arclength.
    direction : float
        The sign of t's motion by natural steps.
    metric : Metric
        What arclength means.
    """

    points: Sequence[Point]
    natural: bool
    direction: float = 1.0
    metric: Metric = Metric()

    @property
    def last(self) -> Point:
        """The newest point."""
        return self.points[-1]

    def secant(self) -> Direction | None:
        """Return the unit direction from the point before to the newest, None where there is only one."""
        if len(self.points) < 2:
            return None
        a, b = self.points[-2], self.points[-1]
        dx, dt = b.x - a.x, b.t - a.t
        if dt == 0.0 and not np.any(dx):
            return None
        return self.metric.unit(dx, dt)
