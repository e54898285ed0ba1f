"""Descent from a guess to a minimum at fixed t: correctors for paths of minima, without second derivatives."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from math import isfinite, nan, sqrt
from typing import Any, ClassVar

import numpy as np
import scipy

from homotopy.arguments import number
from homotopy.continuation.parts.newton import AtFixedT
from homotopy.continuation.point import Correction, Guess
from homotopy.doors import door
from homotopy.errors import EvaluationError
from homotopy.objectives.base import Vector
from homotopy.objectives.family import Homotopy
from homotopy.status import Status

__all__ = ["LBFGS", "GradientDescent"]

_EPS = float(np.finfo(np.float64).eps)


@dataclass(frozen=True)
class _Descent(AtFixedT):
    """What the two share: looser tolerances and more iterations; the linear solver is for tangents only.

    They stop where ``|grad| <= tolerance * metric.residual``, the metric that of the guess. Where they come to an end
    earlier because rounding hides how the value falls, ``|grad|^2 <= 16 eps |value| bend`` with the curvature `bend`
    along the gradient, that is accepted, and the length ``|grad| / bend`` noted as the accuracy.
    """

    tolerance: float = 1e-6
    final_tolerance: float = 1e-9
    max_iter: int = 500
    patience: ClassVar[int] = 4


@dataclass(frozen=True)
class LBFGS(_Descent):
    """SciPy's L-BFGS-B with 20 pairs, in a variable scaled so that its first trial is the Cauchy step.

    Unscaled, the first trial has length one whatever the gradient, which leaves the basin of a good guess.
    """

    @np.errstate(all="ignore")  # what overflows is not finite, and ends as a Status
    def correct(self, homotopy: Homotopy, guess: Guess) -> Correction:
        """Return the minimum found from the guess."""
        x0, t = guess.x, guess.t
        try:
            value, g = homotopy.value_and_grad(x0, t)
            norm = sqrt(float(g @ g))
            goal = self.tolerance * guess.metric.residual
            if not norm > goal:
                return _outcome(homotopy, guess, (x0, value, g), goal, 0)
            scale = _cauchy(homotopy, guess, g)
            unit = scale * norm  # of the value
            found = self._minimize(homotopy, guess, (scale, unit), goal)
        except EvaluationError:
            return Correction(x0, t, nan, nan, Status.NON_FINITE, 0, 0.0, descent=True)
        x = x0 + scale * found.x
        g = found.jac * (unit / scale)
        return _outcome(homotopy, guess, (x, float(found.fun) * unit, g), goal, int(found.nit))

    def _minimize(self, homotopy: Homotopy, guess: Guess, units: tuple[float, float], goal: float) -> Any:
        x0, t, (scale, unit) = guess.x, guess.t, units

        def function(y: Vector) -> tuple[float, Vector]:
            value, g = homotopy.value_and_grad(x0 + scale * y, t)
            return value / unit, (scale / unit) * g

        # The largest entry of the gradient at most goal / sqrt(n) gives the Euclidean norm asked for.
        gtol = (scale / unit) * goal / sqrt(x0.size)
        options: dict[str, Any] = {"gtol": gtol, "ftol": 0.0, "maxcor": 20}
        options |= {"maxiter": self.max_iter, "maxfun": 2 * self.max_iter + 20}
        return scipy.optimize.minimize(function, np.zeros_like(x0), jac=True, method="L-BFGS-B", options=options)


def _cauchy(homotopy: Homotopy, guess: Guess, g: Vector) -> float:
    """Return the length of the step to the minimum of the quadratic model along the gradient; that of x if none."""
    square = float(g @ g)
    bend = abs(float(g @ homotopy.hessp(guess.x, guess.t, g)))
    length = sqrt(square) * (square / bend) if bend > 0 else 0.0
    return length if isfinite(length) and length > 0 else _size(guess)


def _size(guess: Guess) -> float:
    """Return the length of x that is one in the metric."""
    return float(1.0 / np.sqrt(np.max(guess.metric.x_weight)))


@door
@dataclass(frozen=True)
class GradientDescent(_Descent):
    """Gradient descent with Barzilai-Borwein lengths, halved until the value falls enough (Armijo, 1e-4).

    Parameters
    ----------
    step_size : float
        The first length along the gradient, in units of the size of x over that of the gradient, those of the metric.
    """

    max_iter: int = 5000
    step_size: float = 0.1

    def __post_init__(self) -> None:
        super().__post_init__()
        number("step_size", self.step_size, "a positive number", above=0)

    @np.errstate(all="ignore")  # what overflows is not finite, and ends as a Status
    def correct(self, homotopy: Homotopy, guess: Guess) -> Correction:
        """Return the minimum found from the guess."""
        x, t, goal = guess.x, guess.t, self.tolerance * guess.metric.residual
        size = self.step_size * (_size(guess) / guess.metric.residual)
        value = norm = nan
        n_iter = 0
        try:
            value, g = homotopy.value_and_grad(x, t)
            norm = sqrt(float(g @ g))
            while norm > goal and n_iter < self.max_iter:
                found = _armijo(homotopy, x, t, value, g, size)
                if found is None:
                    break
                new_x, new_value, new_g, size = found
                n_iter += 1
                y, d = new_g - g, new_x - x
                bend = float(d @ y)
                size = float(d @ d) / bend if bend > 0 else 2.0 * size
                x, value, g = new_x, new_value, new_g
                norm = sqrt(float(g @ g))
        except EvaluationError:
            return Correction(
                x, t, value, nan, Status.NON_FINITE, n_iter, guess.metric.norm(x - guess.x, 0.0), descent=True
            )
        return _outcome(homotopy, guess, (x, value, g), goal, n_iter)


def _armijo(
    homotopy: Homotopy, x: Vector, t: float, value: float, g: Vector, size: float
) -> tuple[Vector, float, Vector, float] | None:
    """Return the next x, value, gradient and length, or None where no length makes the value fall."""
    square = float(g @ g)
    slack = 1e-14 * abs(value)  # near the minimum differences of values are rounding
    for _ in range(40):
        new = x - size * g
        new_value, new_g = homotopy.value_and_grad(new, t)
        if new_value <= value - 1e-4 * size * square + slack:
            return new, new_value, new_g, size
        size *= 0.5
    return None


def _outcome(
    homotopy: Homotopy, guess: Guess, end: tuple[Vector, float, Vector], goal: float, n_iter: int
) -> Correction:
    """Return what became of a guess that ended at x with a value and a gradient."""
    x, value, g = end
    norm, accuracy = sqrt(float(g @ g)), 0.0
    status = Status.CONVERGED if norm <= goal else Status.NOT_CONVERGED
    if not isfinite(norm) or not isfinite(value):
        status = Status.NON_FINITE
    elif status is Status.NOT_CONVERGED:
        with suppress(EvaluationError):
            bend = abs(float(g @ homotopy.hessp(x, guess.t, g))) / norm**2
            if norm**2 <= 16.0 * _EPS * abs(value) * bend:
                status, accuracy = Status.CONVERGED, guess.metric.norm(g / bend, 0.0)
    moved = guess.metric.norm(x - guess.x, 0.0)
    return Correction(x, guess.t, value, norm, status, n_iter, moved, descent=True, accuracy=accuracy)
