"""Bad input of models and losses: one sentence that names the argument, its value and what is allowed."""

import numpy as np
import pytest

from homotopy.errors import ArgumentError, DataError
from homotopy.models import MLP
from homotopy.models.losses import loss

MODEL = MLP([2, 3, 1])
LINE = MLP([1, 1])
SIZES = "sizes is {}; it must be at least two positive integers: inputs, ..., outputs"
FLOATS = "dtype is {}; it must be float64 or float32"
SCALE = "scale must be a positive finite number or None, not {}"
SEED = "rng must be a Generator, an integer >= 0 or None, not {}"
REAL = "{} must be an array of real numbers, not {}"
ONE = np.ones(1)

MODELS = {
    "sizes are text": (lambda: MLP("23"), SIZES.format("'23'")),
    "a truth value": (lambda: MLP([True, 2]), SIZES.format("[True, 2]")),
    "too large for C": (lambda: MLP([2**31, 2]), SIZES.format("[2147483648, 2]")),
    "NaN": (lambda: MLP([np.nan, 2]), SIZES.format("[nan, 2]")),
    "infinity": (lambda: MLP([np.inf, 2]), SIZES.format("[inf, 2]")),
    "no order": (lambda: MLP({2, 3}), SIZES.format("{2, 3}")),
    "a table": (lambda: MLP(np.ones((2, 2), int)), "sizes is array"),
    "weights beyond memory": (lambda: MLP([2**30] * 3), "weights; there must be fewer than 1099511627776"),
    "an unknown dtype": (lambda: MLP([1, 1], dtype="foo"), FLOATS.format("'foo'")),
    "a number as dtype": (lambda: MLP([1, 1], dtype=3), FLOATS.format("3")),
    "complex": (lambda: MLP([1, 1], dtype=complex), FLOATS.format("complex128")),
    "another byte order": (lambda: MLP([1, 1], dtype=">f8"), FLOATS.format(">f8")),
    "no activation": (lambda: MLP([1, 1], None), "activation is None; it must be a name or an Activation"),
    "a function": (lambda: MLP([1, 1], np.tanh), "activation is <ufunc 'tanh'>; it must be a name or an Activation"),
    "a number as output": (lambda: MLP([1, 1], output=3), "activation is 3; it must be a name or an Activation"),
    "bias as text": (lambda: MLP([1, 1], bias="no"), "bias is 'no'; it must be True or False"),
    "bias as an array": (lambda: MLP([1, 1], bias=np.ones(2)), "bias is array([1., 1.]); it must be True or False"),
    "a seed as text": (lambda: MODEL.init("a"), SEED.format("'a'")),
    "a negative seed": (lambda: MODEL.init(-1), SEED.format("-1")),
    "half a seed": (lambda: MODEL.init(1.5), SEED.format("1.5")),
    "scale as text": (lambda: MODEL.init(0, scale="a"), SCALE.format("'a'")),
    "scale as an array": (lambda: MODEL.init(0, scale=np.ones(2)), SCALE.format("array([1., 1.])")),
    "a complex scale": (lambda: MODEL.init(0, scale=1j), SCALE.format("1j")),
    "no layers": (lambda: MODEL.pack(3), "layers is 3; it must be a list of pairs (W, b)"),
    "no pair": (lambda: MODEL.pack([1, 2]), "layers[0] is 1; it must be a pair (W, b)"),
    "three arrays": (lambda: MODEL.pack([(1, 2, 3), (1, 2)]), "layers[0] is (1, 2, 3); it must be a pair (W, b)"),
    "weights as text": (lambda: LINE.pack([("a", ONE)]), REAL.format("layers[0]: W", "'a'")),
    "ragged weights": (lambda: LINE.pack([([[1, 2], [3]], ONE)]), REAL.format("layers[0]: W", "[[1, 2], [3]]")),
    "complex weights": (lambda: LINE.pack([(np.array([[1j]]), ONE)]), "layers[0]: W must be an array of real numbers"),
    "no weights": (lambda: LINE.pack([(None, ONE)]), "layers[0]: W has none; the model has shape (1, 1)"),
    "theta as a list": (lambda: MODEL.unpack([1, 2]), "theta is [1, 2]; it must be an array of shape (13,)"),
    "no theta": (lambda: MODEL.unpack(None), "theta is None; it must be an array of shape (13,)"),
}


@pytest.mark.parametrize("case", MODELS)
def test_a_model_says_what_it_refuses(case):
    call, message = MODELS[case]
    with pytest.raises(ArgumentError) as caught:
        call()
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


TARGETS = {
    "ragged": ("squared", [[1], [2, 3]], 1, ArgumentError, REAL.format("y", "[[1], [2, 3]]")),
    "text": ("squared", ["a", "b"], 1, ArgumentError, REAL.format("y", "['a', 'b']")),
    "labels as text": ("softmax", ["a", "b"], 2, ArgumentError, REAL.format("y", "['a', 'b']")),
    "nothing": ("logistic", None, 1, ArgumentError, REAL.format("y", "None")),
    "complex": ("squared", [1j, 2], 1, ArgumentError, REAL.format("y", "[1j, 2]")),
    "dates": ("squared", np.array(["2020-01-01"], "datetime64[D]"), 1, ArgumentError, "y must be an array of real"),
    "masked": ("squared", np.ma.masked_array([1.0, 2], [True, False]), 1, ArgumentError, "y must be an array of real"),
    "an integer too large": ("squared", [10**400, 1], 1, DataError, "y has values that are not finite"),
    "another shape": ("squared", np.ones((2, 2)), 1, ArgumentError, "y has shape (2, 2); the model has 1 outputs"),
    "a row": ("squared", [[1.0, 2.0]], 1, ArgumentError, "y has shape (1, 2); the model has 1 outputs"),
    "a missing label": ("softmax", [np.nan, 0], 2, DataError, "y has class nan; the softmax loss of 2 outputs takes"),
    "a label below": ("softmax", [-1, 0], 2, DataError, "y has class -1; the softmax loss of 2 outputs takes 0 to 1"),
    "a label beyond integers": ("softmax", [10**30, 0], 2, DataError, "y has class 1e+30"),
    "mixed signs": ("logistic", [-1, 0], 1, DataError, "y has -1; the logistic loss takes 0 and 1, -1 and 1"),
}


@pytest.mark.parametrize("case", TARGETS)
def test_a_loss_says_which_targets_it_refuses(case):
    name, y, k, error, message = TARGETS[case]
    with pytest.raises(error) as caught:
        loss(name).targets(y, k)
    assert message in str(caught.value)


def test_targets_that_overflow_in_single_precision_are_refused():
    with pytest.raises(DataError, match="y has values that are not finite as float32"):
        loss("squared").targets([1e300], 1, np.float32)


@pytest.mark.parametrize("which", [3, None, ["squared"]])
def test_a_loss_is_a_name_or_an_object(which):
    with pytest.raises(ArgumentError, match=r"loss is .*; it must be a name or a Loss"):
        loss(which)


def test_other_spellings_of_good_input_are_taken():
    assert MLP(n for n in (2, 3, 1)) == MLP([2.0, 3, 1]) == MLP(np.array([2, 3, 1]), bias=np.True_)
    assert MLP([1, 1], dtype="float32") == MLP([1, 1], dtype=np.float32)
    theta = np.arange(13.0)
    theta.flags.writeable = False
    layers = [(W.tolist(), tuple(b)) for W, b in MODEL.unpack(theta)]
    assert np.array_equal(MODEL.pack(layers), theta)
    assert loss("logistic").targets([True, False], 1).tolist() == [[1.0], [0.0]]
    assert loss("softmax").targets(np.array([0, 1], object), 2).tolist() == [[1, 0], [0, 1]]
