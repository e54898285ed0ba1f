"""Schedules searched on some starts, shown on others: costs to success and shares of successes with intervals."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import beta

import homotopy as hp
from homotopy.papers.diffusion.forms import FORMS, Schedule, schedules

__all__ = ["ROWS", "Row", "expected", "run_row", "share", "study"]

FEW = 4
"""Tuning starts up to which all schedules are tried on the first of them alone."""


@dataclass(frozen=True)
class Row:
    """A problem: names by a number that tells data or teachers apart, tuning and shown starts, the budget."""

    name: Callable[[int], str]
    tuning: tuple[tuple[int, int], ...]
    shown: tuple[tuple[int, int], ...]
    budget: int
    forms: tuple[str, ...] = ("gd", "lbfgs", "a", "b", "c", "d")


def _starts(first: int, n: int, *, members: tuple[int, ...] = (0,)) -> tuple[tuple[int, int], ...]:
    """Return pairs of a member and a start's seed, n of each member."""
    return tuple((member, first + 1000 * i + j) for i, member in enumerate(members) for j in range(n))


def _fixed(text: str) -> Callable[[int], str]:
    return lambda member: text


def _teachers(h: int) -> Row:
    return Row(
        lambda member: f"rts:h={h},act=tanh,gain=3,teacher_seed={member}",
        _starts(90_000, 1, members=(100, 101, 102, 103)),
        _starts(1_000, 2, members=tuple(range(5000, 5020))),
        800,
        ("gd", "lbfgs", "b", "c", "d"),
    )


def _adding(T: int, n_tuning: int, n_shown: int) -> Row:
    return Row(
        lambda member: f"adding:T={T},n=128,data_seed={member}",
        _starts(50_000, 1, members=tuple(range(7000, 7000 + n_tuning))),
        _starts(70_000, 1, members=tuple(range(27_000, 27_000 + n_shown))),
        800,
        ("gd", "lbfgs", "b", "c", "d"),
    )


ROWS: dict[str, Row] = {
    "xor": Row(_fixed("xor"), _starts(9000, 12), _starts(0, 80), 1000, FORMS),
    "jellyfish": Row(_fixed("jellyfish:loss=squared"), _starts(9000, 12), _starts(0, 80), 1000, FORMS),
    "swirszcz-d1": Row(_fixed("swirszcz-d1"), _starts(9000, 12), _starts(0, 40), 1000),
    "swirszcz-d2": Row(_fixed("swirszcz-d2"), _starts(9000, 12), _starts(0, 40), 1000),
    "swirszcz-d1, random": Row(_fixed("swirszcz-d1:start=random"), _starts(9000, 12), _starts(0, 60), 1000),
    "swirszcz-d2, random": Row(_fixed("swirszcz-d2:start=random"), _starts(9000, 12), _starts(0, 60), 1000),
    "sine": Row(_fixed("sine"), _starts(9000, 6), _starts(0, 40), 3000),
    "rts A": _teachers(2),
    "rts B": _teachers(4),
    "adding T = 10": _adding(10, 3, 20),
    "adding T = 30": _adding(30, 2, 20),
}
"""Every row; sequences of adding are 128, success is the training threshold."""


@cache
def _problem(text: str) -> Any:
    return hp.problem(text)


def _runs(row: Row, schedule: Schedule, starts: tuple[tuple[int, int], ...]) -> Iterator[tuple[int, bool, int, float]]:
    """Yield member, success, cost and value of each run."""
    for member, seed in starts:
        problem = _problem(row.name(member))
        x = np.asarray(problem.start(np.random.default_rng(seed)))
        with np.errstate(all="ignore"):
            _, value, spent = schedule.descend(problem.objective, x, row.budget, problem.target, seed=seed)
        yield member, bool(value <= problem.target), spent, value


def _score(found: list[tuple[int, bool, int, float]]) -> tuple[float, float]:
    """Return what the best schedule has least of: the expected cost of a success, then the mean logarithm of values."""
    won = sum(run[1] for run in found)
    logs = float(np.mean([np.log10(max(run[3], 1e-12)) if np.isfinite(run[3]) else 12.0 for run in found]))
    return (sum(run[2] for run in found) / won if won else np.inf), logs


def _chosen(row: Row, candidates: list[Schedule]) -> Schedule:
    """Return the schedule that is best on the tuning starts; of few starts, among the third that leads on the first."""
    if len(row.tuning) <= FEW and len(candidates) > 5:
        first = {one: _score(list(_runs(row, one, row.tuning[:1]))) for one in candidates}
        candidates = sorted(candidates, key=first.__getitem__)[: len(candidates) // 3]
    if len(candidates) == 1:
        return candidates[0]
    return min(candidates, key=lambda one: _score(list(_runs(row, one, row.tuning))))


def run_row(row: Row, form: str) -> dict[str, Any] | None:
    """Return the best schedule of a form on the tuning starts of a row, and its runs on the shown ones."""
    candidates = schedules(form)
    problem = _problem(row.name(row.shown[0][0]))
    if form not in row.forms or candidates[0].reason(problem.objective) is not None:
        return None
    begun = time.perf_counter()
    best = _chosen(row, candidates)
    tuned = time.perf_counter() - begun
    runs = [list(run) for run in _runs(row, best, row.shown)]
    price = 1.0
    if not best.plain:
        price = best.family(problem.objective).flops / problem.objective.flops
    return {
        "schedule": asdict(best),
        "searched": len(candidates),
        "runs": runs,
        "flops": price,
        "seconds": {"tuning": tuned, "shown": time.perf_counter() - begun - tuned},
    }


def study(rows: dict[str, Row] | None = None, *, to: Path | None = None) -> dict[str, Any]:
    """Return the results of all rows and forms by their names, written to a file as they come."""
    found: dict[str, Any] = json.loads(to.read_text()) if to is not None and to.exists() else {}
    for name, row in (ROWS if rows is None else rows).items():
        for form in FORMS:
            if form in found.setdefault(name, {}):
                continue
            result = run_row(row, form)
            if result is not None:
                found[name][form] = result
            if to is not None:
                to.write_text(json.dumps(found))
    return found


def share(runs: list[list[Any]]) -> tuple[float, float, float]:
    """Return the share of successes with the 95 % interval of a posterior with Jeffreys's prior."""
    n, k = len(runs), sum(bool(run[1]) for run in runs)
    return k / n, float(beta.ppf(0.025, k + 0.5, n - k + 0.5)), float(beta.ppf(0.975, k + 0.5, n - k + 0.5))


def expected(runs: list[list[Any]], *, n_boot: int = 2000) -> tuple[float, float, float]:
    """Return evaluations of all runs over their successes, with a 95 % bootstrap over teachers, data sets or starts.

    It is the expected cost of the first success of restarts, each of which ends as these runs end: at the target, on a
    plateau or at the budget.
    """
    groups: dict[Any, list[list[Any]]] = {}
    alike = len({run[0] for run in runs}) == 1
    for i, run in enumerate(runs):
        groups.setdefault(i if alike else run[0], []).append(run)
    cost = np.array([sum(run[2] for run in group) for group in groups.values()], dtype=np.float64)
    won = np.array([sum(bool(run[1]) for run in group) for group in groups.values()], dtype=np.float64)
    picks = np.random.default_rng(0).integers(len(cost), size=(n_boot, len(cost)))
    with np.errstate(divide="ignore"):
        drawn = cost[picks].sum(axis=1) / won[picks].sum(axis=1)
        mean = float(cost.sum() / won.sum()) if won.any() else np.inf
    low, high = np.quantile(drawn, [0.025, 0.975], method="nearest")
    return mean, float(low), float(high)
