"""Newton's method on a deflated system, and when it has converged."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import isfinite

import numpy as np

from homotopy.arguments import integer, number
from homotopy.continuation.parts.linear import Auto, Linear
from homotopy.doors import door
from homotopy.errors import EvaluationError
from homotopy.landscape.deflating.deflation import Deflation
from homotopy.objectives.base import Vector
from homotopy.objectives.family import Homotopy
from homotopy.status import Status

__all__ = ["SAME", "DeflatedNewton", "norm"]

NEAR, AT_ZERO = 1e-6, 1e-12
"""A Newton step so much shorter than |x|, or than the longest |x| on the way, belongs to a solution that is near."""
ACCURATE, AT_ZERO_ACCURATE = 1e-7, 1e-14
"""A solution is known to this part of |x|, or of the longest |x| on the way, or it is none."""
SAME = 1e-6
"""Solutions that differ by this part of their size are one."""
ROUNDINGS = 1e3
"""A residual below so many of its differences between neighboring floating-point numbers is one of rounding."""
POLISH = 60
"""The most Newton steps at a solution: a double root takes one for each bit."""


def norm(v: Vector) -> float:
    """Return the Euclidean length."""
    return float(np.linalg.norm(v))


@door
@dataclass(frozen=True)
class DeflatedNewton:
    """Newton's method on M(x) g(x) = 0.

    Parameters
    ----------
    tolerance : float or None
        Stops when ``|g| <= tolerance``, g without M, in units of g; None stops at what rounding allows, in any units.
    max_iter : int
        The largest number of iterations.
    max_step : float
        Longer steps are cut to this length, in units of x.
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

    Without a tolerance, once ``|s| <= 1e-6 |x|`` and the known solutions are 100 |s| away, steps of g alone follow
    while |g| falls. The end is a solution if ``|s| <= 1e-7 |x|`` there and |g| is at most 1e3 times the largest of its
    differences between neighboring floating-point numbers. Near zero |x| is too small a measure; there the largest
    |x| on the way takes its place, with 1e-12 and 1e-14.
    """

    tolerance: float | None = None
    max_iter: int = 100
    max_step: float = np.inf
    linear: Linear = field(default_factory=Auto)

    def __post_init__(self) -> None:
        if self.tolerance is not None:
            number("tolerance", self.tolerance, "a positive number, or None", above=0)
        integer("max_iter", self.max_iter, least=0)
        number("max_step", self.max_step, "a positive number", above=0)

    def solve(self, homotopy: Homotopy, x: Vector, t: float, deflation: Deflation) -> tuple[Vector, Status]:
        """Return the last iterate and CONVERGED, or why not."""
        x = np.array(x, dtype=np.float64)
        try:
            with np.errstate(all="ignore"):
                return self._iterate(homotopy, x, t, deflation)
        except EvaluationError:
            return x, Status.NON_FINITE
        except np.linalg.LinAlgError:
            return x, Status.SINGULAR

    def _iterate(self, homotopy: Homotopy, x: Vector, t: float, deflation: Deflation) -> tuple[Vector, Status]:
        reach = norm(x)
        for _ in range(self.max_iter + 1):
            g = homotopy.value_and_grad(x, t)[1]
            size = norm(g)
            if not isfinite(size):
                return x, Status.NON_FINITE
            if size <= (self.tolerance or 0.0):
                return x, Status.CONVERGED
            s = -self.linear.factor(homotopy, x, t).solve(g)
            if self.tolerance is None and _is_near(s, x, reach, deflation):
                return self._polished(homotopy, x, t, g, s, reach)
            x = x + self._step(x, s, deflation)
            reach = max(reach, norm(x))
        return x, Status.NOT_CONVERGED

    def _step(self, x: Vector, s: Vector, deflation: Deflation) -> Vector:
        along = 1.0 - float(deflation.value_and_slope(x)[1] @ s)
        if along == 0.0:
            raise np.linalg.LinAlgError("the deflated Jacobian is singular")
        step: Vector = s / along
        length = norm(step)
        return step if length <= self.max_step else step * (self.max_step / length)

    def _polished(
        self, homotopy: Homotopy, x: Vector, t: float, g: Vector, s: Vector, reach: float
    ) -> tuple[Vector, Status]:
        """Return where steps of g alone end, and CONVERGED if that is a solution as far as rounding can tell."""
        size = norm(g)
        for _ in range(POLISH):
            y = x + s
            after = homotopy.value_and_grad(y, t)[1]
            if not norm(after) < size:
                break
            x, g, size = y, after, norm(after)
            if size == 0.0:
                return x, Status.CONVERGED
            s = -self.linear.factor(homotopy, x, t).solve(g)
        short = norm(s) <= max(ACCURATE * norm(x), AT_ZERO_ACCURATE * reach)
        found = short and size <= ROUNDINGS * _rounding(homotopy, x, t, g)
        return x, Status.CONVERGED if found else Status.NOT_CONVERGED


def _is_near(s: Vector, x: Vector, reach: float, deflation: Deflation) -> bool:
    """Return whether a Newton step leads to a solution that is near, and not to a known one."""
    short = norm(s)
    return short <= max(NEAR * norm(x), AT_ZERO * reach) and 100.0 * short <= deflation.distance(x)


def _rounding(homotopy: Homotopy, x: Vector, t: float, g: Vector) -> float:
    """Return by how much the residual differs between x and three of its neighbors among floating-point numbers."""
    signs = np.cos(np.outer([1.0, 2.0, 3.0], np.arange(1.0, x.size + 1))) > 0
    ends = np.where(signs, np.inf, -np.inf)
    return max(norm(homotopy.value_and_grad(np.nextafter(x, end), t)[1] - g) for end in ends)
