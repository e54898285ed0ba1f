"""The runs: methods at two budgets, small budgets, and whether a lower objective predicts better."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import scipy

import homotopy as hp
from homotopy.errors import HomotopyError
from homotopy.papers.real_data.rows import Row
from homotopy.papers.real_data.sets import asked, problem

__all__ = ["FULL", "NEAR", "QUICK", "Size", "Unit", "run", "units"]

NEAR = 0.01
"""A run is near the lowest objective where it is at most so much above it, in its own unit."""
AGAINST = "multistart"
"""What everything is held against: L-BFGS from new starts until the budget is spent."""
PLAIN = ("auto", "race-hop", AGAINST, "lbfgs")
RESTARTED = tuple(f"{AGAINST}:of={name}" for name in ("width", "skip", "omp", "decay", "tv-width", "width-deep"))
SCIPY = "basin-hopping"


@dataclass(frozen=True)
class Size:
    """How much is run.

    Attributes
    ----------
    nets : tuple of tuple of int
        Units of the hidden layers.
    activations : tuple of str
        Of these units.
    alphas : tuple of float
        Penalties.
    seeds : mapping
        From a budget to the seeds of each method at it.
    small : tuple of float
        The small budgets; `small_seeds` runs of each.
    ranked : int
        Runs of one L-BFGS whose objectives and test errors are ranked.
    splits : int
        Splits of the practice table; 0 leaves it out.
    beside : tuple of str
        Data sets of the table beside scikit-learn's nets (`sklearn_table.DATA`).
    """

    nets: tuple[tuple[int, ...], ...]
    activations: tuple[str, ...]
    alphas: tuple[float, ...]
    seeds: Mapping[float, Mapping[str, int]]
    small: tuple[float, ...]
    small_seeds: int
    ranked: int
    splits: int
    beside: tuple[str, ...] = ()


def _seeds(plain: int, restarted: int, hopping: int) -> dict[str, int]:
    found = dict.fromkeys(PLAIN, plain) | dict.fromkeys(RESTARTED, restarted) | {SCIPY: hopping}
    return {name: count for name, count in found.items() if count}


FULL = Size(
    nets=((8,), (16,), (8, 8)),
    activations=("relu", "tanh"),
    alphas=(1e-4, 1e-3, 1e-2),
    seeds={2000.0: _seeds(4, 4, 1), 10000.0: _seeds(4, 2, 0)},
    small=(50.0, 100.0, 200.0, 500.0, 1000.0),
    small_seeds=4,
    ranked=10,
    splits=3,
    beside=("wine", "cancer", "diabetes", "friedman1"),
)
QUICK = Size(
    nets=((8,), (8, 8)),
    activations=("relu", "tanh"),
    alphas=(1e-4, 1e-2),
    seeds={2000.0: _seeds(2, 0, 0)},
    small=(50.0, 500.0),
    small_seeds=2,
    ranked=6,
    splits=1,
)


@dataclass(frozen=True)
class Unit:
    """A part of the study that is run, and kept, as a whole: one data set with one net.

    Attributes
    ----------
    study : str
        ``grid``, which has the small budgets and the ranks with it, ``practice`` or ``sklearn``.
    data : str
        The data set's name.
    net : tuple of int
        Units of the hidden layers.
    activation : str
        Of these.
    """

    study: str
    data: str
    net: tuple[int, ...]
    activation: str

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What its rows have in common: study, data set, net and activation."""
        return self.study, self.data, "+".join(map(str, self.net)), self.activation


def units(names: Sequence[str], size: Size) -> list[Unit]:
    """Return the parts of a study on data sets of these names, those of the grid first."""
    nets = [(net, activation) for net in size.nets for activation in size.activations]
    found = [Unit("grid", one, net, activation) for net, activation in nets for one in names]
    if size.splits:
        found += [Unit("practice", one, (8,), activation) for activation in size.activations for one in names]
    return found + [Unit("sklearn", one, (32,), "relu") for one in size.beside]


def run(unit: Unit, size: Size) -> list[Row]:
    """Return the rows of a part of the grid: all penalties, budgets and methods on one data set with one net."""
    (data,) = asked([unit.data])
    table, rows = data.table(), []
    for alpha in size.alphas:
        target = problem(data, unit.net, unit.activation, alpha, table=table)
        start = Row(*unit.key, alpha=alpha, budget=0.0, method="")
        rows += _grid(target, start, size) + _small(target, start, size)
        if len(unit.net) == 1:
            rows.append(_rank(target, start, size))
    return rows


def _grid(target: hp.Problem, start: Row, size: Size) -> list[Row]:
    """Return the rows of all methods at all budgets, each with how many of its runs are near the lowest of all."""
    found = []
    for budget, seeds in size.seeds.items():
        for name, count in seeds.items():
            if hp.method(name).accepts(target) is None:
                found.append(_ran(target, replace(start, method=name, budget=budget), count))
    lowest = min(row.lowest for row, _ in found if row.runs)
    return [replace(row, within=int((values <= lowest * (1 + NEAR)).sum())) for row, values in found]


def _small(target: hp.Problem, start: Row, size: Size) -> list[Row]:
    start = replace(start, study="small")
    asked = [replace(start, method=name, budget=budget) for budget in size.small for name in ("auto", "lbfgs")]
    return [_ran(target, one, size.small_seeds)[0] for one in asked]


def _rank(target: hp.Problem, start: Row, size: Size) -> Row:
    """Return Spearman's correlation of objective and test error over runs of one L-BFGS; NaN where all are equal."""
    runs = hp.method("lbfgs").solve_many(target, range(size.ranked), budget=2000.0)
    errors = np.array([-_score(target, x) for x in runs.x])
    values = np.round(runs.value, 12)
    rho = np.nan
    if np.ptp(values) > 1e-6 * abs(values.mean()) and np.ptp(errors) > 0:
        rho = float(scipy.stats.spearmanr(values, errors).statistic)
    return replace(start, study="rank", method="lbfgs", budget=2000.0, runs=size.ranked, value=rho)


def _ran(target: hp.Problem, row: Row, count: int) -> tuple[Row, Any]:
    """Return the row of a method's runs, and their objectives; without any where it ended with an error."""
    begun = time.process_time()
    try:
        runs = hp.method(row.method).solve_many(target, range(count), budget=row.budget)
    except HomotopyError:
        return replace(row, runs=0), np.empty(0)
    seconds = time.process_time() - begun
    score = float(np.mean([_score(target, x) for x in runs.x]))
    value, lowest, cost = float(runs.value.mean()), float(runs.value.min()), float(runs.cost.mean())
    done = replace(row, runs=count, value=value, lowest=lowest, score=score, cost=cost, seconds=seconds)
    return done, runs.value


def _score(target: hp.Problem, x: Any) -> float:
    assert target.score is not None
    return float(target.score(x))
