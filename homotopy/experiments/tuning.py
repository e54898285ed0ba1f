"""The search for a method's step size, and one more parameter, on seeds that no comparison shows."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from homotopy.arguments import number, one_of, positive, shown
from homotopy.errors import ArgumentError
from homotopy.experiments.comparison import Comparison
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
    search costs at most `tuning_budget` gradient-equivalents and one run `budget` of them; `progress` is called with
    the round and the number of settings in it.

    Raises
    ------
    ArgumentError
        If no or more than two parameters are given, a budget is not a positive number, or the tuning budget does not
        pay for one run of every setting: the message says what does.

    Notes
    -----
    Successive halving: every setting runs from the same ten starts; the better half, by expected cost to the first
    success (where no optimum is known, by expected loss at the budget) and then by median final loss, runs from as many
    again, until one is left or the next round, at the mean cost of a run so far, would overdraw the tuning budget.

    Runs are begun only where what is left pays for all of them at the most that a run may cost (`Method.solve`), 1.05
    budgets or one gradient more: a round then has fewer starts, the same ones for each of its settings. No run is made
    that does not count.

    References
    ----------
    Jamieson and Talwalkar, "Non-stochastic best arm identification and hyperparameter optimization", AISTATS 2016,
    Algorithm 1, with fresh starts in each round.
    """
    one_of("parameters", parameters, Mapping, "a dictionary from parameters to lists of texts")
    if not 1 <= len(parameters) <= 2:
        raise ArgumentError(f"tuning is over one parameter or two, not {len(parameters)}")
    most = number("tuning_budget", tuning_budget, "a positive number", above=0)
    search = _Search(problem, positive("budget", budget), most, workers)
    alive, turn, wanted = _names(method, parameters), 0, FEWEST
    search.afford(alive)
    trials: dict[str, Trial] = {}
    while True:
        turn += 1
        if progress is not None:
            progress(turn, len(alive))
        seeds = search.run(alive, wanted)
        summaries = search.summaries()
        trials |= {s.method: Trial(s.method, seeds, s) for s in summaries}
        ranked = sorted(summaries, key=_score)
        alive = [s.method for s in ranked[: (len(ranked) + 1) // 2]]
        mean = search.spent / sum(trial.runs for trial in trials.values())
        too_dear = search.spent + mean * seeds * len(alive) > tuning_budget or not search.affords(len(alive))
        if len(ranked) == 1 or too_dear:
            break
        wanted = 2 * seeds
    order = sorted(trials.values(), key=lambda t: (-t.runs, _score(t.summary)))
    last = FIRST_SEED + order[0].runs - 1
    return Tuned(search.found.problems[0], ranked[0].method, tuple(order), search.spent, (FIRST_SEED, last))


class _Search:
    """The runs of a search: each is begun only where the tuning budget pays for it whatever it costs."""

    def __init__(self, problem: str, budget: float, most: float, workers: Workers | None) -> None:
        self.problem, self.budget, self.most, self.workers = problem, budget, most, workers
        self.dearest = max(1.05 * budget, budget + 1.0)  # what a run may cost
        self.store, self.spent = Store(), 0.0
        self.runs: dict[str, tuple[int, float]] = {}  # of each setting, how many there are and what they cost
        self.found: Comparison

    def affords(self, settings: int) -> int:
        """Return how many starts of so many settings can be paid."""
        return int(min((self.most - self.spent) / (settings * self.dearest), 2.0**31))

    def afford(self, methods: Sequence[str]) -> None:
        """Raise where not even one start of every setting can be paid."""
        if methods and not self.affords(len(methods)):
            least = len(methods) * self.dearest
            raise ArgumentError(
                f"tuning_budget {self.most:g} does not pay for a run of each of {len(methods)} settings, which takes "
                f"{least:,.6g} at runs of {self.budget:g}; give more, fewer values, or shorter runs"
            )

    def run(self, methods: list[str], wanted: int) -> int:
        """Run settings from so many starts in all, or from as many as can be paid; return how many that is."""
        seeds = min((self.runs.get(name, (0, 0.0))[0] for name in methods), default=0)
        while seeds < wanted and (more := self.affords(len(methods))):
            seeds = min(wanted, seeds + more)
            seeded = range(FIRST_SEED, FIRST_SEED + seeds)
            grid = Grid.of(self.problem, methods, seeds=seeded, budget=self.budget)
            if not grid.cells:
                raise ArgumentError(f"{methods[0]!r} does not run on {self.problem!r}: {grid.skips[0][2]}")
            self.found = run_grids([grid], self.store, workers=self.workers, timed=False)[0]
            if self.found.failures:
                _, name, why = self.found.failures[0]
                raise ArgumentError(f"{name} on {self.problem} fails: {why}")
            rows = {name: self.found.records(problem, name) for problem, name in self.found.cells}
            self.runs |= {name: (seeds, float(one["cost"].sum())) for name, one in rows.items()}
            self.spent = sum(cost for _, cost in self.runs.values())
        return seeds

    def summaries(self) -> list[Summary]:
        """Return the summary of each setting that ran last."""
        return self.found.summaries(self.found.problems[0])


def _names(method: str, parameters: Mapping[str, Sequence[str]]) -> list[str]:
    """Return the method's name with every combination of values."""
    for parameter, values in parameters.items():
        texts = list(values) if isinstance(values, (list, tuple)) else []
        if not texts or not all(isinstance(text, str) for text in (parameter, *texts)):
            raise ArgumentError(f"the values of {shown(parameter)} must be a list of texts, not {shown(values)}")
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
