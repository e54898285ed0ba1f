"""The small records that predictors, correctors and the tracker pass to each other, and the metric of the curve."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from math import inf, nan, sqrt
from typing import Any, NamedTuple

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

    Attributes
    ----------
    x_weight : float or ndarray of shape (n,)
        Of x, or of each of its components, in one over their units squared.
    t_weight : float
        Of t.
    residual : float
        The size of F, in its units: tolerances on its norm are relative to this.

    Examples
    --------
    >>> Metric.weighted(0.5, 4)
    Metric(x_weight=0.125, t_weight=0.5, residual=1.0)
    """

    x_weight: Any = 1.0
    t_weight: float = 1.0
    residual: float = 1.0

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

    def plain(self) -> list[Any]:
        """Return the fields, JSON-able; ``Metric.restored`` makes the metric of them."""
        return [value.tolist() if isinstance(value, np.ndarray) else value for value in astuple(self)]

    @classmethod
    def restored(cls, fields: list[Any] | None) -> Metric | None:
        """Return the metric of what `plain` returned, None of None.

        Raises
        ------
        TypeError
            If it is something else.
        """
        if fields is None:
            return None
        x_weight, t_weight, residual = fields
        weights = np.array(x_weight, dtype=np.float64)
        sizes = (*weights.ravel().tolist(), t_weight, residual)
        if weights.ndim > 1 or not all(type(size) in (int, float) and 0 <= size < inf for size in sizes):
            raise TypeError
        return cls(weights if weights.ndim else float(weights), t_weight, residual)

    def scaled(self, x: Any, t: float, residual: float) -> Metric:
        """Return the metric of x, t and F measured in units of these sizes; that of x may be one a component."""
        return Metric(self.x_weight / x**2, self.t_weight / t**2, residual)

    def inner(self, ax: Vector, at: float, bx: Vector, bt: float) -> float:
        """Return the inner product of two directions."""
        weight = self.x_weight
        if isinstance(weight, float):
            return weight * float(ax.dot(bx)) + self.t_weight * at * bt
        return float((weight * ax).dot(bx)) + self.t_weight * at * bt

    def norm(self, x: Vector, t: float) -> float:
        """Return the length of a direction."""
        weight = self.x_weight
        if isinstance(weight, float):
            return sqrt(weight * float(x.dot(x)) + self.t_weight * t * t)
        return sqrt(float((weight * x).dot(x)) + self.t_weight * t * t)

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
        The step that led here, in t over the length of the course, or in arclength.
    n_iter : int
        Corrector iterations that it took.
    s : float
        Arclength from the start, in the metric of the path.
    tangent : Direction or None
        The unit tangent, where it was computed.
    index : int
        The number of unstable directions (`Spectrum`): the negative eigenvalues of the Hessian, or of a root system the
        eigenvalues of the Jacobian with positive real part; -1 where it was not computed, or is not certain.
    eigenvalues : tuple of float
        The lowest eigenvalues of the Hessian, or the greatest real parts of the Jacobian's, where they were asked for.
    n_linear : int
        Iterations of the linear solver, or factorizations, that the step took.
    orientation : int
        The sign of the determinant of the Jacobian bordered with the tangent; 0 where it is not known.
    log_det : float
        The logarithm of that determinant's size; NaN where it is not known.
    accuracy : float
        0 where the corrector met its tolerance; where rounding stopped it earlier, its last move, in the metric.
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
    log_det: float = nan
    accuracy: float = 0.0


class Guess(NamedTuple):
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
    accuracy : float
        As of a `Point`.
    contraction : float
        What the first iteration of Newton's method left of the residual; 0 where it was small from the beginning.
    det, log_det : float
        The sign of the bordered Jacobian's determinant at the guess, 0 where it is not known, and the logarithm of its
        size.
    """

    x: Vector
    t: float
    value: float
    grad_norm: float
    status: Status
    n_iter: int
    distance: float
    angle: float = nan
    n_linear: int = 0
    descent: bool = False
    accuracy: float = 0.0
    contraction: float = 0.0
    det: float = 0.0
    log_det: float = nan

    def turned(self, angle: float) -> Correction:
        """Return the same with an angle, in a third of the time of ``dataclasses.replace``: every step needs it."""
        found = (self.x, self.t, self.value, self.grad_norm, self.status, self.n_iter, self.distance, angle)
        more = (self.n_linear, self.descent, self.accuracy, self.contraction, self.det, self.log_det)
        return Correction(*found, *more)


class Trail(NamedTuple):
    """The accepted points that a predictor may look back on, newest last, and how the next step is measured.

    Attributes
    ----------
    points : sequence of Point
        At least one.
    natural : bool
        Whether a step is one in t, a part of the course; else it is one in arclength.
    direction : float
        The sign of t's motion by natural steps, times the length of the course.
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
