"""SciPy's own methods, for comparison with implementations that are not ours."""

from __future__ import annotations

from abc import abstractmethod

import numpy as np
import scipy

from homotopy.arguments import integer, positive
from homotopy.descent.memory import direction_cost
from homotopy.descent.rules import LBFGS, PAIRS
from homotopy.methods.batch import Batch, BatchMethod
from homotopy.naming import spelled
from homotopy.objectives.base import Vector
from homotopy.status import Status

__all__ = ["LBFGSB", "BasinHopping", "DualAnnealing"]


class _OverError(Exception):
    """The target is reached, or the budget is spent."""


class _Evaluate:
    """The objective of one run, observed and charged; `descents` says that L-BFGS-B asks, whose recursion is charged.

    As many pairs are charged as there can be since `begin`.
    """

    def __init__(self, batch: Batch, row: int, most: float, *, descents: bool) -> None:
        self.batch, self.rows, self.most, self.done = batch, np.array([row]), most, 0
        objective = batch.objective
        self.pair = direction_cost(LBFGS(memory=1), objective, objective) if descents else 0.0
        self.begin()

    def begin(self) -> None:
        """Forget the pairs: a new descent begins."""
        self.pairs = 0

    def __call__(self, x: Vector) -> tuple[float, Vector]:
        batch = self.batch
        price = 1.0 + self.pair * self.pairs
        if self.done >= self.most or batch.purse(self.rows, home=True)[0] < price:
            raise _OverError
        value, grad = batch.objective.value_and_grad(np.ascontiguousarray(x))
        self.done += 1
        batch.charge(self.rows, grad=1, charged=price - 1.0)
        self.pairs = min(self.pairs + 1, PAIRS)
        batch.observe(self.rows, x, value)
        return (value, grad) if np.isfinite(value) else (1e300, np.zeros_like(x))


class _FromSciPy(BatchMethod):
    """A method of SciPy, run from each start in turn; evaluations are charged, L-BFGS-B's recursion as `LBFGS`'s."""

    evaluations: float = np.inf
    descents = True
    keeps_finish = False

    def run(self, batch: Batch) -> None:
        """Run SciPy, one run after the other."""
        for row in batch.rows:
            batch.status[row] = self._one(batch, int(row))
            batch.note([row], stage=self.name, ended=batch.status[row].name, cost=batch.cost(np.array([row])))

    def _one(self, batch: Batch, row: int) -> Status:
        evaluate = _Evaluate(batch, row, self.evaluations, descents=self.descents)
        try:
            end = self._search(evaluate, batch.x[row], batch.rng(row))
        except _OverError:
            end = Status.MAX_STEPS if evaluate.done >= self.evaluations else Status.BUDGET_SPENT
        return Status.REACHED_TARGET if batch.solved[row] else end

    @abstractmethod
    def _search(self, evaluate: _Evaluate, x0: Vector, rng: np.random.Generator) -> Status:
        """Search from x0; return how it ended of itself."""


class BasinHopping(_FromSciPy):
    """SciPy's basin hopping with L-BFGS-B; `kick` is half the width of the uniform displacement of each weight."""

    reference = "Wales and Doye, J. Phys. Chem. A 101 (1997) 5111; scipy.optimize.basinhopping"

    def __init__(self, kick: float = 1.0, hops: int = 100) -> None:
        self.kick, self.hops = positive("kick", kick), integer("hops", hops)
        self.name = spelled(self, "basin-hopping")

    def _search(self, evaluate: _Evaluate, x0: Vector, rng: np.random.Generator) -> Status:
        inner = {"method": "L-BFGS-B", "jac": True, "options": {"maxcor": PAIRS}}
        how = {"niter": self.hops, "stepsize": self.kick, "minimizer_kwargs": inner, "rng": rng}
        scipy.optimize.basinhopping(evaluate, x0, callback=lambda *_: evaluate.begin(), **how)
        return Status.MAX_STEPS


class DualAnnealing(_FromSciPy):
    """SciPy's dual annealing, a generalized simulated annealing with L-BFGS-B.

    Each weight lies between -size and size; there are at most so many global iterations. Few evaluations are
    L-BFGS-B's, whose recursion is not charged.
    """

    descents = False
    reference = "Xiang, Sun, Fan and Gong, Phys. Lett. A 233 (1997) 216; scipy.optimize.dual_annealing"

    def __init__(self, size: float = 10.0, iterations: int = 1000) -> None:
        self.size, self.iterations = positive("size", size), integer("iterations", iterations)
        self.name = spelled(self, "dual-annealing")

    def _search(self, evaluate: _Evaluate, x0: Vector, rng: np.random.Generator) -> Status:
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

    def _search(self, evaluate: _Evaluate, x0: Vector, rng: np.random.Generator) -> Status:
        del rng
        options = {
            "maxcor": PAIRS,
            "maxfun": self.evaluations,
            "maxiter": self.evaluations,
            "ftol": 1e-14,
            "gtol": 1e-8,
        }
        found = scipy.optimize.minimize(evaluate, x0, jac=True, method="L-BFGS-B", options=options)
        return Status.CONVERGED if found.success else Status.NOT_CONVERGED
