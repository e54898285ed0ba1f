"""Patterns found by sampling and by ascent, where there are too many to look at all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from homotopy.landscape.convex.cells import Cells, Slopes, signs_of
from homotopy.landscape.convex.program import Program
from homotopy.landscape.convex.slopes import ascend, begun, directions_of, slope_of
from homotopy.landscape.convex.sphere import steepest

__all__ = ["Proof", "Sampled"]

Array = NDArray[np.float64]

BEST = 48
"""Directions that are ascended from, the steepest known ones and as many random ones."""
MORE = 512
"""Random ones where a bound is not closed."""
SAMPLES = 256
"""The most samples whose directions are looked at first."""
CLOSED = 1e-9
"""Slopes above the penalty by this part of it are let stand."""


@dataclass(frozen=True)
class Proof:
    """A number that no unit's slope is above, and what that rests on.

    Attributes
    ----------
    slope : float
        The number.
    words : str
        What was looked at.
    complete : bool
        Whether all that may be in a solution was.
    beyond : ndarray of shape (m, r)
        Directions in which units of larger slopes than the penalty may be.
    """

    slope: float
    words: str
    complete: bool
    beyond: Array


class Sampled:
    """Patterns of some directions, to which each look adds those of local maxima of the slope."""

    complete = False

    def __init__(self, program: Program, directions: Array, rng: np.random.Generator, *, count: int, most: int) -> None:
        self.program, self.most, self._rng = program, most, rng
        random = rng.standard_normal((count, program.Z.shape[1]))
        self._tries = begun(directions, program.Z, random, most=SAMPLES)
        self.cells = Cells(program, np.unique(signs_of(program, self._tries), axis=0))

    def look(self, g: Array, least: float, most: int | None = None) -> Slopes:
        """Return the slopes of the units of all patterns, those that ascent finds from known and new directions too."""
        Z, leak, G = self.program.Z, self.program.leak, g[:, None]
        steep = np.argsort(-slope_of(self._tries, Z, G, leak)[0], kind="stable")[:BEST]
        _, U = ascend(np.vstack([self._tries[steep], self._drawn(BEST)]), Z, G, leak)
        known = {row.tobytes() for row in self.cells.patterns}
        new = [row for row in np.unique(signs_of(self.program, U), axis=0) if row.tobytes() not in known]
        if new:
            self.cells.add(np.array(new))
        return self.cells.slopes(g, least, most)

    def _drawn(self, count: int) -> Array:
        """Return random directions, shape (count, r)."""
        U = self._rng.standard_normal((count, self.program.Z.shape[1]))
        return np.asarray(U / np.linalg.norm(U, axis=1)[:, None])

    def bound(self, g: Array, found: Slopes) -> float:
        """Return the largest slope found, which others may be above."""
        return found.bound(self.program, g)

    def proof(self, g: Array) -> Proof:
        """Return a number that no unit's slope is above, by branch and bound as long as that may take."""
        goal = self.program.l2 * (1.0 + CLOSED)
        end = steepest(self.program, g, goal, most=self.most)
        if end.closed:
            words = f"the directions of all units ({end.cones} cones, branch and bound)"
        elif end.cones:
            words = f"the directions of all units (branch and bound, stopped at {end.cones} cones)"
        else:
            words = "the directions of all units (a bound of their slopes in closed form)"
        return Proof(end.slope, words, end.closed, end.beyond)

    def learn(self, directions: Array, g: Array) -> bool:
        """Add directions to look from, and random ones; return whether steeper units than the penalty are found."""
        U = np.vstack([directions_of(directions), self._drawn(MORE)])
        found, U = ascend(U, self.program.Z, g[:, None], self.program.leak)
        steep = found > self.program.l2 * (1.0 + CLOSED)
        self._tries = np.vstack([self._tries, U[steep]])
        return bool(steep.any())
