"""`solve` and `minimize`: one call from a problem, or a function, to a result."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from scipy.optimize import OptimizeResult

from homotopy.arguments import one_of, vector
from homotopy.homotopies import homotopy as homotopy_by_name
from homotopy.methods.base import Callback, Method, Result
from homotopy.methods.names import method as method_by_name
from homotopy.methods.tracked.tracked import Track, Tracked
from homotopy.objectives.base import Objective, Seed, Vector
from homotopy.objectives.family import Homotopy
from homotopy.objectives.function import Function
from homotopy.problems import problem as problem_by_name
from homotopy.problems.base import Problem
from homotopy.status import BudgetLike, Status
from homotopy.threads import one_blas_thread

__all__ = ["minimize", "solve"]


@one_blas_thread
def solve(
    problem: Problem | str,
    method: Method | str | type[Homotopy] = "auto",
    *,
    rng: Seed = None,
    budget: BudgetLike = None,
    callback: Callback = None,
) -> Result:
    """Return the Result of one run of a method on a problem.

    Parameters
    ----------
    problem : Problem or str
        The problem, or its name with parameters (``"xor:hidden=3"``).
    method : Method, str or type
        The method, or its name with parameters; ``"auto"`` chooses by the problem. A subclass of Homotopy is tracked.
    rng : Generator, int or None
        Draws the start and the method's own random numbers.
    budget : Budget, float or None
        What the run may cost; a number counts gradient-equivalents, None is no limit but the method's own.
    callback : callable or None
        Called with a Point after each accepted step; StopIteration ends the run.

    Raises
    ------
    ArgumentError
        If a name is unknown, or the method cannot run on the problem.

    Examples
    --------
    >>> result = solve("teacher:k=6", "skip", rng=0)
    >>> result.success, result.status.name
    (True, 'REACHED_TARGET')
    """
    if isinstance(problem, str):
        problem = problem_by_name(problem)
    one_of("problem", problem, Problem, "a Problem or its name (minimize takes a plain objective)")
    if isinstance(method, type) and issubclass(method, Homotopy):
        method = Track(method)
    elif not isinstance(method, Method):
        method = method_by_name(method)
    return method.solve(problem, rng=rng, budget=budget, callback=callback)


@one_blas_thread
def minimize(
    fun: Callable[[Vector], Any] | Objective,
    x0: Vector,
    *,
    jac: Callable[[Vector], Vector] | bool | None = None,
    hessp: Callable[[Vector, Vector], Vector] | None = None,
    homotopy: str | Homotopy | None = None,
    budget: BudgetLike = None,
) -> OptimizeResult:
    """Minimize a function from x0 by L-BFGS, or along a homotopy.

    Parameters
    ----------
    fun : callable or Objective
        The function of a vector of shape (n,), or an Objective, which has its own derivatives.
    x0 : ndarray of shape (n,)
        The start.
    jac : callable or True
        The gradient, or True where `fun` returns value and gradient.
    hessp : callable or None
        The Hessian at x times v; None takes central differences of the gradient.
    homotopy : str, Homotopy or None
        None descends from x0. A name is a homotopy built on the function and x0 (``"proximal"``), a Homotopy is
        followed from its own `start`; at t = 1 L-BFGS polishes. A name may carry parameters: ``"proximal:mu=2"``.
    budget : Budget, float or None
        What it may cost.

    Returns
    -------
    OptimizeResult
        As SciPy's: x, fun, success, status (0 where success), message, nfev, njev, nhev; and ``cost`` in
        gradient-equivalents and ``stages``.

    Raises
    ------
    ArgumentError
        If there is no gradient, x0 is not a finite vector, or the name of the homotopy is unknown.

    Examples
    --------
    >>> from scipy.optimize import rosen, rosen_der, rosen_hess_prod
    >>> found = minimize(rosen, np.array([-1.2, 1.0]), jac=rosen_der, hessp=rosen_hess_prod, homotopy="proximal")
    >>> found.success, bool(np.allclose(found.x, 1, atol=1e-4))
    (True, True)
    """
    x0 = vector("x0", x0, None, "the function", finite=True)
    objective: Any = fun if hasattr(fun, "value_and_grad") else Function(fun, jac, x0.size, hessp=hessp)
    vector("x0", x0, objective.size, "the objective")
    target = Problem("minimize", objective, lambda rng: x0.copy())
    if homotopy is None:
        result = method_by_name("lbfgs").solve(target, budget=budget)
    else:
        result = Tracked(_factory(homotopy), name="track").solve(target, budget=budget)
    counts = result.counts
    return OptimizeResult(
        x=result.x,
        fun=result.value,
        success=result.success,
        status=0 if result.success else 1 + list(Status).index(result.status),
        message=result.message,
        nfev=counts.value + counts.grad,
        njev=counts.grad,
        nhev=counts.hessp,
        cost=result.cost,
        stages=result.stages,
    )


def _factory(homotopy: str | Homotopy) -> Callable[[Any, Vector], Homotopy]:
    """Return what makes the homotopy from an objective and a start."""
    if isinstance(homotopy, Homotopy):
        return lambda objective, x0: homotopy
    return lambda objective, x0: homotopy_by_name(homotopy, objective, x0)
