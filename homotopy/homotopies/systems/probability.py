"""Probability-one homotopies: a random start point whose path almost surely has no singular point."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from homotopy.arguments import function, generator, vector
from homotopy.calls import Named
from homotopy.doors import door
from homotopy.errors import ArgumentError
from homotopy.homotopies.systems.roots import RootSystem, Still
from homotopy.linalg import identity_like
from homotopy.objectives.base import Objective, Vector
from homotopy.objectives.family import Homotopy

__all__ = ["ProbabilityOne", "probability_one"]


@door
class ProbabilityOne(Homotopy):
    """(1 - t) (x - a) + t F(x) = 0, from x = a at t = 0.

    Parameters
    ----------
    system : Homotopy
        F, as a root system or a gradient, evaluated at t = 1.
    a : ndarray of shape (n,)
        The start. For almost every a the path is a smooth curve that does not cross itself.

    Raises
    ------
    ArgumentError
        If `a` has not the system's shape.

    References
    ----------
    Chow, Mallet-Paret and Yorke 1978, Math. Comp. 32, 887-899; Watson, Billups and Morgan 1987 (HOMPACK), ACM TOMS 13,
    281-310.
    """

    def __init__(self, system: Homotopy, a: Vector) -> None:
        a = vector("a", a, system.size, "the system")
        self.system, self.a, self.size = system, a, system.size
        self.symmetric = bool(getattr(system, "symmetric", True))
        self.objective = system.at(1.0)
        self._matrix = getattr(system, "hessian", None)
        if self._matrix is not None:
            self.hessian = self._blended

    def value_and_grad(self, x: Vector, t: float) -> tuple[float, Vector]:
        """Return (1 - t)/2 |x - a|^2 + t f(x) of a gradient, half the squared residual of a root system; and F."""
        value, f = self.system.value_and_grad(x, 1.0)
        r = x - self.a
        g = (1.0 - t) * r + t * f
        return ((1.0 - t) * 0.5 * float(r @ r) + t * value if self.symmetric else 0.5 * float(g @ g)), g

    def hessp(self, x: Vector, t: float, v: Vector) -> Vector:
        """Return the Jacobian times v."""
        return (1.0 - t) * v + t * self.system.hessp(x, 1.0, v)

    def _blended(self, x: Vector, t: float) -> Any:
        assert self._matrix is not None
        a = self._matrix(x, 1.0)
        return t * a + (1.0 - t) * identity_like(a)

    def dt(self, x: Vector, t: float) -> float:
        """Return the derivative of the value in t."""
        value, f = self.system.value_and_grad(x, 1.0)
        r = x - self.a
        if self.symmetric:
            return value - 0.5 * float(r @ r)
        return float(((1.0 - t) * r + t * f) @ (f - r))

    def dt_grad(self, x: Vector, t: float) -> Vector:
        """Return F(x) - (x - a)."""
        return self.system.grad(x, 1.0) - (x - self.a)

    def start(self, rng: Any = None) -> Vector:
        """Return a."""
        return self.a.copy()


@door
def probability_one(
    problem: Objective | Callable[[Vector], Vector],
    n: int | None = None,
    *,
    a: Vector | None = None,
    jacobian: Callable[[Vector], Any] | None = None,
    scale: float = 1.0,
    rng: np.random.Generator | int | None = None,
) -> ProbabilityOne:
    """Return the probability-one homotopy of an objective's gradient, or of a plain function F(x) = 0.

    Parameters
    ----------
    problem : Objective or callable
        f, whose gradient is tracked, or F of shape (n,).
    n : int or None
        The number of variables of a callable.
    a : ndarray of shape (n,) or None
        The start; None draws it, normal with standard deviation `scale`.
    jacobian : callable or None
        Of a callable F, dense or sparse; None uses differences.
    scale : float
        Of the random start.
    rng : Generator, int or None
        Draws the start.

    Raises
    ------
    ArgumentError
        If a callable comes without n, or the problem is neither; or, when it is called, a function returns anything
        but an array of its shape (as for `RootSystem`).

    Examples
    --------
    >>> from homotopy.continuation import track
    >>> path = track(probability_one(lambda x: x**3 - 8.0, 1, rng=0))
    >>> path.success, round(float(path.x[0]), 8)
    (True, 2.0)
    """
    plain: Any = problem
    if hasattr(problem, "value_and_grad"):
        system: Homotopy = Still(plain)
    else:
        if n is None:
            raise ArgumentError("n: a plain function does not say how many variables it has")
        function("problem", problem, "problem(x), or an Objective")
        if jacobian is not None:
            function("jacobian", jacobian, "jacobian(x), or None")
        still = Named("problem", lambda x, t: plain(x))
        moving = None if jacobian is None else Named("jacobian", lambda x, t: jacobian(x))
        system = RootSystem(still, n, jacobian=moving, dt=lambda x, t: np.zeros_like(x))
    if a is None:
        a = scale * generator("rng", rng).standard_normal(system.size)
    return ProbabilityOne(system, a)
