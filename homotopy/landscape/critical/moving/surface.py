"""An objective as searches see it: in variables of size one, at many points at once."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.errors import EvaluationError
from homotopy.linalg import dense_hessian, full
from homotopy.objectives.base import Vector

__all__ = ["Array", "Surface", "natural_scale"]

Array = NDArray[np.float64]


class Surface:
    """An objective in the variables z = x / scale.

    Parameters
    ----------
    objective : Objective
        The function of x.
    scale : ndarray of shape (n,)
        What each variable is measured in, in units of x.

    Attributes
    ----------
    noise : float
        The largest asymmetry of a Hessian that was met, over its norm: what its products are in error by.
    """

    def __init__(self, objective: Any, scale: Vector) -> None:
        self.objective, self.scale, self.size = objective, scale, int(objective.size)
        self.noise = 0.0
        self._many = getattr(objective, "value_and_grad_many", None)
        self._hessian = getattr(objective, "hessian", None)
        self._product = getattr(objective, "hessp", None)

    def x(self, Z: Array) -> Array:
        """Return the points in units of x."""
        return np.ascontiguousarray(Z * self.scale)

    def z(self, X: Array) -> Array:
        """Return points of x in units of size one."""
        return np.asarray(X / self.scale)

    def grads(self, Z: Array) -> tuple[Array, Array]:
        """Return values (m,) and gradients (m, n) at the rows of Z; NaN where the function cannot be evaluated."""
        X = self.x(Z)
        with np.errstate(all="ignore"):
            values, G = self._pairs(X)
        return values, G * self.scale

    def _pairs(self, X: Array) -> tuple[Array, Array]:
        if self._many is not None and len(X):
            try:
                values, G = self._many(X)
                return np.asarray(values, dtype=np.float64), np.asarray(G, dtype=np.float64)
            except EvaluationError:
                pass  # one of them: they are evaluated one by one
        values, G = np.full(len(X), np.nan), np.full(X.shape, np.nan)
        for i, x in enumerate(X):
            try:
                values[i], G[i] = self.objective.value_and_grad(x)
            except EvaluationError:
                continue
        return values, G

    def hessians(self, Z: Array) -> Array:
        """Return the Hessians at the rows of Z, shape (m, n, n), symmetric; NaN where they cannot be evaluated."""
        X = self.x(Z)
        H = np.full((len(X), self.size, self.size), np.nan)
        with np.errstate(all="ignore"):
            for i, x in enumerate(X):
                try:
                    H[i] = self._matrix(x)
                except EvaluationError:
                    continue
            H *= self.scale[:, None] * self.scale
            T = np.swapaxes(H, 1, 2)
            norms = np.abs(H).max(axis=(1, 2))
            off = np.abs(H - T).max(axis=(1, 2)) / norms
            seen = off[np.isfinite(off)]
            self.noise = max(self.noise, float(np.median(seen)) if seen.size else 0.0)
        return np.asarray(0.5 * (H + T))

    def _matrix(self, x: Vector) -> Array:
        if self._hessian is not None:
            return full(self._hessian(x))
        return dense_hessian(lambda v: self._product(x, v), self.size)  # type: ignore[misc]

    def along(self, z: Array, B: Array) -> Array:
        """Return the Hessian at z times the columns of B, shape (n, m); NaN where it cannot be evaluated."""
        x, columns = self.x(z), B * self.scale[:, None]
        with np.errstate(all="ignore"):
            try:
                if self._hessian is not None:
                    H = full(self._hessian(x)) @ columns
                else:
                    H = np.stack([self._product(x, v) for v in np.ascontiguousarray(columns.T)], axis=1)  # type: ignore[misc]
            except EvaluationError:
                return np.full(B.shape, np.nan)
        return np.asarray(H * self.scale[:, None])


def natural_scale(objective: Any, X: Array) -> Vector:
    """Return what each variable is measured in: the inverse root of the mean size of its curvature, shape (n,).

    The rows of X are points where the Hessian is looked at. Multiplying a variable by a factor multiplies its scale by
    that factor, and multiplying f changes nothing but the common factor, which is free: the largest scale is 1.
    """
    H = Surface(objective, np.ones(int(objective.size))).hessians(X)
    good = np.isfinite(H).all(axis=(1, 2))
    curvature = np.abs(np.diagonal(H[good], axis1=1, axis2=2)).mean(axis=0) if good.any() else np.ones(len(X[0]))
    positive = curvature[curvature > 0]
    if not positive.size:
        return np.ones_like(curvature)
    scale = 1.0 / np.sqrt(np.where(curvature > 0, curvature, positive.min()))
    return np.asarray(scale / scale.max())
