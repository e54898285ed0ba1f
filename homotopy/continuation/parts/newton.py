"""Newton's method from a guess back to the curve, at fixed t or in the plane normal to the tangent."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from math import isfinite, nan, sqrt
from typing import Any, ClassVar, Protocol, Self

import numpy as np

from homotopy.arguments import integer, number
from homotopy.continuation.parts.linear import Auto, Dense, Krylov, Linear, Sparse, bordered
from homotopy.continuation.point import Correction, Guess, Metric
from homotopy.errors import ArgumentError, EvaluationError
from homotopy.objectives.base import Vector
from homotopy.objectives.family import Homotopy
from homotopy.status import Status

__all__ = [
    "ArclengthNewton",
    "AtFixedT",
    "Corrector",
    "DenseNewton",
    "MoorePenrose",
    "Newton",
    "NewtonKrylov",
    "SparseNewton",
    "rounding",
]

_GROWTH = 100.0  # a residual that grew by this factor will not come back
_STILL = 1e-5  # a move, in the metric, after which a residual that does not fall may be one of rounding
_TINY = 1e-8  # a move, in the metric, that shows rounding where the one before was no longer
_LEAST = 1e-13  # a move, in the metric, that may be one of rounding
_SMALL = 64  # up to this many variables a correction costs little beside an evaluation
_EPS = float(np.finfo(np.float64).eps)


class Corrector(Protocol):
    """A way from a guess to a point of the curve.

    It may also have ``linear``, the solver of linear systems that tangents share, ``metric(n)``, how arclength is
    measured, and ``at_fixed_t()``, the corrector for landing on a given t; by default dense or sparse as it fits,
    equal weights of x and t, and itself.
    """

    @property
    def natural(self) -> bool:
        """Whether t stays fixed, so that the tracker's steps are ones in t."""

    @property
    def tolerance(self) -> float:
        """Of the gradient's norm over its size: a start above it is polished, an end above that of `tight` is none."""

    def correct(self, homotopy: Homotopy, guess: Guess) -> Correction:
        """Return what became of the guess; a numerical failure is a Status, never an exception."""

    def tight(self) -> Self:
        """Return the same corrector with the tolerance of the end point."""


@dataclass(frozen=True)
class AtFixedT:
    """What every corrector has: two tolerances, a limit on iterations, a linear solver; at fixed t unless it says so.

    Raises
    ------
    ArgumentError
        If a tolerance is not positive or `max_iter` is below 1.
    """

    tolerance: float = 1e-8
    final_tolerance: float = 1e-12
    max_iter: int = 8
    linear: Linear = field(default_factory=Auto)
    patience: ClassVar[int] = 2  # times as many iterations at the end of a path
    natural: ClassVar[bool] = True  # whether t stays fixed

    def __post_init__(self) -> None:
        for name in ("tolerance", "final_tolerance"):
            number(name, getattr(self, name), "a positive number", above=0)
        integer("max_iter", self.max_iter)

    def tight(self) -> Self:
        """Return the same with the final tolerance and `patience` times the iterations."""
        return replace(self, tolerance=self.final_tolerance, max_iter=self.patience * self.max_iter)

    def at_fixed_t(self) -> AtFixedT:
        """Return the corrector for landing on a given t: itself."""
        return self


@dataclass(frozen=True)
class Newton(AtFixedT):
    """Newton's method at fixed t.

    Parameters
    ----------
    tolerance : float
        Stops when ``|grad| <= tolerance * metric.residual`` (Euclidean norm; the metric is the guess's, and its
        `residual` the size of the gradient on the path, 1 where nothing is known), and the next correction is one of
        at most ``10 * tolerance`` in the metric: it is computed where the last was above ``10 * sqrt(tolerance)``.
        A residual that stagnates at its rounding level, which is measured, is accepted too, its `accuracy` noted.
    final_tolerance : float
        The same at the end of a path.
    max_iter : int
        The largest number of iterations; it gives up earlier where the residual fails to halve more than
        ``max_iter // 4`` times in succession, or has grown a hundredfold.
    linear : Linear
        How the linear systems are solved.

    Raises
    ------
    ArgumentError
        If a tolerance is not positive or `max_iter` is below 1.
    """

    def correct(self, homotopy: Homotopy, guess: Guess) -> Correction:
        """Return the corrected point."""
        return _iterate(homotopy, guess, self, _fixed_step)


@dataclass(frozen=True)
class DenseNewton(Newton):
    """Newton's method at fixed t with a dense Hessian: L D L' if it is symmetric, else LU."""

    linear: Linear = field(default_factory=Dense)


@dataclass(frozen=True)
class SparseNewton(Newton):
    """Newton's method at fixed t with a sparse Hessian, by SuperLU."""

    linear: Linear = field(default_factory=Sparse)


@dataclass(frozen=True)
class NewtonKrylov(Newton):
    """Newton's method at fixed t without a matrix: MINRES or GMRES on Hessian-vector products."""

    linear: Linear = field(default_factory=Krylov)


@dataclass(frozen=True)
class ArclengthNewton(Newton):
    """Newton's method in the plane through the guess that is normal to the tangent: it goes round folds.

    Parameters
    ----------
    theta : float
        Weight of x in the metric, inside (0, 1): ``theta / n * |dx|^2 + (1 - theta) * dt^2``.

    Raises
    ------
    ArgumentError
        If theta is not inside (0, 1), or as for `Newton`.

    References
    ----------
    Keller 1977, in Applications of Bifurcation Theory, 359-384.
    """

    theta: float = 0.5
    natural: ClassVar[bool] = False

    def __post_init__(self) -> None:
        super().__post_init__()
        number("theta", self.theta, "a number inside (0, 1)", above=0, below=1)

    def metric(self, n: int) -> Metric:
        """Return the metric for n variables."""
        return Metric.weighted(self.theta, n)

    def at_fixed_t(self) -> Newton:
        """Return the corrector for landing on a given t."""
        return Newton(self.tolerance, self.final_tolerance, self.max_iter, self.linear)

    def correct(self, homotopy: Homotopy, guess: Guess) -> Correction:
        """Return the corrected point."""
        return _iterate(homotopy, guess, self, _plane_step)


@dataclass(frozen=True)
class MoorePenrose(ArclengthNewton):
    """Newton's method in planes that turn with the tangent at every iterate (Gauss-Newton to first order).

    References
    ----------
    Allgower and Georg 1990, Numerical Continuation Methods, chapter 3; as in MATCONT.
    """

    def correct(self, homotopy: Homotopy, guess: Guess) -> Correction:
        """Return the corrected point."""
        return _iterate(homotopy, guess, self, partial(_plane_step, turning=True))


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
def _iterate(homotopy: Homotopy, guess: Guess, settings: Newton, step: Any) -> Correction:
    """Run Newton's method; `step(homotopy, iterate, linear)` moves the iterate."""
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


def rounding(homotopy: Homotopy, at: tuple[Vector, float], g: Vector, metric: Metric) -> float:
    """Return the rounding level of the residual g at (x, t): how it changes when x changes by some units in its place.

    One evaluation. A component that is zero has the rounding of its size in the metric.
    """
    x, t = at
    noise = 4.0 * _EPS * np.where(np.arange(x.size) % 3 == 1, -1.0, 1.0)
    moved = homotopy.grad(x + noise * (np.abs(x) + np.sqrt(0.5 / (x.size * metric.x_weight))), t) - g
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


def _fixed_step(homotopy: Homotopy, z: _Iterate, linear: Linear) -> None:
    solver = linear.factor(homotopy, z.x, z.t)
    # An iterative solver need not be more exact than the Newton iteration can use.
    free = hasattr(solver, "n_products")
    dx = solver.solve(z.g, rtol=z.forcing) if free else solver.solve(z.g)
    z.solver = _unknown if free else lambda g: (solver.solve(g), 0.0)
    z.x, z.move = z.x - dx, z.metric.norm(dx, 0.0)
    z.n_linear += getattr(solver, "n_products", 1)


def _plane_step(homotopy: Homotopy, z: _Iterate, linear: Linear, *, turning: bool = False) -> None:
    """Move in the plane normal to the tangent: through the guess, or through the iterate, where the tangent turns."""
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
