"""The lower bounds of problems in a store, and how far runs ended above them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from homotopy.experiments.goal import Goal
from homotopy.experiments.statistics.statistics import Summary
from homotopy.experiments.store.store import Store
from homotopy.problems.base import Problem
from homotopy.problems.bounds import Bound, best

if TYPE_CHECKING:
    from homotopy.experiments.comparison import Comparison

__all__ = ["gapped", "keep_bound", "kept_bound", "settled"]

BOUND = "bound"  # the kind of note that keeps one; stores of older versions have none and stay as they are


def keep_bound(store: Store, problem: Problem, version: str) -> None:
    """Keep the best lower bound of a problem, with its certificate, if there is one."""
    if problem.lower is not None:
        store.note(problem.name, "", BOUND, json.dumps(asdict(problem.lower)), version)


def kept_bound(store: Store, problem: str) -> Bound | None:
    """Return the best bound of a problem that the newest version of the code kept; None where there is none.

    Several are there where a comparison was gone on with after more was proved, or less was said.
    """
    asked = "SELECT reason, version FROM notes WHERE (problem, kind) = (?, ?) ORDER BY rowid"
    rows = store.query(asked, (problem, BOUND)).fetchall()
    return best(Bound(**json.loads(text)) for text, version in rows if version == rows[-1][1])


def settled(goal: Goal, bound: Bound) -> bool:
    """Return whether an optimum is known and proved: no value is lower by more than the goal's tolerance."""
    return goal.known and bound.value >= goal.optimum - goal.tolerance


def gapped(comparison: Comparison, ran: Sequence[str], summary: Summary, shown: Sequence[NDArray[Any]]) -> Summary:
    """Return a summary with the median gap of its runs and how many are below the bound.

    `ran` has the problems that the method ran on, and `shown` its runs on each. The gap says something where a bound is
    not zero and the optimum is not known by it.
    """
    found = [comparison.bound(problem) for problem in ran]
    bounds = [bound for bound in found if bound is not None]
    if len(bounds) < len(ran):
        return summary
    goals = [comparison.goal(problem) for problem in ran]
    relative = summary.at_budget is not None and summary.at_budget.relative
    gaps, below, tells = [], 0, False
    for bound, goal, rows in zip(bounds, goals, shown, strict=True):
        values = rows["value"].tolist()
        gaps += [bound.gap(value) / (goal.constant if relative else 1.0) for value in values]
        below += sum(bound.contradicted(value) for value in values)
        tells |= bound.value != 0.0 and not settled(goal, bound)
    finite = np.array(gaps)[np.isfinite(gaps)]
    median = float(np.median(finite)) if finite.size else float("nan")
    return replace(summary, gap=median, gap_tells=tells, below=below)
