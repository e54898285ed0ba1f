"""The dimension of a set of equal values: how many ways lead on within it from one of its points."""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize

from homotopy.landscape.classify.reduced import Reduced
from homotopy.landscape.classify.spheres import RELATIVE, SURE, Sphere
from homotopy.objectives.base import Vector

__all__ = ["flat_dimension"]

STEP = 0.05
"""How far to go from a point of the set, over its distance from the center."""
STARTS = 4
STRAIGHT = 0.3
"""A way counts where this part of a step is left behind the descent back to the set."""


def flat_dimension(reduced: Reduced, sphere: Sphere) -> int:
    """Return the dimension of the set g = 0 about 0, at least 1: the largest about the points of it that are found.

    Notes
    -----
    The points are the lowest of a sphere, and ends of descents from random points of the sphere. From each of them
    random steps are made and g is minimized again: what is left of the steps spans the tangent space. Curvatures would
    not do where g grows like a higher power beside the set.
    """
    k = reduced.size
    if not sphere.seen or k == 1:
        return k
    scale = max(abs(sphere.low), abs(sphere.high))
    starts = np.random.default_rng(k).standard_normal((STARTS, k))
    starts *= sphere.radius / np.linalg.norm(starts, axis=1, keepdims=True)
    ends = [sphere.u, *(_descended(reduced, start, 0.3 * sphere.radius, scale) for start in starts)]
    far = [end for end in ends if np.linalg.norm(end) > 0.3 * sphere.radius and _on(reduced, end, scale)]
    return max((_dimension_at(reduced, end, scale) for end in far), default=1)


def _on(reduced: Reduced, u: Vector, scale: float) -> bool:
    """Return whether a point is one of the set, to rounding."""
    rise = reduced.at(u)
    return rise is not None and rise.value <= SURE * max(rise.noise, RELATIVE * scale)


def _dimension_at(reduced: Reduced, u: Vector, scale: float) -> int:
    """Return the dimension of the set at one of its points."""
    k, step = reduced.size, STEP * float(np.linalg.norm(u))
    random = np.random.default_rng(k).standard_normal((2 * k, k))
    random *= step / np.linalg.norm(random, axis=1, keepdims=True)
    back = np.array([_descended(reduced, u + one, step, scale) - u for one in random])
    near = np.linalg.norm(back, axis=1) < 2.0 * step  # not at another part of the set
    if near.sum() < k:
        return 1
    sizes = np.linalg.svd(back[near], compute_uv=False)
    whole = np.linalg.svd(random[near], compute_uv=False)
    return max(1, int((sizes > STRAIGHT * whole[-1]).sum()))


def _descended(reduced: Reduced, start: Vector, step: float, scale: float) -> Vector:
    """Return the end of a descent of g, whose first step is at most so long."""

    def fun(v: Vector) -> tuple[float, Vector]:
        rise = reduced.at(start + step * v)
        return (1e3, np.zeros_like(v)) if rise is None else (rise.value / scale, rise.grad * (step / scale))

    options = {"maxiter": 200, "ftol": 1e-18, "gtol": 1e-13}
    found = minimize(fun, np.zeros_like(start), jac=True, method="L-BFGS-B", options=options)
    return np.asarray(start + step * found.x)
