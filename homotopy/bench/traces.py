"""Bratu's problem on 200 points, 69 arclength steps of one length round the fold: compiled, by callbacks, by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_banded

import homotopy as hp
from homotopy.bench.contest import Contestant
from homotopy.continuation import ArclengthNewton, Fixed
from homotopy.homotopies import Bratu
from homotopy.homotopies.base import Homotopy
from homotopy.linalg import Tridiagonal

__all__ = ["by_hand", "ours"]

Array = NDArray[np.float64]
N, STEPS, LENGTH, TOLERANCE = 200, 69, 0.07, 1e-8
CURVATURE = (N + 1.0) ** 2


def residual(x: Array, t: float, e: Array) -> Array:
    """Return the gradient -u'' - t e^u by central differences; e is e^u."""
    g: Array = 2 * CURVATURE * x - t * e
    g[1:] -= CURVATURE * x[:-1]
    g[:-1] -= CURVATURE * x[1:]
    return g


def bands(t: float, e: Array) -> Array:
    """Return the three diagonals of the Jacobian, shape (3, N)."""
    made = np.full((3, N), -CURVATURE)
    np.subtract(2 * CURVATURE, t * e, out=made[1])
    return made


class CallbackBratu(Homotopy):
    """The same problem as a user writes it: NumPy callbacks, e^u kept, and the package's tridiagonal solver."""

    def __init__(self) -> None:
        self.size = N
        self.objective = self.at(1.0)
        self.last: tuple[Array, Array] = (np.empty(0), np.empty(0))
        self.off = np.full(N - 1, -CURVATURE)

    def e(self, x: Array) -> Array:
        """Return e^x, computed once a point: the tracker never writes into a point."""
        if self.last[0] is not x:
            self.last = (x, np.exp(x))
        return self.last[1]

    def value_and_grad(self, x: Array, t: float) -> tuple[float, Array]:
        """Return the energy and its gradient."""
        e = self.e(x)
        g = residual(x, t, e)
        return float(0.5 * x @ (g + t * e) - t * e.sum()), g

    def hessp(self, x: Array, t: float, v: Array) -> Array:
        """Return the Hessian times v."""
        product: Array = residual(v, 0.0, v) - t * self.e(x) * v
        return product

    def dt(self, x: Array, t: float) -> float:
        """Return the derivative of the energy in t."""
        del t
        return -float(self.e(x).sum())

    def dt_grad(self, x: Array, t: float) -> Array:
        """Return the derivative of the gradient in t."""
        del t
        slope: Array = -self.e(x)
        return slope

    def start(self, rng: Any = None) -> Array:
        """Return the solution at t = 0."""
        del rng
        return np.zeros(N)

    def factorize(self, x: Array, t: float) -> Tridiagonal:
        """Return an object that solves with the Hessian."""
        return Tridiagonal(self.off, 2 * CURVATURE - t * self.e(x), self.off)


def by_hand() -> tuple[float, Array]:
    """Return the last t and u of the trace, written as one loop in NumPy."""
    x, t, tx, tt = np.zeros(N), 0.0, np.zeros(N), 1.0
    wx, wt = 0.5 / N, 0.5
    pair = np.empty((N, 2))
    for step in range(STEPS + 1):
        e = np.exp(x)
        z = solve_banded((1, 1), bands(t, e), e, check_finite=False)
        dt = 1 / np.sqrt(wt + wx * (z @ z))
        if step and dt * (wt * tt + wx * (tx @ z)) < 0:
            dt = -dt
        tx, tt = z * dt, dt
        if step == STEPS:
            break
        guess, lam = x + LENGTH * tx, t + LENGTH * tt
        x, t = guess.copy(), lam
        for _ in range(8):
            e = np.exp(x)
            g = residual(x, t, e)
            if np.sqrt(g @ g) <= TOLERANCE:
                break
            pair[:, 0], pair[:, 1] = g, e
            s = solve_banded((1, 1), bands(t, e), pair, check_finite=False)
            plane = wx * (tx @ (x - guess)) + wt * tt * (t - lam)
            dl = (wx * (tx @ s[:, 0]) - plane) / (wt * tt + wx * (tx @ s[:, 1]))
            x = x - s[:, 0] + dl * s[:, 1]
            t += dl
    return t, x


def ours() -> list[Contestant]:
    """Return the package's contestants."""
    return [_tracked("homotopy", Bratu(N)), _tracked("homotopy callbacks", CallbackBratu())]


def _tracked(name: str, family: Homotopy) -> Contestant:
    corrector = ArclengthNewton(tolerance=TOLERANCE)
    control = Fixed(LENGTH)

    def run() -> Any:
        return hp.track(family, corrector=corrector, step_control=control, target=None, max_steps=STEPS)

    return Contestant(name, run, answer=lambda: float(run().points[-1].t))
