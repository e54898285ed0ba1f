"""Start wide, take hidden units away: what every method in the width shares."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from homotopy.methods.batch.account import Rows
from homotopy.methods.batch.batch import Batch, Stage
from homotopy.methods.batch.recipes import FINE, QUICK, ROUGH, Recipe
from homotopy.objectives.units.base import Units

__all__ = ["FIRST", "Fit", "finish_recipe", "fit_recipe", "narrow", "widen"]

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
    """Return the runs' starts with `extra` units more, borrowed from further starts of the run's own stream.

    Returns
    -------
    ndarray of shape (m, n)
        The wider points; with no run or no extra unit, the starts themselves.
    """
    if not len(rows) or not extra:
        return batch.x[rows]
    start = batch.problem.start
    return np.array([units.grow(batch.x[row], extra, lambda row=row: start(batch.rng(row))) for row in rows])


def narrow(
    batch: Batch,
    units: Units,
    rows: Rows,
    x: NDArray[np.float64],
    fit: Fit,
    *,
    extra: int,
    most: int = FIRST,
    between: int = 20,
    beside_path: bool = False,
) -> NDArray[np.float64]:
    """Return the points at the true width, after fits at every width from `extra` units more down to one more.

    Units whose merges are closed forms go all at once; others one by one, with `between` evaluations between. Once no
    run has anything left to spend, the rest goes at once.
    """
    at_once = units.exact
    while extra and len(rows):
        going = batch.going[rows]
        points = fit(extra, x, most).x if going.any() else x
        going = batch.going[rows]
        count = extra if at_once or not going.any() else 1
        x = np.array([units.take_away(point, count, beside_path=beside_path) for point in points])
        batch.charge(rows[going], charged=units.batch_price if at_once else units.single_price)
        extra, most = extra - count, between
    return x
