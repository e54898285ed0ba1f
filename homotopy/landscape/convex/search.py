"""Patterns are added to the conic program until no unit's slope is above the penalty; then Newton's method."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from homotopy.errors import EvaluationError
from homotopy.landscape.convex.cells import Cells, Slopes
from homotopy.landscape.convex.master import solved
from homotopy.landscape.convex.measure import Measure, merged, tied, weighed
from homotopy.landscape.convex.newton import newton, settled
from homotopy.landscape.convex.patterns import Signs
from homotopy.landscape.convex.program import Program
from homotopy.landscape.convex.sampled import Proof

__all__ = ["Enumerated", "Found", "Pricing", "searched"]

Array = NDArray[np.float64]

AT_ONCE = 24
"""Patterns that are added to the conic program in a round."""
ROUNDS = 60
ENOUGH = 1e-5
"""Slopes above the penalty by this part of it, which Newton's method can mend, end the rounds."""
GAIN = 1e-7
"""So do values that fall by less than this part of them: the conic solver has no more digits."""
TIES = (1e-6, 1e-4, 1e-2, 1e-9)
"""How far below the penalty slopes of units may be that are tried in a solution, one after the other fails."""
REFINED = 40
PROOFS = 5
"""Proofs after which the search has gone on as far as it may."""
AGREED = 1e-13
"""A gap of this part of the value is left alone."""


class Pricing(Protocol):
    """What finds units of large slope; `complete` says whether no steeper unit than it finds can be."""

    cells: Cells
    complete: bool

    def look(self, g: Array, least: float, most: int | None = None) -> Slopes:
        """Return the slopes of the units of all `cells`, which may have become more."""

    def bound(self, g: Array, found: Slopes) -> float:
        """Return a number that no unit's slope is above, as far as is known."""

    def proof(self, g: Array) -> Proof:
        """Return one that none is above."""

    def learn(self, directions: Array, g: Array) -> bool:
        """Return whether there are steeper units than were known; they are known from now on."""


class Enumerated:
    """All patterns there are."""

    complete = True

    def __init__(self, program: Program, patterns: Signs) -> None:
        self.cells = Cells(program, patterns)

    def look(self, g: Array, least: float, most: int | None = None) -> Slopes:
        """Return the slopes of the units of all patterns."""
        return self.cells.slopes(g, least, most)

    def bound(self, g: Array, found: Slopes) -> float:
        """Return the largest of them."""
        return found.bound(self.cells.program, g)

    def proof(self, g: Array) -> Proof:
        """Return the largest of them."""
        n, r = self.cells.program.Z.shape
        words = f"all {len(self.cells.patterns)} activation patterns of {n} samples of rank {r}"
        return Proof(self.bound(g, self.look(g, self.cells.program.l2)), words, True, np.zeros((0, r)))

    def learn(self, directions: Array, g: Array) -> bool:
        """Return False: all are known."""
        return False


@dataclass(frozen=True)
class Found:
    """A measure and a point of the dual, with what they are worth.

    Attributes
    ----------
    measure : Measure
        The units.
    value : float
        Their penalized loss.
    g : ndarray of shape (n,)
        Slopes of the loss, the dual point.
    lower : float
        Its bound of the minimum from below, as far as steep units are known.
    directions, signs : ndarrays of shape (m, r) and (m,)
        All known units that can be in a solution.
    """

    measure: Measure
    value: float
    g: Array
    lower: float
    directions: Array
    signs: Array


def searched(program: Program, pricing: Pricing) -> tuple[Found, Proof]:
    """Return the solution of the convex problem, to rounding where the kinks are found, and what is proved of it.

    Where the proof meets steeper units than were known the search goes on with them.
    """
    found = _refined(program, pricing, _conic(program, pricing))
    for _ in range(PROOFS):
        proof = pricing.proof(found.g)
        if proof.complete or not pricing.learn(proof.beyond, found.g):
            break
        found = _refined(program, pricing, found.measure)
    return found, proof


def _conic(program: Program, pricing: Pricing) -> Measure:
    """Return the solution to the accuracy of the conic solver, by patterns that are added where slopes are large."""
    z, c = program.constant()
    best = Measure(np.zeros((0, program.Z.shape[1])), np.zeros(0), c)
    chosen: list[int] = []
    walls: dict[bytes, Array] = {}
    for _ in range(ROUNDS):
        found = pricing.look(program.grad(z), program.l2 * (1 + ENOUGH), AT_ONCE + len(chosen))
        steep = np.where(found.directions.any(axis=2), found.top, 0.0).max(axis=1)
        steep[program.thin(pricing.cells.patterns)] = 0.0
        new = [i for i in np.argsort(-steep, kind="stable").tolist() if steep[i] > program.l2 * (1 + ENOUGH)]
        new = [i for i in new if i not in chosen][:AT_ONCE]
        if not new:
            break
        chosen += new
        try:
            solution = solved(program, pricing.cells.patterns[chosen], walls)
        except EvaluationError:
            break  # Newton's method goes on from what there is, and says what it is worth
        measure = _units(np.vstack([solution.U, solution.V]), len(chosen), solution.c)
        z, before, value = measure.outputs(program), best.value(program), measure.value(program)
        best = measure if value < before else best
        if before - value < GAIN * abs(value):
            break
        sizes = np.linalg.norm(solution.U, axis=1) + np.linalg.norm(solution.V, axis=1)
        chosen = [i for i, size in zip(chosen, sizes, strict=True) if size > 1e-6 * sizes.max()]
    return best


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
    best, idle = _judged(program, pricing, merged(program, newton(program, merged(program, measure)))), 0
    for _ in range(REFINED):
        if best.value - best.lower <= AGREED * abs(best.value) or idle > 3:
            break
        new = _judged(program, pricing, _again(program, pricing, best.measure, TIES[min(idle, len(TIES) - 1)]))
        better = new.value - max(new.lower, best.lower) < 0.5 * (best.value - best.lower)
        idle = 0 if better or new.value < best.value * (1 - AGREED) else idle + 1
        one = new if new.value <= best.value or (better and new.value <= best.value * (1 + AGREED)) else best
        dual = max((new, best), key=lambda found: found.lower) if pricing.complete else one
        best = replace(dual, measure=one.measure, value=one.value)
    return best


def _again(program: Program, pricing: Pricing, measure: Measure, tie: float) -> Measure:
    """Return the minimum over the units of a measure and those whose slopes there are close to the largest."""
    found = pricing.look(program.grad(measure.outputs(program)), program.l2 * (1.0 - tie))
    directions, signs = tied(program, found, tie)
    own = measure.U / np.linalg.norm(measure.U, axis=1)[:, None]
    directions, signs = np.vstack([directions, own]), np.concatenate([signs, measure.signs])
    return merged(program, newton(program, merged(program, weighed(program, measure, directions, signs))))


def _judged(program: Program, pricing: Pricing, measure: Measure) -> Found:
    """Return a measure with its value, its dual point and the units that can be in a solution."""
    value, tries = measure.value(program), []
    for g in (program.grad(measure.outputs(program)), settled(program, measure)):
        found = pricing.look(g, program.l2 * (1.0 - 1e-7))
        lower = program.dual(g, pricing.bound(g, found))
        tries.append(Found(measure, value, g, lower, *tied(program, found, 1e-8)))
    return max(tries, key=lambda one: one.lower)
