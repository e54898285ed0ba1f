"""Functions whose minima, saddles and barriers are known, in any units and turned any way."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import scipy.stats
from numpy.polynomial import Polynomial

from homotopy.landscape.barriers.matching import described
from homotopy.landscape.critical.points import CriticalPoints


class Wells:
    """The sum of polynomials of one variable each, with all their critical points real, turned and in any units.

    f(x) = unit_f sum_i p_i(z_i), z = R (x - center) / unit_x.
    """

    def __init__(self, polynomials, rng=None, *, unit_x=1.0, unit_f=1.0):
        self.parts = [Polynomial(p) for p in polynomials]
        self.slopes, self.bends = ([p.deriv(k) for p in self.parts] for k in (1, 2))
        self.size = len(self.parts)
        self.unit_x, self.unit_f = unit_x, unit_f
        turned = rng is not None and self.size > 1
        self.turn = scipy.stats.ortho_group.rvs(self.size, random_state=rng) if turned else np.eye(self.size)
        self.center = np.zeros(self.size) if rng is None else unit_x * rng.standard_normal(self.size)

    def inside(self, x):
        return self.turn @ (x - self.center) / self.unit_x

    def outside(self, z):
        return self.center + self.unit_x * (self.turn.T @ z)

    def value(self, x):
        return self.unit_f * float(sum(p(z) for p, z in zip(self.parts, self.inside(x), strict=True)))

    def grad(self, x):
        slopes = np.array([p(z) for p, z in zip(self.slopes, self.inside(x), strict=True)])
        return self.unit_f / self.unit_x * (self.turn.T @ slopes)

    def value_and_grad(self, x):
        return self.value(x), self.grad(x)

    def hessp(self, x, v):
        bends = np.array([p(z) for p, z in zip(self.bends, self.inside(x), strict=True)])
        return self.unit_f / self.unit_x**2 * (self.turn.T @ (bends * (self.turn @ v)))

    def critical(self):
        """Return all critical points."""
        roots = [np.sort(p.deriv().roots().real) for p in self.parts]
        return CriticalPoints(self, [described(self, self.outside(np.array(z))) for z in itertools.product(*roots)])


def double_well(rng, depth=1.0):
    """Return the coefficients of a polynomial of degree four with two minima, and its barrier from the higher one."""
    low, high = -rng.uniform(0.5, 2.0), rng.uniform(0.5, 2.0)
    p = depth * 4 * Polynomial.fromroots([low, rng.uniform(0.5 * low, 0.5 * high), high]).integ()
    ends = p(np.sort(p.deriv().roots().real))
    return p.coef, ends[1] - max(ends[0], ends[2])


@pytest.fixture
def wells():
    return Wells


@pytest.fixture
def well():
    return double_well
