"""The values of an objective along a line and on a plane."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from homotopy._core.many import value_and_grad_many
from homotopy.arguments import integer, numbers, shown, vector
from homotopy.doors import door, doors
from homotopy.errors import ArgumentError, EvaluationError
from homotopy.landscape.views.directions import independent, rows_of
from homotopy.objectives.base import Vector, compiled
from homotopy.threads import one_blas_thread

__all__ = ["Slice1D", "Slice2D", "slice_1d", "slice_2d", "values_at"]

Matrix = NDArray[np.float64]
AT_ONCE = 2**21
"""Numbers of points that are evaluated together."""


@doors
@dataclass(frozen=True)
class Slice1D:
    """Values along a line.

    Attributes
    ----------
    steps : ndarray of shape (n,)
        a of each point x + a d.
    values : ndarray of shape (n,)
        f there; NaN where it cannot be evaluated.
    slopes : ndarray of shape (n,)
        The derivative in a.
    x, direction : ndarray of shape (p,)
        The line.
    """

    steps: Vector
    values: Vector
    slopes: Vector
    x: Vector
    direction: Vector


@doors
@dataclass(frozen=True)
class Slice2D:
    """Values on a plane.

    Attributes
    ----------
    a, b : ndarray of shape (n_a,) and (n_b,)
        The coordinates of the points x + a d1 + b d2.
    values : ndarray of shape (n_b, n_a)
        f there, as pictures have it: a to the right, b upward; NaN where it cannot be evaluated.
    x, directions : ndarray of shape (p,) and (2, p)
        The plane.
    """

    a: Vector
    b: Vector
    values: Matrix
    x: Vector
    directions: Matrix


@door
@one_blas_thread
def slice_1d(
    objective: Any, x: ArrayLike, direction: ArrayLike, *, n: int = 101, span: float | ArrayLike = 1.0
) -> Slice1D:
    """Return an objective's values along a line.

    Parameters
    ----------
    objective : Objective
        f; evaluated in one compiled loop where it can be.
    x : array_like of shape (p,)
        The center.
    direction : array_like of shape (p,)
        Not zero; steps are in units of it.
    n : int
        How many points, at least 2.
    span : float or pair of float
        How far to both sides, or from where to where.

    Raises
    ------
    ArgumentError
        If shapes do not fit, the direction is zero, or the span is empty.

    Examples
    --------
    >>> from homotopy.objectives.functions import Rosenbrock
    >>> slice_1d(Rosenbrock(), [1.0, 1.0], [0.0, 1.0], n=3).values
    array([100.,   0., 100.])
    """
    x, rows = _plane(objective, x, direction, 1)
    steps = np.linspace(*_ends("span", span), integer("n", n, least=2))
    values, grads = values_at(objective, x + steps[:, None] * rows[0])
    return Slice1D(steps, values, grads @ rows[0], x, rows[0])


@door
@one_blas_thread
def slice_2d(
    objective: Any, x: ArrayLike, directions: ArrayLike, *, n: int = 41, span: float | ArrayLike = 1.0
) -> Slice2D:
    """Return an objective's values on a grid of a plane.

    Parameters
    ----------
    objective : Objective
        f; evaluated in one compiled loop where it can be.
    x : array_like of shape (p,)
        The center.
    directions : array_like of shape (2, p)
        Two independent directions, such as two of `filter_normalized`, or the `path_directions` of a solver's path.
    n : int
        Points a side, at least 2.
    span : float, pair of float, or two pairs
        How far to all sides; from where to where along both; or ``((a0, a1), (b0, b1))``.

    Raises
    ------
    ArgumentError
        If shapes do not fit, the directions depend on each other, or a span is empty.
    """
    x, rows = _plane(objective, x, directions, 2)
    n = integer("n", n, least=2)
    both = np.shape(span) == (2, 2)
    first, second = (span[0], span[1]) if both else (span, span)  # type: ignore[index]
    a, b = np.linspace(*_ends("span", first), n), np.linspace(*_ends("span", second), n)
    values = np.empty((n, n))
    block = max(1, AT_ONCE // (n * x.size))
    for at in range(0, n, block):
        grid = x + b[at : at + block, None, None] * rows[1] + a[:, None] * rows[0]
        values[at : at + block] = values_at(objective, grid.reshape(-1, x.size))[0].reshape(-1, n)
    return Slice2D(a, b, values, x, rows)


def values_at(objective: Any, X: Matrix) -> tuple[Vector, Matrix]:
    """Return values (r,) and gradients (r, p) at the rows of X, NaN where they cannot be evaluated."""
    X, capsule = np.ascontiguousarray(X, dtype=np.float64), compiled(objective)
    many = getattr(objective, "value_and_grad_many", None)
    try:
        if many is not None or capsule is not None:
            values, grads = value_and_grad_many(capsule, X) if many is None else many(X)
            return np.asarray(values, dtype=np.float64), np.asarray(grads, dtype=np.float64)
    except EvaluationError:
        pass  # at one of them: they are evaluated one by one
    values, grads = np.full(len(X), np.nan), np.full(X.shape, np.nan)
    for row, point in enumerate(X):
        try:
            values[row], grads[row] = objective.value_and_grad(point)
        except EvaluationError:
            continue
    return values, grads


def _plane(objective: Any, x: ArrayLike, directions: ArrayLike, count: int) -> tuple[Vector, Matrix]:
    """Return the center and the directions, checked."""
    center = vector("x", x, int(objective.size), "the objective", finite=True)
    name = "direction" if count == 1 else "directions"
    rows = rows_of(name, directions, center.size)
    if len(rows) != count:
        raise ArgumentError(f"{name} has {len(rows)} rows; {count} of {center.size} numbers are needed")
    if not independent(rows):
        raise ArgumentError("direction must not be zero" if count == 1 else "directions must be independent")
    return center, rows


def _ends(name: str, span: Any) -> tuple[float, float]:
    """Return from where to where."""
    ends = numbers(name, span).ravel()
    low, high = (-ends.sum(), ends.sum()) if ends.size < 2 else (float(ends[0]), float(ends[-1]))
    if ends.size > 2 or not (np.isfinite([low, high]).all() and low < high):
        raise ArgumentError(f"{name} is {shown(span)}; it must be a positive number, or two with the smaller one first")
    return float(low), float(high)
