"""The default: choose methods by what the problem is, and change over where one fails."""

from __future__ import annotations

from itertools import cycle

import numpy as np

from homotopy.errors import ArgumentError
from homotopy.homotopies.skip import skip_reason
from homotopy.homotopies.units import units_reason
from homotopy.methods.baselines import LBFGS
from homotopy.methods.batch import Batch, BatchMethod
from homotopy.methods.greedy import Greedy, RidgeOMP
from homotopy.methods.skipflip import SkipFlip
from homotopy.methods.width import Width
from homotopy.objectives.risk import EmpiricalRisk
from homotopy.problems.base import Problem

__all__ = ["Auto", "choose"]

FEW = 10
"""Below this number of samples a dictionary of random units is cheap against a descent."""


class Auto(BatchMethod):
    """Choose a method by activation, loss and size, start it again where it fails, and change over in turn.

    Parameters
    ----------
    restarts : int
        The most starts.

    Notes
    -----
    See `choose` for the order. A run begins with the first method; where that fails, a new start with the next one
    follows, and so on in turn. The stages of the Result say what was chosen, why, and what each did. Where the
    optimum is unknown the first method's end is the Result.
    """

    reference = "the order of methods was chosen on tuning seeds of the named problems; see `choose`"

    def __init__(self, restarts: int = 1000) -> None:
        if restarts < 1:
            raise ArgumentError(f"restarts must be at least 1, not {restarts!r}")
        self.restarts = restarts
        self.name = "auto" if restarts == 1000 else f"auto:restarts={restarts}"

    def run(self, batch: Batch) -> None:
        """Choose, and run until every run is solved or has spent what it may."""
        plan, why = choose(batch.problem)
        batch.note(range(len(batch)), stage="choice", methods=", ".join(m.name for m in plan), why=why)
        rounds = self.restarts if batch.problem.target is not None else 1
        for number, chosen in zip(range(rounds), cycle(plan), strict=False):
            rows = batch.rows
            if not len(rows):
                return
            x = batch.x[rows]
            if number:
                x = np.array([batch.problem.start(batch.rng(row)) for row in rows])
            before = batch.cost(rows)
            part = batch.sub(rows, x)
            batch.note(rows, stage="method", method=chosen.name, start=number + 1)
            chosen.run(part)
            batch.absorb(rows, part)
            if not (batch.cost(rows) > before).any():
                return


def choose(problem: Problem) -> tuple[list[BatchMethod], str]:
    """Return the methods to use on a problem, in their order, and why, in one sentence.

    Examples
    --------
    >>> from homotopy.problems import problem
    >>> [method.name for method in choose(problem("teacher:k=6"))[0]]
    ['skip']
    """
    objective = problem.objective
    if not isinstance(objective, EmpiricalRisk):
        if skip_reason(objective) is None:
            return [SkipFlip()], "the units of a teacher-student risk can be flipped beside a linear path"
        return [LBFGS()], "nothing is known of the function's structure"
    model, few = objective.model, len(objective.X) < FEW
    grown = model.output == "identity" and model.bias and units_reason(objective) is None
    if grown and few:
        return [RidgeOMP(), Width(), Greedy()], "with few samples units are best picked from a dictionary"
    if grown and objective.loss.name != "squared":
        return [Greedy(), Width()], "classes are separated by growing the net unit by unit"
    if skip_reason(objective) is None:
        return [SkipFlip(), SkipFlip(), Width()], "the hidden units can be flipped beside a linear path"
    if units_reason(objective) is None:
        return [Width()], "one hidden layer can be widened and made narrow again"
    layers = len(model.sizes) - 2
    return [LBFGS()], "a convex problem" if layers == 0 else f"{layers} hidden layers: no homotopy is known to help"
