"""The predator and its prey, a net for their law of motion, and the coupling to the data that fades."""

from __future__ import annotations

import importlib
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import solve_ivp
from scipy.interpolate import make_smoothing_spline

import homotopy as hp
from homotopy.homotopies import Homotopy

__all__ = ["DATA_SEED", "HIDDEN", "SIZE", "STEP", "Synchronized", "data", "doubled", "fun", "start", "times", "truth"]

Array = NDArray[np.float64]
COEFFICIENTS = (1.3, 0.9, 0.8, 1.8)
BEGIN = (0.44249296, 4.6280594)
STEP, TRAINED, FURTHER = 0.1, 61, 122
"""Time between samples; how many are trained on, t = 0 to 6; how many there are with those beyond, t to 12.1."""
NOISE, DATA_SEED = 0.05, 10
HIDDEN, SIZE = 32, 2 * 32 + 32 + 32 * 2 + 2
SMOOTHING, COUPLING = 1e-3, 6.0
"""The penalty of the spline's curvature, and k of the coupling; both of the authors' script."""


def times(n: int = FURTHER) -> Array:
    """Return the first n times of samples."""
    return STEP * np.arange(n)


@cache
def truth() -> Array:
    """Return the populations without noise, shape (122, 2)."""
    a, b, c, d = COEFFICIENTS

    def law(t: float, u: Array) -> list[float]:
        del t
        return [a * u[0] - b * u[0] * u[1], c * u[0] * u[1] - d * u[1]]

    found = solve_ivp(law, (0.0, 13.0), BEGIN, t_eval=times(), rtol=1e-11, atol=1e-12)
    return np.asarray(found.y.T)


def data(seed: int = DATA_SEED) -> Array:
    """Return noisy samples, shape (61, 2); the noise of a population is 5 % of its mean over them."""
    u = truth()[:TRAINED]
    return u + NOISE * u.mean(axis=0) * np.random.default_rng(seed).standard_normal(u.shape)


def start(seed: int) -> Array:
    """Return random weights of the 2-32-2 net, as torch draws them: U(-1, 1) over the root of a layer's inputs."""
    rng = np.random.default_rng(seed)
    shapes = ((HIDDEN * 2, 2), (HIDDEN, 2), (2 * HIDDEN, HIDDEN), (2, HIDDEN))
    return np.concatenate([rng.uniform(-1.0, 1.0, n) / np.sqrt(inputs) for n, inputs in shapes])


def doubled() -> tuple[Any, Any]:
    """Return JAX, and what makes a ``with`` block in which it computes in double precision."""
    import jax

    own = getattr(jax, "enable_x64", None)
    if own is None:  # older releases have it elsewhere
        own = importlib.import_module("jax.experimental").enable_x64
    return jax, lambda: own(True)


def fun(n: int, spline: Array | None = None, samples: Array | None = None) -> Any:
    """Return a function of JAX of weights and, behind them, lambda.

    Parameters
    ----------
    n : int
        Samples of the solution.
    spline : ndarray of shape (2 n - 1, 2) or None
        The smoothed data at all half steps; None couples to nothing.
    samples : ndarray of shape (n, 2) or None
        The data; with them the function is the mean square error, without them the solution, shape (n, 2).
    """
    import jax
    import jax.numpy as jnp

    pulls = np.zeros((2 * n - 1, 2)) if spline is None else spline
    middle = (pulls[:-2:2], pulls[1::2], pulls[2::2])

    def solution(x: Any) -> Any:
        W, b = x[: 2 * HIDDEN].reshape(HIDDEN, 2), x[2 * HIDDEN : 3 * HIDDEN]
        C, c, pull = x[3 * HIDDEN : 5 * HIDDEN].reshape(2, HIDDEN), x[5 * HIDDEN : SIZE], COUPLING * x[SIZE]

        def law(u: Any, toward: Any) -> Any:
            return C @ jax.nn.gelu(W @ u + b, approximate=False) + c + pull * (toward - u)

        def step(u: Any, near: Any) -> Any:
            left, half, right = near
            k1 = law(u, left)
            k2 = law(u + STEP / 2 * k1, half)
            k3 = law(u + STEP / 2 * k2, half)
            k4 = law(u + STEP * k3, right)
            new = u + STEP / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
            return new, new

        first = jnp.asarray(BEGIN)
        return jnp.concatenate([first[None], jax.lax.scan(step, first, middle)[1]])

    if samples is None:
        return solution
    return lambda x: jnp.mean((solution(x) - samples) ** 2)


class Synchronized(Homotopy):
    """The mean square error of the solution that is pulled toward the smoothed data by k lambda, lambda = 1 - t.

    Parameters
    ----------
    samples : ndarray of shape (n, 2)
        The data.

    Notes
    -----
    lambda is one more variable of a function that JAX differentiates, so that the derivatives in t come with those in
    the weights: this is how a homotopy of one's own is given.
    """

    def __init__(self, samples: Array) -> None:
        n = len(samples)
        u = [make_smoothing_spline(times(n), column, lam=SMOOTHING)(times(2 * n - 1) / 2) for column in samples.T]
        self.whole = hp.objective_from_jax(fun(n, np.stack(u, axis=1), samples), n=SIZE + 1)
        self.size = SIZE

    def _both(self, x: Array, t: float) -> Array:
        return np.append(x, 1.0 - t)

    def value_and_grad(self, x: Array, t: float) -> tuple[float, Array]:
        """Return H(x, t) and its gradient in x, shape (n,)."""
        value, grad = self.whole.value_and_grad(self._both(x, t))
        return float(value), np.asarray(grad[:-1])

    def hessp(self, x: Array, t: float, v: Array) -> Array:
        """Return the Hessian of H(., t) at x times v, shape (n,)."""
        return np.asarray(self.whole.hessp(self._both(x, t), np.append(v, 0.0))[:-1])

    def dt(self, x: Array, t: float) -> float:
        """Return the partial derivative in t."""
        return -float(self.whole.value_and_grad(self._both(x, t))[1][-1])

    def dt_grad(self, x: Array, t: float) -> Array:
        """Return the partial derivative in t of the gradient, shape (n,)."""
        return -np.asarray(self.whole.hessp(self._both(x, t), np.append(np.zeros(SIZE), 1.0))[:-1])

    def start(self, rng: Any = None) -> Array:
        """Return where L-BFGS ends on the coupled problem from random weights; `rng` is a seed."""
        return np.asarray(hp.descend(self.at(0.0), start(rng or 0), rule="lbfgs", n_steps=1000).x)
