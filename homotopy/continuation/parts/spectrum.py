"""The index, lowest eigenpairs and null vector of the Hessian, and the null space of [A, b] where branches meet."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np
from scipy.linalg import eigh
from scipy.sparse.linalg import ArpackNoConvergence, LinearOperator, eigsh

from homotopy.arguments import integer
from homotopy.continuation.parts.linear import Linear, hessian_of, is_symmetric
from homotopy.continuation.point import Direction, Metric
from homotopy.errors import ArgumentError
from homotopy.linalg import full
from homotopy.objectives.base import Vector
from homotopy.objectives.family import Homotopy

__all__ = ["Spectrum", "crossing_direction", "null_vector"]


@dataclass(frozen=True)
class Spectrum:
    """What to compute of the Hessian's spectrum, and how often.

    Parameters
    ----------
    n_lowest : int
        How many of the lowest eigenvalues each point keeps.
    every : int
        At every which accepted point.
    dense_limit : int
        Up to this many variables the whole spectrum is computed (LAPACK); above, the lowest eigenpairs by Lanczos
        (ARPACK), as many as it takes to pass zero or `max_negative`.
    max_negative : int
        Above `dense_limit`, the index is counted up to this number.
    """

    n_lowest: int = 1
    every: int = 1
    dense_limit: int = 400
    max_negative: int = 20

    def __post_init__(self) -> None:
        for name in ("n_lowest", "every", "max_negative"):
            integer(name, getattr(self, name))

    def lowest(self, homotopy: Homotopy, x: Vector, t: float, *, k: int | None = None) -> tuple[Vector, Vector]:
        """Return the k lowest eigenvalues, shape (k,), and eigenvectors, shape (n, k); all of them if n is small.

        Raises
        ------
        ArgumentError
            If the system is not a gradient: its Jacobian's eigenvalues are not real.
        """
        if not is_symmetric(homotopy):
            raise ArgumentError("spectrum: the index is defined for gradient systems only")
        if x.size <= self.dense_limit:
            values, vectors = eigh(full(hessian_of(homotopy, x, t)))
            return values, vectors
        k = self.n_lowest if k is None else k
        operator = LinearOperator(
            (x.size, x.size), matvec=lambda v: homotopy.hessp(x, t, np.ascontiguousarray(v).ravel()), dtype=np.float64
        )
        start = np.cos(np.arange(1.0, x.size + 1))
        try:
            values, vectors = eigsh(operator, k=k, which="SA", v0=start, tol=1e-6, maxiter=50 * k + 500)
        except ArpackNoConvergence as error:
            values, vectors = error.eigenvalues, error.eigenvectors
        order = np.argsort(values)
        return values[order], vectors[:, order]

    def index(self, homotopy: Homotopy, x: Vector, t: float) -> tuple[int, tuple[float, ...]]:
        """Return the number of negative eigenvalues and the `n_lowest` lowest ones.

        An eigenvalue counts as negative below ``-1e-10`` times the largest in size; -1 where Lanczos did not converge.
        """
        k = self.n_lowest
        while True:
            values, _ = self.lowest(homotopy, x, t, k=k)
            if values.size == 0:
                return -1, ()
            negative = int(np.count_nonzero(values < -1e-10 * np.abs(values).max()))
            if x.size <= self.dense_limit or negative < values.size or k >= self.max_negative:
                return negative, tuple(float(v) for v in values[: self.n_lowest])
            k = min(2 * k, self.max_negative)


def null_vector(
    homotopy: Homotopy, x: Vector, t: float, *, linear: Linear, metric: Metric | None = None, dense_limit: int = 400
) -> Vector | None:
    """Return the unit vector that the Hessian at (x, t) nearly annihilates, shape (n,).

    Up to `dense_limit` variables the eigenvector whose eigenvalue is nearest to zero (of an unsymmetric Jacobian the
    right singular vector of the least singular value); above, by five inverse iterations. None if a solve fails.
    The metric tells the size of t, which is 1 without it.
    """
    if homotopy.size <= dense_limit:
        a = full(hessian_of(homotopy, x, t))
        if not is_symmetric(homotopy):
            return np.asarray(np.linalg.svd(a)[2][-1])
        values, vectors = eigh(a)
        return np.ascontiguousarray(vectors[:, int(np.argmin(np.abs(values)))])
    v: Vector = np.cos(np.arange(1.0, x.size + 1))
    # A little beside the point the factors are regular, and the vector is the same to first order.
    for shift in (0.0, 1e-7 if metric is None else 1e-7 / sqrt(metric.t_weight)):
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
    v = null_vector(homotopy, x, t, linear=linear, metric=metric)
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
