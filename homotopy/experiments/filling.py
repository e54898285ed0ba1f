"""What grids ask for and a store has not, run into it, and what ends that too early."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace

from homotopy.errors import ArgumentError, DataError, HomotopyError
from homotopy.experiments.plan.grid import Grid
from homotopy.experiments.progress import Progress, Watch
from homotopy.experiments.run.blocks import Block
from homotopy.experiments.run.executors import Workers
from homotopy.experiments.run.machine import code_version
from homotopy.experiments.run.streaming import stream
from homotopy.experiments.run.traces import MOST
from homotopy.experiments.store.store import Store
from homotopy.status import Budget

__all__ = ["KEPT", "LOST", "fill"]

KEPT, LOST = "every finished run is kept", "no run is kept"  # notes of an error that ends a comparison too early

Key = tuple[str, str, Budget]


def fill(
    grids: Sequence[Grid],
    store: Store,
    numbers: dict[Key, int],
    workers: Workers,
    *,
    progress: Callable[[Progress], None] | None,
    plugins: tuple[str, ...],
    timed: bool,
) -> tuple[tuple[Key, str], ...]:
    """Run what grids ask for and the store has not, and return (problem, method and budget, error) of what failed.

    `numbers` has the number of each cell in the store; the other arguments are those of `run_grids`.

    Raises
    ------
    DataError
        If the file of the store is gone, or cannot be written. A note says whether what was finished is kept.
    """
    version = code_version()
    work, total = _missing(grids, store, numbers, plugins)
    work = work if timed else [replace(block, timed=False, traced=()) for block in work]
    unknown = {problem.name for grid in grids for problem in grid.built if problem.optimum is None}
    watch = Watch(total - sum(len(block.seeds) for block in work), total, progress, unknown=unknown)
    failures: dict[tuple[Key, str], None] = {}
    file = _identity(store)
    with _kept(store), closing(stream(work, workers)) as outcomes:
        for outcome in outcomes:
            if _identity(store) != file:
                raise DataError(f"the store {store.path} is gone: it was moved or removed while it was written into")
            key = outcome.block.key
            if outcome.error:
                failures[key, outcome.error] = None
                store.note(*key[:2], "failure", outcome.error, version)
            else:
                store.write(numbers[key], outcome)
            watch.see(outcome)
    return tuple(failures)


def _identity(store: Store) -> tuple[int, int] | None:
    """Return which file a store is: SQLite itself would go on to write into one that was removed."""
    try:
        found = None if store.path is None else store.path.stat()
    except OSError:
        return None
    return None if found is None else (found.st_dev, found.st_ino)


@contextmanager
def _kept(store: Store) -> Iterator[None]:
    """Add to an error whether what was finished before it is kept."""
    try:
        yield
    except ArgumentError:  # nothing ran
        raise
    except HomotopyError as error:
        error.add_note(KEPT if store.path is not None and store.path.exists() else LOST)
        raise


def _missing(
    grids: Sequence[Grid], store: Store, numbers: dict[Key, int], plugins: tuple[str, ...]
) -> tuple[list[Block], int]:
    """Return one block a cell with the seeds that the store has not, and how many runs are asked for in all."""
    asked: dict[Key, Block] = {}
    for grid in grids:
        alone = {members[0] for name, members in grid.groups.items() if members == (name,)}
        for cell in grid.cells:
            key = *cell.key, grid.budget
            before = asked[key].seeds if key in asked else ()
            seeds = (*before, *grid.seeds, *grid.tuning)
            if len(seeds) > len(grid.seeds):
                seeds = tuple(dict.fromkeys(seeds))
            traced = grid.seeds[:MOST] if cell.problem.name in alone else ()
            asked[key] = Block(cell, seeds, grid.budget, plugins, traced)
    work = []
    for key, block in asked.items():
        have = store.done(numbers[key])
        missing = tuple(seed for seed in block.seeds if seed not in have) if have else block.seeds
        if missing:
            work.append(replace(block, seeds=missing))
    return work, sum(len(block.seeds) for block in asked.values())
