"""Compiled families with known curves: Bratu's problem, which folds, and a minimum that moves."""

from __future__ import annotations

from math import inf
from typing import Any

import numpy as np
import scipy.sparse as sp

from homotopy._core import bratu as core
from homotopy.arguments import integer, number, numbers
from homotopy.doors import door
from homotopy.errors import ArgumentError
from homotopy.objectives.base import Vector
from homotopy.objectives.family import Homotopy

__all__ = ["Bratu", "MovingQuadratic"]


class _Compiled(Homotopy):
    """What both share: a compiled core with value, gradient and linear solves."""

    core: Any

    def value_and_grad(self, x: Vector, t: float) -> tuple[float, Vector]:
        """Return H(x, t) and its gradient."""
        value, g = self.core.value_and_grad(x, t)
        return value, g

    def factorize(self, x: Vector, t: float) -> Factors:
        """Return an object that solves with the Hessian at (x, t)."""
        return Factors(self.core, x, t)

    def capsule(self) -> Any:
        """Return the family as compiled descents see it."""
        return self.core.capsule()


class Factors:
    """The Hessian of a compiled family at a point, with its inertia; it must not be singular."""

    def __init__(self, core: Any, x: Vector, t: float) -> None:
        self._core, self._x, self._t = core, x, t
        self.n_negative: int = core.solve(x, t, np.zeros_like(x))[2]
        if self.n_negative < 0:
            raise np.linalg.LinAlgError("a pivot is exactly zero")

    def solve(self, b: Vector) -> Vector:
        """Return the solution of A x = b; b has shape (n,) or (n, k)."""
        if b.ndim == 1:
            return np.asarray(self._core.solve(self._x, self._t, np.ascontiguousarray(b))[0])
        found = np.empty(b.shape)
        for j in range(b.shape[1]):
            found[:, j] = self._core.solve(self._x, self._t, np.ascontiguousarray(b[:, j]))[0]
        return found

    def det_sign(self) -> int:
        """Return the sign of det A."""
        return -1 if self.n_negative % 2 else 1


@door
class Bratu(_Compiled):
    """Bratu's problem -u'' = lambda e^u on (0, 1), u = 0 at both ends, lambda = scale * t, by central differences.

    The curve starts at u = 0, t = 0 and folds where lambda is 3.513830719 for the continuous problem; on the lower
    branch the Hessian is positive definite.

    Parameters
    ----------
    n : int
        Interior points; the spacing is 1 / (n + 1).
    scale : float
        lambda at t = 1.

    Raises
    ------
    ArgumentError
        If n is below 1, or the scale is not finite.

    References
    ----------
    Bratu 1914, Bulletin de la SMF 42, 113-142; a standard test of AUTO and LOCA.
    """

    def __init__(self, n: int = 200, *, scale: float = 1.0) -> None:
        self.size = integer("n", n)
        self.scale = number("scale", scale, "a finite number", above=-inf, below=inf)
        self.core = core.Bratu(self.size, self.scale)
        self.objective = self.at(1.0)

    def hessian(self, x: Vector, t: float) -> Any:
        """Return the Hessian, sparse and tridiagonal."""
        q = (self.size + 1.0) ** 2
        off = np.full(self.size - 1, -q)
        return sp.diags_array([off, 2 * q - self.scale * t * np.exp(x), off], offsets=[-1, 0, 1], format="csc")

    def hessp(self, x: Vector, t: float, v: Vector) -> Vector:
        """Return the Hessian at (x, t) times v."""
        q = (self.size + 1.0) ** 2
        out: Vector = (2 * q - self.scale * t * np.exp(x)) * v
        out[1:] -= q * v[:-1]
        out[:-1] -= q * v[1:]
        return out

    def dt(self, x: Vector, t: float) -> float:
        """Return the derivative of the energy in t."""
        return -self.scale * float(np.exp(x).sum())

    def dt_grad(self, x: Vector, t: float) -> Vector:
        """Return the derivative of the gradient in t."""
        return -self.scale * np.exp(x)

    def start(self, rng: Any = None) -> Vector:
        """Return u = 0, the solution at t = 0."""
        return np.zeros(self.size)


@door
class MovingQuadratic(_Compiled):
    """The quadratic 1/2 (x - c(t))' D (x - c(t)) whose minimum moves along c(t) = a t^2 + b sin t.

    Parameters
    ----------
    a, b : array_like of shape (n,)
        Where the minimum moves.
    d : array_like of shape (n,) or None
        The diagonal of D, not zero; None is all ones.

    Raises
    ------
    ArgumentError
        If the shapes differ or a curvature is zero.
    """

    def __init__(self, a: Any, b: Any, d: Any = None) -> None:
        a, b = numbers("a", a), numbers("b", b)
        d = numbers("d", np.ones_like(a) if d is None else d)
        if a.ndim != 1 or not a.shape == b.shape == d.shape:
            raise ArgumentError(f"a, b and d must be vectors of one shape, not {a.shape}, {b.shape} and {d.shape}")
        if not d.all():
            raise ArgumentError("d: every curvature must differ from zero")
        self.size = a.size
        self.d: Vector = d
        self.core = core.Moving(a, b, d)
        self.objective = self.at(1.0)

    def center(self, t: float) -> Vector:
        """Return the minimum c(t)."""
        return np.asarray(self.core.center(t))

    def hessp(self, x: Vector, t: float, v: Vector) -> Vector:
        """Return D v."""
        return self.d * v

    def dt(self, x: Vector, t: float) -> float:
        """Return the derivative of the value in t."""
        return -float((self.d * (x - self.center(t))) @ self.core.speed(t))

    def dt_grad(self, x: Vector, t: float) -> Vector:
        """Return the derivative of the gradient in t."""
        slope: Vector = -self.d * self.core.speed(t)
        return slope

    def start(self, rng: Any = None) -> Vector:
        """Return c(0) = 0."""
        return self.center(0.0)
