"""Whole runs of methods against the gradients that they are charged for, and comparisons against their descents."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any
from unittest.mock import patch

import numpy as np

import homotopy as hp
from homotopy.bench.contest import Contestant
from homotopy.descent import Descent
from homotopy.experiments import Workers
from homotopy.experiments.run.queue import LARGEST
from homotopy.experiments.running import DEFAULT_BUDGET
from homotopy.methods.baselines import descents as baselines
from homotopy.methods.batch import batch as batches
from homotopy.objectives.base import Vector

__all__ = ["COMPARED", "OURS", "ROWS", "Row"]

BUDGET = 20_000.0
SEEDS = 100_000
"""Runs of each method in the comparison: enough that what it takes once, some 30 milliseconds, counts little."""
COMPARED = ("lbfgs", "lm", "gd", "momentum")
"""The methods of the comparison on XOR: short runs that are nothing but descents."""


@dataclass(frozen=True)
class Row:
    """A problem, the methods that run on it, and how many gradients' time a charged gradient may take."""

    problem: str
    methods: tuple[str, ...]
    most: float
    runs: int = 30  # of each method at once


SMALL, LARGE, MANY = 3.0, 1.5, 1000
ROWS = {
    "W11 xor relu": Row("xor:act=relu", ("lbfgs", "omp", "greedy"), SMALL, MANY),
    "W11 xor tanh": Row("xor", ("lbfgs", "omp", "greedy"), SMALL, MANY),
    "W11 jellyfish": Row("jellyfish", ("lbfgs", "omp"), SMALL, MANY),
    "W11 sine": Row("sine", ("lbfgs", "omp", "greedy", "width"), SMALL),
    "W11 teacher k=8": Row("teacher:k=8", ("lbfgs", "skip", "width"), SMALL),
    "W11 teacher k=20": Row("teacher:k=20", ("lbfgs", "skip", "width"), LARGE),
    "W11 ts 8-8": Row("ts:act=relu,d=8,h=8", ("lbfgs", "skip", "width", "omp", "greedy"), LARGE),
}
"""Rows of the time a run by workload; gradients of 3 microseconds or more are the large ones."""


def _multiples(workload: str) -> list[Contestant]:
    """Return one gradient call, and each method's runs by the gradient-equivalents that they are charged."""
    row = ROWS[workload]
    problem = hp.problem(row.problem)
    x = problem.start(np.random.default_rng(0))
    sides = [Contestant("homotopy gradient", partial(problem.objective.value_and_grad, x))]
    return sides + [_runs(problem, name, row.runs) for name in row.methods]


def _runs(problem: hp.Problem, name: str, n: int) -> Contestant:
    method = hp.method(name)
    charged = 0.0

    def run() -> None:
        nonlocal charged
        charged = float(np.sum(method.solve_many(problem, range(n), budget=BUDGET)["cost"]))

    return Contestant(f"homotopy {name}", run, lambda: charged)


def _harness() -> list[Contestant]:
    """Return a comparison, its runs alone, and alone what these compute; all by the run.

    The comparison is all that a user waits for, from the call of `homotopy.compare` with a new store to the printed
    table: blocks that are thrown away because they only measure, records, curves, the store, and the statistics with
    their intervals. The runs are `Method.solve_many` on the same seeds, as many at once as a block holds at most. The
    descents are the compiled work in these runs that they are charged for, called with the same arguments: `descend`
    from given starts, and the power iterations for safe step sizes. Everything else, the draw of the starts too,
    counts as harness.
    """
    problem, methods = hp.problem("xor"), [hp.method(name) for name in COMPARED]
    made: list[Callable[[], object]] = []

    def compare() -> None:
        with tempfile.TemporaryDirectory() as folder:
            workers = Workers("threads", 1)
            str(hp.compare(problem, methods, seeds=SEEDS, store=f"{folder}/runs", workers=workers))

    def alone() -> None:
        for method in methods:
            for first in range(0, SEEDS, LARGEST):
                method.solve_many(problem, range(first, min(first + LARGEST, SEEDS)), budget=DEFAULT_BUDGET)

    def descents() -> None:
        if not made:
            with _recorded(made):
                alone()
        for call in made:
            call()

    n = float(SEEDS * len(methods))
    sides = {"homotopy compare": compare, "homotopy runs": alone, "homotopy descents": descents}
    return [Contestant(name, call, n) for name, call in sides.items()]


@contextmanager
def _recorded(calls: list[Callable[[], object]]) -> Iterator[None]:
    """Keep every call of `descend` and `largest_curvature` that methods make, to be made again."""
    true: Callable[..., Descent] = vars(batches)["descend"]
    curvature: Callable[..., Any] = vars(baselines)["largest_curvature"]

    def descend(objective: object, starts: Vector, **settings: Any) -> Descent:
        calls.append(partial(true, objective, starts.copy(), **settings))
        found: Descent = true(objective, starts, **settings)
        return found

    def largest_curvature(objective: Any, points: Vector, *count: int) -> Any:
        calls.append(partial(curvature, objective, points.copy(), *count))
        return curvature(objective, points, *count)

    with (
        patch.object(batches, "descend", descend),
        patch.object(baselines, "largest_curvature", largest_curvature),
    ):
        yield


OURS: dict[str, Callable[[], list[Contestant]]] = {
    **{workload: partial(_multiples, workload) for workload in ROWS},
    "W12": _harness,
}
"""The package's contestants by workload."""
