"""Functions and their means over balls: exact in one variable, by quadrature over the disc in two."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..smoothed import FAMILIES

__all__ = ["DISCS", "LINES", "Disc", "Line", "rippled", "trap"]

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Line:
    """A function of one variable whose mean over [x - d, x + d] has derivatives in closed form.

    Attributes
    ----------
    name : str
        Of the function.
    value, slope : callable
        f and f', of arrays.
    box : float
        Minima are sought in [-box, box].
    largest : float
        The first d.
    """

    name: str
    value: Callable[[Any], Any]
    slope: Callable[[Any], Any]
    box: float
    largest: float

    def gradient(self, x: Any, d: float) -> Any:
        """Return the derivative of the mean: the difference of f at the ends over 2 d."""
        return self.slope(x) if d == 0 else (self.value(x + d) - self.value(x - d)) / (2 * d)

    def curvature(self, x: Any, d: float) -> Any:
        """Return the second derivative of the mean: the difference of f' at the ends over 2 d."""
        return (self.slope(x + d) - self.slope(x - d)) / (2 * d)

    def minimizer(self, d: float, points: int = 40_001) -> Array:
        """Return where the mean is least in the box, to rounding of a bisection, shape (1,)."""
        x = np.linspace(-self.box, self.box, points)
        g = self.gradient(x, d)
        i = int(np.argmin(np.concatenate([[0.0], np.cumsum((g[1:] + g[:-1]) / 2)])))
        low, high = x[max(i - 1, 0)], x[min(i + 1, points - 1)]
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (middle, high) if self.gradient(middle, d) < 0 else (low, middle)
        return np.array([(low + high) / 2])

    def convexity(self, center: Array, d: float, points: int = 2001) -> float:
        """Return the least curvature of the mean within 3 d of a point."""
        return float(np.min(self.curvature(center[0] + 3 * d * np.linspace(-1, 1, points), d)))


def bell(x: Any, center: float, width: float) -> Any:
    """Return exp(-(x - center)^2 / (2 width^2))."""
    return np.exp(-0.5 * ((x - center) / width) ** 2)


def trap(x: Any) -> Any:
    """Return a wide basin at -1 of depth 0.8 and a narrow one at 1.5 of depth 1.2, in a shallow bowl."""
    return 0.02 * x * x - 0.8 * bell(x, -1.0, 0.7) - 1.2 * bell(x, 1.5, 0.1)


def trap_slope(x: Any) -> Any:
    """Return the derivative of `trap`."""
    wide = 0.8 * bell(x, -1.0, 0.7) * (x + 1.0) / 0.7**2
    return 0.04 * x + wide + 1.2 * bell(x, 1.5, 0.1) * (x - 1.5) / 0.1**2


LINES = (
    Line("well: 1 - exp(-x²/2)", lambda x: -bell(x, 0, 1), lambda x: x * bell(x, 0, 1), 4.0, 2.0),
    Line("ripples: x²/2 - cos(5x)/5", lambda x: x * x / 2 - np.cos(5 * x) / 5, lambda x: x + np.sin(5 * x), 4.0, 2.0),
    Line("trap: narrow global basin", trap, trap_slope, 4.0, 2.0),
)


@dataclass(frozen=True)
class Disc:
    """A function of two variables whose means over discs are integrals over their circles, by the divergence theorem.

    The gradient of the mean over the disc of radius d is (2 / d) times the mean over the circle of f(x + d u) u, the
    Hessian (2 / d) times that of (slopes of f) u^T; even points of the circle converge exponentially where f is smooth.

    Attributes
    ----------
    name : str
        Of the function.
    first : callable
        ``first(x, y)`` returns f and its two slopes, of arrays.
    start : tuple of float
        Where the search for the first minimizer begins.
    largest : float
        The first d.
    rays : int
        Points of the circle.
    """

    name: str
    first: Callable[[Any, Any], tuple[Any, Any, Any]]
    start: tuple[float, float]
    largest: float
    rays: int = 64

    def derivatives(self, x: Any, y: Any, d: float) -> tuple[Array, Array]:
        """Return gradients and curvatures xx, xy, yy of the mean at points of shape (m,), shapes (2, m) and (3, m)."""
        angle = 2 * np.pi * (np.arange(self.rays) + 0.5) / self.rays
        u, v = np.cos(angle), np.sin(angle)
        f, gx, gy = self.first(np.asarray(x)[:, None] + d * u, np.asarray(y)[:, None] + d * v)
        scale = 2 / (d * self.rays)
        f = f - f.mean(axis=-1, keepdims=True)
        return scale * np.array([f @ u, f @ v]), scale * np.array([gx @ u, gx @ v, gy @ v])

    def minimizer(self, d: float, start: Any) -> Array:
        """Return the minimizer that Newton steps of length d at most, uphill ones turned, find from a point."""
        x = np.array(start, dtype=float)
        for _ in range(200):
            g, (xx, xy, yy) = (one[:, 0] for one in self.derivatives([x[0]], [x[1]], d))
            values, vectors = np.linalg.eigh([[xx, xy], [xy, yy]])
            step = -vectors @ ((vectors.T @ g) / np.maximum(np.abs(values), 1e-9))
            x = x + step * min(1.0, d / max(float(np.linalg.norm(step)), 1e-300))
            if np.linalg.norm(step) <= 1e-12 * (1 + np.linalg.norm(x)):
                break
        return x

    def convexity(self, center: Array, d: float, rings: int = 12, rays: int = 24) -> float:
        """Return the least curvature of the mean in the disc of radius 3 d, at even points of it."""
        r, angle = np.arange(rings + 1) / rings * 3 * d, 2 * np.pi * np.arange(rays) / rays
        x, y = (center[0] + np.outer(r, np.cos(angle))).ravel(), (center[1] + np.outer(r, np.sin(angle))).ravel()
        xx, xy, yy = self.derivatives(x, y, d)[1]
        return float(np.min((xx + yy) / 2 - np.hypot((xx - yy) / 2, xy)))


WAVES = 600.0
"""Radians per length of the ripples."""


def rippled(x: Any, y: Any) -> tuple[Any, Any, Any]:
    """Return |x|²/2 + (3 / k) w cos(k x), w = r^4 / (1 + r^4), k = 600, and its slopes."""
    q = x * x + y * y
    w, w1 = q * q / (1 + q * q), 2 * q / (1 + q * q) ** 2
    c, a = np.cos(WAVES * x), 3.0 / WAVES
    return q / 2 + a * w * c, x + a * (2 * x * w1 * c - WAVES * w * np.sin(WAVES * x)), y + 2 * a * y * w1 * c


DISCS = (
    Disc("rippled bowl", rippled, (0.5, 0.3), 1.0, rays=2048),
    Disc("ackley", FAMILIES["ackley"].first, (1.0, 0.7), 4.0, rays=256),
    Disc("himmelblau", FAMILIES["himmelblau"].first, (0.5, 0.5), 4.0),
    Disc("rosenbrock", FAMILIES["rosenbrock"].first, (0.0, 2.0), 3.0),
)
