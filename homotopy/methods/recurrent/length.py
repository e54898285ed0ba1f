"""The length homotopy as a method: solve short sequences, double their length, finish at the true one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

from homotopy.arguments import choice, integer, number
from homotopy.methods.batch import Batch, BatchMethod
from homotopy.methods.recurrent.ladder import Ladder
from homotopy.methods.recurrent.onestep import first_step, why_not
from homotopy.methods.recurrent.plans import PLANS, Plan, chosen, gentle
from homotopy.methods.recurrent.steep import is_cheap, steep
from homotopy.naming import spelled
from homotopy.objectives.facets import lacking, offered
from homotopy.problems.base import Problem

__all__ = ["WHY_LENGTH", "Length", "on_sequences"]

STEPS = 8
"""Sequences of more steps are made short first, where nobody chooses the method."""
LONG = 20_000
"""Evaluations of the finish where the optimum is unknown."""
WHY_LENGTH = "sequences that can be shorter: short ones first, failed starts given up there"
WAYS = ("auto", "prefix", "family", "deleted", "windows", "coarse")


class Length(BatchMethod):
    """Solve the problem on short sequences, go on to longer ones, finish at the true length; else a new start.

    Parameters
    ----------
    recipe : str
        A key of `methods.recurrent.plans.PLANS`: memory, generate, identify, gate, width, wider, late; auto chooses by
        what the problem is. The following parameters, where they are given, are others than the recipe's.
    first : int or None
        The first length, counted from the shortest that the problem can be: where first steps have no target.
    factor : float or None
        How much longer each following one is; above 1.
    gate : float or None
        The loss at a short length, in tolerances of the problem above its optimum, above which a start is given up;
        0 gives up none.
    extra : int or None
        Hidden units more, which are taken away again: at the last short length by the recipe width, else at the true
        one.
    decay : float or None
        The penalty of the weights on short sequences, over the loss of the best constant; 0 is none. Recipes without
        one have 0.01 where the loss is not the squared one and the optimum is unknown (`plans.gentle`).
    corrector : str
        lm or lbfgs: what descends each length; auto is Levenberg-Marquardt where its matrix is cheap, on nets with few
        weights or with the loss at the last step alone.
    schedule : str
        doubling: each length is `factor` times the last; extension: it is where the loss on that length, untrained,
        is below the gate, else 1.4 times.
    how : str
        How sequences are made shorter: prefix, family, deleted, windows, coarse; auto is the first that the problem
        offers.
    starts : str
        problem, or units: their weights to and from the hidden units solve the first step, which is a plain net
        (`methods.recurrent.onestep`).
    tries : int
        The most starts.

    Notes
    -----
    1. Descents on sequences of the first length, of the next, and so on (`plans.Plan` and `steep.CHANGES` have every
       number), each until the aim, a plateau or its limit; the recipes gate, width and late begin with a penalty of the
       weights that fades.
    2. Where the loss of a short length stays above the gate the start is given up; a new one follows. Four starts that
       the recipe gate has given up are followed by those of the recipe width, four of these by those of wider.
    3. Extra units are taken away one by one by the optimal brain surgeon, with at most 20 evaluations between: at the
       last short length, where that is cheap, and the narrow net has to pass a gate there; or at the true one (late).
    4. The same at the true length until the target or a plateau, then a new start.

    With Levenberg-Marquardt a start of gate or width is solved exactly on one or two short lengths, without units more,
    and L-BFGS finishes it; where the loss is at the last step alone its matrix is cheap at every length.

    A step at length t costs t / T, a wider net what its flops are. Where the optimum is unknown nothing says that a
    start has failed: no gate, and one start; and nothing but a penalty says when classes on short sequences, which are
    often separable, are learned well enough.
    """

    needs = ("shorter", "outputs")
    reference = (
        "sequences that grow: Elman, Cognition 48 (1993) 71-99; gates, fading decay and removed units are this "
        "package's (papers/recurrent.md)"
    )

    def __init__(
        self,
        recipe: str = "auto",
        first: int | None = None,
        factor: float | None = None,
        gate: float | None = None,
        extra: int | None = None,
        decay: float | None = None,
        corrector: str = "auto",
        schedule: str = "doubling",
        how: str = "auto",
        starts: str = "problem",
        tries: int = 1000,
    ) -> None:
        self.recipe = choice("recipe", recipe, ("auto", *PLANS))
        self.first = None if first is None else integer("first", first)
        self.factor = None if factor is None else number("factor", factor, "a number above 1", above=1, below=1e9)
        self.gate = None if gate is None else number("gate", gate, "0 or a positive number", least=0, below=1e300)
        self.extra = None if extra is None else integer("extra", extra, least=0)
        self.decay = None if decay is None else number("decay", decay, "0 or a positive number", least=0, below=1e300)
        self.corrector = choice("corrector", corrector, ("auto", "lm", "lbfgs"))
        self.schedule = choice("schedule", schedule, ("doubling", "extension"))
        self.how = choice("how", how, WAYS)
        self.starts = choice("starts", starts, ("problem", "units"))
        self.tries = integer("tries", tries)
        self.name = spelled(self, "length")

    def accepts(self, problem: Problem) -> str | None:
        """Return why the method does not run on the problem, or None."""
        reason = super().accepts(problem)
        if reason is not None:
            return reason
        objective: Any = problem.objective
        ways = tuple(objective.shortenings)
        if self.how != "auto" and self.how not in ways:
            return f"how is {self.how!r}; its sequences are made shorter by {', '.join(ways)}"
        extra = self.extra if self.extra is not None or self.recipe == "auto" else PLANS[self.recipe].extra
        reason = lacking(objective, ("units",)) if extra else None
        return why_not(objective, self.how_else) if reason is None and self.starts == "units" else reason

    @property
    def how_else(self) -> str | None:
        """How sequences are made shorter, None for the first way that the problem offers."""
        return None if self.how == "auto" else self.how

    def run(self, batch: Batch) -> None:
        """Climb from new starts until every run is solved or has spent what it may."""
        name, true = self.chosen(batch), batch.objective
        shorten = cache(lambda length: true.shorter(length, self.how_else))
        known = batch.problem.target is not None
        turns = 0
        while turns < self.tries:
            plan = self.plan(name, batch, shorten)
            patience = self.tries if plan.patience is None else plan.patience
            last = min(turns + patience, self.tries)
            ladder = Ladder(batch, plan, shorten, how=self.how_else, extends=self.schedule == "extension")
            for turn in range(turns, last):
                rows = batch.rows
                if not len(rows):
                    return
                x = batch.problem.starts(batch.draws(rows)) if turn else batch.x[rows]
                before = batch.cost(rows)
                if self.starts == "units":
                    x = first_step(batch, rows, x, self.how_else)
                ladder.climb(rows, x, gated=known and turn < self.tries - 1)
                if not known or not (batch.cost(rows) > before).any():
                    return
            turns, name = last, plan.then or name

    def chosen(self, batch: Batch) -> str:
        """Return the recipe's name, and write down why it is this one."""
        name, why = chosen(batch.problem) if self.recipe == "auto" else (self.recipe, "as asked")
        batch.note(batch.rows, stage="recipe", recipe=name, why=why)
        return name

    def plan(self, name: str, batch: Batch, shorten: Callable[[int], Any]) -> Plan:
        """Return a recipe, changed as asked; one that would take over but has no units to add is left out."""
        given: dict[str, Any] = {"first": self.first, "factor": self.factor, "extra": self.extra, "decay": self.decay}
        plan = PLANS[name]
        true = batch.objective
        short = [*plan.lengths(true.n_steps, true.shortest(self.how_else)), true.n_steps][0]
        if self.corrector == "lm" or (self.corrector == "auto" and is_cheap(shorten(short))):
            plan = steep(name, plan, batch.objective)
        plan = replace(plan, **{key: value for key, value in given.items() if value is not None})
        known = batch.problem.target is not None
        if self.decay is not None:
            plan = gentle(plan, self.decay, again=known)  # what a gate looks at has no penalty
        elif not known and not batch.objective.outputs.loss.quadratic:
            plan = gentle(plan)
        if not known:  # no start follows, so that the finish is the descent's own end
            plan = replace(plan, finish=replace(plan.finish, max_evaluations=LONG, n_steps=None))
        if self.gate is not None:
            plan = replace(plan, gate=self.gate or None)
        stays = self.recipe != "auto" or not offered(batch.objective, "units")
        return replace(plan, patience=None, then="") if stays else plan


def on_sequences(problem: Problem) -> Length | None:
    """Return the method where a problem has more than 8 steps and can be made shorter; None where not."""
    found = Length()
    objective: Any = problem.objective
    return found if found.accepts(problem) is None and objective.n_steps > STEPS else None
