"""What a comparison runs: problems x methods x seeds, written as names with lists and ranges, or given as objects."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from homotopy import methods as method_floor
from homotopy import problems as problem_floor
from homotopy.arguments import integer, one_of, shown
from homotopy.doors import doors
from homotopy.errors import ArgumentError
from homotopy.experiments.plan.folds import folds_of
from homotopy.experiments.plan.ranges import MOST_SEEDS, expand_seeds
from homotopy.methods.base import Method
from homotopy.naming import expand
from homotopy.problems.base import Problem
from homotopy.status import Budget

__all__ = ["DEFAULT_METHODS", "FIRST_SEED", "Cell", "Entry", "Grid", "Group", "default_seeds", "listed"]

DEFAULT_METHODS = ("gd", "gd-noise", "momentum", "adam", "lbfgs", "width", "skip", "auto")
MANY, FEW = 1000, 100  # starts where nothing is asked for: on problems without data to speak of, and on the others
FEW_SAMPLES = 10
FIRST_SEED = 1_000_000_000  # tuning uses this seed and those after it; comparisons count from 0

T = TypeVar("T", Problem, Method)


@dataclass(frozen=True)
class Entry:
    """A problem or a method of a comparison: its full name, and the text or the object that a worker makes it from."""

    name: str
    spec: str | Problem | Method

    def problem(self) -> Problem:
        """Return the problem, built anew where a text names it."""
        return problem_floor.problem(self.spec) if isinstance(self.spec, str) else cast("Problem", self.spec)

    def method(self) -> Method:
        """Return the method, built anew where a text names it."""
        return method_floor.method(self.spec) if isinstance(self.spec, str) else cast("Method", self.spec)


@dataclass(frozen=True)
class Cell:
    """One method on one problem."""

    problem: Entry
    method: Entry

    @property
    def key(self) -> tuple[str, str]:
        """The names of problem and method."""
        return self.problem.name, self.method.name


@doors
@dataclass(frozen=True)
class Group:
    """Problems that make one row of a table: the runs on all of them are told together.

    Attributes
    ----------
    name : str
        What the row is called.
    problems : str, Problem or sequence of them
        As for `homotopy.compare`: ``"teacher:k=20,teacher_seed=500..549"`` is fifty teachers. A name with ``folds=5``
        and no ``fold`` is all five folds of its data; given by itself, it is a group of that name.
    """

    name: str
    problems: str | Problem | Sequence[str | Problem]


class _Folds(Group):
    """All folds of a problem, which was asked for by itself."""


Subjects = str | Problem | Group | Sequence[str | Problem | Group]


@doors
@dataclass(frozen=True)
class Grid:
    """The cells that run, the ones that are skipped and why, the seeds and the budget of each run.

    Attributes
    ----------
    problems, methods : tuple of Entry
        In the order in which they were given.
    groups : dict
        From the name of a group to its problems' names; a problem that was given by itself is a group of its own.
    cells : tuple of Cell
        What runs.
    skips : tuple of (str, str, str)
        Problem, method and the reason why the method does not run on the problem.
    seeds : tuple of int
        One run a seed; the same start at one seed for every method.
    tuning : tuple of int
        Seeds of the runs that choose restart cutoffs and are not shown.
    budget : Budget
        What one run may cost.
    built : tuple of Problem
        The problems themselves.
    """

    problems: tuple[Entry, ...]
    methods: tuple[Entry, ...]
    groups: dict[str, tuple[str, ...]]
    cells: tuple[Cell, ...]
    skips: tuple[tuple[str, str, str], ...]
    seeds: tuple[int, ...]
    tuning: tuple[int, ...]
    budget: Budget
    built: tuple[Problem, ...]

    @property
    def n_runs(self) -> int:
        """How many runs there are."""
        return len(self.cells) * (len(self.seeds) + len(self.tuning))

    @classmethod
    def of(
        cls,
        problems: Subjects,
        methods: str | Method | Sequence[str | Method] | None = None,
        *,
        seeds: int | str | Iterable[int] | None = None,
        tuning: int = 0,
        budget: Budget | float | None = None,
    ) -> Grid:
        """Return the Grid of a comparison; every name is built once, so that a wrong one raises here.

        Parameters
        ----------
        problems : str, Problem, Group or sequence of them
            Names may hold lists and ranges (`expand`).
        methods : str, Method, sequence of them or None
            None takes `DEFAULT_METHODS`.
        seeds : int, str, iterable of int or None
            On every problem; see `expand_seeds`. None takes `default_seeds`.
        tuning : int
            How many seeds more choose the restart cutoffs, from `FIRST_SEED` on.
        budget : Budget, float or None
            What one run may cost; a number counts gradient-equivalents.

        Raises
        ------
        ArgumentError
            If a name, a parameter, a seed or the budget is not allowed, or nothing is asked for.
        """
        problem_entries, groups = _grouped(problems)
        chosen_methods = DEFAULT_METHODS if methods is None else methods
        method_entries: dict[str, tuple[Entry, Method]] = _built("method", Method, chosen_methods, {})
        if not problem_entries or not method_entries:
            raise ArgumentError("a comparison needs at least one problem and one method")
        cells, skips = [], []
        for (one, problem), (how, method) in itertools.product(problem_entries.values(), method_entries.values()):
            reason = method.accepts(problem)
            one_of(f"what accepts of {method.name} returns", reason, (str, type(None)), "a sentence or None")
            if reason is None:
                cells.append(Cell(one, how))
            else:
                skips.append((problem.name, method.name, reason))
        built = tuple(problem for _, problem in problem_entries.values())
        chosen = expand_seeds(default_seeds(built) if seeds is None else seeds)
        early = tuple(range(FIRST_SEED, FIRST_SEED + integer("tuning", tuning, least=0, most=MOST_SEEDS)))
        if set(chosen) & set(early):
            raise ArgumentError(
                f"seeds must lie below {FIRST_SEED:,}, where the seeds of the {tuning} tuning runs begin"
            )
        return cls(
            problems=tuple(entry for entry, _ in problem_entries.values()),
            methods=tuple(entry for entry, _ in method_entries.values()),
            groups=groups,
            cells=tuple(cells),
            skips=tuple(skips),
            seeds=chosen,
            tuning=early,
            budget=Budget.of(budget),
            built=built,
        )


def default_seeds(problems: Iterable[Problem]) -> int:
    """Return how many starts a comparison has when none are asked for.

    It is 1,000 where every problem is a closed form or has at most ten samples, else 100: a rule and not a clock, so
    that the same command gives the same runs on every machine.
    """
    samples = [getattr(problem.objective, "n_samples", 0) for problem in problems]
    return MANY if all(n <= FEW_SAMPLES for n in samples) else FEW


def _grouped(subjects: Subjects) -> tuple[dict[str, tuple[Entry, Problem]], dict[str, tuple[str, ...]]]:
    """Return all problems by their full names, and the names in each group."""
    listed = [subjects] if isinstance(subjects, (str, Problem, Group)) else _items("problems", "Problem", subjects)
    entries: dict[str, tuple[Entry, Problem]] = {}
    groups: dict[str, tuple[str, ...]] = {}
    for subject in _unfolded(listed):
        inside = subject.problems if isinstance(subject, Group) else [subject]
        found = _built("problem", Problem, inside, entries)
        if not isinstance(subject, Group):
            groups |= {name: (name,) for name in found}
            continue
        if isinstance(subject, _Folds) and subject.name in found:  # a default of the problem is not spelled out
            subject = _Folds(f"{subject.name} (all folds)", subject.problems)
        if subject.name in groups or not found:
            why = "is there twice" if subject.name in groups else "has no problems"
            raise ArgumentError(f"the group {subject.name!r} {why}")
        groups[subject.name] = tuple(found)
    for name, members in groups.items():
        if name in entries and members != (name,):
            raise ArgumentError(f"the group {name!r} has the name of a problem; give it another")
    return entries, groups


def _items(name: str, kind: str, things: Any) -> list[Any]:
    """Return things as a list."""
    try:
        return list(things)
    except Exception:  # what is no list, and objects that refuse to be one
        raise ArgumentError(f"{name} must be names, {kind} objects or a list of them, not {shown(things)}") from None


def _unfolded(subjects: Iterable[Any]) -> list[Any]:
    """Return subjects with a Group in place of each name that stands for all folds of a problem (`folds_of`)."""
    out: list[Any] = []
    for subject in subjects:
        for name in expand(subject) if isinstance(subject, str) else [subject]:
            folds = folds_of(name) if isinstance(name, str) else []
            out.append(_Folds(name, folds) if len(folds) > 1 else name)
    return out


def _built(word: str, kind: Any, things: Any, entries: dict[str, tuple[Entry, T]]) -> dict[str, tuple[Entry, T]]:
    """Return things by their full names, and enter them; two texts of one name are one, two objects must differ."""
    make: Any = problem_floor.problem if kind is Problem else method_floor.method
    out: dict[str, tuple[Entry, T]] = {}
    for spec in listed(f"{word}s", kind, things):
        thing: T = make(spec) if isinstance(spec, str) else spec
        name = thing.name
        known = entries.get(name)
        if known and known[1] is not thing and not (isinstance(spec, str) and isinstance(known[0].spec, str)):
            raise ArgumentError(f"two {word}s have the name {name!r}; give each its own")
        out[name] = entries.setdefault(name, (Entry(name, spec), thing))
    return out


def listed(name: str, kind: Any, things: str | T | Sequence[str | T]) -> list[str | T]:
    """Return things of a kind as a list, texts expanded.

    Raises
    ------
    ArgumentError
        If one of them is neither a text nor of the kind.
    """
    out: list[str | T] = []
    for thing in [things] if isinstance(things, (str, kind)) else _items(name, kind.__name__, things):
        if not isinstance(thing, (str, kind)):
            raise ArgumentError(f"{name} must be names or {kind.__name__} objects; {shown(thing)} is neither")
        names = expand(thing) if isinstance(thing, str) else [thing]
        for name in names:
            out += folds_of(name) if isinstance(name, str) and kind is Problem else [name]
    return out
