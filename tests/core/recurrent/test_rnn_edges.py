"""Wide layers, what must make no difference to the compiled recurrent nets, and what they refuse."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from core.recurrent.kernel_members import CELLS, check_close, member

from homotopy._core import rnn, vmath
from homotopy.errors import ArgumentError
from homotopy.models import RNN

TANH, RELU, SQUARED = 1, 3, 0


@pytest.fixture
def restore_isa():
    yield
    rnn.use_isa(vmath.isa())


def risk_of(model, X, Y, steps=None, **more):
    return rnn.Risk(model, SQUARED, X, Y, np.ones(X.shape[:2]) if steps is None else steps, 0.0, **more)


def back_through_time(model, theta, X, Y):
    """Value and gradient of the mean squared loss at all steps of a tanh net, by matrices of all samples."""
    d, h, k, (n, T) = model.n_in, model.n_hidden, model.n_out, X.shape[:2]
    W, U, b, C, c = np.split(theta, np.cumsum([h * h, h * d, h, k * h]))
    W, U, C = W.reshape(h, h), U.reshape(h, d), C.reshape(k, h)
    H = [np.zeros((n, h))]
    for t in range(T):
        H.append(np.tanh(H[-1] @ W.T + X[:, t] @ U.T + b))
    e = [H[t + 1] @ C.T + c - Y[:, t] for t in range(T)]
    grads, back = [np.zeros_like(part) for part in (W, U, b, C, c)], np.zeros((n, h))
    for t in reversed(range(T)):
        delta = (back + e[t] @ C) * (1 - H[t + 1] ** 2)
        parts = (delta.T @ H[t], delta.T @ X[:, t], delta.sum(0), e[t].T @ H[t + 1], e[t].sum(0))
        grads = [own + part for own, part in zip(grads, parts, strict=True)]
        back = delta @ W
    return np.sum(np.square(e)) / (2 * n * T), np.concatenate([part.ravel() for part in grads]) / (n * T)


@pytest.mark.parametrize("isa", vmath.available())
@pytest.mark.parametrize("sizes", [(1, 65, 1), (140, 30, 2), (2, 63, 66), (60, 70, 40), (2, 30, 1)])
def test_wide_layers_and_narrow_ones_are_summed(isa, sizes, restore_isa):
    rng = np.random.default_rng(sum(sizes))
    model, n, T = RNN(*sizes), 37, 11
    X, Y = rng.standard_normal((n, T, sizes[0])), rng.standard_normal((n, T, sizes[2]))
    theta, v = rng.standard_normal((2, model.size)) / np.sqrt(sizes[1])
    rnn.use_isa(isa)
    risk = risk_of(model, X, Y)
    value, grad = back_through_time(model, theta, X, Y)
    got, slope = risk.value_and_grad(theta)
    assert got == pytest.approx(value, rel=1e-12)
    check_close(slope, grad, 1e-12)
    h = 1e-4
    ahead, behind = (back_through_time(model, theta + s * h * v, X, Y)[1] for s in (1, -1))
    check_close(risk.hessp(theta, v), (ahead - behind) / (2 * h), 1e-6)


@pytest.mark.parametrize("cell", CELLS)
def test_a_sample_counts_as_if_it_were_alone(cell):
    one = member(11, cell=cell, n=33, opened=False, state="given")
    n = len(one.steps)
    alone, totals = np.zeros(n), one.steps.sum(axis=1)
    for i in np.flatnonzero(totals):
        part = (np.ascontiguousarray(array[i : i + 1]) for array in (one.X, one.Y, one.steps, one.state))
        X, Y, steps, state = part
        code = ["squared", "logistic", "softmax"].index(one.loss)
        alone[i] = rnn.Risk(one.model, code, X, Y, steps, 0.0, state).value(one.x)
    expected = totals @ alone / totals.sum() + one.l2 / 2 * one.x @ one.x
    assert one.risk.value(one.x) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("n", [3, 8, 40])
def test_what_a_sequence_grows_to_behind_its_end_does_not_matter(n):
    model = RNN(1, 2, 1, "relu")
    theta, v = np.array([1e3, 0, 0, 1e3, 1, 1, 0, 0, 1, 1, 0.5]), np.ones(model.size)
    X, Y, steps = np.ones((n, 400, 1)), np.ones((n, 400, 1)), np.zeros((n, 400))
    X[-1] = -1.0  # its units stay at zero to its end; the others pass 1e308 long before, but end at their first step
    steps[:-1, 0] = steps[-1, 399] = 1.0
    risk = risk_of(model, X, Y, steps)
    value, grad = risk.value_and_grad(theta)
    assert value == pytest.approx(((n - 1) * 1.5**2 + 0.25) / (2 * n))
    assert grad[-1] == pytest.approx(((n - 1) * 1.5 - 0.5) / n)
    for product in (grad, risk.hessp(theta, v), risk.ggnp(theta, v)):
        assert np.isfinite(product).all()
    steps[0, 399] = 1.0
    assert not np.isfinite(risk_of(model, X, Y, steps).value(theta))


def test_units_of_weights_make_no_difference():
    one = member(12, opened=False)
    code = ["squared", "logistic", "softmax"].index(one.loss)
    for factor in (2.0**900, 2.0**-900):
        scaled = rnn.Risk(one.model, code, one.X, one.Y, one.steps * factor, one.l2, one.state)
        assert scaled.value(one.x) == one.risk.value(one.x)
        assert np.array_equal(scaled.grad(one.x), one.risk.grad(one.x))


def test_a_weight_that_is_no_number_gives_no_number():
    model = RNN(2, 3, 1)
    rng = np.random.default_rng(0)
    X, Y, x = rng.standard_normal((9, 4, 2)), rng.standard_normal((9, 4, 1)), rng.standard_normal(model.size)
    risk = risk_of(model, X, Y, opening=2.0)
    for bad in (np.nan, np.inf):
        for i in range(model.size):
            theta = x.copy()
            theta[i] = bad
            value = risk.value(theta, 0.5)
            # an infinite weight may saturate a unit, which is a number
            assert np.isnan(value) or (bad == np.inf and value >= 0)
            assert risk.grad(theta, 0.5).shape == risk.hessp(theta, x, 0.5).shape == (model.size,)
    assert np.isnan(risk.value(x, np.nan))


def test_threads_get_memory_of_their_own():
    rng = np.random.default_rng(1)
    model = RNN(2, 8, 1)
    risk = risk_of(model, rng.standard_normal((300, 40, 2)), rng.standard_normal((300, 40, 1)), opening=5.0)
    points = rng.standard_normal((24, model.size))
    expected = [(risk.value_and_grad(x, 0.7), risk.hessp(x, points[0], 0.7)) for x in points]
    with ThreadPoolExecutor(4) as pool:
        got = list(pool.map(lambda x: (risk.value_and_grad(x, 0.7), risk.hessp(x, points[0], 0.7)), points))
    for ((value, grad), product), ((f, g), p) in zip(got, expected, strict=True):
        assert value == f
        assert np.array_equal(grad, g)
        assert np.array_equal(product, p)


def test_read_only_arrays_are_read_and_others_refused():
    model = RNN(2, 3, 1)
    X, Y, steps, x = np.ones((4, 5, 2)), np.ones((4, 5, 1)), np.ones((4, 5)), np.ones(model.size)
    for array in (X, Y, steps, x):
        array.setflags(write=False)
    risk = risk_of(model, X, Y, steps)
    grad = np.empty(model.size)
    assert risk.evaluate_into(x, grad) == risk.value(x)
    assert np.array_equal(grad, risk.grad(x))
    with pytest.raises(ArgumentError, match="grad is read-only"):
        risk.evaluate_into(x, x)
    for bad in (X[:, ::2], X.astype(np.float32), X[0], np.ones((4, 5, 3)), None):
        with pytest.raises(ArgumentError, match="X must be a C-contiguous float64 array of shape"):
            rnn.Net.forward(model, x, bad)
    for bad in (Y[:3], Y[:, :, 0], Y.astype(np.float32)):
        with pytest.raises(ArgumentError, match="y must be a C-contiguous float64 array of shape"):
            risk_of(model, X, bad, steps)
    for bad in (x[:-1], x.astype(np.float32), np.ones((2, model.size))[:, 0]):
        for call in (risk.value, risk.grad, lambda one: risk.hessp(x, one), lambda one: risk.dt(one, 0.5)):
            with pytest.raises(ArgumentError, match="must be a C-contiguous float64 array of shape"):
                call(bad)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"steps": -np.ones((4, 5))}, "steps has a number that is negative or not finite"),
        ({"steps": np.full((4, 5), np.nan)}, "steps has a number that is negative or not finite"),
        ({"steps": np.zeros((4, 5))}, "steps counts nothing"),
        ({"steps": np.ones((4, 4))}, "steps must be a C-contiguous float64 array"),
        ({"opening": 0.5}, "opening is 0.5; it must be from 1 to the 5 steps"),
        ({"opening": 5.5}, "opening is 5.5; it must be from 1 to the 5 steps"),
        ({"steps": np.tile(np.arange(5) == 4, (4, 1)) * 1.0, "opening": 2.0}, "no step that counts is open"),
        ({"state": np.ones((4, 2))}, "state must be a C-contiguous float64 array"),
    ],
)
def test_a_risk_says_what_is_wrong(change, words):
    with pytest.raises(ArgumentError, match=words):
        risk_of(RNN(2, 3, 1), np.ones((4, 5, 2)), np.ones((4, 5, 1)), **change)


def test_a_net_says_what_is_wrong():
    with pytest.raises(ArgumentError, match="n_hidden is 0; it must be at least 1"):
        rnn.Net(1, 0, 1, TANH, 0, False, False)
    with pytest.raises(ArgumentError, match="activation has the code 99"):
        rnn.Net(1, 1, 1, 99, 0, False, False)
    with pytest.raises(ArgumentError, match="cell has the code 3"):
        rnn.Net(1, 1, 1, TANH, 3, False, False)
    with pytest.raises(ArgumentError, match="units of gru are tanh"):
        rnn.Net(1, 1, 1, RELU, 1, False, False)
    learned = rnn.Net(1, 2, 1, TANH, 0, True, False)
    with pytest.raises(ArgumentError, match="initial state is learned"):
        learned.forward(np.zeros(learned.size), np.zeros((3, 2, 1)), np.zeros((3, 2)))
    ones = np.ones((1, 1, 1), np.float32)
    single = risk_of(RNN(1, 1, 1, dtype=np.float32), ones, ones)
    with pytest.raises(ArgumentError, match="float32"):
        single.capsule()


@pytest.mark.parametrize("shape", [(0, 5, 2), (3, 0, 2), (0, 0, 2)])
def test_no_samples_and_no_steps_have_no_outputs(shape):
    net = rnn.Net(2, 3, 1, TANH, 2, True, False)
    theta, X = np.ones(net.size), np.ones(shape)
    assert net.forward(theta, X).shape == (*shape[:2], 1)
    assert net.states(theta, X).shape == (*shape[:2], 3)
    assert net.jvp(theta, X, theta).shape == (*shape[:2], 1)
    assert np.array_equal(net.vjp(theta, X, np.ones((*shape[:2], 1))), np.zeros(net.size))
