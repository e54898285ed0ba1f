"""Starts whose Hessian is singular: how they are noticed, and the stated perturbation that makes them regular."""

from __future__ import annotations

from math import sqrt
from typing import Any

import numpy as np
from scipy.linalg import eigvalsh

from homotopy.continuation.engine.course import Course
from homotopy.continuation.engine.units import learned, mean_square, reach
from homotopy.continuation.parts.descents import LBFGS
from homotopy.continuation.parts.linear import Krylov, Linear, hessian_of, is_symmetric
from homotopy.continuation.parts.newton import Newton
from homotopy.continuation.point import Guess, Metric
from homotopy.doors import door
from homotopy.errors import EvaluationError
from homotopy.linalg import full, identity_like
from homotopy.objectives.base import Vector
from homotopy.objectives.family import Homotopy
from homotopy.status import Status

__all__ = ["Regularized", "is_singular", "regularized"]

SMALL = 1e-9  # an eigenvalue below this times the largest is zero
WEIGHT = 1e-3  # of the largest eigenvalue: the curvature that is added
ROUNDING = 4.0 * float(np.finfo(np.float64).eps)  # relative, of x


@door
class Regularized(Homotopy):
    """H(x, t) + (1 - t) * weight / 2 * |x - center|^2: regular at t = 0, equal to H at t = 1.

    Parameters
    ----------
    inner : Homotopy
        H.
    weight : float
        The curvature that is added at t = 0.
    center : ndarray of shape (n,)
        Where the added term vanishes.
    distance : float or None
        The size of x around the center, by which `start` measures; None takes that of the center itself, or 1.
    """

    def __init__(self, inner: Homotopy, weight: float, center: Vector, *, distance: float | None = None) -> None:
        self.inner, self.weight, self.center = inner, weight, center
        self.distance = mean_square(center) or 1.0 if distance is None else distance
        self.size = inner.size
        self.symmetric = is_symmetric(inner)
        if hasattr(inner, "objective"):
            self.objective = inner.objective
        if hasattr(inner, "hessian"):
            self.hessian = self._hessian

    def value_and_grad(self, x: Vector, t: float) -> tuple[float, Vector]:
        """Return the value and the gradient."""
        value, g = self.inner.value_and_grad(x, t)
        w, r = (1.0 - t) * self.weight, x - self.center
        return value + 0.5 * w * float(r @ r), g + w * r

    def hessp(self, x: Vector, t: float, v: Vector) -> Vector:
        """Return the Hessian times v."""
        return self.inner.hessp(x, t, v) + (1.0 - t) * self.weight * v

    def _hessian(self, x: Vector, t: float) -> Any:
        a = self.inner.hessian(x, t)  # type: ignore[attr-defined]
        return a + (1.0 - t) * self.weight * identity_like(a)

    def dt(self, x: Vector, t: float) -> float:
        """Return the derivative of the value in t."""
        r = x - self.center
        return self.inner.dt(x, t) - 0.5 * self.weight * float(r @ r)

    def dt_grad(self, x: Vector, t: float) -> Vector:
        """Return the derivative of the gradient in t."""
        return self.inner.dt_grad(x, t) - self.weight * (x - self.center)

    def start(self, rng: Any = None) -> Vector:
        """Return a solution at t = 0 near the center.

        Raises
        ------
        EvaluationError
            If none is found.
        """
        # The size of the gradient is what a move so far does with a Hessian of which the weight is a thousandth.
        plain = Metric.weighted(0.5, self.size)
        metric = plain.scaled(self.distance, 1.0, self.weight / WEIGHT * self.distance * sqrt(self.size))
        guess = Guess(self.center, 0.0, None, metric)
        newton = Newton(tolerance=1e-9, max_iter=40)
        found = newton.correct(self, guess)
        if found.status is not Status.CONVERGED:  # a descent comes nearer, though not as close
            near = LBFGS(tolerance=1e-4, max_iter=5000).correct(self, guess)
            found = newton.correct(self, Guess(near.x, 0.0, None, metric))
        if found.status is Status.CONVERGED:
            return found.x
        raise EvaluationError("the perturbed start could not be solved")

    def finish(self, x: Vector) -> Vector:
        """Return the point of the true problem."""
        return self.inner.finish(x)


def is_singular(homotopy: Homotopy, x: Vector, t: float, *, linear: Linear) -> bool:
    """Whether the Hessian at (x, t) is singular to 1e-9 of its size, by one solve with factors; False matrix-free.

    That of one variable has no other size than itself: it is singular if it is what rounding of x leaves of it.
    """
    if isinstance(linear, Krylov):
        return False
    r: Vector = np.cos(np.arange(1.0, x.size + 1) ** 2)
    try:
        factors = linear.factor(homotopy, x, t)
        if hasattr(factors, "n_products"):
            return False
        y = factors.solve(r)
    except np.linalg.LinAlgError:
        return True
    except EvaluationError:
        return False
    product = homotopy.hessp(x, t, r)
    size = sqrt(float(product @ product))
    if x.size == 1:
        return size <= 2.0 * abs(float(homotopy.hessp(x * (1.0 + ROUNDING), t, r)[0] - product[0]))
    return float(r @ r) <= SMALL * size * sqrt(float(y @ y))


def regularized(homotopy: Homotopy, x: Vector, rng: np.random.Generator | int | None) -> tuple[Regularized, str]:
    """Return the perturbed homotopy of a singular start, and what was done, in words."""
    size, moved = _sizes(homotopy, x)
    largest, n_zero = _scale(homotopy, x)
    # A Hessian that vanishes as a whole has the size that moves the gradient as much as t does.
    weight = WEIGHT * (largest or moved / (size * sqrt(x.size)))
    distance = 0.1 * (size + mean_square(x))
    # Every caller without a generator of its own gets the same perturbation.
    draw = np.random.default_rng(0 if rng is None else rng).standard_normal(x.size)
    center = x + (distance / sqrt(float(draw @ draw) / x.size)) * draw
    count = "" if n_zero is None else f": {n_zero} of {x.size} eigenvalues of the Hessian at t = 0 vanish"
    note = (
        f"the start is singular{count}; the term (1 - t) * {weight:.3g} / 2 * |x - a|^2, which is gone at t = 1, was "
        f"added, with a at a root mean square distance of {distance:.3g} from the start, and the path begins at its "
        "solution"
    )
    return Regularized(homotopy, weight, center, distance=distance), note


def _sizes(homotopy: Homotopy, x: Vector) -> tuple[float, float]:
    """Return the size of x at which it moves the gradient as much as t does, and how much that is."""
    metric = learned(homotopy, Metric(1.0, 1.0), Course(), (x, 0.0), scale=None, linear=None)
    moves = bool(homotopy.dt_grad(x, 0.0).any())
    size = reach(homotopy, (x, 0.0), metric.residual) if moves else 1.0 / sqrt(metric.x_weight)
    return size, metric.residual


def _scale(homotopy: Homotopy, x: Vector) -> tuple[float, int | None]:
    """Return the size of the Hessian at t = 0, which may be zero, and how many of its eigenvalues vanish.

    None where that is not counted.
    """
    if x.size > 400:
        r: Vector = np.cos(np.arange(1.0, x.size + 1) ** 2)
        return float(np.linalg.norm(homotopy.hessp(x, 0.0, r)) / np.linalg.norm(r)), None
    a = full(hessian_of(homotopy, x, 0.0))
    if not np.isfinite(a).all():
        raise EvaluationError("the Hessian there is not finite")
    values = np.abs(eigvalsh(a)) if is_symmetric(homotopy) else np.linalg.svd(a, compute_uv=False)
    largest = float(values.max())
    return largest, int(np.count_nonzero(values <= SMALL * largest))
