"""Moves that leave a minimum in which a descent is stuck."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.linalg import ArpackNoConvergence, LinearOperator, eigsh

from homotopy.arguments import choice, integer
from homotopy.methods.batch import Batch, BatchMethod, Rows, polish, run_part
from homotopy.methods.batch.recipes import POLE
from homotopy.methods.units.skipflip import SkipFlip
from homotopy.methods.units.width import cycle
from homotopy.naming import spelled
from homotopy.objectives.base import FromValueAndGrad, Objective, Vector
from homotopy.objectives.facets import offered
from homotopy.objectives.units.base import units_of
from homotopy.problems.base import Problem

__all__ = ["Deflated", "Escape"]

LANCZOS = 20
"""Vectors against which ARPACK makes each new one orthogonal."""
MOVES = ("skip", "widen", "eigenvector", "deflate")
NEEDS = {"skip": ("linear_path", "units"), "widen": ("units",)}


class _SpentError(Exception):
    """The budget does not pay for another product."""


class Escape(BatchMethod):
    """L-BFGS to where it is stuck, then a move away from there, and again.

    Parameters
    ----------
    move : str
        ``skip``: fit beside a linear path from the stuck point and flip signs; ``widen``: add silent units, descend,
        take them away; ``eigenvector``: a step to both sides along the lowest eigenvector of the Hessian; ``deflate``:
        descend a function that has a pole at the stuck point; ``auto``: the first of these that the problem allows.
    rounds : int
        The most moves.
    """

    reference = "deflation: Farrell, Birkisson and Funke, SIAM J. Sci. Comput. 37 (2015); the others: their methods"

    def __init__(self, move: str = "auto", rounds: int = 5) -> None:
        self.move = choice("move", move, ("auto", *MOVES))
        self.rounds = integer("rounds", rounds)
        self.needs = NEEDS.get(move, ())
        self.name = spelled(self, "escape")

    def _chosen(self, problem: Problem) -> str:
        if self.move != "auto":
            return self.move
        if offered(problem.objective, "linear_path"):
            return "skip"
        return "widen" if offered(problem.objective, "units") else "eigenvector"

    def run(self, batch: Batch) -> None:
        """Descend, and move while runs are stuck."""
        rows, move = batch.rows, self._chosen(batch.problem)
        x = polish(batch, batch.x[rows], rows, "descent").x
        for _ in range(self.rounds):
            keep = batch.going[rows]
            rows, x = rows[keep], x[keep]
            if not len(rows):
                return
            x = np.asarray(getattr(self, f"_{move}")(batch, rows, x))

    def _skip(self, batch: Batch, rows: Rows, x: NDArray[np.float64]) -> NDArray[np.float64]:
        run_part(batch, SkipFlip(extra=0), rows, x)
        return np.array([self._shaken(batch, row, point) for row, point in zip(rows, x, strict=True)])

    def _widen(self, batch: Batch, rows: Rows, x: NDArray[np.float64]) -> NDArray[np.float64]:
        units = units_of(batch.objective)
        extra = units.surplus
        wide = units.add_silent(x, extra, batch.draws(rows))
        return np.asarray(cycle(batch, units, wide, rows, extra=extra).x)

    def _eigenvector(self, batch: Batch, rows: Rows, x: NDArray[np.float64]) -> NDArray[np.float64]:
        ways = np.array([self._lowest(batch, row, point) for row, point in zip(rows, x, strict=True)])
        size = np.sqrt((x**2).mean(axis=1, keepdims=True) * x.shape[1])
        here = polish(batch, x + size * ways, rows, "along the lowest eigenvector")
        there = polish(batch, x - size * ways, rows, "against the lowest eigenvector")
        better = np.nan_to_num(there.value, nan=np.inf) < np.nan_to_num(here.value, nan=np.inf)
        return np.asarray(np.where(better[:, None], there.x, here.x))

    def _lowest(self, batch: Batch, row: int, x: Vector) -> Vector:
        """Return a unit eigenvector of the lowest eigenvalue, each product charged; a random one without the budget."""
        rows, calls, most = np.array([row]), 0, 2.0 + 4.0 * LANCZOS * x.size / batch.ledger.flops

        def product(v: Vector) -> Vector:
            nonlocal calls
            if (calls + 1) * most > paid or batch.ledger.seconds_left() <= 0.0:
                raise _SpentError
            calls += 1
            return np.asarray(batch.objective.hessp(x, np.ascontiguousarray(v).ravel()))

        paid = batch.purse(rows, home=False)[0]
        operator = LinearOperator((x.size, x.size), matvec=product, dtype=np.float64)
        v0 = batch.rng(row).standard_normal(x.size)
        try:
            way = eigsh(operator, k=1, which="SA", v0=v0, maxiter=20 * x.size, tol=1e-3)[1][:, 0] if x.size > 2 else v0
        except ArpackNoConvergence as error:
            way = error.eigenvectors[:, 0] if error.eigenvectors.size else v0
        except _SpentError:
            way = v0
        batch.charge(rows, hessp=calls)
        batch.charge_flops(rows, 4.0 * LANCZOS * x.size * calls)
        return np.asarray(way / np.linalg.norm(way))

    def _deflate(self, batch: Batch, rows: Rows, x: NDArray[np.float64]) -> NDArray[np.float64]:
        new = x.copy()
        for i, row in enumerate(rows):
            pole = Deflated(batch.objective, x[i])
            begin = self._shaken(batch, row, x[i])
            stage = batch.descend(pole, begin[None], np.array([row]), name="deflated", recipe=POLE)
            new[i] = stage.x[0]
        return np.asarray(polish(batch, new, rows, "after deflation").x)

    def _shaken(self, batch: Batch, row: int, x: Vector) -> Vector:
        """Return x with normal noise of half its root mean square."""
        return np.asarray(x + 0.5 * np.sqrt((x**2).mean()) * batch.rng(row).standard_normal(x.size))


class Deflated(FromValueAndGrad):
    r"""A function with a pole at one point: :math:`(f(x) - c) (1 + |x_0|^2 / |x - x_0|^2)`, c just below f(x_0).

    Parameters
    ----------
    objective : Objective
        The function f.
    at : ndarray of shape (n,)
        The stuck point x_0.
    """

    def __init__(self, objective: Objective, at: Vector) -> None:
        self.objective, self.at, self.size = objective, np.array(at), objective.size
        value = objective.value(self.at)
        # the absolute parts keep the pole where the value, or the point, is zero; a smaller value has a smaller one
        self.floor = value - 0.1 * abs(value) - (min(1e-12, 1e-6 * abs(value)) or 1e-12)
        self.scale = float(at @ at) or 1e-12

    def value_and_grad(self, x: Vector) -> tuple[float, Vector]:
        """Return the value and the gradient at x."""
        f, g = self.objective.value_and_grad(x)
        d = x - self.at
        square = max(float(d @ d), 1e-300)
        factor = 1.0 + self.scale / square
        high = f - self.floor
        return high * factor, g * factor - (2.0 * high * self.scale / square**2) * d

    def hessp(self, x: Vector, v: Vector) -> Vector:
        """Return the Hessian at x times v."""
        f, g = self.objective.value_and_grad(x)
        d = x - self.at
        square = max(float(d @ d), 1e-300)
        slope = -2.0 * self.scale / square**2
        bend = slope * v + (8.0 * self.scale / square**3) * float(d @ v) * d
        factor, high = 1.0 + self.scale / square, f - self.floor
        mixed: Any = slope * (float(d @ v) * g + float(g @ v) * d)
        return np.asarray(factor * self.objective.hessp(x, v) + mixed + high * bend)
