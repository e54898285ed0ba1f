"""Start wide, take hidden units away: what every method in the width shares."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from homotopy.methods.batch import Batch, Rows, Stage
from homotopy.methods.batch.recipes import FINE, QUICK, ROUGH, Recipe
from homotopy.objectives.units.base import Units

__all__ = ["FIRST", "Fit", "Narrowing", "finish_recipe", "fit_recipe", "widen"]

FIRST = 2000
"""The most evaluations of the first fit, before any unit is taken away."""

Fit = Callable[[int, NDArray[np.float64], int], Stage]
"""``fit(extra, x, most)`` descends the runs at `extra` units more, with at most `most` evaluations."""


def fit_recipe(units: Units) -> Recipe:
    """Return how nets are fitted before units are taken away."""
    return replace(FINE if units.exact else ROUGH, max_evaluations=FIRST)


def finish_recipe(units: Units) -> Recipe:
    """Return how the true net is descended at last."""
    return replace(QUICK if units.exact else ROUGH, max_evaluations=2000)


def widen(batch: Batch, units: Units, rows: Rows, extra: int) -> NDArray[np.float64]:
    """Return the runs' starts with `extra` units more, borrowed from further starts that each run draws.

    With no run or no extra unit these are the starts themselves.
    """
    if not len(rows):
        return batch.x[rows]
    return units.grow(batch.x[rows], extra, lambda: batch.problem.starts(batch.draws(rows)))


@dataclass(frozen=True)
class Narrowing:
    """How runs are taken from a wider net to the true one.

    Units whose merges are closed forms go all at once; others one by one, with fits of at most `between` evaluations
    after each. Once no run has anything left to spend, the rest goes at once. With `beside_path`, functions that differ
    by an affine function of the inputs count as equal.
    """

    batch: Batch
    units: Units
    rows: Rows
    between: int = 20
    beside_path: bool = False

    def run(self, x: NDArray[np.float64], fit: Fit, extra: int) -> NDArray[np.float64]:
        """Return the points at the true width, after fits at every width from `extra` units more down to one more."""
        batch, units, most = self.batch, self.units, FIRST
        while extra and len(self.rows):
            going = batch.going[self.rows]
            points = fit(extra, x, most).x if going.any() else x
            going = batch.going[self.rows]
            count = extra if units.exact or not going.any() else 1
            x = units.take_away(points, count, beside_path=self.beside_path)
            batch.charge_flops(self.rows, units.removal_flops(count, extra, beside_path=self.beside_path))
            extra, most = extra - count, self.between
        return x
