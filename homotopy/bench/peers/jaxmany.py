"""Many-start Levenberg-Marquardt in JAX, written out, jitted and mapped over the starts; and the losses of problems."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.scipy.linalg import cho_factor, cho_solve

import homotopy as hp
from homotopy.bench import many, nets
from homotopy.bench.contest import Contestant

__all__ = ["CONTESTANTS", "loss_of", "population"]

jax.config.update("jax_enable_x64", True)

ACTIVATIONS = {"tanh": jnp.tanh, "relu": jax.nn.relu}


def residual_of(f: hp.EmpiricalRisk) -> Callable[[Any], Any]:
    """Return outputs minus targets over the root of the number of samples: half its square is the risk."""
    X, y = jnp.asarray(f.X), jnp.asarray(f.y)

    def residual(theta: Any) -> Any:
        (W, b), (V, c) = nets.layers(f.model.sizes, theta)
        h = ACTIVATIONS[str(f.model.activation)](X @ W.T + b)
        return (h @ V.T + c - y).ravel() / np.sqrt(len(f.X))

    return residual


def loss_of(f: Any) -> Callable[[Any], Any]:
    """Return the value of a small net's risk, or of the teacher-student risk for 20 unit vectors."""
    if not isinstance(f, hp.EmpiricalRisk):
        return population
    residual = residual_of(f)
    return lambda theta: 0.5 * jnp.sum(residual(theta) ** 2)


def population(x: Any) -> Any:
    """Return the teacher-student risk for 20 unit vectors."""
    W = x.reshape(20, 20)
    n = jnp.sqrt(jnp.sum(W * W, axis=1))
    own = jnp.clip((W @ W.T) / (n[:, None] * n), -1 + 1e-15, 1 - 1e-15)
    cross = jnp.clip(W / n[:, None], -1 + 1e-15, 1 - 1e-15)

    def kernel(c: Any) -> Any:
        return jnp.sqrt(1 - c * c) + (jnp.pi - jnp.arccos(c)) * c

    pairs = jnp.where(jnp.eye(20, dtype=bool), jnp.pi, kernel(jnp.where(jnp.eye(20, dtype=bool), 0.0, own)))
    constant = 0.5 * (20 * 0.5 + 20 * 19 / (2 * np.pi))
    return (0.5 * jnp.sum(n[:, None] * n * pairs) - jnp.sum(n[:, None] * kernel(cross))) / (2 * jnp.pi) + constant


def _attempt(residual: Callable[[Any], Any], shape: tuple[int, int], target: float) -> many.Attempt:
    """Return Levenberg-Marquardt with Nielsen's damping from many starts at once, until the last one has ended."""
    n, p = shape
    jacobian = jax.jacrev(residual) if n < p else jax.jacfwd(residual)

    def half_square(x: Any) -> Any:
        return 0.5 * jnp.sum(residual(x) ** 2)

    def one(x: Any, cap: Any) -> Any:
        def going(carry: Any) -> Any:
            _, value, damping, _, i = carry
            return (i < cap) & (value > target) & (damping < 1e20)

        def step(carry: Any) -> Any:
            x, value, damping, factor, i = carry
            J = jacobian(x)
            A, g = J.T @ J, J.T @ residual(x)
            damping = jnp.where(i == 0, 1e-3 * jnp.max(jnp.diag(A)), damping)
            d = -cho_solve(cho_factor(A + damping * jnp.eye(p)), g)
            tried = half_square(x + d)
            gain = (value - tried) / (0.5 * d @ (damping * d - g))
            better = gain > 0
            shrunk = damping * jnp.maximum(1 / 3, 1 - (2 * gain - 1) ** 3)
            damping = jnp.where(better, shrunk, damping * factor)
            moved = jnp.where(better, x + d, x), jnp.where(better, tried, value)
            return *moved, damping, jnp.where(better, 2.0, 2 * factor), i + 1

        return lax.while_loop(going, step, (x, half_square(x), 0.0, 2.0, 0))[1]

    run = jax.jit(jax.vmap(one, (0, None)))
    return lambda X, cap: np.asarray(run(jnp.asarray(X), cap))


def _lm(workload: str) -> list[Contestant]:
    problem = hp.problem(many.LM[workload].problem)
    f: Any = problem.objective
    attempt = _attempt(residual_of(f), (f.y.size, f.size), problem.target or 0.0)
    return [many.contestant("jax lm", workload, attempt)]


CONTESTANTS = {workload: partial(_lm, workload) for workload in many.LM}
