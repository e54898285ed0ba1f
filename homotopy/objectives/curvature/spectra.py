"""What a stationary point is, by all eigenvalues, by Lanczos's method or by the inertia of a sparse matrix."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.linalg import eigh
from scipy.sparse.linalg import ArpackError, eigsh

from homotopy.arguments import shown, vector
from homotopy.doors import door
from homotopy.errors import ArgumentError
from homotopy.linalg import SparseLU, cg, full
from homotopy.linalg.lanczos import Lanczos
from homotopy.objectives.base import Vector
from homotopy.objectives.curvature.kinds import Curvature
from homotopy.objectives.curvature.probe import Probe

__all__ = ["curvature_at"]

Matrix = NDArray[np.float64]
Product = Callable[[Vector], Vector]

FEW, DENSE = 100, 500
"""Up to so many variables every Hessian is decomposed, and one that the objective knows as a matrix."""
ROUNDING = 1e-11
"""An eigenvalue below this part of the largest is zero, where the products have no larger noise of their own."""
ROUGH = 1e-6
"""The same where Lanczos's method must converge to it."""
EVERY, EARLIEST = 5, 20
"""Products between two looks at the Ritz values, and before the first that may say that none is negative."""
NEWTON, FREE = 30, 500
"""The most products of a Newton step, and of all where a matrix makes them cheap."""
CHECKED = 10
"""How many of the negative eigenvalues are looked at again behind that step; the others count as the last of these."""


@door
def curvature_at(
    objective: Any, x: Vector, *, hessian: Any = None, products: int | None = None, scale: float | None = None
) -> Curvature:
    """Return what a stationary point is.

    Parameters
    ----------
    objective : Objective
        A function with ``value_and_grad`` and, where it has them, ``hessp`` and ``hessian``; of a homotopy its `at`.
        Without ``hessp`` central differences of the gradient serve.
    x : ndarray of shape (n,)
        A point where the gradient vanishes, to the accuracy of a descent.
    hessian : ndarray or sparse array of shape (n, n), or None
        The Hessian at x where the caller has it already; it is not counted.
    products : int or None
        The most Hessian-vector products: with as many as there are variables all eigenvalues are computed, else the
        ends of the spectrum by Lanczos's method from a fixed random vector. None is 100, and as many as there are
        variables, up to 500, where that does not converge and the objective knows its Hessian as a matrix.
    scale : float or None
        A length over which x may move, for differences; None is the size of x.

    Raises
    ------
    ArgumentError
        If x is no point, or `hessian` has another shape.

    Notes
    -----
    An eigenvalue is zero where its size is at most ``max(1e-11, d)`` times the largest, with d four times the noise of
    the products: that of their differences from symmetry or linearity, in the norm of the matrix.

    A descent ends near a point and not at it, where flat directions bend a little. So a negative eigenvalue counts only
    if the curvature along its vector is still below half of it behind a Newton step in the directions of positive
    curvature, where that step lowers the gradient.

    Of a sparse `hessian` the index is that of its factors, by Sylvester's law.
    """
    probe = Probe(objective, vector("x", x, None, "a point"), scale)
    n, most = probe.x.size, FEW if products is None else products
    with np.errstate(all="ignore"):  # what overflows is told by the kind
        if hessian is not None:
            if np.shape(hessian) != (n, n):
                raise ArgumentError(f"hessian must be a matrix of shape {(n, n)}, not {shown(hessian)}")
            sparse = sp.issparse(hessian) and n > DENSE
            found = _by_factors(probe, hessian) if sparse else _by_all(probe, full(hessian))
        elif n <= most:
            found = _by_all(probe, probe.matrix())
        else:
            found = _by_lanczos(probe, probe.product, most)
            if found.kind == "unknown" and products is None and n <= DENSE and probe.known is not None:
                found = _by_all(probe, probe.matrix())
    direction = None if found.kind in ("minimum", "unknown") else found.direction
    if direction is not None:
        direction.setflags(write=False)
    return replace(found, direction=direction, counts=probe.counts)


def _by_all(probe: Probe, matrix: Matrix) -> Curvature:
    """Return the verdict from all eigenvalues."""
    if not np.isfinite(matrix).all():
        return Curvature("unknown", why="the Hessian is not finite")
    values, vectors = eigh(0.5 * (matrix + matrix.T))
    largest = float(np.abs(values).max())
    zero = max(ROUNDING * largest, 4.0 * float(np.linalg.norm(matrix - matrix.T)) / np.sqrt(2.0))
    negative = values < -zero
    if negative.any():
        rising = values > max(zero, -values[0])

        def newton(grad: Vector) -> Vector:
            return np.asarray(vectors[:, rising] @ ((vectors[:, rising].T @ grad) / -values[rising]))

        negative[negative] = _lasting(probe, values[negative], vectors[:, negative], newton)
    index, n = int(negative.sum()), values.size
    low = int(np.flatnonzero(negative)[0]) if index else 0
    kind = "maximum" if index == n else "saddle" if index else "minimum" if values[0] > zero else "degenerate"
    return Curvature(kind, index, float(values[low]), vectors[:, low].copy(), largest=largest, exact=True)


def _by_lanczos(probe: Probe, product: Product, most: int) -> Curvature:
    """Return the verdict from the ends of the spectrum, after at most so many products."""
    n = probe.x.size
    first, second = np.random.default_rng(n).standard_normal((2, n)) / np.sqrt(n)
    if most < 4:
        return Curvature("unknown", why="the budget allows no Hessian-vector products")
    noise = 4.0 * float(np.linalg.norm(product(first + second) - product(first) - product(second)))
    lanczos, most = Lanczos(product, first), most - 3
    while True:
        lanczos.extend(min(EVERY, most - lanczos.n_products))
        if not np.isfinite(lanczos.values).all():
            return Curvature("unknown", why="the Hessian is not finite")
        last = lanczos.exhausted or lanczos.n_products >= most
        found = _from_ritz(lanczos, noise, last=last)
        if found is not None:
            break
    if not found.index:
        return found
    vectors = np.array([lanczos.vector(i) for i in range(found.index)]).T

    def newton(grad: Vector) -> Vector:
        return cg(product, -grad, rtol=1e-3, max_iter=NEWTON).x

    lasting = _lasting(probe, lanczos.values[: found.index], vectors, newton)
    if not lasting.any():
        return replace(found, kind="degenerate", index=0)
    low = int(np.flatnonzero(lasting)[0])
    return replace(found, index=int(lasting.sum()), lowest=float(lanczos.values[low]), direction=vectors[:, low].copy())


def _from_ritz(lanczos: Lanczos, noise: float, *, last: bool) -> Curvature | None:
    """Return what the Ritz values say, or None where more products are needed; `last` where there are no more."""
    values, errors = lanczos.values, lanczos.residuals
    largest = float(np.abs(values).max())
    zero = max(ROUNDING * largest, noise)
    low, error = float(values[0]), float(errors[0])
    settled = lanczos.exhausted or lanczos.n_products >= EARLIEST
    index = int((values < -zero).sum())
    falling = index == values.size  # nothing rises yet: a maximum, once the upper end is known as well
    if index and (last or (error <= 0.1 * abs(low) and not (falling and errors[-1] > 0.1 * abs(values[-1])))):
        kind = "maximum" if falling else "saddle"
    elif settled and low > zero and error <= 0.1 * low:
        kind = "minimum"
    elif settled and abs(low) + error <= max(zero, ROUGH * largest):
        kind = "degenerate"
    elif last:
        why = f"Lanczos did not converge in {lanczos.n_products} products"
        return Curvature("unknown", 0, low, largest=largest, why=why)
    else:
        return None
    return Curvature(kind, index, low, lanczos.vector(0), largest=largest)


def _by_factors(probe: Probe, matrix: Any) -> Curvature:
    """Return the verdict from the inertia of a sparse matrix beside zero."""
    n = probe.x.size
    start = np.random.default_rng(n).standard_normal(n)
    largest = float(np.abs(Lanczos(lambda v: matrix @ v, start).extend(EARLIEST).values).max())
    zero = ROUNDING * largest
    try:
        below, above = (SparseLU(matrix + side * zero * sp.eye_array(n), symmetric=True).n_negative for side in (1, -1))
        if below is None or above is None:
            return _by_lanczos(probe, lambda v: matrix @ v, FREE)
        wanted = {"k": min(max(below, 1), 6), "sigma": -zero, "v0": start, "which": "SA" if below else "LM"}
        values, vectors = eigsh(matrix, **wanted)
    except (np.linalg.LinAlgError, ArpackError, RuntimeError):
        return _by_lanczos(probe, lambda v: matrix @ v, FREE)
    order = np.argsort(values)
    values, vectors = values[order], vectors[:, order]
    if below:

        def newton(grad: Vector) -> Vector:
            return cg(lambda v: matrix @ v, -grad, rtol=1e-3, max_iter=FREE).x

        below -= int((~_lasting(probe, values, vectors, newton)).sum())
    kind = "maximum" if below == n else "saddle" if below else "degenerate" if above else "minimum"
    return Curvature(kind, below, float(values[0]), vectors[:, 0].copy(), largest=largest, exact=True)


def _lasting(probe: Probe, values: Vector, vectors: Matrix, newton: Callable[[Vector], Vector]) -> NDArray[np.bool_]:
    """Return which negative curvatures are still there behind a Newton step; see the notes of `curvature_at`."""
    keep = np.ones(values.size, dtype=bool)
    grad = probe.grad(probe.x)
    size = float(np.linalg.norm(grad))
    if size == 0.0 or not np.isfinite(size):
        return keep
    there = probe.x + newton(grad)
    if np.array_equal(there, probe.x) or not np.linalg.norm(probe.grad(there)) < size:
        return keep
    for i in range(min(values.size, CHECKED)):
        keep[i] = vectors[:, i] @ probe.product(vectors[:, i], there) < 0.5 * values[i]
    keep[CHECKED:] = keep[min(values.size, CHECKED) - 1]
    return keep
