"""Functions 20 to 35 of Moré, Garbow and Hillstrom: residuals of any number of variables, real or complex."""

import numpy as np
from numpy.polynomial import polynomial


def watson(x):
    t = np.arange(1, 30) / 29
    total = polynomial.polyval(t, x)
    return np.concatenate([polynomial.polyval(t, polynomial.polyder(x)) - total**2 - 1, [x[0], x[1] - x[0] ** 2 - 1]])


def extended_rosenbrock(x):
    return np.concatenate([10 * (x[1::2] - x[::2] ** 2), 1 - x[::2]])


def extended_powell_singular(x):
    a, b, c, d = x[::4], x[1::4], x[2::4], x[3::4]
    return np.concatenate([a + 10 * b, 5**0.5 * (c - d), (b - 2 * c) ** 2, 10**0.5 * (a - d) ** 2])


def penalty_1(x):
    return np.append(1e-5**0.5 * (x - 1), (x * x).sum() - 0.25)


def penalty_2(x):
    i, e = np.arange(1, x.size + 1), np.exp(x / 10)
    known = np.exp(i / 10)
    pairs = e[1:] + e[:-1] - (known[1:] + known[:-1])
    single = e[1:] - np.exp(-0.1)
    last = ((x.size - i + 1) * x * x).sum() - 1
    return np.concatenate([[x[0] - 0.2], 1e-5**0.5 * pairs, 1e-5**0.5 * single, [last]])


def variably_dimensioned(x):
    total = np.arange(1, x.size + 1) @ (x - 1)
    return np.concatenate([x - 1, [total, total**2]])


def trigonometric(x):
    i = np.arange(1, x.size + 1)
    return x.size - np.cos(x).sum() + i * (1 - np.cos(x)) - np.sin(x)


def brown_almost_linear(x):
    return np.append(x[:-1] + x.sum() - (x.size + 1), np.prod(x) - 1)


def discrete_boundary_value(x):
    h = 1 / (x.size + 1)
    t = h * np.arange(1, x.size + 1)
    wide = np.concatenate([[0], x, [0]])
    return 2 * x - wide[:-2] - wide[2:] + h**2 * (x + t + 1) ** 3 / 2


def discrete_integral_equation(x):
    h = 1 / (x.size + 1)
    t = h * np.arange(1, x.size + 1)
    green = np.minimum.outer(t, t) * (1 - np.maximum.outer(t, t))
    return x + h * (green @ (x + t + 1) ** 3) / 2


def broyden_tridiagonal(x):
    wide = np.concatenate([[0], x, [0]])
    return (3 - 2 * x) * x - wide[:-2] - 2 * wide[2:] + 1


def broyden_banded(x):
    n = x.size
    near = np.tri(n, k=1) - np.tri(n, k=-6) - np.eye(n)
    return x * (2 + 5 * x**2) + 1 - near @ (x * (1 + x))


def linear_full_rank(x, m=10):
    return np.append(x, np.zeros(m - x.size)) - 2 / m * x.sum() - 1


def linear_rank_1(x, m=10):
    return np.arange(1, m + 1) * (np.arange(1, x.size + 1) @ x) - 1


def linear_rank_1_zeros(x, m=10):
    middle = np.arange(2, x.size) @ x[1:-1]
    return np.concatenate([[-1], np.arange(1, m - 1) * middle - 1, [-1]])


def chebyquad(x):
    """The i-th residual is the mean of the shifted Chebyshev polynomial T_i at x, less its integral over (0, 1)."""
    before, now, out = np.ones_like(x), 2 * x - 1, []
    for i in range(1, x.size + 1):
        out.append(now.mean() + (1 / (i * i - 1) if i % 2 == 0 else 0.0))
        before, now = now, 2 * (2 * x - 1) * now - before
    return out
