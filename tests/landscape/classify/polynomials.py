"""Polynomials in random linear coordinates, whose critical point at the middle is known."""

import numpy as np


class Monomials:
    """f(x) = unit * (constant + sum of c z^e), z = A (x - middle); terms are pairs of a coefficient and exponents."""

    def __init__(self, terms, *, seed=None, unit=1.0, length=1.0, constant=0.0):
        c = np.array([c for c, _ in terms], dtype=float) * unit
        E = np.array([e for _, e in terms])
        n = self.size = E.shape[1]
        self.A, self.middle = np.eye(n), np.zeros(n)
        if seed is not None:
            rng = np.random.default_rng(seed)
            left, right = (np.linalg.qr(rng.standard_normal((n, n)))[0] for _ in range(2))
            self.A = left @ np.diag(rng.uniform(0.5, 2.0, n)) @ right
            self.middle = length * rng.standard_normal(n)
        self.A, self.constant = self.A / length, constant * unit
        first = [(c * E[:, i], np.maximum(E - np.eye(n, dtype=int)[i], 0)) for i in range(n)]
        second = [(b * F[:, j], np.maximum(F - np.eye(n, dtype=int)[j], 0)) for b, F in first for j in range(n)]
        self.parts = [[np.concatenate(p) for p in zip(*group, strict=True)] for group in ([(c, E), *first], second)]

    def _sums(self, x, part):
        c, E = self.parts[part]
        return c * np.prod((self.A @ (x - self.middle)) ** E, axis=1)

    def value_and_grad(self, x):
        sums = self._sums(x, 0).reshape(1 + self.size, -1).sum(axis=1)
        return self.constant + sums[0], self.A.T @ sums[1:]

    def value(self, x):
        return self.value_and_grad(x)[0]

    def hessian(self, x):
        sums = self._sums(x, 1).reshape(self.size, self.size, -1).sum(axis=2)
        return self.A.T @ sums @ self.A

    def hessp(self, x, v):
        return self.hessian(x) @ v
