"""Landing on a target or a bound that an arclength step passed, also just below a fold, on it, or on a branch point."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import pairwise
from math import sqrt
from typing import Any

import scipy

from homotopy.continuation.crossing.jumps import CONTRACTION
from homotopy.continuation.engine.course import ON_FOLD
from homotopy.continuation.engine.ends import added, left_range, mark, reached
from homotopy.continuation.engine.state import Plan, State
from homotopy.continuation.parts.events import Occurrence
from homotopy.continuation.parts.iteration import rounding
from homotopy.continuation.parts.newton import Newton
from homotopy.continuation.point import Correction, Guess, Point
from homotopy.continuation.results.path import Path
from homotopy.errors import EvaluationError
from homotopy.status import Status

__all__ = ["Crossed", "crossed", "land", "landed", "stations", "straight"]

AT_DOUBLE = 1e-10  # of the size of the gradient: what is small enough at a double root, whose accuracy is noted
SIMPLE, DOUBLE = 0.8, 0.4  # of the way to the target: where a zero of the determinant is due that lies there
PATIENT = 60  # iterations
LONG = 6  # more iterations than Newton's method takes from an interpolated point to a simple root

Probe = Callable[[float], Point | None]
Crossed = tuple[float, tuple[Point, Point]]
"""A target or a bound, and the two points between which the curve passes it with t moving one way."""


def crossed(plan: Plan, last: Point, point: Point, found: Sequence[Occurrence]) -> Crossed | None:
    """Return what a step passed first, None if nothing: the folds on its way turn t back, and are ends of parts."""
    for a, b in stations(last, point, found) if found else ((last, point),):
        t = _between(plan, a, b)
        if t is not None:
            return t, (a, b)
    return None


def stations(last: Point, point: Point, found: Sequence[Occurrence]) -> list[tuple[Point, Point]]:
    """Return the parts of a step on which t moves one way, each as its ends: the two points, and the folds between."""
    folds = sorted((record.point for record in found if record.name == "LP"), key=lambda p: p.s)
    ends = [last, *folds, point]
    return list(pairwise(ends))


def _between(plan: Plan, a: Point, b: Point) -> float | None:
    """Return the target or the bound between two points, which may be b itself, else None."""
    target, bounds = plan.course.target, plan.course.span
    low, high = min(a.t, b.t), max(a.t, b.t)
    slack = ON_FOLD * plan.course.length
    if target is not None and low - slack <= target <= high + slack and abs(a.t - target) > slack:
        return target
    if b.t < bounds[0] <= a.t:
        return bounds[0]
    return bounds[1] if b.t > bounds[1] >= a.t else None


def land(plan: Plan, state: State, point: Point, where: Crossed, probe: Probe) -> State:
    """End the path at a t between its last point and one beyond; ``probe(step)`` is the curve from the last."""
    t, pair = where
    end = landed(plan, state, t, pair, probe)
    if isinstance(end, Status):
        state.points.append(point)
        return state.ended(Status.NOT_CONVERGED, f"the corrector at t = {t:g} failed: {end.value}")
    with suppress(EvaluationError):
        end = plan.tangents.refreshed(end)
    mark(plan, state, end)
    state = added(plan, state, end)
    if state.status is not None:
        return state
    return reached(plan, state) if t == plan.course.target else left_range(plan, state)


def landed(plan: Plan, state: State, t: float, pair: tuple[Point, Point], probe: Probe) -> Point | Status:
    """Return the point at exactly t, or why there is none."""
    beyond = pair[1]
    if abs(beyond.t - t) <= ON_FOLD * plan.course.length and beyond.orientation != 0 and beyond.tangent is not None:
        turns = abs(beyond.tangent.t) < 1e-3 / sqrt(plan.setting.metric.t_weight)
        fold = _as_end(plan, state, beyond, t) if turns else None
        if fold is not None:
            return fold
    end = _fixed(plan, state, t, pair)
    if isinstance(end, Point):
        return end
    near = _by_arclength(t, state.last, pair, probe)
    return end if near is None else _as_end(plan, state, near, t) or end


def _fixed(plan: Plan, state: State, t: float, pair: tuple[Point, Point]) -> Point | Status:
    """Return the point that Newton's method at fixed t finds from the interpolated one.

    One that moves further than the two points lie apart has left the branch: NOT_CONVERGED; so has one whose
    determinant has another sign.
    """
    (a, b), metric, last = pair, plan.setting.metric, state.last
    start = Path(pair, Status.CONVERGED).at(t)
    if not start:
        return Status.NOT_CONVERGED
    found = _corrected(plan, Guess(start[-1].x, t, None, metric))
    if found.status is not Status.CONVERGED:
        return found.status
    if found.distance > metric.norm(b.x - a.x, b.t - a.t):
        return Status.NOT_CONVERGED
    s = last.s + metric.norm(found.x - last.x, t - last.t)
    end = replace(start[-1], x=found.x, t=t, s=s, step=b.step, value=found.value, grad_norm=found.grad_norm)
    end = replace(end, n_iter=found.n_iter, accuracy=found.accuracy)
    # At a double root Newton's method only halves its error, and takes many iterations.
    doubled = found.n_iter > LONG and _as_end(plan, state, end, t)
    return doubled or end


def _corrected(plan: Plan, guess: Guess) -> Correction:
    """Return what the landing corrector makes of a guess; patiently toward an objective, singular at its end or not."""
    corrector: Any = plan.steps.landing
    found: Correction = corrector.correct(plan.setting.homotopy, guess)
    again = found.status is Status.NOT_CONVERGED and hasattr(plan.setting.homotopy, "objective")
    if again and isinstance(corrector, Newton):  # which only halves its error at a double root
        found = replace(corrector, max_iter=PATIENT).correct(plan.setting.homotopy, guess)
    return found


def straight(plan: Plan, state: State, step: float) -> Point | None:
    """Return the point at the target, found from the last one by Newton's method at fixed t, where a step passes it.

    For steps that are refused because of what lies at the target or beyond, as a Hessian that becomes singular there.
    None unless the point is where the tangent says, and the determinant had no zero to pass on the way.
    """
    target, last, metric = plan.course.target, state.last, plan.setting.metric
    if target is None or last.tangent is None or not (target - last.t) * last.tangent.t > 0.0:
        return None
    share = (target - last.t) / last.tangent.t
    if share > step:
        return None
    guess = Guess(last.x + share * last.tangent.x, target, None, metric)
    found = _corrected(plan, guess)
    length = metric.norm(found.x - last.x, target - last.t)
    # Toward an objective a Hessian that becomes singular just at the target may do so with a double zero.
    degenerate = hasattr(plan.setting.homotopy, "objective")
    before = (DOUBLE if degenerate else SIMPLE) * length
    if not found.distance <= plan.jumps.ratio * length or plan.identity.passes(last, before):
        return None
    end = Point(found.x, target, found.value, found.grad_norm, length, found.n_iter, last.s + length, last.tangent)
    if found.status is Status.CONVERGED and found.contraction < CONTRACTION:
        return replace(end, accuracy=found.accuracy)
    return _as_end(plan, state, end, target) if degenerate else None


def _by_arclength(t: float, last: Point, pair: tuple[Point, Point], probe: Probe) -> Point | None:
    """Return the curve's point at t, by steps along the curve, which are regular where those at fixed t are not."""
    low = 0.0 if pair[0] is last else pair[0].step
    seen: dict[float, Point] = {}

    def off(step: float) -> float:
        point = probe(step)
        if point is None:
            raise ArithmeticError
        seen[step] = point
        return point.t - t

    try:
        step = float(scipy.optimize.brentq(off, low, pair[1].step, xtol=1e-14, rtol=1e-14, maxiter=80, disp=False))
        off(step)
    except (ArithmeticError, ValueError):
        return None
    return seen[step]


def _as_end(plan: Plan, state: State, near: Point, t: float) -> Point | None:
    """Return a point of the curve close to t as its end there, with the accuracy that a double root allows, noted."""
    homotopy, metric = plan.setting.homotopy, plan.setting.metric
    value, g = homotopy.value_and_grad(near.x, t)
    norm = sqrt(float(g.dot(g)))
    small = max(plan.steps.landing.tolerance, AT_DOUBLE) * metric.residual
    if norm > max(small, 8.0 * rounding(homotopy, (near.x, t), g, metric)):
        return None
    accuracy = sqrt(max(norm / metric.residual, 1e-16))
    state.notes.append(f"t = {t:g} is a double root: x there is accurate to about {accuracy:.1g} of its size")
    return replace(near, t=t, value=float(value), grad_norm=norm, accuracy=accuracy)
