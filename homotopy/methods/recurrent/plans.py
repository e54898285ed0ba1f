"""How the length of sequences grows: every number of the recipes, and which recipe a problem calls for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from homotopy.descent import Flat
from homotopy.methods.batch.recipes import Recipe
from homotopy.models.activations import activation
from homotopy.objectives.facets import offered
from homotopy.problems.base import Problem
from homotopy.problems.constant import constant_loss

__all__ = ["PLANS", "Plan", "chosen", "gentle", "lbfgs"]

NEARLY = 0.85
"""A length above this part of the true one is not worth a stage of its own."""
FEW = 8
"""Below so many hidden units a failed start is cheap, and no width is needed."""
EXACT = 5e-4
"""A target below this part of the loss of the best constant says that a net of this kind made the data."""
GENTLE = 1e-2
"""The penalty on short sequences, over the loss of the best constant, where nothing else keeps weights small there."""


def lbfgs(most: int, drop: float, window: int) -> Recipe:
    """Return L-BFGS with 20 pairs for at most so many evaluations, or until it falls by less than `drop`."""
    return Recipe(memory=20, plateau=(drop, window), max_evaluations=most, gradient_tolerance=Flat(1e-9))


STAGE, FINISH = lbfgs(100, 0.02, 40), lbfgs(1000, 0.05, 100)
PENALIZED, DECAYED = Recipe(memory=20, max_evaluations=40), lbfgs(100, 0.02, 40)
WIDE, BETWEEN = lbfgs(400, 0.01, 60), lbfgs(20, 0.0, 20)


@dataclass(frozen=True)
class Plan:
    """How starts go from short sequences to the true ones.

    Attributes
    ----------
    first, factor : int, float
        The first length, and how much longer each following one is.
    count : int or None
        How many lengths; None is all below 0.85 of the true one.
    aim : float
        The loss at which a short length is solved, in tolerances of the problem above its optimum.
    gate : float or None
        The loss above which a start is given up at each short length, or of a wide net at the last one, in the same;
        None gives up none.
    stage : Recipe
        How each length is descended.
    finish : Recipe
        How the true length is.
    decay : float
        A penalty of the weights, l2 over the loss of the best constant, that fades.
    decayed : Recipe or None
        How penalized lengths are descended; None is no such stage.
    always : bool
        Whether every short length has the penalty, or the first alone, which is then descended again without it.
    again : bool
        Whether the last of the lengths that always have the penalty is descended again without it.
    extra : int
        Hidden units more, which are taken away again.
    early : bool
        Whether they are at the last short length, where that is cheap, or at the true one.
    wide, between : Recipe
        How the wide net is descended at the true length before that, and between removals.
    wide_gate : float
        The loss of the wide net at the true length above which a start is given up, in tolerances.
    narrow, narrow_gate : Recipe, float
        The same at the last short length of the net that has been made narrow there.
    patience, then : int or None, str
        After so many starts the recipe of this name takes over; None stays with this one.
    """

    first: int
    factor: float = 2.0
    count: int | None = None
    aim: float = 1.0
    gate: float | None = None
    stage: Recipe = STAGE
    finish: Recipe = FINISH
    decay: float = 0.0
    decayed: Recipe | None = None
    always: bool = False
    again: bool = True
    extra: int = 0
    wide: Recipe = WIDE
    between: Recipe = BETWEEN
    wide_gate: float = 10.0
    early: bool = False
    narrow: Recipe = WIDE
    narrow_gate: float = 1.0
    patience: int | None = None
    then: str = ""

    def lengths(self, n_steps: int, least: int = 1) -> list[int]:
        """Return the short lengths, rising, each below 0.85 of the true one.

        `least` is the shortest that the problem can be: the steps before its last one come in addition to the plan's.
        """
        found: list[int] = []
        at, ahead = float(self.first), least - 1
        while ahead + at < NEARLY * n_steps and (self.count is None or len(found) < self.count):
            found.append(ahead + round(at))
            at = max(at * self.factor, round(at) + 1.0)
        return found


PLANS = {
    "memory": Plan(3, aim=0.25, gate=2.0, stage=lbfgs(100, 0.1, 30), finish=lbfgs(600, 0.05, 60)),
    "generate": Plan(6, aim=0.1, gate=1.0, stage=lbfgs(150, 0.02, 40), finish=lbfgs(1000, 0.01, 200)),
    "identify": Plan(6, count=3, aim=0.1, gate=2.0, stage=lbfgs(500, 0.02, 60), finish=lbfgs(1000, 0.01, 200)),
    "gate": Plan(4, count=2, gate=1.0, stage=lbfgs(300, 0.3, 40), decay=1e-3, decayed=PENALIZED, patience=4,
                 then="width"),
    "width": Plan(4, count=2, gate=10.0, stage=lbfgs(150, 0.02, 60), decay=1e-3, decayed=DECAYED, always=True,
                  extra=2, early=True, patience=4, then="wider"),
    "wider": Plan(4, count=2, gate=10.0, stage=lbfgs(150, 0.02, 60), decay=1e-3, decayed=DECAYED, always=True,
                  extra=4, early=True),
    "late": Plan(5, count=2, gate=100.0, stage=lbfgs(150, 0.02, 60), decay=1e-3, decayed=DECAYED, always=True,
                 extra=2),
}  # fmt: skip
"""Every recipe by its name."""


def gentle(plan: Plan, decay: float = GENTLE, *, again: bool = False) -> Plan:
    """Return a recipe without a penalty of its own with one at all short lengths; `again` as in `Plan`.

    Short sequences of classes are often separable: a descent that no aim stops lets the weights grow there without end,
    and units that are saturated do not learn at longer lengths.
    """
    if plan.decayed is not None or not decay:
        return plan
    return replace(plan, decay=decay, decayed=DECAYED, always=True, again=again)


def chosen(problem: Problem) -> tuple[str, str]:
    """Return which recipe a problem calls for, and why, in one sentence.

    What counts is what the objective offers: shorter problems of the same kind, sequences that go on by themselves,
    or else a target so low that a net of this kind must have made the data; of these the hidden units, too.
    """
    objective: Any = problem.objective
    if not objective.every_step:
        return "memory", "the loss is at the last step alone, and there are shorter problems of the same kind"
    if objective.autonomous:
        return "generate", "the sequences go on by themselves behind their first step"
    if problem.target is None or problem.tolerance > EXACT * constant_loss(objective):
        return "identify", "the targets are those of a system that the net may fit in part"
    if not offered(objective, "units"):
        return "gate", "short sequences tell a failed start, which is given up there"
    if objective.units().width < FEW and not activation(objective.model.activation).homogeneous:
        return "gate", "short sequences tell a failed start of so few units, which is given up there"
    return "width", "two units more to begin with, which are taken away on short sequences"
