"""The contract of every method, what a run returns, and the meter that all methods charge."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from math import inf
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.objectives.base import Vector
from homotopy.problems.base import Problem
from homotopy.status import Budget, Counts, Status

__all__ = ["Meter", "Method", "Result", "records", "streams"]


@dataclass(frozen=True)
class Result:
    """What one run of a method returns.

    Attributes
    ----------
    x : ndarray of shape (n,)
        The best point found, a parameter vector of the true problem; read-only.
    value : float
        The true objective at x.
    success : bool
        Whether the problem says that x solves it; where the optimum is unknown, whether the ending is good.
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

    @property
    def message(self) -> str:
        """The status in words."""
        return self.status.value

    @property
    def cost(self) -> float:
        """Gradient-equivalents spent in all."""
        return self.counts.gradient_equivalents


def streams(rng: np.random.Generator | int | None) -> tuple[np.random.Generator, np.random.Generator]:
    """Return the generator of the start and the generator of the method's own draws.

    Children of one seed, so that the start at one seed is the same for every method.
    """
    start, own = np.random.default_rng(rng).spawn(2)
    return start, own


class Meter:
    """What one run has spent and the best that it has seen at the true problem.

    A method reports every evaluation: `charge` for work, `observe` for a point of the true problem with its
    value (free: detecting success costs nothing). `spent` says whether to stop.
    """

    def __init__(self, problem: Problem, budget: Budget) -> None:
        self.problem = problem
        self.budget = budget
        self.counts = Counts()
        self.best_value = inf
        self.best_x: Vector | None = None
        self.cost_to_success = float("nan")
        self._curve: list[tuple[float, float]] = []
        self._begin = time.perf_counter()

    @property
    def cost(self) -> float:
        """Gradient-equivalents spent until now."""
        return self.counts.gradient_equivalents

    @property
    def remaining(self) -> float:
        """Gradient-equivalents left."""
        return self.budget.gradients - self.cost

    @property
    def seconds(self) -> float:
        """Wall-clock seconds since the run began."""
        return time.perf_counter() - self._begin

    @property
    def solved(self) -> bool:
        """Whether the target was reached."""
        return self.cost_to_success == self.cost_to_success

    @property
    def spent(self) -> bool:
        """Whether the budget leaves nothing."""
        return self.remaining <= 0 or self.seconds >= self.budget.seconds

    def charge(self, counts: Counts) -> None:
        """Add the cost of some work."""
        self.counts = self.counts + counts

    def observe(self, x: Vector, value: float, *, cost: float | None = None) -> None:
        """Note a point of the true problem; `cost` is what had been spent when it was seen (default: now)."""
        cost = self.cost if cost is None else cost
        if value < self.best_value:
            self.best_value, self.best_x = float(value), np.array(x, dtype=np.float64)
            self._curve.append((cost, self.best_value))
        if not self.solved and self.problem.solved(value):
            self.cost_to_success = cost

    def observe_curve(self, costs: Iterable[float], values: Iterable[float]) -> None:
        """Note values of the true problem seen inside a compiled loop, at these costs, without their points."""
        best = self._curve[-1][1] if self._curve else inf
        for cost, value in zip(costs, values, strict=True):
            if value < best:
                best = float(value)
                self._curve.append((float(cost), best))

    def result(self, status: Status, *, stages: Iterable[dict[str, Any]] = (), path: Any = None) -> Result:
        """Return the Result of the run; a non-finite or never observed run returns what it has, unsuccessful."""
        x = np.full(self.problem.size, np.nan) if self.best_x is None else self.best_x
        x.setflags(write=False)
        known = self.problem.optimum is not None
        return Result(
            x=x,
            value=self.best_value,
            success=self.solved if known else status.ok,
            status=Status.REACHED_TARGET if known and self.solved else status,
            counts=self.counts,
            seconds=self.seconds,
            cost_to_success=self.cost_to_success,
            curve=np.array(self._curve, dtype=np.float64).reshape(-1, 2),
            stages=tuple(stages),
            path=path,
        )


class Method(ABC):
    """A way to solve problems, with its settings.

    Attributes
    ----------
    name : str
        The full name, parameters included, from which the same method is built again.
    reference : str
        Where the method comes from.
    """

    name: str
    reference: str

    def accepts(self, problem: Problem) -> str | None:
        """Return None if the method can run on `problem`, else the reason why it cannot, in one sentence."""
        del problem
        return None

    @abstractmethod
    def solve(
        self,
        problem: Problem,
        *,
        rng: np.random.Generator | int | None = None,
        budget: Budget | float | None = None,
        callback: Callable[[Any], None] | None = None,
    ) -> Result:
        """Run once and return the Result.

        Parameters
        ----------
        problem : Problem
            What to solve.
        rng : Generator, int or None
            Draws the start and the method's own random numbers (`streams`).
        budget : Budget, float or None
            A number counts gradient-equivalents.
        callback : callable or None
            Called with a Point after each accepted step; StopIteration ends the run.
        """

    def solve_many(
        self,
        problem: Problem,
        seeds: Iterable[int],
        *,
        budget: Budget | float | None = None,
        n_jobs: int = 1,
    ) -> np.recarray[Any, Any]:
        """Run once for each seed and return one record a seed (`records`).

        The base form loops over `solve`; a method with a compiled many-starts form overrides it and gives the same
        records. ``n_jobs`` threads share the seeds where the method's loop releases the GIL.
        """
        del n_jobs
        seeds = [int(seed) for seed in seeds]
        return records(seeds, [self.solve(problem, rng=seed, budget=budget) for seed in seeds], problem.size)


def records(seeds: Iterable[int], results: Iterable[Result], size: int) -> np.recarray[Any, Any]:
    """Return results as a record array with one row a seed.

    Fields: seed, success, value, cost, cost_to_success (NaN where the target was not reached), status (its name),
    seconds, x of shape (size,), curve (object: the array of shape (m, 2) of `Result`).
    """
    dtype = [
        ("seed", "i8"),
        ("success", "?"),
        ("value", "f8"),
        ("cost", "f8"),
        ("cost_to_success", "f8"),
        ("status", "U20"),
        ("seconds", "f8"),
        ("x", "f8", (size,)),
        ("curve", "O"),
    ]
    rows = [
        (seed, r.success, r.value, r.cost, r.cost_to_success, r.status.name, r.seconds, r.x, r.curve)
        for seed, r in zip(seeds, results, strict=True)
    ]
    return np.array(rows, dtype=dtype).view(np.recarray)

