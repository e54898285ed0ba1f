"""Linear systems with operators: a matrix that is known by its products, alone and bordered."""

from __future__ import annotations

from copy import copy
from math import copysign, sqrt

import numpy as np
from numpy.typing import NDArray

from homotopy.doors import door
from homotopy.linalg.krylov import Product, gmres_solve, minres

__all__ = ["KrylovSolver", "OperatorBordered", "SymmetricBordered", "scaled_bordered"]

Array = NDArray[np.float64]


@door
class KrylovSolver:
    """Solves with a square operator A: MINRES with a symmetric one, restarted GMRES with any other.

    Parameters
    ----------
    product : callable
        v -> A v.
    symmetric : bool
        Whether A is symmetric.
    rtol : float
        The smallest relative residual that is worked for.
    max_iter : int
        The largest number of products in a solve.
    precondition : callable or None
        v -> M v, M near the inverse of A (positive definite for MINRES).

    Attributes
    ----------
    n_products : int
        Products until now.
    """

    def __init__(
        self, product: Product, *, symmetric: bool, rtol: float, max_iter: int, precondition: Product | None = None
    ) -> None:
        self.product, self.precondition = product, precondition
        self.run = minres if symmetric else gmres_solve
        self.rtol, self.max_iter = rtol, max_iter
        self.n_products = 0

    def solve(self, b: Array, *, rtol: float = 0.0) -> Array:
        """Return the solution of A x = b."""
        return self.solve_with(self.product, b, self.precondition, rtol=rtol)

    def solve_with(self, product: Product, b: Array, precondition: Product | None, *, rtol: float = 0.0) -> Array:
        """Return the solution with another operator on which A lies, by the same method and within the same limits."""
        result = self.run(product, b, rtol=max(rtol, self.rtol), max_iter=self.max_iter, preconditioner=precondition)
        self.n_products += result.n_products
        return result.x


@door
class OperatorBordered:
    """The bordered operator [[A, b], [c', d]], by the solver of A.

    Parameters
    ----------
    solver : KrylovSolver
        Of A.
    b, c : ndarray of shape (n,)
        The borders.
    d : float
        The corner.
    kernel_rtol : float
        Relative residual of `kernel`.
    """

    def __init__(self, solver: KrylovSolver, b: Array, c: Array, d: float, *, kernel_rtol: float) -> None:
        self.solver, self.b, self.c, self.d, self.kernel_rtol = solver, b, c, d, kernel_rtol

    @property
    def n_products(self) -> int:
        """Products until now."""
        return self.solver.n_products

    def _product(self, z: Array) -> Array:
        out = np.empty_like(z)
        out[:-1] = self.solver.product(z[:-1].copy()) + z[-1] * self.b
        out[-1] = self.c @ z[:-1] + self.d * z[-1]
        return out

    def _precondition(self, z: Array) -> Array:
        inner = self.solver.precondition
        return z if inner is None else np.append(inner(z[:-1].copy()), z[-1])

    def solve(self, f: Array, g: float, *, rtol: float = 0.0) -> tuple[Array, float]:
        """Return x of shape (n,) and y."""
        precondition = self._precondition if self.solver.precondition else None
        z = self.solver.solve_with(self._product, np.append(f, g), precondition, rtol=rtol)
        return z[:-1].copy(), float(z[-1])

    def kernel(self) -> tuple[Array, float]:
        """Return the solution for the right side (0, 1)."""
        return self.solve(np.zeros_like(self.b), 1.0, rtol=self.kernel_rtol)


@door
class SymmetricBordered:
    """The bordered system of a symmetric A by MINRES, although [[A, b], [c', d]] itself is not symmetric.

    Parameters are those of `OperatorBordered`.

    Notes
    -----
    S = [[A, b], [b', e]] is symmetric and regular where the curve is: for the curve's direction (v, w), A v + b w = 0
    and e is chosen so that both terms of b.v + e w have one sign. One solve gives a solution of A x + b y = f, another
    the direction (v, w); their combination meets c.x + d y = g. The kernel is kept.
    """

    def __init__(self, solver: KrylovSolver, b: Array, c: Array, d: float, *, kernel_rtol: float) -> None:
        scale = sqrt(float(b @ b)) or 1.0
        corner = copysign(scale, float(b @ c) * d) if d != 0.0 else scale
        self.inner = OperatorBordered(solver, b, b, corner, kernel_rtol=kernel_rtol)
        self.c, self.d = c, d
        self._direction: tuple[Array, float] | None = None

    @property
    def n_products(self) -> int:
        """Products until now."""
        return self.inner.n_products

    def _along(self, x: Array, y: float) -> float:
        return float(self.c @ x) + self.d * y

    def kernel(self) -> tuple[Array, float]:
        """Return the solution for the right side (0, 1).

        Raises
        ------
        numpy.linalg.LinAlgError
            If the bordered operator is singular.
        """
        if self._direction is None:
            v, w = self.inner.kernel()
            along = self._along(v, w)
            if along == 0.0:
                raise np.linalg.LinAlgError("the bordered operator is singular")
            self._direction = v / along, w / along
        return self._direction

    def solve(self, f: Array, g: float, *, rtol: float = 0.0) -> tuple[Array, float]:
        """Return x of shape (n,) and y."""
        v, w = self.kernel()
        x, y = self.inner.solve(f, 0.0, rtol=rtol)
        rest = g - self._along(x, y)
        return x + rest * v, y + rest * w


@door
def scaled_bordered(
    solver: KrylovSolver,
    b: Array,
    c: Array,
    d: float,
    *,
    symmetric: bool,
    kernel_rtol: float,
    units: tuple[float, float, float] = (1.0, 1.0, 1.0),
) -> Scaled:
    """Return the bordered operator, x, y and the first rows measured in these units, the last row one over that of x.

    A relative residual of equations in several units depends on these, and so does the number of iterations.
    """
    x, y, f = units
    size, beside, last = f / x, y / x, 1.0 / x
    inner = _in_units(solver, size)
    kind = SymmetricBordered if symmetric else OperatorBordered
    bordered = kind(inner, b * (beside / size), c / last, beside * d / last, kernel_rtol=kernel_rtol)
    return Scaled(solver, bordered, (size, beside, last))


def _in_units(solver: KrylovSolver, size: float) -> KrylovSolver:
    """Return the solver of A / size, which counts its own products."""
    inner, product, precondition = copy(solver), solver.product, solver.precondition
    inner.n_products, inner.product = 0, lambda v: product(v) / size
    if precondition is not None:
        inner.precondition = lambda v: precondition(v) * size
    return inner


class Scaled:
    """A bordered operator whose first rows are divided by a size, the last by another, and y multiplied by a third."""

    def __init__(
        self, solver: KrylovSolver, inner: OperatorBordered | SymmetricBordered, units: tuple[float, float, float]
    ) -> None:
        self._inner, self._before, self._units = inner, solver.n_products, units

    @property
    def n_products(self) -> int:
        """Products until now."""
        return self._before + self._inner.n_products

    def solve(self, f: Array, g: float, *, rtol: float = 0.0) -> tuple[Array, float]:
        """Return x of shape (n,) and y."""
        size, beside, last = self._units
        x, y = self._inner.solve(f / size, g / last, rtol=rtol)
        return x, beside * y

    def kernel(self) -> tuple[Array, float]:
        """Return the solution for the right side (0, 1)."""
        _, beside, last = self._units
        x, y = self._inner.kernel()
        return x / last, beside * y / last
