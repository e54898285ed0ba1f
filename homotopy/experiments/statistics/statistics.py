"""Rates with intervals, medians, and the summary of one method's runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import nan
from typing import Any

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

from homotopy.experiments.statistics.restarts import ExpectedCost, expected_cost, tuned_cost

__all__ = ["Rate", "Summary", "quartiles", "success_rate", "summarize"]


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
    interval = scipy.stats.binomtest(k, n).proportion_ci(confidence_level=confidence, method="wilson")
    return Rate(k, n, float(interval.low), float(interval.high))


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
    """What a table says of one method on one problem or one group of problems.

    Attributes
    ----------
    problem, method : str
        Their full names; the name of a group where the runs are on several problems.
    rate : Rate
        Success rate with its Wilson interval, which takes the runs as independent.
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
    best : float
        The lowest final loss.
    tuning : int
        Runs on the seeds that chose the restart cutoff; 0 where runs chose it for one another.
    busy : float
        Seconds of all runs together, those on tuning seeds among them.
    """

    problem: str
    method: str
    rate: Rate
    cost: tuple[float, float, float]
    expected: ExpectedCost
    value: tuple[float, float, float]
    seconds: float
    spent: float
    best: float = nan
    tuning: int = 0
    busy: float = nan

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as a nested dictionary of plain numbers."""
        out = asdict(self)
        out["rate"]["rate"] = self.rate.rate
        return out


def summarize(
    problem: str,
    method: str,
    records: NDArray[Any] | Sequence[NDArray[Any]],
    *,
    tuning: Sequence[NDArray[Any]] = (),
    n_resamples: int = 1000,
) -> Summary:
    """Return the Summary of one method's runs on one problem or on a group of them.

    Parameters
    ----------
    problem, method : str
        Their names.
    records : record array or sequence of them
        Rows with the fields success, value, cost, cost_to_success and seconds; of a group, one array a problem.
    tuning : sequence of record array
        Runs on tuning seeds, which choose the restart cutoff (`tuned_cost`); without any, runs choose it for one
        another (`expected_cost`).
    n_resamples : int
        Bootstrap resamples of the expected cost.
    """
    parts = [records] if isinstance(records, np.ndarray) else list(records)
    rows, number = np.concatenate(parts), np.repeat(np.arange(len(parts)), [len(part) for part in parts])
    early = np.concatenate(list(tuning)) if tuning else rows[:0]
    cost, before = ((part["cost"], part["cost_to_success"]) for part in (rows, early))
    if tuning:
        expected = tuned_cost(*cost, before, problem=number, n_resamples=n_resamples)
    else:
        expected = expected_cost(*cost, problem=number, n_resamples=n_resamples)
    return Summary(
        problem=problem,
        method=method,
        rate=success_rate(rows["success"]),
        cost=quartiles(rows["cost_to_success"]),
        expected=expected,
        value=quartiles(rows["value"]),
        seconds=quartiles(rows["seconds"])[1],
        spent=float(np.sum(rows["cost"])),
        best=float(np.min(rows["value"], initial=np.inf)),
        tuning=len(early),
        busy=float(np.nansum(rows["seconds"]) + np.nansum(early["seconds"])),
    )
