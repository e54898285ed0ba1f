"""Deflation: known solutions are divided out, so that Newton's method and descents find others from the same start."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import isfinite, sqrt

import numpy as np

from homotopy.arguments import integer, number
from homotopy.continuation.parts.linear import Auto, Linear
from homotopy.errors import EvaluationError
from homotopy.landscape.symmetries import Symmetries
from homotopy.objectives.base import Objective, Vector
from homotopy.objectives.family import Homotopy
from homotopy.status import Status

__all__ = ["Deflated", "DeflatedNewton", "Deflation"]


@dataclass
class Deflation:
    """The operator M(x) = product over known r of (|x - r|^-power + shift), r taken at its nearest symmetric image.

    Parameters
    ----------
    known : list of ndarray of shape (n,)
        Solutions to keep away from; `add` appends.
    power : float
        How fast M grows near a known solution.
    shift : float
        What M tends to far away, for one solution.
    symmetries : Symmetries or None
        The images of a known solution are kept away from, too.

    Raises
    ------
    ArgumentError
        If the power is not positive or the shift is negative.

    References
    ----------
    Farrell, Birkisson and Funke 2015, SIAM J. Sci. Comput. 37, A2026-A2045.
    """

    known: list[Vector] = field(default_factory=list)
    power: float = 2.0
    shift: float = 1.0
    symmetries: Symmetries | None = None

    def __post_init__(self) -> None:
        number("power", self.power, "a positive number", above=0)
        number("shift", self.shift, "a number, at least 0", least=0)

    def add(self, x: Vector) -> None:
        """Append a known solution."""
        self.known.append(np.array(x, dtype=np.float64))

    def image(self, x: Vector, r: Vector) -> Vector:
        """Return the symmetric image of a known solution that is nearest to x."""
        return r if self.symmetries is None else self.symmetries.nearest(x, r)

    def distance(self, x: Vector) -> float:
        """Return the distance from x to the nearest known solution or image; infinite where none is known."""
        return min((sqrt(float(np.sum((x - self.image(x, r)) ** 2))) for r in self.known), default=np.inf)

    def value_and_slope(self, x: Vector) -> tuple[float, Vector]:
        """Return M(x) and the gradient of log M.

        Raises
        ------
        EvaluationError
            If x is a known solution.
        """
        value, slope = 1.0, np.zeros_like(x)
        for r in self.known:
            d = x - self.image(x, r)
            square = float(d @ d)
            if square == 0.0:
                raise EvaluationError("the deflation operator is infinite at a known solution")
            near = square ** (-0.5 * self.power)
            value *= near + self.shift
            slope -= (self.power * near / ((near + self.shift) * square)) * d
        return value, slope


@dataclass(frozen=True)
class DeflatedNewton:
    """Newton's method on M(x) g(x) = 0.

    Parameters
    ----------
    tolerance : float
        Stops when ``|g| <= tolerance``, g without M.
    max_iter : int
        The largest number of iterations.
    max_step : float
        Longer steps are cut to this length.
    linear : Linear
        How linear systems are solved.

    Raises
    ------
    ArgumentError
        If a tolerance or a length is not positive, or `max_iter` is negative.

    Notes
    -----
    With A s = -g, the step is s / (1 - (grad log M).s) by the Sherman-Morrison formula: deflation changes only the
    length and the sign of the step.
    """

    tolerance: float = 1e-10
    max_iter: int = 100
    max_step: float = np.inf
    linear: Linear = field(default_factory=Auto)

    def __post_init__(self) -> None:
        number("tolerance", self.tolerance, "a positive number", above=0)
        integer("max_iter", self.max_iter, least=0)
        number("max_step", self.max_step, "a positive number", above=0)

    def solve(self, homotopy: Homotopy, x: Vector, t: float, deflation: Deflation) -> tuple[Vector, Status]:
        """Return the last iterate and CONVERGED, or why not."""
        x = np.array(x, dtype=np.float64)
        try:
            with np.errstate(all="ignore"):
                for _ in range(self.max_iter + 1):
                    g = homotopy.value_and_grad(x, t)[1]
                    norm = sqrt(float(g @ g))
                    if not isfinite(norm):
                        return x, Status.NON_FINITE
                    if norm <= self.tolerance:
                        return x, Status.CONVERGED
                    x = x + self._step(homotopy, x, t, g, deflation)
        except EvaluationError:
            return x, Status.NON_FINITE
        except np.linalg.LinAlgError:
            return x, Status.SINGULAR
        return x, Status.NOT_CONVERGED

    def _step(self, homotopy: Homotopy, x: Vector, t: float, g: Vector, deflation: Deflation) -> Vector:
        s = -self.linear.factor(homotopy, x, t).solve(g)
        along = 1.0 - float(deflation.value_and_slope(x)[1] @ s)
        if along == 0.0:
            raise np.linalg.LinAlgError("the deflated Jacobian is singular")
        step: Vector = s / along
        length = sqrt(float(step @ step))
        return step if length <= self.max_step else step * (self.max_step / length)


class Deflated:
    """The objective M(x) (f(x) - lower), for descents: it is positive, and infinite at known solutions above `lower`.

    Parameters
    ----------
    objective : Objective
        f.
    deflation : Deflation
        What is known.
    lower : float
        A lower bound of f; 0 for a loss. Known solutions at the bound itself are not kept away from: they are global.

    Notes
    -----
    Take a small shift, 0.01 or less: with a shift of 1 the product has minima of its own around known solutions.
    """

    def __init__(self, objective: Objective, deflation: Deflation, *, lower: float = 0.0) -> None:
        self.objective, self.deflation, self.lower = objective, deflation, lower
        self.size = objective.size

    def value(self, x: Vector) -> float:
        """Return M(x) (f(x) - lower)."""
        return self.value_and_grad(x)[0]

    def grad(self, x: Vector) -> Vector:
        """Return the gradient."""
        return self.value_and_grad(x)[1]

    def value_and_grad(self, x: Vector) -> tuple[float, Vector]:
        """Return the value and the gradient M (grad f + (f - lower) grad log M)."""
        value, g = self.objective.value_and_grad(x)
        m, slope = self.deflation.value_and_slope(x)
        return m * (value - self.lower), m * (g + (value - self.lower) * slope)

    def hessp(self, x: Vector, v: Vector) -> Vector:
        """Return the Hessian times v, by central differences of the gradient."""
        length = sqrt(float(v @ v))
        if length == 0.0:
            return np.zeros_like(v)
        h = 6e-6 * (1.0 + sqrt(float(x @ x))) / length
        return (self.grad(x + h * v) - self.grad(x - h * v)) / (2 * h)
