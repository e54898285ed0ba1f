"""The escape suite: every method on the same rows of problems, with restart cutoffs chosen on other seeds."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from math import inf, isfinite, nan
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.experiments.machine import cores
from homotopy.experiments.statistics import Rate, expected_cost, success_rate
from homotopy.experiments.tuning import FIRST_SEED
from homotopy.methods import BY_NAME, method
from homotopy.problems import problem

__all__ = ["ROWS", "Cell", "Row", "cells", "cost_at", "run_suite", "suite_table", "write_csv"]

Floats = NDArray[np.float64]
QUICK = ("gd", "momentum", "adam", "lbfgs", "skip", "width", "omp", "greedy", "decay", "auto")
"""Methods of the quick form."""
SLOW = (
    "linearized",
    "proximal",
    "saddle-free",
    "hope",
    "basin-hopping",
    "dual-annealing",
    "perturbed-gd",
    "lm",
    "lbfgsb",
)
"""Methods that are interpreted, or whose one step is dear: a quarter of the runs."""
SKIPPED = ("multistart",)
"""E* is multi-start already, at the best cutoff."""


@dataclass(frozen=True)
class Row:
    """Problems that make one row of the table, runs shared evenly among them.

    Attributes
    ----------
    name : str
        What the row is called.
    problems : tuple of str
        Their names: one, or one a teacher.
    budget : float
        Gradient-equivalents of one run.
    quick, full : int
        Runs of the two forms; 0 leaves the row out of the quick one.
    """

    name: str
    problems: tuple[str, ...]
    budget: float = 5000.0
    quick: int = 40
    full: int = 1000


def _teachers(pattern: str, n: int) -> tuple[str, ...]:
    """Return the names with the teacher's seed filled in; these teachers were used for no tuning."""
    return tuple(pattern.format(seed) for seed in range(500, 500 + n))


ROWS = (
    *(Row(f"teacher k={k}", (f"teacher:k={k}",), full=1000) for k in (6, 8, 10)),
    Row("teacher k=20", ("teacher:k=20",), full=1000),
    Row("teacher k=50", ("teacher:k=50",), budget=3000, quick=0, full=100),
    Row("teacher Gaussian k=20", _teachers("teacher:k=20,teacher_seed={}", 20), quick=20, full=400),
    Row("teacher Gaussian k=20, d=10", _teachers("teacher:k=20,d=10,teacher_seed={}", 20), quick=20, full=400),
    Row("ts relu 8-8", _teachers("ts:act=relu,teacher_seed={}", 20), quick=20, full=400),
    Row("ts relu 8-8, mixture", _teachers("ts:act=relu,inputs=mixture,teacher_seed={}", 20), quick=0, full=200),
    Row("ts relu 16-16", _teachers("ts:act=relu,d=16,h=16,N=1500,teacher_seed={}", 20), budget=3000, quick=0, full=40),
    Row("ts tanh 8-8", _teachers("ts:act=tanh,teacher_seed={}", 20), quick=20, full=400),
    Row("ts tanh 8-8-8", _teachers("ts:act=tanh,layers=2,teacher_seed={}", 10), budget=3000, quick=0, full=40),
    Row("xor tanh", ("xor",)),
    Row("xor relu", ("xor:activation=relu",)),
    Row("xor logistic loss", ("xor:loss=logistic,encoding=binary",)),
    Row("xor sigmoid", ("xor:activation=logistic,encoding=binary",)),
    Row("xor sigmoid-sigmoid", ("xor:activation=logistic,encoding=binary,output=logistic",)),
    Row("jellyfish tanh 4", ("jellyfish:hidden=4",)),
    Row("jellyfish relu 2", ("jellyfish:hidden=2,activation=relu",)),
    Row("sine h=4", ("sine:hidden=4",), full=200),
    Row("sine h=8", ("sine:hidden=8",), full=200),
    Row("dying relu", ("dying-relu",), full=500),
    Row("auer d=6", ("auer:d=6",)),
    Row("auer d=6, hard", ("auer:d=6,hard=yes",)),
    Row("swirszcz d1", ("swirszcz-d1",)),
    Row("swirszcz d2", ("swirszcz-d2",)),
    Row("yun", ("yun",)),
    Row("spirals 2-30-1", ("spirals:hidden=30",), quick=6, full=100),
    Row("spirals 2-20-1", ("spirals:hidden=20",), budget=10_000, quick=0, full=40),
    Row("spirals 2-10-10-1", ("spirals:hidden=10,layers=2",), budget=10_000, quick=0, full=40),
)
"""The rows of the suite."""


@dataclass(frozen=True)
class Cell:
    """One method on one row.

    Attributes
    ----------
    row, method : str
        Which.
    rate : Rate
        Success in a run of the row's budget, with its Wilson interval.
    median : float
        Median gradient-equivalents to success; NaN without one.
    expected : float
        E*: the expected cost to the first success with restarts at `cutoff`, infinite without a success.
    low, high : float
        Its bootstrap interval; problems of a row are drawn as a whole.
    cutoff : float
        The best cutoff on the tuning seeds; NaN where none of those runs succeeded: then runs are not cut.
    """

    row: str
    method: str
    rate: Rate
    median: float
    expected: float
    low: float
    high: float
    cutoff: float


def cost_at(end: Floats, won: NDArray[np.bool_], cutoff: float) -> float:
    """Return the expected cost to the first success with restarts at a cutoff; infinite without a success.

    Parameters
    ----------
    end : ndarray of shape (r,)
        The cost to success of a run that succeeded, else what it spent.
    won : ndarray of shape (r,), bool
        Which succeeded.
    cutoff : float
        Where runs are given up; NaN never.

    Examples
    --------
    >>> cost_at(np.array([10.0, 50.0, 90.0]), np.array([True, True, False]), 20.0)
    50.0
    """
    limit = inf if np.isnan(cutoff) else cutoff
    n = int((won & (end <= limit)).sum())
    return float(np.minimum(end, limit).sum() / n) if n else inf


def cells(*, full: bool = False, methods: Sequence[str] = (), rows: Sequence[str] = ()) -> list[tuple[Row, str, int]]:
    """Return what is to run: (row, method, runs), leaving out methods that a row's problems do not allow."""
    names = list(methods) or ([m for m in sorted(BY_NAME) if m not in SKIPPED] if full else list(QUICK))
    out = []
    for row in ROWS:
        runs = row.full if full else row.quick
        if not runs or (rows and row.name not in rows):
            continue
        first = problem(row.problems[0])
        for name in names:
            if method(name).accepts(first) is None:
                few = name.split(":")[0] in SLOW
                out.append((row, name, max(len(row.problems), runs // 4) if few else runs))
    return out


def run_cell(row: Row, name: str, runs: int) -> Cell:
    """Run one method on one row: a quarter of the runs on tuning seeds for the cutoff, the others on fresh ones."""
    solver, share = method(name), max(1, runs // len(row.problems))
    early = max(1, share // 4)
    tuning: list[tuple[Floats, NDArray[np.bool_]]] = []
    fresh: list[tuple[Floats, NDArray[np.bool_]]] = []
    for text in row.problems:
        target = problem(text)
        for kept, first, n in ((tuning, FIRST_SEED, early), (fresh, 0, share)):
            records = solver.solve_many(target, range(first, first + n), budget=row.budget)
            won = np.isfinite(records.cost_to_success)
            kept.append((np.where(won, records.cost_to_success, records.cost), won))
    end, won = (np.concatenate([part[i] for part in tuning]) for i in (0, 1))
    cutoff = expected_cost(end, np.where(won, end, nan), n_resamples=0).cutoff
    end, won = (np.concatenate([part[i] for part in fresh]) for i in (0, 1))
    low, high = _interval(fresh, cutoff)
    median = float(np.median(end[won])) if won.any() else nan
    return Cell(row.name, name, success_rate(won), median, cost_at(end, won, cutoff), low, high, cutoff)


def _interval(parts: list[tuple[Floats, NDArray[np.bool_]]], cutoff: float) -> tuple[float, float]:
    """Return the bootstrap interval of E*; of several problems each is drawn as a whole, of one its runs are."""
    rng = np.random.default_rng(0)
    draws = []
    for _ in range(1000):
        if len(parts) > 1:
            picked = [parts[i] for i in rng.integers(0, len(parts), len(parts))]
            end, won = (np.concatenate([part[i] for part in picked]) for i in (0, 1))
        else:
            at = rng.integers(0, len(parts[0][0]), len(parts[0][0]))
            end, won = parts[0][0][at], parts[0][1][at]
        draws.append(cost_at(end, won, cutoff))
    low, high = np.percentile(draws, [2.5, 97.5], method="inverted_cdf")
    return float(low), float(high)


def run_suite(
    what: Iterable[tuple[Row, str, int]],
    *,
    n_jobs: int | None = None,
    callback: Callable[[Cell], None] | None = None,
) -> list[Cell]:
    """Return the cells, computed by `n_jobs` processes (None: all cores), in the order of `what`.

    Parameters
    ----------
    what : iterable of (Row, str, int)
        As `cells` returns it.
    n_jobs : int or None
        Processes at the same time.
    callback : callable or None
        Called with each cell when it is done.
    """
    order = list(what)
    done: dict[int, Cell] = {}
    if (n_jobs or cores()) == 1:
        for i, one in enumerate(order):
            done[i] = run_cell(*one)
            if callback is not None:
                callback(done[i])
        return [done[i] for i in range(len(order))]
    with ProcessPoolExecutor(n_jobs or cores(), mp_context=get_context("spawn")) as pool:
        futures: dict[Future[Cell], int] = {pool.submit(run_cell, *one): i for i, one in enumerate(order)}
        for future in as_completed(futures):
            done[futures[future]] = future.result()
            if callback is not None:
                callback(done[futures[future]])
    return [done[i] for i in range(len(order))]


def suite_table(found: Sequence[Cell]) -> list[list[str]]:
    """Return the cells as rows of words: row, method, runs, success and interval, median, E* and interval, cutoff."""
    return [
        [
            cell.row,
            cell.method,
            str(cell.rate.runs),
            f"{cell.rate.rate:.3f} [{cell.rate.low:.3f}, {cell.rate.high:.3f}]",
            _number(cell.median),
            f"{_number(cell.expected)} [{_number(cell.low)}, {_number(cell.high)}]",
            _number(cell.cutoff),
        ]
        for cell in found
    ]


def _number(value: float) -> str:
    if isfinite(value):
        return f"{value:,.0f}"
    return "-" if np.isnan(value) else "inf"


def write_csv(found: Sequence[Cell], path: Path) -> None:
    """Write the cells to a file of comma-separated values."""
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer: Any = None
        for cell in found:
            flat = {**{k: v for k, v in asdict(cell).items() if k != "rate"}, **asdict(cell.rate)}
            flat["rate_low"], flat["rate_high"] = flat.pop("low"), flat.pop("high")
            flat |= {"low": cell.low, "high": cell.high}
            if writer is None:
                writer = csv.DictWriter(stream, list(flat))
                writer.writeheader()
            writer.writerow(flat)
