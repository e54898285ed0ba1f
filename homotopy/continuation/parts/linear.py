"""How the linear systems of a step are solved: dense, sparse, matrix-free, or by the homotopy's own factorization."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from math import sqrt
from typing import Any, Protocol

import numpy as np
import scipy.sparse as sp

from homotopy.arguments import function, integer, number
from homotopy.continuation.point import Direction, Metric
from homotopy.doors import door
from homotopy.linalg import (
    Bordered,
    DenseLU,
    DenseSymmetric,
    KrylovSolver,
    SparseLU,
    WholeBordered,
    dense_bordered,
    dense_hessian,
    full,
    scaled_bordered,
)
from homotopy.objectives.base import Vector
from homotopy.objectives.family import Homotopy

__all__ = ["AUTO", "Auto", "Border", "Dense", "Krylov", "Linear", "Sparse", "bordered", "hessian_of", "is_symmetric"]

Preconditioner = Callable[[Homotopy, Vector, float], Callable[[Vector], Vector]]


class Border(Protocol):
    """A bordered system [[A, b], [c', d]] ready to be solved."""

    def solve(self, f: Vector, g: float) -> tuple[Vector, float]:
        """Return the solution for the right side (f, g)."""

    def kernel(self) -> tuple[Vector, float]:
        """Return the solution for the right side (0, 1)."""


class Linear(Protocol):
    """A way to solve with the Hessian A of H(., t), or with A bordered by the derivative in t and a direction."""

    def factor(self, homotopy: Homotopy, x: Vector, t: float) -> Any:
        """Return an object whose ``solve(b)`` solves A y = b."""

    def border(self, homotopy: Homotopy, x: Vector, t: float, c: Vector, d: float) -> Border:
        """Return the system [[A, dt_grad], [c', d]]."""


def bordered(linear: Linear, homotopy: Homotopy, at: tuple[Vector, float], along: Direction, metric: Metric) -> Border:
    """Return the system at a point, bordered with a direction in the metric."""
    border = (homotopy, *at, metric.x_weight * along.x, metric.t_weight * along.t)
    return linear.border(*border, metric=metric) if isinstance(linear, (Krylov, Auto)) else linear.border(*border)


def is_symmetric(homotopy: Homotopy) -> bool:
    """Whether the system is a gradient; a root system says ``symmetric = False``."""
    return bool(getattr(homotopy, "symmetric", True))


def hessian_of(homotopy: Homotopy, x: Vector, t: float) -> Any:
    """Return the matrix at (x, t), dense or sparse: the homotopy's ``hessian`` or n products with unit vectors."""
    matrix = getattr(homotopy, "hessian", None)
    if matrix is not None:
        return matrix(x, t)
    return dense_hessian(lambda v: homotopy.hessp(x, t, v), x.size, symmetric=is_symmetric(homotopy))


@dataclass(frozen=True)
class Dense:
    """LAPACK: Bunch-Kaufman L D L' of a symmetric matrix, LU of any other and of the bordered matrix."""

    def factor(self, homotopy: Homotopy, x: Vector, t: float) -> DenseSymmetric | DenseLU:
        """Return the factors of A."""
        return _dense_factor(homotopy, full(hessian_of(homotopy, x, t)))

    def border(self, homotopy: Homotopy, x: Vector, t: float, c: Vector, d: float) -> Border:
        """Return the factored bordered matrix."""
        return WholeBordered(dense_bordered(full(hessian_of(homotopy, x, t)), homotopy.dt_grad(x, t), c, d))


@dataclass(frozen=True)
class Sparse:
    """SuperLU; the bordered system by block elimination."""

    def factor(self, homotopy: Homotopy, x: Vector, t: float) -> SparseLU:
        """Return the factors of A."""
        return SparseLU(hessian_of(homotopy, x, t), symmetric=is_symmetric(homotopy))

    def border(self, homotopy: Homotopy, x: Vector, t: float, c: Vector, d: float) -> Border:
        """Return the bordered system on the factors of A, or of the whole matrix where A is exactly singular."""
        return _sparse_border(homotopy, hessian_of(homotopy, x, t), homotopy.dt_grad(x, t), c, d)


@door
@dataclass(frozen=True)
class Krylov:
    """Matrix-free: MINRES with a symmetric system, restarted GMRES with any other.

    Parameters
    ----------
    rtol : float
        Relative residual of each linear solve.
    max_iter : int
        The largest number of products in a solve.
    kernel_rtol : float
        The same for tangents, whose errors Newton's method corrects.
    preconditioner : callable or None
        ``preconditioner(homotopy, x, t)`` returns v -> M v, M near the inverse of A (positive definite for MINRES).

    Raises
    ------
    ArgumentError
        If a tolerance is not positive, `max_iter` is below 1, or the preconditioner is no function.
    """

    rtol: float = 1e-6
    max_iter: int = 500
    kernel_rtol: float = 1e-4
    preconditioner: Preconditioner | None = None

    def __post_init__(self) -> None:
        for name in ("rtol", "kernel_rtol"):
            number(name, getattr(self, name), "a positive number", above=0)
        integer("max_iter", self.max_iter)
        if self.preconditioner is not None:
            function("preconditioner", self.preconditioner, "preconditioner(homotopy, x, t), or None")

    def factor(self, homotopy: Homotopy, x: Vector, t: float) -> KrylovSolver:
        """Return the operator with its solver."""
        return KrylovSolver(
            lambda v: homotopy.hessp(x, t, v),
            symmetric=is_symmetric(homotopy),
            rtol=self.rtol,
            max_iter=self.max_iter,
            precondition=None if self.preconditioner is None else self.preconditioner(homotopy, x, t),
        )

    def border(
        self, homotopy: Homotopy, x: Vector, t: float, c: Vector, d: float, *, metric: Metric | None = None
    ) -> Border:
        """Return the bordered operator with its solver, in units of the metric."""
        solver, b, symmetric = self.factor(homotopy, x, t), homotopy.dt_grad(x, t), is_symmetric(homotopy)
        units = (1.0, 1.0, 1.0)
        if metric is not None:
            length = float(np.sqrt(np.max(metric.x_weight)))
            units = (1.0 / length, 1.0 / sqrt(metric.t_weight), metric.residual)
        return scaled_bordered(solver, b, c, d, symmetric=symmetric, kernel_rtol=self.kernel_rtol, units=units)


@dataclass(frozen=True)
class Auto:
    """The homotopy's own ``factorize`` if it has one, else what suits its Hessian: sparse, dense, or none.

    Without a Hessian, dense by columns up to `dense_limit` variables and matrix-free above.
    """

    dense_limit: int = 400
    krylov: Krylov = field(default_factory=Krylov)

    def factor(self, homotopy: Homotopy, x: Vector, t: float) -> Any:
        """Return the factors of A."""
        own = getattr(homotopy, "factorize", None)
        if own is not None:
            return own(x, t)
        if self._free(homotopy, x):
            return self.krylov.factor(homotopy, x, t)
        a = hessian_of(homotopy, x, t)
        return SparseLU(a, symmetric=is_symmetric(homotopy)) if sp.issparse(a) else _dense_factor(homotopy, a)

    def border(
        self, homotopy: Homotopy, x: Vector, t: float, c: Vector, d: float, *, metric: Metric | None = None
    ) -> Border:
        """Return the bordered system."""
        own = getattr(homotopy, "factorize", None)
        if own is not None:
            return Bordered(own(x, t), homotopy.dt_grad(x, t), c, d)
        if self._free(homotopy, x):
            return self.krylov.border(homotopy, x, t, c, d, metric=metric)
        a, b = hessian_of(homotopy, x, t), homotopy.dt_grad(x, t)
        return _sparse_border(homotopy, a, b, c, d) if sp.issparse(a) else WholeBordered(dense_bordered(a, b, c, d))

    def _free(self, homotopy: Homotopy, x: Vector) -> bool:
        return getattr(homotopy, "hessian", None) is None and x.size > self.dense_limit


AUTO = Auto()
"""What correctors without a linear solver of their own use: made once, since it checks its settings."""


def _dense_factor(homotopy: Homotopy, a: Vector) -> DenseSymmetric | DenseLU:
    return DenseSymmetric(a) if is_symmetric(homotopy) else DenseLU(a)


def _sparse_border(homotopy: Homotopy, a: Any, b: Vector, c: Vector, d: float) -> Border:
    try:
        return Bordered(SparseLU(a, symmetric=is_symmetric(homotopy)), b, c, d)
    except np.linalg.LinAlgError:
        whole = sp.block_array([[sp.csc_array(a), b[:, None]], [c[None, :], np.array([[d]])]])
        return WholeBordered(SparseLU(whole))
