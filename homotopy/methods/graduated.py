"""Graduated descents: one t of a homotopy after the other, then the true problem."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from homotopy.errors import ArgumentError
from homotopy.homotopies import Activation, ConvexLoss, Data, Gaussian, Skip, Targets, WeightDecay
from homotopy.homotopies.base import Homotopy
from homotopy.homotopies.schedules import Geometric, Linear, Power
from homotopy.homotopies.schedules import Schedule as Ladder
from homotopy.methods.base import full_name
from homotopy.methods.batch import Batch, BatchMethod
from homotopy.problems.base import Problem

__all__ = ["Decay", "Era", "Graduated"]

ALONG: dict[str, Callable[[Any], Homotopy]] = {
    "activation": Activation,
    "convex-loss": ConvexLoss,
    "data": Data.easiest,
    "gaussian": Gaussian,
    "skip": Skip,
    "targets": Targets,
    "weight-decay": WeightDecay,
}


class Graduated(BatchMethod):
    """L-BFGS at rising t, each from where the last one ended, then on the true problem.

    Parameters
    ----------
    along : str
        The homotopy: activation, convex-loss, data, gaussian, skip, targets or weight-decay.
    schedule : str
        How t rises: linear, power (t = s^2) or geometric.
    stages : int
        Values of t below 1.
    evaluations : int
        The most evaluations at each; a plateau (a fall below 1 % in 20 iterations) ends a stage early, so the
        schedule adapts to the loss.

    Notes
    -----
    Every evaluation is charged at the homotopy's cost. The start is the problem's, not the homotopy's own.
    """

    reference = (
        "Allgower and Georg, Numerical Continuation Methods (1990); Blake and Zisserman (1987): graduated descent"
    )

    def __init__(
        self, along: str = "targets", schedule: str = "linear", stages: int = 10, evaluations: int = 30
    ) -> None:
        if along not in ALONG:
            raise ArgumentError(f"along must be one of {', '.join(ALONG)}, not {along!r}")
        ladders: dict[str, type[Ladder]] = {"linear": Linear, "power": Power, "geometric": Geometric}
        if schedule not in ladders:
            raise ArgumentError(f"schedule must be one of {', '.join(ladders)}, not {schedule!r}")
        if evaluations < 1:
            raise ArgumentError(f"evaluations must be at least 1, not {evaluations!r}")
        self.ladder = ladders[schedule](stages).ladder()
        self.along, self.evaluations = along, evaluations
        self.name = full_name(
            "graduated",
            along=(along, "targets"),
            schedule=(schedule, "linear"),
            stages=(stages, 10),
            evaluations=(evaluations, 30),
        )

    def homotopy(self, problem: Problem) -> Homotopy:
        """Return the homotopy on this problem."""
        return ALONG[self.along](problem.objective)

    def accepts(self, problem: Problem) -> str | None:
        """Return why the problem has no such homotopy, or None."""
        try:
            self.homotopy(problem)
        except ArgumentError as error:
            return str(error)
        return None

    def run(self, batch: Batch) -> None:
        """Descend at each t, then at t = 1."""
        homotopy = self.homotopy(batch.problem)
        rows = batch.rows
        x = batch.x[rows]
        for t in self.ladder:
            x = batch.descend(
                homotopy.at(float(t)),
                x,
                rows,
                name=f"{self.along} at t = {t:.3g}",
                cost=homotopy.cost,
                max_evaluations=self.evaluations,
                rule="lbfgs",
                n_steps=self.evaluations,
                plateau=(1e-2, 20),
                gradient_tolerance=1e-9,
            ).x
        batch.descend(
            batch.problem.objective,
            x,
            rows,
            name="finish",
            max_evaluations=5000,
            rule="lbfgs",
            n_steps=5000,
            plateau=(1e-4, 100),
            gradient_tolerance=1e-9,
            record_every=1,
        )


class Era(Graduated):
    """`Graduated` along `Targets`, from the linear regression of the targets, t = s^2.

    Parameters
    ----------
    stages : int
        Values of t below 1.
    evaluations : int
        The most evaluations at each.
    """

    reference = "Gorse, Shepherd and Taylor, Neural Networks 10 (1997) 343-352: expanded range approximation"

    def __init__(self, stages: int = 10, evaluations: int = 30) -> None:
        super().__init__("targets", "power", stages, evaluations)
        self.name = full_name("era", stages=(stages, 10), evaluations=(evaluations, 30))


class Decay(Graduated):
    """`Graduated` along `WeightDecay` in one stage: a penalty first, which moves dead units back, then none.

    Parameters
    ----------
    l2 : float or None
        The penalty; None is that of `WeightDecay`.
    stages : int
        Values of t below 1.
    evaluations : int
        The most evaluations at each.
    """

    reference = "Krogh and Hertz, NIPS 1991: weight decay; here as the easy end of a homotopy"

    def __init__(self, l2: float | None = None, stages: int = 1, evaluations: int = 40) -> None:
        if l2 is not None and not (np.isfinite(l2) and l2 > 0):
            raise ArgumentError(f"l2 must be a positive number, not {l2!r}")
        self.l2 = l2
        super().__init__("weight-decay", "linear", stages, evaluations)
        self.name = full_name("decay", l2=(l2, None), stages=(stages, 1), evaluations=(evaluations, 40))

    def homotopy(self, problem: Problem) -> Homotopy:
        """Return the homotopy on this problem."""
        return WeightDecay(problem.objective, self.l2)  # type: ignore[arg-type]
