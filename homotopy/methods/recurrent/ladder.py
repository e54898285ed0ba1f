"""One climb of many runs, from short sequences to the true ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.methods.batch import Batch, Rows, Stage, polish
from homotopy.methods.batch.recipes import Recipe
from homotopy.methods.recurrent.plans import NEARLY, Plan
from homotopy.methods.units.narrowing import Narrowing
from homotopy.objectives.flops import flops_of
from homotopy.objectives.units.base import Units, units_of
from homotopy.problems.constant import constant_loss

__all__ = ["Ladder"]

Array = NDArray[np.float64]

CAREFUL = 1.4
"""How much longer the next length is where the last one does not carry over."""


class Ladder:
    """How a batch climbs from short sequences to the true ones.

    Parameters
    ----------
    batch : Batch
        Whose runs climb, at problems with sequences that can be shorter.
    plan : Plan
        The lengths, and how each is descended.
    shorten : callable
        ``shorten(length)`` is the problem of so many steps, the same one whenever it is asked for.
    how : str or None
        How sequences are made shorter; None is the first way that the problem offers.
    extends : bool
        Whether the next length depends on the loss there, untrained, instead of doubling.
    """

    def __init__(
        self,
        batch: Batch,
        plan: Plan,
        shorten: Callable[[int], Any],
        *,
        how: str | None = None,
        extends: bool = False,
    ) -> None:
        self.batch, self.plan, self.shorten, self.how, self.extends = batch, plan, shorten, how, extends
        self.true: Any = batch.objective
        self.n_steps = int(self.true.n_steps)
        self.lengths = plan.lengths(self.n_steps, self.true.shortest(how))
        self.units: Units | None = units_of(self.true) if plan.extra else None
        self.penalty = plan.decay * constant_loss(self.true) if plan.decay and plan.decayed is not None else 0.0
        self.short = cache(self._short)

    def climb(self, rows: Rows, x: Array, *, gated: bool) -> None:
        """Take runs from starts x of shape (m, n) to the true length; those that are `gated` may be given up before."""
        batch, plan = self.batch, self.plan
        if self.units is not None:
            x = self.units.grow(x, plan.extra, lambda: batch.problem.starts(batch.draws(rows)))
        if self.lengths:
            self._at(0, self.lengths[0], rows, x, gated)
        else:
            self._end(rows, x, gated)

    def _short(self, length: int, *, penalized: bool = False) -> Any:
        """Return the problem of a short length, of the net with all its extra units."""
        if penalized:
            plain = self.short(length)
            return plain.changed(l2=plain.l2 + self.penalty)
        if self.units is None:
            return self.true if length == self.n_steps else self.shorten(length)
        whole = self.units.wider(self.plan.extra)
        return whole if length == self.n_steps else whole.shorter(length, self.how)

    def _at(self, place: int, length: int, rows: Rows, x: Array, gated: bool) -> None:
        """Solve a short length, the `place`-th, and go on to the next."""
        plan, last = self.plan, place == len(self.lengths) - 1
        if self.penalty and plan.decayed is not None and (place == 0 or plan.always):
            recipe = replace(plan.decayed, target=self._goal(1.0) if plan.always else None)
            rows, x = self._kept(self._descend(length, rows, x, recipe, penalized=True))
        if (last and plan.again) or not (plan.always and self.penalty):
            aim = self._goal(plan.gate if plan.always and not plan.early else plan.aim)
            stage = self._descend(length, rows, x, replace(plan.stage, target=aim))
            rows, x = self._kept(self._gated(stage, plan.gate, length) if gated else stage)
        if last and plan.early and self.units is not None:
            self._early(length, rows, x, gated)
            return
        following = self._following(place, length, rows, x)
        for longer in np.unique(following):
            some = following == longer
            if longer == self.n_steps:
                self._end(rows[some], x[some], gated)
            else:
                self._at(place + 1, int(longer), rows[some], x[some], gated)

    def _goal(self, tolerances: float | None) -> float | None:
        """Return a loss by its tolerances above the optimum; None where that is unknown."""
        return None if tolerances is None else self.batch.goal(tolerances)

    def _descend(self, length: int, rows: Rows, x: Array, recipe: Recipe, *, penalized: bool = False) -> Stage:
        """Descend runs at a length, and return where they stand."""
        name = f"length {length}" + (", penalized" if penalized else "")
        if self.plan.extra:
            name += f", {self.plan.extra} more units"
        return self.batch.descend(self.short(length, penalized=penalized), x, rows, name=name, recipe=recipe)

    def _gated(self, stage: Stage, gate: float | None, length: int) -> Stage:
        """Return the part of a stage that goes on: the runs below the gate, and those that are led home."""
        goal = self._goal(gate)
        if goal is None or not len(stage.rows):
            return stage
        passed = stage.value <= goal
        self.batch.note(stage.rows, stage="gate", length=length, value=stage.value, gate=goal, passed=passed)
        return stage.where(passed | self.batch.ended[stage.rows])

    def _kept(self, stage: Stage) -> tuple[Rows, Array]:
        """Return the runs that go on, and their points; those that are cut by the budget are led home."""
        lost = self.batch.ended[stage.rows]
        if lost.any():
            self._home(stage.rows[lost], stage.x[lost])
        going = self.batch.going[stage.rows]
        return stage.rows[going], stage.x[going]

    def _following(self, place: int, length: int, rows: Rows, x: Array) -> NDArray[np.intp]:
        """Return the next length of each run, shape (m,); the true one behind the last short one."""
        if not self.extends or self.plan.always:
            longer = self.lengths[place + 1] if place + 1 < len(self.lengths) else self.n_steps
            return np.full(len(rows), longer)
        far, near = (max(ceil(factor * length), length + 1) for factor in (self.plan.factor, CAREFUL))
        far, near = (self.n_steps if to >= NEARLY * self.n_steps else to for to in (far, near))
        goal = self._goal(self.plan.gate or 1.0)
        if goal is None or near == far or not len(rows):
            return np.full(len(rows), far)
        longer = self.short(far)
        self.batch.charge_flops(rows, 0.5 * flops_of(longer))
        values = np.array([longer.value(point) for point in x])
        return np.where(values <= goal, far, near)

    def _end(self, rows: Rows, x: Array, gated: bool) -> None:
        """Finish runs at the true length, units taken away first."""
        batch, plan, units = self.batch, self.plan, self.units
        if units is not None and len(rows):
            stage = self._descend(self.n_steps, rows, x, replace(plan.wide, target=self._goal(1.0)))
            rows, x = self._kept(self._gated(stage, plan.wide_gate, self.n_steps) if gated else stage)
            x = self._narrow(units, rows, x)
        polish(batch, x, rows, "finish", plan.finish)

    def _early(self, length: int, rows: Rows, x: Array, gated: bool) -> None:
        """Take units away at a short length, solve it at the true width, and finish."""
        batch, plan = self.batch, self.plan
        short = self.shorten(length)
        x = self._narrow(units_of(short), rows, x)
        recipe = replace(plan.narrow, target=self._goal(plan.aim))
        stage = batch.descend(short, x, rows, name=f"length {length}, narrow", recipe=recipe)
        if gated:
            stage = self._gated(stage, plan.narrow_gate, length)
        lost, going = batch.ended[stage.rows], batch.going[stage.rows]
        for some in (lost, going):
            polish(batch, stage.x[some], stage.rows[some], "finish", plan.finish)

    def _narrow(self, units: Units, rows: Rows, x: Array) -> Array:
        """Return points of the true width, from wide ones that are solved, with descents between removals."""
        batch, plan = self.batch, self.plan
        solved = Stage(rows, x, np.full(len(rows), np.nan), batch.status[rows])

        def fit(extra: int, x: Array, most: int) -> Stage:
            if extra == plan.extra:
                return solved
            recipe = replace(plan.between, max_evaluations=most, target=self._goal(1.0))
            return batch.descend(units.wider(extra), x, rows, name=f"{extra} more units", recipe=recipe)

        return Narrowing(batch, units, rows, between=plan.between.max_evaluations).run(x, fit, plan.extra)

    def _home(self, rows: Rows, x: Array) -> None:
        """Lead runs that have nothing left for stages back to the true problem, on what is kept for that."""
        extra = self.plan.extra
        if self.units is not None:
            self.batch.charge_flops(rows, self.units.removal_flops(extra, extra))
            x = self.units.take_away(x, extra)
        polish(self.batch, x, rows, "finish", self.plan.finish)
