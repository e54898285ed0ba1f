"""What the rows come to: success rates and expected costs with intervals over teachers, and ratios of two sides."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import inf, isfinite, nan

import numpy as np
import scipy

from homotopy.experiments import ExpectedCost, Rate, expected_cost, success_rate
from homotopy.papers.recurrent.rows import Row

__all__ = ["DIVERGED", "Found", "Numbers", "Ratio", "numbers", "rate", "ratio"]

DIVERGED = 1e3
"""A mean square error on test sequences, whose targets have about unit variance, from which on a net diverges there."""


@dataclass(frozen=True)
class Numbers:
    """What the runs of one side of a task come to.

    Attributes
    ----------
    runs, groups : int
        How many, on how many data sets or teachers.
    rate : Rate
        The share of successes, its interval over groups.
    expected : ExpectedCost
        The expected gradients to the first success with restarts, its interval over groups.
    seconds : float
        The processor seconds to the first success: the expected gradients, at what a gradient of these runs took.
    test : float
        The median mean square error on test sequences over successes; over all runs where none succeeded.
    missed, diverged : int
        Runs that reached the training target and missed that of the test; runs that diverge on test sequences.
    radius : float
        The median spectral radius of the recurrent weights over successes; over all runs where none succeeded.
    wild : float
        That over the runs that diverge; NaN without any.
    """

    runs: int
    groups: int
    rate: Rate
    expected: ExpectedCost
    seconds: float
    test: float
    missed: int
    diverged: int
    radius: float
    wild: float


@dataclass(frozen=True)
class Ratio:
    """A ratio of expected costs with its interval over groups; from below where `bounded`."""

    value: float
    low: float
    high: float
    bounded: bool = False


class Found:
    """Rows by study, task and side, and what they come to, each computed once.

    Parameters
    ----------
    rows : iterable of Row
        All rows of a study.
    """

    def __init__(self, rows: Iterable[Row]) -> None:
        self._rows: dict[tuple[str, str], dict[str, list[Row]]] = {}
        for row in rows:
            self._rows.setdefault((row.study, row.task), {}).setdefault(row.side, []).append(row)
        self._ratios: dict[tuple[str, str, str], Ratio] = {}
        self._left_out: dict[tuple[str, str], LeftOut] = {}
        self._best: dict[tuple[str, str], str] = {}

    def tasks(self, study: str = "tasks") -> tuple[str, ...]:
        """Return the tasks of a study in their order."""
        return tuple(task for one, task in self._rows if one == study)

    def sides(self, task: str, study: str = "tasks") -> tuple[str, ...]:
        """Return the sides of a task in their order."""
        return tuple(self._rows.get((study, task), ()))

    def of(self, task: str, side: str, study: str = "tasks") -> list[Row]:
        """Return the rows of one side of a task."""
        return self._rows.get((study, task), {}).get(side, [])

    def best(self, task: str, kind: str = "") -> str:
        """Return the rival with the least expected cost, or without any success that with the largest bound.

        Rivals are all sides but `length` and its variants; those alone whose names begin with `kind`, where that is
        given. It is picked on the rows that are shown, which flatters it; "" where there is none.
        """
        if (task, kind) not in self._best:
            names = [side for side in self.sides(task) if side.startswith(kind) and not side.startswith("length")]
            costs = {name: _expected(self.of(task, name), n_resamples=0) for name in names}
            best = min(names, key=lambda name: (costs[name].value, -costs[name].bound), default="")
            self._best[task, kind] = best
        return self._best[task, kind]

    def ratio(self, task: str, base: str = "", over: str = "length") -> Ratio | None:
        """Return the expected cost of a side, that of the best rival by default, over that of another one.

        None where one of them was not run.
        """
        key = task, base or self.best(task), over
        first, second = self.of(*key[:2]), self.of(task, over)
        if not first or not second:
            return None
        if key not in self._ratios:
            for side in (key[:2], (task, over)):
                if side not in self._left_out:
                    self._left_out[side] = _left_out(self.of(*side))
            self._ratios[key] = _ratio(first, (self._left_out[key[:2]], self._left_out[task, over]))
        return self._ratios[key]

    def seconds(self, task: str) -> float:
        """Return the processor seconds of the best rival's first success over those of `length`; NaN without one."""
        first, ours = self.of(task, self.best(task)), self.of(task, "length")
        if not first or not ours:
            return nan
        values = [_expected(some, n_resamples=0).value * _gradient(some) for some in (first, ours)]
        return values[0] / values[1] if all(isfinite(value) for value in values) else nan


def rate(rows: Sequence[Row]) -> Rate:
    """Return the share of runs that succeeded, with its interval over groups."""
    return success_rate([isfinite(row.hit) for row in rows], problem=_groups(rows))


def numbers(rows: Sequence[Row], target: float = nan) -> Numbers:
    """Return what runs come to.

    Parameters
    ----------
    rows : sequence of Row
        Of one side of a task; one or more.
    target : float
        The mean square error on the training sequences that was aimed at.
    """
    won = [row for row in rows if isfinite(row.hit)]
    some, expected = won or list(rows), _expected(rows)
    wild = [row.radius for row in rows if not row.test <= DIVERGED]
    return Numbers(
        runs=len(rows),
        groups=len({row.group for row in rows}),
        rate=rate(rows),
        expected=expected,
        seconds=expected.value * _gradient(rows),
        test=float(np.median([row.test for row in some])),
        missed=sum(row.value <= target and not isfinite(row.hit) for row in rows),
        diverged=len(wild),
        radius=float(np.median([row.radius for row in some])),
        wild=float(np.median(wild)) if wild else nan,
    )


def ratio(base: Sequence[Row], ours: Sequence[Row]) -> Ratio:
    """Return the expected cost of some runs over that of others.

    Notes
    -----
    The interval is the jackknife over groups of the logarithm, with Student's quantiles; cutoffs are chosen anew
    without each group. Where the first side rests on the successes on one group its upper end is infinite, and its
    lower end is that of the first side's expected cost over the second one's; without a success the ratio is bounded
    from below by a third of all that the first side spent.
    """
    return _ratio(base, (_left_out(base), _left_out(ours)))


def _ratio(base: Sequence[Row], both: tuple[LeftOut, LeftOut]) -> Ratio:
    first, second = both
    if not isfinite(second.whole.value):
        return Ratio(nan, nan, nan)
    if not isfinite(first.whole.value):
        return Ratio(first.whole.bound / second.whole.value, nan, inf, bounded=True)
    value = first.whole.value / second.whole.value
    names = sorted({*first.logs, *second.logs})
    logs = np.array([first.without(name) - second.without(name) for name in names])
    if not np.isfinite(logs).all():
        return Ratio(value, _expected(base).low / second.whole.value, inf)
    m = len(names)
    if m < 2:
        return Ratio(value, nan, nan)
    error = np.sqrt((m - 1) / m * np.sum((logs - logs.mean()) ** 2))
    reach = float(np.exp(error * scipy.stats.t.ppf(0.975, m - 1)))
    return Ratio(value, value / reach, value * reach)


@dataclass(frozen=True)
class LeftOut:
    """The expected cost of some runs, and its logarithm without each group."""

    whole: ExpectedCost
    logs: dict[int, float]

    def without(self, group: int) -> float:
        """Return the logarithm without a group, of which there may be no runs."""
        return self.logs[group] if group in self.logs else float(np.log(self.whole.value))


def _left_out(rows: Sequence[Row]) -> LeftOut:
    whole = _expected(rows, n_resamples=0)
    if not isfinite(whole.value):
        return LeftOut(whole, {})
    logs = {}
    for group in dict.fromkeys(row.group for row in rows):
        rest = [row for row in rows if row.group != group]
        value = _expected(rest, n_resamples=0).value if rest else inf
        logs[group] = float(np.log(value))
    return LeftOut(whole, logs)


def _gradient(rows: Sequence[Row]) -> float:
    """Return the processor seconds that a gradient-equivalent of these runs took."""
    return sum(row.seconds for row in rows) / sum(row.cost for row in rows)


def _expected(rows: Sequence[Row], *, n_resamples: int = 1000) -> ExpectedCost:
    number = _groups(rows)
    several = len(set(number)) > 1
    return expected_cost(
        [row.cost for row in rows],
        [row.hit for row in rows],
        problem=number if several else None,
        n_resamples=n_resamples,
    )


def _groups(rows: Sequence[Row]) -> list[int]:
    names: dict[int, int] = {}
    return [names.setdefault(row.group, len(names)) for row in rows]
