"""SciPy's own methods, for comparison with implementations that are not ours."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy

from homotopy.arguments import integer, positive
from homotopy.methods.batch import Batch, BatchMethod
from homotopy.naming import spelled
from homotopy.objectives.base import Vector
from homotopy.status import Status

__all__ = ["LBFGSB", "BasinHopping", "DualAnnealing"]


class _OverError(Exception):
    """The target is reached, or the budget is spent."""


class _FromSciPy(BatchMethod):
    """A method of SciPy, run from each start in turn; every evaluation is charged as one gradient."""

    evaluations: float = np.inf

    def run(self, batch: Batch) -> None:
        """Run SciPy, one run after the other."""
        for row in batch.rows:
            batch.status[row] = self._one(batch, int(row))
            batch.note([row], stage=self.name, ended=batch.status[row].name, cost=batch.cost(np.array([row])))

    def _one(self, batch: Batch, row: int) -> Status:
        objective, rows, done = batch.objective, np.array([row]), 0

        def evaluate(x: Vector) -> tuple[float, Vector]:
            nonlocal done
            if done >= self.evaluations or not batch.going[row]:
                raise _OverError
            value, grad = objective.value_and_grad(np.ascontiguousarray(x))
            done += 1
            batch.charge(rows, grad=1)
            batch.observe(rows, x, value)
            return (value, grad) if np.isfinite(value) else (1e300, np.zeros_like(x))

        try:
            end = self._search(evaluate, batch.x[row], batch.rng(row))
        except _OverError:
            end = Status.MAX_STEPS if done >= self.evaluations else Status.BUDGET_SPENT
        return Status.REACHED_TARGET if batch.solved[row] else end

    @abstractmethod
    def _search(self, evaluate: Callable[[Vector], Any], x0: Vector, rng: np.random.Generator) -> Status:
        """Search from x0; return how it ended of itself."""


class BasinHopping(_FromSciPy):
    """SciPy's basin hopping with L-BFGS-B; `kick` is half the width of the uniform displacement of each weight."""

    reference = "Wales and Doye, J. Phys. Chem. A 101 (1997) 5111; scipy.optimize.basinhopping"

    def __init__(self, kick: float = 1.0, hops: int = 100) -> None:
        self.kick, self.hops = positive("kick", kick), integer("hops", hops)
        self.name = spelled(self, "basin-hopping")

    def _search(self, evaluate: Callable[[Vector], Any], x0: Vector, rng: np.random.Generator) -> Status:
        inner = {"method": "L-BFGS-B", "jac": True, "options": {"maxcor": 20}}
        scipy.optimize.basinhopping(evaluate, x0, niter=self.hops, stepsize=self.kick, minimizer_kwargs=inner, rng=rng)
        return Status.MAX_STEPS


class DualAnnealing(_FromSciPy):
    """SciPy's dual annealing, a generalized simulated annealing with L-BFGS-B.

    Each weight lies between -size and size; there are at most so many global iterations.
    """

    reference = "Xiang, Sun, Fan and Gong, Phys. Lett. A 233 (1997) 216; scipy.optimize.dual_annealing"

    def __init__(self, size: float = 10.0, iterations: int = 1000) -> None:
        self.size, self.iterations = positive("size", size), integer("iterations", iterations)
        self.name = spelled(self, "dual-annealing")

    def _search(self, evaluate: Callable[[Vector], Any], x0: Vector, rng: np.random.Generator) -> Status:
        box = [(-self.size, self.size)] * x0.size
        inner = {"method": "L-BFGS-B", "jac": lambda x: evaluate(x)[1], "bounds": box}
        start = np.clip(x0, -self.size, self.size)
        scipy.optimize.dual_annealing(
            lambda x: evaluate(x)[0], box, maxiter=self.iterations, minimizer_kwargs=inner, rng=rng, x0=start
        )
        return Status.MAX_STEPS


class LBFGSB(_FromSciPy):
    """SciPy's L-BFGS-B, for comparison with an implementation that is not ours."""

    reference = "SciPy's minimize(method='L-BFGS-B'): Byrd, Lu, Nocedal and Zhu, SIAM J. Sci. Comput. 16 (1995)"

    def __init__(self, evaluations: int = 20_000) -> None:
        self.evaluations = integer("evaluations", evaluations)
        self.name = spelled(self, "lbfgsb")

    def _search(self, evaluate: Callable[[Vector], Any], x0: Vector, rng: np.random.Generator) -> Status:
        del rng
        options = {"maxcor": 20, "maxfun": self.evaluations, "maxiter": self.evaluations, "ftol": 1e-14, "gtol": 1e-8}
        found = scipy.optimize.minimize(evaluate, x0, jac=True, method="L-BFGS-B", options=options)
        return Status.CONVERGED if found.success else Status.NOT_CONVERGED
