"""Rates with intervals, medians, and the summary of one method's runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import nan
from typing import Any

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

from homotopy.arguments import number as number_check
from homotopy.arguments import numbers
from homotopy.doors import door, doors
from homotopy.errors import ArgumentError
from homotopy.experiments.statistics.budgeted import AtBudget
from homotopy.experiments.statistics.clock import expected_seconds
from homotopy.experiments.statistics.clustered import clustered_interval
from homotopy.experiments.statistics.restarts import ExpectedCost, expected_cost, tuned_cost
from homotopy.status import Status

__all__ = ["Rate", "Summary", "quartiles", "success_rate", "summarize"]

FLOATS = NDArray[np.float64]
Columns = dict[str, NDArray[Any]]
FIELDS = ("success", "value", "cost", "cost_to_success", "seconds")


@doors
@dataclass(frozen=True)
class Rate:
    """A success rate and its interval.

    Attributes
    ----------
    successes, runs : int
        The counts.
    low, high : float
        The interval at the asked confidence, in [0, 1]: Wilson's; over several problems that of `clustered_interval`.
    """

    successes: int
    runs: int
    low: float
    high: float

    @property
    def rate(self) -> float:
        """Successes over runs; NaN without runs."""
        return self.successes / self.runs if self.runs else nan


@door
def success_rate(success: ArrayLike, *, problem: ArrayLike | None = None, confidence: float = 0.95) -> Rate:
    """Return the success rate with its interval.

    Parameters
    ----------
    success : array_like of bool, shape (r,)
        One entry a run.
    problem : array_like of int, shape (r,) or None
        The number of each run's problem, teacher or data set. Where there are several, runs on one of them are alike,
        and the interval is that of the mean rate over all problems from which these were drawn.
    confidence : float
        The nominal coverage, in (0, 1).

    Returns
    -------
    Rate
        The counts and the interval; [0, 1] without runs.

    Raises
    ------
    ArgumentError
        If the problems' numbers are not as many as the runs.

    References
    ----------
    Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927), 209-212; computed
    by `scipy.stats.binomtest`. Over several problems: `clustered_interval`.

    Examples
    --------
    >>> rate = success_rate([True] * 3 + [False] * 7)
    >>> rate.rate, round(rate.low, 3), round(rate.high, 3)
    (0.3, 0.108, 0.603)
    """
    success = numbers("success", success) > 0
    confidence = number_check("confidence", confidence, "a number inside (0, 1)", above=0.0, below=1.0)
    k, n = int(success.sum()), int(success.size)
    if n == 0:
        return Rate(0, 0, 0.0, 1.0)
    if problem is not None:
        number = np.asarray(problem)
        if number.shape != success.shape:
            raise ArgumentError(f"problem has shape {number.shape} and success {success.shape}; they must be equal")
        names, at = np.unique(number, return_inverse=True)
        if names.size > 1:
            counts = np.bincount(at, weights=success), np.bincount(at)
            return Rate(k, n, *clustered_interval(*counts, confidence=confidence))
    test = scipy.stats.binomtest(k, n, p=k / n)  # whose p-value, which is of no interest here, takes no search
    interval = test.proportion_ci(confidence_level=confidence, method="wilson")
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


UNKNOWN = ExpectedCost(nan, nan, nan, nan)


@doors
@dataclass(frozen=True)
class Summary:
    """What a table says of one method on one problem or one group of problems.

    Attributes
    ----------
    problem, method : str
        Their full names; the name of a group where the runs are on several problems.
    rate : Rate
        Success rate with its interval: Wilson's on one problem, on several one over problems.
    cost : tuple of float
        Quartiles of the gradient-equivalents to success, over the runs that succeeded.
    expected : ExpectedCost
        Expected cost to the first success, with restarts.
    value : tuple of float
        Quartiles of the final loss.
    seconds : float
        Median time of a run, in seconds of one thread.
    spent : float
        Gradient-equivalents spent in all runs together.
    best : float
        The lowest final loss.
    tuning : int
        Runs on the seeds that chose the restart cutoff; 0 where runs chose it for one another.
    busy : float
        Seconds of all runs together, those on tuning seeds among them.
    clock : ExpectedCost
        Expected seconds of one thread to the first success, with restarts at the cutoff at which they are least
        (`expected_seconds`); NaN where no times are known.
    problems : int
        How many problems the runs are on.
    known : bool
        Whether the optimum is known. Where it is not, a success is a run that came near the lowest value that any run
        of the comparison found (`Goal.lowest`), and what a method is judged by is `at_budget`.
    missed, diverged : int
        Runs that reached the training target and are no success, since their loss on held-out data is too large, and
        those of them whose loss there is huge or not finite.
    at_budget : AtBudget or None
        The expected loss at the budget with restarts, and the score on held-out data; None where the optimum is known
        and no data are held out.
    gap : float
        The median of the final loss less the lower bound of its problem, in units of the constant's loss where
        `at_budget` is; NaN where a problem has no bound.
    gap_tells : bool
        Whether that says more than the loss and the optimum do: a bound is not zero and is not the known optimum.
    below : int
        Runs that ended below the bound by more than rounding, so that the bound or the objective is wrong.
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
    clock: ExpectedCost = UNKNOWN
    problems: int = 1
    known: bool = True
    at_budget: AtBudget | None = None
    missed: int = 0
    diverged: int = 0
    gap: float = nan
    gap_tells: bool = False
    below: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as a nested dictionary of plain numbers."""
        out = asdict(self)
        out["rate"]["rate"] = self.rate.rate
        return out


@door
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
        Runs on tuning seeds, which choose the restart cutoffs (`tuned_cost`), of a group in the order of its problems;
        without any, runs choose them for one another (`expected_cost`).
    n_resamples : int
        Bootstrap resamples of the expected cost.
    """
    parts = [records] if isinstance(records, np.ndarray) else list(records)
    rows, number = _columns(parts), _numbers(parts)
    early = _columns(list(tuning) or [parts[0][:0]])
    origin = (_numbers(tuning),) if len(tuning) == len(parts) else ()
    settings: dict[str, Any] = {"problem": number, "n_resamples": n_resamples}
    shown = rows["cost"], rows["cost_to_success"]
    if tuning:
        expected = tuned_cost(*shown, (early["cost"], early["cost_to_success"], *origin), **settings)
    else:
        expected = expected_cost(*shown, **settings)
    clock = UNKNOWN
    if np.isfinite(rows["seconds"]).all() and np.isfinite(early["seconds"]).all():
        clock = expected_seconds(rows, early if tuning else None, origin=origin, **settings)
    return Summary(
        problem=problem,
        method=method,
        rate=success_rate(rows["success"], problem=number),
        cost=quartiles(rows["cost_to_success"]),
        expected=expected,
        value=quartiles(rows["value"]),
        seconds=quartiles(rows["seconds"])[1],
        spent=float(np.sum(rows["cost"])),
        best=float(np.min(rows["value"], initial=np.inf)),
        tuning=len(early["cost"]),
        busy=float(np.nansum(rows["seconds"]) + np.nansum(early["seconds"])),
        clock=clock,
        problems=len(parts),
        missed=_ended(parts, Status.FAILS_TEST, Status.DIVERGES_ON_TEST),
        diverged=_ended(parts, Status.DIVERGES_ON_TEST),
    )


def _ended(parts: Sequence[NDArray[Any]], *statuses: Status) -> int:
    """Return how many runs ended in one of these ways."""
    names = [status.name for status in statuses]
    return sum(int(np.isin(part["status"], names).sum()) for part in parts if "status" in (part.dtype.names or ()))


def _columns(parts: Sequence[NDArray[Any]]) -> Columns:
    """Return what a summary needs of the runs as arrays of their own, which are read many times."""
    return {name: np.concatenate([part[name] for part in parts]) for name in FIELDS}


def _numbers(parts: Sequence[NDArray[Any]]) -> NDArray[np.intp]:
    """Return the number of its part for each run."""
    return np.repeat(np.arange(len(parts)), [len(part) for part in parts])
