"""What a comparison says where no optimum is known or data are held out: goals, scores, losses at the budget."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from math import isfinite, nan
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from homotopy.experiments.goal import Goal
from homotopy.experiments.statistics.budgeted import FULL, AtBudget, at_budget, over_problems
from homotopy.experiments.statistics.statistics import Summary
from homotopy.experiments.store.scores import scores_of
from homotopy.experiments.store.store import Store
from homotopy.problems.base import Problem
from homotopy.problems.constant import constant_loss
from homotopy.status import Budget, Status

if TYPE_CHECKING:
    from homotopy.experiments.comparison import Comparison

__all__ = ["SCORE", "describe", "goal_of", "noted", "run_scores", "shares", "told"]

FLOATS = NDArray[np.float64]
CONSTANT, SCORE = "constant", "score"  # kinds of notes: a problem's best constant's loss, and what its score is
TEST = "test target"  # and the largest loss on held-out data of a success


def describe(store: Store, problem: Problem, version: str) -> None:
    """Keep in a store what is known of a problem: size, optimum, the best constant's loss, what its score is."""
    store.describe(problem, version)
    constant = nan if problem.optimum is not None else constant_loss(problem.objective)
    if isfinite(constant):
        store.note(problem.name, "", CONSTANT, repr(constant), version)
    if problem.score is not None:
        store.note(problem.name, "", SCORE, problem.score_name or "score", version)
    if problem.test_target is not None:
        store.note(problem.name, "", TEST, repr(problem.test_target), version)


def noted(store: Store, kind: str) -> dict[str, str]:
    """Return what the notes of a kind say of each problem, the newest one of it."""
    return dict(store.query("SELECT problem, reason FROM notes WHERE kind = ? ORDER BY rowid", (kind,)).fetchall())


def goal_of(comparison: Comparison, problem: str) -> Goal:
    """Return what counts as solved on a problem: by its optimum, or by the lowest value that any run found."""
    known = comparison.store.optima().get(problem)
    if known is None:
        return _lowest_found(comparison, problem)
    test = noted(comparison.store, TEST).get(problem)
    return Goal(*known, known=True, test=nan if test is None else float(test))


def _lowest_found(comparison: Comparison, problem: str) -> Goal:
    """Return the goal of a problem whose optimum is unknown, by all runs that the comparison's cells have."""
    store = comparison.store
    methods = comparison.methods_on(problem)
    rows = [store.records(comparison.cells[problem, method])["value"] for method in methods]
    constant = float(noted(store, CONSTANT).get(problem, "nan"))
    start = nan if isfinite(constant) else _start(comparison, problem, methods)
    return Goal.lowest(np.concatenate(rows or [np.empty(0)]), constant=constant, start=start)


def _start(comparison: Comparison, problem: str, methods: Iterable[str]) -> float:
    """Return the median over the seeds of the first value that any run from there saw."""
    first: dict[int, tuple[float, float]] = {}
    for method in methods:
        for seed, curve in comparison.curves(problem, method):
            if len(curve) and np.isfinite(curve[0, 1]) and curve[0, 0] < first.get(seed, (np.inf,))[0]:
                first[seed] = float(curve[0, 0]), float(curve[0, 1])
    return float(np.median([value for _, value in first.values()])) if first else nan


def run_scores(comparison: Comparison, problem: str, method: str, seeds: Sequence[int]) -> FLOATS:
    """Return the scores of a method's runs with these seeds on one problem, in the order of the seeds."""
    cell = comparison.cells[problem, method]
    kept = scores_of(comparison.store, cell)
    return kept[np.isin(comparison.store.records(cell)["seed"], np.asarray(seeds, dtype=np.int64))]


def shares(rows: NDArray[Any], budget: Budget) -> FLOATS:
    """Return the share of the budget that each run spent; one where there is no limit.

    Of a budget of seconds a run spent all whose status says so: it waited for others on the clock of the wall, and its
    seconds are those of its processor.
    """
    if not isfinite(min(budget.gradients, budget.seconds)):
        return np.ones(len(rows))
    spent: FLOATS = rows["cost"] / budget.gradients
    if isfinite(budget.seconds):
        spent = np.maximum(spent, np.nan_to_num(rows["seconds"] / budget.seconds))
        spent = np.where(rows["status"] == Status.BUDGET_SPENT.name, np.maximum(spent, 1.0), spent)
    return spent


def told(comparison: Comparison, name: str, summary: Summary) -> Summary:
    """Return a summary with the expected loss at the budget, where no optimum is known or data are held out."""
    ran = [p for p in comparison.problems_of(name) if (p, summary.method) in comparison.cells]
    goals = [comparison.goal(problem) for problem in ran]
    names = noted(comparison.store, SCORE)
    known = all(goal.known for goal in goals)
    if known and not any(problem in names for problem in ran):
        return summary
    found = [_one(comparison, problem, summary.method, names.get(problem, "")) for problem in ran]
    if len(comparison.problems_of(name)) == 1:
        return replace(summary, known=known, at_budget=found[0])
    return replace(summary, known=known, at_budget=over_problems(found, [goal.constant for goal in goals]))


def _one(comparison: Comparison, problem: str, method: str, score_name: str) -> AtBudget:
    rows = comparison.records(problem, method)
    spent = shares(rows, comparison.budget)
    curves = None
    if (spent < FULL).any():
        seen = dict(comparison.curves(problem, method))
        unit = np.divide(spent, rows["cost"], out=np.ones_like(spent), where=rows["cost"] > 0)
        curves = [seen[seed] * (by, 1.0) for seed, by in zip(rows["seed"].tolist(), unit.tolist(), strict=True)]
    scores = run_scores(comparison, problem, method, comparison.seeds) if score_name else None
    return at_budget(rows["value"], spent, curves, scores=scores, score_name=score_name)
