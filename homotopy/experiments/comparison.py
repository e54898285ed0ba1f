"""Methods compared on problems: the call that runs a grid into a store, and what one reads from it."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.errors import ArgumentError
from homotopy.experiments.blocks import RESULT, Block, Outcome
from homotopy.experiments.executors import Workers, stream
from homotopy.experiments.grid import Grid, plan
from homotopy.experiments.machine import code_version, describe
from homotopy.experiments.plugins import extra
from homotopy.experiments.statistics import Summary, summarize
from homotopy.experiments.store import Store
from homotopy.methods.base import Method
from homotopy.problems.base import Problem
from homotopy.status import Budget

__all__ = ["COLUMNS", "Comparison", "Progress", "compare", "run_grid"]

DEFAULT_BUDGET = 5000.0  # gradient-equivalents of one run
COLUMNS = ("problem", "method", *(RESULT.names or ()))


@dataclass(frozen=True)
class Progress:
    """How far a comparison is.

    Attributes
    ----------
    done, total : int
        Runs.
    cell : tuple of str
        Problem and method of the block that just ended.
    leader : str
        The method with the highest success rate on that problem so far, the cheaper one among equals.
    """

    done: int
    total: int
    cell: tuple[str, str]
    leader: str


@dataclass(frozen=True)
class Comparison:
    """The results of a comparison, read from its store when they are asked for.

    Attributes
    ----------
    store : Store
        Where the runs are.
    problems, methods : tuple of str
        Names, in the order in which they were asked for.
    seeds : tuple of int
        The seeds.
    budget : Budget
        What one run was allowed to cost.
    cells : dict
        From (problem, method) to the number of the cell in the store.
    skips, failures : tuple of (str, str, str)
        Problem, method and the reason.
    optima : dict
        From a problem's name to (optimum, tolerance), where the optimum is known.
    command : dict
        What was asked for, as kept in the store's last session.
    """

    store: Store
    problems: tuple[str, ...]
    methods: tuple[str, ...]
    seeds: tuple[int, ...]
    budget: Budget
    cells: dict[tuple[str, str], int]
    skips: tuple[tuple[str, str, str], ...] = ()
    failures: tuple[tuple[str, str, str], ...] = ()
    optima: dict[str, tuple[float, float]] | None = None
    command: dict[str, Any] | None = None

    def methods_on(self, problem: str) -> tuple[str, ...]:
        """Return the methods that ran on a problem."""
        return tuple(method for method in self.methods if (problem, method) in self.cells)

    def records(self, problem: str, method: str) -> NDArray[Any]:
        """Return the runs of one method on one problem in the order of their seeds.

        Returns
        -------
        ndarray of shape (r,)
            Record array with seed, success, value, cost, cost_to_success (NaN without success), status, seconds.

        Raises
        ------
        ArgumentError
            If the method did not run on the problem.
        """
        if (problem, method) not in self.cells:
            raise ArgumentError(f"{method!r} did not run on {problem!r}")
        rows = self.store.records(self.cells[problem, method])
        rows = rows[np.isin(rows["seed"], self.seeds)]
        return rows.view(np.recarray)

    def payload(self, problem: str, method: str) -> list[tuple[int, NDArray[np.float64], NDArray[np.float64]]]:
        """Return (seed, final x, curve) of every run of one method on one problem, in the order of the seeds."""
        if (problem, method) not in self.cells:
            raise ArgumentError(f"{method!r} did not run on {problem!r}")
        wanted = set(self.seeds)
        rows = (row for row in self.store.payload(self.cells[problem, method]) if row[0] in wanted)
        return sorted(rows, key=lambda row: row[0])

    def summaries(self, problem: str) -> list[Summary]:
        """Return the Summary of every method that ran on a problem."""
        return [summarize(problem, method, self.records(problem, method)) for method in self.methods_on(problem)]

    def table(self) -> np.recarray[Any, Any]:
        """Return all runs as one record array with the fields `COLUMNS`."""
        parts = []
        widths = [max([1, *map(len, names)]) for names in (self.problems, self.methods)]
        dtype = [("problem", f"U{widths[0]}"), ("method", f"U{widths[1]}"), *RESULT.descr]
        for problem in self.problems:
            for method in self.methods_on(problem):
                rows = self.records(problem, method)
                part = np.empty(len(rows), dtype=dtype)
                part["problem"], part["method"] = problem, method
                for name in RESULT.names or ():
                    part[name] = rows[name]
                parts.append(part)
        return np.concatenate(parts or [np.empty(0, dtype=dtype)]).view(np.recarray)

    def to_dataframe(self) -> Any:
        """Return all runs as a pandas DataFrame.

        Raises
        ------
        MissingExtraError
            If pandas is not installed.
        """
        return extra("pandas", "pandas", "to_dataframe").DataFrame.from_records(self.table())

    def to_csv(self, path: str | Path) -> None:
        """Write all runs as a CSV file, one row a run, in the order of problems, methods and seeds.

        Notes
        -----
        Numbers are written so that reading them gives the same float64; everything but the column seconds is the same
        each time.
        """
        with Path(path).open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(COLUMNS)
            for problem in self.problems:
                for method in self.methods_on(problem):
                    rows = self.records(problem, method)
                    columns = [rows[name].tolist() for name in RESULT.names or ()]
                    writer.writerows((problem, method, *row) for row in zip(*columns, strict=True))


def compare(
    problems: str | Problem | Sequence[str | Problem],
    methods: str | Method | Sequence[str | Method] | None = None,
    *,
    seeds: int | str | Iterable[int] = 100,
    budget: Budget | float | None = DEFAULT_BUDGET,
    store: Store | str | Path | None = None,
    workers: Workers | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> Comparison:
    """Run every method on every problem from the same starts and return the Comparison.

    Parameters
    ----------
    problems : str, Problem or sequence of them
        Names may hold lists and ranges: ``"teacher:k=6..20"``.
    methods : str, Method, sequence of them or None
        None takes a choice of baselines and homotopies.
    seeds : int, str or iterable of int
        How many, or which: one run a seed, with the same start for every method.
    budget : Budget, float or None
        What one run may cost; a number counts gradient-equivalents, None is no limit.
    store : Store, str, Path or None
        Where runs are kept; runs that are there already are not done again. None keeps them in memory.
    workers : Workers or None
        Who runs; threads on all cores by default.
    progress : callable or None
        Called with a Progress after each block.

    Returns
    -------
    Comparison
        The results.

    Raises
    ------
    ArgumentError
        If a name, a parameter, the seeds or the budget is not allowed.

    Notes
    -----
    A run's result depends on problem, method, seed and budget only, whoever runs it and in whatever order. Problems
    and methods given as objects are shared by all threads and must allow that.
    """
    grid = plan(problems, methods, seeds=seeds, budget=budget)
    kept = store if isinstance(store, Store) else Store(store)
    return run_grid(grid, kept, workers=workers, progress=progress)


def run_grid(
    grid: Grid,
    store: Store,
    *,
    workers: Workers | None = None,
    progress: Callable[[Progress], None] | None = None,
    command: dict[str, Any] | None = None,
    plugins: tuple[str, ...] = (),
) -> Comparison:
    """Run what a grid asks for and the store has not, and return the Comparison.

    Parameters
    ----------
    grid : Grid
        What to run (`plan`).
    store : Store
        Where the runs are kept.
    workers : Workers or None
        Who runs.
    progress : callable or None
        Called with a Progress after each block.
    command : dict or None
        What was asked for, in words from which it can be asked for again; kept in the store.
    plugins : tuple of str
        Files that every worker loads first.
    """
    version = code_version()
    numbers = {cell.key: store.cell(*cell.key, grid.budget, version) for cell in grid.cells}
    store.session(command or {}, describe())
    for problem, method, reason in grid.skips:
        store.note(problem, method, "skip", reason, version)
    work, done = [], 0
    for cell in grid.cells:
        have = store.done(numbers[cell.key])
        missing = tuple(seed for seed in grid.seeds if seed not in have)
        done += len(grid.seeds) - len(missing)
        if missing:
            work.append(Block(cell, missing, grid.budget, plugins))
    watch = _Watch(done, grid.n_runs, progress)
    failures = []
    for outcome in stream(work, workers or Workers()):
        key = outcome.block.cell.key
        if outcome.error:
            failures.append((*key, outcome.error))
            store.note(*key, "failure", outcome.error, version)
        else:
            store.write(numbers[key], outcome)
        watch.see(outcome)
    return Comparison(
        store=store,
        problems=tuple(entry.name for entry in grid.problems),
        methods=tuple(entry.name for entry in grid.methods),
        seeds=grid.seeds,
        budget=grid.budget,
        cells={key: number for key, number in numbers.items() if store.done(number)},
        skips=grid.skips,
        failures=tuple(dict.fromkeys(failures)),
        optima=grid.optima,
        command=command,
    )


class _Watch:
    """Counts what is done and who leads, and says so."""

    def __init__(self, done: int, total: int, progress: Callable[[Progress], None] | None) -> None:
        self._done, self._total, self._progress = done, total, progress
        self._score: dict[tuple[str, str], list[float]] = {}

    def see(self, outcome: Outcome) -> None:
        """Note a block that ended."""
        if self._progress is None:
            return
        key = outcome.block.cell.key
        records = outcome.records
        self._done += len(records)
        score = self._score.setdefault(key, [0.0, 0.0, 0.0])
        score[0] += len(records)
        score[1] += float(records["success"].sum())
        score[2] += float(records["cost"].sum())
        self._progress(Progress(self._done, self._total, key, self._leader(key[0])))

    def _leader(self, problem: str) -> str:
        scores = {m: s for (p, m), s in self._score.items() if p == problem and s[0]}
        if not scores:
            return ""
        return max(scores, key=lambda m: (scores[m][1] / scores[m][0], -scores[m][2] / scores[m][0]))
