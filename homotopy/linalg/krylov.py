"""Krylov methods on operators: conjugate gradients, MINRES and GMRES."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.linalg import LinearOperator, gmres

from homotopy.arguments import integer, number
from homotopy.calls import raise_named
from homotopy.doors import door
from homotopy.errors import ArgumentError
from homotopy.returned import exactly

__all__ = ["KrylovResult", "cg", "gmres_solve", "minres"]

Array = NDArray[np.float64]
Product = Callable[[Array], Array]


@dataclass(frozen=True)
class KrylovResult:
    """What an iterative solver returns.

    Attributes
    ----------
    x : ndarray of shape (n,)
        The approximate solution.
    residual : float
        Its residual norm, as the recurrence knows it.
    n_products : int
        Products with A.
    converged : bool
        Whether ``residual <= rtol * |b|``.
    curvature : float
        The smallest v.Av / v.v met (CG only; NaN otherwise): negative proves that A is indefinite.
    """

    x: Array
    residual: float
    n_products: int
    converged: bool
    curvature: float = float("nan")


def _asked(b: Array, rtol: float, max_iter: int) -> tuple[float, int]:
    """Return a tolerance and a limit that can be met, of a right side that is a vector."""
    if np.ndim(b) != 1 or not np.size(b):
        raise ArgumentError(f"b has shape {np.shape(b)}; it must be (n,)")
    return number("rtol", rtol, "0 or a positive number", least=0), integer("max_iter", max_iter)


def _named(name: str, function: Product) -> Product:
    """Return a caller's function whose errors say that it raised them."""

    def call(v: Array) -> Array:
        try:
            return function(v)
        except np.linalg.LinAlgError:  # of factors, which trackers answer
            raise
        except Exception as error:
            raise_named(error, name)

    return call


@door
def cg(
    product: Product, b: Array, *, rtol: float = 1e-8, max_iter: int = 1000, preconditioner: Product | None = None
) -> KrylovResult:
    """Return the solution of A x = b, A positive definite, by conjugate gradients.

    Stops when ``|b - A x| <= rtol * |b|``, or at the first direction of curvature v.Av <= 0, where x is what was
    reached before it.

    Parameters
    ----------
    product : callable
        v -> A v.
    b : ndarray of shape (n,)
        The right side.
    rtol : float
        Relative tolerance, dimensionless.
    max_iter : int
        The largest number of products.
    preconditioner : callable or None
        v -> M v with M positive definite and near the inverse of A.

    Examples
    --------
    >>> result = cg(lambda v: np.array([2.0, 8.0]) * v, np.array([2.0, 8.0]))
    >>> result.x.round(6).tolist(), result.converged
    ([1.0, 1.0], True)
    """
    rtol, max_iter = _asked(b, rtol, max_iter)
    product = _named("product", product)
    preconditioner = preconditioner and _named("preconditioner", preconditioner)
    x = np.zeros_like(b)
    r = b.copy()
    z = r if preconditioner is None else preconditioner(r)
    p = z.copy()
    rz = float(r @ z)
    norm = sqrt(float(b @ b))
    goal, lowest = rtol * norm, float("inf")
    k = 0
    while norm > goal and k < max_iter:
        ap = product(p)
        k += 1
        bend = float(p @ ap)
        lowest = min(lowest, bend / float(p @ p))
        if bend <= 0:
            break
        alpha = rz / bend
        x += alpha * p
        r -= alpha * ap
        norm = sqrt(float(r @ r))
        z = r if preconditioner is None else preconditioner(r)
        rz, old = float(r @ z), rz
        p = z + (rz / old) * p
    return KrylovResult(x, norm, k, norm <= goal, lowest)


@door
def minres(
    product: Product, b: Array, *, rtol: float = 1e-8, max_iter: int = 1000, preconditioner: Product | None = None
) -> KrylovResult:
    """Return the solution of A x = b, A symmetric and perhaps indefinite, by MINRES.

    Stops when the residual norm (in the norm of the preconditioner) is at most ``rtol`` times that of b. A
    consistent singular system gives the solution of least norm.

    Parameters
    ----------
    product : callable
        v -> A v.
    b : ndarray of shape (n,)
        The right side.
    rtol : float
        Relative tolerance, dimensionless.
    max_iter : int
        The largest number of products.
    preconditioner : callable or None
        v -> M v with M positive definite and near the inverse of |A|.

    References
    ----------
    Paige and Saunders 1975, SIAM J. Numer. Anal. 12, 617-629.
    """
    rtol, max_iter = _asked(b, rtol, max_iter)
    product = _named("product", product)
    preconditioner = preconditioner and _named("preconditioner", preconditioner)
    apply = preconditioner or (lambda v: v)
    r1 = r2 = b
    y = apply(b)
    beta1 = beta = sqrt(max(float(b @ y), 0.0))
    x, w, w2 = np.zeros_like(b), np.zeros_like(b), np.zeros_like(b)
    old, dbar, epsilon, phi, c, s = 0.0, 0.0, 0.0, beta, -1.0, 0.0
    goal = rtol * beta1
    k = 0
    while phi > goal and k < max_iter and beta > 0.0:
        v = y / beta
        y = product(v)
        k += 1
        if k > 1:
            y = y - (beta / old) * r1
        alpha = float(v @ y)
        y = y - (alpha / beta) * r2
        r1, r2 = r2, y
        y = apply(r2)
        old, beta = beta, sqrt(max(float(r2 @ y), 0.0))
        # Apply the last rotation, then make a new one that annihilates beta.
        last = epsilon
        delta = c * dbar + s * alpha
        gbar = s * dbar - c * alpha
        epsilon, dbar = s * beta, -c * beta
        gamma = max(sqrt(gbar * gbar + beta * beta), 1e-300)
        c, s = gbar / gamma, beta / gamma
        w, w2 = w2, (v - last * w - delta * w2) / gamma
        x = x + (c * phi) * w2
        phi *= s
    return KrylovResult(x, phi, k, phi <= goal)


@door
def gmres_solve(
    product: Product, b: Array, *, rtol: float = 1e-8, max_iter: int = 1000, preconditioner: Product | None = None
) -> KrylovResult:
    """Return the solution of A x = b, A any square operator, by restarted GMRES (SciPy's, 50 vectors).

    Stops when ``|b - A x| <= rtol * |b|``. Parameters as in `minres`; the preconditioner may be any matrix near the
    inverse of A.
    """
    rtol, max_iter = _asked(b, rtol, max_iter)
    product = _named("product", product)
    preconditioner = preconditioner and _named("preconditioner", preconditioner)
    n = b.size
    count = 0

    def counted(v: Array) -> Array:
        nonlocal count
        count += 1
        return exactly("product", product(v), (n,))

    def prepared(v: Array) -> Array:
        return exactly("preconditioner", preconditioner(v), (n,)) if preconditioner is not None else v

    restart = min(50, n)
    x, info = gmres(
        LinearOperator((n, n), matvec=counted, dtype=np.float64),
        b,
        rtol=rtol,
        atol=0.0,
        restart=restart,
        maxiter=max(1, max_iter // restart),
        M=None if preconditioner is None else LinearOperator((n, n), matvec=prepared, dtype=np.float64),
    )
    residual = sqrt(float(np.sum((b - product(x)) ** 2)))
    return KrylovResult(x, residual, count + 1, info == 0)
