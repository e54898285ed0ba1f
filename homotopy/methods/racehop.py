"""Race and hop: short descents of which the best go on, then kicks from the best point that are kept where lower."""

from __future__ import annotations

from dataclasses import replace
from itertools import count

import numpy as np
from numpy.typing import NDArray

from homotopy.arguments import integer, positive
from homotopy.methods.batch import Batch, BatchMethod, Rows, polish, run_part
from homotopy.methods.batch.recipes import FULL, HOP, RACE, SETTLE, gauss_newton
from homotopy.naming import spelled
from homotopy.objectives.facets import offered
from homotopy.problems.base import Problem
from homotopy.status import Status

__all__ = ["RaceHop", "affordable"]

Array = NDArray[np.float64]

SHORT = 40
"""Evaluations of each start in the first heat of a race; three times as many in each further one."""
THIRD = 3
"""One in so many goes on to the next heat."""
NEAR = 0.05
"""A hop that ends within this part of the best value, and not settled, goes on to its plateau."""
FRESH = 4
"""One hop in so many is a new start: saturating units gain less from kicks than others."""
FIELDS = ((5000.0, 27), (1400.0, 9), (700.0, 3))
"""Gradient-equivalents from which on so many starts are raced."""
SMALL = 40
"""Up to so many variables new starts are descended by Levenberg-Marquardt, whose steps are cheap there."""
CHECK = 0.1
"""The part of what is left that a plain descent from the start may spend behind the first method."""
REST, MOST_REST = 0.1, 300.0
"""The part of what is left that is kept to finish the best point, and the most of it."""


class RaceHop(BatchMethod):
    """Race L-BFGS from several starts, follow the winner to its plateau, then hop from the best point to lower ones.

    Parameters
    ----------
    starts : int
        Starts that are raced; 0 chooses by the budget: 27 from 5,000 gradient-equivalents on, 9 from 1,400 on or
        without a budget, 3 from 700 on, else one.
    kick : float
        Standard deviation of a hop's displacement of each weight, in the root mean square of the weights.
    patience : int
        Hops in a row without a lower value after which a run ends that has no budget.
    first : BatchMethod or None
        What runs in place of the race; a plain descent from the start, on a tenth of the budget, checks its end.
    share : float
        The part of the budget that it may spend.

    Raises
    ------
    ArgumentError
        If a number is not positive, or `share` is above 1.

    Notes
    -----
    1. Each start is descended by 40 evaluations of L-BFGS; the best third goes on by 120, the best third of these by
       360, and so on; the last one until its value falls by less than 1e-3 in 100 evaluations.
    2. The best point is displaced by normal noise and descended by at most 150 evaluations. Where that ends within 5 %
       of the best value and is not settled it goes on to its plateau. It becomes the best point where it is lower.
       Every fourth time it is a new start instead, by Levenberg-Marquardt where there are at most 40 variables and
       outputs.
    3. A tenth of the budget, 300 gradients at most, is kept to descend the best point as far as that leads.

    It is no homotopy: it is what restarts should be where the optimum is unknown (`papers/real-data.md`).
    """

    reference = (
        "Leary, J. Global Optim. 18 (2000) 367-383 (monotonic basin hopping); "
        "Jamieson and Talwalkar, AISTATS 2016 (successive halving)"
    )

    keeps_finish = False  # all but the first method is on the true problem already

    def __init__(
        self,
        starts: int = 0,
        kick: float = 0.3,
        patience: int = 20,
        first: BatchMethod | None = None,
        share: float = 0.8,
    ) -> None:
        self.starts = integer("starts", starts, least=0)
        self.kick, self.patience = positive("kick", kick), integer("patience", patience)
        self.first, self.share = first, positive("share", share, most=1.0)
        self.name = spelled(self, "race-hop")

    def accepts(self, problem: Problem) -> str | None:
        """Return the reason why the first method cannot run, if there is one."""
        return None if self.first is None else self.first.accepts(problem)

    def run(self, batch: Batch) -> None:
        """Race or run the first method, hop, finish."""
        rows = batch.rows
        left = affordable(batch, rows)
        if self.first is not None:
            for share in np.unique(left):
                some = rows[left == share]
                run_part(batch, self.first, some, batch.x[some], self.share * share)
                some = some[batch.going[some]]
                recipe = replace(SETTLE, max_evaluations=int(min(max(CHECK * share, 1.0), SETTLE.max_evaluations)))
                polish(batch, batch.x[some], some, "plain descent, as a check", recipe)
        else:
            fields = np.array([self.starts or _field(most) for most in left], dtype=int)
            for n in np.unique(fields):
                some = rows[fields == n]
                _race(batch, some, batch.x[some], int(n))
        rows = batch.rows
        rest = np.minimum(REST * (batch.limits[rows] - batch.cost(rows)), MOST_REST)
        part = batch.sub(rows, batch.x[rows])
        part.limits -= np.where(np.isfinite(rest), rest, 0.0)
        self._hop(part)
        batch.absorb(rows, part)
        rows = batch.rows
        polish(batch, _best(batch, rows)[0], rows, "finish", replace(FULL, max_evaluations=5000))

    def _hop(self, batch: Batch) -> None:
        """Hop from the best point of each run until its budget is spent, or without one until nothing is found."""
        failures, spent = np.zeros(len(batch), dtype=int), np.full(len(batch), -1.0)
        endless = ~np.isfinite(batch.limits) & ~np.isfinite(batch.ledger.budget.seconds)
        every = np.arange(len(batch))
        small = batch.problem.size <= SMALL and offered(batch.objective, "outputs")
        fresh = gauss_newton(300) if small else HOP
        for turn in count(1):
            late = batch.ledger.seconds >= (1.0 - REST) * batch.ledger.budget.seconds
            cost = batch.cost(every)  # what is left may not pay an evaluation
            rows = np.flatnonzero(batch.going & (cost > spent) & ~(endless & (failures >= self.patience)))
            if late or not len(rows):
                return
            spent = cost
            best, value = _best(batch, rows)
            if turn % FRESH:
                noise = batch.draws(rows).standard_normal(best.shape[1:])
                new, name, recipe = best + self.kick * _size(batch, rows, best) * noise, "hop", HOP
            else:
                new, name, recipe = batch.problem.starts(batch.draws(rows)), "new start", fresh
            stage = polish(batch, new, rows, name, recipe)
            near = stage.value < value + NEAR * np.abs(value)
            on = np.flatnonzero(near & (stage.status == Status.MAX_STEPS))
            if len(on):
                polish(batch, stage.x[on], rows[on], f"{name}, on to its plateau", SETTLE)
            lower = batch.ledger.best_value[batch.index[rows]] < value
            failures[rows] = np.where(lower, 0, failures[rows] + 1)


def affordable(batch: Batch, rows: Rows) -> Array:
    """Return the gradient-equivalents that runs have left, shape (m,); of a budget of seconds an estimate.

    It is made by the pace of a gradient (`Ledger.pace`); a budget of seconds is that of one run.
    """
    left = np.asarray(batch.limits[rows] - batch.cost(rows))
    seconds = batch.ledger.budget.seconds
    if not len(rows) or not np.isfinite(seconds):
        return left
    pace = batch.ledger.pace(batch.x[rows[0]])
    return np.minimum(left, (seconds - batch.ledger.seconds) / max(pace, 1e-9))


def _field(left: float) -> int:
    """Return how many starts are raced where so many gradient-equivalents are left."""
    if not np.isfinite(left):
        return 9
    return next((n for least, n in FIELDS if left >= least), 1)


def _race(batch: Batch, rows: Rows, x: Array, n: int) -> None:
    """Race n starts of each run, the first of them x, and follow the winner to its plateau."""
    points = [x]
    for _ in range(n - 1):
        points.append(batch.problem.starts(batch.draws(rows)))
        if np.array_equal(points[0], points[-1]):  # a start of the user's that is always the same
            points = [x]
            break
    most = SHORT
    while len(points) > 1:
        short = replace(RACE, max_evaluations=most)
        heats = [polish(batch, at, rows, f"heat of {len(points)}", short) for at in points]
        values = np.array([np.where(np.isnan(heat.value), np.inf, heat.value) for heat in heats])
        order = np.argsort(values, axis=0, kind="stable")[: max(1, len(points) // THIRD)]
        ends = np.array([heat.x for heat in heats])
        points = [ends[place, np.arange(len(rows))] for place in order]
        most *= THIRD
    polish(batch, points[0], rows, "the winner", SETTLE)


def _best(batch: Batch, rows: Rows) -> tuple[Array, Array]:
    """Return the best point of the true problem that each run has seen, shape (m, n), and its value.

    Where a run has seen none it is its start, with an infinite value.
    """
    at = batch.index[rows]
    x, value = batch.ledger.best_x[at], batch.ledger.best_value[at]
    blind = ~np.isfinite(value)
    if blind.any():
        x[blind], value[blind] = batch.x[rows[blind]], np.inf
    return x, value


def _size(batch: Batch, rows: Rows, best: Array) -> Array:
    """Return the root mean square of points, shape (m, 1); of the starts where they are zero, and one where all are."""
    size = np.sqrt((best**2).mean(axis=1, keepdims=True))
    if (size == 0.0).any():
        start = np.sqrt((batch.x[rows] ** 2).mean(axis=1, keepdims=True))
        size = np.where(size > 0.0, size, np.where(start > 0.0, start, 1.0))
    return np.asarray(size)
