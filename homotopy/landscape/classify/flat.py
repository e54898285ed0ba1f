"""The dimension of a set of equal values: how many ways lead on within it from one of its points."""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize

from homotopy.landscape.classify.reduced import Reduced
from homotopy.landscape.classify.spheres import Sphere
from homotopy.objectives.base import Vector

__all__ = ["flat_dimension"]

STEP = 0.05
"""How far to go from a point of the set, over its distance from the center."""
STRAIGHT = 0.3
"""A way counts where this part of a step is left behind the descent back to the set."""


def flat_dimension(reduced: Reduced, sphere: Sphere) -> int:
    """Return the dimension of the set g = 0 near the lowest point of a sphere, at least 1.

    Notes
    -----
    From a point u0 of the set random steps are made and g is minimized again: what is left of the steps spans the
    tangent space. Curvatures at u0 would not do where g grows like a higher power beside the set.
    """
    k = reduced.size
    if not sphere.seen or k == 1:
        return k
    step, scale = STEP * sphere.radius, max(abs(sphere.low), abs(sphere.high))
    random = np.random.default_rng(k).standard_normal((2 * k, k))
    random *= step / np.linalg.norm(random, axis=1, keepdims=True)
    back = np.array([_descended(reduced, sphere.u + one, scale) - sphere.u for one in random])
    sizes = np.linalg.svd(back, compute_uv=False)
    whole = np.linalg.svd(random, compute_uv=False)
    return max(1, int((sizes > STRAIGHT * whole[-1]).sum()))


def _descended(reduced: Reduced, start: Vector, scale: float) -> Vector:
    """Return the end of a descent of g."""

    def fun(u: Vector) -> tuple[float, Vector]:
        rise = reduced.at(u)
        return (1e3, np.zeros_like(u)) if rise is None else (rise.value / scale, rise.grad / scale)

    # In units of the step, so that the descent's own first step has its size.
    size = float(np.linalg.norm(start))

    def scaled(v: Vector) -> tuple[float, Vector]:
        value, grad = fun(size * v)
        return value, np.asarray(size * grad)

    options = {"maxiter": 200, "ftol": 1e-18, "gtol": 1e-13}
    return np.asarray(size * minimize(scaled, start / size, jac=True, method="L-BFGS-B", options=options).x)
