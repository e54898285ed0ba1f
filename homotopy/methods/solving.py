"""`solve`: one call from a problem to a result."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from homotopy.arguments import one_of
from homotopy.doors import door
from homotopy.methods.base import Callback, Method
from homotopy.methods.batch import Batch, Ends, Ledger, settle
from homotopy.methods.names import method as method_by_name
from homotopy.methods.result import Result
from homotopy.methods.tracked.tracked import Track
from homotopy.objectives.base import Objective, Seed
from homotopy.objectives.family import Homotopy
from homotopy.problems import problem as problem_by_name
from homotopy.problems.base import Problem
from homotopy.status import Budget, BudgetLike
from homotopy.streams import Streams, keys_of
from homotopy.threads import one_blas_thread

__all__ = ["solve"]


@door
@one_blas_thread
def solve(
    problem: Problem | Objective | str,
    method: Method | str | type[Homotopy] = "auto",
    *,
    rng: Seed = None,
    budget: BudgetLike = None,
    callback: Callback = None,
) -> Result:
    """Return the Result of one run of a method on a problem.

    Parameters
    ----------
    problem : Problem, Objective or str
        The problem, or its name with parameters (``"xor:hidden=3"``); or an objective that has random points of its
        own, ``draw(rng)``, as risks of nets and what `objective_from_torch` makes have: they are the starts.
    method : Method, str or type
        The method, or its name with parameters; ``"auto"`` chooses by the problem. A subclass of Homotopy is tracked.
    rng : Generator, int or None
        Draws the start and the method's own random numbers.
    budget : Budget, float or None
        What the run may cost; a number counts gradient-equivalents, None is no limit but the method's own. See
        `Method.solve` for what it means exactly, and for what a run returns that it ends early.
    callback : callable or None
        Called with a Point after each accepted step; StopIteration ends the run.

    Raises
    ------
    ArgumentError
        If a name is unknown, or the method cannot run on the problem or returns no Result.

    Notes
    -----
    Where the optimum is known, success means that it was reached. Where it is unknown, that the run converged to a
    minimum, which need not be the lowest one: the ending is good and nothing says that x is no minimum.
    `Result.curvature` says what it is, what was looked at is charged, and a saddle or a maximum is left along its
    lowest curvature and descended from again.

    Examples
    --------
    >>> result = solve("teacher:k=6", "skip", rng=0)
    >>> result.success, result.status.name
    (True, 'REACHED_TARGET')
    """
    problem = _problem(problem)
    if isinstance(method, type) and issubclass(method, Homotopy):
        method = Track(method)
    elif not isinstance(method, Method):
        method = method_by_name(method)
    result = method.solve(problem, rng=rng, budget=budget, callback=callback)
    one_of(f"what {method.name} returns", result, Result, "a Result")
    claims = result.success and problem.optimum is None and result.curvature is None
    result = _settled(problem, result, budget) if claims else result
    remark = getattr(problem.objective, "remark", "")
    return replace(result, note="; ".join(filter(None, (result.note, remark)))) if remark else result


def _problem(given: Any) -> Problem:
    """Return the problem that a name or an objective stands for."""
    if isinstance(given, str):
        return problem_by_name(given)
    if hasattr(given, "value_and_grad") and hasattr(given, "draw"):
        return Problem.of(given)
    one_of("problem", given, Problem, "a Problem, its name or an objective with draw (minimize takes a plain one)")
    found: Problem = given
    return found


def _settled(problem: Problem, result: Result, budget: BudgetLike) -> Result:
    """Return the Result of a method that does not look at its end itself, with that done; see `batch.ends`."""
    ledger = Ledger(problem, 1, Budget.of(budget))
    counts = {kind: getattr(result.counts, kind) for kind in ("value", "grad", "hessp", "charged")}
    ledger.charge(0, **counts)
    ledger.observe_curves([0], [0.0], 1.0, [result.curve])
    ledger.observe(0, result.x, result.value)
    batch = Batch(problem, np.array(result.x)[None], Streams(keys_of([None])), ledger)
    batch.status[0], batch.stages[0] = result.status, list(result.stages)
    found = settle(batch, Ends())
    end = ledger.result(0, batch.status[0], stages=batch.stages[0], path=result.path, curvature=found)
    return replace(end, seconds=result.seconds + end.seconds, note=result.note)
