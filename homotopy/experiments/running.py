"""The call that runs a grid of methods and problems into a store."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from homotopy.arguments import function, one_of
from homotopy.doors import door
from homotopy.errors import ArgumentError, DataError
from homotopy.experiments.bounded import keep_bound
from homotopy.experiments.budgeted import describe as describe_problem
from homotopy.experiments.comparison import Comparison
from homotopy.experiments.filling import Key, fill
from homotopy.experiments.groups import keep_groups
from homotopy.experiments.plan.grid import Grid, Subjects
from homotopy.experiments.progress import Progress
from homotopy.experiments.run.executors import Workers
from homotopy.experiments.run.machine import code_version, describe
from homotopy.experiments.store.checksums import forget
from homotopy.experiments.store.store import Store
from homotopy.methods.base import Method
from homotopy.status import Budget
from homotopy.threads import one_blas_thread

__all__ = ["DEFAULT_BUDGET", "compare", "run_grids"]

DEFAULT_BUDGET = 5000.0  # gradient-equivalents of one run


@door
def compare(
    problems: Subjects,
    methods: str | Method | Sequence[str | Method] | None = None,
    *,
    seeds: int | str | Iterable[int] | None = None,
    tuning: int = 0,
    budget: Budget | float | None = DEFAULT_BUDGET,
    store: Store | str | Path | None = None,
    workers: Workers | None = None,
    run_timeout: float | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> Comparison:
    """Run every method on every problem from the same starts and return the Comparison.

    Parameters
    ----------
    problems : str, Problem, Group or sequence of them
        Names may hold lists and ranges: ``"teacher:k=6..20"``. The problems of a Group are told together.
    methods : str, Method, sequence of them or None
        None takes a choice of baselines and homotopies.
    seeds : int, str, iterable of int or None
        How many, or which: one run a seed, with the same start for every method. None takes 1,000 on problems without
        data to speak of and 100 on the others.
    tuning : int
        Runs more on every problem that choose the restart cutoffs of the expected costs and are not shown; 0: the runs
        that are shown choose them for one another.
    budget : Budget, float or None
        What one run may cost; a number counts gradient-equivalents, None is no limit.
    store : Store, str, Path or None
        Where runs are kept; runs that are there already are not done again. None keeps them in memory.
    workers : Workers or None
        Who runs; threads on all cores by default.
    run_timeout : float or None
        Seconds that a run may take by the clock on the wall; one that takes longer has failed (`Workers`). None takes
        that of the workers.
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
        If the store has runs of a problem of the same name with other data or starts, or cannot be written.
    HomotopyError
        If a worker has another version of the code, or the Dask scheduler is gone.

    Notes
    -----
    A run's result depends on problem, method, seed and budget only, whoever runs it and in whatever order. Problems
    and methods given as objects are shared by all threads and must allow that.

    Where a run fails, by any error, in time or with its process, its cell is given up: the runs of it that were
    finished are kept, no more are begun, and `Comparison.failures` says why. The others go on.
    """
    grid = Grid.of(problems, methods, seeds=seeds, tuning=tuning, budget=budget)
    if store is not None:
        one_of("store", store, (Store, str, PathLike), "a Store, a file name or None")
    if workers is not None:
        one_of("workers", workers, Workers, "a Workers or None, as in Workers(n_jobs=2)")
    if progress is not None:
        function("progress", progress, "progress(state)")
    kept = store if isinstance(store, Store) else Store(store)
    who = workers or Workers()
    if run_timeout is not None:
        who = replace(who, run_timeout=run_timeout)
    return run_grids([grid], kept, workers=who, progress=progress)[0]


@door
def run_grids(
    grids: Sequence[Grid],
    store: Store,
    *,
    workers: Workers | None = None,
    progress: Callable[[Progress], None] | None = None,
    command: dict[str, Any] | None = None,
    plugins: tuple[str, ...] = (),
    timed: bool = True,
) -> list[Comparison]:
    """Run what several grids ask for and the store has not, all by the same workers, and return their Comparisons.

    Parameters
    ----------
    grids : sequence of Grid
        What to run (`Grid.of`); each may have its own methods, seeds and budget. Runs that two of them ask for are
        made once.
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
    timed : bool
        Whether runs may be made and thrown away to tell what one takes; without it the seconds are rough.
    """
    version = code_version()
    _hold_to_data(store, grids, version)
    keys = dict.fromkeys((*cell.key, grid.budget) for grid in grids for cell in grid.cells)
    numbers = {key: store.cell(*key, version) for key in keys}
    with one_blas_thread:
        session = _remember(store, grids, command or {}, version)
        who = workers or Workers()
        try:
            failures = fill(grids, store, numbers, who, progress=progress, plugins=plugins, timed=timed)
        except ArgumentError:  # nobody could be had who runs it, and what was asked for before can still be run
            store.unsaid(session)
            raise
    numbers = {key: store.cell(*key, version) for key in keys}  # another process may have removed some meanwhile
    return [_compared(grid, store, numbers, failures, version) for grid in grids]


def _compared(
    grid: Grid, store: Store, numbers: dict[Key, int], failures: Iterable[tuple[Key, str]], version: str
) -> Comparison:
    """Return the Comparison of one grid."""
    cells = {cell.key: numbers[*cell.key, grid.budget] for cell in grid.cells}
    shown = np.array(grid.seeds, dtype=np.int64)
    return Comparison(
        store=store,
        problems=tuple(entry.name for entry in grid.problems),
        methods=tuple(entry.name for entry in grid.methods),
        groups=grid.groups,
        seeds=grid.seeds,
        tuning=grid.tuning,
        budget=grid.budget,
        cells={key: number for key, number in cells.items() if store.holds(number, shown)},
        skips=grid.skips,
        failures=tuple((p, m, error) for (p, m, b), error in failures if b == grid.budget and (p, m) in cells),
        tuned=store.remarks("tuned", version),
    )


def _hold_to_data(store: Store, grids: Sequence[Grid], version: str) -> None:
    """Raise where the store has runs of another problem of this name: a file that was edited since, another object."""
    known = {name for _, name, *_ in store.cells()}
    notes = [(name, json.loads(text)) for name, _, text in store.remarks("data")]
    for problem in {problem.name: problem for grid in grids for problem in grid.built}.values():
        x = np.ascontiguousarray(problem.start(np.random.default_rng(0)), dtype=np.float64)
        now = float(problem.objective.value(x)), float(np.cos(np.arange(x.size)) @ x)
        if problem.name not in known:
            with store.transaction() as db:
                forget(db, "notes", "problem = ? AND kind = 'data'", (problem.name,))
        elif any(name == problem.name and not _alike(then, now) for name, then in notes):
            raise DataError(
                f"the data or the starts of {problem.name!r} are not those of the runs in {str(store.path)!r}; "
                "name another output folder, or remove the runs with homotopy clean"
            )
        store.note(problem.name, "", "data", json.dumps(now), version)


def _alike(then: Sequence[float], now: Sequence[float]) -> bool:
    """Return whether two pairs of a start's loss and of what tells its components apart are equal to rounding.

    The loss is compared relatively, since nobody knows its unit.
    """
    return bool(np.isclose(then, now, rtol=1e-6, atol=(0.0, 1e-12), equal_nan=True).all())


def _remember(store: Store, grids: Sequence[Grid], command: dict[str, Any], version: str) -> int:
    """Keep what was asked for, on which machine, of which problems in which groups, and what is skipped.

    Returns
    -------
    int
        The number of the session.
    """
    session = store.session(command, describe())
    for problem in {problem.name: problem for grid in grids for problem in grid.built}.values():
        describe_problem(store, problem, version)
        keep_bound(store, problem, version)
    for grid in grids:
        for name, method, reason in grid.skips:
            store.note(name, method, "skip", reason, version)
        keep_groups(store, grid.groups, version)
    return session
