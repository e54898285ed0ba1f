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
    after each. Where a run has nothing left to spend, the rest of its units goes at once. With `beside_path`, functions
    that differ by an affine function of the inputs count as equal.
    """

    batch: Batch
    units: Units
    rows: Rows
    between: int = 20
    beside_path: bool = False

    def run(self, x: NDArray[np.float64], fit: Fit, extra: int) -> NDArray[np.float64]:
        """Return the points at the true width, after fits at every width from `extra` units more down to one more."""
        batch, rows, most = self.batch, self.rows, FIRST
        alive, out = np.ones(len(rows), dtype=bool), None
        while extra and alive.any():
            points = fit(extra, x, most).x if batch.going[rows].any() else x
            going = batch.going[rows]
            ended, alive = alive & ~going, alive & going
            if ended.any():  # their last units go at once, whatever other runs do
                last = self._without(points[ended], rows[ended], extra, extra)
                out = np.zeros((len(rows), last.shape[1])) if out is None else out
                out[ended] = last
            count = extra if self.units.exact else 1
            left = self._without(points[alive], rows[alive], count, extra) if alive.any() else None
            if left is not None:
                x = np.zeros((len(rows), left.shape[1]))
                x[alive] = left
            extra, most = extra - count, self.between
        if out is None:
            return x
        if alive.any():
            out[alive] = x[alive]
        return out

    def _without(self, x: NDArray[np.float64], rows: Rows, count: int, extra: int) -> NDArray[np.float64]:
        """Return points with `count` units fewer, charged to their runs."""
        self.batch.charge_flops(rows, self.units.removal_flops(count, extra, beside_path=self.beside_path))
        return self.units.take_away(x, count, beside_path=self.beside_path)
