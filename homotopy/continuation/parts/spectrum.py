"""The index, lowest eigenpairs and null vector of the Hessian, and the null space of [A, b] where branches meet."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, sqrt
from typing import Any

import numpy as np
from scipy.linalg import eigh
from scipy.sparse.linalg import ArpackNoConvergence, LinearOperator, eigsh

from homotopy.arguments import choice, integer
from homotopy.continuation.parts.linear import Linear, hessian_of, is_symmetric
from homotopy.continuation.parts.stability import n_unstable, rightmost
from homotopy.continuation.point import Direction, Metric
from homotopy.doors import door
from homotopy.errors import ArgumentError
from homotopy.linalg import full
from homotopy.objectives.base import Vector
from homotopy.objectives.family import Homotopy

__all__ = ["Spectrum", "crossing_direction", "null_vector"]


@door
@dataclass(frozen=True)
class Spectrum:
    """What to compute of the spectrum of the Hessian, or of a root system's Jacobian, and how often.

    The index counts unstable directions: of a gradient system those of ``x' = -grad H``, which are the Hessian's
    negative eigenvalues; of a root system those of ``x' = F(x, t)``, the Jacobian's eigenvalues of positive real part.

    Parameters
    ----------
    n_lowest : int
        How many of the lowest eigenvalues each point keeps; of a root system the greatest real parts.
    every : int
        At every which accepted point.
    dense_limit : int
        Up to this many variables the whole spectrum is computed (LAPACK); above, the lowest eigenpairs by Lanczos
        (ARPACK), as many as it takes to pass zero or `max_negative`.
    max_negative : int
        Above `dense_limit`, the index is counted up to this number; of a root system among at most four times as many
        eigenvalues, those nearest to zero, and it is -1 where these may not be enough (`stability.rightmost`).
    flow : str or None
        What stability means for a root system: that of ``x' = F`` ("F") or of ``x' = -F`` ("-F"). None is "F"; but
        diagrams of root systems, whose equations need not belong to a flow, then compute none.

    Raises
    ------
    ArgumentError
        If a count is below 1, or `flow` is none of these.
    """

    n_lowest: int = 1
    every: int = 1
    dense_limit: int = 400
    max_negative: int = 20
    flow: str | None = None

    def __post_init__(self) -> None:
        for name in ("n_lowest", "every", "max_negative"):
            integer(name, getattr(self, name))
        if self.flow is not None:
            choice("flow", self.flow, ("F", "-F"))

    def lowest(self, homotopy: Homotopy, x: Vector, t: float, *, k: int | None = None) -> tuple[Vector, Vector]:
        """Return the k lowest eigenvalues, shape (k,), and eigenvectors, shape (n, k); all of them if n is small.

        Raises
        ------
        ArgumentError
            If the system is not a gradient: its Jacobian's eigenvalues are not real.
        """
        if not is_symmetric(homotopy):
            raise ArgumentError("spectrum: the lowest eigenvalues are defined for gradient systems only")
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
        """Return the number of unstable directions, and the `n_lowest` least stable eigenvalues or real parts.

        An eigenvalue counts as negative below ``-1e-10`` times the largest in size; -1 where Lanczos did not converge.
        """
        if not is_symmetric(homotopy):
            return self._of_flow(homotopy, x, t)
        k = self.n_lowest
        while True:
            values, _ = self.lowest(homotopy, x, t, k=k)
            if values.size == 0:
                return -1, ()
            negative = int(np.count_nonzero(values < -1e-10 * np.abs(values).max()))
            if x.size <= self.dense_limit or negative < values.size or k >= self.max_negative:
                return negative, tuple(float(v) for v in values[: self.n_lowest])
            k = min(2 * k, self.max_negative)

    def _of_flow(self, homotopy: Homotopy, x: Vector, t: float) -> tuple[int, tuple[float, ...]]:
        """Return the same for a root system."""
        sign, most = (-1.0 if self.flow == "-F" else 1.0), 4 * self.max_negative
        values = rightmost(homotopy, x, t, sign=sign, dense_limit=self.dense_limit, most=most)
        if values is None:
            return -1, ()
        return n_unstable(values), tuple(float(v) for v in values.real[: self.n_lowest])


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
    # A little beside the point the factors are regular, and the vector is the same to first order.
    for shift in (0.0, 1e-7 if metric is None else 1e-7 / sqrt(metric.t_weight)):
        try:
            return _iterated(linear.factor(homotopy, x, t + shift), np.cos(np.arange(1.0, x.size + 1)))
        except np.linalg.LinAlgError:
            continue
    return None


def _iterated(factors: Any, v: Vector) -> Vector:
    """Return the unit vector that five inverse iterations make of v."""
    for _ in range(5):
        v = factors.solve(v / np.linalg.norm(v))
        if not 0.0 < np.linalg.norm(v) < inf:  # as iterative solvers may leave it where the matrix is singular
            raise np.linalg.LinAlgError
    return v / np.linalg.norm(v)


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
