"""Where the curve meets another: a branch point, located from points beside it, since there systems are singular."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import exp, isnan, sqrt
from typing import Any

import numpy as np
import scipy
from numpy.typing import NDArray

from homotopy.continuation.parts.events import Setting
from homotopy.continuation.parts.iteration import rounding
from homotopy.continuation.parts.linear import bordered
from homotopy.continuation.point import Point

__all__ = ["Probe", "met"]

Probe = Callable[[float], Point | None]
BESIDE = np.array([-3.0, -2.0, -1.0, 1.0, 2.0, 3.0])  # where points are taken, in units of a distance that shrinks
SHRINKS, SHRINK = 8, 0.35
CLOSER = 0.1  # of the distance of points beside: where the fall of the determinant is looked at again
TOUCH = 0.01  # of the values beside it: what is left of a determinant that touches zero
GOOD = 1e-9  # agreement of two interpolations, in the metric, that is not improved on


@dataclass(frozen=True, slots=True)
class _Fit:
    """The curve through points beside a zero of the determinant, and that zero."""

    step: float
    error: float  # in the metric
    x: NDArray[np.float64]
    t: float
    slope: tuple[NDArray[np.float64], float]
    beside: list[Point]


def met(
    setting: Setting, probe: Probe, sides: tuple[tuple[float, Point], tuple[float, Point]], *, even: bool = False
) -> Point | None:
    """Return the point between two sides (step, point) where the determinant vanishes; None if the curve meets none.

    ``probe(step)`` returns the curve's point at a step, corrected to the last digit, None where it finds none. At an
    `even` point the determinant touches zero and keeps its sign.

    Notes
    -----
    Points on both sides, at distances that shrink, are interpolated by polynomials of degree five and three; where the
    two agree, the zero, the point and its tangent are those of the first. The curve meets another there if F vanishes
    at the point to rounding: between two branches that pass each other it does not.
    """
    (a, left), (b, right) = sides
    size = max(left.log_det, right.log_det)

    def signed(point: Point) -> float:
        if isnan(size):
            return _by_solve(setting, point)
        return point.orientation * exp(min(point.log_det - size, 50.0))

    near = 0.5 * (a + b) if even else _bracketed(probe, signed, sides)
    if near is None:
        return None
    best, width = None, (0.12 if even else 0.05) * (b - a)
    for _ in range(SHRINKS):
        fit = _fitted(setting, probe, signed, (near, width, left.orientation), even=even)
        if fit is not None:
            near = fit.step
            if best is None or fit.error < best.error:
                best = fit
            if fit.error < GOOD and _vanishes(setting, fit):
                break
        width *= SHRINK
    if best is None or not a < best.step < b or not _vanishes(setting, best):
        return None
    return _point(setting, best, left) if even or _passes(probe, signed, best) else None


def _passes(probe: Probe, signed: Callable[[Point], float], fit: _Fit) -> bool:
    """Whether the determinant still falls to zero as a straight line ten times nearer: by a gap it levels out."""
    for side, beside in ((-CLOSER, fit.beside[2]), (CLOSER, fit.beside[3])):
        point = probe(fit.step + side * abs(beside.step - fit.step))
        if point is None or not 0.8 < signed(point) / (CLOSER * signed(beside)) < 1.25:
            return False
    return True


def _by_solve(setting: Setting, point: Point) -> float:
    """Return a number with the sign of the determinant that vanishes with it: that over the size of the inverse."""
    tangent, metric = point.tangent, setting.metric
    assert tangent is not None
    try:
        border: Any = bordered(setting.linear, setting.homotopy, (point.x, point.t), tangent, metric)
        return float(border.det_sign() / metric.norm(*border.solve(np.cos(np.arange(1.0, point.x.size + 1)), 0.0)))
    except np.linalg.LinAlgError:
        return 0.0


class _ProbeError(Exception):
    """A probe's corrector failed."""


def _bracketed(probe: Probe, signed: Callable[[Point], float], sides: Any) -> float | None:
    """Return the zero of the determinant to a part of the step; None where no point can be had."""
    (a, left), (b, right) = sides
    seen = {a: signed(left), b: signed(right)}

    def function(step: float) -> float:
        if step not in seen:
            point = probe(step)
            if point is None:
                raise _ProbeError
            seen[step] = signed(point)
        return seen[step]

    if seen[a] * seen[b] > 0.0:
        return None
    try:
        return float(scipy.optimize.brentq(function, a, b, xtol=1e-3 * (b - a), rtol=1e-6, maxiter=30, disp=False))
    except _ProbeError:
        # Close to the zero a corrector may fail; then the straight line between the sides has to do.
        return float(a + (b - a) * seen[a] / (seen[a] - seen[b]))


def _fitted(
    setting: Setting, probe: Probe, signed: Callable[[Point], float], place: tuple[float, float, int], *, even: bool
) -> _Fit | None:
    """Return the interpolation through points around a step, None where one is missing or shows no zero between.

    The place is the step, the distance of the points, and the sign of the determinant before it.
    """
    near, width, orientation = place
    steps, points = near + width * BESIDE, []
    for step in steps:
        point = probe(float(step))
        if point is None or point.orientation == 0:
            return None
        points.append(point)
    values = np.array([signed(point) for point in points])
    # Before the zero another branch that passes it has the other sign.
    if points[0].orientation != orientation or (not even and not _simple(values)):
        return None
    found = [_zero(BESIDE[chosen], values[chosen], even=even) for chosen in (slice(None), slice(1, 5))]
    if found[0] is None or found[1] is None or abs(found[0]) > (6.0 if even else 3.0):
        return None
    at = float(found[0])
    curve = np.array([np.append(point.x, point.t) for point in points])
    through = scipy.interpolate.KroghInterpolator
    whole, inner = through(BESIDE, curve), through(BESIDE[1:5], curve[1:5])
    z, rough, slope = whole(at), inner(float(found[1])), whole.derivative(at)
    error = setting.metric.norm(z[:-1] - rough[:-1], float(z[-1] - rough[-1]))
    return _Fit(near + width * at, error, z[:-1], float(z[-1]), (slope[:-1], float(slope[-1])), points)


def _simple(values: NDArray[np.float64]) -> bool:
    """Whether values at `BESIDE` pass zero about as a straight line does.

    Where two curves touch, and points to the right lie on the other one, they pass it as a parabola with its sign.
    """
    before, after = values[:3] / values[2], values[3:] / values[3]
    straight = all(1.5 < side[far] < 5.0 for side, far in ((before, 0), (after, 2)))
    return straight and -3.0 < values[3] / values[2] < -1.0 / 3.0 and before[1] > 1.0 and after[1] > 1.0


def _zero(nodes: NDArray[np.float64], values: NDArray[np.float64], *, even: bool) -> float | None:
    """Return the zero of the interpolant that is nearest to the middle, or of its derivative; None if there is none."""
    line = np.polynomial.Polynomial.fit(nodes, values, nodes.size - 1, domain=[-1, 1])
    roots = (line.deriv() if even else line).roots()
    real = roots.real[np.abs(roots.imag) < 1e-9]
    if even:  # a least value that is no zero is none
        real = real[np.abs(line(real)) < TOUCH * np.abs(values).max()]
    return float(real[np.argmin(np.abs(real))]) if real.size else None


def _vanishes(setting: Setting, fit: _Fit) -> bool:
    """Whether F vanishes at the interpolated point, to rounding and the square of the interpolation's error."""
    g = setting.homotopy.grad(fit.x, fit.t)
    slack = 8.0 * rounding(setting.homotopy, (fit.x, fit.t), g, setting.metric, whole=True)
    return sqrt(float(g.dot(g))) <= slack + setting.metric.residual * min(1e-13, 10.0 * fit.error**2)


def _point(setting: Setting, fit: _Fit, last: Point) -> Point:
    """Return the located point, its tangent that of the interpolated curve."""
    value, g = setting.homotopy.value_and_grad(fit.x, fit.t)
    middle = fit.beside[3]
    s = last.s + setting.metric.norm(fit.x - last.x, fit.t - last.t)
    sides = middle.tangent
    tangent = setting.metric.unit(*fit.slope)
    if sides is not None and setting.metric.inner(*tangent, *sides) < 0.0:
        tangent = setting.metric.unit(-fit.slope[0], -fit.slope[1])
    norm = sqrt(float(g.dot(g)))
    return replace(
        middle, x=fit.x, t=fit.t, value=float(value), grad_norm=norm, step=fit.step, s=s, tangent=tangent, orientation=0
    )
