"""Graduated descents: one t of a homotopy after the other, then the true problem."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from homotopy.arguments import choice, integer, positive_or_none
from homotopy.descent.ladders import BY_NAME as LADDERS
from homotopy.descent.ladders import Plateau
from homotopy.methods.batch import Batch, BatchMethod, Rows, polish
from homotopy.methods.batch.recipes import LONG_POLISH, STAGE
from homotopy.methods.tracked.along import Along
from homotopy.naming import spelled
from homotopy.objectives.family import Homotopy
from homotopy.problems.base import Problem

__all__ = ["Decay", "Era", "Graduated"]


class Graduated(BatchMethod):
    """L-BFGS at rising t, each from where the last one ended, then on the true problem.

    Parameters
    ----------
    along : str or type
        The homotopy: one's own class, or a name in `homotopies.BY_NAME` with ``+par=value``: ``gaussian+width=0.5``.
    schedule : str
        How t rises: linear, power (t = s^2), geometric, or plateau: linear, and no limit but the plateau's.
    stages : int
        Values of t below 1.
    evaluations : int
        The most evaluations at each; a plateau (a fall below 1 % in 20 iterations) ends a stage early, so the
        schedule adapts to the loss. With the schedule plateau a hundred times as many.

    Notes
    -----
    Every evaluation is charged at the homotopy's cost. The start is the problem's, not the homotopy's own; where the
    path has more variables, `Homotopy.enter` says what these begin with.
    """

    short = "graduated"
    reference = (
        "Allgower and Georg, Numerical Continuation Methods (1990); Blake and Zisserman (1987): graduated descent"
    )

    def __init__(
        self, along: str | type[Homotopy] = "targets", schedule: str = "linear", stages: int = 10, evaluations: int = 30
    ) -> None:
        self.along, self.schedule = Along(along), choice("schedule", schedule, LADDERS)
        self.stages, self.evaluations = stages, integer("evaluations", evaluations)
        self.ladder = LADDERS[schedule](stages)
        self.name = spelled(self, self.short)

    def accepts(self, problem: Problem) -> str | None:
        """Return why the problem has no such homotopy, or None."""
        return self.along.reason(problem)

    def run(self, batch: Batch) -> None:
        """Descend at each t, then at t = 1."""
        rows = batch.rows
        x = batch.x[rows]
        if self.along.needs_start:
            flops = self.along.setup_flops(batch.objective)
            for i in range(len(rows) if batch.begins(rows, flops) else 0):
                x[i] = self._climb(batch, self.along(batch.objective, x[i]), rows[i : i + 1])[0]
        elif len(rows):
            x = self._climb(batch, self.along(batch.objective), rows)
        polish(batch, x, rows, "finish", LONG_POLISH)

    def _climb(self, batch: Batch, homotopy: Homotopy, rows: Rows) -> NDArray[np.float64]:
        """Return where the descents at rising t lead, as points of the true problem."""
        x = batch.x[rows]
        if homotopy.size != batch.problem.size:
            x = np.array([homotopy.enter(batch.x[row], batch.rng(row)) for row in rows])
        adaptive = isinstance(self.ladder, Plateau)
        recipe = replace(STAGE, plateau=self.ladder.plateau) if isinstance(self.ladder, Plateau) else STAGE
        for t in self.ladder.ladder():
            x = batch.descend(
                homotopy.at(float(t)),
                x,
                rows,
                name=f"{self.along.text} at t = {t:.3g}",
                recipe=recipe,
                max_evaluations=100 * self.evaluations if adaptive else self.evaluations,
            ).x
        return np.array([homotopy.finish(point) for point in x])


class Era(Graduated):
    """`Graduated` along `Targets`, from the linear regression of the targets, t = s^2; its parameters are those."""

    short = "era"
    reference = "Gorse, Shepherd and Taylor, Neural Networks 10 (1997) 343-352: expanded range approximation"

    def __init__(self, stages: int = 10, evaluations: int = 30) -> None:
        super().__init__("targets", "power", stages, evaluations)


class Decay(Graduated):
    """`Graduated` along `WeightDecay` in one stage: a penalty first, which moves dead units back, then none.

    None for l2 is the penalty of `WeightDecay`; stages and evaluations are those of `Graduated`.
    """

    short = "decay"
    reference = "Krogh and Hertz, NIPS 1991: weight decay; here as the easy end of a homotopy"

    def __init__(self, l2: float | None = None, stages: int = 1, evaluations: int = 40) -> None:
        self.l2 = positive_or_none("l2", l2)
        super().__init__("weight-decay", "linear", stages, evaluations)
        self.along = Along("weight-decay", l2=self.l2)
