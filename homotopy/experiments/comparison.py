"""The results of a comparison, read from its store when they are asked for."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

import numpy as np
from numpy.typing import NDArray

from homotopy.errors import ArgumentError, DataError
from homotopy.experiments.plan.plugins import extra
from homotopy.experiments.run.blocks import RESULT
from homotopy.experiments.statistics.profiles import cost_to
from homotopy.experiments.statistics.statistics import Summary, summarize
from homotopy.experiments.store.store import Store
from homotopy.status import Budget

__all__ = ["COLUMNS", "Comparison", "Target"]

COLUMNS = ("problem", "method", *(RESULT.names or ()))
RELATIVE, ABSOLUTE = 0.01, 1e-6  # how near to the best value found counts as solved where the optimum is unknown


@dataclass(frozen=True)
class Target:
    """What counts as solved on a problem.

    Attributes
    ----------
    optimum : float
        The global minimum, or the lowest value that any run of the comparison found.
    tolerance : float
        A run is solved at ``optimum + tolerance``.
    known : bool
        Whether the problem knows its optimum.
    """

    optimum: float
    tolerance: float
    known: bool


@dataclass(frozen=True, repr=False)
class Comparison:
    """The results of a comparison, read from its store when they are asked for.

    Attributes
    ----------
    store : Store
        Where the runs are.
    problems, methods : tuple of str
        Names, in the order in which they were asked for.
    seeds : tuple of int
        The seeds.
    budget : Budget
        What one run was allowed to cost.
    cells : dict
        From (problem, method) to the number of the cell in the store.
    skips, failures : tuple of (str, str, str)
        Problem, method and the reason.
    tuned : tuple of (str, str, str)
        Problem, method and how its setting was found.

    Notes
    -----
    Where a problem does not know its optimum, a run counts as a success if it came within 1 % (or 1e-6) of the lowest
    value that any run of this comparison found; so the same run may count otherwise in another comparison.
    """

    store: Store
    problems: tuple[str, ...]
    methods: tuple[str, ...]
    seeds: tuple[int, ...]
    budget: Budget
    cells: dict[tuple[str, str], int]
    skips: tuple[tuple[str, str, str], ...] = ()
    failures: tuple[tuple[str, str, str], ...] = ()
    tuned: tuple[tuple[str, str, str], ...] = ()
    _targets: dict[str, Target] = field(default_factory=dict, repr=False, compare=False)
    _summaries: dict[tuple[str, str], Summary] = field(default_factory=dict, repr=False, compare=False)

    def __repr__(self) -> str:
        """Return what was compared, in a line."""
        return (
            f"Comparison(problems={list(self.problems)}, methods={list(self.methods)}, {len(self.seeds)} seeds, "
            f"{len(self.skips)} skips, {len(self.failures)} failures)"
        )

    def __str__(self) -> str:
        """Return one line for every method on every problem: success with its interval, expected cost, median loss."""
        lines = []
        for problem in self.problems:
            for one in self.summaries(problem):
                rate, cost = one.rate, one.expected
                interval = f"[{rate.low:.3f}, {rate.high:.3f}]"
                lines.append(
                    f"{problem}  {one.method}: {rate.successes} of {rate.runs} succeed {interval}, expected cost "
                    f"{cost.value:.6g} [{cost.low:.6g}, {cost.high:.6g}], median loss {one.value[1]:.3g}"
                )
        return "\n".join(lines)

    @classmethod
    def load(cls, store: Store) -> Comparison:
        """Return everything in a store that has the budget of its last session, each cell in its newest version.

        Raises
        ------
        DataError
            If the store has no runs.
        """
        cells = store.cells()
        if not cells:
            raise DataError(f"the store {store.path} has no runs")
        budget = cells[-1][3]
        chosen = {(problem, method): number for number, problem, method, b, _, _ in cells if b == budget}
        notes = store.notes(cells[-1][4])
        seeds = sorted(set().union(*(store.done(number) for number in chosen.values())))
        return cls(
            store=store,
            problems=tuple(dict.fromkeys(problem for problem, _ in chosen)),
            methods=tuple(dict.fromkeys(method for _, method in chosen)),
            seeds=tuple(seeds),
            budget=budget,
            cells=chosen,
            skips=tuple((p, m, reason) for p, m, kind, reason in notes if kind == "skip"),
            failures=tuple((p, m, reason) for p, m, kind, reason in notes if kind == "failure"),
            tuned=tuple((p, m, reason) for p, m, kind, reason in notes if kind == "tuned"),
        )

    def methods_on(self, problem: str) -> tuple[str, ...]:
        """Return the methods that ran on a problem."""
        return tuple(method for method in self.methods if (problem, method) in self.cells)

    def target(self, problem: str) -> Target:
        """Return what counts as solved on a problem that some method ran on."""
        if problem not in self._targets:
            known = self.store.optima().get(problem)
            if known is None:
                rows = [self.store.records(self.cells[problem, method])["value"] for method in self.methods_on(problem)]
                best = float(np.nanmin(np.concatenate([*rows, [np.inf]])))
                self._targets[problem] = Target(best, max(ABSOLUTE, RELATIVE * abs(best)), known=False)
            else:
                self._targets[problem] = Target(*known, known=True)
        return self._targets[problem]

    def records(self, problem: str, method: str) -> NDArray[Any]:
        """Return the runs of one method on one problem in the order of their seeds.

        Returns
        -------
        ndarray of shape (r,)
            Record array with seed, success, value, cost, cost_to_success (NaN without success), status, seconds.

        Raises
        ------
        ArgumentError
            If the method did not run on the problem.
        """
        if (problem, method) not in self.cells:
            raise ArgumentError(f"{method!r} did not run on {problem!r}")
        rows = self.store.records(self.cells[problem, method])
        rows = rows[np.isin(rows["seed"], self.seeds)].view(np.recarray)
        target = self.target(problem)
        if not target.known:
            line = target.optimum + target.tolerance
            hits = cost_to([curve for _, _, curve in self.payload(problem, method)], line)
            rows["success"] = rows["value"] <= line
            rows["cost_to_success"] = np.where(rows["success"], np.where(np.isnan(hits), rows["cost"], hits), np.nan)
        return rows

    def payload(self, problem: str, method: str) -> list[tuple[int, NDArray[np.float64], NDArray[np.float64]]]:
        """Return (seed, final x, curve) of every run of one method on one problem, in the order of the seeds.

        Raises
        ------
        ArgumentError
            If the method did not run on the problem.
        """
        if (problem, method) not in self.cells:
            raise ArgumentError(f"{method!r} did not run on {problem!r}")
        wanted = set(self.seeds)
        rows = (row for row in self.store.payload(self.cells[problem, method]) if row[0] in wanted)
        return sorted(rows, key=lambda row: row[0])

    def summaries(self, problem: str) -> list[Summary]:
        """Return the Summary of every method that ran on a problem; computed once, since each takes a bootstrap."""
        for method in self.methods_on(problem):
            if (problem, method) not in self._summaries:
                self._summaries[problem, method] = summarize(problem, method, self.records(problem, method))
        return [self._summaries[problem, method] for method in self.methods_on(problem)]

    def table(self) -> np.recarray[Any, Any]:
        """Return all runs as one record array with the fields `COLUMNS`."""
        parts = []
        widths = [max([1, *map(len, names)]) for names in (self.problems, self.methods)]
        dtype = [("problem", f"U{widths[0]}"), ("method", f"U{widths[1]}"), *RESULT.descr]
        for problem in self.problems:
            for method in self.methods_on(problem):
                rows = self.records(problem, method)
                part = np.empty(len(rows), dtype=dtype)
                part["problem"], part["method"] = problem, method
                for name in RESULT.names or ():
                    part[name] = rows[name]
                parts.append(part)
        return np.concatenate(parts or [np.empty(0, dtype=dtype)]).view(np.recarray)

    def to_dataframe(self) -> Any:
        """Return all runs as a pandas DataFrame.

        Raises
        ------
        MissingExtraError
            If pandas is not installed.
        """
        return extra("pandas", "pandas", "to_dataframe").DataFrame.from_records(self.table())

    def to_csv(self, file: str | Path | TextIO) -> None:
        """Write all runs as CSV to a path or an open text file, one row a run, by problems, methods and seeds.

        Notes
        -----
        Numbers are written so that reading them gives the same float64; everything but the column seconds is the same
        each time.
        """
        if isinstance(file, (str, Path)):
            with Path(file).open("w", newline="", encoding="utf-8") as opened:
                self.to_csv(opened)
            return
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for problem in self.problems:
            for method in self.methods_on(problem):
                rows = self.records(problem, method)
                columns = [rows[name].tolist() for name in RESULT.names or ()]
                writer.writerows((problem, method, *row) for row in zip(*columns, strict=True))
