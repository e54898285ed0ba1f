"""Null vectors of the Hessian and of the whole Jacobian [A, b] where branches meet."""

from __future__ import annotations

import numpy as np
from scipy.linalg import eigh

from homotopy.continuation.parts.linear import Linear, hessian_of, is_symmetric
from homotopy.continuation.point import Direction, Metric
from homotopy.linalg import full
from homotopy.objectives.base import Vector
from homotopy.objectives.family import Homotopy

__all__ = ["crossing_direction", "null_vector"]


def null_vector(homotopy: Homotopy, x: Vector, t: float, *, linear: Linear, dense_limit: int = 400) -> Vector | None:
    """Return the unit vector that the Hessian at (x, t) nearly annihilates, shape (n,).

    Up to `dense_limit` variables the eigenvector whose eigenvalue is nearest to zero (of an unsymmetric Jacobian the
    right singular vector of the least singular value); above, by five inverse iterations. None if a solve fails.
    """
    if homotopy.size <= dense_limit:
        a = full(hessian_of(homotopy, x, t))
        if not is_symmetric(homotopy):
            return np.asarray(np.linalg.svd(a)[2][-1])
        values, vectors = eigh(a)
        return np.ascontiguousarray(vectors[:, int(np.argmin(np.abs(values)))])
    v: Vector = np.cos(np.arange(1.0, x.size + 1))
    # A little beside the point the factors are regular, and the vector is the same to first order.
    for shift in (0.0, 1e-7):
        try:
            factors = linear.factor(homotopy, x, t + shift)
            for _ in range(5):
                v = factors.solve(v / np.linalg.norm(v))
            return v / np.linalg.norm(v)
        except np.linalg.LinAlgError:
            continue
    return None


def crossing_direction(
    homotopy: Homotopy, x: Vector, t: float, *, along: Direction, linear: Linear, metric: Metric
) -> Direction | None:
    """Return the unit direction in the null space of [A, b] at a simple branch point, normal to the branch `along`.

    Notes
    -----
    The null space is spanned by (v, 0), A v = 0, and (w, 1), A w = -b. The second is found from the bordered system
    ``[[A, v], [v', 0]] [w; mu] = [-b; 0]`` in the least-squares sense where n is small, else by the tangent itself.
    """
    v = null_vector(homotopy, x, t, linear=linear)
    if v is None:
        return None
    first = metric.unit(v, 0.0)
    overlap = metric.inner(*first, *along)
    if abs(overlap) < 0.99:
        return metric.unit(first.x - overlap * along.x, -overlap * along.t)
    if homotopy.size > 400:
        return None
    a = full(hessian_of(homotopy, x, t))
    b = homotopy.dt_grad(x, t)
    w: Vector = np.asarray(np.linalg.lstsq(a, -b, rcond=1e-6)[0], dtype=np.float64)
    overlap = metric.inner(w, 1.0, *along)
    return metric.unit(w - overlap * along.x, 1.0 - overlap * along.t)
