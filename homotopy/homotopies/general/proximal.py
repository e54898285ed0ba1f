"""A quadratic around a start deformed into the true problem."""

from __future__ import annotations

from math import inf
from typing import Any

from homotopy._core.family import Family
from homotopy.arguments import number
from homotopy.doors import door
from homotopy.objectives.base import Objective, Seed, Vector, compiled
from homotopy.objectives.family import Homotopy, around
from homotopy.objectives.function import checked

__all__ = ["Proximal"]


@door
class Proximal(Homotopy):
    r"""The proximal term of x0 blended into the true problem.

    Parameters
    ----------
    objective : Objective
        The true problem f, of n variables.
    x0 : ndarray of shape (n,)
        The minimum of the easy problem.
    mu : float
        The curvature of the easy problem, positive, in units of f over units of x squared.

    Raises
    ------
    ArgumentError
        If x0 has not the objective's size or is not finite, or mu is not a positive number.

    Notes
    -----
    .. math:: H(x, t) = (1 - t) \frac{\mu}{2} |x - x_0|^2 + t f(x)

    H(., 0) is strictly convex and x0 is its minimum exactly, so every start has a path. A stationary point at t is
    one of f + mu (1 - t) / (2 t) |x - x0|^2: the path follows the proximal points of x0 for a growing step.

    References
    ----------
    L. T. Watson, "Theory of globally convergent probability-one homotopies for nonlinear programming", SIAM J.
    Optim. 11 (2000) 761-780: the same map with mu = 1, written for the gradients.

    Examples
    --------
    >>> import numpy as np
    >>> from homotopy.objectives.functions import Rosenbrock
    >>> path = Proximal(Rosenbrock(), np.array([-1.0, 1.0]))
    >>> path.value(path.start(), 0.0)
    0.0
    """

    def __init__(self, objective: Objective, x0: Vector, *, mu: float = 1.0) -> None:
        objective = checked(objective)
        x0 = around(objective, x0)
        mu = number("mu", mu, "a positive number", above=0, below=inf)
        self.objective = objective
        self.size = objective.size
        self.x0 = x0
        self.mu = float(mu)

    def value_and_grad(self, x: Vector, t: float) -> tuple[float, Vector]:
        """Return H(x, t) and its gradient in x, shape (n,)."""
        f, g = self.objective.value_and_grad(x)
        d = x - self.x0
        s = (1.0 - t) * self.mu
        return 0.5 * s * float(d @ d) + t * f, s * d + t * g

    def hessp(self, x: Vector, t: float, v: Vector) -> Vector:
        """Return the Hessian of H(., t) at x times v, shape (n,)."""
        return (1.0 - t) * self.mu * v + t * self.objective.hessp(x, v)

    def dt(self, x: Vector, t: float) -> float:
        """Return the partial derivative in t: f(x) - (mu/2) |x - x0|^2."""
        d = x - self.x0
        return self.objective.value(x) - 0.5 * self.mu * float(d @ d)

    def dt_grad(self, x: Vector, t: float) -> Vector:
        """Return the partial derivative in t of the gradient, shape (n,)."""
        return self.objective.grad(x) - self.mu * (x - self.x0)

    def start(self, rng: Seed = None) -> Vector:
        """Return a copy of x0, the minimum of H(., 0); `rng` is not used."""
        return self.x0.copy()

    def capsule(self) -> Any | None:
        """Return the path as compiled loops see it, or None where the objective is not compiled."""
        inner = compiled(self.objective)
        if inner is None:
            return None
        return Family(inner, weights=(0.0, 1.0), pull=(self.mu, 0.0), center=self.x0).capsule()
