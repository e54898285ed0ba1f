"""One unit of work: a block of seeds of one method on one problem, run by any worker, and what it gives back."""

from __future__ import annotations

import os
import socket
import threading
import time
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy._core.curves import thinned
from homotopy.archives import inflated
from homotopy.arguments import shown
from homotopy.errors import DataError, EvaluationError, Interrupted, reason
from homotopy.experiments.plan.grid import Cell
from homotopy.experiments.plan.plugins import load
from homotopy.experiments.run.machine import code_version
from homotopy.experiments.run.times import divided, seconds_of
from homotopy.experiments.run.traces import follows_paths, traced
from homotopy.experiments.run.workers import limits
from homotopy.experiments.run.workers.threads import Left
from homotopy.methods.base import Method
from homotopy.methods.batch.starts import remember
from homotopy.methods.result import records
from homotopy.methods.runs import RESULT, Runs, one_below_the_other, record_type
from homotopy.problems.base import Problem
from homotopy.status import Budget, Status
from homotopy.threads import set_blas_threads

__all__ = [
    "RESULT",
    "Block",
    "Outcome",
    "checked",
    "curve_columns",
    "failed",
    "pack_curves",
    "run_block",
    "unpack_curves",
]

LONGEST = 512  # points of a curve that earlier versions compressed: those of a cost of e^64; now more may stand
BINS_PER_E = 8  # a kept curve has at most so many points for each factor e of the cost
WARM_UP = 8.0  # gradient-equivalents of a first run that is thrown away
WARM_SECONDS = 0.1  # and what a second one may take, which comes to the later stages of a method
_local = threading.local()


@dataclass(frozen=True)
class Block:
    """Some seeds of one cell, with the budget of each run."""

    cell: Cell
    seeds: tuple[int, ...]
    budget: Budget
    plugins: tuple[str, ...] = ()  # files that a worker must load
    traced: tuple[int, ...] = ()  # seeds whose paths are kept, where the method follows one
    timed: bool = True  # whether runs that are thrown away may tell what one takes

    @property
    def key(self) -> tuple[str, str, Budget]:
        """Problem, method and budget."""
        return *self.cell.key, self.budget


@dataclass(frozen=True)
class Outcome:
    """What a block gave: records, final points, thinned curves, paths, scores, time; or the error that ended it."""

    block: Block
    records: NDArray[Any]  # of dtype `RESULT`, one row a seed; empty after an error
    x: NDArray[np.float64]  # the final points, a row a seed
    curves: bytes  # as `pack_curves` gives them
    seconds: float  # of the whole block, by the clock on the wall
    worker: str  # host, process and thread
    error: str = ""  # or what was raised, in one sentence
    paths: dict[int, bytes] = field(default_factory=dict)  # by seeds, as `Trace.pack` gives them
    scores: NDArray[np.float64] | None = None  # of the final points on held-out data, where the problem has some
    version: str = ""  # of the code that ran it


def run_block(block: Block) -> Outcome:
    """Run a block and return its Outcome; an error of the problem or the method becomes its text.

    Each thread builds problems and methods of its own from their names, so that no workspace is shared. The first
    run of a cell in a thread is preceded by two short ones that are thrown away, so that nothing is imported in the
    timed region. Records, paths and scores on held-out data are made after it.

    The seconds of the records are those of this thread's processor, without what it waited for others: the whole of
    the block, divided among its runs in proportion to what the method says of them. Of runs side by side it knows only
    what each spent: there each has what a run of one gradient takes beyond that gradient (`times.seconds_of`), and its
    part of the rest. A block that is not timed makes its runs and no others.

    Raises
    ------
    Interrupted
        If a compiled loop was asked to end: then nothing is known of the runs.
    """
    began = time.perf_counter()
    try:
        problem, method = _built(block)
        limits.begin()
        began, busy = time.perf_counter(), time.thread_time()
        runs, paths = _run(problem, method, block)
        seconds, busy = time.perf_counter() - began, time.thread_time() - busy
        limits.begin()
        made = checked(runs, problem.size, block.seeds).records
        busy = busy if busy > 0 else seconds
        made["seconds"] = seconds_of(problem, method, made, busy) if block.timed else divided(busy, made["cost"])
        traces = {seed: traced(problem, method, seed, path) for seed, path in paths.items()}
        packed = {seed: trace.pack() for seed, trace in traces.items() if trace is not None}
        curves = _packed(runs.points, runs.begins)
        scores = _scored(problem, runs.x)
        rest: dict[str, Any] = {"paths": packed, "scores": scores, "version": code_version()}
        return Outcome(block, made, runs.x, curves, seconds, worker(), **rest)
    except (Interrupted, Left):
        raise
    except BaseException as error:  # whatever a user's problem or method raises: the comparison goes on without it
        return failed(block, reason(error), time.perf_counter() - began)
    finally:
        limits.end()


def failed(block: Block, error: str, seconds: float = 0.0) -> Outcome:
    """Return the Outcome of a block that came to nothing."""
    return Outcome(block, np.empty(0, dtype=RESULT), np.empty((0, 0)), b"", seconds, worker(), error)


def worker() -> str:
    """Return host, process and thread."""
    return f"{socket.gethostname()}/{os.getpid()}/{threading.current_thread().name}"


def checked(runs: Runs, size: int, seeds: Sequence[int]) -> Runs:
    """Return what a method made of these seeds on a problem of `size` variables.

    Raises
    ------
    EvaluationError
        If these are not the runs that were asked for: others, of another size, with an unknown status, with a cost
        that is no number, or with a success at none.
    """
    records, shape = runs.records, (len(seeds), size)
    if records["seed"].tolist() != list(seeds):
        raise EvaluationError(f"the method was asked for the runs of {len(seeds)} seeds and gave others")
    if runs.x.shape != shape:
        raise EvaluationError(f"the method's final points have shape {runs.x.shape}, not {shape}")
    unknown = set(records["status"].tolist()) - set(Status.__members__)
    if unknown:
        raise EvaluationError(f"{shown(min(unknown))} is not a Status that a run can end with")
    unpaid = ~((records["cost"] >= 0) & np.isfinite(records["cost"]))
    if unpaid.any():
        raise EvaluationError(f"a run cannot cost {float(records['cost'][unpaid][0])} gradient-equivalents")
    empty = records["success"] & ~np.isfinite(records["value"])
    if empty.any():
        value = float(records["value"][empty][0])
        raise EvaluationError(f"the run of seed {records['seed'][empty][0]} is called a success at the value {value}")
    return runs


def _scored(problem: Problem, points: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """Return the score of each run's best point on held-out data, shape (r,); None where none are held out."""
    if problem.score is None:
        return None
    return np.array([float(problem.score(x)) for x in points], dtype=np.float64)


def _run(problem: Problem, method: Method, block: Block) -> tuple[Runs, dict[int, Any]]:
    """Return the runs, one a seed, and the paths of the runs whose paths are kept: these are run one by one."""
    alone = [seed for seed in block.seeds if seed in block.traced] if follows_paths(method) else []
    if not alone:
        return method.runs(problem, block.seeds, budget=block.budget, n_jobs=1), {}
    results = [method.solve(problem, rng=seed, budget=block.budget) for seed in alone]
    others = [seed for seed in block.seeds if seed not in alone]
    rows = np.empty(len(block.seeds), dtype=record_type(problem.size))
    mine = np.isin(block.seeds, alone)
    rows[mine] = records(alone, results, problem.size)
    if others:
        rows[~mine] = method.solve_many(problem, others, budget=block.budget, n_jobs=1)
    return Runs.of(rows), {seed: result.path for seed, result in zip(alone, results, strict=True)}


def _built(block: Block) -> tuple[Problem, Method]:
    """Return this thread's own problem and method of the block, warmed up."""
    if not hasattr(_local, "built"):
        set_blas_threads(1)
        _local.built = {}
    for path in block.plugins:
        load(path)
    key = (block.cell.key, block.cell.problem.spec, block.cell.method.spec)
    if key not in _local.built:
        _local.built.clear()  # cells come in order: only the present one is needed
        problem, method = _problem(block), block.cell.method.method()
        for warm in (Budget(gradients=WARM_UP), Budget(block.budget.gradients, WARM_SECONDS)) if block.timed else ():
            limits.begin()
            method.solve_many(problem, block.seeds[:1], budget=warm)
        _local.built[key] = problem, method
    found: tuple[Problem, Method] = _local.built[key]
    return found


def _problem(block: Block) -> Problem:
    """Return this thread's own problem of the block: the same one for every method, so that starts are drawn once."""
    key = block.cell.key[0], block.cell.problem.spec
    if getattr(_local, "problem", (None,))[0] != key:
        _local.problem = key, block.cell.problem.problem()
    problem: Problem = _local.problem[1]
    remember(problem)
    return problem


def pack_curves(curves: Iterable[NDArray[np.float64]]) -> bytes:
    """Return thinned curves as bytes: the count, the lengths as int32, costs and values as float32.

    A curve has rows of gradient-equivalents and the lowest value seen until then. Costs are put into bins of equal
    width in log(1 + cost), eight for each factor e, and the last point in each bin is kept, and the first one of all:
    the curve is exact at the kept costs and at its end.

    They are a zlib stream, which has a checksum, that is not compressed: to make it smaller by half would take longer
    than many a run.
    """
    return _packed(*one_below_the_other(curves))


def _packed(points: NDArray[np.float64], begins: NDArray[np.int64]) -> bytes:
    """Return what `pack_curves` does of curves that stand one after the other (`Runs`)."""
    lengths, costs, values = thinned(points, begins, BINS_PER_E)
    numbers = np.append(lengths.size, lengths).astype("<i4")
    columns = (numbers, costs.astype("<f4", copy=False), values.astype("<f4", copy=False))
    return zlib.compress(b"".join(column.data for column in columns), 0)


def unpack_curves(data: bytes, n: int) -> list[NDArray[np.float64]]:
    """Return the n curves, arrays of shape (m, 2), that `pack_curves` packed.

    Raises
    ------
    DataError
        If they are damaged, or are not so many.

    Examples
    --------
    >>> unpack_curves(pack_curves([np.array([[1.0, 0.5]]), np.empty((0, 2))]), 2)[0]
    array([[1. , 0.5]])
    """
    lengths, numbers = curve_columns(data, n)
    points = numbers.reshape(2, -1).T.astype(np.float64)
    return list(np.split(points, np.cumsum(lengths)[:-1])) if n else []


def curve_columns(data: bytes, n: int) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Return the lengths of n packed curves, shape (n,), and all their costs and then all their values, shape (2 m,).

    Raises
    ------
    DataError
        If they are damaged, or are not so many.
    """
    raw = inflated(data, max(4 * len(data), 4 + n * (4 + 8 * LONGEST)))
    lengths = np.frombuffer(raw, "<i4", max(0, min(n, len(raw) // 4 - 1)), min(4, len(raw)))
    numbers = raw[4 + 4 * n :]
    right = len(lengths) == n and int.from_bytes(raw[:4], "little") == n and (lengths >= 0).all()
    if not right or len(numbers) != 8 * int(lengths.sum(dtype=np.int64)):
        raise DataError(f"packed data are not the curves of {n} runs")
    return lengths, np.frombuffer(numbers, "<f4")
