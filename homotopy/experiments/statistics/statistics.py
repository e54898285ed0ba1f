"""Rates with intervals, the expected cost to the first success, medians, and the summary of one method's runs."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from math import inf, nan
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import binomtest

from homotopy.errors import ArgumentError
from homotopy.methods.multistart import best_cutoff

__all__ = ["ExpectedCost", "Rate", "Summary", "expected_cost", "quartiles", "success_rate", "summarize"]

FLOATS = NDArray[np.float64]
FEWEST = 3  # a restart cutoff rests on at least so many successes, where there are so many
FOLDS = 5  # a run is given up where runs of the other folds say
CHUNK = 500_000  # entries of a resampling matrix held at once


@dataclass(frozen=True)
class Rate:
    """A success rate and its interval.

    Attributes
    ----------
    successes, runs : int
        The counts.
    low, high : float
        The Wilson interval at the asked confidence, in [0, 1].
    """

    successes: int
    runs: int
    low: float
    high: float

    @property
    def rate(self) -> float:
        """Successes over runs; NaN without runs."""
        return self.successes / self.runs if self.runs else nan


def success_rate(success: ArrayLike, *, confidence: float = 0.95) -> Rate:
    """Return the success rate with its Wilson interval.

    Parameters
    ----------
    success : array_like of bool, shape (r,)
        One entry a run.
    confidence : float
        The nominal coverage, in (0, 1).

    Returns
    -------
    Rate
        The counts and the interval; [0, 1] without runs.

    References
    ----------
    Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927), 209-212; computed
    by `scipy.stats.binomtest`.

    Examples
    --------
    >>> rate = success_rate([True] * 3 + [False] * 7)
    >>> rate.rate, round(rate.low, 3), round(rate.high, 3)
    (0.3, 0.108, 0.603)
    """
    success = np.asarray(success, dtype=bool)
    k, n = int(success.sum()), int(success.size)
    if n == 0:
        return Rate(0, 0, 0.0, 1.0)
    interval = binomtest(k, n).proportion_ci(confidence_level=confidence, method="wilson")
    return Rate(k, n, float(interval.low), float(interval.high))


@dataclass(frozen=True)
class ExpectedCost:
    """The expected cost to the first success when a run is restarted at the best cutoff.

    Attributes
    ----------
    value : float
        The expected cost, in the unit of the costs; infinite without a success.
    low, high : float
        The bootstrap percentile interval.
    cutoff : float
        The cost at which a run that has not succeeded is best given up for a new start, by all runs.
    """

    value: float
    low: float
    high: float
    cutoff: float


def expected_cost(
    cost: ArrayLike,
    cost_to_success: ArrayLike,
    *,
    confidence: float = 0.95,
    n_resamples: int = 1000,
    rng: np.random.Generator | int | None = 0,
) -> ExpectedCost:
    """Return the expected cost to the first success with the restart cutoff that suits the runs best.

    Parameters
    ----------
    cost : array_like of shape (r,)
        What each run spent in all.
    cost_to_success : array_like of shape (r,)
        What each run had spent when it first succeeded; NaN where it did not.
    confidence : float
        Nominal coverage of the bootstrap interval.
    n_resamples : int
        Bootstrap resamples; 0 gives an interval of NaN.
    rng : Generator, int or None
        Draws the resamples; a fixed seed by default, so that a table is the same each time.

    Returns
    -------
    ExpectedCost
        The cost, its interval and the cutoff.

    Raises
    ------
    ArgumentError
        If the two arrays differ in shape.

    Notes
    -----
    Let e_i be the cost at which run i ended, the cost to success of a run that succeeded and the whole cost of one
    that did not. With restarts at cutoff c the expected cost is

        E(c) = sum_i min(e_i, c) / #{i : run i succeeded and e_i <= c}.

    The cutoff of a run is chosen on other runs, since the luckiest of many cutoffs on the same runs is up to 30 % too
    low: the runs are dealt into five folds, in the order in which they come, and those of a fold are given up at the
    cutoff that minimizes E on the other four, over their costs to success, the first two left out. Where these have
    fewer than three successes, runs are not cut. The interval resamples runs, each with its cutoff.

    In simulations of 60 to 1,000 runs (exponential, shifted exponential, lognormal and constant costs) the 95 %
    interval covered the least E(c) in 91 to 98 % of the studies, and the median estimate was 6 % too low to 3 % too
    high from 200 runs on, up to 15 % too high for 60. With fewer than ten successes expected the value is too high,
    mostly because no cutoff can be chosen, and says little. Without failures and spread the interval is narrow by
    construction: quote the Wilson interval of the success rate beside it.

    Examples
    --------
    >>> expected_cost([10, 10, 10, 10], [np.nan, 10, 10, 10], n_resamples=0).value
    13.333333333333334
    """
    cost = np.asarray(cost, dtype=np.float64)
    hit = np.asarray(cost_to_success, dtype=np.float64)
    if cost.shape != hit.shape or cost.ndim != 1:
        raise ArgumentError(f"cost has shape {cost.shape} and cost_to_success {hit.shape}; both must be (r,)")
    won = np.isfinite(hit)
    if not won.any():
        return ExpectedCost(inf, inf, inf, nan)
    end = np.where(won, hit, cost)
    fold, limit = np.arange(end.size) % FOLDS, np.full(end.size, inf)
    for k in range(FOLDS):
        others = fold != k
        if won[others].sum() >= FEWEST:
            limit[~others] = best_cutoff(end[others], won[others], fewest=FEWEST)
    if not (won & (end <= limit)).any():
        limit[:] = inf
    spent, inside = np.minimum(end, limit), won & (end <= limit)
    low = high = nan
    if n_resamples:
        draws = _resamples(spent, inside, n_resamples, np.random.default_rng(rng))
        tail = 50 * (1 - confidence)
        low, high = np.percentile(draws, [tail, 100 - tail], method="inverted_cdf")
    value = float(spent.sum() / inside.sum())
    return ExpectedCost(value, float(low), float(high), best_cutoff(end, won, fewest=FEWEST))


def _resamples(spent: FLOATS, inside: NDArray[np.bool_], n: int, rng: np.random.Generator) -> FLOATS:
    """Return n bootstrap values of all that was spent over the number of successes; infinite without one."""
    r = spent.size
    rows = max(1, CHUNK // r)
    out = []
    for begin in range(0, n, rows):
        drawn = rng.integers(0, r, (min(rows, n - begin), r))
        with np.errstate(divide="ignore"):
            out.append(spent[drawn].sum(axis=1) / inside[drawn].sum(axis=1))
    return np.concatenate(out)


def quartiles(values: ArrayLike) -> tuple[float, float, float]:
    """Return the lower quartile, the median and the upper quartile of the finite values; NaN without any.

    Examples
    --------
    >>> quartiles([1.0, 2.0, 3.0, np.nan])
    (1.5, 2.0, 2.5)
    """
    array = np.asarray(values, dtype=np.float64)
    array = array[np.isfinite(array)]
    if array.size == 0:
        return nan, nan, nan
    low, middle, high = np.percentile(array, [25, 50, 75])
    return float(low), float(middle), float(high)


@dataclass(frozen=True)
class Summary:
    """What a table says of one method on one problem.

    Attributes
    ----------
    problem, method : str
        Their full names.
    rate : Rate
        Success rate with its Wilson interval.
    cost : tuple of float
        Quartiles of the gradient-equivalents to success, over the runs that succeeded.
    expected : ExpectedCost
        Expected cost to the first success, with restarts.
    value : tuple of float
        Quartiles of the final loss.
    seconds : float
        Median wall-clock time of a run.
    spent : float
        Gradient-equivalents spent in all runs together.
    """

    problem: str
    method: str
    rate: Rate
    cost: tuple[float, float, float]
    expected: ExpectedCost
    value: tuple[float, float, float]
    seconds: float
    spent: float

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as a nested dictionary of plain numbers."""
        out = asdict(self)
        out["rate"]["rate"] = self.rate.rate
        return out


def summarize(problem: str, method: str, records: NDArray[Any], *, n_resamples: int = 1000) -> Summary:
    """Return the Summary of one method's runs on one problem.

    Parameters
    ----------
    problem, method : str
        Their names.
    records : record array
        Rows with the fields success, value, cost, cost_to_success and seconds.
    n_resamples : int
        Bootstrap resamples of the expected cost.
    """
    return Summary(
        problem=problem,
        method=method,
        rate=success_rate(records["success"]),
        cost=quartiles(records["cost_to_success"]),
        expected=expected_cost(records["cost"], records["cost_to_success"], n_resamples=n_resamples),
        value=quartiles(records["value"]),
        seconds=quartiles(records["seconds"])[1],
        spent=float(np.sum(records["cost"])),
    )
