"""Starts that solve the first step of sequences, where a recurrent net is a plain net with one hidden layer."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.errors import ArgumentError, DataError
from homotopy.methods.batch import Batch, BatchMethod, Rows
from homotopy.methods.units.greedy import RidgeOMP
from homotopy.methods.units.skipflip import SkipFlip
from homotopy.methods.units.width import Width
from homotopy.objectives.flops import flops_of
from homotopy.problems.base import Problem
from homotopy.status import Budget

__all__ = ["first_step", "why_not"]

Array = NDArray[np.float64]

MOST = 2000.0
"""Gradients of the first step that one start may cost; it is as cheap as the sequences are long."""


def why_not(objective: Any, how: str | None) -> str | None:
    """Return why the first step of an objective's sequences is no plain net, in one sentence, or None."""
    try:
        one = objective.shorter(1, how)
    except (ArgumentError, DataError) as error:
        return f"starts is 'units', and its sequences cannot be of one step: {error}"
    try:
        one.feed_forward()
    except (ArgumentError, DataError) as error:
        return str(error)
    return None


def first_step(batch: Batch, rows: Rows, x: Array, how: str | None) -> Array:
    """Return starts of shape (m, n) whose weights to and from the hidden units solve the first step, charged.

    The recurrent weights are those of x. What finds the others is `SkipFlip` where units can be turned beside a linear
    path, else a dictionary of random units (`RidgeOMP`), else `Width`.
    """
    plain = batch.objective.shorter(1, how).feed_forward()
    true = batch.problem
    problem = Problem("first step", plain.risk, plain.risk.draw, optimum=true.optimum, tolerance=true.tolerance)
    moves: tuple[BatchMethod, ...] = (SkipFlip(), RidgeOMP(), Width())
    move = next(one for one in moves if one.accepts(problem) is None)
    flops, model = flops_of(plain.risk), batch.objective.model
    x = x.copy()
    for i, row in enumerate(rows):
        left = float(batch.purse(rows[i : i + 1], home=False)[0]) * batch.ledger.flops / flops
        seconds = batch.ledger.seconds_left()
        if left < 1.0 or seconds <= 0.0:
            continue
        found = move.solve(problem, rng=batch.rng(int(row)), budget=Budget(min(left, MOST), seconds))
        batch.charge_flops(rows[i : i + 1], found.cost * flops)
        batch.note([row], stage="first step", method=move.name, value=found.value, cost=batch.cost(rows[i : i + 1]))
        mine, theirs = model.unpack(x[i]), model.unpack(plain.back(found.x, 0))
        for name in ("U", "b", "C", "c"):
            mine[name][...] = theirs[name]
    return x
