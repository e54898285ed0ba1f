"""Descents to an end that is checked, without a constant in units of f or x: of all variables, or within bounds."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from homotopy.linalg import KrylovResult, cg
from homotopy.methods.batch import Batch, BatchMethod, Ends, Rows, Stage, polish
from homotopy.methods.batch.recipes import Recipe
from homotopy.methods.minimizing.asked import Asked
from homotopy.objectives.base import Vector
from homotopy.status import Status

__all__ = ["ROUNDING", "Descent", "Sharp"]

SHARP = 1e-12
"""The norm of the gradient at which a descent ends, over that at x0."""
SLOW, STILL = (1e-11, 1), (1e-13, 10)
"""Falls of this part of the value in so many steps: what may be an end, and what is rounding."""
LEFT, ROUNDING = 0.05, 1e4 * float(np.finfo(np.float64).eps)
"""What a Newton step may still promise at the end: over the value, and this part of that over the fall from x0."""
LOOSE = 1e-8
"""The same over the value where no step is left."""
SHARE = 0.1
"""The first step over the size of x, where the curvature does not say."""
HUGE, LONG, ROUNDS = 1e8, 1e-6, 8
"""A fall over the value from which the start is no measure, a Newton step over the size of x, and how often."""
PRODUCTS = 30
"""Products for that promise."""
FIRST_STEP = 4.0
"""Gradients that must be left for a look at the curvature before the first step: it takes three of them."""


class Sharp(Ends):
    """L-BFGS to the accuracy that rounding allows, or that the caller asks for.

    Parameters
    ----------
    slope : float
        The norm of the gradient at x0.
    value : float
        The value at x0.
    asked : Asked
        The caller's options.
    accuracy : float
        What a Newton step may still promise at the end, over the value.

    Attributes
    ----------
    pace : float
        The seconds that the first gradient took, where they are known.

    Notes
    -----
    Where no tolerance is asked for, a descent ends with ``|grad| <= 1e-12 |grad at x0|``, or where one step lowers
    the value by less than 1e-11 of it, or no step lowers it. In the last two cases it has converged only if Newton's
    model promises a further fall of at most ``accuracy (|f| + (f(x0) - f) / 20)``; else it goes on until ten steps
    lower the value by less than 1e-13 of it or no step is left, where a promise of 1e-8 in place of `accuracy` will do.
    Where the value has fallen by more than 1e8 of itself and Newton's step from the end is longer than 1e-6 |x|, the
    slope at x0 was no measure: the descent goes on with those of the end, up to 8 times.
    """

    tries_flat = True
    pace = 0.0

    def __init__(self, slope: float, value: float, asked: Asked, *, accuracy: float = ROUNDING) -> None:
        self.value, self.asked, self.accuracy = value, asked, accuracy
        self.free = asked.gtol is None and asked.ftol is None
        self.gradient_tolerance = max(SHARP * slope, 1e-300) if asked.gtol is None else max(asked.gtol, 1e-300)
        self.plateaus = [(asked.ftol, 1)] if asked.ftol else [SLOW, STILL]
        self.recipe = Recipe(n_steps=asked.maxiter, gradient_tolerance=self.gradient_tolerance)

    def polished(self, batch: Batch, x: Vector, rows: Rows, name: str) -> Stage:
        """Descend the true problem from x of shape (1, n), and check how that ended.

        From a start of huge values an end by its measure may be none: where Newton's step from there is long, the
        descent goes on, and is measured by the slope and the value that it has come to.
        """
        stage = self._descended(batch, x, rows, name)
        for _ in range(ROUNDS if self.free else 0):
            measure = self.value, self.gradient_tolerance, self.recipe
            if batch.status[0] is not Status.CONVERGED or not self._far(batch, stage.x[0]):
                break
            stage = self._descended(batch, stage.x, rows, name)
            if _stuck(batch):  # rounding: the end that was one stays one, by its measure
                batch.status[0] = Status.CONVERGED
                self.value, self.gradient_tolerance, self.recipe = measure
                break
        return stage

    def _far(self, batch: Batch, x: Vector) -> bool:
        """Return whether Newton's step from x is long, and measure by the slope and the value there where it is."""
        products = int(min(PRODUCTS, (self._left(batch) - 1.0) / 2.0))
        if products < 1:
            return False
        value, grad = batch.objective.value_and_grad(x)
        grad = self.slope(x, np.asarray(grad))
        slope, n_products = float(np.linalg.norm(grad)), 0
        fell = self.value - value > HUGE * abs(value)
        if fell and slope > 0.0:
            step = _newton(batch.objective, x, grad, products)
            n_products = step.n_products
            fell = float(np.linalg.norm(step.x)) > LONG * float(np.linalg.norm(x))
        batch.charge(np.array([0]), grad=1, hessp=n_products)
        if not fell or slope == 0.0:
            return False
        self.value, self.gradient_tolerance = float(value), max(SHARP * slope, 1e-300)
        self.recipe = replace(self.recipe, gradient_tolerance=self.gradient_tolerance)
        return True

    def _descended(self, batch: Batch, x: Vector, rows: Rows, name: str) -> Stage:
        """Descend once, and check how that ended."""
        before, step = batch.ledger.counts["grad"][0], self.first_step(batch, x[0])
        for plateau in self.plateaus:
            left = int(self.asked.maxfun - batch.ledger.counts["grad"][0] + before)
            recipe = replace(self.recipe, plateau=plateau, max_evaluations=max(left, 1), step_size=step)
            stage = polish(batch, x, rows, name, recipe)
            x, fell = stage.x, batch.status[0] is Status.CONVERGED
            self.check(batch, stage.x[0], more=fell and plateau is not self.plateaus[-1])
            if batch.status[0] is not Status.STEP_TOO_SMALL or not fell:
                break
        return stage

    def first_step(self, batch: Batch, x: Vector) -> float | None:
        """Return the multiple of the gradient that the first step goes: to the minimum of the parabola along it.

        Where that has none, a tenth of the size of x; None, which is a step of length one, where x is zero or the
        budget does not pay for the curvature.
        """
        if self._left(batch) < FIRST_STEP:
            return None
        grad = np.asarray(batch.objective.value_and_grad(x)[1])
        slope = float(np.linalg.norm(grad))
        if not 0.0 < slope < np.inf:
            return None
        with np.errstate(all="ignore"):
            bend = float(grad @ batch.objective.hessp(x, grad / slope)) / slope
        batch.charge(np.array([0]), grad=1, hessp=1)
        size = float(np.linalg.norm(x))
        step = 1.0 / bend if 0.0 < bend < np.inf else SHARE * size / slope
        return step if 0.0 < step < np.inf else None

    def check(self, batch: Batch, x: Vector, *, more: bool = False) -> None:
        """Decide whether a descent that ended at x has converged, and charge what that took; `more` may follow."""
        status = batch.status[0]
        if status not in (Status.CONVERGED, Status.STEP_TOO_SMALL) or (status is Status.CONVERGED and not self.free):
            return
        if self._left(batch) < 1.0:
            batch.status[0] = Status.BUDGET_SPENT
            return
        grad = self.slope(x, np.asarray(batch.objective.value_and_grad(x)[1]))
        batch.charge(np.array([0]), grad=1)
        if float(np.linalg.norm(grad)) <= self.gradient_tolerance:
            batch.status[0] = Status.CONVERGED
            return
        products = int(min(PRODUCTS, self._left(batch) / 2.0))
        value, left, n_products = float(batch.ledger.best_value[0]), np.inf, 0
        if products > 0:
            left, n_products = _promised(batch.objective, x, grad, products)
            batch.charge(np.array([0]), hessp=n_products)
        if n_products == products < PRODUCTS:  # the promise of so few tells nothing
            batch.status[0] = Status.BUDGET_SPENT
            return
        accuracy = self.accuracy if more else max(self.accuracy, LOOSE)
        done = left <= accuracy * (abs(value) + LEFT * (self.value - value))
        batch.status[0] = Status.CONVERGED if done else Status.STEP_TOO_SMALL

    def _left(self, batch: Batch) -> float:
        """Return how many gradients are left to the batch's one run; with a limit of seconds, at the pace until now."""
        left, ledger = float(batch.purse(np.array([0]), home=True)[0]), batch.ledger
        seconds, cost = ledger.seconds_left(home=True), float(ledger.cost[0])
        pace = ledger.seconds / cost if cost > 0.0 else self.pace
        return min(left, seconds / pace) if np.isfinite(seconds) and pace > 0.0 else left

    def slope(self, x: Vector, grad: Vector) -> Vector:
        """Return the part of the gradient that a step may follow."""
        del x
        return grad


def _stuck(batch: Batch) -> bool:
    return batch.status[0] is Status.STEP_TOO_SMALL


def _newton(objective: Any, x: Vector, grad: Vector, products: int) -> KrylovResult:
    """Return the Newton step by conjugate gradients; it is zero where the first curvature is negative."""
    moves = grad != 0.0  # variables at their bounds stay there

    def product(v: Vector) -> Vector:
        return np.asarray(np.where(moves, objective.hessp(x, v), 0.0))

    with np.errstate(all="ignore"):
        return cg(product, -grad, rtol=1e-2, max_iter=products)


def _promised(objective: Any, x: Vector, grad: Vector, products: int) -> tuple[float, int]:
    """Return the fall that Newton's model promises, ``grad' H^-1 grad / 2``, and the products that it took."""
    found = _newton(objective, x, grad, products)
    if found.x.any():
        return abs(0.5 * float(grad @ found.x)), found.n_products
    bend = abs(found.curvature)
    return (0.5 * float(grad @ grad) / bend if bend > 0 else np.inf), found.n_products


class Descent(BatchMethod):
    """A descent from the start to its end, as `ends` has it."""

    reference = "L-BFGS; within bounds SciPy's L-BFGS-B"

    name = "descent"
    keeps_finish = False

    def __init__(self, ends: Ends) -> None:
        self.ends = ends

    def run(self, batch: Batch) -> None:
        """Descend."""
        rows = batch.rows
        if len(rows):
            self.ends.polished(batch, batch.x[rows], rows, self.name)
