"""Deflation: known solutions are divided out, so that Newton's method and descents find others from the same start."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import sqrt

import numpy as np

from homotopy.arguments import number
from homotopy.doors import door
from homotopy.errors import EvaluationError
from homotopy.landscape.symmetry.units import Symmetries
from homotopy.objectives.base import Objective, Vector

__all__ = ["Deflated", "Deflation"]


@door
@dataclass
class Deflation:
    """The operator M(x) = product over known r of ((|x - r| / length)^-power + shift), r at its image nearest to x.

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
    length : float or None
        What distances are measured in, in units of x. None is 1, but `find_solutions` then takes lengths from the
        distances between start and known solutions.

    Raises
    ------
    ArgumentError
        If the power or the length is not positive or the shift is negative.

    References
    ----------
    Farrell, Birkisson and Funke 2015, SIAM J. Sci. Comput. 37, A2026-A2045.
    """

    known: list[Vector] = field(default_factory=list)
    power: float = 2.0
    shift: float = 1.0
    symmetries: Symmetries | None = None
    length: float | None = None

    def __post_init__(self) -> None:
        number("power", self.power, "a positive number", above=0)
        number("shift", self.shift, "a number, at least 0", least=0)
        if self.length is not None:
            number("length", self.length, "a positive number, or None", above=0, below=np.inf)

    def add(self, x: Vector) -> None:
        """Append a known solution."""
        self.known.append(np.array(x, dtype=np.float64))

    def image(self, x: Vector, r: Vector) -> Vector:
        """Return the symmetric image of a known solution that is nearest to x."""
        return r if self.symmetries is None else self.symmetries.nearest(x, r)

    def distances(self, x: Vector) -> list[float]:
        """Return the distance from x to each known solution, at its nearest image."""
        return [float(np.linalg.norm(x - self.image(x, r))) for r in self.known]

    def distance(self, x: Vector) -> float:
        """Return the distance from x to the nearest known solution or image; infinite where none is known."""
        return min(self.distances(x), default=np.inf)

    def value_and_slope(self, x: Vector) -> tuple[float, Vector]:
        """Return M(x) and the gradient of log M.

        Raises
        ------
        EvaluationError
            If x is a known solution.
        """
        value, slope, unit = 1.0, np.zeros_like(x), self.length or 1.0
        for r in self.known:
            d = (x - self.image(x, r)) / unit
            square = float(d @ d)
            if square == 0.0:
                raise EvaluationError("the deflation operator is infinite at a known solution")
            near = square ** (-0.5 * self.power)
            value *= near + self.shift
            slope -= (self.power * near / ((near + self.shift) * square * unit)) * d
        return value, slope


@door
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
        """Return the Hessian times v, by central differences of the gradient over 6e-6 of the operator's length."""
        length = sqrt(float(v @ v))
        if length == 0.0:
            return np.zeros_like(v)
        h = 6e-6 * ((self.deflation.length or 1.0) + sqrt(float(x @ x))) / length
        return (self.grad(x + h * v) - self.grad(x - h * v)) / (2 * h)
