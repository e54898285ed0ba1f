r"""Population risks of relu nets without their linear part, on Gaussian inputs.

A relu is half its argument plus half its absolute value, relu(z) = z/2 + |z|/2. Where a student has a linear path of
its own that is at its best, only the second half is left to be fitted.
"""

from __future__ import annotations

from math import pi

import numpy as np
from numpy.typing import NDArray

import homotopy as hp

__all__ = ["AbsoluteRisk", "HermiteRisk"]

Array = NDArray[np.float64]


class AbsoluteRisk:
    r"""Risk of a student of units |w.x|/2 against a teacher of the same: the relu risk beside a free linear path.

    Parameters
    ----------
    risk : TeacherStudent
        The risk of the relu net.

    Attributes
    ----------
    size : int
        The number of variables, those of `risk`.
    flops : float
        Floating-point operations of one gradient.

    Notes
    -----
    The odd part of a relu net is half of x . sum_i w_i, and odd and even functions are orthogonal, so that

    .. math:: \tfrac12 E\Big[\sum_i \tfrac12 |w_i^T x| - \sum_j \tfrac12 |v_j^T x|\Big]^2
              = F(W) - \tfrac18 \Big|\sum_i w_i - \sum_j v_j\Big|^2 .
    """

    def __init__(self, risk: hp.TeacherStudent) -> None:
        self.risk, self.size, self.flops = risk, risk.size, risk.flops
        self._sum = risk.teacher.sum(axis=0)

    def value_and_grad(self, x: Array) -> tuple[float, Array]:
        """Return the risk and its gradient, shape (n,)."""
        value, grad = self.risk.value_and_grad(x)
        odd = self.risk.rows(x).sum(axis=0) - self._sum
        return value - float(odd @ odd) / 8, np.asarray(grad - np.tile(odd / 4, self.risk.n))

    def value(self, x: Array) -> float:
        """Return the risk."""
        return self.value_and_grad(x)[0]


class HermiteRisk:
    r"""Risk of units that keep the Hermite parts of degree two and four of a relu, against relu labels.

    Parameters
    ----------
    k : int
        Units of the student; the teacher's rows are the k unit vectors.

    Attributes
    ----------
    size : int
        The number k^2 of variables.
    flops : float
        Floating-point operations of one gradient: three products of k x k matrices, and 10 for each pair of rows.

    Notes
    -----
    A unit is |w| g(w.x / |w|), g = s_2 h_2 + s_4 h_4 with the normalized Hermite polynomials and the coefficients of
    a relu, s_2^2 = 1/(4 pi), s_4^2 = 1/(48 pi). So it is homogeneous, as a relu is, and |w| is its outgoing weight.
    With

    .. math:: K(w, v) = |w| |v| (s_2^2 c^2 + s_4^2 c^4), \qquad c = \cos \angle(w, v),

    the risk is 1/2 sum K(w_i, w_l) - sum K(w_i, v_j) + 1/2 sum K(v_j, v_l): what is left of the labels, their parts of
    other degrees, is a constant that is left out, so that the least value is 0.
    """

    def __init__(self, k: int) -> None:
        self.k, self.size = k, k * k
        self.flops = 6.0 * k**3 + 20.0 * k * k
        self._parts = 1 / (4 * pi), 1 / (48 * pi)

    def value_and_grad(self, x: Array) -> tuple[float, Array]:
        """Return the risk and its gradient, shape (k^2,)."""
        W = x.reshape(self.k, self.k)
        r = np.sqrt(np.einsum("ij,ij->i", W, W))
        U = W / r[:, None]
        two, four = self._parts
        G, V = U @ U.T, U * U  # cosines among the rows, and squares of those with the teacher's unit vectors
        S = G * G
        own, cross = S * (two + four * S), V * (two + four * V)
        pull = own @ r - cross.sum(axis=1)  # slope in each norm
        value = 0.5 * float(r @ (pull - cross.sum(axis=1))) + 0.5 * self.k * (two + four)
        slope = (2 * two * G + 4 * four * G * S) * r @ U - U * (2 * two + 4 * four * V)  # in each direction, over r
        tangent = slope - np.einsum("ij,ij->i", slope, U)[:, None] * U
        return value, np.asarray(pull[:, None] * U + tangent).ravel()

    def value(self, x: Array) -> float:
        """Return the risk."""
        return self.value_and_grad(x)[0]
