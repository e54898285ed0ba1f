"""What a comparison runs: problems x methods x seeds, written as names with lists and ranges, or given as objects."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from homotopy import methods as method_floor
from homotopy import problems as problem_floor
from homotopy.arguments import shown
from homotopy.errors import ArgumentError
from homotopy.experiments.plan.ranges import expand_seeds
from homotopy.methods.base import Method
from homotopy.naming import expand
from homotopy.problems.base import Problem
from homotopy.status import Budget

__all__ = ["DEFAULT_METHODS", "Cell", "Entry", "Grid", "default_seeds", "plan"]

DEFAULT_METHODS = ("gd", "gd-noise", "momentum", "adam", "lbfgs", "width", "skip", "auto")
MANY, FEW = 1000, 100  # starts where nothing is asked for: on problems without data to speak of, and on the others
FEW_SAMPLES = 10

T = TypeVar("T", Problem, Method)


@dataclass(frozen=True)
class Entry:
    """A problem or a method of a comparison.

    Attributes
    ----------
    name : str
        The full name, under which results are kept.
    spec : str, Problem or Method
        What a worker builds it from: the text that named it, or the object itself.
    """

    name: str
    spec: str | Problem | Method

    def problem(self) -> Problem:
        """Return the problem, built anew where a text names it.

        Raises
        ------
        ArgumentError
            If the name is no problem's.
        """
        spec = problem_floor.problem(self.spec) if isinstance(self.spec, str) else self.spec
        if not isinstance(spec, Problem):
            raise ArgumentError(f"{self.name!r} is not a problem")
        return spec

    def method(self) -> Method:
        """Return the method, built anew where a text names it.

        Raises
        ------
        ArgumentError
            If the name is no method's.
        """
        spec = method_floor.method(self.spec) if isinstance(self.spec, str) else self.spec
        if not isinstance(spec, Method):
            raise ArgumentError(f"{self.name!r} is not a method")
        return spec


@dataclass(frozen=True)
class Cell:
    """One method on one problem."""

    problem: Entry
    method: Entry

    @property
    def key(self) -> tuple[str, str]:
        """The names of problem and method."""
        return self.problem.name, self.method.name


@dataclass(frozen=True)
class Grid:
    """The cells that run, the ones that are skipped and why, the seeds and the budget of each run.

    Attributes
    ----------
    problems, methods : tuple of Entry
        In the order in which they were given.
    cells : tuple of Cell
        What runs.
    skips : tuple of (str, str, str)
        Problem, method and the reason why the method does not run on the problem.
    seeds : tuple of int
        One run a seed; the same start at one seed for every method.
    budget : Budget
        What one run may cost.
    built : tuple of Problem
        The problems themselves.
    """

    problems: tuple[Entry, ...]
    methods: tuple[Entry, ...]
    cells: tuple[Cell, ...]
    skips: tuple[tuple[str, str, str], ...]
    seeds: tuple[int, ...]
    budget: Budget
    built: tuple[Problem, ...]

    @property
    def n_runs(self) -> int:
        """How many runs there are."""
        return len(self.cells) * len(self.seeds)


def default_seeds(problems: Iterable[Problem]) -> int:
    """Return how many starts a comparison has when none are asked for.

    Notes
    -----
    1,000 where every problem is a closed form or has at most ten samples, else 100: a rule and not a clock, so that
    the same command gives the same runs on every machine.
    """
    samples = [getattr(problem.objective, "n_samples", 0) for problem in problems]
    return MANY if all(n <= FEW_SAMPLES for n in samples) else FEW


def plan(
    problems: str | Problem | Sequence[str | Problem],
    methods: str | Method | Sequence[str | Method] | None = None,
    *,
    seeds: int | str | Iterable[int] | None = None,
    budget: Budget | float | None = None,
) -> Grid:
    """Return the Grid of a comparison; every name is built once, so that a wrong one raises here.

    Parameters
    ----------
    problems : str, Problem or sequence of them
        Names may hold lists and ranges (`expand`).
    methods : str, Method, sequence of them or None
        None takes `DEFAULT_METHODS`.
    seeds : int, str, iterable of int or None
        See `expand_seeds`; None takes `default_seeds`.
    budget : Budget, float or None
        What one run may cost; a number counts gradient-equivalents.

    Raises
    ------
    ArgumentError
        If a name, a parameter, a seed or the budget is not allowed, or nothing is asked for.
    """
    chosen = DEFAULT_METHODS if methods is None else methods
    given_problems = [
        (text, problem_floor.problem(text) if isinstance(text, str) else text)
        for text in _listed("problems", Problem, problems)
    ]
    given_methods = [
        (text, method_floor.method(text) if isinstance(text, str) else text)
        for text in _listed("methods", Method, chosen)
    ]
    if not given_problems or not given_methods:
        raise ArgumentError("a comparison needs at least one problem and one method")
    problem_entries = _named("problem", given_problems)
    method_entries = _named("method", given_methods)
    built = tuple(problem for _, problem in problem_entries.values())
    cells, skips = [], []
    for problem_entry, problem in problem_entries.values():
        for method_entry, method in method_entries.values():
            reason = method.accepts(problem)
            if reason is None:
                cells.append(Cell(problem_entry, method_entry))
            else:
                skips.append((problem.name, method.name, reason))
    return Grid(
        problems=tuple(entry for entry, _ in problem_entries.values()),
        methods=tuple(entry for entry, _ in method_entries.values()),
        cells=tuple(cells),
        skips=tuple(skips),
        seeds=expand_seeds(default_seeds(built) if seeds is None else seeds),
        budget=Budget.of(budget),
        built=built,
    )


def _named(kind: str, given: Sequence[tuple[str | T, T]]) -> dict[str, tuple[Entry, T]]:
    """Return the entries by their full names; two texts of one name are one entry, two objects must differ in name."""
    out: dict[str, tuple[Entry, T]] = {}
    for spec, thing in given:
        if thing.name in out and not (isinstance(spec, str) and isinstance(out[thing.name][0].spec, str)):
            raise ArgumentError(f"two {kind}s have the name {thing.name!r}; give each its own")
        out.setdefault(thing.name, (Entry(thing.name, spec), thing))
    return out


def _listed(name: str, kind: Any, things: str | T | Sequence[str | T]) -> list[str | T]:
    """Return things of a kind as a list, texts expanded."""
    if isinstance(things, (str, kind)):
        things = [things]
    if not isinstance(things, Iterable):
        raise ArgumentError(f"{name} must be names, {kind.__name__} objects or a list of them, not {shown(things)}")
    out: list[str | T] = []
    for thing in things:
        if not isinstance(thing, (str, kind)):
            raise ArgumentError(f"{name} must be names or {kind.__name__} objects; {shown(thing)} is neither")
        out += expand(thing) if isinstance(thing, str) else [thing]
    return out
