"""The expected seconds to the first success: what runs take by themselves and for a gradient, and where to cut them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from homotopy.experiments.statistics.restarts import (
    FEWEST,
    MANY,
    ExpectedCost,
    ends,
    expected_cost,
    tuned_cost,
)
from homotopy.methods.cutoffs import Price, least_cost

__all__ = ["expected_seconds", "fixed_seconds", "price_of", "to_success"]

FLOATS = NDArray[np.float64]
Columns = dict[str, NDArray[Any]]
BETTER = 0.9
"""A cutoff in seconds is taken where it is better than one in gradients by this factor."""


def expected_seconds(
    runs: Columns,
    tuning: Columns | None = None,
    *,
    problem: ArrayLike | None = None,
    origin: tuple[ArrayLike, ...] = (),
    n_resamples: int = 1000,
) -> ExpectedCost:
    """Return the expected seconds to the first success with restarts; its cutoff is in seconds.

    Parameters
    ----------
    runs : dict of ndarray
        The columns seconds, cost and cost_to_success of the runs, each of shape (r,).
    tuning : dict of ndarray or None
        The same of runs on tuning seeds, shape (q,), as for `tuned_cost`; without them the runs choose the cutoffs for
        one another, as `expected_cost` has it.
    problem : array_like of int, shape (r,) or None
        The number of each run's problem.
    origin : tuple
        That of each of the runs on tuning seeds, or nothing.
    n_resamples : int
        Bootstrap resamples.

    Notes
    -----
    Runs are given up after so many gradients, whatever the speed of the machine at that time: it changes by some 20 %
    from one minute to the next, and a cutoff in seconds that suits fast minutes gives up all runs of a slow one. Only
    where runs differ so much in what a gradient takes that a cutoff in seconds is better by a tenth, on the runs that
    choose it, it is one in seconds. A cutoff in gradients is told in the seconds that a run takes to get there on
    average.
    """
    settings: dict[str, Any] = {"problem": problem, "n_resamples": n_resamples}
    if _cut_by_seconds(runs if tuning is None else tuning):
        return _expected(to_success(runs), None if tuning is None else (*to_success(tuning), *origin), **settings)
    price = price_of(runs)
    if tuning is None:
        found = _expected(_spent(runs), None, price=price, **settings)
    else:
        found = _expected(_spent(runs), (*_spent(tuning), *origin), prices=(price, price_of(tuning)), **settings)
    return replace(found, cutoff=float(price.paid(np.full(len(price.own), found.cutoff)).mean()))


def _expected(shown: tuple[FLOATS, FLOATS], early: Any, **settings: Any) -> ExpectedCost:
    return expected_cost(*shown, **settings) if early is None else tuned_cost(*shown, early, **settings)


def _spent(runs: Columns) -> tuple[FLOATS, FLOATS]:
    return runs["cost"], runs["cost_to_success"]


def _cut_by_seconds(runs: Columns) -> bool:
    """Return whether a cutoff in seconds is better by a tenth than one in gradients.

    It cannot be where no run's gradients take more than a tenth longer than another's: a cutoff in seconds lies between
    two in gradients whose ratio is that of the rates. Some thousand of the runs are asked.
    """
    some = {name: runs[name][:: max(1, len(runs[name]) // MANY)] for name in ("seconds", "cost", "cost_to_success")}
    price = price_of(some)
    if not len(price.rate) or price.rate.min() >= BETTER * price.rate.max():
        return False
    by_gradients = least_cost(*ends(*_spent(some)), price, fewest=FEWEST)
    return least_cost(*ends(*to_success(some)), fewest=FEWEST) < BETTER * by_gradients


def price_of(records: NDArray[Any] | Columns) -> Price:
    """Return the seconds that each run takes by itself, and for a gradient.

    What a run spends is noted in gradient-equivalents as it goes, its time only at its end: behind what every run takes
    before it has spent anything (`fixed_seconds`), time is taken to go by in proportion to what is spent.
    """
    seconds, cost = (np.asarray(records[name], dtype=np.float64) for name in ("seconds", "cost"))
    fixed, rate = fixed_seconds(seconds, cost), np.zeros(seconds.shape)
    np.divide(seconds - fixed, cost, out=rate, where=cost > 0)
    return Price(np.where(cost > 0, fixed, seconds), rate)


def to_success(records: NDArray[Any] | Columns) -> tuple[FLOATS, FLOATS]:
    """Return the seconds of each run and those until it first succeeded (`price_of`), NaN where it did not.

    Examples
    --------
    >>> names = ("seconds", "cost", "cost_to_success")
    >>> to_success(np.array([(2.0, 8.0, 4.0)], dtype=[(name, "f8") for name in names]))
    (array([2.]), array([1.]))
    >>> to_success(np.array([(2.0, 8.0, 4.0), (3.0, 16.0, np.nan)], dtype=[(name, "f8") for name in names]))
    (array([2., 3.]), array([1.5, nan]))
    """
    price, hit = price_of(records), np.asarray(records["cost_to_success"], dtype=np.float64)
    return np.asarray(records["seconds"], dtype=np.float64), price.paid(np.where(np.isfinite(hit), hit, np.nan))


def fixed_seconds(seconds: FLOATS, cost: FLOATS) -> float:
    """Return the seconds that a run takes whatever it spends: its start is drawn, its account kept.

    It is where a line through the costs and times of runs begins, fitted by least squares of relative errors, from zero
    to the least of the times; zero where all runs cost the same.

    Examples
    --------
    >>> round(fixed_seconds(np.array([3.0, 4.0, 8.0]), np.array([10.0, 20.0, 60.0])), 12)
    2.0
    """
    timed = seconds > 0
    seconds, cost = seconds[timed], cost[timed]
    if not seconds.size or np.ptp(cost) <= 1e-9 * cost.max():
        return 0.0
    one, slope = 1.0 / seconds, cost / seconds
    a, b, c = one @ one, one @ slope, slope @ slope
    rest = a * c - b * b
    fixed = (c * one.sum() - b * slope.sum()) / rest if rest > 0 else 0.0
    return float(np.clip(fixed, 0.0, seconds.min()))
