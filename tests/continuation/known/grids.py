"""Boundary value problems -u'' = lambda f(u) on (0, 1), u = 0 at the ends, by second differences, with their truths.

The truth comes without a matrix: every positive solution is symmetric, so that the difference equation, marched from
the middle with value a, must end at zero; where also d(end)/da = 0 there is a fold.
"""

from dataclasses import dataclass
from functools import cached_property
from math import exp

import numpy as np
import scipy.sparse as sp
from scipy.optimize import root

from homotopy.continuation import RootSystem

__all__ = ["Grid", "bratu_2d"]


@dataclass(frozen=True)
class Grid:
    """-u'' = lambda exp(u / (1 + eps u)) at n inner points: Bratu's problem for eps = 0, else Chan's; lambda = span t.

    ``weight`` multiplies the equations: None is 1/h^2, as in every tutorial.
    """

    n: int
    eps: float = 0.0
    span: float = 8.0

    def _f(self, u):
        """Return f and f'."""
        d = 1.0 + self.eps * u
        f = np.exp(u / d)
        return f, f / d**2

    @cached_property
    def system(self):
        """The root system L u / h^2 + lambda f(u) = 0, with a sparse Jacobian."""
        n, span = self.n, self.span
        bands = [np.ones(n - 1), -2 * np.ones(n), np.ones(n - 1)]
        matrix = sp.diags_array(bands, offsets=[-1, 0, 1]).tocsc() * (n + 1) ** 2
        return RootSystem(
            lambda x, t: matrix @ x + span * t * self._f(x)[0],
            n,
            jacobian=lambda x, t: (matrix + sp.diags_array(span * t * self._f(x)[1])).tocsc(),
            dt=lambda x, t: span * self._f(x)[0],
        )

    def march(self, a, lam):
        """Return u at the end, from u = a in the middle, and its derivative in a; n must be odd."""
        q, u, v, eps = lam / (self.n + 1) ** 2, a, 1.0, self.eps
        du = dv = 0.0
        for i in range((self.n + 1) // 2):
            d = 1.0 + eps * u
            f = q * exp(u / d) * (0.5 if i == 0 else 1.0)
            du -= f
            dv -= f / d**2 * v
            u += du
            v += dv
        return u, v

    def fold(self, a, lam):
        """Return the middle value and lambda of the fold near a guess."""
        found = root(lambda z: self.march(*z), (a, lam), method="hybr", options={"xtol": 1e-14})
        assert np.abs(found.fun).max() < 1e-9, found.message
        return found.x


def bratu_2d(n):
    """Return 0 = L u + h^2 lambda exp(u) on n x n inner points of the unit square, lambda = 8 t, and its fold's lambda.

    The fold is found by Newton's method on the extended system F = 0, F_u v = 0, v'l = 1.
    """
    one = sp.diags_array([np.ones(n - 1), -2 * np.ones(n), np.ones(n - 1)], offsets=[-1, 0, 1])
    matrix = (sp.kron(one, sp.eye_array(n)) + sp.kron(sp.eye_array(n), one)).tocsc()
    q, size = 8.0 / (n + 1) ** 2, n * n
    system = RootSystem(
        lambda x, t: matrix @ x + q * t * np.exp(x),
        size,
        jacobian=lambda x, t: (matrix + sp.diags_array(q * t * np.exp(x))).tocsc(),
        dt=lambda x, t: q * np.exp(x),
    )
    s = np.sin(np.pi * np.arange(1, n + 1) / (n + 1))
    shape = np.outer(s, s).ravel()
    u, v, t = 1.39 * shape, shape / (shape @ shape), 6.8 / 8
    for _ in range(12):
        e = q * np.exp(u)
        jacobian = matrix + sp.diags_array(t * e)
        rows = [[jacobian, None, e[:, None]], [sp.diags_array(t * e * v), jacobian, (e * v)[:, None]]]
        extended = sp.block_array([*rows, [None, shape[None, :], None]], format="csc")
        f = np.concatenate([matrix @ u + t * e, jacobian @ v, [shape @ v - 1.0]])
        step = sp.linalg.spsolve(extended, -f)
        u, v, t = u + step[:size], v + step[size:-1], t + step[-1]
    assert np.abs(step).max() < 1e-10
    return system, 8.0 * t
