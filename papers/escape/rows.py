"""The rows of the table: which problems, how many runs, and which methods take part with how many of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import homotopy as hp
from homotopy.experiments import Grid, Group, share_out

__all__ = ["AUTO_ONCE", "METHODS", "ROWS", "Line", "Row", "grids", "left_out", "schedule"]

AUTO_ONCE = "auto:restarts=1"
"""Beside `auto`, which starts again within a run: its first choice alone, once."""
ONCE = 200
"""The most runs of that."""
QUICK = ("gd", "momentum", "adam", "lbfgs", "lm", "skip", "width", "omp", "greedy", "decay", "auto", AUTO_ONCE)
"""Methods of the quick form."""
METHODS = (
    "adam",
    "auto",
    "basin-hopping",
    "decay",
    "dual-annealing",
    "era",
    "escape",
    "gd",
    "gd-decay",
    "gd-noise",
    "graduated",
    "greedy",
    "greedy-deep",
    "hope",
    "lbfgs",
    "lbfgsb",
    "linearized",
    "lm",
    "momentum",
    "omp",
    "perturbed-gd",
    "proximal",
    "saddle-free",
    "skip",
    "track",
    "tv-width",
    "width",
    "width-deep",
    AUTO_ONCE,
)
"""Methods of the full form; a new one takes part when it is named here. E* is multi-start, which is no method then."""
FIRST_TEACHER = 500
"""Teachers from this seed on were used for no tuning."""


@dataclass(frozen=True)
class Row:
    """Problems that make one row of the table, runs shared evenly among them.

    Attributes
    ----------
    name : str
        What the row is called.
    problem : str
        The problem, without the teacher's seed where there are several teachers.
    teachers : int
        Their number; 0 where the problem has none, or its own.
    budget : float
        Gradient-equivalents of one run.
    quick, full : int
        Runs of the two forms; 0 leaves the row out of the quick one.
    also : tuple of str
        Methods of the full form with other settings than their own.
    fewer : dict
        Runs of the full form of methods whose runs are dear; 0 leaves a method out: one run takes minutes.
    """

    name: str
    problem: str
    teachers: int = 0
    budget: float = 5000.0
    quick: int = 40
    full: int = 1000
    also: Sequence[str] = ()
    fewer: dict[str, int] = field(default_factory=dict)

    @property
    def problems(self) -> list[str]:
        """The names of all problems of the row."""
        if not self.teachers:
            return [self.problem]
        more = "," if ":" in self.problem else ":"
        return [f"{self.problem}{more}teacher_seed={FIRST_TEACHER + i}" for i in range(self.teachers)]

    def runs(self, method: str, *, full: bool) -> int:
        """Return how many runs a method gets."""
        if not full:
            return self.quick
        runs = self.fewer.get(method.split(":")[0], self.full)
        return min(runs, ONCE) if method == AUTO_ONCE else runs


ROWS = tuple(Row(**row) for row in json.loads(Path(__file__).with_name("rows.json").read_text(encoding="utf-8")))
"""The rows of the table."""


@dataclass(frozen=True)
class Line:
    """One line of the table: a method on a row, and its runs."""

    row: Row
    method: str
    runs: int


def schedule(*, full: bool = False, methods: Sequence[str] = (), rows: Sequence[str] = ()) -> list[Line]:
    """Return the lines that are to be run, leaving out methods that a row's problems do not allow.

    Parameters
    ----------
    full : bool
        The full form: all rows and, unless `methods` names some, all methods of the list.
    methods, rows : sequence of str
        Only these, where given.
    """
    names = list(methods) or list(METHODS if full else QUICK)
    out = []
    for row in ROWS:
        if not (row.full if full else row.quick) or (rows and row.name not in rows):
            continue
        first = hp.problem(row.problems[0])
        for name in [*names, *(row.also if full and not methods else ())]:
            runs = row.runs(name, full=full)
            if runs and hp.method(name).accepts(first) is None:
                out.append(Line(row, name, runs))
    return out


def grids(lines: Sequence[Line]) -> list[Grid]:
    """Return what is to be run for the lines: a grid for each row and number of runs."""
    alike: dict[tuple[str, int], list[Line]] = {}
    for line in lines:
        alike.setdefault((line.row.name, line.runs), []).append(line)
    return [
        share_out(
            Group(same[0].row.name, same[0].row.problems),
            [line.method for line in same],
            runs=same[0].runs,
            budget=same[0].row.budget,
        )
        for same in alike.values()
    ]


def left_out() -> list[tuple[str, str]]:
    """Return the rows and methods of the full form that are left out because one run takes minutes."""
    return [(row.name, method) for row in ROWS for method, runs in row.fewer.items() if not runs]
