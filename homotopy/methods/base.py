"""The contract of every method, and what a run returns."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import inf, nan
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.arguments import integer, one_of, vector
from homotopy.doors import door, doors
from homotopy.errors import ArgumentError
from homotopy.extras import origins, remade
from homotopy.methods.runs import Runs, record_type
from homotopy.objectives.base import Seed, Vector
from homotopy.objectives.curvature import Curvature
from homotopy.objectives.facets import lacking
from homotopy.problems.base import Problem
from homotopy.problems.bounds import Bound, rounding_at
from homotopy.status import BudgetLike, Counts, Status
from homotopy.streams import generator_of, key_of
from homotopy.threads import hold, one_blas_thread

__all__ = ["Callback", "Method", "Result", "record_type", "records", "refused", "streams"]


@doors
@dataclass(frozen=True, repr=False)
class Result:
    """What one run of a method returns.

    Attributes
    ----------
    x : ndarray of shape (n,)
        The best point found, a parameter vector of the true problem; read-only.
    value : float
        The true objective at x.
    success : bool
        Whether the problem says that x solves it. Where the optimum is unknown: whether the run converged to a
        minimum, which need not be the lowest one; its ending is good, and x is not known to be a saddle or a maximum.
    status : Status
        How the run ended.
    counts : Counts
        Evaluations by kind.
    seconds : float
        Wall-clock time.
    cost_to_success : float
        Gradient-equivalents spent when the target was first reached; NaN where it was not.
    curve : ndarray of shape (m, 2)
        Gradient-equivalents spent, and the lowest true value seen until then.
    stages : tuple of dict
        What the method did, stage by stage.
    path : object or None
        The tracked Path, if there is one.
    curvature : Curvature or None
        What x is; None where that was not looked at: where the optimum is known, its value is the proof of a minimum,
        and a run that did not succeed has no end.
    note : str
        What else there is to say of the ending.
    problem : Problem or None
        What was solved: it is asked for its lower bound when `bound` is. A pickle has the bound in its place.
    """

    x: Vector
    value: float
    success: bool
    status: Status
    counts: Counts
    seconds: float
    cost_to_success: float = float("nan")
    curve: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 2)))
    stages: tuple[dict[str, Any], ...] = ()
    path: Any = None
    curvature: Curvature | None = None
    note: str = ""
    problem: Problem | None = field(default=None, compare=False)

    @cached_property
    def bound(self) -> Bound | None:
        """The best lower bound that is known of the problem (`Problem.lower`); None where there is none.

        Where the value lies below it, its `rounding` is what values scatter at x if that is more.
        """
        bound = None if self.problem is None else self.problem.lower
        if bound is None or self.problem is None or not bound.contradicted(self.value):
            return bound
        off = rounding_at(self.problem.objective, self.x)
        return replace(bound, rounding=off) if bound.rounding < off < inf else bound

    @property
    def gap(self) -> float:
        """How far `value` is above `bound`: at most so much lower is the global minimum. NaN where nothing is known.

        It is 0 where the value is below the bound by rounding alone. A negative gap is a contradiction, of which
        `gap_text` tells.
        """
        return nan if self.bound is None else self.bound.gap(self.value)

    @property
    def gap_text(self) -> str:
        """The gap in words, and the certificate that it rests on; empty where no bound is known."""
        return "" if self.bound is None else self.bound.told(self.value)

    def __getstate__(self) -> dict[str, Any]:
        """Return the fields, with the bound in place of the problem."""
        return self.__dict__ | {"problem": None, "bound": self.bound}

    @property
    def end(self) -> str:
        """What x is, in words: "a minimum", "a saddle of index 2", "the known optimum"; empty without success."""
        if self.curvature is not None:
            return str(self.curvature)
        return "the known optimum" if self.success and self.status is Status.REACHED_TARGET else ""

    @property
    def message(self) -> str:
        """The status in words, and what is known of the end."""
        parts = [self.status.value]
        if self.curvature is not None:
            unknown = self.curvature.kind == "unknown"
            parts.append(f"{'what the end is, is' if unknown else 'the end is'} {self.curvature}")
        return "; ".join([*parts, self.note] if self.note else parts)

    @property
    def _outcome(self) -> str:
        """Whether it is a success, and of which kind."""
        if not self.success:
            return "no success"
        reached = self.status is Status.REACHED_TARGET
        return "success: the known optimum" if reached else "success: converged to a minimum"

    @property
    def cost(self) -> float:
        """Gradient-equivalents spent in all."""
        return self.counts.gradient_equivalents

    def __repr__(self) -> str:
        """Return the outcome in a line."""
        return (
            f"Result(value={self.value:.6g}, success={self.success}, status={self.status.name}, cost={self.cost:.6g}, "
            f"seconds={self.seconds:.3g}, stages={len(self.stages)})"
        )

    def __str__(self) -> str:
        """Return the outcome and the stages, one a line."""
        lines = [
            f"value    {self.value:.6g} ({self._outcome})",
            f"ended    {'; '.join(filter(None, (self.message, self.gap_text)))}",
            f"cost     {self.cost:.6g} gradient-equivalents, {self.seconds:.3g} s",
        ]
        for stage in self.stages:
            rest = (f"{k} {v:.4g}" if isinstance(v, float) else f"{k} {v}" for k, v in stage.items() if k != "stage")
            lines.append(f"stage    {stage.get('stage', '')}: {', '.join(rest)}")
        return "\n".join(lines)


@door
def streams(rng: Seed) -> tuple[np.random.Generator, np.random.Generator]:
    """Return the generator of the start and the generator of the method's own draws.

    They are two streams of one key (`homotopy.streams`), so that the start at one seed is the same for every method.

    Raises
    ------
    ArgumentError
        If `rng` is none of the three.
    """
    key = key_of(rng)
    return generator_of(key, 0), generator_of(key, 1)


Callback = Callable[[Any], None] | None
"""What is called with a Point after each accepted step; StopIteration ends the run."""


@doors
class Method(ABC):
    """A way to solve problems, with its settings.

    Attributes
    ----------
    name : str
        The full name, parameters included, from which the same method is built again.
    reference : str
        Where the method comes from.
    needs : tuple of str
        The facets that a problem's objective must offer (`homotopy.objectives.facets`).
    maker : (callable, str) or None
        The function that made it, and the text of which, where a plugin has its class.

    Notes
    -----
    `solve`, `solve_many` and `runs` of every subclass run with BLAS on one thread. Constructors raise ArgumentError for
    a parameter that is not one of those allowed: numbers of things are positive integers, sizes positive numbers.
    """

    name: str
    reference: str = ""
    needs: tuple[str, ...] = ()
    maker: tuple[Callable[[str], Method], str] | None = None

    def __reduce_ex__(self, protocol: Any) -> Any:
        """Return what makes it again: its name where a plugin has its class, else its parts."""
        return (remade, (*self.maker, origins(self.maker[1]))) if self.maker else super().__reduce_ex__(protocol)

    def __init_subclass__(cls, **arguments: Any) -> None:
        super().__init_subclass__(**arguments)
        hold(cls, "solve", "solve_many", "runs")

    def accepts(self, problem: Problem) -> str | None:
        """Return None if the method can run on `problem`, else the reason why it cannot, in one sentence.

        It can where the objective offers every facet in `needs`.
        """
        return lacking(problem.objective, self.needs)

    @abstractmethod
    def solve(
        self, problem: Problem, *, rng: Seed = None, budget: BudgetLike = None, callback: Callback = None
    ) -> Result:
        """Run once and return the Result.

        Parameters
        ----------
        problem : Problem
            What to solve.
        rng : Generator, int or None
            Draws the start and the method's own random numbers (`streams`).
        budget : Budget, float or None
            What the run may cost; a number counts gradient-equivalents.
        callback : callable or None
            Called with a Point after each accepted step; StopIteration ends the run.

        Notes
        -----
        No evaluation or move is begun that the gradients of a budget do not pay, looks at the end included: the cost is
        at most the budget, or an evaluation more. A budget of S seconds is one of wall time, from the call on: the run
        ends within 1.05 S + 50 ms, unless a single evaluation, or the building of one matrix, takes longer than that
        slack.

        What a run returns is the best point of the true problem that it has seen. A method of this package that works
        on other problems first, such as a wider net or the path of a homotopy, keeps a part of the budget for the true
        one: 47 % of a budget of up to 2,000 gradient-equivalents (500 where the optimum is known), all of one below 30,
        a tenth of a large one; of seconds alike. Descents of the true problem count for that part. A run whose stages
        come to it is led back to the true problem from where it stands, then descends plainly from its start on at
        least a third of a small budget, and goes on from the better of both. Its status is BUDGET_SPENT, and its stages
        say what was done. Methods that work on the true problem alone (`BatchMethod.keeps_finish` is False) return
        their own best point; where the budget pays for none of their steps they descend plainly, too.
        """

    @one_blas_thread
    def solve_many(
        self, problem: Problem, seeds: Iterable[int], *, budget: BudgetLike = None, n_jobs: int = 1
    ) -> np.recarray[Any, Any]:
        """Run once for each seed and return one record a seed (`records`).

        The base form loops over `solve`; a method with a compiled many-starts form overrides it and gives the same
        records. ``n_jobs`` threads share the seeds where the method's loop releases the GIL.
        """
        del n_jobs
        seeds = [int(seed) for seed in seeds]
        return records(seeds, [self.solve(problem, rng=seed, budget=budget) for seed in seeds], problem.size)

    @one_blas_thread
    def runs(self, problem: Problem, seeds: Iterable[int], *, budget: BudgetLike = None, n_jobs: int = 1) -> Runs:
        """Return what `solve_many` returns, but by columns: many runs without an object for each one's curve.

        The base form takes the records of `solve_many` apart.
        """
        return Runs.of(self.solve_many(problem, seeds, budget=budget, n_jobs=n_jobs))


def refused(method: str, problem: str, reason: str) -> ArgumentError:
    """Return the error for a method that cannot run on a problem."""
    return ArgumentError(f"method {method!r} cannot run on problem {problem!r}: {reason}")


@door
def records(seeds: Iterable[int], results: Iterable[Result], size: int) -> np.recarray[Any, Any]:
    """Return results as a record array with one row a seed.

    Fields: seed, success, value, cost, cost_to_success (NaN where the target was not reached), status (its name),
    seconds, x of shape (size,), curve (object: the array of shape (m, 2) of `Result`).

    Raises
    ------
    ArgumentError
        If one of them is no Result, its point is not one of `size` real numbers, or they are not as many as the seeds.
    """
    found, numbers = list(results), list(seeds)
    if len(found) != len(numbers):
        raise ArgumentError(f"there are {len(numbers)} seeds and {len(found)} results; they must be as many")
    for result in found:
        one_of("what a method's solve returns", result, Result, "a Result")
        vector("the x of a Result", result.x, size, "the problem")
    rows = [
        (seed, r.success, r.value, r.cost, r.cost_to_success, r.status.name, r.seconds, r.x, r.curve)
        for seed, r in zip(numbers, found, strict=True)
    ]
    return np.array(rows, dtype=record_type(integer("size", size))).view(np.recarray)
