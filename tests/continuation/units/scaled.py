"""Families in other units of x, t and F, and whether two paths are the same but for the units.

F'(x, t) = s F(x / c, (t - a) / b): a path of F' is that of F with x -> c x and t -> a + b t.
"""

from dataclasses import dataclass

import curves
import numpy as np
import scipy.sparse as sp

from homotopy.continuation import Direction, GradientSystem, RootSystem, track
from homotopy.homotopies import Homotopy, Proximal
from homotopy.objectives.function import Function

__all__ = ["EXACT", "FAMILIES", "GENERAL", "Family", "Scaled", "Units", "differenced", "drawn", "same"]


@dataclass(frozen=True)
class Units:
    """The sizes c of x, s of F and b of t, and the origin a of t."""

    c: float = 1.0
    s: float = 1.0
    b: float = 1.0
    a: float = 0.0

    def t(self, t):
        return self.a + self.b * t

    def back(self, t):
        return (t - self.a) / self.b


EXACT = [
    Units(c=2.0**26),
    Units(c=2.0**-26),
    Units(s=2.0**26),
    Units(s=2.0**-26),
    Units(b=2.0**26),
    Units(b=2.0**-26),
    Units(2.0**26, 2.0**-26, 2.0**-13),
    Units(2.0**-26, 2.0**26, 2.0**20),
]
"""Powers of two: rounding is the same."""

GENERAL = [
    Units(c=1e8, a=0.3),
    Units(c=1e-8),
    Units(s=1e8, b=3.0),
    Units(s=1e-8, a=-0.7),
    Units(b=1e8, a=2e7),
    Units(b=1e-8, a=1e-9),
    Units(3e7, 2e-8, 7e-6, 1e-6),
    Units(2e-7, 5e6, 4e7, -1e7),
]
"""The ends of the range, alone and mixed."""


def drawn(rng):
    """Return random units, each from 1e-8 to 1e8, t shifted by up to its size."""
    c, s, b = 10.0 ** rng.uniform(-8, 8, 3)
    return Units(c, s, b, b * rng.uniform(-1, 1))


class Scaled(Homotopy):
    """A family in other units, with all its derivatives."""

    any_t = True

    def __init__(self, inner, units):
        self.inner, self.units, self.size = inner, units, inner.size
        self.symmetric = getattr(inner, "symmetric", True)
        if hasattr(inner, "hessian"):
            self.hessian = lambda x, t: inner.hessian(*self.at(x, t)) * (units.s / units.c)

    def at(self, x, t):
        return x / self.units.c, self.units.back(t)

    def value_and_grad(self, x, t):
        u = self.units
        value, g = self.inner.value_and_grad(*self.at(x, t))
        # That of a root system is |F|^2 / 2.
        return value * (u.s * u.c if self.symmetric else u.s**2), u.s * g

    def hessp(self, x, t, v):
        return self.inner.hessp(*self.at(x, t), v) * (self.units.s / self.units.c)

    def dt(self, x, t):
        u = self.units
        return self.inner.dt(*self.at(x, t)) * ((u.s * u.c if self.symmetric else u.s**2) / u.b)

    def dt_grad(self, x, t):
        return self.inner.dt_grad(*self.at(x, t)) * (self.units.s / self.units.b)

    def start(self, rng=None):
        return self.units.c * self.inner.start(rng)


def differenced(family, units):
    """Return the system in other units, its derivatives by differences."""
    inner = family.make()
    scaled = Scaled(inner, units)
    if not scaled.symmetric:
        return RootSystem(scaled.grad, inner.size)
    return GradientSystem(scaled.grad, inner.size, value=scaled.value)


@dataclass(frozen=True)
class Family:
    """A family, its start, and where its path goes."""

    name: str
    make: object
    x0: np.ndarray
    t0: float = 0.0
    t1: float | None = 1.0
    bounds: tuple[float, float] | None = None
    gradient: bool = True
    plain: bool = True  # whether natural steps follow it to its end

    def follow(self, units=Units(), *, differences=False, **options):
        """Return the path in these units."""
        system = differenced(self, units) if differences else Scaled(self.make(), units)
        bounds = None if self.bounds is None else tuple(sorted(map(units.t, self.bounds)))
        target = None if self.t1 is None else units.t(self.t1)
        if "direction" in options:
            x, t = options["direction"]
            options["direction"] = Direction(units.c * x, units.b * t)
        return track(system, units.c * self.x0, t0=units.t(self.t0), target=target, bounds=bounds, **options)


def _norm(p, q, units):
    """Return how far apart two points are, the second in other units."""
    return max(float(np.abs(p.x - q.x / units.c).max()), abs(p.t - units.back(q.t)))


def same(one, other, units, *, tolerance=1e-8, slack=2):
    """Assert that the second path is the first in other units: steps, events and end."""
    assert other.status == one.status, other.message
    assert abs(len(other.points) - len(one.points)) <= slack
    assert abs(other.counts.rejected - one.counts.rejected) <= slack
    ours, theirs = (sorted(path.events, key=lambda e: (e.step, e.name)) for path in (one, other))
    assert [e.name for e in theirs] == [e.name for e in ours]
    size = max(float(np.abs(p.x).max()) for p in one.points) or 1.0
    for a, b in zip(ours, theirs, strict=True):
        assert abs(units.back(b.point.t) - a.point.t) <= tolerance, a.name
        assert (a.index_before, a.index_after) == (b.index_before, b.index_after)
    assert _norm(one.points[-1], other.points[-1], units) <= tolerance * max(size, 1.0)
    if slack == 0:
        gaps = [_norm(p, q, units) for p, q in zip(one.points, other.points, strict=True)]
        assert max(gaps) <= tolerance * max(size, 1.0)
        assert [p.n_iter for p in one.points] == [p.n_iter for p in other.points]
        assert np.allclose([p.s for p in one.points], [p.s for p in other.points], rtol=1e-9, atol=0.0)
        assert np.allclose([p.step for p in one.points], [p.step for p in other.points], rtol=1e-9, atol=0.0)


def s_curves():
    """Four S-curves, coupled, whose path folds twice."""
    link = np.array([[0.0, 0.2, 0.0, 0.1], [0.2, 0.0, 0.1, 0.0], [0.0, 0.1, 0.0, 0.2], [0.1, 0.0, 0.2, 0.0]])
    stiff = np.array([-1.0, 1.0, 2.0, 0.5])
    load = np.array([4.0, 1.0, -1.0, 0.5])

    def grad(x, t):
        return x**3 + stiff * x + link @ x - load * (t - 0.5)

    return GradientSystem(
        grad,
        4,
        value=lambda x, t: float(np.sum(x**4) / 4 + 0.5 * x @ (stiff * x) + 0.5 * x @ link @ x - (t - 0.5) * load @ x),
        jacobian=lambda x, t: np.diag(3 * x**2 + stiff) + link,
        dt=lambda x, t: -load,
    )


def _solved(system, x, t):
    """Return the root near x."""
    for _ in range(50):
        x = x - np.linalg.solve(np.asarray(system.hessian(x, t)), system.grad(x, t))
    return x


def transcritical():
    """x (2 x - 3 (t - 0.43)) exp(x): the lines x = 0 and x = 3 (t - 0.43) / 2 cross."""

    def f(x, t):
        return x * (2 * x - 3 * (t - 0.43)) * np.exp(x)

    return RootSystem(
        f,
        1,
        jacobian=lambda x, t: np.diag(f(x, t) + (4 * x - 3 * (t - 0.43)) * np.exp(x)),
        dt=lambda x, t: -3 * x * np.exp(x),
    )


def bratu(n=20):
    """The Bratu problem u'' + 3 t exp u = 0 on a grid, sparse."""
    h = 1.0 / (n + 1)
    a = sp.diags_array([np.ones(n - 1), -2.0 * np.ones(n), np.ones(n - 1)], offsets=[-1, 0, 1]).tocsc() / h**2
    return RootSystem(
        lambda x, t: a @ x + 3 * t * np.exp(x),
        n,
        jacobian=lambda x, t: (a + sp.diags_array(3 * t * np.exp(x))).tocsc(),
        dt=lambda x, t: 3 * np.exp(x),
    )


def probability_one(n=3):
    """t G(x) + (1 - t) (x - a): the map of Chow, Mallet-Paret and Yorke."""
    a = np.array([0.3, -0.4, 0.2])
    mix = np.array([[2.0, 1.0, 0.0], [-1.0, 1.5, 0.5], [0.3, 0.0, 1.0]])

    def g(x):
        return mix @ x + 0.5 * np.sin(3.0 * x) - np.array([1.0, 2.0, -1.0])

    return RootSystem(
        lambda x, t: t * g(x) + (1 - t) * (x - a),
        n,
        jacobian=lambda x, t: t * (mix + np.diag(1.5 * np.cos(3.0 * x))) + (1 - t) * np.eye(n),
        dt=lambda x, t: g(x) - (x - a),
        x0=a,
    )


def proximal():
    """A proximal path on a small function of several minima."""
    objective = Function(
        lambda x: (
            float(np.sum(0.5 * x**2 - 0.4 * np.cos(2 * x)) + 0.3 * x[0] * x[1]),
            x + 0.8 * np.sin(2 * x) + 0.3 * np.array([x[1], x[0]]),
        ),
        True,
        2,
        hessp=lambda x, v: v + 1.6 * np.cos(2 * x) * v + 0.3 * v[::-1],
    )
    return Proximal(objective, np.array([1.1, -0.6]), mu=1.0)


FAMILIES = {
    family.name: family
    for family in (
        Family("s", curves.s_curve, curves.S_START, plain=False),
        Family("s4", s_curves, _solved(s_curves(), np.array([-1.5, -0.3, 0.3, 0.0]), 0.0), plain=False),
        Family("pitchfork", curves.pitchfork, np.zeros(1), -1.0, 1.0),
        Family("transcritical", transcritical, np.zeros(1), gradient=False),
        Family("bratu", bratu, np.zeros(20), gradient=False),
        Family("one", probability_one, np.array([0.3, -0.4, 0.2]), gradient=False),
        Family("proximal", proximal, np.array([1.1, -0.6])),
        Family("still", lambda: curves.moving_quadratic()[0], np.zeros(6)),
    )
}
