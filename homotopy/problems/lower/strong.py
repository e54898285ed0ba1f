"""The bound of a strongly convex objective: one gradient near its minimum is enough."""

from __future__ import annotations

from contextlib import suppress
from math import isfinite
from typing import Any

import numpy as np
import scipy

from homotopy.errors import EvaluationError
from homotopy.linalg.dense import dense_hessian
from homotopy.objectives.facets import offered
from homotopy.objectives.flops import flops_of
from homotopy.problems.bounds import Bound
from homotopy.problems.lower.facts import float_type

__all__ = ["modulus_of", "strongly_convex"]

FLOPS = 5e9
"""What the search for the minimum may take: a few seconds."""
FEWEST, MOST = 20, 5000
"""The fewest and the most evaluations of it."""
WIDE = 500
"""The most variables whose curvatures are looked at one by one."""
ROUNDS = 3
"""Descents in a row, each with a memory of its own, and then Newton steps."""
SAFETY = 32.0
"""Times the unit of the last place of a value that is taken off."""


def modulus_of(objective: Any) -> float:
    r"""Return a number :math:`\mu` with which :math:`f(x) - \frac{\mu}{2} |x|^2` is convex; 0 where none is known.

    It is the attribute ``strong_convexity``, or of an objective that says that it is ``convex`` its penalty ``l2``.
    """
    own = getattr(objective, "strong_convexity", None)
    if own is None:
        own = getattr(objective, "l2", 0.0) if getattr(objective, "convex", False) else 0.0
    return float(own) if isfinite(own) and own > 0.0 else 0.0


def strongly_convex(objective: Any) -> Bound | None:
    r"""Return the bound of an objective of which a modulus of convexity is known (`modulus_of`), else None.

    Notes
    -----
    For every x, :math:`\min f \geq f(x) - |\nabla f(x)|^2 / (2 \mu)` (Nesterov, Introductory Lectures on Convex
    Optimization, 2004, Theorem 2.1.10). The best of the points that L-BFGS comes to is taken; it need not be the
    minimum. A multiple of the rounding of f(x), and of f(0) if that is larger, is taken off.
    """
    mu = modulus_of(objective)
    if mu == 0.0:
        return None
    dtype = _dtype(objective)
    low, size = -np.inf, 0.0
    with np.errstate(all="ignore"), suppress(EvaluationError):
        low, size = _search(objective, mu, dtype)
    if not isfinite(low):
        return None
    safety = SAFETY * float(np.finfo(dtype).eps) * size
    return Bound(low - safety, f"strong convexity, by the gradient at a point (modulus {mu:.3g})", rounding=safety)


def _search(objective: Any, mu: float, dtype: Any) -> tuple[float, float]:
    """Return the highest bound that points of descents give, and the size of values: that at the best one or at 0."""

    def both(x: Any) -> tuple[float, Any]:
        value, grad = objective.value_and_grad(np.ascontiguousarray(x, dtype=dtype))
        return float(value), np.asarray(grad, dtype=np.float64)

    def scaled(z: Any) -> tuple[float, Any]:
        value, grad = both(scale * z)
        return value, scale * grad

    x = np.zeros(int(objective.size))
    found, size, scale = (-np.inf, 0.0), abs(both(x)[0]), _scale(_hessian(objective, x, dtype), mu)
    left = int(np.clip(FLOPS / max(flops_of(objective), 1.0), FEWEST, MOST))
    for descends in [True] * ROUNDS + [False] * ROUNDS:
        if descends:
            options = {"maxfun": left, "maxiter": left, "ftol": 0.0, "gtol": 0.0, "maxcor": 30}
            end = scipy.optimize.minimize(scaled, x / scale, jac=True, method="L-BFGS-B", options=options)
            near, left = scale * end.x, left - int(end.nfev) - 1
        else:
            near = _newton(_hessian(objective, x, dtype), x, both(x)[1], scale)
        value, grad = both(near)
        loss = float(grad @ grad) / (2.0 * mu)
        if value - loss > found[0]:
            x, found = near, (value - loss, max(abs(value), size))
        if left < FEWEST or loss <= np.finfo(dtype).eps * abs(value):
            break
    return found


def _hessian(objective: Any, x: Any, dtype: Any) -> Any:
    """Return the Hessian, shape (n, n), of few variables; None of many, or where there are no products with it."""
    if x.size > WIDE or not hasattr(objective, "hessp"):
        return None
    at = np.ascontiguousarray(x, dtype=dtype)
    return dense_hessian(lambda v: objective.hessp(at, np.ascontiguousarray(v, dtype=dtype)), x.size, symmetric=True)


def _scale(hessian: Any, mu: float) -> Any:
    """Return lengths in which the curvature along each axis is about one, so that units of inputs do not count."""
    return 1.0 if hessian is None else 1.0 / np.sqrt(np.maximum(np.diag(hessian), mu))


def _newton(hessian: Any, x: Any, grad: Any, scale: Any) -> Any:
    """Return the point that a Newton step leads to, by which a gradient falls below what descents on values can see."""
    if hessian is None:
        return x
    return x - scale * np.linalg.lstsq(scale[:, None] * hessian * scale, scale * grad, rcond=None)[0]


def _dtype(objective: Any) -> Any:
    """Return the type in which an objective computes: that of its targets, else float64."""
    return float_type(objective.outputs.targets) if offered(objective, "outputs") else np.dtype(np.float64)
