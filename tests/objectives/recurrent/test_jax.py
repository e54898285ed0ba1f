"""Values, gradients and Hessian products of random risks are those of JAX."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from objectives.recurrent.members import CELLS, LOSSES, STATES, member

from homotopy.bridges.fromjax.objective import double

ACTIVATIONS = {
    "tanh": jnp.tanh,
    "logistic": jax.nn.sigmoid,
    "softplus": jax.nn.softplus,
    "erf": jax.lax.erf,
    "sin": jnp.sin,
    "gelu": lambda z: jax.nn.gelu(z, approximate=False),
    "identity": lambda z: z,
}


def step(model, P, state, x):
    """The states (n, s) behind one step of inputs (n, d)."""
    hidden, sigmoid = state[:, : model.n_hidden], jax.nn.sigmoid
    A, R = x @ P["U"].T + P["b"], hidden @ P["W"].T
    if model.cell == "elman":
        return ACTIVATIONS[model.activation](A + R)
    if model.cell == "gru":
        (ar, au, an), (rr, ru, rn) = jnp.split(A, 3, axis=1), jnp.split(R, 3, axis=1)
        u = sigmoid(au + ru)
        return (1 - u) * jnp.tanh(an + sigmoid(ar + rr) * (rn + P["e"])) + u * hidden
    i, f, g, o = jnp.split(A + R, 4, axis=1)
    cell = sigmoid(f) * state[:, model.n_hidden :] + sigmoid(i) * jnp.tanh(g)
    return jnp.concatenate([sigmoid(o) * jnp.tanh(cell), cell], axis=1)


def loss_of(name, z, y):
    """The loss of each output row, summed over outputs."""
    if name == "squared":
        return 0.5 * jnp.sum((z - y) ** 2, axis=-1)
    if name == "logistic":
        return jnp.sum(jax.nn.softplus(z) - y * z, axis=-1)
    return jax.nn.logsumexp(z, axis=-1) - jnp.sum(y * z, axis=-1)


def risk_of(one):
    """The member's risk as a function of theta."""
    risk, model = one.risk, one.risk.model

    def f(theta):
        P = model.unpack(np.arange(model.size))
        P = {name: theta[at.ravel()].reshape(at.shape) for name, at in P.items()}
        state = jnp.zeros((len(risk.X), model.state_size)) + P.get("h0", 0.0)
        state = state if one.state is None else jnp.asarray(one.state)
        total = 0.0
        for s in range(risk.n_steps):
            state = step(model, P, state, risk.X[:, s])
            z = state[:, : model.n_hidden] @ P["C"].T + P["c"]
            total += one.counts[:, s] @ loss_of(risk.loss.name, z, one.Y[:, s])
        return total / one.counts.sum() + risk.l2 / 2 * theta @ theta

    return f


@pytest.mark.parametrize("seed", range(50))
def test_a_random_risk_is_that_of_jax(seed):
    one = member(500 + seed, cell=CELLS[seed % 3], state=STATES[seed // 3 % 3], loss=LOSSES[seed // 9 % 3])
    risk, x, v = one.risk, one.x, one.v
    with double(jax):
        (value, grad), (_, product) = jax.jvp(jax.value_and_grad(risk_of(one)), (jnp.asarray(x),), (jnp.asarray(v),))
    assert risk.value(x) == pytest.approx(float(value), rel=1e-10)
    np.testing.assert_allclose(risk.grad(x), grad, rtol=1e-10, atol=1e-10 * np.abs(grad).max())
    np.testing.assert_allclose(risk.hessp(x, v), product, rtol=1e-10, atol=1e-10 * np.abs(product).max())
