"""The Hessian's eigenvalues and eigenvectors, Newton's step to a critical point, and whether it is one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.objectives.base import Vector
from homotopy.objectives.curvature.probe import Probe

__all__ = ["ZERO", "Modes", "modes", "polished"]

ZERO = 1e-8
"""Eigenvalues below this share of the largest are taken as zero by Newton's steps."""
EPS = float(np.finfo(float).eps)
STEPS = 30


@dataclass(frozen=True)
class Modes:
    """The gradient and the Hessian's eigenvalues and eigenvectors at a point.

    Attributes
    ----------
    value : float
        f(x).
    grad : ndarray of shape (n,)
        The gradient.
    values : ndarray of shape (n,)
        The eigenvalues, ascending.
    vectors : ndarray of shape (n, n)
        The eigenvectors, one a column.
    """

    value: float
    grad: Vector
    values: Vector
    vectors: NDArray[np.float64]

    @property
    def largest(self) -> float:
        """The size of the largest eigenvalue, 0 where there is none."""
        return float(np.abs(self.values).max(initial=0.0))

    @property
    def zero(self) -> float:
        """The size below which an eigenvalue counts as zero."""
        return ZERO * self.largest

    @property
    def index(self) -> int:
        """The number of negative eigenvalues."""
        return int((self.values < -self.zero).sum())

    def newton(self) -> Vector:
        """Return Newton's step, without the modes whose eigenvalue is zero."""
        live = np.abs(self.values) > self.zero
        part = self.vectors[:, live]
        return np.asarray(-part @ ((part.T @ self.grad) / self.values[live]))


def modes(objective: Any, x: Vector) -> Modes:
    """Return the `Modes` at a point."""
    x = np.ascontiguousarray(x)
    hessian = Probe(objective, x, None).matrix()
    value, grad = objective.value_and_grad(x)
    values, vectors = np.linalg.eigh(0.5 * (hessian + hessian.T))
    return Modes(float(value), np.asarray(grad), values, vectors)


def polished(objective: Any, x: Vector, *, index: int, near: float, here: Modes | None = None) -> Vector | None:
    """Return the critical point to which Newton's method contracts from x, or None where it does not.

    Parameters
    ----------
    objective : Objective
        The function.
    x : ndarray of shape (n,)
        Where it begins.
    index : int
        The number of negative eigenvalues that every iterate must have.
    near : float
        How far from x the critical point may lie, in the units of x.
    here : Modes or None
        What `modes` gives at x, where the caller has it.

    Notes
    -----
    Each step must be at most half as long as the one before, until it is at the rounding of x or the gradient no
    longer falls: quadratic convergence, as far as it can be seen.
    """
    here = modes(objective, x) if here is None else here
    last = np.inf
    start = x
    for _ in range(STEPS):
        if here.index != index:
            return None
        step = here.newton()
        length = float(np.linalg.norm(step))
        if length <= 4 * EPS * float(np.linalg.norm(x)):
            return x if _level(here, x) else None
        new = x + step
        if length > 0.5 * last or np.linalg.norm(new - start) > near:
            return x if last <= 1e-6 * near and _level(here, x) else None
        there = modes(objective, new)
        if not np.isfinite(there.value):
            return None
        if np.linalg.norm(there.grad) >= np.linalg.norm(here.grad):
            return x if length <= 1e-6 * near and _level(here, x) else None
        x, here, last = new, there, length
    return None


def _level(here: Modes, x: Vector) -> bool:
    """Return whether the gradient is zero to rounding along the modes that Newton's steps leave out.

    A point on a slope that is linear in a direction without curvature is not critical, however short Newton's step is.
    """
    flat = here.vectors[:, np.abs(here.values) <= here.zero]
    return bool(np.linalg.norm(flat.T @ here.grad) <= 1e4 * EPS * here.largest * np.linalg.norm(x) + 1e-300)
