"""Solving an easy problem that is not a closed form."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy

from homotopy.descent import descend
from homotopy.objectives.base import Seed, Vector, compiled, drawn
from homotopy.objectives.family import Homotopy
from homotopy.objectives.flops import relative_cost
from homotopy.status import Budget

__all__ = ["begin_at", "beginning", "solve_easy"]

MOST = 20_000
"""The most steps of a descent."""
FEW = 50
"""The most steps of Newton's method on a plain function, whose gradient may have more rounding than the tolerance."""
FLAT = (1e-10, 100)
"""Where kinks keep the gradient from falling: a descent ends that lowers the value by less than this part of it."""


def begin_at(homotopy: Homotopy, x0: Vector) -> Homotopy:
    """Return the homotopy itself, whose easy problem is solved from x0 where that is left open.

    It is open where it has an attribute ``x0`` that is None; others are built around a point, or have a closed form.
    """
    if getattr(homotopy, "x0", x0) is None:
        homotopy.x0 = np.array(x0, dtype=np.float64)  # type: ignore[attr-defined]
    return homotopy


def beginning(homotopy: Homotopy, rng: Seed) -> Vector:
    """Return where the easy problem is begun: at the homotopy's x0, or where that is None at a random point."""
    x0 = getattr(homotopy, "x0", None)
    return drawn(homotopy.objective, rng) if x0 is None else homotopy.enter(x0, rng)


def solve_easy(homotopy: Homotopy, x: Vector, *, tolerance: float = 1e-8) -> Vector:
    """Return a stationary point of the easy problem, by L-BFGS and then Newton's method with conjugate gradients.

    Parameters
    ----------
    homotopy : Homotopy
        Its problem at t = 0 is solved; what compiled loops take is added to its `spent`.
    x : ndarray of shape (n,)
        Where to begin.
    tolerance : float
        L-BFGS aims at a tenth of this gradient norm; Newton's method is used where it leaves more than all of it. Of a
        plain function, in units that nobody states, it is a part of the gradient's norm at x.
    """
    easy = homotopy.at(0.0)
    x, most = np.ascontiguousarray(x), {}
    if _plain(homotopy):
        tolerance *= float(np.linalg.norm(easy.grad(x)))
        most = {"maxiter": FEW}
    unit = relative_cost(homotopy, getattr(homotopy, "objective", homotopy))  # as `descend` counts
    gradients = homotopy.start_budget.gradients * unit
    limits = Budget(gradients, homotopy.start_budget.seconds)
    flat = 0.1 * tolerance
    found = descend(easy, x, rule="lbfgs", n_steps=MOST, gradient_tolerance=flat, plateau=FLAT, budget=limits)
    if compiled(homotopy) is not None:
        homotopy.spent += int(found.n_evaluations) * relative_cost(easy, homotopy)
    x, norm = np.array(found.x), float(found.grad_norm)
    if norm <= tolerance:
        return x
    with np.errstate(all="ignore"):  # a trial step may overflow; the trust region takes it back
        better = scipy.optimize.minimize(
            easy.value, x, jac=easy.grad, hessp=easy.hessp, method="trust-ncg", options={"gtol": tolerance, **most}
        )
        return np.asarray(better.x) if np.linalg.norm(easy.grad(better.x)) < norm else x


def _plain(thing: Any) -> bool:
    """Return whether nothing in it is compiled: then nobody states the units of its values and its variables."""
    while thing is not None:
        if compiled(thing) is not None:
            return False
        thing = getattr(thing, "objective", None)
    return True
