r"""Smoothings of tanh, logistic and softplus units, to rounding, for every width.

No one way is good at all widths. Small ones have Gauss-Hermite's rule. Then comes the trapezoidal rule: the integrand
is analytic up to tanh's pole, so that its error falls exponentially with the number of nodes, faster there than that of
Gauss-Hermite's. Above, a sum of exponentials: with y = exp(-u) a logistic unit is 1 / (1 + y) for u > 0, on [0, 1] a
polynomial in y to 5.8^-n, and the expectations of exp(-k u) over u > 0 are Mills ratios. That has the same error at all
x and s.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, localcontext
from functools import cache
from itertools import pairwise
from math import comb, pi, sqrt

import numpy as np
from scipy.special import erfcx, ndtr, roots_hermitenorm

from homotopy.models.smoothing.steps import Array, relu, relu_square

__all__ = ["logistic", "logistic_square", "softplus", "softplus_square", "tanh", "tanh_square"]

HERMITE = (8, 10, 18)
"""Nodes of Gauss-Hermite's rule for the first of these."""
WIDTHS = (0.05, 0.1, 0.2, 0.5, 1.0, 2.5)
"""Widths of noise on tanh up to which one rule is taken; the trapezoidal one for the others, exponentials beyond."""
TERMS = 25
"""Terms of the sums of exponentials: 5.8^-25 is below rounding."""
BLOCK = 1024
"""Points whose nodes are held at once."""
LEAST = 1e-9
"""A width below which none can be told from zero, in the sums of exponentials."""
MOST = 1e299
"""Widths from a point at which it is as far from zero as any."""


def tanh(x: Array, s: Array, order: int) -> list[Array]:
    """Return E tanh(x + s Z) and its derivatives in x, to `order`."""
    x = np.clip(x, -8e307, 8e307)  # half of the largest number
    out = np.empty((order + 1, *x.shape))
    level = np.searchsorted(WIDTHS, s)
    for number in np.unique(level):
        part = level == number
        if number < len(WIDTHS):
            out[:, part] = _by_nodes(x[part], s[part], _rule(int(number)), order)
        else:
            out[:, part] = _by_exponentials(x[part], s[part], order)
    return list(out)


def tanh_square(of_tanh: list[Array]) -> list[Array]:
    """Return those of tanh^2 = 1 - tanh', one fewer than of tanh are given."""
    return [1.0 - of_tanh[1], *(-g for g in of_tanh[2:])]


def logistic(x: Array, s: Array, order: int) -> list[Array]:
    """Return those of the logistic function, (1 + tanh(x / 2)) / 2."""
    halves = [0.5 ** (n + 1) * g for n, g in enumerate(tanh(0.5 * x, 0.5 * s, order))]
    return [0.5 + halves[0], *halves[1:]]


def logistic_square(of_logistic: list[Array]) -> list[Array]:
    """Return those of its square, which is itself less its slope; one fewer than of itself are given."""
    return [a - b for a, b in pairwise(of_logistic)]


def softplus(x: Array, s: Array, order: int) -> list[Array]:
    """Return those of log(1 + e^x): relu, and log(1 + y) on both sides; the slope is the logistic function."""
    wide = _told(x, s)
    C = np.array(_polynomial(_log1p))
    right, _ = _exponentials(x, wide)
    left, _ = _exponentials(-x, wide)
    first = relu(x, s, 0)[0] + np.tensordot(C, right + left, 1)
    return [first, *(logistic(x, s, order - 1) if order else [])]


def softplus_square(x: Array, s: Array, order: int) -> list[Array]:
    """Return those of its square: for u > 0 powers of u + log(1 + y) and its slopes, for u < 0 of log(1 + y)."""
    wide = _told(x, s)
    right, ramp = _exponentials(x, wide, ramp=True)
    left, _ = _exponentials(-x, wide)
    out = []
    for n in range(order + 1):
        whole, slope, other = (np.array(_polynomial(_square_part, n, kind)) for kind in ("right", "ramp", "left"))
        out.append(np.tensordot(whole, right, 1) + np.tensordot(slope, ramp, 1) + np.tensordot(other, left, 1))
    out[0] += relu_square(x, s, 0)[0]
    return out


@cache
def _rule(level: int) -> tuple[Array, Array]:
    """Return nodes and weights of the rule for widths up to ``WIDTHS[level]``."""
    if level < len(HERMITE):
        own: tuple[Array, Array] = roots_hermitenorm(HERMITE[level])
        return own[0], own[1] / own[1].sum()
    pole = 0.5 * pi / WIDTHS[level]
    step = 2.0 * pi * pole / (40.0 + 0.5 * pole**2) if pole < 2.0 * pi / 0.76 else 0.76
    half = int(np.ceil(8.4 / step))
    nodes: Array = step * np.arange(-half, half + 1, dtype=np.float64)
    weights: Array = np.exp(-0.5 * nodes**2)
    weights /= weights.sum()
    return nodes, weights


def _by_nodes(x: Array, s: Array, rule: tuple[Array, Array], order: int) -> Array:
    """Return the derivatives of E tanh(x + s Z), (order + 1, m), from means of tanh's powers over nodes."""
    nodes, weights = rule
    powers = np.ones((order + 2, x.size))
    for first in range(0, x.size, BLOCK):  # all nodes at once, of as many points as stay in the cache
        part = slice(first, first + BLOCK)
        values = np.tanh(x[part] + nodes[:, None] * s[part])
        power = values.copy()
        for k in range(1, order + 2):
            powers[k, part] = weights @ power
            power *= values
    return np.asarray(np.array(_slopes_of_tanh(order)) @ powers)


@cache
def _slopes_of_tanh(order: int) -> list[list[float]]:
    """Return the derivatives of tanh as polynomials in tanh, coefficients from degree 0 to order + 1."""
    rows, here = [], np.polynomial.Polynomial([0.0, 1.0])
    for _ in range(order + 1):
        rows.append([*here.coef.tolist(), *([0.0] * (order + 2 - len(here.coef)))])
        here = here.deriv() * np.polynomial.Polynomial([1.0, 0.0, -1.0])
    return rows


def _by_exponentials(x: Array, s: Array, order: int) -> list[Array]:
    """Return the derivatives of E tanh(x + s Z), tanh(u) = 2 logistic(2 u) - 1, from sums of exponentials."""
    right, _ = _exponentials(2.0 * x, np.maximum(2.0 * s, LEAST))
    left, _ = _exponentials(-2.0 * x, np.maximum(2.0 * s, LEAST))
    out = []
    for n in range(order + 1):
        C = np.array(_polynomial(_logistic_slope, n))
        odd = left - right if n % 2 == 0 else left + right
        out.append(2.0 ** (n + 1) * np.tensordot(C, odd, 1))
    out[0] += 2.0 * ndtr(x / s) - 1.0
    return out


def _told(x: Array, s: Array) -> Array:
    """Return widths that can be told from zero at x."""
    return np.asarray(np.maximum(np.maximum(s, LEAST), np.abs(x) / MOST))


def _exponentials(x: Array, s: Array, *, ramp: bool = False) -> tuple[Array, Array]:
    """Return E[exp(-k u); u > 0] of u = x + s Z for k = 0, ..., TERMS - 1, and E[u exp(-k u); u > 0] if `ramp`."""
    X = x / s
    density = np.exp(-0.5 * X * X) / sqrt(2.0 * pi)
    k = np.arange(TERMS, dtype=np.float64).reshape(-1, *(1,) * x.ndim)
    y = k * s - X
    ahead = y > 0
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        mills = density * (sqrt(0.5 * pi) * erfcx(np.where(ahead, y, 0.0) / sqrt(2.0)))
        out = np.where(ahead, mills, np.exp(np.where(ahead, 0.0, k * (0.5 * k * s * s - x))) * ndtr(-y))
    if not ramp:
        return out, np.empty((0, *x.shape))
    return out, s * (density - y * out)  # E[u g(u)] = x E g + s^2 E g'


@cache
def _polynomial(of: Callable[..., Decimal], *more: object) -> tuple[float, ...]:
    """Return the coefficients of the polynomial in y that is `of` (y, ...) at Chebyshev's nodes of [0, 1].

    Through divided differences in decimals of 60 digits: the monomials are badly conditioned, the coefficients are not.
    """
    with localcontext() as context:
        context.prec = 60
        angles = (np.arange(TERMS) + 0.5) * pi / TERMS
        nodes = [(Decimal(1) + Decimal(float(c))) / 2 for c in np.cos(angles)]
        table = [of(y, *more) for y in nodes]
        for depth in range(1, TERMS):
            for i in range(TERMS - 1, depth - 1, -1):
                table[i] = (table[i] - table[i - 1]) / (nodes[i] - nodes[i - depth])
        coefficients = [Decimal(0)] * TERMS
        for i in range(TERMS - 1, -1, -1):  # Horner in (y - node)
            shifted = [Decimal(0), *coefficients[:-1]]
            coefficients = [a - nodes[i] * b for a, b in zip(shifted, coefficients, strict=True)]
            coefficients[0] += table[i]
        return tuple(float(c) for c in coefficients)


def _log1p(y: Decimal) -> Decimal:
    return (1 + y).ln()


def _logistic_slope(y: Decimal, order: int, right: bool = False) -> Decimal:
    """Return the derivative of the logistic function at log y, or at -log y where `right`."""
    value = 1 / (1 + y) if right else y / (1 + y)
    here = [Decimal(0), Decimal(1)]  # a polynomial in the value
    for _ in range(order):
        slope = [k * c for k, c in enumerate(here)][1:]
        here = [a - b for a, b in zip([Decimal(0), *slope, Decimal(0)], [Decimal(0), Decimal(0), *slope], strict=True)]
    return sum((c * value**k for k, c in enumerate(here)), Decimal(0))


def _square_part(y: Decimal, order: int, kind: str) -> Decimal:
    """Return what the derivative of softplus^2 has without u or, as a factor of u, with it (`ramp`, u > 0)."""
    right = kind != "left"
    slopes = [_log1p(y), *(_logistic_slope(y, n, right) for n in range(order))]
    if kind == "ramp":
        return 2 * slopes[order]
    return sum((comb(order, i) * slopes[i] * slopes[order - i] for i in range(order + 1)), Decimal(0))
