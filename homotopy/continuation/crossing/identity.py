"""Whether a step kept to its curve where others cross it."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import exp, isnan

import numpy as np
from numpy.typing import NDArray

from homotopy.continuation.parts.events import Setting
from homotopy.continuation.parts.linear import hessian_of
from homotopy.continuation.point import Point, Trail
from homotopy.errors import EvaluationError
from homotopy.linalg import full

__all__ = ["Identity", "Kept", "distances"]

DENSE = 64  # up to this many variables the distances to singular points are computed
NEAR = 0.25  # of the determinant: where its straight extrapolation falls below, a zero may lie within the step
LEAVING = 0.8  # of the step: a zero that lies nearer behind is left by shorter steps
FAR = 10.0  # steps ahead: where a zero is looked for that the curve may only touch
AHEAD = 1.25  # of the step: how far a zero is looked for


Kept = dict[int, tuple[Point, NDArray[np.float64]]]
"""Points by their identity, with their `distances`."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Tells a step that may have changed curve at a crossing from one that cannot have.

    Notes
    -----
    On a smooth curve the determinant D of the Jacobian bordered with the tangent passes through zero, and changes its
    sign, where another curve crosses. A step that changes curve there comes to a point where D has its old sign. So a
    step is suspected where D was due to vanish on the way and has not changed its sign. Whether it was due is told in
    two stages: by the straight line through the last two values of D; and, up to 64 variables, by the real distances s
    at which ``det(M + s M') = 0``, M' the derivative of the bordered matrix along the tangent.
    """

    setting: Setting
    kept: Kept = field(default_factory=dict)

    def _distances(self, point: Point) -> NDArray[np.float64]:
        """Return `distances`, kept for the step from the point, after the one to it."""
        kept = self.kept.get(id(point))
        if kept is not None and kept[0] is point:
            return kept[1]
        found = distances(self.setting, point)
        while len(self.kept) > 1:
            del self.kept[next(iter(self.kept))]
        self.kept[id(point)] = point, found
        return found

    def suspects(self, trail: Trail, point: Point, passed: list[float]) -> bool:
        """Return whether a zero of D was due between the last point and this one, and D kept its sign.

        Zeros at the arclengths that the path has `passed` are known.
        """
        last = trail.last
        if isnan(point.log_det) or isnan(last.log_det) or point.orientation != last.orientation:
            return False
        if not self._may(trail, point):
            return False
        if last.x.size > DENSE:
            return self._nears(trail, point)
        length = point.s - last.s
        ahead = self._distances(last)
        if np.any((ahead > -LEAVING * length) & (ahead < AHEAD * length)):
            return True
        if point.log_det > last.log_det:  # a zero on the way lies near the last point, from which it is seen
            return False
        behind = -self._distances(point)
        for s in passed[-2:]:
            behind = behind[np.abs(point.s - behind - s) > AHEAD * length - length + 0.2 * (point.s - s)]
        return bool(np.any((behind > 0.0) & (behind < AHEAD * length)))

    def passes(self, last: Point, length: float) -> bool:
        """Return whether a zero of D is due before a place so far ahead."""
        if last.x.size > DENSE:
            return False
        ahead = self._distances(last)
        return bool(np.any((ahead > 0.0) & (ahead < length)))

    def nears(self, last: Point, point: Point, step: float) -> bool:
        """Return whether D falls, and a zero of it is some steps ahead: where its fall may be that of a touch."""
        return point.log_det < last.log_det and self.passes(last, FAR * step)

    def _may(self, trail: Trail, point: Point) -> bool:
        """Return whether D, by its last values, may have vanished on the way."""
        if len(trail.points) < 2:
            return point.x.size <= DENSE
        before, last = trail.points[-2], trail.last
        length = last.s - before.s
        if isnan(before.log_det) or length <= 0.0:
            return True
        old = before.orientation * last.orientation * exp(min(before.log_det - last.log_det, 50.0))
        grown = exp(min(point.log_det - last.log_det, 50.0))
        return 1.0 + (1.0 - old) * (point.s - last.s) / length < NEAR or not 0.5 < grown < 3.0

    def _nears(self, trail: Trail, point: Point) -> bool:
        """Return whether the zero of D, as extrapolated from the last three points, comes nearer with each step."""
        if len(trail.points) < 3:
            return False
        found = []
        for a, b in zip(trail.points[-3:-1], trail.points[-2:], strict=True):
            if isnan(a.log_det) or a.orientation != b.orientation or b.s <= a.s:
                return False
            fall = exp(min(a.log_det - b.log_det, 50.0)) - 1.0
            if fall <= 0.0:
                return False
            found.append((b.s - a.s) / fall)
        came = trail.points[-1].s - trail.points[-2].s
        return found[1] < AHEAD * (point.s - trail.last.s) and found[1] < found[0] - 0.5 * came


def distances(setting: Setting, point: Point) -> NDArray[np.float64]:
    """Return the distances along the tangent, in the metric, at which the bordered Jacobian is singular to first order.

    Those behind the point are negative. None where the matrix cannot be computed, or is itself singular.
    """
    tangent, metric, homotopy = point.tangent, setting.metric, setting.homotopy
    none = np.empty(0)
    if tangent is None:
        return none
    n, h = point.x.size, 1e-6
    border = np.append(metric.x_weight * tangent.x, metric.t_weight * tangent.t)

    def rows(s: float) -> NDArray[np.float64]:
        x, t = point.x + s * tangent.x, point.t + s * tangent.t
        return np.column_stack([full(hessian_of(homotopy, x, t)), homotopy.dt_grad(x, t)])

    try:
        slope, here = np.zeros((n + 1, n + 1)), rows(0.0)
        slope[:n] = (rows(h) - here) / h
        rates = np.linalg.eigvals(-np.linalg.solve(np.vstack([here, border]), slope))
    except (np.linalg.LinAlgError, EvaluationError):
        return none
    real = (np.abs(rates.imag) <= 0.2 * np.abs(rates)) & (np.abs(rates) > 1e-12)
    return np.sort(1.0 / rates.real[real])
