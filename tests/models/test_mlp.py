"""The model: layout, initial weights, and arrays that it refuses."""

import pickle

import numpy as np
import pytest

from homotopy.errors import ArgumentError
from homotopy.models import MLP
from homotopy.models.activations import BY_NAME, activation, leaky_relu


def test_unpack_gives_views_and_pack_is_its_inverse():
    model = MLP([3, 4, 2], "relu")
    theta = model.init(0, scale=1.0)
    layers = model.unpack(theta)
    assert [(W.shape, b.shape) for W, b in layers] == [((4, 3), (4,)), ((2, 4), (2,))]
    assert np.array_equal(model.pack(layers), theta)
    layers[0][0][0, 1] = 7.0
    assert theta[1] == 7.0


def test_without_biases_a_linear_model_is_a_matrix():
    model = MLP([3, 2], bias=False)
    theta = np.arange(6.0)
    X = np.random.default_rng(0).standard_normal((5, 3))
    assert model.size == 6
    assert np.allclose(model.forward(theta, X), X @ theta.reshape(2, 3).T, rtol=1e-14)
    assert model.unpack(theta)[0][1] is None


def test_initial_weights_have_the_stated_spread():
    W, b = MLP([400, 500]).unpack(MLP([400, 500]).init(0))[0]
    assert np.std(W) == pytest.approx(1 / 20, rel=0.01)
    assert not b.any()
    W, b = MLP([400, 500]).unpack(MLP([400, 500]).init(0, scale=0.3))[0]
    assert np.std(W) == pytest.approx(0.3, rel=0.01)
    assert np.std(b) == pytest.approx(0.3, rel=0.15)


def test_initial_weights_follow_the_seed_and_the_dtype():
    model, single = MLP([2, 3, 1]), MLP([2, 3, 1], dtype=np.float32)
    assert np.array_equal(model.init(1), model.init(1))
    assert not np.array_equal(model.init(1), model.init(2))
    assert single.init(1).dtype == np.float32
    assert np.allclose(single.init(1), model.init(1))


def test_swapping_hidden_units_leaves_all_outputs():
    model = MLP([2, 2, 1], bias=False)
    one = np.array([-1.5, 2.0, 1.7, 0.4, 2.3, 0.8])
    other = np.array([1.7, 0.4, -1.5, 2.0, 0.8, 2.3])
    X = np.random.default_rng(0).standard_normal((50, 2))
    assert np.allclose(model.forward(one, X), model.forward(other, X), rtol=1e-14, atol=1e-15)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_an_empty_batch_has_no_outputs(dtype):
    model = MLP([3, 4, 2], dtype=dtype)
    theta = model.init(0)
    X = np.empty((0, 3), dtype)
    assert model.forward(theta, X).shape == (0, 2)
    assert model.jvp(theta, X, theta).shape == (0, 2)
    assert not model.vjp(theta, X, np.empty((0, 2), dtype)).any()


def test_read_only_arrays_are_read():
    model = MLP([3, 4, 2])
    theta, X = model.init(0), np.ones((2, 3))
    expected = model.forward(theta, X)
    theta.flags.writeable = X.flags.writeable = False
    assert np.array_equal(model.forward(theta, X), expected)


BAD = {
    "another dtype": (lambda t: t.astype(np.float32), "dtype float32"),
    "an integer dtype": (lambda t: t.astype(int), "dtype int64"),
    "a stride": (lambda t: np.repeat(t, 2)[::2], "not C-contiguous"),
    "another byte order": (lambda t: t.astype(">f8"), "dtype >f8"),
    "another length": (lambda t: t[:-1].copy(), "shape (25,)"),
    "two dimensions": (lambda t: t[None], "shape (1, 26)"),
    "a list": (list, "a list"),
    "nothing": (lambda t: None, "a NoneType"),
}


@pytest.mark.parametrize("kind", BAD)
def test_weights_of_another_kind_are_refused(kind):
    model = MLP([3, 4, 2])
    change, message = BAD[kind]
    theta, X = model.init(0), np.ones((2, 3))
    bad = change(theta)
    for call in (
        lambda: model.forward(bad, X),
        lambda: model.jvp(theta, X, bad),
        lambda: model.vjp(bad, X, np.ones((2, 2))),
    ):
        with pytest.raises(ArgumentError) as caught:
            call()
        assert message in str(caught.value)
        assert "must be a C-contiguous float64 array of shape (26,)" in str(caught.value)


def test_inputs_of_another_kind_are_refused():
    model = MLP([3, 4, 2])
    theta = model.init(0)
    for bad in (np.ones((2, 4)), np.ones(3), np.ones((3, 2)).T, np.ones((2, 3), np.float32), [[1.0, 2.0, 3.0]]):
        with pytest.raises(ArgumentError, match=r"X must be a C-contiguous float64 array of shape \(any, 3\)"):
            model.forward(theta, bad)
    with pytest.raises(ArgumentError, match="u must be"):
        model.vjp(theta, np.ones((2, 3)), np.ones((3, 2)))


@pytest.mark.parametrize("sizes", [[3], [], [3, 0, 1], [2, -1], [2.5, 1], "abc", 3, [2, None]])
def test_bad_sizes_are_refused(sizes):
    with pytest.raises(ArgumentError, match="sizes is"):
        MLP(sizes)


def test_other_bad_arguments_are_refused():
    with pytest.raises(ArgumentError, match="activation 'swish' is unknown; there are identity, tanh"):
        MLP([1, 1], "swish")
    with pytest.raises(ArgumentError, match="dtype is int64"):
        MLP([1, 1], dtype=int)
    with pytest.raises(ArgumentError, match="scale must be a positive finite number or None, not 0"):
        MLP([1, 1]).init(0, scale=0)
    with pytest.raises(ArgumentError, match="theta has shape"):
        MLP([1, 1]).unpack(np.ones(3))
    with pytest.raises(ArgumentError, match="layers has 1"):
        MLP([1, 1, 1]).pack([(np.ones((1, 1)), np.ones(1))])
    with pytest.raises(ArgumentError, match=r"layers\[0\]: b has none"):
        MLP([1, 1]).pack([(np.ones((1, 1)), None)])
    with pytest.raises(AttributeError, match="immutable"):
        MLP([1, 1]).sizes = (2, 1)


def test_a_model_survives_pickling_and_knows_its_equals():
    model = MLP([3, 4, 2], "erf", output="tanh", bias=False, dtype=np.float32)
    copy = pickle.loads(pickle.dumps(model))
    assert copy == model
    assert hash(copy) == hash(model)
    assert copy != MLP([3, 4, 2], "erf")
    assert repr(copy) == "MLP([3, 4, 2], 'erf', output='tanh', bias=False, dtype=float32)"


@pytest.mark.parametrize("name", [*BY_NAME, "leaky-relu:slope=0.3"])
def test_numpy_activations_agree_with_the_kernels(name):
    z = np.linspace(-3, 3, 41)
    kernel = MLP([1, 1], output=name).forward(np.array([1.0, 0.0]), z[:, None])[:, 0]
    chosen = activation(activation(name))
    assert np.allclose(chosen(z), kernel, rtol=1e-14, atol=1e-16)
    h = 1e-6
    slope = (chosen(z + h) - chosen(z - h)) / (2 * h)
    away = np.abs(z) > 1e-3
    assert np.allclose(chosen.derivative(z)[away], slope[away], atol=1e-8)
    assert activation("relu").derivative(np.zeros(1)) == 0
    assert activation("leaky-relu").derivative(np.zeros(1)) == 0.01


@pytest.mark.parametrize("name", [*BY_NAME, "leaky-relu:slope=0.3"])
def test_the_odd_part_is_linear_where_it_says_so(name):
    z = np.linspace(-6, 6, 101)
    chosen = activation(name)
    odd = chosen(z) - chosen(-z)
    c = odd @ z / (z @ z)
    linear = np.allclose(odd, c * z, atol=1e-13)
    assert linear == (chosen.odd_slope is not None)
    assert not linear or c == pytest.approx(chosen.odd_slope)


def test_a_leaky_relu_has_a_slope_of_its_own():
    model = MLP([2, 3, 1], "leaky-relu:slope=0.25", output="leaky-relu:slope=0.5")
    assert model.activation == "leaky-relu:slope=0.25"
    assert pickle.loads(pickle.dumps(model)) == model
    assert MLP([2, 3, 1], "leaky-relu:slope=0.01").activation == "leaky-relu"
    assert MLP([2, 3, 1], leaky_relu(0.3)) == MLP([2, 3, 1], "leaky-relu:slope=0.30")
    line = MLP([1, 1, 1], leaky_relu(0.25), output=leaky_relu(0.5))
    assert line.forward(np.array([1.0, 0.0, 1.0, 0.0]), np.array([[-8.0], [8.0]])).ravel().tolist() == [-1.0, 8.0]
    theta = np.random.default_rng(0).standard_normal(9)
    X = np.random.default_rng(1).standard_normal((50, 2))
    for slope, same in ((0, "relu"), (1, "identity")):
        assert np.array_equal(
            MLP([2, 2, 1], leaky_relu(slope)).forward(theta, X), MLP([2, 2, 1], same).forward(theta, X)
        )


@pytest.mark.parametrize("slope", ["2", "-0.1", "nan", "inf", "", "steep"])
def test_other_slopes_are_refused(slope):
    with pytest.raises(ArgumentError, match=r"slope is .*; it must be a number from 0 to 1"):
        activation(f"leaky-relu:slope={slope}")
    for name in ("leaky-relu:leak=0.1", "relu:slope=0.1", "leaky-relu:"):
        with pytest.raises(ArgumentError, match=f"activation '{name}' is unknown"):
            activation(name)
    with pytest.raises(ArgumentError, match="activation is 3; it must be a name or an Activation"):
        activation(3)
