"""The contract of every method."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from homotopy.doors import door, doors
from homotopy.errors import ArgumentError
from homotopy.extras import origins, remade
from homotopy.methods.result import Result, records
from homotopy.methods.runs import Runs
from homotopy.objectives.base import Seed
from homotopy.objectives.facets import lacking
from homotopy.problems.base import Problem
from homotopy.status import BudgetLike
from homotopy.streams import generator_of, key_of
from homotopy.threads import hold, one_blas_thread

__all__ = ["Callback", "Method", "refused", "streams"]


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
