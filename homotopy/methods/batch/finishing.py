"""The last part of runs whose budget ends before their method has come to the true problem."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from homotopy.methods.batch.account import Rows
from homotopy.methods.batch.batch import Batch
from homotopy.methods.batch.ends import Ends
from homotopy.methods.batch.stage import Stage
from homotopy.status import Status

__all__ = ["finish"]

PLAIN = "plain descent from the start, for the method is cut by the budget"


def finish(batch: Batch, ends: Ends) -> None:
    """Descend plainly from their starts the runs that were cut, and go on from the better point that each has seen.

    On what was kept for it (`Reserve`). So end, too, runs whose method had a budget for nothing but a look at the
    start. A run whose best point is not the end of a descent that converged ends with BUDGET_SPENT.
    """
    reserve = batch.ledger.reserve
    cut = ~batch.going if reserve.on else np.zeros(len(batch), dtype=bool)
    reserve.end()
    rows = np.flatnonzero((cut | _idle(batch)) & batch.going)
    if not len(rows):
        return
    starts = batch.x if reserve.starts is None else reserve.starts
    first = ends.polished(batch, starts[rows], rows, PLAIN)
    _judge(batch, rows, first)
    index = batch.index[rows]
    best = batch.ledger.best_value[index]
    again = batch.going[rows] & (best < np.nan_to_num(first.value, nan=np.inf))
    if again.any():
        some = rows[again]
        _judge(batch, some, ends.polished(batch, batch.ledger.best_x[index[again]], some, "on from the best point"))


def _idle(batch: Batch) -> NDArray[np.bool_]:
    """Return which runs ended for want of budget and have seen nothing but their starts."""
    limited = np.isfinite(batch.limits) | np.isfinite(batch.ledger.budget.seconds)
    idle = (batch.status == Status.BUDGET_SPENT) & limited
    where = np.flatnonzero(idle)
    best = batch.ledger.best_x[batch.index[where]]
    idle[where] = np.isnan(best).all(axis=1) | (best == batch.x[where]).all(axis=1)
    return np.asarray(idle)


def _judge(batch: Batch, rows: Rows, stage: Stage) -> None:
    """Say how runs ended: as their last descent did where it led to the best point."""
    best = batch.ledger.best_value[batch.index[rows]]
    elsewhere = (stage.status == Status.CONVERGED) & ~(stage.value <= best)
    batch.status[rows[elsewhere]] = Status.BUDGET_SPENT
