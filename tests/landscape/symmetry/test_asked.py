"""What may be given as model, weights and data, and the one sentence for what may not."""

import numpy as np
import pytest

import homotopy as hp
from homotopy.errors import ArgumentError, DataError, EvaluationError
from homotopy.landscape import (
    canonical,
    distance,
    orbit_size,
    same_function,
    silent_unit,
    symmetric_directions,
    symmetries_of,
)
from homotopy.objectives.functions import Himmelblau

NET = hp.MLP((2, 2, 1))


@pytest.mark.parametrize("model", [3, None, "xor", Himmelblau(), object()])
def test_a_model_without_hidden_units_is_named(model):
    for call in (canonical, orbit_size, symmetric_directions):
        with pytest.raises(ArgumentError, match=r"model is .*; it must be a net of dense layers"):
            call(model, np.zeros(2))


@pytest.mark.parametrize(
    ("x", "match"),
    [
        (np.zeros(8), "x has shape"),
        (np.zeros((3, 3)), "x has shape"),
        ([np.nan] * 9, "x has entries that are not finite"),
        (["a"] * 9, "x must be a vector of real numbers"),
    ],
)
def test_weights_that_do_not_fit_are_named(x, match):
    for call in (canonical, orbit_size, symmetric_directions):
        with pytest.raises(ArgumentError, match=match):
            call(NET, x)
    with pytest.raises(ArgumentError, match=match.replace("x ", "y ")):
        distance(NET, np.zeros(9), x)


def test_data_that_do_not_fit_are_named():
    x = NET.init(0)
    with pytest.raises(DataError, match="X has values that are not finite"):
        same_function(NET, x, x, [[np.nan, 1.0]])
    with pytest.raises(ArgumentError, match="rtol"):
        same_function(NET, x, x, [[0.0, 1.0]], rtol=-1)
    with pytest.raises(ArgumentError, match="rtol"):
        orbit_size(NET, x, rtol=np.nan)
    with pytest.raises(ArgumentError):
        same_function(NET, x, x, np.zeros((2, 3)))
    with pytest.raises(ArgumentError, match="X has shape"):
        same_function(hp.TeacherStudent(2, 2), np.ones(4), np.ones(4), np.zeros((2, 3)))
    with pytest.raises(EvaluationError, match="not finite"):
        same_function(hp.MLP((1, 1, 1), "relu"), [1e200, 0.0, 1e200, 0.0], [0.0] * 4, [[1.0]])


def test_types_of_weights():
    single = hp.MLP((2, 3, 1), dtype=np.float32)
    x = single.init(0)
    assert canonical(single, x).dtype == np.float32
    assert np.array_equal(np.sort(np.abs(canonical(single, x))), np.sort(np.abs(x)))
    assert canonical(NET, list(range(9))).dtype == np.float64
    assert canonical(NET, np.arange(9)).tolist() == canonical(NET, np.arange(9.0)).tolist()
    assert same_function(single, x, canonical(single, x), np.random.default_rng(0).standard_normal((5, 2)))
    frozen = NET.init(0)
    frozen.flags.writeable = False
    before = frozen.copy()
    canonical(NET, frozen), distance(NET, frozen, frozen)
    assert np.array_equal(frozen, before)


@pytest.mark.parametrize("activation", ["tanh", "relu", "identity", "logistic"])
def test_a_net_without_hidden_layers_has_one_copy(activation):
    model, x = hp.MLP((2, 1), activation), np.array([1.0, -2.0, 3.0])
    assert canonical(model, x).tolist() == x.tolist()
    assert orbit_size(model, x) == 1
    assert distance(model, x, -x) == pytest.approx(2 * np.linalg.norm(x))
    assert symmetric_directions(model, x).shape == (0, 3)


def test_an_objective_with_weights_beside_its_net_is_refused():
    class Beside:
        model, size = NET, 12

    with pytest.raises(ArgumentError, match="must be a net of dense layers"):
        canonical(Beside(), np.zeros(12))


def test_small_differences_of_large_terms_are_no_difference():
    model = hp.MLP((1, 2, 1), "tanh", bias=False)
    x, y = [1.0, 1.0, 1e8, -1e8], [1.0, 1.0, 3e8, -3e8]  # both are the function 0
    assert same_function(model, x, y, [[0.3], [1.0]])
    assert not same_function(model, [1.0, 1.0, 1e8, 1e-3 - 1e8], y, [[0.3], [1.0]])


class Layered:
    """A net of dense layers that is no MLP."""

    def __init__(self, sizes, activation):
        self.inner = hp.MLP(sizes, "tanh")
        self.sizes, self.activation, self.size = sizes, activation, self.inner.size
        self.unpack, self.pack = self.inner.unpack, self.inner.pack


def test_foreign_nets_of_layers():
    x, y = np.random.default_rng(0).standard_normal((2, 23))
    foreign, own = Layered((2, 3, 2, 2), "tanh"), hp.MLP((2, 3, 2, 2))
    assert np.array_equal(canonical(foreign, x), canonical(own, x))
    assert distance(foreign, x, y) == distance(own, x, y)
    unknown = Layered((2, 3, 2, 2), "an activation of its own")  # units change places, and that is all that is known
    assert orbit_size(unknown, x) == 12
    assert distance(unknown, x, -x) > distance(own, x, -x)
    with pytest.raises(ArgumentError, match="forward"):
        same_function(foreign, x, y, np.zeros((1, 2)))
    with pytest.raises(ArgumentError, match="made wider"):
        silent_unit(foreign, x)


def test_nearest_copies_of_what_is_too_large_or_nowhere():
    rng = np.random.default_rng(0)
    for net in (NET, hp.MLP((2, 3, 2, 1))):
        x = rng.standard_normal(net.size)
        known = symmetries_of(Of(net)).nearest(x, canonical(net, x))
        np.testing.assert_allclose(known, x)
        for size in (1e-200, 1e200):
            np.testing.assert_allclose(symmetries_of(Of(net)).nearest(size * x, size * known), size * x)
        assert np.array_equal(symmetries_of(Of(net)).nearest(np.full(net.size, np.nan), x), x)


class Of:
    """An objective on a net."""

    def __init__(self, model):
        self.model = model


def test_linear_nets_whose_biases_overflow_are_named():
    model = hp.MLP((1, 1, 1, 1), "identity")
    with pytest.raises(EvaluationError, match="not finite"):
        canonical(model, np.full(model.size, 1e200))


@pytest.mark.parametrize("activation", ["tanh", "relu", "logistic", "identity", "softplus"])
def test_a_representative_is_its_own(activation):
    model = hp.MLP((2, 3, 4, 1), activation)
    form = canonical(model, np.random.default_rng(0).standard_normal(model.size))
    np.testing.assert_allclose(canonical(model, form), form, rtol=0, atol=1e-14)


@pytest.mark.parametrize("activation", ["tanh", "sin", "erf", "logistic", "relu"])
def test_large_weights_do_not_make_all_functions_one(activation):
    """What rounding may do grows from layer to layer, and beyond the outputs themselves: it is no excuse then."""
    rng = np.random.default_rng(0)
    net = hp.MLP((2, 4, 4, 4, 1), activation)
    X = rng.standard_normal((20, 2))
    for size in (1.0, 1e3, 1e5):
        x = size * rng.standard_normal(net.size)
        y = x + 1e-2 * size * rng.standard_normal(net.size)
        assert same_function(net, x, x, X)
        assert not same_function(net, x, y, X)
