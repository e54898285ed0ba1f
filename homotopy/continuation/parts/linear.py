"""How the linear systems of a step are solved: dense, sparse, matrix-free, or by the homotopy's own factorization."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from math import copysign, sqrt
from typing import Any, Protocol

import numpy as np
import scipy.sparse as sp

from homotopy.arguments import function, integer, number
from homotopy.linalg import Bordered, DenseLU, DenseSymmetric, SparseLU, dense_bordered, gmres_solve, minres
from homotopy.objectives.base import Vector
from homotopy.objectives.family import Homotopy

__all__ = ["AUTO", "Auto", "Border", "Dense", "Krylov", "Linear", "Sparse", "hessian_of", "is_symmetric"]

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


def is_symmetric(homotopy: Homotopy) -> bool:
    """Whether the system is a gradient; a root system says ``symmetric = False``."""
    return bool(getattr(homotopy, "symmetric", True))


def hessian_of(homotopy: Homotopy, x: Vector, t: float) -> Any:
    """Return the matrix at (x, t), dense or sparse: the homotopy's ``hessian`` or n products with unit vectors."""
    matrix = getattr(homotopy, "hessian", None)
    if matrix is not None:
        return matrix(x, t)
    a = np.empty((x.size, x.size), order="F")
    unit = np.zeros(x.size)
    for j in range(x.size):
        unit[j] = 1.0
        a[:, j] = homotopy.hessp(x, t, unit)
        unit[j] = 0.0
    if is_symmetric(homotopy):
        a = 0.5 * (a + a.T)
    return a


@dataclass(frozen=True)
class Dense:
    """LAPACK: Bunch-Kaufman L D L' of a symmetric matrix, LU of any other and of the bordered matrix."""

    def factor(self, homotopy: Homotopy, x: Vector, t: float) -> DenseSymmetric | DenseLU:
        """Return the factors of A."""
        return _dense_factor(homotopy, _full(hessian_of(homotopy, x, t)))

    def border(self, homotopy: Homotopy, x: Vector, t: float, c: Vector, d: float) -> Border:
        """Return the factored bordered matrix."""
        return _DenseBorder(_full(hessian_of(homotopy, x, t)), homotopy.dt_grad(x, t), c, d)


@dataclass(frozen=True)
class Sparse:
    """SuperLU; the bordered system by block elimination."""

    def factor(self, homotopy: Homotopy, x: Vector, t: float) -> SparseLU:
        """Return the factors of A."""
        return SparseLU(hessian_of(homotopy, x, t), symmetric=is_symmetric(homotopy))

    def border(self, homotopy: Homotopy, x: Vector, t: float, c: Vector, d: float) -> Border:
        """Return the bordered system on the factors of A, or of the whole matrix where A is exactly singular."""
        return _sparse_border(homotopy, hessian_of(homotopy, x, t), homotopy.dt_grad(x, t), c, d)


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

    def factor(self, homotopy: Homotopy, x: Vector, t: float) -> _KrylovFactor:
        """Return the operator with its solver."""
        return _KrylovFactor(homotopy, x, t, self)

    def border(self, homotopy: Homotopy, x: Vector, t: float, c: Vector, d: float) -> Border:
        """Return the bordered operator with its solver."""
        factor = self.factor(homotopy, x, t)
        b = homotopy.dt_grad(x, t)
        return _SymmetricBorder(factor, b, c, d) if is_symmetric(homotopy) else _AnyBorder(factor, b, c, d)


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

    def border(self, homotopy: Homotopy, x: Vector, t: float, c: Vector, d: float) -> Border:
        """Return the bordered system."""
        own = getattr(homotopy, "factorize", None)
        if own is not None:
            return Bordered(own(x, t), homotopy.dt_grad(x, t), c, d)
        if self._free(homotopy, x):
            return self.krylov.border(homotopy, x, t, c, d)
        a, b = hessian_of(homotopy, x, t), homotopy.dt_grad(x, t)
        return _sparse_border(homotopy, a, b, c, d) if sp.issparse(a) else _DenseBorder(a, b, c, d)

    def _free(self, homotopy: Homotopy, x: Vector) -> bool:
        return getattr(homotopy, "hessian", None) is None and x.size > self.dense_limit


AUTO = Auto()
"""What correctors without a linear solver of their own use: made once, since it checks its settings."""


def _full(a: Any) -> Vector:
    return a.toarray() if sp.issparse(a) else np.asarray(a)


def _dense_factor(homotopy: Homotopy, a: Vector) -> DenseSymmetric | DenseLU:
    return DenseSymmetric(a) if is_symmetric(homotopy) else DenseLU(a)


def _sparse_border(homotopy: Homotopy, a: Any, b: Vector, c: Vector, d: float) -> Border:
    try:
        return Bordered(SparseLU(a, symmetric=is_symmetric(homotopy)), b, c, d)
    except np.linalg.LinAlgError:
        whole = sp.block_array([[sp.csc_array(a), b[:, None]], [c[None, :], np.array([[d]])]])
        return _WholeBorder(SparseLU(whole))


class _DenseBorder:
    def __init__(self, a: Vector, b: Vector, c: Vector, d: float) -> None:
        self.lu = dense_bordered(a, b, c, d)

    def solve(self, f: Vector, g: float) -> tuple[Vector, float]:
        z = self.lu.solve(np.append(f, g))
        return z[:-1], float(z[-1])

    def kernel(self) -> tuple[Vector, float]:
        z = np.zeros(self.lu.size)
        z[-1] = 1.0
        z = self.lu.solve(z)
        return z[:-1], float(z[-1])

    def det_sign(self) -> int:
        return self.lu.det_sign()


class _WholeBorder(_DenseBorder):
    def __init__(self, lu: SparseLU) -> None:
        self.lu = lu  # type: ignore[assignment]


class _KrylovFactor:
    """The Hessian at a point as an operator, and its iterative solver; counts its products."""

    def __init__(self, homotopy: Homotopy, x: Vector, t: float, settings: Krylov) -> None:
        self.homotopy, self.x, self.t, self.settings = homotopy, x, t, settings
        make = settings.preconditioner
        self.precondition = None if make is None else make(homotopy, x, t)
        self.run = minres if is_symmetric(homotopy) else gmres_solve
        self.n_products = 0

    def product(self, v: Vector) -> Vector:
        return self.homotopy.hessp(self.x, self.t, v)

    def solve(self, b: Vector, *, rtol: float | None = None) -> Vector:
        rtol = self.settings.rtol if rtol is None else max(rtol, self.settings.rtol)
        result = self.run(self.product, b, rtol=rtol, max_iter=self.settings.max_iter, preconditioner=self.precondition)
        self.n_products += result.n_products
        return result.x


class _AnyBorder:
    """The unsymmetric bordered operator, by GMRES."""

    def __init__(self, factor: _KrylovFactor, b: Vector, c: Vector, d: float) -> None:
        self.factor, self.b, self.c, self.d = factor, b, c, d

    @property
    def n_products(self) -> int:
        return self.factor.n_products

    def _product(self, z: Vector) -> Vector:
        out = np.empty_like(z)
        out[:-1] = self.factor.product(z[:-1].copy()) + z[-1] * self.b
        out[-1] = self.c @ z[:-1] + self.d * z[-1]
        return out

    def _precondition(self, z: Vector) -> Vector:
        inner = self.factor.precondition
        return z if inner is None else np.append(inner(z[:-1].copy()), z[-1])

    def solve(self, f: Vector, g: float, *, rtol: float = 0.0) -> tuple[Vector, float]:
        settings = self.factor.settings
        result = self.factor.run(
            self._product,
            np.append(f, g),
            rtol=max(rtol, settings.rtol),
            max_iter=settings.max_iter,
            preconditioner=self._precondition if self.factor.precondition else None,
        )
        self.factor.n_products += result.n_products
        return result.x[:-1].copy(), float(result.x[-1])

    def kernel(self) -> tuple[Vector, float]:
        return self.solve(np.zeros_like(self.b), 1.0, rtol=self.factor.settings.kernel_rtol)


class _SymmetricBorder:
    """The bordered system of a symmetric A by MINRES, although [[A, b], [c', d]] itself is not symmetric.

    Notes
    -----
    S = [[A, b], [b', e]] is symmetric and regular where the curve is: for the curve's direction (v, w), A v + b w = 0
    and e is chosen so that both terms of b.v + e w have one sign. One solve gives a solution of A x + b y = f, another
    the direction (v, w); their combination meets c.x + d y = g. The kernel is kept.
    """

    def __init__(self, factor: _KrylovFactor, b: Vector, c: Vector, d: float) -> None:
        self.inner = _AnyBorder(factor, b, b, 0.0)
        self.c, self.d = c, d
        scale = sqrt(float(b @ b)) or 1.0
        self.inner.d = copysign(scale, float(b @ c) * d) if d != 0.0 else scale
        self._direction: tuple[Vector, float] | None = None

    @property
    def n_products(self) -> int:
        return self.inner.n_products

    def _along(self, x: Vector, y: float) -> float:
        return float(self.c @ x) + self.d * y

    def kernel(self) -> tuple[Vector, float]:
        if self._direction is None:
            v, w = self.inner.kernel()
            along = self._along(v, w)
            if along == 0.0:
                raise np.linalg.LinAlgError("the bordered operator is singular")
            self._direction = v / along, w / along
        return self._direction

    def solve(self, f: Vector, g: float, *, rtol: float = 0.0) -> tuple[Vector, float]:
        v, w = self.kernel()
        x, y = self.inner.solve(f, 0.0, rtol=rtol)
        rest = g - self._along(x, y)
        return x + rest * v, y + rest * w
