"""The search for a method's step size, and one more parameter, on seeds that no comparison shows."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from homotopy.arguments import number
from homotopy.errors import ArgumentError
from homotopy.experiments.plan.grid import FIRST_SEED, Grid
from homotopy.experiments.run.executors import Workers
from homotopy.experiments.running import DEFAULT_BUDGET, run_grids
from homotopy.experiments.statistics.statistics import Summary
from homotopy.experiments.store.store import Store
from homotopy.naming import join, parse

__all__ = ["FIRST_SEED", "Trial", "Tuned", "choices", "tune"]

GRID = 9  # values of a range
FEWEST = 10  # starts of a setting in the first round
FLOAT_RANGE = re.compile(r"([-+.\de]+?)\.\.([-+.\de]+)", re.IGNORECASE)


@dataclass(frozen=True)
class Trial:
    """A setting that was tried: the method's full name, the starts it was tried from, and how it did."""

    method: str
    runs: int
    summary: Summary


@dataclass(frozen=True)
class Tuned:
    """What a search found on a problem: the method with its best setting, as a full name to compare with."""

    problem: str
    method: str
    trials: tuple[Trial, ...]  # every setting, the best first
    spent: float  # gradient-equivalents of the whole search
    seeds: tuple[int, int]  # the first and the last one that was used

    @property
    def words(self) -> str:
        """How the setting was found, in words."""
        return (
            f"the best of {len(self.trials)} settings on seeds {self.seeds[0]} to {self.seeds[1]}, "
            f"for {self.spent:,.0f} gradient-equivalents"
        )


def choices(text: str) -> tuple[str, tuple[str, ...]]:
    """Return a parameter and the values to try: a list ``a/b/c``, or nine in equal ratios of a range ``low..high``.

    Raises
    ------
    ArgumentError
        If the text is not of this form or the range is not of positive numbers in rising order.

    Examples
    --------
    >>> choices("momentum=0.8/0.9")
    ('momentum', ('0.8', '0.9'))
    >>> choices("step_size=0.01..1")[1][::4]
    ('0.01', '0.1', '1')
    """
    name, equals, value = text.partition("=")
    if not (name and equals and value):
        raise ArgumentError(f"{text!r} is not of the form parameter=low..high or parameter=a/b/c")
    match = FLOAT_RANGE.fullmatch(value)
    if match is None:
        return name, tuple(dict.fromkeys(part for part in value.split("/") if part))
    try:
        low, high = float(match[1]), float(match[2])
    except ValueError:
        raise ArgumentError(f"{text!r}: {value!r} is not a range of numbers") from None
    if not 0 < low < high < math.inf:
        raise ArgumentError(f"{text!r}: a range needs 0 < low < high")
    return name, tuple(f"{v:.4g}" for v in np.geomspace(low, high, GRID))


def tune(
    problem: str,
    method: str,
    parameters: Mapping[str, Sequence[str]],
    *,
    tuning_budget: float,
    budget: float = DEFAULT_BUDGET,
    workers: Workers | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Tuned:
    """Return the best setting of one or two parameters of a method on a problem.

    Tried are the values that `parameters` has of each (`choices`); parameters in the method's name stay. The whole
    search may cost `tuning_budget` gradient-equivalents and one run `budget` of them; `progress` is called with the
    round and the number of settings in it.

    Raises
    ------
    ArgumentError
        If no or more than two parameters are given, or the tuning budget does not pay for a first round.

    Notes
    -----
    Successive halving: every setting runs from the same ten starts; the better half, by expected cost to the first
    success (where no optimum is known, by expected loss at the budget) and then by median final loss, runs from as many
    again, until one is left or the next round, at the mean cost of a run so far, would overdraw the tuning budget.

    References
    ----------
    Jamieson and Talwalkar, "Non-stochastic best arm identification and hyperparameter optimization", AISTATS 2016,
    Algorithm 1, with fresh starts in each round.
    """
    if not 1 <= len(parameters) <= 2:
        raise ArgumentError(f"tuning is over one parameter or two, not {len(parameters)}")
    number("tuning_budget", tuning_budget, "a positive number", above=0)
    alive = _names(method, parameters)
    if len(alive) * FEWEST * min(budget, 10.0) > tuning_budget:
        raise ArgumentError(
            f"tuning_budget {tuning_budget:g} does not pay for {len(alive)} settings; give more, or fewer values"
        )
    store, seeds, spent, turn = Store(), FEWEST, 0.0, 0
    trials: dict[str, Trial] = {}
    while True:
        turn += 1
        if progress is not None:
            progress(turn, len(alive))
        name, summaries = _round(problem, alive, seeds, budget, store=store, workers=workers)
        trials |= {s.method: Trial(s.method, seeds, s) for s in summaries}
        spent = sum(trial.summary.spent for trial in trials.values())
        ranked = sorted(summaries, key=_score)
        alive = [s.method for s in ranked[: (len(ranked) + 1) // 2]]
        mean = spent / sum(trial.runs for trial in trials.values())
        if len(ranked) == 1 or spent + mean * seeds * len(alive) > tuning_budget:
            break
        seeds *= 2
    order = sorted(trials.values(), key=lambda t: (-t.runs, _score(t.summary)))
    return Tuned(name, ranked[0].method, tuple(order), spent, (FIRST_SEED, FIRST_SEED + seeds - 1))


def _round(
    problem: str, methods: list[str], seeds: int, budget: float, *, store: Store, workers: Workers | None
) -> tuple[str, list[Summary]]:
    """Run some settings from so many starts; return the problem's full name and a Summary of each setting."""
    grid = Grid.of(problem, methods, seeds=range(FIRST_SEED, FIRST_SEED + seeds), budget=budget)
    if not grid.cells:
        raise ArgumentError(f"{methods[0]!r} does not run on {problem!r}: {grid.skips[0][2]}")
    found = run_grids([grid], store, workers=workers)[0]
    if found.failures:
        raise ArgumentError(f"{found.failures[0][1]} on {problem} fails: {found.failures[0][2]}")
    return found.problems[0], found.summaries(found.problems[0])


def _names(method: str, parameters: Mapping[str, Sequence[str]]) -> list[str]:
    """Return the method's name with every combination of values."""
    name, fixed = parse(method)
    combinations = itertools.product(*parameters.values())
    return [join(name, fixed | dict(zip(parameters, values, strict=True))) for values in combinations]


def _score(summary: Summary) -> tuple[float, float]:
    """Return what a setting is ranked by: expected cost, then the median final loss, NaN last.

    Where no optimum is known it is the expected loss at the budget, then the median one.
    """
    loss = summary.value[1]
    if not summary.known and summary.at_budget is not None:
        expected = summary.at_budget.loss.value
        return (math.inf if math.isnan(expected) else expected), (math.inf if math.isnan(loss) else loss)
    return summary.expected.value, math.inf if math.isnan(loss) else loss
