"""The escape suite: every method on the same rows of problems, with restart cutoffs chosen on other seeds."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from multiprocessing import get_context
from typing import Any

import numpy as np

from homotopy.experiments.run.machine import cores, one_blas_thread, set_blas_threads
from homotopy.experiments.tuning import FIRST_SEED
from homotopy.methods import method
from homotopy.papers.escape.cells import Cell, Part, summarize_cell
from homotopy.papers.escape.rows import Row
from homotopy.papers.escape.studies import Study
from homotopy.problems import problem

__all__ = ["Failure", "Piece", "pieces", "run_suite"]

TASKS = 10
"""A cell is cut into about so many tasks, so that no process ends long after the others."""
FEW = 20
"""With fewer runs than that no cutoff is to be had, and only one run or a quarter is spent on tuning seeds."""
DEAR = (
    "basin-hopping",
    "dual-annealing",
    "hope",
    "lbfgsb",
    "linearized",
    "perturbed-gd",
    "proximal",
    "saddle-free",
    "track",
)
"""Methods whose cells are begun first: they are interpreted, or one of their steps is dear."""


@dataclass(frozen=True)
class Piece:
    """Some runs of one cell: the runs of one problem, or of a part of its seeds.

    Attributes
    ----------
    problem : str
        Its name.
    tuning : bool
        Whether these are runs on tuning seeds.
    first, n : int
        The first seed and how many.
    """

    problem: str
    tuning: bool
    first: int
    n: int


@dataclass(frozen=True)
class Failure:
    """A cell that came to nothing because a run of it raised an error.

    Attributes
    ----------
    row, method, reason : str
        Which, and the error in words.
    """

    row: str
    method: str
    reason: str


@dataclass
class _Open:
    """A cell whose tasks are not all done."""

    row: Row
    name: str
    tasks: list[list[Piece]]
    done: dict[int, list[Part] | str] = field(default_factory=dict)

    def cell(self) -> Cell | Failure:
        """Return the cell, the parts of one problem joined; or why there is none."""
        early: dict[str, list[Part]] = {}
        late: dict[str, list[Part]] = {}
        for i, task in enumerate(self.tasks):
            parts = self.done[i]
            if isinstance(parts, str):
                return Failure(self.row.name, self.name, parts)
            for piece, part in zip(task, parts, strict=True):
                (early if piece.tuning else late).setdefault(piece.problem, []).append(part)
        tuning, fresh = ([Part.join(parts) for parts in group.values()] for group in (early, late))
        return summarize_cell(self.row.name, self.name, tuning, fresh)


def pieces(row: Row, runs: int) -> list[list[Piece]]:
    """Return the tasks of a cell: runs on tuning seeds, a quarter as many as others or 40, and `runs` others.

    Parameters
    ----------
    row : Row
        The problems; runs are shared evenly among them. With fewer runs than problems only the first ones are taken.
    runs : int
        Runs on the seeds that are shown.
    """
    texts = row.problems[:runs]
    share = runs // len(texts)
    early = max(1, max(runs // 4, min(runs, 40) if runs >= FEW else 1) // len(texts))
    most = max(1, -(-share * len(texts) // TASKS))
    flat = []
    for text in texts:
        for tuning, first, n in ((True, FIRST_SEED, early), (False, 0, share)):
            flat += [Piece(text, tuning, first + at, min(most, n - at)) for at in range(0, n, most)]
    tasks: list[list[Piece]] = [[]]
    for piece in flat:
        if tasks[-1] and sum(p.n for p in tasks[-1]) + piece.n > most:
            tasks.append([])
        tasks[-1].append(piece)
    return tasks


def run_task(row: Row, name: str, task: Sequence[Piece]) -> list[Part] | str:
    """Run the pieces of one task; return the error in words where a run raises one, so that the suite goes on."""
    try:
        return _run_pieces(row, name, task)
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def _run_pieces(row: Row, name: str, task: Sequence[Piece]) -> list[Part]:
    solver, out = method(name), []
    for piece in task:
        begin = time.process_time()
        records = solver.solve_many(
            problem(piece.problem), range(piece.first, piece.first + piece.n), budget=row.budget
        )
        won = np.isfinite(records.cost_to_success)
        end = np.where(won, records.cost_to_success, records.cost)
        out.append(Part(end, won, np.array(records.value), time.process_time() - begin))
    return out


def run_suite(
    what: Iterable[tuple[Row, str, int]],
    studies: Iterable[Study] = (),
    *,
    n_jobs: int | None = None,
    callback: Callable[[Cell | Failure | Study, Any], None] | None = None,
) -> tuple[list[Cell | Failure], list[Any]]:
    """Return the cells and what the studies found, computed by `n_jobs` processes, in the order that was asked.

    Parameters
    ----------
    what : iterable of (Row, str, int)
        As `rows.cells` returns it.
    studies : iterable of Study
        As `studies.plan` returns them.
    n_jobs : int or None
        Processes at the same time, each with one BLAS thread; None: as many as cores.
    callback : callable or None
        Called when a cell is done with the cell (or its Failure) and its number in `what`, and when a study is done
        with the study and what it found.
    """
    open_ = [_Open(row, name, pieces(row, runs)) for row, name, runs in what]
    asked = list(studies)
    cells: dict[int, Cell | Failure] = {}
    found: dict[int, Any] = {}
    jobs: list[Any] = []
    for i, one in enumerate(open_):
        weight = _weight(one)
        jobs += [(weight, (i, k), run_task, (one.row, one.name, task)) for k, task in enumerate(one.tasks)]
    jobs += [(study.weight, (i, -1), study.run, ()) for i, study in enumerate(asked)]
    jobs.sort(key=lambda job: -job[0])
    for (i, k), result in _execute(jobs, n_jobs or cores()):
        if k < 0:
            found[i] = result
            if callback is not None:
                callback(asked[i], result)
            continue
        open_[i].done[k] = result
        if len(open_[i].done) == len(open_[i].tasks):
            cells[i] = open_[i].cell()
            open_[i].done.clear()
            if callback is not None:
                callback(cells[i], i)
    return [cells[i] for i in range(len(open_))], [found[i] for i in range(len(asked))]


def _weight(one: _Open) -> float:
    """Return about how long a cell takes compared with others: the longest are begun first."""
    n = sum(piece.n for task in one.tasks for piece in task)
    dear = 30.0 if one.name.split(":")[0] in DEAR else 1.0
    return dear * n * one.row.budget * problem(one.row.problems[0]).size


def _execute(jobs: list[Any], n_jobs: int) -> Iterator[tuple[Any, Any]]:
    """Yield the key and the result of each job as it is done."""
    if n_jobs == 1:
        with one_blas_thread():
            for _, key, function, arguments in jobs:
                yield key, function(*arguments)
        return
    pool = ProcessPoolExecutor(n_jobs, mp_context=get_context("spawn"), initializer=set_blas_threads, initargs=(1,))
    try:
        futures: dict[Future[Any], Any] = {pool.submit(f, *arguments): key for _, key, f, arguments in jobs}
        for future in as_completed(futures):
            yield futures[future], future.result()
    finally:
        pool.shutdown(cancel_futures=True)
