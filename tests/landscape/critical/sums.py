"""Sums of double wells in linear coordinates: 2^d minima and 3^d critical points, known in number and index."""

from math import comb

import numpy as np

__all__ = ["Wells", "WellsWithProducts", "counted", "counts"]


class Wells:
    """f(x) = height sum_i (a_i y_i^4/4 - b_i y_i^2/2 + c_i y_i) + coupling y_0 y_1, y = M x, in plain Python."""

    def __init__(self, d, rng, *, rotated=False, crossed=False, height=1.0, coupling=0.0):
        self.size, self.height, self.coupling = d, height, coupling
        self.a, self.b, self.c = rng.uniform(0.5, 2, d), rng.uniform(0.5, 2, d), rng.uniform(-0.09, 0.09, d)
        turn = np.linalg.qr(rng.standard_normal((d, d)))[0] if rotated else np.eye(d)
        self.units = 10.0 ** rng.uniform(-3, 3, d) if crossed else np.ones(d)
        self.M = turn / self.units

    def value_and_grad(self, x):
        y = self.M @ x
        value = (self.a * y**4 / 4 - self.b * y**2 / 2 + self.c * y).sum()
        slope = self.a * y**3 - self.b * y + self.c
        if self.coupling:
            value += self.coupling * y[0] * y[1]
            slope[:2] += self.coupling * y[1::-1]
        return self.height * value, self.height * (self.M.T @ slope)

    def starts(self, r, rng):
        """Return r starts of the size of the variables."""
        return self.units * rng.standard_normal((r, self.size))


class WellsWithProducts(Wells):
    """The same with exact Hessian-vector products."""

    def hessp(self, x, v):
        w = (3 * self.a * (self.M @ x) ** 2 - self.b) * (self.M @ v)
        if self.coupling:
            w[:2] += self.coupling * (self.M @ v)[1::-1]
        return self.height * (self.M.T @ w)


def counted(points):
    """Return how many points of each index a census has."""
    return {index: len(some) for index, some in points.by_index().items()}


def counts(d):
    """Return how many points there are of each index: one maximum or two minima of each function."""
    return {index: comb(d, index) * 2 ** (d - index) for index in range(d + 1)}
