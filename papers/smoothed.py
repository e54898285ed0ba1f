"""Three functions of two variables with their means under normal displacements, as objectives and as a homotopy."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from scipy.special import iv

import homotopy as hp
from homotopy.homotopies import Homotopy

__all__ = ["FAMILIES", "Ackley", "Around", "Family", "Himmelblau", "Plain", "Rosenbrock", "Smoothed", "problem"]


class Family:
    r"""A function f(x, y) and its means :math:`f_s(x, y) = E f((x, y) + s Z)`, Z ~ N(0, I), at every s >= 0.

    Coordinates may be numbers or arrays of one shape; s is a number. Each has ``first(x, y, s)``, f_s and its slopes,
    ``second``, its derivatives in xx, xy and yy, and ``heat``, the gradient of its Laplacian: s times this is the
    derivative of the gradient in s.

    Attributes
    ----------
    name : str
        Of the function.
    width, least : float
        s at which the homotopy begins and ends, in units of x; it ends at 0 where f is smooth.
    start : tuple of float
        Where Lin et al. begin.
    minima : tuple of tuples of float
        All points of the least value, which is 0.
    tolerance : float
        A value below this counts as the global minimum.
    """

    name: str
    width: float
    start: tuple[float, float]
    minima: tuple[tuple[float, float], ...]
    tolerance, least = 1e-2, 0.0

    def value(self, x: Any, y: Any, s: float = 0.0) -> Any:
        """Return f_s."""
        return self.first(x, y, s)[0]

    def first(self, x: Any, y: Any, s: float = 0.0) -> tuple[Any, Any, Any]:
        """Return f_s and its derivatives in x and y."""
        raise NotImplementedError


class Rosenbrock(Family):
    """100 (y - x^2)^2 + (1 - x)^2, whose means have the one stationary point (1 / (1 + 400 s^2), x^2 + s^2)."""

    name, width, start, minima = "rosenbrock", 1.5, (-3.0, 2.0), ((1.0, 1.0),)

    def first(self, x: Any, y: Any, s: float = 0.0) -> tuple[Any, Any, Any]:
        """Return f_s and its derivatives in x and y, as Lin et al. print f_s."""
        q, b = s * s, -200 * y + (600 * s * s + 1)
        f = 100 * x * x * x * x + b * x * x - 2 * x + 100 * y * y - 200 * q * y + (300 * q * q + 101 * q + 1)
        return f, 400 * x * x * x + 2 * b * x - 2, -200 * x * x + 200 * y - 200 * q

    def second(self, x: Any, y: Any, s: float = 0.0) -> tuple[Any, Any, Any]:
        """Return the second derivatives of f_s in xx, xy and yy."""
        return 1200 * x * x - 400 * y + (1200 * s * s + 2), -400 * x, 200.0 + 0 * x

    def heat(self, x: Any, y: Any, s: float = 0.0) -> tuple[Any, Any]:
        """Return the gradient of the Laplacian of f_s."""
        return 2400 * x, -400.0 + 0 * y

    def path(self, s: Any) -> tuple[Any, Any]:
        """Return the one stationary point of f_s."""
        x = 1 / (1 + 400 * s * s)
        return x, x * x + s * s


class Himmelblau(Family):
    """(x^2 + y - 11)^2 + (x + y^2 - 7)^2, which has four minima, all of value 0."""

    name, width, start = "himmelblau", 2.0, (-3.0, -2.0)
    minima = (
        (3.0, 2.0),
        (-2.805118086952745, 3.131312518250573),
        (-3.779310253377747, -3.283185991286170),
        (3.584428340330492, -1.848126526964404),
    )

    def first(self, x: Any, y: Any, s: float = 0.0) -> tuple[Any, Any, Any]:
        """Return f_s and its derivatives in x and y, as Lin et al. print f_s."""
        q = s * s
        b, c, d = 2 * y + (6 * q - 21), 2 * y * y + (2 * q - 14), 6 * q - 13
        f = (
            x * x * x * x
            + b * x * x
            + c * x
            + y * y * y * y
            + d * y * y
            + (2 * q - 22) * y
            + (6 * q * q - 34 * q + 170)
        )
        return f, 4 * x * x * x + 2 * b * x + c, 2 * x * x + 4 * x * y + 4 * y * y * y + 2 * d * y + (2 * q - 22)

    def second(self, x: Any, y: Any, s: float = 0.0) -> tuple[Any, Any, Any]:
        """Return the second derivatives of f_s in xx, xy and yy."""
        q = 12 * s * s
        return 12 * x * x + 4 * y + (q - 42), 4 * (x + y), 4 * x + 12 * y * y + (q - 26)

    def heat(self, x: Any, y: Any, s: float = 0.0) -> tuple[Any, Any]:
        """Return the gradient of the Laplacian of f_s."""
        return 24 * x + 4, 24 * y + 4


class Ackley(Family):
    r"""Ackley's function: a cone with ripples, its one global minimum 0 a kink, its next minima 2.58 and more.

    Notes
    -----
    Both parts are exact to rounding. With r the distance from the origin and a = .2 / sqrt(2)

    .. math:: e^{-a r} = \tfrac{2}{\sqrt\pi} \int_0^\infty e^{-w^2} e^{-a^2 r^2 / 4 w^2} dw

    is a mixture of normal densities, whose means are known: an integral over w remains, for which the trapezoidal rule
    in log w converges exponentially. The ripples are a product of functions of one variable each,
    :math:`e^{\cos(2\pi x) / 2} = I_0 + 2 \sum_k I_k \cos(2\pi k x)` with the Bessel functions :math:`I_k(1/2)`; the
    mean multiplies the k-th term by :math:`e^{-2 \pi^2 k^2 s^2}`.
    """

    name, width, start, minima, tolerance, least = "ackley", 1.0, (5.0, 5.0), ((0.0, 0.0),), 0.1, 1e-4

    def value(self, x: Any, y: Any, s: float = 0.0) -> Any:
        """Return f_s."""
        if s > 0:
            return self.first(x, y, s)[0]
        ripples = np.exp(0.5 * (np.cos(TAU * x) + np.cos(TAU * y)))
        return -20 * np.exp(-A * np.hypot(x, y)) - ripples + np.e + 20

    def first(self, x: Any, y: Any, s: float = 0.0) -> tuple[Any, Any, Any]:
        """Return f_s and its derivatives in x and y; at the kink the gradient of f is taken as 0."""
        if s > 0:
            weights, q = _mixture(s)
            e = weights * np.exp(-q * np.asarray(x * x + y * y)[..., None])
            cone, slope = e.sum(-1), (e * q).sum(-1)
            p, q1 = _ripples(x, s), _ripples(y, s)
            f = -20 * cone - p[0] * q1[0] + np.e + 20
            return f, 40 * slope * x - p[1] * q1[0], 40 * slope * y - p[0] * q1[1]
        r = np.hypot(x, y)
        cone, ripples = np.exp(-A * r), np.exp(0.5 * (np.cos(TAU * x) + np.cos(TAU * y)))
        slope = 20 * A * cone / np.where(r > 0, r, 1.0)
        gx, gy = slope * x + np.pi * np.sin(TAU * x) * ripples, slope * y + np.pi * np.sin(TAU * y) * ripples
        return -20 * cone - ripples + np.e + 20, gx, gy

    def second(self, x: Any, y: Any, s: float = 0.0) -> tuple[Any, Any, Any]:
        """Return the second derivatives of f_s in xx, xy and yy; of f itself those at s = 1e-4."""
        weights, q = _mixture(max(s, self.least))
        e = weights * np.exp(-q * np.asarray(x * x + y * y)[..., None])
        one, two = 40 * (e * q).sum(-1), -80 * (e * q * q).sum(-1)
        p, r = _ripples(x, max(s, self.least)), _ripples(y, max(s, self.least))
        return one + two * x * x - p[2] * r[0], two * x * y - p[1] * r[1], one + two * y * y - p[0] * r[2]

    def heat(self, x: Any, y: Any, s: float = 0.0) -> tuple[Any, Any]:
        """Return the gradient of the Laplacian of f_s."""
        weights, q = _mixture(max(s, self.least))
        r = np.asarray(x * x + y * y)[..., None]
        third = -20 * (weights * np.exp(-q * r) * (16 * q * q - 8 * q**3 * r)).sum(-1)
        p, w = _ripples(x, max(s, self.least)), _ripples(y, max(s, self.least))
        return third * x - p[3] * w[0] - p[1] * w[2], third * y - p[0] * w[3] - p[2] * w[1]


TAU = 2 * np.pi
A = 0.2 / np.sqrt(2)
NODES = np.exp(np.arange(-18, 1.9, STEP := 0.15)) ** 2
"""Squares of w in the trapezoidal rule in log w, whose terms beyond are below rounding."""
DENSITY = 2 / np.sqrt(np.pi) * STEP * np.exp(-NODES) * np.sqrt(NODES)
ORDERS = np.arange(13)
BESSEL = iv(ORDERS, 0.5) * np.where(ORDERS > 0, 2.0, 1.0)


@lru_cache(maxsize=256)
def _mixture(s: float) -> tuple[Any, Any]:
    """Return weights and exponents q of the mean of exp(-a r) as a sum of exp(-q r^2)."""
    shifted = NODES + 0.5 * (A * s) ** 2
    return DENSITY * NODES / shifted, 0.25 * A * A / shifted


@lru_cache(maxsize=256)
def _damped(s: float) -> Any:
    """Return the coefficients of the ripples and of their derivatives, shape (4, 13)."""
    return BESSEL * np.exp(-0.5 * (TAU * ORDERS * s) ** 2) * (TAU * ORDERS) ** np.arange(4)[:, None]


def _ripples(x: Any, s: float) -> tuple[Any, Any, Any, Any]:
    """Return the mean of exp(cos(2 pi x) / 2) and its first three derivatives."""
    phase, c = TAU * np.asarray(x)[..., None] * ORDERS, _damped(s)
    cos, sin = np.cos(phase), np.sin(phase)
    return cos @ c[0], -(sin @ c[1]), -(cos @ c[2]), sin @ c[3]


FAMILIES = {family.name: family for family in (Ackley(), Himmelblau(), Rosenbrock())}


class Plain:
    """The function itself as an Objective; its `family` has the means."""

    size = 2

    def __init__(self, family: Family) -> None:
        self.family = family

    def value(self, x: Any) -> float:
        """Return f(x)."""
        return float(self.family.value(float(x[0]), float(x[1])))

    def grad(self, x: Any) -> Any:
        """Return the gradient at x, shape (2,)."""
        return self.value_and_grad(x)[1]

    def value_and_grad(self, x: Any) -> tuple[float, Any]:
        """Return f(x) and its gradient, shape (2,)."""
        f, gx, gy = self.family.first(float(x[0]), float(x[1]))
        return float(f), np.array([gx, gy], dtype=float)

    def hessp(self, x: Any, v: Any) -> Any:
        """Return the Hessian at x times v, shape (2,)."""
        return _product(self.family.second(float(x[0]), float(x[1])), v)


class Smoothed(Homotopy):
    """The Gaussian homotopy H(x, t) = f_s(x), s = width (1 - t), begun at the minimum at t = 0 that x0 leads to.

    For Ackley's function s stays at least 1e-4, as in Lin et al.'s code, since f has a kink at its minimum.
    """

    def __init__(self, objective: Any, x0: Any) -> None:
        self.objective, self.size, self.family = objective, 2, objective.family
        self.x0 = np.array(x0, dtype=float)

    def scale(self, t: float) -> float:
        """Return s at t."""
        return float(max(self.family.width * (1 - t), self.family.least))

    def value_and_grad(self, x: Any, t: float) -> tuple[float, Any]:
        """Return H(x, t) and its gradient in x, shape (2,)."""
        f, gx, gy = self.family.first(float(x[0]), float(x[1]), self.scale(t))
        return float(f), np.array([gx, gy], dtype=float)

    def hessp(self, x: Any, t: float, v: Any) -> Any:
        """Return the Hessian of H(., t) at x times v, shape (2,)."""
        return _product(self.family.second(float(x[0]), float(x[1]), self.scale(t)), v)

    def dt(self, x: Any, t: float) -> float:
        """Return the derivative of H in t, by the heat equation d f_s / ds = s (Laplacian of f_s)."""
        s = self.scale(t)
        xx, _, yy = self.family.second(float(x[0]), float(x[1]), s)
        return float(-self.family.width * s * (xx + yy))

    def dt_grad(self, x: Any, t: float) -> Any:
        """Return the derivative of the gradient in t, shape (2,)."""
        s = self.scale(t)
        return -self.family.width * s * np.array(self.family.heat(float(x[0]), float(x[1]), s), dtype=float)

    def start(self, rng: Any = None) -> Any:
        """Return the minimum of H(., 0) that L-BFGS and a Newton step find; what is rounding beside x0 is zero."""
        del rng
        found = hp.descend(self.at(0.0), self.x0, rule="lbfgs", gradient_tolerance=1e-9, n_steps=500)
        self.spent += float(found.n_evaluations)
        xx, xy, yy = self.family.second(float(found.x[0]), float(found.x[1]), self.scale(0.0))
        x = found.x - np.linalg.solve([[xx, xy], [xy, yy]], self.at(0.0).grad(found.x))
        return np.where(np.abs(x) < 1e-13 * np.abs(self.x0).max(), 0.0, x)


def _product(second: tuple[Any, Any, Any], v: Any) -> Any:
    xx, xy, yy = second
    return np.array([xx * v[0] + xy * v[1], xy * v[0] + yy * v[1]], dtype=float)


class Around:
    """Starts drawn evenly from the disc of a radius around a center; called with a Generator."""

    def __init__(self, center: tuple[float, float], radius: float) -> None:
        self.center, self.radius = center, radius

    def __call__(self, rng: np.random.Generator) -> Any:
        """Return one start, shape (2,)."""
        r, angle = self.radius * np.sqrt(rng.random()), TAU * rng.random()
        return np.array([self.center[0] + r * np.cos(angle), self.center[1] + r * np.sin(angle)])


def problem(name: str, radius: float = 0.0, center: tuple[float, float] | None = None) -> hp.Problem:
    """Return one of the functions as a Problem, its starts in a disc around a center, by default Lin et al.'s start."""
    family = FAMILIES[name]
    middle = family.start if center is None else center
    return hp.Problem(
        name=f"{name}:radius={radius:g}" + ("" if center is None else f",x={middle[0]:g},y={middle[1]:g}"),
        objective=Plain(family),
        start=Around(middle, radius),
        optimum=0.0,
        tolerance=family.tolerance,
        source="Lin et al., ICML 2023; the least values are known in closed form",
    )
