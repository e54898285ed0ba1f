"""Small systems G(u, t) = 0 of one or two unknowns over 0 <= t <= 1, all of whose branches are known in closed form.

Each is a polynomial in v = u - base(t); `families` turns them into systems of n unknowns.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import cos, inf, sin, sqrt

import numpy as np

__all__ = ["KINDS", "Branch", "Germ", "Smooth"]


@dataclass(frozen=True)
class Smooth:
    """A polynomial and a sine of t, with its derivative."""

    coefficients: tuple = (0.0,)
    wave: tuple = (0.0, 1.0, 0.0)  # amplitude, frequency, phase

    def __call__(self, t):
        value = 0.0
        for c in reversed(self.coefficients):
            value = value * t + c
        return value + self.wave[0] * sin(self.wave[1] * t + self.wave[2])

    def d(self, t):
        value = 0.0
        for k in range(len(self.coefficients) - 1, 0, -1):
            value = value * t + k * self.coefficients[k]
        return value + self.wave[0] * self.wave[1] * cos(self.wave[1] * t + self.wave[2])

    @classmethod
    def drawn(cls, rng, size=1.0):
        """Return a random one whose values and slopes are of order `size`."""
        wave = (size * rng.uniform(-0.5, 0.5), rng.uniform(1.0, 5.0), rng.uniform(0.0, 6.0))
        return cls(tuple(size * rng.normal(size=4) * (0.5, 0.8, 0.5, 0.3)), wave)

    @classmethod
    def zeros(cls, factor, roots):
        """Return the polynomial factor * prod(t - root)."""
        return cls(tuple(factor * np.polynomial.polynomial.polyfromroots(roots)))


@dataclass(frozen=True)
class Branch:
    """One branch u(t), where it lives, and whether it hangs together with the one that is followed."""

    v: Callable
    low: float = -inf
    high: float = inf
    connected: bool = True


@dataclass(frozen=True)
class Germ:
    """G(u, t) with its derivatives, and what is known of it.

    ``local(v, t)`` returns G, dG/dv and dG/dt at fixed v, for v = u - base(t) of shape (m,).
    The first branch is the one that is followed; `crossings` are the t at which it meets others, `folds` those at which
    it turns back; `success` says whether it arrives at t = 1; `unfolds` whether every crossing is one that an algebraic
    branching equation resolves (else a diagram may say that it is not complete).
    """

    base: tuple
    local: Callable
    branches: tuple
    crossings: tuple = ()
    folds: tuple = ()
    success: bool = True
    symmetric: bool = True
    generic: bool = True

    def at(self, u, t):
        """Return G, dG/du and dG/dt."""
        g, g_v, g_t = self.local(u - [b(t) for b in self.base], t)
        return g, g_v, g_t - g_v @ [b.d(t) for b in self.base]

    def u(self, branch, t):
        """Return the point of a branch at t."""
        return np.array([b(t) for b in self.base]) + branch.v(t)


def _scalar(function):
    """Return a scalar local system, whose function returns three numbers, as one of arrays."""

    def local(v, t):
        g, g_v, g_t = function(float(v[0]), t)
        return np.array([g]), np.array([[g_v]]), np.array([g_t])

    return local


def _log(rng, low, high):
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def _sign(rng):
    return float(rng.choice((-1.0, 1.0)))


def _moving(rng, still=0.3):
    return (Smooth() if rng.uniform() < still else Smooth.drawn(rng),)


def _pair(other, delta=0.0):
    """Return v (v - other) + delta."""
    return _scalar(lambda v, t: (v * (v - other(t)) + delta, 2.0 * v - other(t), -v * other.d(t)))


def _two(rng, other, **known):
    """Return the germ of two curves, v = 0 and v = other(t), started on either."""
    branches = [Branch(lambda t: 0.0), Branch(lambda t: other(t))]
    if rng.uniform() < 0.5:
        branches.reverse()
    return Germ(_moving(rng, 0.2), _pair(other), tuple(branches), **known)


def _difference(rng, times, angle):
    """Return a function with simple zeros at the times, whose slope there is about tan(angle)."""
    slope = np.prod([abs(times[0] - s) for s in times[1:]]) if len(times) > 1 else 1.0
    factor = _sign(rng) * np.tan(angle) / slope
    bend = rng.uniform(-0.9, 0.9) if len(times) == 1 else 0.0
    # One further zero far outside bends the curve.
    roots = list(times) if abs(bend) < 0.2 else [*times, times[0] + 1.5 / bend]
    return Smooth.zeros(factor if abs(bend) < 0.2 else factor * bend / 1.5, roots)


def transcritical(rng):
    """Two curves that cross once or twice, at angles from 0.02 to 1.4."""
    times = [rng.uniform(0.15, 0.85)]
    if rng.uniform() < 0.3:
        times = [rng.uniform(0.15, 0.4), rng.uniform(0.6, 0.85)]
    return _two(rng, _difference(rng, times, _log(rng, 0.02, 1.4)), crossings=tuple(times))


def pitchfork(rng):
    """A branch, still or moving, and v^2 = k (t - tc) / a to one side of it; one in five starts on the fork."""
    tc, a = rng.uniform(0.2, 0.8), _log(rng, 1e-3, 1e4)
    k, sign = _sign(rng) * _log(rng, 0.3, 3.0), _sign(rng)
    local = _scalar(
        lambda v, t: (sign * v * (k * (t - tc) - a * v * v), sign * (k * (t - tc) - 3 * a * v * v), sign * k * v)
    )
    low, high = (tc, inf) if k > 0 else (-inf, tc)
    arms = [Branch(lambda t, s=s: s * sqrt(max(k * (t - tc) / a, 0.0)), low, high) for s in (-1.0, 1.0)]
    trunk = Branch(lambda t: 0.0)
    if k < 0 and rng.uniform() < 0.4:
        return Germ(_moving(rng), local, (*arms, trunk), (tc,), success=False)
    return Germ(_moving(rng), local, (trunk, *arms), (tc,))


def near(rng):
    """Two curves that would cross but for a gap of 1e-6 to 1e-2: to the side, or in t, where the curve turns back."""
    tc, half = rng.uniform(0.25, 0.75), 0.5 * _log(rng, 1e-6, 1e-2)
    angle = _log(rng, 0.1, 1.3)
    k = _sign(rng) * np.tan(angle)
    other, open_, upper = Smooth((-k * tc, k)), rng.uniform() < 0.5, _sign(rng)
    delta = -half * half if open_ else half * half
    local = _pair(other, delta)

    def root(sign):
        return lambda t: 0.5 * other(t) + sign * sqrt(max(0.25 * other(t) ** 2 - delta, 0.0))

    if open_:
        pair = (Branch(root(upper)), Branch(root(-upper), connected=False))
        return Germ(_moving(rng, 0.2), local, pair)
    turn, back = tc - 2.0 * half / abs(k), tc + 2.0 * half / abs(k)
    branches = [Branch(root(s), high=turn) for s in (upper, -upper)]
    branches += [Branch(root(s), low=back, connected=False) for s in (upper, -upper)]
    return Germ(_moving(rng, 0.2), local, tuple(branches), folds=(turn,), success=False)


def fold_end(rng):
    """A branch that ends in a fold, and another one beside it that goes on."""
    tf, k, side = rng.uniform(0.2, 0.8), _log(rng, 0.2, 4.0), _sign(rng)
    far = Smooth((side * (sqrt(k * tf) + _log(rng, 0.03, 2.0)), side * rng.uniform(0.0, 1.0)))

    def function(v, t):
        fold, beside = v * v + k * (t - tf), v - far(t)
        return fold * beside, 2 * v * beside + fold, k * beside - fold * far.d(t)

    s = _sign(rng)
    arms = [Branch(lambda t, s=s: s * sqrt(max(k * (tf - t), 0.0)), high=tf) for s in (s, -s)]
    beside = Branch(lambda t: far(t), connected=False)
    return Germ(_moving(rng), _scalar(function), (*arms, beside), folds=(tf,), success=False)


def tangential(rng):
    """Two curves that touch to the second or third order."""
    tc, order = rng.uniform(0.2, 0.8), int(rng.integers(2, 4))
    other = Smooth.zeros(_sign(rng) * _log(rng, 0.3, 5.0), [tc] * order)
    return _two(rng, other, crossings=(tc,), generic=False)


def cusp(rng):
    """A curve that stands upright for a moment, v^3 = k (t - tc), or one that ends in a cusp, v^2 = k (tc - t)^3."""
    tc, k, s = rng.uniform(0.2, 0.8), _log(rng, 0.3, 5.0), _sign(rng)
    if rng.uniform() < 0.5:
        local = _scalar(lambda v, t: (v**3 - s * k * (t - tc), 3 * v * v, -s * k))
        return Germ(_moving(rng), local, (Branch(lambda t: float(np.cbrt(s * k * (t - tc)))),))
    local = _scalar(lambda v, t: (v * v - k * (tc - t) ** 3, 2 * v, 3 * k * (tc - t) ** 2))
    arms = [Branch(lambda t, s=s: s * sqrt(k) * max(tc - t, 0.0) ** 1.5, high=tc) for s in (s, -s)]
    return Germ(_moving(rng), local, tuple(arms), folds=(tc,), success=False, generic=False)


def parallel(rng):
    """Two or three curves of strong curvature at distances of 1e-4 to 1e-2."""
    gap = _sign(rng) * _log(rng, 1e-4, 1e-2)
    other = Smooth((gap,), (0.3 * gap, rng.uniform(1.0, 8.0), rng.uniform(0.0, 6.0)))
    wave = (rng.uniform(0.3, 1.0), rng.uniform(3.0, 10.0), rng.uniform(0.0, 6.0))
    branches = (Branch(lambda t: 0.0), Branch(lambda t: other(t), connected=False))
    return Germ((Smooth((0.0, rng.normal()), wave),), _pair(other), branches)


def double(rng):
    """A kernel of dimension two: v_i (s - a_i v_i^p - b_i v_j^p), s = k (t - tc), p = 1 or 2, coupled or not."""
    tc, k, p = rng.uniform(0.25, 0.75), _sign(rng) * _log(rng, 0.3, 3.0), int(rng.integers(1, 3))
    coupled, symmetric = rng.uniform() < 0.6, p == 2 and rng.uniform() < 0.5
    while True:
        a, b = rng.choice((-1.0, 1.0), 2) * np.exp(rng.uniform(-1, 1, 2)), rng.uniform(-2, 2, 2) * coupled
        if symmetric:
            b[1] = b[0]
        det = a[0] * a[1] - b[0] * b[1]
        mixed = np.array([a[1] - b[0], a[0] - b[1]]) / (det if det else 1.0)
        if abs(det) > 0.3 and np.abs(mixed).min() > 0.15 and np.abs(mixed).max() < 4:
            break

    def local(v, t):
        s, q = k * (t - tc), p * v ** (p - 1)
        inner = s - a * v**p - b * v[::-1] ** p
        g_v = np.diag(inner - v * a * q)
        g_v[0, 1], g_v[1, 0] = -v[0] * b[0] * q[1], -v[1] * b[1] * q[0]
        return v * inner, g_v, k * v

    branches = [Branch(lambda t: np.zeros(2))]
    for ray in (np.array([1 / a[0], 0.0]), np.array([0.0, 1 / a[1]]), mixed):
        branches += _rays(ray, k, tc, p)
    start = 0 if p == 2 else int(rng.integers(len(branches)))
    branches.insert(0, branches.pop(start))
    base = (*_moving(rng), *_moving(rng))
    return Germ(base, local, tuple(branches), (tc,), symmetric=symmetric or not coupled)


def _rays(ray, k, tc, p):
    """Return the branches v_i^p = s ray_i: a line for p = 1, else arms to one side of tc, if any."""
    if p == 1:
        return [Branch(lambda t: k * (t - tc) * ray)]
    if ray.min() < 0 < ray.max():
        return []
    side = k * (1.0 if ray.max() > 0 else -1.0)
    low, high = (tc, inf) if side > 0 else (-inf, tc)
    signs = [np.array([i, j]) for i in (-1, 1) for j in (-1, 1) if (ray[0] or i > 0) and (ray[1] or j > 0)]
    return [Branch(lambda t, s=s: s * np.sqrt(np.maximum(k * (t - tc) * ray, 0.0)), low, high) for s in signs]


KINDS = {f.__name__: f for f in (transcritical, pitchfork, near, fold_end, tangential, cusp, parallel, double)}
