"""Many-start L-BFGS in JAX: Optax's, with its zoom line search, jitted and mapped over the starts."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax import lax

import homotopy as hp
from homotopy.bench import many
from homotopy.bench.contest import Contestant
from homotopy.bench.peers.jaxmany import loss_of

__all__ = ["CONTESTANTS"]


def _attempt(loss: Callable[[Any], Any], target: float) -> many.Attempt:
    """Return L-BFGS with ten pairs from many starts at once, until the last one has ended."""
    solver = optax.lbfgs(memory_size=10)
    both = optax.value_and_grad_from_state(loss)

    def one(x: Any, cap: Any) -> Any:
        def going(carry: Any) -> Any:
            _, state, i = carry
            value, slope = (optax.tree_utils.tree_get(state, name) for name in ("value", "grad"))
            at_work = (value > target) & jnp.isfinite(value) & jnp.any(slope != 0)
            return (i == 0) | ((i < cap) & at_work)

        def step(carry: Any) -> Any:
            x, state, i = carry
            value, slope = both(x, state=state)
            change, state = solver.update(slope, state, x, value=value, grad=slope, value_fn=loss)
            return optax.apply_updates(x, change), state, i + 1

        return loss(lax.while_loop(going, step, (x, solver.init(x), 0))[0])

    run = jax.jit(jax.vmap(one, (0, None)))
    return lambda X, cap: np.asarray(run(jnp.asarray(X), cap))


def _lbfgs(workload: str) -> list[Contestant]:
    problem = hp.problem(many.LBFGS[workload].problem)
    attempt = _attempt(loss_of(problem.objective), problem.target or 0.0)
    return [many.contestant("optax lbfgs", workload, attempt)]


CONTESTANTS = {workload: partial(_lbfgs, workload) for workload in many.LBFGS}
