"""The door for `scipy.optimize.minimize`: a homotopy as one of its methods."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy

from homotopy.arguments import choice
from homotopy.doors import door
from homotopy.errors import ArgumentError
from homotopy.homotopies import BY_NAME
from homotopy.methods.minimizing.minimize import minimize
from homotopy.naming import parse
from homotopy.objectives.family import Homotopy

__all__ = ["scipy_method"]

DESCENT = "lbfgs"
"""The name of the plain descent."""


@door
def scipy_method(homotopy: str | Homotopy | type[Homotopy] = DESCENT) -> Callable[..., scipy.optimize.OptimizeResult]:
    """Return a method for ``scipy.optimize.minimize(fun, x0, method=...)``.

    Parameters
    ----------
    homotopy : str, Homotopy or type
        As `minimize` takes it: ``"proximal"``, ``"gaussian:width=0.5"``; ``"lbfgs"`` is the descent without one.

    Returns
    -------
    callable
        Called by SciPy as ``method(fun, x0, args=args, jac=jac, hess=hess, hessp=hessp, bounds=bounds,
        constraints=constraints, callback=callback, **options)``; it calls `minimize`. The options are those of
        `minimize`, and its ``budget`` and ``rng``. SciPy itself replaces ``jac="3-point"`` and ``"cs"`` by None.

    Raises
    ------
    ArgumentError
        If there is no such homotopy, or, when it is called, if there are constraints.

    Examples
    --------
    >>> from scipy.optimize import minimize, rosen, rosen_der
    >>> found = minimize(rosen, [-1.2, 1.0], method=scipy_method("proximal"), jac=rosen_der)
    >>> found.success, found.x.round(6).tolist()
    (True, [1.0, 1.0])
    """
    if isinstance(homotopy, str):
        choice("homotopy", parse(homotopy)[0], (DESCENT, *sorted(BY_NAME)))
    along = None if homotopy == DESCENT else homotopy

    def run(fun: Any, x0: Any, args: Any = (), **given: Any) -> scipy.optimize.OptimizeResult:
        constraints = given.pop("constraints", ())
        if np.size(constraints):
            raise ArgumentError("constraints are not kept by this method; it keeps bounds, where no homotopy is given")
        asked = {name: given.pop(name, None) for name in ("jac", "hess", "hessp", "bounds", "callback")}
        own = {name: given.pop(name) for name in ("budget", "rng") if name in given}
        return minimize(fun, x0, args, **asked, **own, options=given, homotopy=along)

    return run
