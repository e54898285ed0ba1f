"""Jumps: whether a corrected point is on the branch that was followed."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan

from homotopy.continuation.parts.events import Setting
from homotopy.continuation.point import Correction, Point, Trail

__all__ = ["CONTRACTION", "Jumps", "Suspicion", "strays", "turns_twice"]

CONTRACTION = 0.2  # Newton's method reduces a residual to a fourth where a second root is as near as the first
STRAY = 0.4  # the logarithm of the determinant's change, by about a half, at which a guess has strayed

Suspicion = tuple[float, float]
"""Step and error of the last suspected attempt from the present point."""


@dataclass(frozen=True, slots=True)
class Jumps:
    """Tells a step along the branch from a jump off it."""

    ratio: float  # the largest error against the move that is not suspected
    setting: Setting
    order: int  # the predictor's

    def suspects(
        self, trail: Trail, point: Point, step: float, correction: Correction, before: Suspicion | None
    ) -> tuple[bool, Suspicion | None]:
        """Return whether the step looks like a jump that shortening has not cleared, and what is suspected now.

        On a smooth curve the error of a prediction falls with the square of the step, and a fall to 0.6 or less clears
        the step; at a jump the error stays what it is.
        """
        last, metric = trail.last, self.setting.metric
        dx, dt = point.x - last.x, point.t - last.t
        error, tangent = self._forward(trail, point, correction), point.tangent
        if tangent is not None:  # the error backward is known too, and the worse counts
            length = metric.inner(dx, dt, tangent.x, tangent.t)
            error = max(error, metric.norm(dx - length * tangent.x, dt - length * tangent.t))
        moved = metric.norm(dx, dt)
        if error <= self.ratio * moved:
            return False, None
        stays = before is None or error > 0.6 * before[1] or step > 0.9 * before[0]
        return stays, (step, error)

    def _forward(self, trail: Trail, point: Point, correction: Correction) -> float:
        """Return the error of a first-order prediction of the point; 0 where nothing could be predicted."""
        last = trail.last
        direction = last.tangent or trail.secant()
        if direction is not None and self.order > 0:
            return correction.distance
        if direction is None or direction.t == 0.0:
            return 0.0
        scale = (point.t - last.t) / direction.t
        return self.setting.metric.norm(point.x - last.x - scale * direction.x, 0.0)

    def detail(self, last: Point, correction: Correction, step: float, suspicion: Suspicion | None) -> str:
        """Return what happened, in words."""
        moved = self.setting.metric.norm(correction.x - last.x, correction.t - last.t)
        error = correction.distance if suspicion is None else suspicion[1]
        return (
            f"a step of {step:.3g} from t = {last.t:.6g} leads {moved:.3g} away, "
            f"{error:.3g} off its prediction, to another branch"
        )


def turns_twice(last: Point, point: Point) -> bool:
    """Whether two folds may hide between two points: whether the cubic through them, with their tangents, turns in t.

    The slope of t in the middle is then against those at both ends.
    """
    a, b = last.tangent, point.tangent
    length = point.s - last.s
    if a is None or b is None or a.t * b.t <= 0.0 or length <= 0.0:
        return False
    return (1.5 * (point.t - last.t) / length - 0.25 * (a.t + b.t)) * a.t < 0.0


def strays(correction: Correction, point: Point) -> bool:
    """Whether the guess lay so far off that another curve may have been as near: told by the determinant.

    It is proportional to the distance of the next curve where that is close, so that its change between the guess and
    the point is the part of that distance which the corrector went.
    """
    if correction.det == 0.0 or isnan(point.log_det):
        return False
    return correction.det != point.orientation or abs(point.log_det - correction.log_det) > STRAY
