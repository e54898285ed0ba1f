"""Runs from random weights: AdamW and L-BFGS on the true problem, and along a coupling that fades."""

from __future__ import annotations

import time
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

import homotopy as hp

from .problem import SIZE, Synchronized, data, doubled, fun, start, truth

__all__ = ["BUDGET", "METHODS", "RATES", "SPANS", "ladder", "level", "one", "setting"]

Array = NDArray[np.float64]
METHODS = ("adamw", "adamw-homotopy", "lbfgs", "lbfgs-one-stage", "lbfgs-homotopy")
RATES = {"adamw": 0.02, "adamw-homotopy": 0.05}
"""Step sizes, those of the authors' script."""
BUDGET = 1200
"""Gradients of a run."""
SPANS = (31, 61)
"""Samples that are trained on: half of the authors' time, and theirs."""
STAGES, RATIO = 6, 0.6
"""Values of lambda, and the ratio of one decrement to the last: the authors' kappa."""
EVERY = 20
"""Gradients from one look at the true error to the next along the coupling; a look costs what a gradient does."""


def ladder(stages: int = STAGES, ratio: float = RATIO) -> list[float]:
    """Return the values of lambda, from 1 to 0, whose decrements shrink by a ratio."""
    falls = ratio ** np.arange(stages - 1)
    return [*(1.0 - np.concatenate([[0.0], np.cumsum(falls[:-1])]) / falls.sum()), 0.0]


def level(n: int) -> float:
    """Return the error of a success on n samples: 1.25 times what the true populations have on the noisy data."""
    return 1.25 * float(np.mean((data()[:n] - truth()[:n]) ** 2))


class _Watch:
    """Gradients that were spent, the true error now and then, and the weights where it was least."""

    def __init__(self, family: Any, budget: int) -> None:
        self.family, self.budget, self.spent = family, budget, 0
        self.curve: list[tuple[int, float]] = []
        self.hit: float = np.nan
        self.least, self.best = np.inf, np.empty(0)

    def look(self, x: Array, value: float | None = None) -> None:
        """Note the true error at x; where `value`, it, is not known, one evaluation more is charged."""
        known = self.family.value(x, 1.0) if value is None else value
        self.spent += value is None
        self.curve.append((self.spent, float(known)))
        if known < self.least or not self.best.size:
            self.least, self.best = float(known), x.copy()


@cache
def setting(n: int) -> tuple[Synchronized, Any]:
    """Return the family on n samples, and a function that gives the solution on twice as many."""
    jax, double = doubled()
    family = Synchronized(data()[:n])
    family.value_and_grad(start(0), 1.0)  # compiled here, where no clock runs
    with double():
        solve = jax.jit(fun(2 * n))
        solve(np.zeros(SIZE + 1)).block_until_ready()

    def solution(x: Array) -> Array:
        """Return the solution of the free net, shape (2 n, 2)."""
        with double():
            return np.asarray(solve(np.append(x, 0.0)))

    return family, solution


def one(part: list[Any]) -> dict[str, Any]:
    """Return what a run came to.

    Parameters
    ----------
    part : list
        The method, the seed of its start, the samples, the budget, and the step size of AdamW or None.

    Returns
    -------
    dict
        ``train``, ``inside``, ``beyond``: mean square errors on the noisy data, on the true populations at the same
        times and at later ones; ``cost``, ``hit``: gradients spent, and at the first one of at most `level` (null where
        there is none); ``seconds``, ``seconds_hit``; ``curve``: gradients and true errors; ``path``: the solution.
    """
    method, seed, n, budget, rate = part
    family, solution = setting(n)
    watch = _Watch(family, budget)
    begun = time.process_time()
    lambdas = {"homotopy": ladder(), "stage": [1.0, 0.0]}.get(method.rsplit("-", 1)[-1], [0.0])
    if "adamw" in method:
        _adamw(watch, start(seed), lambdas, rate or RATES[method], level(n))
    else:
        _lbfgs(watch, start(seed), lambdas)
    seconds = time.process_time() - begun
    hit = float(np.fmin(watch.hit, _first(watch.curve, level(n))))  # NaN where both are
    u, true = solution(watch.best), truth()
    square = np.minimum(np.nan_to_num((u - true[: len(u)]) ** 2, nan=1e3, posinf=1e3), 1e3)
    return {
        "train": watch.least,
        "inside": float(square[:n].mean()),
        "beyond": float(square[n:].mean()),
        "cost": watch.spent,
        "hit": None if np.isnan(hit) else hit,
        "seconds": seconds,
        "seconds_hit": None if np.isnan(hit) else seconds * hit / watch.spent,
        "curve": watch.curve,
        "path": [[float(f"{value:.5g}") for value in row] for row in u],
    }


def _adamw(watch: _Watch, x: Array, lambdas: list[float], rate: float, goal: float) -> None:
    """Run AdamW, as torch has it, with equal shares of the budget at each lambda, moments kept."""
    m, v, x, k = np.zeros_like(x), np.zeros_like(x), x.copy(), 0
    while watch.spent < watch.budget - 1:  # the last one is for the look behind
        pull = lambdas[watch.spent * len(lambdas) // watch.budget]
        value, grad = watch.family.value_and_grad(x, 1.0 - pull)
        watch.spent, k = watch.spent + 1, k + 1
        if pull == 0.0 and value <= goal and np.isnan(watch.hit):
            watch.hit = watch.spent
        if (k - 1) % EVERY == 0:
            watch.look(x, value if pull == 0.0 else None)
        if not np.isfinite(value):
            break
        m, v = 0.9 * m + 0.1 * grad, 0.999 * v + 0.001 * grad**2
        step = m / (1.0 - 0.9**k) / (np.sqrt(v / (1.0 - 0.999**k)) + 1e-8)
        x = (1.0 - 0.01 * rate) * x - rate * step
    watch.look(x)


def _lbfgs(watch: _Watch, x: Array, lambdas: list[float]) -> None:
    """Run L-BFGS with equal shares of the budget at each lambda, of which the looks have theirs."""
    for left, pull in zip(range(len(lambdas), 0, -1), lambdas, strict=True):
        share, before = (watch.budget - watch.spent) // left, watch.spent
        seen: list[Array] = []
        every, looks = EVERY if pull else 1, 0
        share = share * EVERY // (EVERY + 1) if pull else share
        asked: dict[str, Any] = {"rule": "lbfgs", "n_steps": share, "budget": share, "record_every": every}
        if pull:
            asked |= {"callback": lambda point, seen=seen: seen.append(point.x), "callback_every": EVERY}
        found = hp.descend(watch.family.at(1.0 - pull), x, **asked)
        for i, (evaluations, value) in enumerate(found.trace):
            watch.spent = before + int(evaluations) + looks
            if pull == 0.0:
                watch.curve.append((watch.spent, float(value)))
            elif 0 < i <= len(seen):
                watch.look(seen[i - 1])
                looks += 1
        x, watch.spent = found.x, before + int(found.n_evaluations) + looks
    watch.look(x, found.value)


def _first(curve: list[tuple[int, float]], goal: float) -> float:
    """Return the gradients at the first true error of at most the goal; NaN where there is none."""
    return next((float(spent) for spent, value in curve if value <= goal), float("nan"))
