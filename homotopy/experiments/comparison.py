"""The results of a comparison, read from its store when they are asked for."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

import numpy as np
from numpy.typing import NDArray

from homotopy.arguments import shown
from homotopy.doors import doors
from homotopy.errors import ArgumentError
from homotopy.experiments.bounded import gapped, kept_bound
from homotopy.experiments.budgeted import SCORE, goal_of, noted, run_scores, told
from homotopy.experiments.goal import Goal
from homotopy.experiments.groups import contents
from homotopy.experiments.plan.plugins import extra
from homotopy.experiments.run.machine import names
from homotopy.experiments.run.traces import Trace
from homotopy.experiments.statistics.lower import Lower, lower_tests
from homotopy.experiments.statistics.paired import Paired, paired_tests, slim
from homotopy.experiments.statistics.profiles import cost_to
from homotopy.experiments.statistics.statistics import Summary, summarize
from homotopy.experiments.store.store import Store
from homotopy.experiments.tabled import COLUMNS, line, table, write_csv
from homotopy.problems.bounds import Bound
from homotopy.status import Budget

__all__ = ["COLUMNS", "Comparison"]

FLOATS = NDArray[np.float64]
Run = tuple[int, FLOATS, FLOATS]


@doors
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
        The seeds that are shown, on every problem.
    budget : Budget
        What one run was allowed to cost.
    cells : dict
        From (problem, method) to the number of the cell in the store.
    skips, failures : tuple of (str, str, str)
        Problem, method and the reason.
    tuned : tuple of (str, str, str)
        Problem, method and how its setting was found.
    groups : dict
        From the name of a group to its problems' names, in the order of the tables; a problem that was asked for by
        itself is a group of its own. Where a method takes the name of a problem, that of a group will do.
    tuning : tuple of int
        Seeds of runs that choose the restart cutoffs and are not shown.

    Notes
    -----
    Where a problem does not know its optimum, methods are told by the expected loss at the budget
    (`Summary.at_budget`), and a run counts as a success if it came near the lowest value that any run of this
    comparison found (`Goal.lowest`); so the same run may count otherwise in another comparison.
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
    groups: dict[str, tuple[str, ...]] = field(default_factory=dict)
    tuning: tuple[int, ...] = ()
    _goals: dict[str, Goal] = field(default_factory=dict, repr=False, compare=False)
    _summaries: dict[tuple[str, str], Summary] = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not self.groups:
            object.__setattr__(self, "groups", {name: (name,) for name in self.problems})

    def __repr__(self) -> str:
        """Return what was compared, in a line."""
        return (
            f"Comparison(problems={list(self.problems)}, methods={list(self.methods)}, {len(self.seeds)} seeds, "
            f"{len(self.skips)} skips, {len(self.failures)} failures)"
        )

    def __str__(self) -> str:
        """Return one line for every method on every problem (`tabled.line`)."""
        return "\n".join(line(name, one) for name in self.groups for one in self.summaries(name))

    @classmethod
    def load(cls, store: Store) -> Comparison:
        """Return everything in a store that has the budget of its last session, each cell in its newest version.

        Raises
        ------
        DataError
            If the store has no runs.
        """
        return cls(store=store, **contents(store))

    def problems_of(self, name: str) -> tuple[str, ...]:
        """Return the problems of a group; a problem's own name gives that problem."""
        return self.groups.get(name, (name,))

    def methods_on(self, problem: str) -> tuple[str, ...]:
        """Return the methods that ran on a problem, or on some problem of a group."""
        inside = self.problems_of(problem)
        return tuple(method for method in self.methods if any((name, method) in self.cells for name in inside))

    def goal(self, problem: str) -> Goal:
        """Return what counts as solved on a problem that some method ran on."""
        if problem not in self._goals:
            self._goals[problem] = goal_of(self, problem)
        return self._goals[problem]

    def bound(self, problem: str) -> Bound | None:
        """Return the lower bound that is kept of a problem; None where there is none, as in stores of old versions."""
        return kept_bound(self.store, problem)

    def target(self, problem: str) -> Goal:
        """Return `goal`, by its name of earlier versions."""
        warnings.warn("Comparison.target is now called Comparison.goal", DeprecationWarning, stacklevel=3)
        return self.goal(problem)

    def records(self, problem: str, method: str) -> np.recarray[Any, Any]:
        """Return the runs of one method on one problem in the order of their seeds, of a group problem by problem.

        Returns
        -------
        ndarray of shape (r,)
            Record array with seed, success, value, cost, cost_to_success (NaN without success), status, seconds.

        Raises
        ------
        ArgumentError
            If the method did not run on the problem.
        """
        parts = [self._runs(name, method, self.seeds) for name in self._ran(problem, method)]
        return parts[0] if len(parts) == 1 else np.concatenate(parts).view(np.recarray)

    def scores(self, problem: str, method: str) -> FLOATS:
        """Return the scores on held-out data of the runs of one method, in the order of `records`; NaN without any.

        Raises
        ------
        ArgumentError
            If the method did not run on the problem.
        """
        return np.concatenate([run_scores(self, name, method, self.seeds) for name in self._ran(problem, method)])

    def score_name(self, problem: str) -> str:
        """Return what the score of a problem is, ``accuracy`` or ``R2``; empty where no data are held out."""
        return noted(self.store, SCORE).get(problem, "")

    def _ran(self, name: str, method: str) -> list[str]:
        """Return the problems of a group that a method ran on."""
        found = [problem for problem in self.problems_of(name) if (problem, method) in self.cells]
        if not found:
            raise ArgumentError(f"method {shown(method)} did not run on problem {shown(name)}")
        return found

    def _runs(self, problem: str, method: str, seeds: tuple[int, ...]) -> np.recarray[Any, Any]:
        """Return the runs with some seeds, judged by the lowest value of all where the optimum is unknown."""
        kept, wanted = self.store.records(self.cells[problem, method]), np.asarray(seeds, dtype=np.int64)
        if not np.array_equal(kept["seed"], wanted):
            kept = kept[np.isin(kept["seed"], wanted)]
        rows: np.recarray[Any, Any] = kept.view(np.recarray)
        goal = self.goal(problem)
        if not goal.known:
            goal.judge(rows, self._hits(problem, method, seeds, [goal.value])[0])
        return rows

    def payload(self, problem: str, method: str) -> list[Run]:
        """Return (seed, final x, curve) of every run of one method, in the order of `records`.

        Raises
        ------
        ArgumentError
            If the method did not run on the problem.
        """
        return [run for name in self._ran(problem, method) for run in self._payload(name, method, self.seeds)]

    def _payload(self, problem: str, method: str, seeds: tuple[int, ...]) -> list[Run]:
        wanted = set(seeds)
        rows = (row for row in self.store.payload(self.cells[problem, method]) if row[0] in wanted)
        return sorted(rows, key=lambda row: row[0])

    def curves(self, problem: str, method: str, seeds: Iterable[int] | None = None) -> Iterator[tuple[int, FLOATS]]:
        """Yield (seed, curve) of the runs of a method on one problem, in no certain order, never many at once.

        Parameters
        ----------
        problem, method : str
            Their names.
        seeds : iterable of int or None
            Only these; None takes all that are shown.
        """
        cells = [self.cells[name, method] for name in self._ran(problem, method)]
        wanted = self.seeds if seeds is None else seeds
        for found, curves in (block for cell in cells for block in self.store.curves(cell, wanted)):
            for seed, curve in zip(found.tolist(), curves, strict=True):
                yield seed, curve.copy()  # which does not keep the whole block alive

    def costs_to(self, problem: str, method: str, values: Sequence[float]) -> FLOATS:
        """Return what each run of a method on one problem had spent when it first saw each of these values or less.

        Returns
        -------
        ndarray of shape (v, r)
            A row a value, a column a run in the order of `records`; NaN where it did not. Read from the curves.
        """
        return np.concatenate([self._hits(p, method, self.seeds, values) for p in self._ran(problem, method)], axis=1)

    def _hits(self, problem: str, method: str, seeds: Sequence[int], values: Sequence[float]) -> FLOATS:
        number, parts = [], []
        for found, curves in self.store.curves(self.cells[problem, method], seeds):
            number.append(found)
            parts.append(np.array([cost_to(curves, value) for value in values]))
        if not parts:
            return np.empty((len(values), 0))
        hits: FLOATS = np.concatenate(parts, axis=1)[:, np.argsort(np.concatenate(number))]
        return hits

    @property
    def machine(self) -> str:
        """What the machines that ran are called, by their processors: those whose times these are."""
        return names(session["machine"] for session in self.store.sessions())

    def paths(self, problem: str, method: str) -> list[Trace]:
        """Return the paths that were kept of the first runs of a method on a problem; often none."""
        kept = (kept for name in self._ran(problem, method) for kept in self.store.paths(self.cells[name, method]))
        return [Trace.unpack(seed, data) for seed, data in kept if seed in self.seeds]

    def paired(self, name: str) -> list[Paired]:
        """Return the tests of every pair of methods on the same starts of a problem or of a group of them."""
        return paired_tests(name, self._by_method(name, slim))

    def lower(self, name: str) -> list[Lower]:
        """Return the tests of which of two methods ends lower from the same starts: those where no optimum is known.

        Losses that differ by less than a hundredth of the goal's tolerance are ties.
        """
        found = {p: self.goal(p) for p in self.problems_of(name) if self.methods_on(p)}
        scales = {p: (goal.scale, 0.01 * goal.tolerance) for p, goal in found.items()}
        return lower_tests(name, self._by_method(name, np.copy), scales)

    def _by_method(self, name: str, keep: Callable[[Any], Any]) -> dict[str, dict[str, Any]]:
        """Return what `keep` makes of the runs of each method on each problem of a group."""
        return {
            method: {p: keep(self._runs(p, method, self.seeds)) for p in self._ran(name, method)}
            for method in self.methods_on(name)
        }

    def summaries(self, problem: str) -> list[Summary]:
        """Return the Summary of every method on a problem or a group; computed once, since each takes a bootstrap."""
        for method in self.methods_on(problem):
            if (problem, method) not in self._summaries:
                ran = self._ran(problem, method)
                shown = [self._runs(name, method, self.seeds) for name in ran]
                early = [self._runs(name, method, self.tuning) for name in ran] if self.tuning else []
                early = early if any(len(rows) for rows in early) else []
                found = told(self, problem, summarize(problem, method, shown, tuning=early))
                self._summaries[problem, method] = gapped(self, ran, found, shown)
        return [self._summaries[problem, method] for method in self.methods_on(problem)]

    def table(self) -> np.recarray[Any, Any]:
        """Return all runs as one record array with the fields `COLUMNS`, and `score` where data are held out."""
        return table(self)

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
        write_csv(self, file)
