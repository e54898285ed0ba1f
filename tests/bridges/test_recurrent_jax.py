"""Values, gradients and Hessian products of random risks are those of JAX.

All shapes are padded to one, so that JAX compiles once a cell: padding units are received by nobody, padding outputs
are -1e30 with targets 0 where the loss is of probabilities, and what is padded otherwise counts 0.
"""

from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from objectives.recurrent.members import CELLS, LOSSES, SMOOTH, STATES, member

from homotopy.bridges.fromjax.objective import double
from homotopy.models import RNN

N, T, D, H, K = 4, 5, 3, 4, 3
ACTIVATIONS = {
    "tanh": jnp.tanh,
    "logistic": jax.nn.sigmoid,
    "softplus": jax.nn.softplus,
    "erf": jax.lax.erf,
    "sin": jnp.sin,
    "gelu": lambda z: jax.nn.gelu(z, approximate=False),
    "identity": lambda z: z,
}


def step(cell, activation, P, state, x):
    """The states (N, s) behind one step of inputs (N, D)."""
    hidden, sigmoid = state[:, :H], jax.nn.sigmoid
    A, R = x @ P["U"].T + P["b"], hidden @ P["W"].T
    if cell == "elman":
        return jax.lax.switch(activation, [ACTIVATIONS[name] for name in SMOOTH], A + R)
    if cell == "gru":
        (ar, au, an), (rr, ru, rn) = jnp.split(A, 3, axis=1), jnp.split(R, 3, axis=1)
        u = sigmoid(au + ru)
        return (1 - u) * jnp.tanh(an + sigmoid(ar + rr) * (rn + P["e"])) + u * hidden
    i, f, g, o = jnp.split(A + R, 4, axis=1)
    carried = sigmoid(f) * state[:, H:] + sigmoid(i) * jnp.tanh(g)
    return jnp.concatenate([sigmoid(o) * jnp.tanh(carried), carried], axis=1)


def losses(z, y):
    """Every loss of each output row, summed over outputs."""
    squared = 0.5 * jnp.sum((z - y) ** 2, axis=-1)
    return squared, jnp.sum(jax.nn.softplus(z) - y * z, axis=-1), jax.nn.logsumexp(z, axis=-1) - jnp.sum(y * z, axis=-1)


@cache
def derivatives(cell):
    """The value, the gradient and the Hessian product of a padded risk, compiled."""

    def f(theta, data):
        ends = jnp.concatenate([theta, jnp.array([0.0, data["empty"]])])
        P = {name: ends[at] for name, at in data["places"].items()}

        def one(state, now):
            x, y, counts = now
            state = step(cell, data["activation"], P, state, x)
            z = state[:, :H] @ P["C"].T + P["c"]
            return state, counts @ jnp.stack(losses(z, y))[data["loss"]]

        each = jax.lax.scan(one, data["state"] + P["h0"], (data["X"], data["Y"], data["counts"]))[1]
        return each.sum() / data["counts"].sum() + data["l2"] / 2 * theta @ theta

    def all_of(theta, v, data):
        return jax.jvp(lambda x: jax.value_and_grad(f)(x, data), (theta,), (v,))

    return jax.jit(
        all_of, compiler_options={"xla_backend_optimization_level": 0, "xla_llvm_disable_expensive_passes": True}
    )


def padded(table, shape, fill=0.0):
    """A table at the beginning of a larger one."""
    out = np.full(shape, fill, dtype=np.asarray(table).dtype)
    out[tuple(slice(n) for n in np.shape(table))] = table
    return out


def of_units(table, h, axes):
    """A table whose axes of g h rows are padded to g H, block by block; its entries are places in theta."""
    for axis in axes:
        blocks = np.split(table, table.shape[axis] // h, axis=axis)
        empty = list(table.shape)
        empty[axis] = H - h
        table = np.concatenate([part for one in blocks for part in (one, np.full(empty, -2))], axis=axis)
    return table


def data_of(one):
    """The member's data, padded, and where the padded weights stand in theta."""
    risk, model, largest = one.risk, one.risk.model, RNN(D, H, K, cell=one.risk.model.cell, state="learned")
    own = model.unpack(np.arange(model.size))
    own.setdefault("h0", np.full(model.state_size, -2))
    axes = {"W": (0, 1), "U": (0,), "b": (0,), "e": (0,), "C": (1,), "c": (), "h0": (0,)}
    state = np.zeros((len(risk.X), 1)) if one.state is None else one.state
    index = of_units(np.arange(model.state_size), model.n_hidden, (0,))
    given = np.concatenate([state, np.zeros((len(state), 2))], axis=1)[:, index] if one.state is not None else state
    places = {
        name: padded(of_units(at, model.n_hidden, axes[name]), largest.shapes[name], -1 if name == "c" else -2)
        for name, at in own.items()
    }
    size = largest.size + 2
    return {
        "places": {name: np.where(at < 0, size + at, at) for name, at in places.items()},
        "empty": 0.0 if risk.loss.quadratic else -1e30,
        "X": padded(risk.X, (N, T, D)).swapaxes(0, 1),
        "Y": padded(one.Y, (N, T, K)).swapaxes(0, 1),
        "counts": padded(one.counts, (N, T)).T,
        "state": padded(given, (N, largest.state_size)),
        "l2": risk.l2,
        "loss": LOSSES.index(risk.loss.name),
        "activation": SMOOTH.index(model.activation),
    }


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(50))
def test_a_random_risk_is_that_of_jax(seed):
    one = member(500 + seed, cell=CELLS[seed % 3], state=STATES[seed // 3 % 3], loss=LOSSES[seed // 9 % 3])
    risk, x, v = one.risk, one.x, one.v
    size = RNN(D, H, K, cell=risk.model.cell, state="learned").size
    with double(jax):
        (value, grad), (_, product) = derivatives(risk.model.cell)(padded(x, (size,)), padded(v, (size,)), data_of(one))
    grad, product = np.asarray(grad)[: x.size], np.asarray(product)[: x.size]
    assert risk.value(x) == pytest.approx(float(value), rel=1e-10)
    np.testing.assert_allclose(risk.grad(x), grad, rtol=1e-10, atol=1e-10 * np.abs(grad).max())
    np.testing.assert_allclose(risk.hessp(x, v), product, rtol=1e-10, atol=1e-10 * np.abs(product).max())
