"""The descents that are compared: problems, methods, starts, and how two methods from the same starts differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt

import numpy as np
from scipy.stats import binomtest

import homotopy as hp
from homotopy.experiments import Comparison, Grid, holm

from ..frame import Study, Table

__all__ = ["CASES", "STRONGER", "Case", "Difference", "against", "beside_gd", "compared"]

STRONGER = "gd-noise x 3"
"""Noise three times as large; it and diffusion are left out of the small version."""
SMALL_BUDGET, BUDGET = 3000.0, 20_000.0


@dataclass(frozen=True)
class Case:
    """A problem of the comparison.

    Attributes
    ----------
    problem : str
        Its name.
    smaller : float
        A tenth of the median step size that ``gd`` takes from 50 starts which are not shown, seeds from 1,000,000,000.
    others : tuple of str
        L-BFGS and the continuation methods that can run on it.
    seeds, budget : int, float
        Starts of the full version, and gradient-equivalents of a run.
    """

    problem: str
    smaller: float
    others: tuple[str, ...]
    seeds: int = 200
    budget: float = BUDGET

    @property
    def name(self) -> str:
        """The problem's full name."""
        return hp.problem(self.problem).name

    @property
    def methods(self) -> dict[str, str]:
        """From what a method is called here to its full name."""
        names = {"gd": "gd", "gd, step / 10": f"gd:step_size={self.smaller:g}", "gd-decay": "gd-decay"}
        names |= {"gd-noise": "gd-noise", STRONGER: "gd-noise:amplitude=0.3"}
        return names | {one: one for one in self.others}


NET = ("lbfgs", "diffusion", "width", "omp", "auto")
CASES = {
    "XOR, tanh": Case("xor", 0.061, NET),
    "XOR, relu": Case("xor:activation=relu", 0.046, ("lbfgs", "diffusion", "width", "skip", "omp", "auto")),
    "jellyfish": Case("jellyfish", 0.18, ("lbfgs", "sampled-diffusion", "width", "skip", "omp", "auto")),
    "sine": Case("sine", 0.034, NET, seeds=60, budget=4000.0),
    "teacher, k = 8": Case("teacher:k=8", 0.0625, ("lbfgs", "sampled-diffusion", "width", "skip", "auto")),
    "teacher, k = 10": Case("teacher:k=10", 0.05, ("lbfgs", "sampled-diffusion", "width", "skip", "auto")),
}
FEW = ("XOR, tanh", "XOR, relu", "teacher, k = 10")


def compared(study: Study) -> dict[str, Comparison]:
    """Return the runs of all methods on each problem, from the same starts."""
    chosen = {title: case for title, case in CASES.items() if study.full or title in FEW}
    grids = [
        Grid.of(
            case.problem,
            [
                name
                for called, name in case.methods.items()
                if study.full or not ("diffusion" in called or called == STRONGER)
            ],
            seeds=study.pick(40, case.seeds),
            budget=study.pick(SMALL_BUDGET, case.budget),
        )
        for case in chosen.values()
    ]
    return dict(zip(chosen, study.compare(*grids), strict=True))


@dataclass(frozen=True)
class Difference:
    """How much more often one method succeeds than ``gd`` from the same starts.

    Attributes
    ----------
    share, low, high : float
        The difference of the shares of success with its 95 % interval, from pairs.
    p : float
        McNemar's exact test, after Holm's correction for all problems on which the method ran.
    """

    share: float
    low: float
    high: float
    p: float

    @property
    def text(self) -> str:
        """In words: percentage points, interval and p-value."""
        return f"{100 * self.share:+.0f} [{100 * self.low:+.0f}, {100 * self.high:+.0f}], p = {self.p:.2g}"


def against(found: dict[str, Comparison], called: str) -> dict[str, Difference]:
    """Return by how much a method differs from ``gd``, problem by problem, on those on which it ran."""
    made = {}
    for title, comparison in found.items():
        case = CASES[title]
        name = case.methods.get(called)
        if name in comparison.methods:
            plain, other = (comparison.records(case.name, one).success.astype(bool) for one in ("gd", name))
            made[title] = int(np.sum(other & ~plain)), int(np.sum(plain & ~other)), len(plain)
    tests = [binomtest(won, won + lost).pvalue if won + lost else 1.0 for won, lost, _ in made.values()]
    out = {}
    for (title, (won, lost, n)), p in zip(made.items(), holm(tests), strict=True):
        share = (won - lost) / n
        # the usual interval of a difference of paired shares, with half a start added so that none has no width
        half = 1.96 * sqrt(max(won + lost + 1.0 - (won - lost) ** 2 / n, 0.0)) / n
        out[title] = Difference(share, float(np.clip(share - half, -1, 1)), float(np.clip(share + half, -1, 1)), p)
    return out


def beside_gd(differences: Mapping[str, Mapping[str, Difference]]) -> Table:
    """Return the table of all differences from ``gd``, by method and problem."""
    titles = list(dict.fromkeys(title for by in differences.values() for title in by))
    rows = [(called, *(by[t].text if t in by else "" for t in titles)) for called, by in differences.items()]
    note = (
        "Percentage points of success more than `gd` from the same starts, [ ] with 95 % intervals, and p of McNemar's "
        "test after Holm's correction for the problems of a row."
    )
    return Table("More successes than gradient descent", ("method", *titles), tuple(rows), note)
