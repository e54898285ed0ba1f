"""Solving an easy problem that is not a closed form."""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize

from homotopy.descent import descend
from homotopy.objectives.base import Vector, compiled
from homotopy.objectives.family import Homotopy

__all__ = ["solve_easy"]

MOST = 20_000
"""The most steps of a descent."""
FLAT = (1e-10, 100)
"""Where kinks keep the gradient from falling: a descent ends that lowers the value by less than this part of it."""


def solve_easy(homotopy: Homotopy, x: Vector, *, tolerance: float = 1e-8) -> Vector:
    """Return a stationary point of the easy problem, by L-BFGS and then Newton's method with conjugate gradients.

    Parameters
    ----------
    homotopy : Homotopy
        Its problem at t = 0 is solved; what compiled loops take is added to its `spent`.
    x : ndarray of shape (n,)
        Where to begin.
    tolerance : float
        L-BFGS aims at a tenth of this gradient norm; Newton's method is used where it leaves more than all of it.
    """
    easy = homotopy.at(0.0)
    found = descend(
        easy, np.ascontiguousarray(x), rule="lbfgs", n_steps=MOST, gradient_tolerance=0.1 * tolerance, plateau=FLAT
    )
    if compiled(homotopy) is not None:
        homotopy.spent += int(found.n_evaluations)
    x, norm = np.array(found.x), float(found.grad_norm)
    if norm <= tolerance:
        return x
    with np.errstate(all="ignore"):  # a trial step may overflow; the trust region takes it back
        better = minimize(
            easy.value, x, jac=easy.grad, hessp=easy.hessp, method="trust-ncg", options={"gtol": tolerance}
        )
        return np.asarray(better.x) if np.linalg.norm(easy.grad(better.x)) < norm else x
