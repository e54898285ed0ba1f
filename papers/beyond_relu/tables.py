"""The tables of the page: rows of problems and the methods that are compared on them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

import homotopy as hp
from homotopy.experiments import Grid, Group, share_out, success_rate

__all__ = ["TABLES", "grids", "near_best"]

FIRST_TEACHER = 700
"""Teachers from this seed on were used for no choice of a setting."""


def _teachers(text: str, n: int = 20) -> tuple[str, ...]:
    return tuple(f"ts:{text},teacher_seed={seed}" for seed in range(FIRST_TEACHER, FIRST_TEACHER + n))


def _odd(text: str, name: str) -> tuple[tuple[str, tuple[str, ...], int, float], tuple[str, ...]]:
    return (name, _teachers(text), 400, 5000.0), ("lbfgs", "width", "skip")


TABLES = {
    "odd": (
        _odd("act=softplus", "softplus 8-8"),
        _odd("act=softplus,threshold=5e-6", "softplus 8-8, loss 5e-6"),
        _odd("act=gelu", "gelu 8-8"),
        _odd("act=gelu,threshold=5e-6", "gelu 8-8, loss 5e-6"),
        _odd("act=leaky-relu", "leaky relu 0.01, 8-8"),
        _odd("act=leaky-relu:slope=0.2", "leaky relu 0.2, 8-8"),
        *(
            ((f"xor {act}", (f"xor:activation={act}",), 1000, 5000.0), ("lbfgs", "lm", "width", "omp", "skip"))
            for act in ("softplus", "gelu", "leaky-relu", "leaky-relu:slope=0.2")
        ),
    ),
    "classes": (
        (
            ("relu 8-8, soft labels", _teachers("act=relu,loss=logistic,labels=soft"), 400, 5000.0),
            ("lbfgs", "width", "skip"),
        ),
        (("relu 8-8, hard labels", _teachers("act=relu,loss=logistic"), 400, 5000.0), ("lbfgs", "width", "skip")),
        (
            ("xor relu, logistic loss", ("xor:activation=relu,loss=logistic,encoding=binary",), 1000, 5000.0),
            ("lbfgs", "width", "omp", "skip", "skip:extra=2"),
        ),
        (
            ("spirals 2-40-1 relu", ("spirals:hidden=40,activation=relu",), 20, 5000.0),
            ("lbfgs", "width", "greedy", "skip"),
        ),
        (
            ("spirals 2-60-1 relu", ("spirals:hidden=60,activation=relu",), 20, 5000.0),
            ("lbfgs", "width", "greedy", "skip"),
        ),
    ),
    "deep": (
        (
            ("relu 8-8-8-1, N = 500", _teachers("act=relu,layers=2"), 200, 20_000.0),
            ("lbfgs", "lm", "decay", "greedy-deep", "width-deep:decay=0", "width-deep"),
        ),
        (
            ("relu 8-8-8-1, N = 2,000", _teachers("act=relu,layers=2,N=2000", 10), 40, 20_000.0),
            ("lbfgs", "lm", "width-deep:decay=0", "width-deep"),
        ),
        (("tanh 8-8-8-1, N = 500", _teachers("act=tanh,layers=2", 10), 100, 20_000.0), ("lbfgs", "lm", "width-deep")),
    ),
    "inputs": (
        (("relu 8-8", _teachers("act=relu"), 400, 5000.0), ("lbfgs", "width", "skip")),
        (("relu 8-8, mixture", _teachers("act=relu,inputs=mixture"), 400, 5000.0), ("lbfgs", "width", "skip")),
        (("relu 8-8, uniform", _teachers("act=relu,inputs=uniform"), 400, 5000.0), ("lbfgs", "width", "skip")),
    ),
}
"""For each table the rows, as (name, problems, runs, budget), and the methods on them."""


def grids(table: str, share: float = 1.0) -> list[Grid]:
    """Return what is to be run for a table, a grid a row (`homotopy.experiments.run_grids`).

    Parameters
    ----------
    table : str
        A key of `TABLES`.
    share : float
        Part of the runs that are made, in (0, 1]; one run at least.
    """
    return [
        share_out(Group(name, texts), methods, runs=max(1, round(share * runs)), budget=budget)
        for (name, texts, runs, budget), methods in TABLES[table]
    ]


def near_best(
    noise: float,
    methods: Sequence[str],
    *,
    teachers: int = 6,
    runs: int = 20,
    budget: float = 5000.0,
    intervals: bool = False,
) -> list[list[str]]:
    """Return, a teacher with noisy targets, the share of each method's runs within 5 % of the lowest loss of all.

    Parameters
    ----------
    noise : float
        Standard deviation of the noise.
    methods : sequence of str
        Names.
    teachers, runs : int
        Teachers, and runs of each method on each.
    budget : float
        Gradient-equivalents of a run.
    intervals : bool
        Whether the means have their 95 % intervals over teachers.

    Returns
    -------
    list of list of str
        A row for each teacher, its seed first, and a last one of means.
    """
    near: list[list[NDArray[np.bool_]]] = []
    for text in _teachers(f"act=relu,noise={noise}", teachers):
        target = hp.problem(text)
        values = [hp.method(name).solve_many(target, range(runs), budget=budget).value for name in methods]
        near.append([value <= 1.05 * np.min(values) for value in values])
    rows = [[str(FIRST_TEACHER + i), *(f"{np.mean(one):.2f}" for one in found)] for i, found in enumerate(near)]
    number = np.repeat(np.arange(teachers), runs)
    rates = [success_rate(np.concatenate(hits), problem=number) for hits in zip(*near, strict=True)]
    ends = [f" [{one.low:.2f}, {one.high:.2f}]" if intervals else "" for one in rates]
    return [*rows, ["mean", *(f"{one.rate:.2f}{end}" for one, end in zip(rates, ends, strict=True))]]
