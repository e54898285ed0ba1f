"""Why it works: paths from the same stuck points, and plain runs on short sequences."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

import homotopy as hp
from homotopy.methods import streams
from homotopy.papers.recurrent.ends import ended, named, seeds
from homotopy.papers.recurrent.rows import Row
from homotopy.papers.recurrent.study import Size, Unit

__all__ = ["ARMS", "DECAYS", "LENGTHS", "controls", "lengths"]

Floats = NDArray[np.float64]
LENGTHS = (3, 6, 12)
DECAYS = (1e-2, 1e-3, 1e-4)
STAGE = 100
"""Evaluations of L-BFGS at each short length or penalty."""
PLAIN = 3000
"""Those of the plain runs, and of the descents of the true problem behind a path."""
ARMS = ("nothing more", "length only", "decay only", "both")


def controls(unit: Unit, size: Size) -> list[Row]:
    """Return the rows of the controls on some teachers.

    Plain L-BFGS goes on from random starts for 3,000 evaluations (side ``plain``). From each point where it has not
    succeeded, and from the same random starts, four things are done: nothing more (another 3,000 evaluations), the
    lengths 3, 6, 12 with 100 evaluations each, penalties of 1e-2, 1e-3, 1e-4 beside the mean square error at the true
    length with as many, or both together; behind each, the true problem with 3,000 evaluations. The sides are
    ``stuck, ARM`` and ``fresh, ARM``.
    """
    task, rows = size.task(unit.task), []
    for group in unit.groups:
        problem = hp.problem(named(task, group))
        every = seeds(group, size.starts)
        starts = np.array([problem.start(streams(seed)[0]) for seed in every])
        stuck, cost = _down(problem, problem.objective, starts, PLAIN)
        rows += _told(unit, "plain", (group, every), problem, (stuck, cost))
        solved = [row.hit == row.hit for row in rows[-len(every) :]]
        for arm in ARMS:
            here = np.flatnonzero(np.logical_not(solved))
            if len(here):
                some = [every[i] for i in here]
                rows += _told(unit, f"stuck, {arm}", (group, some), problem, _path(problem, stuck[here], arm))
            if arm != ARMS[0]:
                rows += _told(unit, f"fresh, {arm}", (group, every), problem, _path(problem, starts, arm))
    return rows


def lengths(unit: Unit, size: Size) -> list[Row]:
    """Return the rows of plain L-BFGS on sequences of some length; test is the loss on sequences twice as long."""
    task, t, rows = size.task(unit.task), int(unit.side), []
    for group in unit.groups:
        long = hp.problem(_longer(named(task, group), 2 * size.lengths[-1]))
        every = seeds(group, size.starts)
        starts = np.array([long.start(streams(seed)[0]) for seed in every])
        risk: Any = long.objective
        short, twice = risk.shorter(t), risk.shorter(2 * t)
        x, cost = _down(long, short, starts, 1000)
        for seed, point, spent in zip(every, x, cost, strict=True):
            value = float(short.value(point))
            hit = float(spent) if long.solved(value) else np.nan
            test = 2 * float(twice.value(point))
            rows.append(Row(*_place(unit, unit.side), group, seed, 2 * value, test, cost=float(spent), hit=hit))
    return rows


def _longer(name: str, steps: int) -> str:
    """Return a problem's name with another number of steps.

    Examples
    --------
    >>> _longer("rts:h=4,T=20,n_in=1", 160)
    'rts:h=4,T=160,n_in=1'
    """
    head, _, rest = name.partition(":")
    parts = [f"T={steps}" if part.startswith("T=") else part for part in rest.split(",")]
    return f"{head}:{','.join(parts)}"


def _down(problem: hp.Problem, objective: Any, x: Floats, most: int) -> tuple[Floats, Floats]:
    """Return where L-BFGS ends, and the gradients that it takes."""
    goal = {"target": problem.target, "gradient_tolerance": 1e-9}
    found = hp.descend(objective, np.ascontiguousarray(x), rule="lbfgs", n_steps=most, budget=float(most), **goal)
    return np.array(found.x), np.array(found.n_evaluations, dtype=np.float64)


def _path(problem: hp.Problem, x: Floats, arm: str) -> tuple[Floats, Floats]:
    """Return where a path of short lengths, penalties or both ends, and what it costs in gradients of the problem."""
    cost = np.zeros(len(x))
    for t, l2 in zip(LENGTHS, DECAYS, strict=True):
        if arm == ARMS[0]:
            break
        risk: Any = problem.objective
        objective = risk if arm == "decay only" else risk.shorter(t)
        if arm != "length only":
            objective = objective.changed(l2=0.5 * l2)  # the loss is half of the mean square error
        x, spent = _down(problem, objective, x, STAGE)
        cost += spent * objective.flops / risk.flops
    x, spent = _down(problem, problem.objective, x, PLAIN)
    return x, cost + spent


def _told(unit: Unit, side: str, runs: tuple[int, Any], problem: hp.Problem, ends: tuple[Floats, Floats]) -> list[Row]:
    """Return the rows of runs that ended at some points with some costs."""
    group, some = runs
    rows = []
    for seed, x, cost in zip(some, *ends, strict=True):
        spent = float(cost)
        rows.append(ended(Row(*_place(unit, side), group, seed, cost=spent, hit=spent), problem, x))
    return rows


def _place(unit: Unit, side: str) -> tuple[str, str, str]:
    return unit.study, unit.task, side
