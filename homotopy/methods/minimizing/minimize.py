"""`minimize`: a function of one's own from a start, by a descent or along a homotopy."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import scipy

from homotopy.arguments import vector
from homotopy.doors import door
from homotopy.errors import ArgumentError
from homotopy.homotopies import homotopy as homotopy_by_name
from homotopy.homotopies.easy import begin_at
from homotopy.methods.batch import BatchMethod
from homotopy.methods.minimizing.asked import Asked, Steps, as_bounds
from homotopy.methods.minimizing.sharp import ROUNDING, Descent, Sharp
from homotopy.methods.minimizing.user import ACCURACY, User
from homotopy.methods.minimizing.within import Within, projected
from homotopy.methods.result import Result
from homotopy.methods.tracked.along import Along
from homotopy.methods.tracked.tracked import Tracked
from homotopy.objectives.base import Objective, Seed, Vector
from homotopy.objectives.family import Homotopy
from homotopy.problems.base import Problem
from homotopy.status import Budget, BudgetLike, Counts, Status
from homotopy.threads import one_blas_thread

__all__ = ["minimize"]

LOG = logging.getLogger(__name__)
PATH_STEPS = 500
"""The most steps of a tracker, where the caller does not say."""


@door
@one_blas_thread
def minimize(
    fun: Callable[..., Any] | Objective,
    x0: Any,
    args: Any = (),
    *,
    jac: Callable[..., Any] | bool | str | None = None,
    hess: Callable[..., Any] | str | None = None,
    hessp: Callable[..., Any] | None = None,
    bounds: Any = None,
    callback: Callable[..., Any] | None = None,
    tol: float | None = None,
    options: dict[str, Any] | None = None,
    homotopy: str | Homotopy | type[Homotopy] | None = None,
    budget: BudgetLike = None,
    rng: Seed = None,
) -> scipy.optimize.OptimizeResult:
    """Minimize a function from x0 by L-BFGS, or along a homotopy; SciPy's arguments mean what they mean there.

    Parameters
    ----------
    fun : callable or Objective
        ``fun(x, *args)``, the function of a vector of shape (n,), or an Objective, which has its own derivatives.
    x0 : array_like of shape (n,)
        The start.
    args : tuple
        Further arguments of `fun` and its derivatives.
    jac : callable, True, "2-point", "3-point", "cs" or None
        The gradient, ``jac(x, *args)``; True where `fun` returns value and gradient; or how differences make it, with
        steps over the size of x ("cs": one imaginary step). None is "2-point".
    hess, hessp : callable or None
        The Hessian, ``hess(x, *args)``, or its product with a vector, ``hessp(x, v, *args)``; None: differences.
    bounds : Bounds, sequence of pairs (low, high), or None
        None in a pair is no bound. Kept by the descent (L-BFGS-B), not by homotopies.
    callback : callable or None
        Called after each step: ``callback(intermediate_result)`` where its argument has that name, else
        ``callback(xk)``. StopIteration ends the run.
    tol : float or None
        Sets the options ``gtol`` and ``ftol``.
    options : dict or None
        ``maxiter``, ``maxfun``; ``gtol``: the norm of the gradient at which to end; ``ftol``: the fall of a step, over
        the value; ``disp``: the outcome goes to the log. Without tolerances the end is as sharp as rounding allows.
    homotopy : str, Homotopy, type or None
        None descends from x0. A name is a homotopy built on the function and begun at x0 (``"proximal"``), with
        parameters or without: ``"proximal:mu=2"``; a class is built likewise; a Homotopy is followed from its own
        `start`. At t = 1 L-BFGS polishes.
    budget : Budget, float or None
        What it may cost, all evaluations included; a number counts gradients, see `Method.solve`.
    rng : Generator, int or None
        Draws what the homotopy leaves free; None is the same for every call.

    Returns
    -------
    OptimizeResult
        As SciPy's: x, fun, jac, success, status (0 where success), message, nit, nfev, njev, nhev; and ``cost`` in
        gradient-equivalents, ``stages``, ``curvature`` (`objectives.curvature.Curvature` or None) and ``end``, what x
        is in words.

    Raises
    ------
    ArgumentError
        If x0 is not a finite vector, an argument is none of those allowed, bounds meet a homotopy, or the name of the
        homotopy is unknown.

    Notes
    -----
    Success means that the descent converged and that nothing says that x is no minimum: a saddle or a maximum is left
    along its lowest curvature and descended from again. See `Sharp` for when a descent ends, and
    `objectives.curvature.curvature_at` for what is looked at.

    Examples
    --------
    >>> import numpy as np
    >>> from scipy.optimize import rosen, rosen_der, rosen_hess_prod
    >>> found = minimize(rosen, [-1.2, 1.0], jac=rosen_der, hessp=rosen_hess_prod, homotopy="proximal")
    >>> found.success, bool(np.allclose(found.x, 1, atol=1e-4)), found.end
    (True, True, 'a minimum')
    """
    begin = time.perf_counter()
    x0 = vector("x0", np.atleast_1d(x0) if np.ndim(x0) == 0 else x0, None, "the function", finite=True)
    asked, limits = Asked.of(options, tol), as_bounds(bounds, x0.size)
    if limits is not None:
        if homotopy is not None:
            raise ArgumentError("homotopies do not keep bounds; leave out the bounds, or the homotopy")
        x0 = np.clip(x0, *limits)
    steps = Steps(callback, x0)
    user, given = None, fun
    if not (hasattr(fun, "size") and hasattr(fun, "grad")) and not hasattr(fun, "value_and_grad"):
        args = args if isinstance(args, tuple) else (args,)
        jac = "2-point" if jac is None or jac is False else jac
        user = User(fun, jac, x0, args=args, hess=hess, hessp=hessp, bounds=limits)
        given = user.objective
    target = Problem("minimize", given, lambda rng: x0.copy())  # type: ignore[arg-type]
    objective = target.objective
    vector("x0", x0, getattr(objective, "size", x0.size), "the objective")
    before = time.perf_counter()
    first = objective.value_and_grad(x0)
    if np.isfinite(first[0]) and np.isfinite(first[1]).all():
        accuracy = ACCURACY.get(user.how, ROUNDING) if user else ROUNDING
        ends = _ends(first, x0, limits, asked, accuracy)
        method = Descent(ends) if homotopy is None else _path(ends, homotopy, rng)
        now = time.perf_counter()
        ends.pace, left = now - before, _after(Budget.of(budget), now - begin)
        result = method.solve(target, rng=0 if rng is None else rng, budget=left, callback=steps)
        if result.status is not Status.STOPPED_BY_CALLBACK:
            steps.finish(result.x, result.value)
    else:
        note = "the function or its gradient is not finite at x0"
        result = Result(x0, float(first[0]), False, Status.NON_FINITE, Counts(), 0.0, note=note)
    found = _packed(result, objective, user, limits, (x0, first[1]))
    found.nit = steps.count
    if asked.disp:
        LOG.info("minimize: %s", found.message)
    return found


def _after(budget: Budget, seconds: float) -> Budget:
    """Return what is left of a budget after so many seconds and the gradients at x0 and, later, at the end."""
    return Budget(max(budget.gradients - 2.0, 1e-9), max(budget.seconds - seconds, 1e-9))


def _ends(
    first: tuple[float, Vector], x0: Vector, limits: tuple[Vector, Vector] | None, asked: Asked, accuracy: float
) -> Sharp:
    """Return how a descent goes and when it ends, within bounds or not."""
    value, grad = float(first[0]), np.asarray(first[1])
    if limits is None:
        return Sharp(float(np.linalg.norm(grad)), value, asked, accuracy=accuracy)
    slope = float(np.linalg.norm(projected(x0, grad, *limits)))
    return Within(limits, slope, value, asked, accuracy=accuracy, x0=x0)


def _path(ends: Sharp, homotopy: str | Homotopy | type[Homotopy], rng: Seed) -> BatchMethod:
    """Return the method that follows a homotopy and polishes the end of its path."""

    def factory(objective: Any, x0: Vector) -> Homotopy:
        """Build the homotopy, to begin at x0 where it leaves that open."""
        if isinstance(homotopy, Homotopy):
            return homotopy
        if isinstance(homotopy, type):
            return begin_at(Along(homotopy)(objective, x0), x0)
        return begin_at(homotopy_by_name(homotopy, objective, x0, rng=rng), x0)

    path = Tracked(factory, name="track", steps=min(ends.asked.maxiter, PATH_STEPS))
    path.ends = ends
    return path


def _packed(
    result: Result,
    objective: Any,
    user: User | None,
    limits: tuple[Vector, Vector] | None,
    start: tuple[Vector, Vector],
) -> scipy.optimize.OptimizeResult:
    """Return a Result as SciPy's, with the gradient at its end; `start` is x0 and the gradient there."""
    x, counts = np.array(result.x), result.counts
    before = 0 if user is None else user.counts["njev"]
    known = result.status is Status.NON_FINITE or np.array_equal(x, start[0])
    grad = start[1] if known else objective.value_and_grad(x)[1]
    if user is None:
        counts += Counts(grad=1 if known else 2)  # at x0 and at the end
        calls = {"nfev": counts.value + counts.grad, "njev": counts.grad, "nhev": counts.hessp}
    else:
        calls = user.counts
        counts += Counts(grad=calls["njev"] - before)
    stuck = result.status is Status.STEP_TOO_SMALL
    note = "no lower value is found against the gradient, which is not zero: is it the derivative of fun?"
    return scipy.optimize.OptimizeResult(
        x=x,
        fun=result.value,
        jac=np.array(grad, dtype=np.float64),
        success=result.success,
        status=0 if result.success else 1 + list(Status).index(result.status),
        message=(replace(result, note=note) if stuck else result).message,
        nit=0,
        **calls,
        cost=counts.gradient_equivalents,
        stages=result.stages,
        curvature=result.curvature,
        end=result.end,
        path=result.path,
    )
