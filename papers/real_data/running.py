"""Runs the parts of the study that a file has not, in processes side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from threadpoolctl import threadpool_limits

from homotopy.errors import DataError
from homotopy.papers.real_data import practice, study
from homotopy.papers.real_data.rows import Row, add, read, write
from homotopy.papers.real_data.sets import asked
from homotopy.papers.real_data.study import Size, Unit, units

from ..parts import each

__all__ = ["finish", "one"]

WITH_GRID = ("grid", "small", "rank")


def finish(
    path: Path, size: Size, names: Sequence[str] = (), *, jobs: int = 1, say: Callable[[str], None] = print
) -> list[Row]:
    """Return all rows of a study; what the file has not is run, and kept there as it is done.

    Parameters
    ----------
    path : Path
        The file of rows.
    size : Size
        How much is run.
    names : sequence of str
        Data sets; all without any.
    jobs : int
        Processes; 1 runs in this one.
    say : callable
        Called with a line of talk now and then.

    Raises
    ------
    ArgumentError
        If there is no data set of some name.
    DataError
        If the file has rows of another size.
    """
    kept = read(path)
    _check(kept, size, path)
    chosen = [one.name for one in asked(names)]
    done = {(row.study, row.data, row.net, row.activation) for row in kept}
    left = [unit for unit in units(chosen, size) if unit.key not in done]
    for number, (unit, rows) in enumerate(each(partial(one, size=size), left, jobs), 1):
        add(path, rows)
        kept += rows
        say(f"{number} of {len(left)}: {' '.join(unit.key)}")
    order = {unit.key: place for place, unit in enumerate(units([one.name for one in asked(())], size))}
    kept.sort(key=lambda row: order.get((_unit(row), row.data, row.net, row.activation), len(order)))
    write(path, kept)
    return kept


def one(unit: Unit, size: Size) -> list[Row]:
    """Return the rows of one part."""
    if unit.study == "practice":
        return practice.run(unit, size.splits)
    return _beside(unit) if unit.study == "sklearn" else study.run(unit, size)


def _beside(unit: Unit) -> list[Row]:
    """Return the rows of the table beside scikit-learn's nets on one data set: a row a way and outer fold."""
    from homotopy.papers.real_data.sklearn_table import compared

    with threadpool_limits(1):
        found = compared(unit.data, unit.net, activation=unit.activation)
    return [
        Row(*unit.key, alpha=0.0, budget=0.0, method=way, split=fold, score=float(score), seconds=float(seconds))
        for way, folds in found.items()
        for fold, (score, seconds) in enumerate(folds)
    ]


def _unit(row: Row) -> str:
    return "grid" if row.study in WITH_GRID else row.study


def _check(kept: Sequence[Row], size: Size, path: Path) -> None:
    """Raise where a file has rows that this size would not make."""
    for row in kept:
        wanted = size.seeds.get(row.budget, {}).get(row.method)
        if row.study == "grid" and row.runs not in (0, wanted):
            size_of = f"{row.runs} runs of {row.method} at {row.budget:g} gradients"
            raise DataError(f"{path} has runs of another size: {size_of}")
