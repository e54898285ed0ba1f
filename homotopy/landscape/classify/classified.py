"""What a stationary point of any objective is, beyond its Hessian."""

from __future__ import annotations

from typing import Any

import numpy as np

from homotopy.arguments import numbers, vector
from homotopy.errors import ArgumentError
from homotopy.landscape.classify.kinds import Classification
from homotopy.landscape.classify.smooth import smooth_kind
from homotopy.objectives.base import Vector
from homotopy.threads import one_blas_thread

__all__ = ["classified"]


@one_blas_thread
def classified(objective: Any, x: Vector, *, symmetric: Any = None) -> Classification:
    """Return what a stationary point is.

    Parameters
    ----------
    objective : Objective
        With ``value_and_grad`` and, where it has them, ``hessp`` and ``hessian``.
    x : ndarray of shape (n,)
        A stationary point, to the accuracy of a descent.
    symmetric : array_like of shape (m, n) or None
        Directions of continuous symmetries at x, orthonormal rows, as `homotopy.landscape.symmetric_directions` returns
        them: the value is the same along them, so that they are left out of what is looked at.

    Raises
    ------
    ArgumentError
        If x or the directions have another shape, or are not finite.

    Examples
    --------
    >>> from homotopy.objectives.functions import Polynomial
    >>> monkey = Polynomial([[0, 0, 0], [0, 0, 0], [0, 0, 0], [1, 0, 0]])
    >>> print(classified(monkey, np.zeros(2)))
    a saddle without descent at second order: the value falls with order 3
    """
    x = vector("x", x, objective.size, "the objective", finite=True)
    along = _orthonormal(symmetric, x.size)
    with np.errstate(all="ignore"):
        basis = None if along is None else np.linalg.svd(along)[2][len(along) :].T
        found = smooth_kind(objective, x, basis, symmetric=0 if along is None else len(along))
    if found.lower is not None:
        found.lower.setflags(write=False)
    return found


def _orthonormal(symmetric: Any, n: int) -> Any:
    """Return the directions as rows, None where there are none."""
    if symmetric is None:
        return None
    rows = numbers("symmetric", symmetric)
    if rows.ndim != 2 or rows.shape[1] != n or not np.isfinite(rows).all():
        raise ArgumentError(f"symmetric has shape {rows.shape}; finite rows of {n} numbers are needed")
    if np.linalg.norm(rows @ rows.T - np.eye(len(rows))) > 1e-6:
        raise ArgumentError("symmetric must have orthonormal rows")
    return rows if len(rows) else None
