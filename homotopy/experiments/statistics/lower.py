"""Paired tests of final losses from the same starts, in place of solved or not where no optimum is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from itertools import combinations
from math import nan
from typing import Any

import numpy as np
import scipy
from numpy.typing import NDArray

from homotopy.experiments.statistics.paired import flipped, holm, matched

__all__ = ["Lower", "lower_tests"]

FLOATS = NDArray[np.float64]
VALUES = np.dtype([("seed", "i8"), ("value", "f8")])
LARGEST = 1e12  # scaled losses beyond are as bad as any
FEWEST = 6  # starts with different losses; fewer cannot show a difference at 5 %


@dataclass(frozen=True)
class Lower:
    """The final losses of two methods compared on the same starts.

    Attributes
    ----------
    problem, first, second : str
        The names.
    n : int
        Starts that both ran.
    only_first, only_second : int
        Starts from which the first one, or the second one, ended lower by more than the tie.
    p : float
        Wilcoxon's signed-rank test of the differences, ties left out; NaN with fewer than six. Over several problems
        `flipped` of the sums of signed ranks.
    p_holm : float
        The same after Holm's correction for all pairs on the problem.
    problems : int
        How many problems the starts are of.
    """

    problem: str
    first: str
    second: str
    n: int
    only_first: int
    only_second: int
    p: float
    p_holm: float = nan
    problems: int = 1

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as a dictionary."""
        return asdict(self)


@np.errstate(over="ignore", invalid="ignore")
def lower_tests(
    name: str, records: Mapping[str, Mapping[str, NDArray[Any]]], scales: Mapping[str, tuple[float, float]]
) -> list[Lower]:
    """Return the tests of every pair of methods on a problem or a group of problems, corrected together.

    Parameters
    ----------
    name : str
        Of the problem or the group.
    records : dict
        From a method to its rows on each problem, with seed and value.
    scales : dict
        From a problem to the unit in which its losses are told (`Goal.scale`) and the difference that is a tie, in the
        unit of the loss: what is compared has no unit.

    Notes
    -----
    What is compared are single runs, whatever they spent; the expected loss at the budget counts that in.
    """
    runs = {
        method: {p: _scaled(rows, scales[p][0]) for p, rows in inside.items()} for method, inside in records.items()
    }
    ties = {p: tie / unit if unit > 0 else 0.0 for p, (unit, tie) in scales.items()}
    tests = [_pair(name, a, b, runs, ties) for a, b in combinations(runs, 2)]
    corrected = holm([test.p for test in tests]).tolist()
    return [replace(test, p_holm=p) for test, p in zip(tests, corrected, strict=True)]


def _scaled(rows: NDArray[Any], unit: float) -> NDArray[Any]:
    """Return seeds and losses in their unit, without infinite ones."""
    out = np.empty(len(rows), dtype=VALUES)
    out["seed"] = rows["seed"]
    scaled = rows["value"] / unit if unit > 0 else rows["value"]
    out["value"] = np.clip(np.nan_to_num(scaled, nan=LARGEST), -LARGEST, LARGEST)
    return out


def _pair(
    name: str, first: str, second: str, runs: Mapping[str, Mapping[str, NDArray[Any]]], ties: Mapping[str, float]
) -> Lower:
    a, b, number = matched(runs[first], runs[second])
    both = [problem for problem in runs[first] if problem in runs[second]]
    tie = np.array([ties[problem] for problem in both])[number] if both else np.empty(0)
    difference = a["value"] - b["value"]
    difference[np.abs(difference) <= tie] = 0.0
    problems, some = len(np.unique(number)), difference != 0
    p = nan
    if some.sum() >= FEWEST:
        if problems > 1:
            ranks = np.zeros(difference.shape)
            ranks[some] = np.sign(difference[some]) * scipy.stats.rankdata(np.abs(difference[some]))
            p = flipped(np.bincount(number, weights=ranks))
        else:
            p = float(scipy.stats.wilcoxon(difference[some]).pvalue)
    return Lower(
        problem=name,
        first=first,
        second=second,
        n=len(a),
        only_first=int((difference < 0).sum()),
        only_second=int((difference > 0).sum()),
        p=p,
        problems=max(problems, 1),
    )
