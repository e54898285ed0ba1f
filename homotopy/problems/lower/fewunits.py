"""The risk that a student with fewer units than its teacher keeps: tensors of low rank are far from its own."""

from __future__ import annotations

from math import pi

import numpy as np
from numpy.typing import NDArray

from homotopy.problems.bounds import Bound

__all__ = ["few_units_bound", "hermite_squares"]

Array = NDArray[np.float64]
DEGREES = 200
"""How many even degrees are summed; the rest, less than 1e-4 of the sum, is left out."""


def hermite_squares(n: int) -> Array:
    r"""Return the squares of the relu's coefficients in normalized Hermite polynomials of degree 2, 4, ..., 2 n.

    Notes
    -----
    :math:`c_{2m}^2 = ((2 m - 3)!!)^2 / (2 \pi (2 m)!)`; with :math:`c_0^2 = 1/(2 \pi)` and :math:`c_1^2 = 1/4` they sum
    up to 1/2, the mean square of the relu of a normal variable. All other odd coefficients are zero.

    Examples
    --------
    >>> round(float(hermite_squares(10000).sum() + 1 / (2 * np.pi) + 1 / 4), 6)
    0.5
    """
    m = np.arange(1, n)
    ratios = (2.0 * m - 1.0) ** 2 / ((2.0 * m + 1.0) * (2.0 * m + 2.0))
    return np.asarray(np.cumprod(np.concatenate([[1.0 / (4.0 * pi)], ratios])))


def few_units_bound(rows: Array, n: int) -> Bound | None:
    r"""Return the bound of Safran and Shamir's risk for n student units, fewer than the teacher's; else None.

    Parameters
    ----------
    rows : ndarray of shape (k, d)
        The teacher's rows :math:`v_j`.
    n : int
        Student units.

    Notes
    -----
    The risk is half the sum over degrees l of :math:`c_l^2 |\sum_i |w_i| \hat w_i^{\otimes l} - \sum_j |v_j|
    \hat v_j^{\otimes l}|^2`, the c being the relu's Hermite coefficients. For l = 2 m either sum, as a matrix of the
    first m indices by the last, is positive semidefinite; that of the student has a rank of at most n, that of the
    teacher the eigenvalues of the matrix :math:`\sqrt{|v_i| |v_j|} (\hat v_i \cdot \hat v_j)^m`. By the theorem of
    Eckart and Young the squared distance is at least the sum of the squares of its k - n lowest ones. For orthonormal
    rows the bound is (k - n) (1/4 - 1/(2 pi)) / 2.

    References
    ----------
    C. Eckart and G. Young, The approximation of one matrix by another of lower rank, Psychometrika 1 (1936). Its use
    here is this package's.
    """
    k = len(rows)
    if n >= k:
        return None
    length = np.linalg.norm(rows, axis=1)
    unit = rows / np.where(length > 0, length, 1.0)[:, None]
    cosines, sizes = np.clip(unit @ unit.T, -1.0, 1.0), np.sqrt(np.outer(length, length))
    power, total = np.ones((k, k)), 0.0
    for square in hermite_squares(DEGREES):
        power = power * cosines
        total += 0.5 * square * float(np.sum(np.linalg.eigvalsh(sizes * power)[: k - n] ** 2))
    slack = 1e-13 * float(np.sum(length)) ** 2
    return Bound(max(total - slack, 0.0), "tensors of so few units are far from the teacher's", rounding=slack)
