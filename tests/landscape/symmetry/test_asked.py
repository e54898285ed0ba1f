"""What may be given as model, weights and data, and the one sentence for what may not."""

import numpy as np
import pytest

import homotopy as hp
from homotopy.errors import ArgumentError, DataError, EvaluationError
from homotopy.landscape import canonical, distance, orbit_size, same_function, symmetric_directions
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
