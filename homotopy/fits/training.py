"""One net, trained by a method under a budget."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.arguments import generator, integer, numbers, one_of, positive, vector
from homotopy.descent import descend
from homotopy.doors import door, doors
from homotopy.errors import DataError
from homotopy.fits.bounds import gap
from homotopy.fits.sample import Sample
from homotopy.methods import method
from homotopy.methods.base import Method
from homotopy.models import MLP
from homotopy.objectives.base import Seed
from homotopy.problems import Problem
from homotopy.status import Budget, Status

__all__ = ["Callback", "Fit", "Run", "Training", "polished", "train"]

Array = NDArray[np.float64]
Callback = Callable[[Any], None] | None
PLATEAU = (1e-5, 50)
"""A descent ends where 50 steps lower the objective by less than a hundred-thousandth of it."""


@doors
@dataclass(frozen=True)
class Training:
    """How a net is trained.

    Parameters
    ----------
    hidden : tuple of int
        Units of each hidden layer; empty for a linear model.
    activation : str
        Of the hidden units.
    method : str or Method
        A method of this package, or its name with parameters.
    budget : Budget
        What one net may cost: gradient-equivalents of the whole sample, and seconds.
    n_starts : int
        Starts that share the budget; the lowest objective is kept.
    tol : float
        A descent has converged where the gradient's norm is below it, in units of the loss: those of inputs and targets
        have gone where they are standardized.
    """

    hidden: tuple[int, ...] = (32,)
    activation: str = "relu"
    method: str | Method = "auto"
    budget: Budget = field(default_factory=partial(Budget, 1000.0))
    n_starts: int = 1
    tol: float = 1e-5

    def __post_init__(self) -> None:
        object.__setattr__(self, "hidden", tuple(integer("hidden_layer_sizes", units) for units in self.hidden))
        one_of("method", self.method, (str, Method), "a method or the name of one")
        object.__setattr__(self, "n_starts", integer("n_starts", self.n_starts))
        object.__setattr__(self, "tol", positive("tol", self.tol, or_zero=True))

    def within(self, seconds: float, share: float = 1.0) -> Training:
        """Return this with a share of the gradients, and at most so many seconds."""
        seconds = max(min(self.budget.seconds, seconds), 1e-9)
        return replace(self, budget=Budget(max(self.budget.gradients * share, 1.0), seconds))


@doors
@dataclass(frozen=True, eq=False)
class Fit:
    """A trained net.

    Attributes
    ----------
    net : MLP
        The net.
    theta : ndarray of shape (p,)
        Its weights.
    value : float
        The objective there: mean loss and penalty.
    alpha : float
        The weight of the penalty.
    cost : float
        Gradient-equivalents spent, all starts together.
    seconds : float
        Wall-clock time of all starts.
    status : Status
        How the training ended: CONVERGED where the gradient's norm is at most the tolerance.
    curve : ndarray of shape (m, 2)
        Gradient-equivalents spent and the lowest objective until then, of the start that was kept.
    gap : float
        At most so much lies the global minimum of the objective below `value` (`homotopy.fits.bounds`).
    """

    net: MLP
    theta: Array
    value: float
    alpha: float
    cost: float
    seconds: float
    status: Status
    curve: Array
    gap: float

    def outputs(self, X: Array) -> Array:
        """Return the net's outputs, shape (n, k)."""
        return np.asarray(self.net.forward(self.theta, numbers("X", X)))


@dataclass(frozen=True, eq=False)
class Run:
    """The weights at which a method ended, how, what it cost, and its curve."""

    x: Array
    status: Status
    cost: float
    seconds: float
    curve: Array


@door
def train(
    sample: Sample,
    how: Training,
    *,
    alpha: float,
    rng: Seed = None,
    start: Array | None = None,
    callback: Callback = None,
) -> Fit:
    r"""Return a net trained on a sample.

    Parameters
    ----------
    sample : Sample
        The data.
    how : Training
        Net, method and budget.
    alpha : float
        The weight of the penalty, 0 or more.
    rng : Generator, int or None
        Draws the starts (`Sample.starts`).
    start : ndarray of shape (p,) or None
        Weights to go on from, by L-BFGS: a homotopy begins at an easy problem, not at a point.
    callback : callable or None
        Called with a Point after each accepted step; StopIteration ends the start's run. Its ``begin()``, where it has
        one, is called before each start.

    Returns
    -------
    Fit
        The start of the lowest objective.

    Raises
    ------
    ArgumentError
        If the method does not exist, or cannot train this net.
    DataError
        If the objective is not finite on these data.

    Notes
    -----
    The objective is :math:`\frac{1}{n} \sum_i \ell_i + \frac{\alpha}{2} |\theta|^2`, biases included. scikit-learn's
    multilayer perceptrons divide the penalty by the number of rows and leave the biases out: its ``alpha`` is n times
    this one. Behind the method L-BFGS descends until the gradient's norm is at most ``how.tol``, the objective falls by
    less than a hundred-thousandth in 50 steps, or the budget is spent.
    """
    begun = time.perf_counter()
    alpha = positive("alpha", alpha, or_zero=True)
    net = sample.net(how.hidden, how.activation)
    risk = sample.risk(net, alpha)
    if start is not None:
        start = vector("start", start, net.size, "the net")
        return polished(sample, how, net, alpha=alpha, theta=start, callback=callback)
    draws = generator("rng", rng)
    best: tuple[float, Array, Array, Status] | None = None
    cost = 0.0
    problem = Problem("fit", risk, sample.starts(net))
    _finite(risk.value(np.ascontiguousarray(sample.starts(net)(np.random.default_rng(0)))))
    for left in range(how.n_starts, 0, -1):
        seconds = (how.budget.seconds - (time.perf_counter() - begun)) / left
        if best is not None and seconds <= 0.0:
            break
        part = how.within(seconds, 1.0 / how.n_starts)
        begin = getattr(callback, "begin", None)
        if begin is not None:
            begin()
        found = _run(problem, part, int(draws.integers(2**62)), callback)
        end = polished(sample, part, net, alpha=alpha, theta=found.x, callback=callback, before=found)
        cost += end.cost
        if best is None or end.value < best[0]:
            best = end.value, end.theta, end.curve, end.status
    assert best is not None
    value, theta, curve, status = best
    seconds = time.perf_counter() - begun
    return Fit(net, theta, value, alpha, cost, seconds, status, curve, gap(sample, risk, theta))


def polished(
    sample: Sample,
    how: Training,
    net: MLP,
    *,
    alpha: float,
    theta: Array,
    callback: Callback = None,
    before: Run | None = None,
) -> Fit:
    """Return the Fit of L-BFGS from weights `theta`, on what the run `before` has left of the budget.

    Raises
    ------
    DataError
        If the objective is not finite there.
    """
    begun = time.perf_counter()
    risk = sample.risk(net, alpha)
    theta = np.ascontiguousarray(theta, dtype=np.float64)
    spent, lasted = (0.0, 0.0) if before is None else (before.cost, before.seconds)
    curve = np.empty((0, 2)) if before is None else np.asarray(before.curve)
    left = min(how.budget.gradients - spent, 2.0**40)
    status = Status.BUDGET_SPENT if before is None else before.status
    if left >= 2.0 and how.budget.seconds > lasted and status is not Status.STOPPED_BY_CALLBACK:
        budget = Budget(left, how.budget.seconds - lasted)
        options: dict[str, Any] = {"gradient_tolerance": how.tol, "plateau": PLATEAU, "record_every": 1}
        end = descend(risk, theta, rule="lbfgs", n_steps=2**31 - 1, budget=budget, callback=callback, **options)
        steps = np.column_stack([spent + end.trace[:, 0], np.minimum.accumulate(end.trace[:, 1])])
        curve, theta, spent = np.concatenate([curve, steps]), end.x, spent + float(end.n_evaluations)
    value, grad = risk.value_and_grad(theta)
    _finite(value)
    with np.errstate(over="ignore"):
        flat = bool(np.linalg.norm(grad) <= how.tol)
    if flat:
        status = Status.CONVERGED
    elif before is None or status.ok:
        status = Status.BUDGET_SPENT if spent >= how.budget.gradients - 2.0 else Status.NOT_CONVERGED
    curve = np.concatenate([curve, [[spent, value]]]) if not len(curve) or curve[-1, 1] > value else curve
    curve = np.column_stack([curve[:, 0], np.minimum.accumulate(curve[:, 1])])
    seconds = lasted + time.perf_counter() - begun
    bound = gap(sample, risk, theta) if before is None else np.nan
    return Fit(net, theta, float(value), alpha, spent, seconds, status, curve, bound)


def _finite(value: float) -> None:
    """Check that the objective can be evaluated at all."""
    if not np.isfinite(value):
        raise DataError("the objective overflows on these data; standardize them, or bring them to a size near 1")


def _run(problem: Problem, how: Training, seed: int, callback: Callback) -> Run:
    """Return one run of the method; what its end is, is not looked at, since L-BFGS follows."""
    chosen = method(how.method) if isinstance(how.method, str) else how.method
    if callback is not None:
        end = chosen.solve(problem, rng=seed, budget=how.budget, callback=callback)
        return Run(end.x, end.status, end.cost, end.seconds, end.curve)
    (row,) = chosen.solve_many(problem, [seed], budget=how.budget)
    return Run(row.x, Status[row.status], float(row.cost), float(row.seconds), row.curve)
