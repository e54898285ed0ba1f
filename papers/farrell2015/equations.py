"""Boundary value problems whose numbers of solutions were published: deflation, and a count by shooting."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.continuation import DeflatedNewton, Deflation, RootSystem, find_solutions

__all__ = ["EQUATIONS", "Equation", "check_step", "deflated", "shooting"]

Vector = NDArray[np.float64]


@dataclass(frozen=True)
class Equation:
    """The problem u'' = f(x, u) on (0, length), u(0) = 0, u(length) = right.

    Attributes
    ----------
    length, right : float
        Of the interval, and the value at its right end.
    second : callable
        ``second(x, u)`` is u''.
    slope : callable
        ``slope(x, u)`` is its derivative in u.
    guess : callable
        ``guess(x)`` is the initial guess of Newton's method.
    slopes : (float, float)
        Between these u'(0) is looked for by shooting.
    """

    length: float
    right: float
    second: Callable[[Any, Any], Any]
    slope: Callable[[Any, Any], Any]
    guess: Callable[[Any], Any]
    slopes: tuple[float, float]

    def grid(self, n: int) -> Vector:
        """Return the n inner points."""
        return self.length / (n + 1) * np.arange(1, n + 1)

    def system(self, n: int) -> RootSystem:
        """Return the equations of central differences of order two."""
        x, h = self.grid(n), self.length / (n + 1)
        A = (np.diag(np.full(n - 1, 1.0), -1) - 2 * np.eye(n) + np.diag(np.full(n - 1, 1.0), 1)) / h**2
        end = np.zeros(n)
        end[-1] = self.right / h**2
        return RootSystem(
            lambda u, _: A @ u + end - self.second(x, u), n, jacobian=lambda u, _: A - np.diag(self.slope(x, u))
        )


EQUATIONS = {
    "Painlevé": Equation(
        10.0, sqrt(10), lambda x, u: u**2 - x, lambda x, u: 2 * u, lambda x: sqrt(10) * x / 10, (-20.0, 5.0)
    ),
    "Bratu": Equation(
        1.0,
        0.0,
        lambda x, u: -2 * np.exp(np.minimum(u, 50.0)),
        lambda x, u: -2 * np.exp(np.minimum(u, 50.0)),
        np.zeros_like,
        (-5.0, 60.0),
    ),
    "Herceg": Equation(
        1.0,
        0.0,
        lambda x, u: 16 * (u**2 + u - 0.75) * (u**2 + u - 3.75),
        lambda x, u: 16 * (2 * u + 1) * (2 * u**2 + 2 * u - 4.5),
        np.zeros_like,
        (-300.0, 300.0),
    ),
}
"""u'' = u^2 - x; u'' + 2 e^u = 0; u''/16 = (u^2 + u - 3/4)(u^2 + u - 15/4)."""


def deflated(name: str, n: int, power: float, shift: float, *, capped: bool) -> list[Vector]:
    """Return the solutions that deflated Newton finds from the one initial guess, in their order.

    Parameters
    ----------
    name : str
        A name of `EQUATIONS`.
    n : int
        Inner points.
    power, shift : float
        Of the operator; distances are in the L2 norm of functions.
    capped : bool
        Whether Newton steps are cut to a root mean square of 1.
    """
    one = EQUATIONS[name]
    operator = Deflation(power=power, shift=shift, length=sqrt((n + 1) / one.length))
    newton = DeflatedNewton(max_step=sqrt(n) if capped else np.inf)
    guess = np.array(one.guess(one.grid(n)), dtype=float)
    return list(find_solutions(one.system(n), [guess], deflation=operator, newton=newton, restart=False))


def shooting(name: str, slopes: int, steps: int) -> list[float]:
    """Return the initial slopes u'(0) between which and the next of the grid u(length) passes its value.

    Solutions that grow beyond 1e4 count as ending there, with their sign. It is a count of solutions as fine as the
    grid, by nothing that deflation uses.

    Parameters
    ----------
    name : str
        A name of `EQUATIONS`.
    slopes, steps : int
        Slopes that are tried, and steps of the classical Runge-Kutta rule.
    """
    one = EQUATIONS[name]
    s = np.linspace(*one.slopes, slopes)
    end = _shot(one, s, steps)
    at = np.flatnonzero(np.sign(end[1:] - one.right) != np.sign(end[:-1] - one.right))
    return [float(v) for v in (s[at] + s[at + 1]) / 2]


def _shot(one: Equation, s: Vector, steps: int) -> Vector:
    """Return u(length) for each initial slope."""
    h, z, out = one.length / steps, np.array([np.zeros_like(s), s]), np.zeros_like(s)

    def rate(x: float, z: Vector) -> Vector:
        return np.array([z[1], one.second(x, z[0])])

    with np.errstate(all="ignore"):
        for i in range(steps):
            a = rate(i * h, z)
            b = rate((i + 0.5) * h, z + 0.5 * h * a)
            c = rate((i + 0.5) * h, z + 0.5 * h * b)
            new = z + h / 6 * (a + 2 * b + 2 * c + rate((i + 1) * h, z + h * c))
            gone = ~(np.abs(new[0]) < 1e4) & (out == 0)
            out = np.where(gone, np.sign(np.where(np.isfinite(new[0]), new[0], z[0])), out)
            z = np.where(out == 0, new, z)
    return np.where(out == 0, z[0], 1e4 * out)


def check_step(n: int = 8, known: int = 3, trials: int = 20) -> float:
    """Return the largest relative difference between the package's deflated step and that of the dense Jacobian.

    The dense one solves (M J + F (grad M)^T) s = -M F; the package's is s_0 / (1 - y) with J s_0 = -F and
    y = (grad log M) . s_0. Systems are random quadratic ones of n equations with random known points.
    """
    worst = 0.0
    for trial in range(trials):
        rng = np.random.default_rng(trial)
        A, B = rng.standard_normal((n, n)), rng.standard_normal((n, n, n))
        x, b = rng.standard_normal(n), rng.standard_normal(n)
        operator = Deflation([rng.standard_normal(n) for _ in range(known)], power=2.0, shift=1.0)
        system = RootSystem(
            lambda u, _, A=A, B=B, b=b: A @ u + np.einsum("ijk,j,k", B, u, u) + b,
            n,
            jacobian=lambda u, _, A=A, B=B: A + np.einsum("ijk,k->ij", B, u) + np.einsum("ijk,j->ik", B, u),
        )
        one, _ = DeflatedNewton(max_iter=0).solve(system, x, 1.0, operator)
        M, slope = operator.value_and_slope(x)
        F, J = system.grad(x, 1.0), system.hessian(x, 1.0)
        dense = -np.linalg.solve(M * J + np.outer(F, M * slope), M * F)
        worst = max(worst, float(np.linalg.norm(one - x - dense) / np.linalg.norm(dense)))
    return worst
