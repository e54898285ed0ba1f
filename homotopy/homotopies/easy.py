"""Solving an easy problem that is not a closed form."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.optimize import minimize

from homotopy.objectives.base import Objective, Vector

__all__ = ["solve_easy"]


@np.errstate(all="ignore")  # a trial step may overflow; the line search takes it back
def solve_easy(easy: Objective | Any, x: Vector, *, tolerance: float = 1e-8) -> Vector:
    """Return a stationary point of an easy problem, by L-BFGS and then Newton's method with conjugate gradients.

    Parameters
    ----------
    easy : Objective
        The problem, ``homotopy.at(0.0)``.
    x : ndarray of shape (n,)
        Where to begin.
    tolerance : float
        Newton's method is used where L-BFGS leaves a gradient norm above this.
    """
    options: dict[str, float] = {
        "maxiter": 20_000,
        "maxfun": 20_000,
        "maxcor": 20,
        "ftol": 0.0,
        "gtol": 0.1 * tolerance,
    }
    x = np.asarray(minimize(easy.value_and_grad, x, jac=True, method="L-BFGS-B", options=options).x)
    if np.linalg.norm(easy.grad(x)) > tolerance:
        found = minimize(
            easy.value, x, jac=easy.grad, hessp=easy.hessp, method="trust-ncg", options={"gtol": tolerance}
        )
        if np.linalg.norm(easy.grad(found.x)) < np.linalg.norm(easy.grad(x)):
            x = np.asarray(found.x)
    return x
