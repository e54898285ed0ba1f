"""The default: choose methods by what the problem is, and change over where one fails."""

from __future__ import annotations

from itertools import cycle

import numpy as np
from numpy.typing import NDArray

from homotopy.errors import ArgumentError
from homotopy.homotopies.skip import skip_reason
from homotopy.homotopies.units import RiskUnits, units_reason
from homotopy.methods.baselines import LBFGS
from homotopy.methods.batch import Batch, BatchMethod
from homotopy.methods.deep import DeepGreedy
from homotopy.methods.graduated import Decay, Graduated
from homotopy.methods.greedy import Greedy, RidgeOMP
from homotopy.methods.levenberg import LevenbergMarquardt
from homotopy.methods.skipflip import SkipFlip
from homotopy.methods.width import Width
from homotopy.objectives.risk import EmpiricalRisk
from homotopy.problems.base import Problem

__all__ = ["Auto", "choose"]

FEW = 10
"""Below this number of samples a dictionary of random units is cheap against a descent."""
LOW = 2
"""Up to so many inputs a dictionary of random units covers all that matter."""


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
        asleep = _asleep(batch)
        if asleep.any():
            rows = np.flatnonzero(asleep)
            why_now = "half of the units are switched off on every sample at the start: new units are picked"
            batch.note(rows, stage="choice", methods="omp:extra=0.0", why=why_now)
            part = batch.sub(rows, batch.x[rows])
            RidgeOMP(extra=0.0).run(part)
            batch.absorb(rows, part)
        batch.note(batch.rows, stage="choice", methods=", ".join(m.name for m in plan), why=why)
        rounds = self.restarts if batch.problem.target is not None else 1
        for number, chosen in zip(range(rounds), cycle(plan), strict=False):
            rows = batch.rows
            if not len(rows):
                return
            x = batch.x[rows]
            if number:
                x = np.array([batch.problem.start(batch.rng(int(row))) for row in rows])
            before = batch.cost(rows)
            part = batch.sub(rows, x)
            batch.note(rows, stage="method", method=chosen.name, start=number + 1)
            chosen.run(part)
            batch.absorb(rows, part)
            if not (batch.cost(rows) > before).any():
                return


def _asleep(batch: Batch) -> NDArray[np.bool_]:
    """Return the runs of relu nets at whose starts half of the units are off on every sample, or nearly."""
    none = np.zeros(len(batch), dtype=bool)
    risk = batch.problem.objective
    if not isinstance(risk, EmpiricalRisk) or risk.model.activation != "relu" or units_reason(risk) is not None:
        return none
    if len(risk.X) < FEW or risk.model.output != "identity" or not risk.model.bias:
        return none
    units = RiskUnits(risk)
    rows = batch.rows
    batch.charge(rows, value=1)
    for row in rows:
        W, b, _, _ = units.layers(batch.x[row])
        on = (units.hidden(W, b) > 0).mean(axis=0)
        none[row] = np.mean(on < 0.1) >= 0.5
    return none


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
    model, few, d = objective.model, len(objective.X) < FEW, objective.X.shape[1]
    grown = model.output == "identity" and model.bias and units_reason(objective) is None
    if len(model.sizes) == 2 and objective.loss.name == "squared" and model.output == "logistic":
        matched: list[BatchMethod] = [Graduated("convex-loss", stages=1)]
        return [*matched, *[LBFGS(evaluations=40)] * 20], "the loss that matches the output is convex"
    if grown and few and model.sizes[1] == 1:
        return [Greedy(), RidgeOMP(), Width()], "one unit is best picked from a dictionary"
    if grown and few:
        pick: list[BatchMethod] = [RidgeOMP()] * 3
        return [*pick, Width(), Greedy()], "with few samples units are best picked from a dictionary"
    if grown and objective.loss.name != "squared":
        return [Greedy(), Width()], "classes are separated by growing the net unit by unit"
    if grown and d <= LOW:
        return [RidgeOMP(), RidgeOMP(), Width()], "in so few dimensions a dictionary covers all units"
    if skip_reason(objective) is None:
        return [SkipFlip(), SkipFlip(), Width()], "the hidden units can be flipped beside a linear path"
    if few and units_reason(objective) is None:
        steep: list[BatchMethod] = [LevenbergMarquardt()] * 3
        return [*steep, Decay(), Width()], "with few samples and weights second-order steps are cheap"
    if units_reason(objective) is None:
        return [Width()], "one hidden layer can be widened and made narrow again"
    deep = DeepGreedy()
    if deep.accepts(problem) is None and objective.loss.name != "squared":
        return [deep], "classes are separated by growing the second hidden layer unit by unit"
    layers = len(model.sizes) - 2
    return [LBFGS()], "a convex problem" if layers == 0 else f"{layers} hidden layers: no homotopy is known to help"
