"""The width homotopy as a method: solve a wider net, take units away, finish."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.arguments import integer, positive_or_none
from homotopy.homotopies.general.weightdecay import WeightDecay, first_decay
from homotopy.landscape.convex.slopes import largest_slope
from homotopy.methods.batch import Batch, BatchMethod, Rows, Stage, polish
from homotopy.methods.batch.recipes import PENALIZED
from homotopy.methods.units.narrowing import FIRST, Narrowing, finish_recipe, fit_recipe, widen
from homotopy.naming import spelled
from homotopy.objectives.facets import offered
from homotopy.objectives.units.base import Units, units_of
from homotopy.problems.base import Problem

__all__ = ["TotalVariation", "Width", "cycle"]


class Width(BatchMethod):
    """Descend with more hidden units, take them away, finish at the true width.

    Parameters
    ----------
    extra : int
        Hidden units more than the problem's; -1 chooses: a sixth of the units on a teacher, else max(4, 1.75 sqrt(h)).
    cycles : int
        How often a run is widened before it gives up.

    Notes
    -----
    1. L-BFGS on the wider net, from the start and units of further starts, until its loss is at most the target, or a
       plateau.
    2. Units are taken away (`homotopies.units`): on a teacher all at once by merges of the cheapest pairs, else one by
       one by the optimal brain surgeon with least-squares compensation and, where that leaves the loss above three
       times the tolerance, at most 20 evaluations between.
    3. L-BFGS at the true width until the target or a plateau.
    4. A run that is stuck there is widened again, by random units that leave its function as it is, and goes through
       the same, with two, three, ... times as many units; `cycles` says how often in all.

    An evaluation of the wider net is charged by its flops. With more units than the teacher the spurious minima turn
    into saddles; a merge of units that are parallel to one teacher unit is exact.
    """

    short = "width"
    needs: tuple[str, ...] = ("units",)
    reference = (
        "Safran, Yehudai and Shamir, COLT 2021 (mild over-parameterization); Hassibi and Stork, NIPS 1992 (pruning); "
        "Chen and Hao, arXiv 1903.09872 (homotopy in the width, the other way)"
    )

    def __init__(self, extra: int = -1, cycles: int = 4) -> None:
        self.extra, self.cycles = integer("extra", extra, least=-1), integer("cycles", cycles)
        self.name = spelled(self, self.short)

    def run(self, batch: Batch) -> None:
        """Widen, descend, narrow, finish."""
        units = units_of(batch.objective)
        extra = self.extra if self.extra >= 0 else units.surplus
        rows = batch.rows
        stage = cycle(batch, units, widen(batch, units, rows, extra), rows, extra=extra)
        for number in range(2, self.cycles + 1):
            stage = stage.where(batch.going[stage.rows])
            if not len(stage.rows) or not extra:
                return
            more = number * extra
            x = units.add_silent(stage.x, more, batch.draws(stage.rows))
            stage = cycle(batch, units, x, stage.rows, extra=more)


class TotalVariation(Width):
    """`Width` whose wide net is first descended with a penalty of its weights: a convex problem over measures.

    Parameters
    ----------
    extra : int
        Hidden units more than the problem's; -1 chooses as many as the problem has.
    l2 : float or None
        The penalty, at least the problem's; None is a hundredth of `homotopies.weightdecay.largest_decay`, or the
        problem's own where that is more.
    evaluations : int
        Evaluations with the penalty.

    Notes
    -----
    For relu units the penalty on both layers is the group lasso of the convex reformulation, with gates that may
    move. One constant penalty does better than a falling one. For these a run on its own also writes down the bound
    rho of `landscape.largest_slope` behind the penalized descent; nothing depends on it, it is not charged, and
    within a budget of seconds it is left out.
    """

    short = "tv-width"
    needs = ("units", "outputs")
    reference = "Pilanci and Ergen, ICML 2020 (arXiv 2002.10553); Bach, JMLR 18 (2017)"

    def __init__(self, extra: int = -1, l2: float | None = None, evaluations: int = 80) -> None:
        self.l2, self.evaluations = positive_or_none("l2", l2), integer("evaluations", evaluations)
        super().__init__(extra, cycles=1)

    def accepts(self, problem: Problem) -> str | None:
        """Return why the method does not run on the problem, or None."""
        own = float(getattr(problem.objective, "l2", 0.0))
        if self.l2 is not None and self.l2 < own:
            return f"l2 is {self.l2:g}; it must be at least the problem's {own:g}"
        return super().accepts(problem)

    def run(self, batch: Batch) -> None:
        """Widen, descend with the penalty, go on as `Width` does."""
        risk = batch.objective
        units, rows = units_of(risk), batch.rows
        extra = self.extra if self.extra >= 0 else units.width
        homotopy = WeightDecay(units.wider(extra), first_decay(risk, self.l2, times=1.0))
        stage = batch.descend(
            homotopy.at(0.0),
            widen(batch, units, rows, extra),
            rows,
            name="with the penalty",
            recipe=PENALIZED,
            max_evaluations=self.evaluations,
        )
        self._certify(batch, units.wider(extra), homotopy.l2, stage)
        cycle(batch, units, stage.x, rows, extra=extra)

    def _certify(self, batch: Batch, wide: Any, l2: float, stage: Stage) -> None:
        """Write down, in a batch of one run, how far the penalized net is from its global minimum."""
        timed = np.isfinite(batch.ledger.budget.seconds)
        if timed or len(batch) > 1 or not len(stage.rows) or not offered(wide, "growth"):
            return
        if l2 == 0.0:  # nothing depends on the inputs: the largest penalty that matters is none
            return
        if wide.growth().activation.homogeneous and np.isfinite(stage.x).all():
            rho = largest_slope(wide, stage.x[0], l2).rho
            batch.note(stage.rows, stage="certificate", rho=rho, meaning="bound from below; 1 at the global minimum")


def cycle(batch: Batch, units: Units, x: NDArray[np.float64], rows: Rows, *, extra: int) -> Stage:
    """Descend wide points, take their units away one width after the other, finish at the true width."""

    def fit(extra: int, x: NDArray[np.float64], most: int) -> Stage:
        goal = batch.goal(1.0 if units.exact or most == FIRST else 3.0)
        recipe = replace(fit_recipe(units), max_evaluations=most, target=goal)
        return batch.descend(units.wider(extra), x, rows, name=f"{extra} more units", recipe=recipe)

    x = Narrowing(batch, units, rows).run(x, fit, extra)
    return polish(batch, x, rows, "finish", finish_recipe(units))
