"""The rows of the escape suite: which problems, how many runs, and which methods get fewer of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from homotopy.methods import BY_NAME, method
from homotopy.papers.escape.fewer import FEWER
from homotopy.problems import problem

__all__ = ["ROWS", "Row", "cells", "left_out"]

QUICK = ("gd", "momentum", "adam", "lbfgs", "lm", "skip", "width", "omp", "greedy", "decay", "auto")
"""Methods of the quick form."""
SKIPPED = ("multistart",)
"""E* is multi-start already, at the best cutoff."""
AUTO_ONCE = "auto:restarts=1"
"""Beside `auto`, which starts again within a run: its first choice alone, once."""

ONCE = 200
"""The most runs of that."""


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
    also : tuple of str
        Methods of the full form with other settings than their own.
    """

    name: str
    problems: tuple[str, ...]
    budget: float = 5000.0
    quick: int = 40
    full: int = 1000
    also: tuple[str, ...] = ()

    def runs(self, name: str, *, full: bool) -> int:
        """Return how many runs a method gets; where that is fewer than there are problems, only the first ones run.

        Dear methods get fewer runs in the full form (`FEWER`); with 0 a method is left out: one run takes minutes.
        """
        if not full:
            return self.quick
        few = dict(word.split("=") for word in FEWER.get(self.name, "").split())
        runs = int(few.get(name.split(":")[0], self.full))
        return min(runs, ONCE) if name == AUTO_ONCE else runs


def _teachers(pattern: str, n: int) -> tuple[str, ...]:
    """Return the names with the teacher's seed filled in; these teachers were used for no tuning."""
    return tuple(pattern.format(seed) for seed in range(500, 500 + n))


ROWS = (
    Row("teacher k=6", ("teacher:k=6",)),
    Row("teacher k=8", ("teacher:k=8",)),
    Row("teacher k=10", ("teacher:k=10",)),
    Row("teacher k=20", ("teacher:k=20",)),
    Row("teacher k=30", ("teacher:k=30",), quick=0),
    Row("teacher k=50", ("teacher:k=50",), budget=3000, quick=0, full=200),
    Row("teacher k=100", ("teacher:k=100",), budget=3000, quick=0, full=200),
    Row("Gaussian k=20", _teachers("teacher:k=20,teacher_seed={}", 50), quick=50),
    Row("Gaussian k=40", _teachers("teacher:k=40,teacher_seed={}", 50), quick=0, full=500),
    Row("Gaussian k=100", _teachers("teacher:k=100,teacher_seed={}", 50), budget=3000, quick=0, full=100),
    Row("Gaussian k=20, d=10", _teachers("teacher:k=20,d=10,teacher_seed={}", 50), quick=50),
    Row("Gaussian k=40, d=20", _teachers("teacher:k=40,d=20,teacher_seed={}", 50), quick=0, full=500),
    Row("ts relu 8-8", _teachers("ts:act=relu,teacher_seed={}", 20), quick=20, full=2000),
    Row("ts relu 8-8, mixture", _teachers("ts:act=relu,inputs=mixture,teacher_seed={}", 20), quick=0),
    Row("ts relu 8-8, uniform", _teachers("ts:act=relu,inputs=uniform,teacher_seed={}", 20), quick=0, full=200),
    Row("ts relu 8-8, classes", _teachers("ts:act=relu,loss=logistic,teacher_seed={}", 20), quick=0, full=200),
    Row(
        "ts relu 8-8, logits", _teachers("ts:act=relu,loss=logistic,labels=soft,teacher_seed={}", 20), full=200, quick=0
    ),
    Row("ts relu 16-16", _teachers("ts:act=relu,d=16,h=16,N=1500,teacher_seed={}", 20), quick=0, full=400),
    Row("ts relu 8-8-8", _teachers("ts:act=relu,layers=2,teacher_seed={}", 10), budget=20_000, quick=0, full=100),
    Row("ts leaky relu 8-8", _teachers("ts:act=leaky-relu,teacher_seed={}", 20), quick=0, full=200),
    Row("ts gelu 8-8", _teachers("ts:act=gelu,teacher_seed={}", 20), quick=0, full=200),
    Row("ts softplus 8-8", _teachers("ts:act=softplus,threshold=5e-6,teacher_seed={}", 20), quick=0, full=200),
    Row("ts tanh 8-8", _teachers("ts:act=tanh,teacher_seed={}", 20), quick=20),
    Row("ts tanh 8-8, classes", _teachers("ts:act=tanh,loss=logistic,teacher_seed={}", 20), quick=0, full=200),
    Row("ts tanh 8-8-8", _teachers("ts:act=tanh,layers=2,teacher_seed={}", 10), budget=20_000, quick=0, full=100),
    Row("xor tanh", ("xor",)),
    Row("xor relu", ("xor:activation=relu",)),
    Row("xor logistic loss", ("xor:loss=logistic,encoding=binary",)),
    Row("xor sigmoid", ("xor:activation=logistic,encoding=binary",)),
    Row("xor sigmoid-sigmoid", ("xor:activation=logistic,encoding=binary,output=logistic",)),
    Row("jellyfish tanh 4", ("jellyfish:hidden=4,activation=tanh",)),
    Row("jellyfish relu 4", ("jellyfish:hidden=4,activation=relu",)),
    Row("jellyfish relu 2", ("jellyfish:hidden=2,activation=relu",)),
    Row("sine h=4", ("sine:hidden=4",)),
    Row("sine h=8", ("sine:hidden=8",)),
    Row("dying relu", ("dying-relu",), full=500),
    Row("auer d=6", ("auer:d=6",)),
    Row("auer d=6, hard", ("auer:d=6,hard=yes",)),
    Row("swirszcz d1", ("swirszcz-d1",)),
    Row("swirszcz d2", ("swirszcz-d2",)),
    Row("yun", ("yun",)),
    Row("spirals 2-30-1", ("spirals:hidden=30",), quick=6, full=400),
    Row("spirals 2-20-1", ("spirals:hidden=20",), budget=20_000, quick=0, full=100, also=("greedy:refine=yes",)),
    Row("spirals 2-10-10-1", ("spirals:hidden=10,layers=2",), budget=10_000, quick=0, full=200),
)
"""The rows of the suite."""


def cells(*, full: bool = False, methods: Sequence[str] = (), rows: Sequence[str] = ()) -> list[tuple[Row, str, int]]:
    """Return what is to run: (row, method, runs), leaving out methods that a row's problems do not allow.

    Parameters
    ----------
    full : bool
        The full form: all rows and, unless `methods` names some, all methods.
    methods, rows : sequence of str
        Only these, where given.
    """
    every = [*(name for name in sorted(BY_NAME) if name not in SKIPPED), AUTO_ONCE]
    names = list(methods) or (every if full else [*QUICK, AUTO_ONCE])
    out = []
    for row in ROWS:
        if not (row.full if full else row.quick) or (rows and row.name not in rows):
            continue
        first = problem(row.problems[0])
        for name in [*names, *(row.also if full and not methods else ())]:
            runs = row.runs(name, full=full)
            if runs and method(name).accepts(first) is None:
                out.append((row, name, runs))
    return out


def left_out() -> list[tuple[str, str]]:
    """Return the rows and methods of the full form that are left out because one run takes minutes."""
    words = ((row, *word.split("=")) for row, text in FEWER.items() for word in text.split())
    return [(row, name) for row, name, runs in words if runs == "0"]
