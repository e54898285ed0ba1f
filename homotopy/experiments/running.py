"""The call that runs a grid of methods and problems into a store."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from homotopy.arguments import function, one_of
from homotopy.errors import DataError
from homotopy.experiments.comparison import Comparison
from homotopy.experiments.plan.grid import Grid, plan
from homotopy.experiments.run.blocks import Block, Outcome
from homotopy.experiments.run.executors import Workers, stream
from homotopy.experiments.run.machine import code_version, describe, one_blas_thread
from homotopy.experiments.store.store import Store
from homotopy.methods.base import Method
from homotopy.problems.base import Problem
from homotopy.status import Budget

__all__ = ["DEFAULT_BUDGET", "Progress", "compare", "run_grid"]

DEFAULT_BUDGET = 5000.0  # gradient-equivalents of one run


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


def compare(
    problems: str | Problem | Sequence[str | Problem],
    methods: str | Method | Sequence[str | Method] | None = None,
    *,
    seeds: int | str | Iterable[int] | None = None,
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
    seeds : int, str, iterable of int or None
        How many, or which: one run a seed, with the same start for every method. None takes 1,000 on problems without
        data to speak of and 100 on the others.
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
    DataError
        If the store has runs of a problem of the same name with other data or starts.

    Notes
    -----
    A run's result depends on problem, method, seed and budget only, whoever runs it and in whatever order. Problems
    and methods given as objects are shared by all threads and must allow that.
    """
    grid = plan(problems, methods, seeds=seeds, budget=budget)
    if store is not None:
        one_of("store", store, (Store, str, PathLike), "a Store, a file name or None")
    if workers is not None:
        one_of("workers", workers, Workers, "a Workers or None, as in Workers(n_jobs=2)")
    if progress is not None:
        function("progress", progress, "progress(state)")
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
    for problem in grid.built:
        _hold_to_data(store, problem, version)
    numbers = {cell.key: store.cell(*cell.key, grid.budget, version) for cell in grid.cells}
    with one_blas_thread():
        _remember(store, grid, command or {}, version)
        failures = _run(grid, store, numbers, workers or Workers(), progress=progress, plugins=plugins)
    return Comparison(
        store=store,
        problems=tuple(entry.name for entry in grid.problems),
        methods=tuple(entry.name for entry in grid.methods),
        seeds=grid.seeds,
        budget=grid.budget,
        cells={key: number for key, number in numbers.items() if store.done(number)},
        skips=grid.skips,
        failures=failures,
        tuned=tuple((p, m, reason) for p, m, kind, reason in store.notes(version) if kind == "tuned"),
    )


def _hold_to_data(store: Store, problem: Problem, version: str) -> None:
    """Raise where the store has runs of another problem of this name: a file that was edited since, another object."""
    x = np.ascontiguousarray(problem.start(np.random.default_rng(0)), dtype=np.float64)
    now = float(problem.objective.value(x)), float(np.cos(np.arange(x.size)) @ x)
    if all(name != problem.name for _, name, *_ in store.cells()):
        with store.transaction() as db:
            db.execute("DELETE FROM notes WHERE problem = ? AND kind = 'data'", (problem.name,))
    for name, _, kind, text in store.notes():
        if (name, kind) != (problem.name, "data"):
            continue
        if not np.allclose(json.loads(text), now, rtol=1e-6, atol=1e-12, equal_nan=True):
            raise DataError(
                f"the data or the starts of {name!r} are not those of the runs in {str(store.path)!r}; "
                "name another output folder, or remove the runs with homotopy clean"
            )
    store.note(problem.name, "", "data", json.dumps(now), version)


def _remember(store: Store, grid: Grid, command: dict[str, Any], version: str) -> None:
    """Keep what was asked for, on which machine, of which problems, and what is skipped."""
    store.session(command, describe())
    for problem in grid.built:
        store.describe(problem, version)
    for name, method, reason in grid.skips:
        store.note(name, method, "skip", reason, version)


def _run(
    grid: Grid,
    store: Store,
    numbers: dict[tuple[str, str], int],
    workers: Workers,
    *,
    progress: Callable[[Progress], None] | None,
    plugins: tuple[str, ...],
) -> tuple[tuple[str, str, str], ...]:
    """Run what the store has not and return (problem, method, error) of what failed."""
    version = code_version()
    work, done = [], 0
    for cell in grid.cells:
        have = store.done(numbers[cell.key])
        missing = tuple(seed for seed in grid.seeds if seed not in have)
        done += len(grid.seeds) - len(missing)
        if missing:
            work.append(Block(cell, missing, grid.budget, plugins))
    watch = _Watch(done, grid.n_runs, progress)
    failures: dict[tuple[str, str, str], None] = {}
    for outcome in stream(work, workers):
        key = outcome.block.cell.key
        if outcome.error:
            failures[*key, outcome.error] = None
            store.note(*key, "failure", outcome.error, version)
        else:
            store.write(numbers[key], outcome)
        watch.see(outcome)
    return tuple(failures)


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
