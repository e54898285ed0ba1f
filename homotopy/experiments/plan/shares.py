"""Runs shared evenly among the problems of a group, with as many runs on other seeds as a restart cutoff needs."""

from __future__ import annotations

from collections.abc import Sequence

from homotopy.arguments import integer
from homotopy.doors import door
from homotopy.experiments.plan.grid import Grid, Group, listed
from homotopy.methods.base import Method
from homotopy.problems.base import Problem
from homotopy.status import Budget

__all__ = ["share_out"]

MOST = 40  # runs on tuning seeds where a quarter of the others would be fewer
FEW = 20  # with fewer runs than that no cutoff is to be had, and only one run or a quarter is spent on tuning seeds


@door
def share_out(
    group: Group, methods: str | Method | Sequence[str | Method], *, runs: int, budget: Budget | float | None
) -> Grid:
    """Return the Grid of a group with so many runs of each method on all its problems together.

    Parameters
    ----------
    group : Group
        The problems; with fewer runs than problems only the first ones are taken.
    methods : str, Method or sequence of them
        What runs.
    runs : int
        Runs that are shown, shared evenly: each problem gets the same seeds from 0 on.
    budget : Budget, float or None
        What one run may cost.

    Raises
    ------
    ArgumentError
        If a name, the number of runs or the budget is not allowed.

    Notes
    -----
    Beside them a quarter as many runs on tuning seeds, but 40, or as many as are shown, where these are 20 or more.

    Examples
    --------
    >>> grid = share_out(Group("two", "teacher:k=6/8"), "skip", runs=100, budget=5000)
    >>> len(grid.seeds), len(grid.tuning)
    (50, 20)
    """
    runs = integer("runs", runs)
    inside: list[str | Problem] = listed("problems", Problem, group.problems)[:runs]
    early = max(runs // 4, min(runs, MOST) if runs >= FEW else 1) // max(len(inside), 1)
    seeds = runs // max(len(inside), 1)
    return Grid.of(Group(group.name, inside), methods, seeds=seeds, tuning=max(1, early), budget=budget)
