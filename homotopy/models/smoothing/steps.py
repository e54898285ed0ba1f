r"""Smoothings in closed form: expectations E f(x + s Z), Z standard normal, with their derivatives in x.

A rule takes x, s >= 0 of one shape and an order, and returns the list of :math:`E f^{(j)}(x + s Z)`, j = 0, ..., order.
The derivative in s follows by the heat equation, d/ds = s d^2/dx^2. At s = 0 these are f and its derivatives, with the
values that the activations have at kinks.
"""

from __future__ import annotations

from collections.abc import Callable
from math import comb, sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.special import erf, ndtr, owens_t

__all__ = ["Array", "Rule", "erf_rule", "erf_square", "gelu", "gelu_square", "identity", "identity_square",
           "leaky", "leaky_square", "one", "product", "relu", "relu_square", "sign", "wave", "wave_square"]  # fmt: skip

Array = NDArray[np.float64]
Rule = Callable[[Array, Array, int], list[Array]]

FAR = 40.0
"""Standard deviations behind which the normal density is zero in double precision."""


def _scaled(x: Array, s: Array) -> Array:
    """Return x / s within FAR of 0; at s = 0 the end of the side on which x is, 0 on the left as for slopes of relu."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        ratio = np.where(s > 0, x / np.where(s > 0, s, 1.0), np.where(x > 0, FAR, -FAR))
    return np.asarray(np.clip(ratio, -FAR, FAR))


def bells(x: Array, s: Array, order: int) -> list[Array]:
    """Return the normal density of deviation s at x and its derivatives; zero at s = 0."""
    X, inverse = _scaled(x, s), np.where(s > 0, 1.0 / np.where(s > 0, s, 1.0), 0.0)
    below, here, scale = np.zeros_like(X), _density(X), inverse
    out = []
    for n in range(order + 1):
        with np.errstate(invalid="ignore", over="ignore", under="ignore"):
            out.append(np.where(here == 0.0, 0.0, here * scale))  # whose scale may be beyond all numbers
            below, here, scale = here, -(X * here + n * below), scale * inverse
    return out


def _density(X: Array) -> Array:
    """Return the standard normal density."""
    return np.asarray(np.exp(-0.5 * X * X) / sqrt(2.0 * np.pi))


def steps(x: Array, s: Array, order: int) -> list[Array]:
    """Return E of the step function, Phi(x / s), and its derivatives."""
    return [ndtr(_scaled(x, s)), *bells(x, s, order - 1)]


def product(left: list[Array], right: list[Array]) -> list[Array]:
    """Return the derivatives of a product from those of its factors, as many as both have."""
    orders = range(min(len(left), len(right)))
    return [np.asarray(sum(comb(n, i) * left[i] * right[n - i] for i in range(n + 1))) for n in orders]


def _times_x(x: Array, of: list[Array]) -> list[Array]:
    """Return the derivatives of x g from those of g."""
    return [x * g + (n * of[n - 1] if n else 0.0) for n, g in enumerate(of)]


def one(x: Array, s: Array, order: int) -> list[Array]:
    """Return those of the constant 1."""
    del s
    return [np.ones_like(x), *(np.zeros_like(x) for _ in range(order))]


def identity(x: Array, s: Array, order: int) -> list[Array]:
    """Return those of x."""
    return [x + 0.0, *one(x, s, order)][: order + 1]


def identity_square(x: Array, s: Array, order: int) -> list[Array]:
    """Return those of x^2."""
    return [x * x + s * s, *(2.0 * g for g in identity(x, s, order))][: order + 1]


def sign(x: Array, s: Array, order: int) -> list[Array]:
    """Return those of the sign: erf(x / (sqrt(2) s)) and its derivatives; the sign of 0 is 0."""
    first = np.where((s > 0) | (x != 0), erf(_scaled(x, s) / sqrt(2.0)), 0.0)
    return [first, *(2.0 * g for g in bells(x, s, order))][: order + 1]


def relu(x: Array, s: Array, order: int) -> list[Array]:
    """Return those of relu: x Phi(x / s) + s phi(x / s)."""
    X = _scaled(x, s)
    return [x * ndtr(X) + s * _density(X), *steps(x, s, order)][: order + 1]


def relu_square(x: Array, s: Array, order: int) -> list[Array]:
    """Return those of relu^2: (x^2 + s^2) Phi(x / s) + x s phi(x / s)."""
    X = _scaled(x, s)
    step, density = ndtr(X), _density(X)
    ahead = np.maximum(x, 0.0)
    right = ahead * (ahead * step + s * density) + s * (s * step)
    left = s * (s * ((X * X + 1.0) * step + X * density))  # no difference of numbers beyond all others
    return [np.where(x > 0, right, left), *(2.0 * g for g in relu(x, s, order))][: order + 1]


def leaky(leak: float) -> Rule:
    """Return the rule of the leaky relu: leak x + (1 - leak) relu(x)."""

    def rule(x: Array, s: Array, order: int) -> list[Array]:
        pairs = zip(identity(x, s, order), relu(x, s, order), strict=True)
        return [leak * a + (1.0 - leak) * b for a, b in pairs]

    return rule


def leaky_square(leak: float) -> Rule:
    """Return the rule of its square: leak^2 x^2 + (1 - leak^2) relu(x)^2."""

    def rule(x: Array, s: Array, order: int) -> list[Array]:
        pairs = zip(identity_square(x, s, order), relu_square(x, s, order), strict=True)
        return [leak**2 * a + (1.0 - leak**2) * b for a, b in pairs]

    return rule


def wave(phase: float) -> Rule:
    """Return the rule of sin(x + phase): exp(-s^2 / 2) sin(x + phase)."""

    def rule(x: Array, s: Array, order: int) -> list[Array]:
        damp = np.exp(-0.5 * s * s)
        return [damp * np.sin(x + (phase + 0.5 * np.pi * n)) for n in range(order + 1)]

    return rule


def wave_square(phase: float) -> Rule:
    """Return the rule of its square, (1 - cos(2 x + 2 phase)) / 2."""

    def rule(x: Array, s: Array, order: int) -> list[Array]:
        damp, half = np.exp(-2.0 * s * s), np.clip(x, -8e307, 8e307)  # whose double is a number
        turned = [
            -(2.0 ** (n - 1)) * damp * np.cos(2.0 * half + (2.0 * phase + 0.5 * np.pi * n)) for n in range(order + 1)
        ]
        return [0.5 + turned[0], *turned[1:]]

    return rule


def erf_rule(x: Array, s: Array, order: int) -> list[Array]:
    """Return those of erf: erf(x / sqrt(1 + 2 s^2))."""
    wide = np.hypot(s, sqrt(0.5))
    return [erf(x / (sqrt(2.0) * wide)), *(2.0 * g for g in bells(x, wide, order))][: order + 1]


def erf_square(x: Array, s: Array, order: int) -> list[Array]:
    """Return those of erf^2: 1 - 8 T(x / v, 1 / sqrt(1 + 4 s^2)), v^2 = s^2 + 1/2, with Owen's T.

    Two copies of the unit are signs of correlated normal variables, of correlation s^2 / v^2.
    """
    wide, narrow = np.hypot(s, sqrt(0.5)), 1.0 / np.hypot(1.0, 2.0 * s)
    centered = steps(x, wide / narrow, order)
    slopes = product(bells(x, wide, order), [centered[0] - 0.5, *centered[1:]])
    return [1.0 - 8.0 * owens_t(x / wide, narrow), *(8.0 * g for g in slopes)][: order + 1]


def gelu(x: Array, s: Array, order: int) -> list[Array]:
    """Return those of x Phi(x): x P + s^2 P' of P = Phi(x / sqrt(1 + s^2))."""
    P = steps(x, np.hypot(1.0, s), order + 1)
    return [a + s * (s * b) for a, b in zip(_times_x(x, P[:-1]), P[1:], strict=True)]


def gelu_square(x: Array, s: Array, order: int) -> list[Array]:
    """Return those of x^2 Phi(x)^2: (x^2 + s^2) G + 2 x s^2 G' + s^4 G'' of G = E Phi(x + s Z)^2.

    G = Phi(h) - 2 T(h, a) with h = x / sqrt(1 + s^2), a = 1 / sqrt(1 + 2 s^2) and Owen's T.
    """
    wide, a = np.hypot(1.0, s), 1.0 / np.hypot(1.0, sqrt(2.0) * s)
    slopes = product(bells(x, wide, order + 1), steps(x, wide / a, order + 1))
    G = [ndtr(x / wide) - 2.0 * owens_t(x / wide, a), *(2.0 * g for g in slopes)]
    once = [u + s * (s * v) for u, v in zip(_times_x(x, G[:-1]), G[1:], strict=True)]  # E x Phi^2, by Stein's lemma
    return [u + s * (s * v) for u, v in zip(_times_x(x, once[:-1]), once[1:], strict=True)]
