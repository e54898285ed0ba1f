"""The default: choose methods by what the problem is, and change over where one fails."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.arguments import integer
from homotopy.methods.baselines.descents import LBFGS
from homotopy.methods.baselines.levenberg import LevenbergMarquardt
from homotopy.methods.batch import Batch, BatchMethod, in_turn, run_part
from homotopy.methods.multistart import Multistart
from homotopy.methods.racehop import RaceHop, affordable
from homotopy.methods.recurrent.length import WHY_LENGTH, on_sequences
from homotopy.methods.tracked.graduated import Decay
from homotopy.methods.units.deep import DeepGreedy
from homotopy.methods.units.deepwidth import DeepWidth
from homotopy.methods.units.greedy import Greedy, RidgeOMP
from homotopy.methods.units.skipflip import SkipFlip
from homotopy.methods.units.width import Width
from homotopy.naming import spelled
from homotopy.objectives.facets import offered
from homotopy.objectives.outputs import inputs_of
from homotopy.problems.base import Problem
from homotopy.problems.bounds import never_below
from homotopy.status import Status

__all__ = ["Auto", "choose", "choose_unknown"]

FEW = 10
"""Below this number of samples a dictionary of random units is cheap against a descent."""
LOW = 2
"""Up to so many inputs a dictionary of random units covers all that matter."""
TIGHT = 2
"""Samples a weight from which on a net is too narrow to be grown at its own width."""
DEEP_ROOM, ROOM, SEQUENCE_ROOM = 5000.0, 2000.0, 300.0
"""Gradient-equivalents from which on two hidden layers are widened first where the optimum is unknown, units flipped,
and short sequences solved."""
MANY = 16
"""Units from which on they are."""
SHORT = 150
"""Evaluations of the plain descent that is tried first on separable classes."""


class Auto(BatchMethod):
    """Choose a method by activation, loss and size, start it again where it fails, and change over in turn.

    See `choose` for the order where the optimum is known. A run begins with the first method; where that fails, a new
    start with the next one follows, and so on in turn, `restarts` starts at most. Where the optimum is unknown nothing
    says that a method has failed: the whole budget is spent on lower values, see `choose_unknown`. The stages of the
    Result say what was chosen, why, what each did, and in the last one why the run stopped and what is known of the
    global minimum.
    """

    reference = "the order of methods was chosen on tuning seeds of the named problems; see `choose`"

    def __init__(self, restarts: int = 1000) -> None:
        self.restarts = integer("restarts", restarts)
        self.name = spelled(self, "auto")

    def run(self, batch: Batch) -> None:
        """Choose, and run until every run is solved or has spent what it may."""
        if batch.problem.target is None:
            self._lower(batch)
        else:
            self._solved(batch)

    def _lower(self, batch: Batch) -> None:
        """Spend the budget on lower values of a problem whose optimum is unknown."""
        rows = batch.rows
        left = affordable(batch, rows) if _first(batch.problem) is not None else np.zeros(len(rows))
        for most in np.unique(left):
            some = rows[left == most]
            one, why = choose_unknown(batch.problem, float(most))
            batch.note(some, stage="choice", methods=one.name, why=why)
            run_part(batch, one, some, batch.x[some])

    def _solved(self, batch: Batch) -> None:
        """Run methods in turn until the optimum is reached."""
        plan, why = choose(batch.problem)
        asleep = _asleep(batch)
        if asleep.any():
            rows = np.flatnonzero(asleep)
            why_now = "half of the units are switched off on every sample at the start: new units are picked"
            again = RidgeOMP(extra=0.0)
            batch.note(rows, stage="choice", methods=again.name, why=why_now)
            run_part(batch, again, rows, batch.x[rows])
        batch.note(batch.rows, stage="choice", methods=", ".join(m.name for m in plan), why=why)
        in_turn(batch, plan, self.restarts, noted=True)

    def conclude(self, batch: Batch) -> None:
        """Write down why the run stopped, and what is known of the global minimum."""
        starts = sum(stage["stage"] == "method" for stage in batch.stages[0])
        why, known = _ending(batch, 0, starts), _known(batch, 0)
        batch.note([0], stage="end", why=why, known=known, cost=float(batch.cost(np.array([0]))[0]))


def _ending(batch: Batch, row: int, starts: int) -> str:
    """Return why a run stopped, in words."""
    unknown, stages = batch.problem.target is None, batch.stages[row]
    count, kind = (sum(s["stage"] == "hop" for s in stages), "hop") if unknown else (starts, "start")
    tries = f"after {count} {kind}" + "s" * (count != 1)
    if batch.solved[row]:
        which = "target" if batch.problem.test_target is None else "training target"
        return f"the {which} was reached, {tries}"
    if batch.stopped[row]:
        return "the callback stopped the run"
    budget, spent = batch.ledger.budget, float(batch.cost(np.array([row]))[0])
    if unknown and not any(s["stage"] == "choice" and s["methods"].startswith("race-hop") for s in stages):
        return f"one descent is all there is to do: {batch.status[row].value}"
    if batch.ledger.seconds >= budget.seconds:
        return f"the budget of seconds was spent, {tries}"
    if batch.limits[row] - spent < 1:
        return f"the budget of gradient-equivalents was spent, {tries}"
    if not unknown:
        return f"no start is left, {tries}"
    shares = {"seconds": batch.ledger.seconds / budget.seconds, "gradient-equivalents": spent / budget.gradients}
    nearest = max(shares, key=lambda which: shares[which])
    if shares[nearest] > 0.0:  # hops end before the budget does: a part is kept to finish the best point
        return f"what is left of the budget of {nearest} allows no further hop, {tries}"
    return f"nothing lower was found in {RaceHop().patience} tries in a row, {tries}"


def _known(batch: Batch, row: int) -> str:
    """Return what is known of the global minimum, in words."""
    problem, value = batch.problem, float(batch.ledger.best_value[batch.index[row]])
    if problem.optimum is not None:
        gap = value - problem.optimum
        text = f"its value is {problem.optimum:.6g}; the best value seen is {value:.6g}"
        return text + (", within the tolerance of it" if problem.solved(value) else f", {gap:.3g} above it")
    convex = bool(getattr(problem.objective, "convex", False))
    if convex and np.isfinite(value) and batch.status[row] is Status.CONVERGED:
        return f"the problem is convex and the descent converged: it is at most rounding below {value:.6g}"
    quick = convex or np.isfinite(batch.ledger.budget.seconds)  # a proof may take longer than a run has left
    bound = never_below(problem.objective) if quick else problem.lower
    if not np.isfinite(value) or bound is None:
        return "nothing: the value may be that of a local minimum"
    if bound.contradicted(value):
        return bound.told(value)
    return f"it lies between {bound.value:.6g} and {value:.6g}: {bound.certificate}"


def _asleep(batch: Batch) -> NDArray[np.bool_]:
    """Return the runs of relu nets at whose starts half of the units are off on every sample, or nearly."""
    none = np.zeros(len(batch), dtype=bool)
    if not offered(batch.objective, "growth"):
        return none
    units, rows = batch.objective.growth(), batch.rows
    act = units.activation
    if units.n_samples < FEW or not act.homogeneous or act.leak:
        return none
    batch.charge_flops(rows, units.hidden_flops(units.width))
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
    objective: Any = problem.objective
    long = on_sequences(problem)
    if long is not None:
        return [long], WHY_LENGTH
    layers = objective.hidden() if hasattr(objective, "hidden") else None
    if layers is None:
        if offered(objective, "linear_path"):
            return [SkipFlip()], "the units of a teacher-student risk can be flipped beside a linear path"
        return [LBFGS()], "nothing is known of the function's structure"
    if not layers:
        return _no_hidden_layer(objective)
    if offered(objective, "units"):
        return _one_hidden_layer(objective)
    deep = DeepGreedy()
    if deep.accepts(problem) is None and not objective.outputs.loss.quadratic:
        return [deep], "classes are separated by growing the second hidden layer unit by unit"
    wide = DeepWidth()
    if wide.accepts(problem) is None:
        why = "two hidden layers can be widened under a penalty and made narrow again"
        if objective.outputs.hidden.odd_slope is not None:
            return [wide], why
        return [Multistart(Decay(), cutoff=650.0, restarts=2), wide], f"{why}; short descents behind a penalty first"
    return [LBFGS()], f"{len(layers)} hidden layers: no homotopy is known to help"


def choose_unknown(problem: Problem, left: float) -> tuple[BatchMethod, str]:
    """Return what to do on a problem of unknown optimum with so many gradient-equivalents left, and why.

    Notes
    -----
    On real data race and hop ends lower than restarts of L-BFGS, and than most homotopies, on the same budget
    (`papers/real-data.md`). Two of them end lower still where there is room: the widths on two hidden layers from 5,000
    gradients on, and the linear path on 16 and more relu units from 2,000 on, behind the check of a plain descent. On
    fewer units, or with less, they do not.

    Examples
    --------
    >>> from homotopy.problems import problem
    >>> choose_unknown(problem("ts:act=relu,noise=0.1"), 5000.0)[0].name
    'race-hop'
    """
    objective: Any = problem.objective
    if getattr(objective, "convex", False):
        return LBFGS(), "a convex problem"
    first = _first(problem)
    if first is not None and left >= first[0] and np.isfinite(left):
        return RaceHop(first=first[1], share=0.8), f"{first[2]}; then kicks from the best point"
    return RaceHop(), "the optimum is unknown: short descents race, and kicks from the best point are kept where lower"


def _first(problem: Problem) -> tuple[float, BatchMethod, str] | None:
    """Return the homotopy that comes first where there is room: the room, the homotopy and why; None without one."""
    long = on_sequences(problem)
    if long is not None:
        return SEQUENCE_ROOM, long, WHY_LENGTH
    wide = DeepWidth()
    if wide.accepts(problem) is None:
        return DEEP_ROOM, wide, "two hidden layers are widened under a penalty and made narrow again"
    objective: Any = problem.objective
    flips = SkipFlip()
    if flips.accepts(problem) is None and objective.units().width >= MANY:
        return ROOM, flips, "many hidden units are flipped beside a linear path, a plain descent is the check"
    return None


def _no_hidden_layer(objective: Any) -> tuple[list[BatchMethod], str]:
    """Return the methods for a net without hidden layer."""
    if offered(objective, "matched"):
        steps: list[BatchMethod] = [LevenbergMarquardt(limit=16, damping=1e-3)]
        why = "a logistic unit has minima near and far from 0: a penalty leads to the near ones, long steps to the far"
        first = max(0.03, float(getattr(objective, "l2", 0.0)))
        return [*steps, Decay(l2=first), *steps * 20], why
    return [LBFGS()], "a convex problem" if objective.convex else "no homotopy is known to help"


def _one_hidden_layer(objective: Any) -> tuple[list[BatchMethod], str]:
    """Return the methods for a net with one hidden layer."""
    few, d = len(objective.outputs.targets) < FEW, inputs_of(objective.outputs).shape[1]
    grown, flips = offered(objective, "growth"), offered(objective, "linear_path")
    if grown and few and objective.units().width == 1:
        return [Greedy(), RidgeOMP(), Width()], "one unit is best picked from a dictionary"
    if grown and few:
        pick: list[BatchMethod] = [RidgeOMP()] * 3
        return [*pick, Width(), Greedy()], "with few samples units are best picked from a dictionary"
    if grown and not objective.outputs.loss.quadratic:
        return _classes(objective, d, flips)
    if grown and d <= LOW:
        return [RidgeOMP(), RidgeOMP(), Width()], "in so few dimensions a dictionary covers all units"
    if flips:
        return [SkipFlip(), SkipFlip(), Width()], "the hidden units can be flipped beside a linear path"
    if few:
        steep: list[BatchMethod] = [LevenbergMarquardt()] * 3
        return [*steep, Decay(), Width()], "with few samples and weights second-order steps are cheap"
    return [Width()], "one hidden layer can be widened and made narrow again"


def _classes(objective: Any, d: int, flips: bool) -> tuple[list[BatchMethod], str]:
    """Return the methods for classification in d dimensions with one hidden layer and many samples."""
    y = np.asarray(objective.outputs.targets)
    if d <= LOW and len(y) > TIGHT * objective.size:
        return [Greedy(refine=True)], "few weights for many points in the plane: a larger net is grown, then pruned"
    if d <= LOW:
        why = "classes in the plane are separated by growing the net unit by unit, at last a larger one that is pruned"
        return [Greedy(), Greedy(), Greedy(refine=True)], why
    soft = y.dtype.kind == "f" and bool(np.any((y > 0) & (y < 1)))
    if flips and soft:
        return [SkipFlip(), SkipFlip(), Width()], "probabilities as targets: units are flipped beside a linear path"
    if flips:
        plan: list[BatchMethod] = [LBFGS(evaluations=SHORT), SkipFlip(), Width(), Greedy()]
        return plan, "classes in many dimensions are often separable at once; else units are flipped"
    if soft:
        return [Width(), Width(), Decay()], "one hidden layer can be widened and made narrow again"
    return [Decay(), Width(), Greedy()], "classes in many dimensions: a penalty first keeps the units from saturating"
