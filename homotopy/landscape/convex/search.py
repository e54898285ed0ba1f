"""Patterns are added to the conic program until no unit's slope is above the penalty; then Newton's method."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from homotopy.landscape.convex.cells import Slopes, slopes
from homotopy.landscape.convex.master import solved
from homotopy.landscape.convex.measure import Measure, merged, tied, weighed
from homotopy.landscape.convex.newton import newton
from homotopy.landscape.convex.patterns import Signs
from homotopy.landscape.convex.program import Program

__all__ = ["Enumerated", "Found", "Pricing", "searched"]

Array = NDArray[np.float64]

AT_ONCE = 24
"""Patterns that are added to the conic program in a round."""
ROUNDS = 60
ENOUGH = 1e-6
"""Slopes above the penalty by this part of it, which Newton's method can mend, end the rounds."""
TIES = (1e-6, 1e-4, 1e-2, 1e-9)
"""How far below the penalty slopes of units may be that are tried in a solution, one after the other fails."""
REFINED = 40
AGREED = 1e-13
"""A gap of this part of the value is left alone."""


class Pricing(Protocol):
    """What finds units of large slope."""

    patterns: Signs

    def look(self, g: Array, least: float) -> Slopes:
        """Return the slopes of the units of all `patterns`, which may have become more."""

    def bound(self, g: Array, found: Slopes) -> tuple[float, str]:
        """Return a number that no unit's slope is above, of any pattern, and on what that rests."""


class Enumerated:
    """All patterns there are."""

    def __init__(self, program: Program, patterns: Signs) -> None:
        self.program, self.patterns = program, patterns

    def look(self, g: Array, least: float) -> Slopes:
        """Return the slopes of the units of all patterns."""
        return slopes(self.program, self.patterns, g, least=least)

    def bound(self, g: Array, found: Slopes) -> tuple[float, str]:
        """Return the largest of them."""
        n, r = self.program.Z.shape
        return found.bound(self.program, g), f"all {len(self.patterns)} activation patterns of {n} samples of rank {r}"


@dataclass(frozen=True)
class Found:
    """A measure, a bound of the minimum from below and what it rests on; units of the largest slope at its dual point.

    Attributes
    ----------
    measure : Measure
        The units.
    value : float
        Their penalized loss.
    lower : float
        The bound from below.
    words : str
        What the bound rests on.
    directions, signs : ndarrays of shape (m, r) and (m,)
        All units that can be in a solution.
    """

    measure: Measure
    value: float
    lower: float
    words: str
    directions: Array
    signs: Array


def searched(program: Program, pricing: Pricing) -> Found:
    """Return the solution of the convex problem, to rounding where the kinks are found, and a bound from below."""
    z, c = program.constant()
    measure = Measure(np.zeros((0, program.Z.shape[1])), np.zeros(0), c)
    chosen: list[int] = []
    for _ in range(ROUNDS):
        found = pricing.look(program.grad(z), program.l2)
        steep = found.top.max(axis=1)
        new = [i for i in np.argsort(-steep, kind="stable") if steep[i] > program.l2 * (1 + ENOUGH)]
        new = [int(i) for i in new if int(i) not in chosen][:AT_ONCE]
        if not new:
            break
        chosen += new
        some = pricing.patterns[chosen]
        solution = solved(program, some)
        measure = _units(np.vstack([solution.U, solution.V]), len(some), solution.c)
        z = measure.outputs(program)
    return _refined(program, pricing, measure)


def _units(W: Array, count: int, c: float) -> Measure:
    """Return what a conic solver calls units, without those that are 0 to its accuracy."""
    norms = np.linalg.norm(W, axis=1)
    live = norms > 1e-7 * norms.max(initial=0.0)
    signs = np.where(np.arange(len(W)) < count, 1.0, -1.0)
    return Measure(W[live], signs[live], c)


def _refined(program: Program, pricing: Pricing, measure: Measure) -> Found:
    """Return what is left of a solution when units of exactly the largest slopes take over, and Newton's method.

    Each round takes the units of the round before and those whose slope is the penalty or more, finds the best weights,
    adds up what shares a cell, and lets them move.
    """
    best, idle = _judged(program, pricing, newton(program, merged(program, measure))), 0
    for _ in range(REFINED):
        if best.value - best.lower <= AGREED * abs(best.value) or idle > 3:
            break
        new = _judged(program, pricing, _again(program, pricing, best.measure, TIES[min(idle, len(TIES) - 1)]))
        better = new.value - max(new.lower, best.lower) < 0.5 * (best.value - best.lower)
        idle = 0 if better or new.value < best.value * (1 - AGREED) else idle + 1
        lower, words = max((new.lower, new.words), (best.lower, best.words))
        one = new if new.value <= best.value or (better and new.value <= best.value * (1 + AGREED)) else best
        best = Found(one.measure, one.value, lower, words, one.directions, one.signs)
    return best


def _again(program: Program, pricing: Pricing, measure: Measure, tie: float) -> Measure:
    """Return the minimum over the units of a measure and those whose slopes there are close to the largest."""
    found = pricing.look(program.grad(measure.outputs(program)), program.l2 * (1.0 - tie))
    directions, signs = tied(program, found, tie)
    own = measure.U / np.linalg.norm(measure.U, axis=1)[:, None]
    directions, signs = np.vstack([directions, own]), np.concatenate([signs, measure.signs])
    return newton(program, merged(program, weighed(program, measure, directions, signs)))


def _judged(program: Program, pricing: Pricing, measure: Measure) -> Found:
    """Return a measure with its value, its bound from below and the units that can be in a solution."""
    g = program.grad(measure.outputs(program))
    found = pricing.look(g, program.l2 * (1.0 - 1e-7))
    slope, words = pricing.bound(g, found)
    return Found(measure, measure.value(program), program.dual(g, slope), words, *tied(program, found, 1e-8))
