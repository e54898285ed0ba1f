"""Methods run from one start after the other."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import cycle

import numpy as np
from numpy.typing import NDArray

from homotopy.doors import door
from homotopy.methods.batch.account import Rows
from homotopy.methods.batch.batch import Batch
from homotopy.methods.batch.method import BatchMethod

__all__ = ["in_turn", "run_part"]


@door
def run_part(batch: Batch, method: BatchMethod, rows: Rows, x: NDArray[np.float64], cutoff: float = np.inf) -> None:
    """Run a method for some of the runs, from points x of shape (m, n), on at most `cutoff` more each."""
    part = batch.sub(rows, x, cutoff)
    method.run(part)
    batch.absorb(rows, part)


@door
def in_turn(
    batch: Batch, methods: Sequence[BatchMethod], most: int, *, cutoff: float = np.inf, noted: bool = False
) -> int:
    """Run methods in turn, each from new starts, until every run is solved or has spent what it may.

    The first start is the runs' own, the following ones come from the runs' own streams; behind the last method the
    first follows again. A start is given up after `cutoff` gradient-equivalents, and written down as a stage where
    `noted`. Return how many starts were made: `most`, or fewer, also where a start cost nothing.
    """
    made = 0
    for method in cycle(methods):
        rows = batch.rows
        if made == most or not len(rows):
            break
        x = batch.x[rows]
        if made:
            x = batch.problem.starts(batch.draws(rows))
        made += 1
        if noted:
            batch.note(rows, stage="method", method=method.name, start=made)
        before = batch.cost(rows)
        run_part(batch, method, rows, x, cutoff)
        if not (batch.cost(rows) > before).any():
            break
    return made
