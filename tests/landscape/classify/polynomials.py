"""Polynomials in random linear coordinates, whose critical point at the middle is known."""

import numpy as np


class Monomials:
    """f(x) = unit * sum of c z^e, z = A (x - middle) / length: terms are pairs of a coefficient and exponents."""

    def __init__(self, terms, *, seed=None, unit=1.0, length=1.0, constant=0.0, middle=1.0):
        self.c = np.array([c for c, _ in terms], dtype=float) * unit
        self.E = np.array([e for _, e in terms])
        self.size = self.E.shape[1]
        rng = np.random.default_rng(seed)
        self.A, self.middle = np.eye(self.size), np.zeros(self.size)
        if seed is not None:
            q = np.linalg.qr(rng.standard_normal((self.size, self.size)))[0]
            self.A = q @ np.diag(rng.uniform(0.5, 2.0, self.size)) @ np.linalg.qr(rng.standard_normal(q.shape))[0]
            self.middle = middle * length * rng.standard_normal(self.size)
        self.A = self.A / length
        self.constant = constant * unit

    def _terms(self, z, E, c):
        return c * np.prod(np.where(E > 0, z ** np.maximum(E, 0), 1.0), axis=1) * (E >= 0).all(axis=1)

    def _lowered(self, E, c, i):
        lower = E.copy()
        lower[:, i] -= 1
        return np.maximum(lower, 0), c * E[:, i]

    def value_and_grad(self, x):
        z = self.A @ (x - self.middle)
        grad = np.array([self._terms(z, *self._lowered(self.E, self.c, i)).sum() for i in range(self.size)])
        return self.constant + self._terms(z, self.E, self.c).sum(), self.A.T @ grad

    def value(self, x):
        return self.value_and_grad(x)[0]

    def hessian(self, x):
        z, n = self.A @ (x - self.middle), self.size
        H = np.empty((n, n))
        for i in range(n):
            first = self._lowered(self.E, self.c, i)
            for j in range(n):
                H[i, j] = self._terms(z, *self._lowered(*first, j)).sum()
        return self.A.T @ H @ self.A

    def hessp(self, x, v):
        return self.hessian(x) @ v
