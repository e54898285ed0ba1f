"""Objectives with known critical points that offer balls of their own, and Newton's method in floats."""

import numpy as np


def newton(objective, x, n_steps=30):
    for _ in range(n_steps):
        H = np.array([objective.hessp(x, v) for v in np.eye(x.size)])
        x = x - np.linalg.lstsq(H, objective.grad(x), rcond=1e-13)[0]
    return np.ascontiguousarray(x)


class Wells:
    """sum_i f (a_i y_i^4 / 4 - b_i y_i^2 / 2), y = Q x / unit: 3^n critical points y_i in {0, +-sqrt(b_i / a_i)}."""

    def __init__(self, rng, n, unit=1.0, height=1.0):
        self.size, self.unit, self.height = n, unit, height
        self.Q = np.linalg.qr(rng.standard_normal((n, n)))[0]
        self.a, self.b = rng.uniform(0.5, 2.0, (2, n))

    def point(self, digits):
        """Where y has the signs `digits`, and its index: the number of zeros."""
        y = np.asarray(digits) * np.sqrt(self.b / self.a)
        return self.unit * np.linalg.solve(self.Q, y), sum(d == 0 for d in digits)

    def value_and_grad(self, x):
        y = self.Q @ x / self.unit
        value = self.height * np.sum(self.a * y**4 / 4 - self.b * y**2 / 2)
        return value, self.height / self.unit * self.Q.T @ (self.a * y**3 - self.b * y)

    def hessp(self, x, v):
        y = self.Q @ x / self.unit
        return self.height / self.unit**2 * self.Q.T @ ((3 * self.a * y**2 - self.b) * (self.Q @ v))

    def enclosed(self, x):
        import flint

        Q = flint.arb_mat(self.Q.tolist())
        y = (Q * flint.arb_mat([[c / self.unit] for c in x])).entries()
        terms = list(zip(y, self.a.tolist(), self.b.tolist(), strict=True))
        value = sum(self.height * (a * c * c * c * c / 4 - b * c * c / 2) for c, a, b in terms)
        slopes = flint.arb_mat([[self.height * (a * c * c * c - b * c) / self.unit] for c, a, b in terms])
        bends = [self.height * (3 * a * c * c - b) / self.unit / self.unit for c, a, b in terms]
        D = flint.arb_mat([[bend if i == j else 0 for j in range(self.size)] for i, bend in enumerate(bends)])
        return value, (Q.transpose() * slopes).entries(), Q.transpose() * D * Q
