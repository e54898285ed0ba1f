"""Runs the parts of the study that a file has not, in processes side by side."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import homotopy as hp
from homotopy.papers.recurrent.ends import ended, named, seeds
from homotopy.papers.recurrent.evidence import controls, lengths
from homotopy.papers.recurrent.rows import Row, add, read, write
from homotopy.papers.recurrent.study import Size, Unit, units

from ..parts import each

__all__ = ["finish", "one"]


WARM = 20.0
"""Gradients of a run that is thrown away, so that what is imported or compiled on first use is not timed."""


def finish(
    path: Path,
    size: Size,
    keys: Sequence[str] = (),
    *,
    sides: Sequence[str] = (),
    jobs: int = 1,
    say: Callable[[str], None] = print,
) -> list[Row]:
    """Return all rows of a study; what the file has not is run, and kept there as it is done.

    Parameters
    ----------
    path : Path
        The file of rows.
    size : Size
        How much is run.
    keys : sequence of str
        Tasks; all without any.
    sides : sequence of str
        Methods, as the page calls them, ``controls`` or ``lengths``; all without any.
    jobs : int
        Processes; 1 runs in this one.
    say : callable
        Called with a line of talk now and then.

    Raises
    ------
    ArgumentError
        If there is no task of some key.
    DataError
        If the file is none of this study.
    """
    kept = read(path)
    asked = units(size, keys)
    done = {_place(row) for row in kept}
    left = []
    for unit in asked:
        groups = tuple(group for group in unit.groups if (unit.study, unit.task, unit.side, group) not in done)
        if groups and (not sides or (unit.side if unit.study == "tasks" else unit.study) in sides):
            left.append(replace(unit, groups=groups))
    left.sort(key=lambda unit: _turn(unit, size))
    for number, (unit, rows) in enumerate(each(partial(one, size=size), left, jobs), 1):
        add(path, rows)
        kept += rows
        say(f"{number} of {len(left)}: {unit.study} {unit.task} {unit.side}")
    order = {key: place for place, key in enumerate(dict.fromkeys((u.study, u.task, u.side) for u in units(size)))}
    kept.sort(key=lambda row: (order.get(_place(row)[:3], len(order)), row.group, row.seed))
    write(path, kept)
    return read(path)  # with the digits that are kept


def one(unit: Unit, size: Size) -> list[Row]:
    """Return the rows of one part."""
    if unit.study == "tasks":
        return _runs(unit, size)
    return controls(unit, size) if unit.study == "controls" else lengths(unit, size)


def _runs(unit: Unit, size: Size) -> list[Row]:
    """Return the rows of a method's runs."""
    task, side = size.task(unit.task), size.side(unit.task, unit.side)
    method, rows = hp.method(side.method), []
    for group in unit.groups:
        problem = hp.problem(named(task, group, side))
        if not rows:
            method.solve_many(problem, [0], budget=WARM)
        begin = time.process_time()
        runs = method.solve_many(problem, seeds(group, task.starts), budget=side.budget)
        gradient = (time.process_time() - begin) / runs.cost.sum()
        for run in runs:
            row = Row(*_place_of(unit), group, int(run.seed), cost=float(run.cost), hit=float(run.cost_to_success))
            rows.append(ended(replace(row, seconds=row.cost * gradient), problem, run.x))
    return rows


def _turn(unit: Unit, size: Size) -> int:
    """Return when a part is run: the first method of every task, then the second ones and the evidence, and so on.

    What is cut short then has some of everything.
    """
    if unit.study != "tasks":
        return 1
    return [side.name for side in size.task(unit.task).sides].index(unit.side)


def _place_of(unit: Unit) -> tuple[str, str, str]:
    return unit.study, unit.task, unit.side


def _place(row: Row) -> tuple[str, str, str, int]:
    """Return which part a row is of, and its data set; all controls of a teacher are of one part."""
    return row.study, row.task, "" if row.study == "controls" else row.side, row.group
