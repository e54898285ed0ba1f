"""Newton's method from a guess back to the curve, at fixed t or in the plane normal to the tangent."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from typing import ClassVar, Protocol, Self

from homotopy.arguments import integer, number
from homotopy.continuation.parts.iteration import fixed_step, iterate, plane_step
from homotopy.continuation.parts.linear import Auto, Dense, Krylov, Linear, Sparse
from homotopy.continuation.point import Correction, Guess, Metric
from homotopy.doors import door
from homotopy.objectives.family import Homotopy

__all__ = [
    "ArclengthNewton",
    "AtFixedT",
    "Corrector",
    "DenseNewton",
    "MoorePenrose",
    "Newton",
    "NewtonKrylov",
    "SparseNewton",
]


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
        ``max_iter // 4`` times, or has grown a hundredfold.
    linear : Linear
        How the linear systems are solved.

    Raises
    ------
    ArgumentError
        If a tolerance is not positive or `max_iter` is below 1.
    """

    def correct(self, homotopy: Homotopy, guess: Guess) -> Correction:
        """Return the corrected point."""
        return iterate(homotopy, guess, self, fixed_step)


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


@door
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
        return iterate(homotopy, guess, self, plane_step)


@dataclass(frozen=True)
class MoorePenrose(ArclengthNewton):
    """Newton's method in planes that turn with the tangent at every iterate (Gauss-Newton to first order).

    References
    ----------
    Allgower and Georg 1990, Numerical Continuation Methods, chapter 3; as in MATCONT.
    """

    def correct(self, homotopy: Homotopy, guess: Guess) -> Correction:
        """Return the corrected point."""
        return iterate(homotopy, guess, self, partial(plane_step, turning=True))
