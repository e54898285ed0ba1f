"""The problems and seeds of a study, and what the end of a run is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

import homotopy as hp
from homotopy.papers.recurrent.rows import Row
from homotopy.papers.recurrent.study import Side, Task

__all__ = ["ended", "named", "seeds"]


def named(task: Task, group: int, side: Side | None = None) -> str:
    """Return the name of the problem that a side of a task runs on; without a side, with the problem's own starts."""
    return task.problem.format(group) + (f",start={side.start}" if side is not None and side.start else "")


def seeds(group: int, starts: int) -> range:
    """Return the seeds of the runs on a data set: no two data sets share one."""
    return range(100 * group, 100 * group + starts)


def ended(row: Row, problem: hp.Problem, x: Any) -> Row:
    """Return a row with what the end of its run is: errors, spectral radius, and no success above the test target.

    Parameters
    ----------
    row : Row
        With its cost; its `hit` is what it cost to reach the training target, or NaN.
    problem : Problem
        What was solved.
    x : ndarray of shape (p,)
        Where the run ended.
    """
    point = np.array(x)
    risk: Any = problem.objective
    value, test = float(risk.value(point)), np.nan
    if problem.test is not None:
        test = float(problem.test.value(point))
        test = np.inf if np.isnan(test) else test  # states that overflow
    missed = not problem.solved(value) or (problem.test_target is not None and not test <= problem.test_target)
    weights = risk.model.unpack(point)["W"]
    radius = float(np.abs(np.linalg.eigvals(weights)).max()) if np.isfinite(weights).all() else np.inf
    return replace(row, value=2 * value, test=2 * test, radius=radius, hit=np.nan if missed else row.hit)
