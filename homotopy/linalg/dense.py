"""Dense matrices: a linear map written out, and the identity to go with a matrix."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from homotopy.arguments import affordable, integer
from homotopy.doors import door
from homotopy.linalg.factors import square

__all__ = ["dense_hessian", "full", "identity_like"]

Array = NDArray[np.float64]


@door
def dense_hessian(product: Callable[[Array], Array], n: int, *, symmetric: bool = False) -> Array:
    """Return the matrix of a linear map from its products with the n unit vectors, one column each.

    Parameters
    ----------
    product : callable
        v -> A v, as of a Hessian or a Jacobian.
    n : int
        The number of variables.
    symmetric : bool
        Whether to return the mean of the matrix and its transpose, which takes the rounding of a symmetric one away.

    Returns
    -------
    ndarray of shape (n, n)
        In Fortran order, or what the mean gives.

    Examples
    --------
    >>> dense_hessian(lambda v: np.array([v[0] + 2 * v[1], 3 * v[1]]), 2)
    array([[1., 2.],
           [0., 3.]])
    """
    n = integer("n", n)
    affordable("n and n", n, n)
    a = np.empty((n, n), order="F")
    unit = np.zeros(n)
    for j in range(n):
        unit[j] = 1.0
        a[:, j] = product(unit)
        unit[j] = 0.0
    return 0.5 * (a + a.T) if symmetric else a


@door
def full(a: Any) -> Array:
    """Return a matrix, dense or sparse, as a dense array."""
    return a.toarray() if sp.issparse(a) else np.asarray(a)


@door
def identity_like(a: Any) -> Any:
    """Return the identity of a square matrix's size, sparse where it is."""
    square(a)
    return sp.eye_array(a.shape[0]) if sp.issparse(a) else np.eye(len(a))
