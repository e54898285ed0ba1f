"""Global methods of other kinds, for comparison: perturbations, ensembles, negative curvature, annealing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.arguments import integer, positive
from homotopy.descent import is_plain
from homotopy.homotopies.diffusion.gaussian import Gaussian
from homotopy.linalg.dense import dense_hessian, full
from homotopy.methods.baselines.descents import safe_steps
from homotopy.methods.batch import Batch, BatchMethod, polish
from homotopy.methods.batch.recipes import STAGE, Recipe
from homotopy.naming import spelled
from homotopy.objectives.base import Vector
from homotopy.status import Status

__all__ = ["Hope", "PerturbedGradientDescent", "SaddleFree"]

LARGEST = 1e6
"""The largest perturbation and smoothing, in units of the weights."""


class PerturbedGradientDescent(BatchMethod):
    """Gradient descent that is shaken where its gradient is small: it leaves saddles, not minima.

    Where the norm of the gradient is below `small` a perturbation is drawn from the ball of this radius. The run ends
    where the value has not fallen by `fall` within `wait` steps after it, or the next one is not reached in `steps`
    steps. `radius`, `small` and `fall` have units, those of the weights, of the loss over these, and of the loss; their
    defaults are for nets.
    """

    keeps_finish = False
    reference = "Jin, Ge, Netrapalli, Kakade and Jordan, ICML 2017 (arXiv 1703.00887), Algorithm 1"

    def __init__(
        self, radius: float = 0.1, small: float = 1e-3, wait: int = 200, fall: float = 1e-4, steps: int = 20_000
    ) -> None:
        self.radius, self.small = positive("radius", radius), positive("small", small)
        self.wait, self.fall, self.steps = integer("wait", wait), positive("fall", fall), integer("steps", steps)
        self.name = spelled(self, "perturbed-gd")

    def run(self, batch: Batch) -> None:
        """Descend to a small gradient, perturb, wait, and again while the value falls."""
        rows = batch.rows
        steps, x = safe_steps(batch, rows), batch.x[rows]
        down = Recipe("gd", self.steps + 1, self.steps, gradient_tolerance=self.small, record_every=10)
        wait = Recipe("gd", self.wait + 1, self.wait, record_every=10)
        while len(rows):
            stage = batch.descend(batch.objective, x, rows, name="gd", recipe=down, step_size=steps)
            keep = batch.going[rows] & np.array([s is Status.CONVERGED for s in stage.status], dtype=bool)
            stage, rows, steps = stage.where(keep), rows[keep], steps[keep]
            if not len(rows):
                return
            shaken = stage.x + np.array([self._ball(batch.rng(row), x.shape[1]) for row in rows])
            after = batch.descend(
                batch.objective, shaken, rows, name="after a perturbation", recipe=wait, step_size=steps
            )
            fell = after.value < stage.value - self.fall
            for row in rows[~fell]:
                if batch.status[row] is Status.MAX_STEPS:
                    batch.status[row] = Status.CONVERGED
            x, rows, steps = after.x[fell], rows[fell], steps[fell]

    def _ball(self, rng: np.random.Generator, n: int) -> Vector:
        v = rng.standard_normal(n)
        return np.asarray(self.radius * rng.random() ** (1.0 / n) * v / np.linalg.norm(v))


class Hope(BatchMethod):
    """An ensemble of perturbed minimizers followed along a smoothing.

    Parameters
    ----------
    ensemble : int
        How many minimizers are kept.
    stages : int
        Values of t below 1.
    kick : float
        Standard deviation of the perturbation of each kept point, in its root mean square.
    width : float
        Standard deviation of the smoothing at t = 0.
    evaluations : int
        The most evaluations of each descent.
    """

    reference = "Dunlavy and O'Leary, Homotopy optimization methods for global optimization, SAND2005-7495 (2005)"

    def __init__(
        self, ensemble: int = 4, stages: int = 4, kick: float = 0.3, width: float = 0.5, evaluations: int = 50
    ) -> None:
        self.ensemble, self.stages = integer("ensemble", ensemble), integer("stages", stages)
        self.kick, self.width = positive("kick", kick, most=LARGEST), positive("width", width, most=LARGEST)
        self.evaluations = integer("evaluations", evaluations)
        self.name = spelled(self, "hope")

    def run(self, batch: Batch) -> None:
        """At each t descend every kept point and a perturbed copy; keep the best; finish them all in turn."""
        homotopy = Gaussian(batch.objective, self.width, samples=4)
        kept = [batch.x.copy()]
        everyone, recipe = np.arange(len(batch)), replace(STAGE, max_evaluations=self.evaluations)
        for t in np.arange(self.stages) / self.stages:
            points = kept + [self._kicked(batch, x) for x in kept]
            at, name = homotopy.at(float(t)), f"smoothed at t = {t:.3g}"
            found = [batch.descend(at, x, everyone, name=name, recipe=recipe) for x in points]
            values = np.array([stage.value for stage in found])
            order = np.argsort(np.where(np.isnan(values), np.inf, values), axis=0, kind="stable")
            xs = np.array([stage.x for stage in found])
            kept = [xs[order[m], everyone] for m in range(min(self.ensemble, len(found)))]
        for x in kept:
            rows = batch.rows
            polish(batch, x[rows], rows, "finish")

    def _kicked(self, batch: Batch, x: NDArray[np.float64]) -> NDArray[np.float64]:
        size = self.kick * np.sqrt((x**2).mean(axis=1, keepdims=True))
        noise = [batch.rng(row).standard_normal(x.shape[1]) for row in range(len(x))]
        return np.asarray(x + size * np.reshape(noise, x.shape))


class SaddleFree(BatchMethod):
    """Newton's method with the absolute values of the Hessian's eigenvalues.

    The damping is added to these, as a part of the largest. The dense Hessian is charged as n Hessian-vector products,
    2 n gradients, its eigenvectors as 9 n^3 flops; none is begun that the budget does not pay. A step is halved until
    the value falls. The gradient is small below
    1e-8, and below 1e-5 where no step lowers the value; of a function in units that nobody states these are parts of
    the largest norm met.
    """

    keeps_finish = False
    reference = "Dauphin, Pascanu, Gulcehre, Cho, Ganguli and Bengio, NIPS 2014 (arXiv 1406.2572)"

    def __init__(self, damping: float = 1e-3, steps: int = 200) -> None:
        self.damping, self.steps = positive("damping", damping), integer("steps", steps)
        self.name = spelled(self, "saddle-free")

    def run(self, batch: Batch) -> None:
        """Take steps, one run after the other."""
        for row in batch.rows:
            batch.status[row] = self._one(batch, np.array([row]))
            batch.note([row], stage="saddle-free", ended=batch.status[row].name, cost=batch.cost(np.array([row])))

    def _one(self, batch: Batch, rows: Any) -> Status:
        objective, x = batch.objective, batch.x[rows[0]].copy()
        value, grad = objective.value_and_grad(x)
        batch.charge(rows, grad=1)
        plain, largest = is_plain(objective), 0.0
        for _ in range(self.steps):
            norm = float(np.linalg.norm(grad))
            largest = max(largest, norm)
            unit = largest if plain else 1.0
            batch.observe(rows, x, value)
            if not np.isfinite(value):
                return Status.NON_FINITE
            if not batch.going[rows[0]]:
                return Status.BUDGET_SPENT
            if norm < 1e-8 * unit or norm == 0.0:
                return Status.CONVERGED
            paid = batch.purse(rows, home=True)[0] >= 2.0 * x.size + 1.0
            if not paid or not batch.begins(rows, 2.0 * x.size * batch.ledger.flops + 9.0 * x.size**3):
                return Status.BUDGET_SPENT
            sizes, vectors = np.linalg.eigh(_hessian(objective, x))
            batch.charge(rows, hessp=x.size)
            batch.charge_flops(rows, 9.0 * x.size**3)
            sizes = np.abs(sizes)
            step = -vectors @ ((vectors.T @ grad) / (sizes + self.damping * sizes.max()))
            for _ in range(30):
                if not batch.going[rows[0]]:
                    return Status.BUDGET_SPENT
                new, new_grad = objective.value_and_grad(x + step)
                batch.charge(rows, grad=1)
                if new < value:
                    break
                step = 0.5 * step
            else:
                return Status.CONVERGED if norm < 1e-5 * unit else Status.STEP_TOO_SMALL
            x, value, grad = x + step, new, new_grad
        batch.observe(rows, x, value)
        return Status.MAX_STEPS


def _hessian(objective: Any, x: Vector) -> NDArray[np.float64]:
    """Return the dense Hessian: the objective's own where it has one, else from its products."""
    if hasattr(objective, "hessian"):
        return full(objective.hessian(x))
    return dense_hessian(lambda v: objective.hessp(x, v), x.size, symmetric=True)
