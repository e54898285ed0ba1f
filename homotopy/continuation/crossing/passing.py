"""Past a point where the determinant touches zero: two branches at once, or one that is tangent to the curve."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from homotopy.continuation.crossing.jumps import strays
from homotopy.continuation.crossing.meeting import met
from homotopy.continuation.parts.events import Setting
from homotopy.continuation.parts.newton import ArclengthNewton
from homotopy.continuation.point import Correction, Guess, Point
from homotopy.status import Status

__all__ = ["Passage", "passed"]

NODES = np.arange(-4.0, 1.0)  # where the curve behind is taken, in units of half the step
LENGTHS = (1.0, 2.0, 4.0, 8.0, 16.0)  # of the step: how far beyond a way is looked for
STRAY = 1e-4  # in the metric: an extrapolation less certain than this tells nothing

Complete = Callable[[Correction, float], Point | None]
"""Makes a point with its tangent from a correction at a step; None where it cannot."""


@dataclass(frozen=True, slots=True)
class Passage:
    """The point beyond, how it was corrected, and the point that was passed."""

    step: float
    correction: Correction
    point: Point
    met: Point


def passed(
    setting: Setting, corrector: ArclengthNewton, complete: Complete, last: Point, length: float
) -> Passage | None:
    """Return the way past a point where the determinant touches zero, some lengths ahead; None where none is certain.

    Notes
    -----
    Close to such a point tangents do not tell the branches apart, nor does the sign of the determinant. What does is
    that the curve is smooth: the polynomial through points behind, corrected to the last digit, is extrapolated, and
    the point beyond must lie where it says, to the error that two degrees of it show.
    """
    behind = _behind(setting, corrector, complete, last, 0.5 * length)
    if behind is None:
        return None
    steps, points = behind
    ahead = _Ahead(setting, corrector, complete, last, steps, points)
    for factor in LENGTHS:
        found = ahead.at(factor * length)
        if found is None:
            return None
        correction, point = found
        if point.orientation != last.orientation:
            continue
        sides = ((0.0, last), (factor * length, point))
        where = met(setting, ahead.probe, sides, even=True)
        if where is not None:
            return Passage(factor * length, correction, point, where)
    return None


def _behind(
    setting: Setting, corrector: ArclengthNewton, complete: Complete, last: Point, width: float
) -> tuple[NDArray[np.float64], list[Point]] | None:
    """Return steps and sharp points behind the last one, that one among them."""
    steps, points = width * NODES, []
    tangent = last.tangent
    assert tangent is not None
    for step in steps:
        guess = Guess(last.x + step * tangent.x, last.t + step * tangent.t, tangent, setting.metric)
        found = corrector.correct(setting.homotopy, guess)
        point = complete(found, float(step)) if found.status is Status.CONVERGED else None
        if point is None or point.orientation != last.orientation:
            return None
        points.append(point)
    return steps, points


class _Ahead:
    """The curve ahead, predicted by polynomials through points behind."""

    def __init__(
        self,
        setting: Setting,
        corrector: ArclengthNewton,
        complete: Complete,
        last: Point,
        steps: NDArray[np.float64],
        points: list[Point],
    ) -> None:
        self.setting, self.corrector, self.complete, self.last = setting, corrector, complete, last
        curve = np.array([np.append(point.x, point.t) for point in points])
        through = scipy.interpolate.KroghInterpolator
        self.whole, self.rough = through(steps, curve), through(steps[1:], curve[1:])

    def at(self, step: float) -> tuple[Correction, Point] | None:
        """Return the point at a step, None where it is not where the polynomials say."""
        z, rough, metric = self.whole(step), self.rough(step), self.setting.metric
        error = metric.norm(z[:-1] - rough[:-1], float(z[-1] - rough[-1]))
        if error > STRAY:
            return None
        guess = Guess(z[:-1], float(z[-1]), self.last.tangent, metric)
        found = self.corrector.correct(self.setting.homotopy, guess)
        if found.status is not Status.CONVERGED or found.distance > 3.0 * error + 1e-9:
            return None
        point = self.complete(found, step)
        return None if point is None or strays(found, point) else (found, point)

    def probe(self, step: float) -> Point | None:
        """Return the point at a step."""
        found = self.at(step)
        return None if found is None else found[1]
