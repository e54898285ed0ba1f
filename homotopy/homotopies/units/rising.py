"""Variables that count in part: they come in, or fade out, as t rises."""

from __future__ import annotations

from abc import abstractmethod
from math import inf
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy._core.family import Family
from homotopy.arguments import number, vector
from homotopy.doors import door
from homotopy.errors import ArgumentError
from homotopy.homotopies.easy import solve_easy
from homotopy.linalg.dense import dense_hessian
from homotopy.objectives.base import Objective, Seed, Vector, compiled
from homotopy.objectives.family import Homotopy

__all__ = ["ALWAYS", "InPart", "Rising"]

ALWAYS = (-2.0, -1.0)
"""The window of a variable that counts in full all the time."""


class InPart(Homotopy):
    r"""A function of variables that count in part, with a pull to what they are where they do not count.

    A subclass sets `function`, `size`, `rest`, `ridge` and `toll`, and gives the parts and their derivatives in t.

    Notes
    -----
    With :math:`d = x - r` for the rest r, S(t) and the tolls T diagonal,

    .. math:: H(x, t) = f(r + S d) + (1 - t) \frac{\rho}{2} |d|^2 + \frac{t (1 - t)}{2} x^T T x, \quad
              \partial_t \nabla H = S' \nabla f + S \nabla^2 f \, S' d - \rho d + (1 - 2 t) T x.
    """

    function: Any
    rest: Vector | float = 0.0
    ridge: float = 0.0
    toll: Vector | None = None

    @abstractmethod
    def _parts(self, t: float) -> tuple[Vector, Vector]:
        """Return what each variable, less its rest, is multiplied by, and the derivative of that in t."""

    def value_and_grad(self, x: Vector, t: float) -> tuple[float, Vector]:
        """Return H(x, t) and its gradient in x, shape (n,)."""
        s, d, pull = self._parts(t)[0], x - self.rest, (1.0 - t) * self.ridge
        value, grad = self.function.value_and_grad(self.rest + s * d)
        value, grad = value + 0.5 * pull * float(d @ d), s * grad + pull * d
        if self.toll is None:
            return value, grad
        paid = t * (1.0 - t) * self.toll * x
        return value + 0.5 * float(paid @ x), grad + paid

    def hessp(self, x: Vector, t: float, v: Vector) -> Vector:
        """Return the Hessian of H(., t) at x times v, shape (n,)."""
        s = self._parts(t)[0]
        own = self.function.hessp(self.rest + s * (x - self.rest), s * v)
        product = s * own + (1.0 - t) * self.ridge * v
        return np.asarray(product if self.toll is None else product + t * (1.0 - t) * self.toll * v)

    def dt(self, x: Vector, t: float) -> float:
        """Return the partial derivative of H in t."""
        (s, rate), d = self._parts(t), x - self.rest
        own = float(self.function.grad(self.rest + s * d) @ (rate * d)) - 0.5 * self.ridge * float(d @ d)
        return own if self.toll is None else own + (0.5 - t) * float((self.toll * x) @ x)

    def dt_grad(self, x: Vector, t: float) -> Vector:
        """Return the partial derivative in t of the gradient, shape (n,)."""
        (s, rate), d = self._parts(t), x - self.rest
        y = self.rest + s * d
        own = rate * self.function.grad(y) + s * self.function.hessp(y, rate * d) - self.ridge * d
        return np.asarray(own if self.toll is None else own + (1.0 - 2.0 * t) * self.toll * x)


@door
class Rising(InPart):
    r"""A function whose variables count from different t on.

    Parameters
    ----------
    objective : Objective
        The true problem f, of n variables.
    begin, end : ndarray of shape (n,)
        Where in t each variable begins to count, and where it counts in full.
    rest : ndarray of shape (n,) or None
        What a variable is while it does not count; None is zero.
    ridge : float
        Weight of a pull to the rest at t = 0; it falls to zero.

    Raises
    ------
    ArgumentError
        If an array has another shape, or a window is empty or ends after t = 1.

    Notes
    -----
    With :math:`d = x - r` for the rest r, and S(t) diagonal, :math:`u^2 (3 - 2u)` for
    :math:`u = (t - b_i) / (e_i - b_i)` cut to [0, 1],

    .. math:: H(x, t) = f(r + S d) + (1 - t) \frac{\rho}{2} |d|^2, \quad
              \partial_t \nabla H = S' \nabla f + S \nabla^2 f \, S' d - \rho d.
    """

    def __init__(
        self, objective: Objective, begin: Any, end: Any, *, rest: Vector | None = None, ridge: float = 0.0
    ) -> None:
        n = objective.size
        self.function = self.objective = objective
        self.size = n
        self.begin = vector("begin", begin, n, "the objective", finite=True)
        self.end = vector("end", end, n, "the objective", finite=True)
        self.rest = np.zeros(n) if rest is None else vector("rest", rest, n, "the objective", finite=True)
        if not ((self.begin < self.end).all() and (self.end <= 1.0).all()):
            raise ArgumentError("begin must be below end, and end at most 1, for every variable")
        self.ridge = number("ridge", ridge, "0 or a positive number", least=0, below=inf)

    def _parts(self, t: float) -> tuple[Vector, Vector]:
        """Return what each variable, less its rest, is multiplied by, and the derivative of that in t."""
        span = self.end - self.begin
        u = np.clip((t - self.begin) / span, 0.0, 1.0)
        return u * u * (3.0 - 2.0 * u), 6.0 * u * (1.0 - u) / span

    def hessian(self, x: Vector, t: float) -> NDArray[np.float64]:
        """Return the Hessian of H(., t) at x, shape (n, n)."""
        s = self._parts(t)[0]
        own: Any = self.objective
        y = self.rest + s * (x - self.rest)
        whole = hasattr(own, "hessian")
        dense = own.hessian(y) if whole else dense_hessian(lambda v: own.hessp(y, v), self.size).T
        return np.asarray(s[:, None] * dense * s + (1.0 - t) * self.ridge * np.eye(self.size))

    def start(self, rng: Seed = None) -> Vector:
        """Return a stationary point of the easy problem, reached by L-BFGS from the rest; `rng` is not used."""
        return solve_easy(self, np.asarray(self.rest))

    def capsule(self) -> Any | None:
        """Return the path as compiled loops see it, or None where the objective is not compiled."""
        inner = compiled(self.objective)
        if inner is None:
            return None
        pull = (self.ridge, 0.0)
        return Family(inner, pull=pull, center=self.rest, rise=(self.begin, self.end), rest=self.rest).capsule()
