"""The function that is left of an objective at a degenerate point when all stiff directions are at their minimum."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from homotopy.landscape.classify.around import EPS, Around
from homotopy.objectives.base import Vector

__all__ = ["Reduced", "Rise"]

Matrix = NDArray[np.float64]
ROUNDING = 1e-22
"""Values below this part of the largest curvature times a squared distance are rounding."""
MOST = 40
"""Steps of the chord iteration."""


@dataclass(frozen=True)
class Rise:
    """The reduced function at one point u.

    Attributes
    ----------
    value : float
        g(u), in units of f.
    grad : ndarray of shape (k,)
        Its gradient.
    stiff : ndarray of shape (p,)
        The stiff coordinates w(u).
    noise : float
        What of the value is rounding.
    """

    value: float
    grad: Vector
    stiff: Vector
    noise: float


class Reduced:
    r"""The reduced function g of the soft directions.

    Notes
    -----
    With the columns of N the soft eigenvectors of the Hessian and those of P the stiff ones, all of positive curvature,

    .. math:: g(u) = \min_w f(x + N u + P w) - f(x), \qquad \nabla g(u) = N^T \nabla f(x + N u + P w(u)) .

    By the splitting lemma x is a minimum of f (strict, or not) just where 0 is one of g: none is lost as it may be when
    lines through x are looked at alone. w(u) comes from Newton's iteration with the Hessian at x; where it does not
    contract by a half a step, u is too far.

    References
    ----------
    D. Gromoll and W. Meyer, "On differentiable functions with isolated critical points", Topology 8 (1969), lemma 1.
    """

    def __init__(self, around: Around, values: Vector, vectors: Matrix, soft: NDArray[np.bool_]) -> None:
        self.around = around
        self.soft, self.stiff, self.curvature = vectors[:, soft], vectors[:, ~soft], values[~soft]
        self.size = int(soft.sum())
        self.largest = float(self.curvature.max(initial=0.0))
        self.base, self.offset, self.slope = np.zeros(self.curvature.size), 0.0, 0.0
        start = self.at(np.zeros(self.size))
        if start is not None:  # where a descent ended is near a stationary point, and not at it
            self.base, self.offset, self.slope = start.stiff, start.value, float(np.linalg.norm(start.grad))

    def place(self, u: Vector, w: Vector) -> Vector:
        """Return the coordinates s of a point."""
        return np.asarray(self.soft @ u + self.stiff @ w)

    def at(self, u: Vector) -> Rise | None:
        """Return the reduced function at u; None where the iteration does not end."""
        w, length, before = self.base, float(np.linalg.norm(u)), np.inf
        floor = max(self.around.noise, ROUNDING * self.largest * length**2)
        for _ in range(MOST):
            value, grad = self.around.rise(self.place(u, w))
            pull = self.stiff.T @ grad
            step = pull / self.curvature
            left = 0.5 * float(pull @ step)
            if not (np.isfinite(value) and np.isfinite(left)):
                return None
            if left <= 1e-3 * floor or (left <= floor and left > 0.25 * before):
                return self._rise(u, value - left, grad, w, left)
            if not left <= 0.25 * before:
                return None
            before, w = left, w - step
        return None

    def _rise(self, u: Vector, value: float, grad: Vector, w: Vector, left: float) -> Rise:
        """Return what was found; `left` is what the value would still fall by, and is taken off already."""
        length = float(np.linalg.norm(u))
        noise = max(self.around.noise, left, EPS * abs(value), ROUNDING * self.largest * length**2)
        return Rise(value - self.offset, self.soft.T @ grad, w, noise + 2.0 * self.slope * length)
