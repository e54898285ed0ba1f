"""The index and the lowest eigenpairs of the Hessian along a path."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import eigh
from scipy.sparse.linalg import ArpackNoConvergence, LinearOperator, eigsh

from homotopy.arguments import integer
from homotopy.continuation.parts.linear import hessian_of, is_symmetric
from homotopy.errors import ArgumentError
from homotopy.linalg import full
from homotopy.objectives.base import Vector
from homotopy.objectives.family import Homotopy

__all__ = ["Spectrum"]


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
