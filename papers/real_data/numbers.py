"""What the rows come to: ratios over data sets with their intervals, shares of runs, changes of scores."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import nan

import numpy as np
import scipy

from homotopy.experiments import Rate, success_rate
from homotopy.papers.real_data.rows import Row
from homotopy.papers.real_data.sets import SETS
from homotopy.papers.real_data.study import AGAINST

__all__ = ["SEEN", "TASKS", "Mean", "Ratio", "change", "groups", "near", "ratio", "within_groups"]

TASKS = {one.name: one.task for one in SETS}
"""From a data set to ``regression`` or ``classes``."""
SEEN = frozenset(one.name for one in SETS if one.seen)
"""Data sets that were looked at when constants were chosen."""

Group = tuple[str, str, float, str, float]


@dataclass(frozen=True)
class Mean:
    """A mean over data sets with Student's interval at 95 %, NaN where there are fewer than two; how many there are."""

    value: float
    low: float
    high: float
    sets: int


@dataclass(frozen=True)
class Ratio:
    """A geometric mean over data sets of ratios of objectives.

    Attributes
    ----------
    value, low, high : float
        The mean, and Student's interval at 95 % of the logarithms, one a data set.
    sets, lower : int
        Data sets, and on how many of them the ratio is below 0.999.
    largest : float
        The largest ratio of any data set, net and penalty.
    """

    value: float
    low: float
    high: float
    sets: int
    lower: int
    largest: float


def mean(values: Sequence[float]) -> Mean:
    """Return the mean of numbers, one a data set.

    Examples
    --------
    >>> mean([1.0, 3.0]).value
    2.0
    """
    array = np.asarray(values, dtype=np.float64)
    if array.size < 2:
        return Mean(float(array[0]) if array.size else nan, nan, nan, array.size)
    if np.ptp(array) == 0.0:
        return Mean(float(array[0]), float(array[0]), float(array[0]), array.size)
    ends = scipy.stats.ttest_1samp(array, 0.0).confidence_interval(0.95)
    return Mean(float(array.mean()), float(ends.low), float(ends.high), array.size)


def ratio(rows: Iterable[Row], method: str, against: str = AGAINST) -> Ratio:
    """Return the objective of a method over that of another one, where both ran on the same.

    Cells of one data set (nets, penalties, budgets) are averaged first, in logarithms: what is drawn are data sets.
    """
    cells = _by_set(rows, method, against, lambda a, b: float(np.log(a.value / b.value)))
    logs = [float(np.mean(found)) for found in cells.values()]
    found = mean(logs)
    largest = float(np.exp(max((max(one) for one in cells.values()), default=nan)))
    value, low, high = (float(np.exp(one)) for one in (found.value, found.low, found.high))
    return Ratio(value, low, high, found.sets, sum(one < np.log(0.999) for one in logs), largest)


def change(rows: Iterable[Row], method: str, against: str = AGAINST) -> Mean:
    """Return by how much the held-out score of a method is above that of another one, averaged likewise."""
    cells = _by_set(rows, method, against, lambda a, b: a.score - b.score)
    return mean([float(np.mean(found)) for found in cells.values()])


def near(rows: Iterable[Row], method: str) -> Rate:
    """Return the share of a method's runs that are near the lowest objective, with its interval over data sets."""
    wins, number = [], []
    names: dict[str, int] = {}
    for row in rows:
        if row.method == method:
            wins += [True] * row.within + [False] * (row.runs - row.within)
            number += [names.setdefault(row.data, len(names))] * row.runs
    return success_rate(wins, problem=number)


def groups(rows: Iterable[Row]) -> dict[Group, list[Row]]:
    """Return the rows by net, activation, penalty, task and budget, in this order."""
    found: dict[Group, list[Row]] = {}
    for row in rows:
        key = (row.net, row.activation, row.alpha, TASKS[row.data], row.budget)
        found.setdefault(key, []).append(row)
    order = {name: i for i, name in enumerate(("8", "16", "8+8"))}
    return dict(sorted(found.items(), key=lambda one: (order.get(one[0][0], 9), *one[0][1:])))


def within_groups(rows: Iterable[Row], method: str, against: str = AGAINST) -> dict[Group, Ratio]:
    """Return the ratio of two methods in each group where both ran."""
    found = {key: ratio(some, method, against) for key, some in groups(rows).items()}
    return {key: one for key, one in found.items() if one.sets}


def _by_set(
    rows: Iterable[Row], method: str, against: str, told: Callable[[Row, Row], float]
) -> dict[str, list[float]]:
    """Return what two methods' rows on the same come to, by data sets."""
    both: dict[tuple[object, ...], dict[str, Row]] = {}
    for row in rows:
        if row.runs and row.method in (method, against):
            same = (row.alpha, row.budget) if row.study != "practice" else (row.split,)
            key = (row.data, row.net, row.activation, *same)
            both.setdefault(key, {})[row.method] = row
    found: dict[str, list[float]] = {}
    for key, pair in both.items():
        if method in pair and against in pair:
            found.setdefault(str(key[0]), []).append(told(pair[method], pair[against]))
    return found
