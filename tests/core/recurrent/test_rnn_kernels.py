"""The compiled recurrent nets against tests/reference_rnn.py, on every instruction set and in both types."""

import numpy as np
import pytest
import reference_rnn
from core.recurrent.kernel_members import ACTIVATIONS, CELLS, LOSSES, check_close, member

from homotopy._core import rnn, vmath


@pytest.fixture
def restore_isa():
    yield
    rnn.use_isa(vmath.isa())


def check_truth(one, rtol):
    value, grad, hessp, ggnp = one.truth()
    got, slope = one.risk.value_and_grad(one.x, one.t)
    assert got == pytest.approx(value, rel=rtol, abs=rtol)
    assert one.risk.value(one.x, one.t) == got
    assert slope.dtype == one.x.dtype
    check_close(slope, grad, 10 * rtol)
    check_close(one.risk.hessp(one.x, one.v, one.t), hessp, 20 * rtol)
    check_close(one.risk.ggnp(one.x, one.v, one.t), ggnp, 20 * rtol)


@pytest.mark.parametrize("seed", range(60))
def test_value_gradient_and_products_agree_with_the_reference(seed):
    check_truth(member(seed), 1e-12)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_activation_and_loss(activation, loss):
    check_truth(member(200, cell="elman", activation=activation, loss=loss), 1e-12)


@pytest.mark.parametrize("state", ["zero", "learned", "given"])
@pytest.mark.parametrize("cell", CELLS)
def test_every_cell_and_state(cell, state):
    for seed in (300, 301):
        check_truth(member(seed, cell=cell, state=state), 1e-12)


@pytest.mark.parametrize("isa", vmath.available())
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_every_instruction_set_and_type(isa, dtype, restore_isa):
    rnn.use_isa(isa)
    for seed in range(1000, 1012):
        check_truth(member(seed, dtype), 2e-5 if dtype == np.float32 else 1e-12)


@pytest.mark.parametrize("seed", range(20))
def test_outputs_and_their_derivatives_agree_with_the_reference(seed):
    one = member(400 + seed)
    model, rng = one.model, np.random.default_rng(seed)
    z, z_i, z_v, _ = reference_rnn.outputs(model, one.x, one.X, one.v, one.state)
    G = rng.standard_normal(z.shape)
    check_close(rnn.Net.forward(model, one.x, one.X, one.state), z, 1e-12)
    check_close(rnn.Net.jvp(model, one.x, one.X, one.v, one.state), z_v, 1e-11)
    check_close(rnn.Net.vjp(model, one.x, one.X, G, one.state), np.einsum("ntk,pntk->p", G, z_i), 1e-11)
    parts = reference_rnn.parts(model, one.x, one.v)
    hidden = rnn.Net.states(model, one.x, one.X, one.state)
    assert hidden.shape == (*one.X.shape[:2], model.n_hidden)
    check_close(hidden @ parts["C"].a.T + parts["c"].a, z, 1e-12)


@pytest.mark.parametrize("seed", range(12))
def test_derivatives_in_t_are_exact(seed):
    one = member(500 + seed, opened=True, activation="tanh")
    t, h, T = 0.37, 1e-4, one.X.shape[1]
    opened = one.opening * (T / one.opening) ** t if one.opening is not None else 0.5
    assert abs(opened - round(opened)) > 0.02 or T <= 2  # else a difference crosses where a step opens

    def central(f):
        return (8 * (f(t + h) - f(t - h)) - (f(t + 2 * h) - f(t - 2 * h))) / (12 * h)

    risk, x = one.risk, one.x
    assert risk.dt(x, t) == pytest.approx(central(lambda s: risk.value(x, s)), rel=1e-7, abs=1e-8)
    check_close(risk.dt_grad(x, t), central(lambda s: risk.grad(x, s)), 1e-6)


@pytest.mark.parametrize("cell", CELLS)
def test_a_capsule_gives_the_same_numbers(cell):
    from homotopy._core.many import value_and_grad_many

    one = member(7, cell=cell)
    values, grads = value_and_grad_many(one.risk.capsule(), np.stack([one.x, one.v]), one.t)
    for row, x in enumerate((one.x, one.v)):
        value, grad = one.risk.value_and_grad(x, one.t)
        assert values[row] == value
        assert np.array_equal(grads[row], grad)
