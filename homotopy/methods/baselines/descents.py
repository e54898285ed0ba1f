"""The baselines: gradient descent in its usual forms, Adam, and quasi-Newton descents."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from homotopy._core.curvature import largest_curvatures
from homotopy.arguments import integer, number, positive, positive_or_none
from homotopy.descent import Flat, InverseTime, Noise, is_plain
from homotopy.methods.batch import Batch, BatchMethod, Rows, polish
from homotopy.methods.batch.recipes import FULL, Recipe
from homotopy.naming import spelled
from homotopy.objectives.base import Objective, Vector, compiled
from homotopy.status import Status

__all__ = [
    "LBFGS",
    "Adam",
    "DecayingGradientDescent",
    "GradientDescent",
    "Momentum",
    "NoisyGradientDescent",
    "safe_steps",
]

N_POWER, PRODUCT = 8, 2
"""Power iterations for the largest curvature at the start, and the gradient-equivalents of each."""


def safe_steps(batch: Batch, rows: Rows) -> NDArray[np.float64]:
    """Return a step size for each run, without tuning, and charge what it cost.

    Where the objective knows one, its `safe_step`, free of charge. Elsewhere it is 1 / L with L the largest absolute
    curvature at the start, estimated by eight power iterations with Hessian-vector products from one fixed direction
    (16 gradient-equivalents; fewer, and a smaller step, where a third of the budget is less). Gradient descent on a
    quadratic is stable below 2 / L. A net's curvature may grow on the way, so a descent that overflows is run again
    with a quarter of the step.
    """
    objective = batch.objective
    known = getattr(objective, "safe_step", None)
    if known is not None:
        return np.full(len(rows), float(known))
    counts = np.floor(np.clip(batch.purse(rows, home=True) / (3 * PRODUCT), 1, N_POWER)).astype(int)
    batch.charge(rows, hessp=counts)
    steps = np.empty(len(rows))
    for count in np.unique(counts):
        same = counts == count
        largest = largest_curvature(objective, batch.x[rows[same]], int(count))
        steps[same] = count / N_POWER / largest  # fewer iterations are further below
    return steps


def largest_curvature(objective: Objective, points: NDArray[np.float64], count: int = N_POWER) -> NDArray[np.float64]:
    """Return estimates from below of the largest absolute eigenvalue of the Hessian at points of shape (r, n).

    Every estimate is at least 1e-6, in units of the loss over those of the weights squared, but that of a function in
    units that nobody states is whatever it is, and 1 where it is zero; where the Hessian is not finite it is 1. A
    compiled objective is differentiated by central differences of its gradient, another one by its products.
    """
    first = np.random.default_rng(0).standard_normal(objective.size)
    capsule = compiled(objective)
    if capsule is not None:
        found = largest_curvatures(capsule, np.ascontiguousarray(points), first, count)
    else:
        found = np.array([_power(objective, x, first, count) for x in points])
    found = np.where(np.isfinite(found), found, 1.0)
    return np.where(found > 0.0, found, 1.0) if is_plain(objective) else np.maximum(found, 1e-6)


def _power(objective: Objective, x: Vector, v: Vector, count: int) -> float:
    """Return the norm after the last power iteration."""
    norm = float(np.linalg.norm(v))
    for _ in range(count):
        if norm == 0.0 or not np.isfinite(norm):
            break
        v = objective.hessp(x, v / norm)
        norm = float(np.linalg.norm(v))
    return norm


class _Descent(BatchMethod):
    """A rule of `homotopy.descend` from the start until the target, convergence or the budget.

    With `clip` a gradient of a larger norm, in units of the loss over those of the weights, is shortened to it.
    """

    rule: str
    steps: int
    clip: float | None
    keeps_finish = False

    def recipe(self, steps: NDArray[np.float64]) -> Recipe:
        """Return how runs of these step sizes descend."""
        flat = Flat(1e-6)
        recipe = Recipe(
            self.rule, self.steps + 1, self.steps, gradient_tolerance=flat, step_size=steps, record_every=10
        )
        return replace(recipe, clip=self.clip)

    def groups(self, steps: NDArray[np.float64]) -> list[Rows]:
        """Return which runs may share one call of `descend`."""
        return [np.arange(len(steps))]

    def step_sizes(self, batch: Batch, rows: Rows) -> NDArray[np.float64]:
        """Return a step size for each run."""
        return safe_steps(batch, rows)

    def run(self, batch: Batch) -> None:
        """Descend; a run that overflows starts again with a quarter of the step, at most three times."""
        rows = batch.rows
        steps = self.step_sizes(batch, rows)
        for attempt in range(4):
            if not len(rows):
                return
            overflowed = np.zeros(len(rows), dtype=bool)
            for same in self.groups(steps):
                stage = batch.descend(
                    batch.objective,
                    batch.x[rows[same]],
                    rows[same],
                    name=self.rule if attempt == 0 else f"{self.rule}, a quarter of the step",
                    recipe=self.recipe(steps[same]),
                )
                overflowed[same] = stage.status == Status.NON_FINITE
            rows, steps = rows[overflowed], steps[overflowed] / 4


class GradientDescent(_Descent):
    """Gradient descent with a fixed step, by default one of `safe_steps`, and at most so many steps.

    A step size has a unit, that of the weights squared over that of the loss; a safe step brings it along.
    """

    short = "gd"
    rule = "gd"
    reference = "Cauchy 1847; step 5/k on teacher problems after Safran, Yehudai and Shamir, COLT 2021"

    def __init__(self, step_size: float | None = None, steps: int = 20_000, clip: float | None = None) -> None:
        self.step_size, self.steps = positive_or_none("step_size", step_size), integer("steps", steps)
        self.clip = positive_or_none("clip", clip)
        self.name = spelled(self, self.short)

    def step_sizes(self, batch: Batch, rows: Rows) -> NDArray[np.float64]:
        """Return the given step, or a safe one."""
        return safe_steps(batch, rows) if self.step_size is None else np.full(len(rows), self.step_size)


class DecayingGradientDescent(GradientDescent):
    """Gradient descent whose step falls like 1 / (1 + step / half): the advice to reduce the learning rate.

    After `half` steps the step has halved; the first one is that of `GradientDescent`.
    """

    short = "gd-decay"
    reference = "Robbins and Monro, Ann. Math. Statist. 22 (1951) 400-407: steps that fall like 1 / n"

    def __init__(
        self, step_size: float | None = None, steps: int = 20_000, half: int = 1000, clip: float | None = None
    ) -> None:
        self.half = integer("half", half)
        super().__init__(step_size, steps, clip)

    def recipe(self, steps: NDArray[np.float64]) -> Recipe:
        """Return the recipe with the decay."""
        return replace(super().recipe(steps), step_size=InverseTime(float(steps[0]), self.half))

    def groups(self, steps: NDArray[np.float64]) -> list[Rows]:
        """Return the runs of equal first steps."""
        return [np.flatnonzero(steps == step) for step in np.unique(steps)]


class NoisyGradientDescent(GradientDescent):
    """Gradient descent with uniform noise added to the weights now and then and annealed away.

    Every `period` steps the noise is uniform in [-amplitude, amplitude], in units of the weights, for each weight at
    first; it falls linearly to zero at the step `anneal`.
    """

    short = "gd-noise"
    reference = "the advice 'now and then add uniformly distributed noise'; annealed so that the descent converges"

    def __init__(
        self,
        step_size: float | None = None,
        steps: int = 20_000,
        amplitude: float = 0.1,
        period: int = 10,
        anneal: int = 2000,
        clip: float | None = None,
    ) -> None:
        self.amplitude = positive("amplitude", amplitude)
        self.period, self.anneal = integer("period", period), integer("anneal", anneal)
        super().__init__(step_size, steps, clip)

    def recipe(self, steps: NDArray[np.float64]) -> Recipe:
        """Return the recipe with the noise."""
        noise = Noise(self.amplitude, period=self.period, share=min(1.0, self.anneal / self.steps))
        return replace(super().recipe(steps), noise=noise)


class Momentum(GradientDescent):
    """Gradient descent with heavy-ball momentum: the share of the last step that is kept, between 0 and 1."""

    short = rule = "momentum"
    reference = "Polyak, USSR Comput. Math. Math. Phys. 4 (1964) 1-17"

    def __init__(
        self,
        step_size: float | None = None,
        steps: int = 20_000,
        momentum: float = 0.9,
        clip: float | None = None,
    ) -> None:
        self.momentum = number("momentum", momentum, "a number above 0 and below 1", above=0.0, below=1.0)
        super().__init__(step_size, steps, clip)

    def recipe(self, steps: NDArray[np.float64]) -> Recipe:
        """Return the recipe with the momentum."""
        return replace(super().recipe(steps), momentum=self.momentum)


class Adam(_Descent):
    """Adam with its published decay rates and epsilon, 1e-8 in units of the gradient; the step size is in weights."""

    rule = "adam"
    reference = "Kingma and Ba, ICLR 2015 (arXiv 1412.6980), Algorithm 1"

    def __init__(self, step_size: float = 0.01, steps: int = 20_000, clip: float | None = None) -> None:
        self.step_size, self.steps = positive("step_size", step_size), integer("steps", steps)
        self.clip = positive_or_none("clip", clip)
        self.name = spelled(self, "adam")

    def step_sizes(self, batch: Batch, rows: Rows) -> NDArray[np.float64]:
        """Return the given step."""
        del batch
        return np.full(len(rows), self.step_size)


class LBFGS(BatchMethod):
    """L-BFGS with 20 pairs and weak Wolfe steps, compiled, for at most so many evaluations."""

    keeps_finish = False
    reference = "Nocedal, Math. Comp. 35 (1980) 773-782; step by bisection for the weak Wolfe conditions"

    def __init__(self, evaluations: int = 20_000) -> None:
        self.evaluations = integer("evaluations", evaluations)
        self.name = spelled(self, "lbfgs")

    def run(self, batch: Batch) -> None:
        """Descend until the target, a gradient norm of 1e-8, or a fall below 1e-6 of the value in 100 evaluations."""
        rows = batch.rows
        polish(batch, batch.x[rows], rows, "lbfgs", replace(FULL, max_evaluations=self.evaluations))
