"""Simulated systems whose responses a net is to imitate."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

__all__ = ["SYSTEMS", "inputs"]

Array = NDArray[np.float64]
Field = Callable[[Array, Array], Array]
SUBSTEPS = 4
"""Steps of Runge and Kutta's method from one sample to the next."""


def inputs(rng: np.random.Generator, n_steps: int, n: int) -> Array:
    """Return stationary inputs in the limit, each .7 times the last one and fresh noise, shape (T, n).

    The first one is .714 times a normal number; the variance tends to 1.
    """
    noise = rng.standard_normal((n_steps, n))
    out, last = np.empty_like(noise), np.zeros(n)
    for t in range(n_steps):
        last = 0.7 * last + noise[t] * np.sqrt(1 - 0.49)
        out[t] = last
    return out


def _double_well(x: Array, u: Array) -> Array:
    return np.array([x[1], x[0] - x[0] ** 3 - 0.3 * x[1] + 1.2 * u])


def _van_der_pol(x: Array, u: Array) -> Array:
    return np.array([x[1], (1 - x[0] ** 2) * x[1] - x[0] + 2 * u])


def _pendulum(x: Array, u: Array) -> Array:
    return np.array([x[1], -4 * np.sin(x[0]) - 0.4 * x[1] + 2.0 * u])


def _sampled(field: Field, dt: float, u: Array) -> Array:
    """Return the first component of a system at rest that follows held inputs, shape (T, n)."""
    x, out = np.zeros((2, u.shape[1])), np.empty_like(u)
    d = dt / SUBSTEPS
    for t in range(len(u)):
        for _ in range(SUBSTEPS):
            a = field(x, u[t])
            b = field(x + d / 2 * a, u[t])
            c = field(x + d / 2 * b, u[t])
            e = field(x + d * c, u[t])
            x = x + d / 6 * (a + 2 * b + 2 * c + e)
        out[t] = x[0]
    return out


def _wiener_hammerstein(u: Array) -> Array:
    """Return the outputs of a linear filter, a bent line and another filter, one behind the other, shape (T, n)."""
    first, second, out = np.zeros((2, u.shape[1])), np.zeros((2, u.shape[1])), np.empty_like(u)
    for t in range(len(u)):
        first = np.array([1.2 * first[0] - 0.6 * first[1] + u[t], first[0]])
        v = first[0] - 0.3 * first[1]
        bent = np.where(v > 0, np.tanh(v), 0.3 * v)
        second = np.array([second[0] - 0.5 * second[1] + bent, second[0]])
        out[t] = second[0] + 0.5 * second[1]
    return out


SYSTEMS: dict[str, tuple[Callable[[Array], Array], float]] = {
    "wiener-hammerstein": (_wiener_hammerstein, 1e-3),
    "double-well": (partial(_sampled, _double_well, 0.3), 1e-2),
    "van-der-pol": (partial(_sampled, _van_der_pol, 0.25), 1e-3),
    "pendulum": (partial(_sampled, _pendulum, 0.25), 1e-2),
}
"""Outputs (T, n) of inputs (T, n), and the mean square error, of the variance, at which each is identified."""
