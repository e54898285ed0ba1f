"""Recurrent nets in JAX: a scan over the steps, the products with the inputs of all steps taken before it."""

from __future__ import annotations

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from homotopy.bench import sequences
from homotopy.bench.contest import Contestant

__all__ = ["CONTESTANTS"]

jax.config.update("jax_enable_x64", True)


def _loss(workload: str) -> Any:
    data, row = sequences.sequences(workload), sequences.ROWS[workload]
    X, y = jnp.asarray(np.ascontiguousarray(data.X.swapaxes(0, 1))), jnp.asarray(data.y)

    def loss(theta: Any) -> Any:
        W, U, b, C, c = sequences.unpacked(workload, theta)

        def step(h: Any, a: Any) -> Any:
            return jnp.tanh(h @ W.T + a), None

        h, _ = lax.scan(step, jnp.zeros((row.batch, row.hidden)), X @ U.T + b)
        return 0.5 * jnp.mean(jnp.sum((h @ C.T + c - y) ** 2, axis=1))

    return loss


def _contestants(workload: str) -> list[Contestant]:
    f, data = _loss(workload), sequences.sequences(workload)
    theta, v = jnp.asarray(data.theta), jnp.asarray(data.direction)
    both = jax.jit(jax.value_and_grad(f))
    hessp = jax.jit(lambda x, v: jax.jvp(jax.grad(f), (x,), (v,))[1])
    return [
        Contestant(
            "jax scan",
            lambda: jax.block_until_ready(both(theta)),
            answer=lambda: float(jnp.linalg.norm(both(theta)[1])),
        ),
        Contestant(
            "jax hessp",
            lambda: jax.block_until_ready(hessp(theta, v)),
            answer=lambda: float(jnp.linalg.norm(hessp(theta, v))),
        ),
    ]


CONTESTANTS = {workload: partial(_contestants, workload) for workload in sequences.ROWS}
