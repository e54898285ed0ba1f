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


class Separable:
    """sum_i p_i((A x)_i) with p_i' = prod_j (y - r_ij): the critical points are A^-1 of the grid of roots."""

    def __init__(self, A, roots):
        self.A, self.roots, self.size = np.asarray(A), [np.sort(r) for r in roots], len(roots)

    def _coefficients(self, number):
        """Of each p_i', lowest power first, in numbers of any kind."""
        for roots in self.roots:
            c = [number(1.0)]
            for r in roots.tolist():
                c = [(c[k - 1] if k else 0) - (c[k] * r if k < len(c) else 0) for k in range(len(c) + 1)]
            yield c

    def parts(self, y, number=float):
        """Values, slopes and bends of all p_i, the values by Horner's rule on the antiderivative."""
        out = []
        for c, a in zip(self._coefficients(number), y, strict=True):
            value = slope = bend = 0 * number(0.0)
            for k in range(len(c) - 1, -1, -1):
                bend = bend * a + slope
                slope = slope * a + c[k]
                value = value * a + c[k] / (k + 1)
            out.append((value * a, slope, bend))
        return out

    def value_and_grad(self, x):
        values, slopes, _ = np.array(self.parts(self.A @ x)).T
        return float(values.sum()), self.A.T @ slopes

    def hessp(self, x, v):
        return self.A.T @ (np.array(self.parts(self.A @ x))[:, 2] * (self.A @ v))

    def enclosed(self, x):
        import flint

        A = flint.arb_mat(self.A.tolist())
        parts = self.parts((A * flint.arb_mat([[c] for c in x])).entries(), flint.arb)
        D = flint.arb_mat([[p[2] if i == j else 0 for j in range(self.size)] for i, p in enumerate(parts)])
        g = (A.transpose() * flint.arb_mat([[p[1]] for p in parts])).entries()
        return sum(p[0] for p in parts), g, A.transpose() * D * A

    def critical(self):
        """All critical points in balls, with their indices: None where a root is double."""
        import itertools

        import flint

        A, found = flint.arb_mat(self.A.tolist()), []
        for grid in itertools.product(*(range(len(r)) for r in self.roots)):
            y = [r[k] for r, k in zip(self.roots, grid, strict=True)]
            double = any(np.sum(r == a) > 1 for r, a in zip(self.roots, y, strict=True))
            odd = sum((len(r) - 1 - k) % 2 for r, k in zip(self.roots, grid, strict=True))
            found.append((A.solve(flint.arb_mat([[float(a)] for a in y])).entries(), None if double else odd))
        return found
