"""The recurrent net: layout, initial weights, passes against the slow truth, and what it refuses."""

import pickle

import numpy as np
import pytest
import reference_rnn
from objectives.recurrent.members import CELLS, SMOOTH, STATES

from homotopy.errors import ArgumentError
from homotopy.models import RNN

MODELS = [(cell, state) for cell in CELLS for state in STATES]


@pytest.mark.parametrize(("cell", "state"), MODELS)
def test_unpack_gives_views_and_pack_is_its_inverse(cell, state):
    model = RNN(2, 3, 2, cell=cell, state=state)
    theta = np.random.default_rng(0).standard_normal(model.size)
    parts = model.unpack(theta)
    assert [part.shape for part in parts.values()] == list(model.shapes.values())
    assert np.concatenate([part.ravel() for part in parts.values()]).tolist() == theta.tolist()
    assert np.array_equal(model.pack(dict(reversed(parts.items()))), theta)
    parts["W"][0, 1] = 7.0
    assert theta[1] == 7.0


@pytest.mark.parametrize(("cell", "state"), MODELS)
def test_passes_are_the_truth(cell, state):
    rng = np.random.default_rng(len(cell) + len(state))
    model = RNN(2, 3, 2, cell=cell, state=state)
    theta, v = rng.standard_normal((2, model.size))
    X, G = rng.standard_normal((3, 4, 2)), rng.standard_normal((3, 4, 2))
    given = rng.standard_normal((3, model.state_size)) if state == "given" else None
    z, z_i, z_v, _ = reference_rnn.outputs(model, theta, X, v, given)
    np.testing.assert_allclose(model.forward(theta, X, given), z, rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(model.jvp(theta, X, v, given), z_v, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(model.vjp(theta, X, G, given), np.einsum("pnsk,nsk->p", z_i, G), rtol=1e-10, atol=1e-11)
    C, c = model.unpack(theta)["C"], model.unpack(theta)["c"]
    np.testing.assert_allclose(model.states(theta, X, given) @ C.T + c, z, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("activation", [*SMOOTH, "relu", "leaky-relu:slope=0.3"])
def test_every_activation_is_the_truth(activation):
    rng = np.random.default_rng(4)
    model = RNN(2, 4, 1, activation)
    theta, v, X = *rng.standard_normal((2, model.size)), rng.standard_normal((3, 5, 2))
    z, _, z_v, _ = reference_rnn.outputs(model, theta, X, v)
    np.testing.assert_allclose(model.forward(theta, X), z, rtol=1e-11, atol=1e-12)
    np.testing.assert_allclose(model.jvp(theta, X, v), z_v, rtol=1e-8, atol=1e-8)


def test_initial_weights_have_the_stated_spread():
    model = RNN(100, 200, 50, cell="gru", state="learned")
    parts = model.unpack(model.init(0))
    assert np.std(parts["W"]) == pytest.approx(200**-0.5, rel=0.01)
    assert np.std(parts["U"]) == pytest.approx(0.1, rel=0.01)
    assert np.std(parts["C"]) == pytest.approx(200**-0.5, rel=0.03)
    assert not any(parts[name].any() for name in ("b", "e", "c", "h0"))
    np.testing.assert_array_equal(model.init(0, scale=0.25), 0.25 * model.init(0))


def test_kinds_of_starts():
    model = RNN(2, 5, 1, cell="lstm")
    blocks = {kind: model.unpack(model.init(3, kind=kind))["W"].reshape(4, 5, 5) for kind in ("orthogonal", "identity")}
    for W in blocks["orthogonal"]:
        np.testing.assert_allclose(W @ W.T, np.eye(5), atol=1e-13)
    assert (blocks["identity"] == np.eye(5)).all()
    assert not model.unpack(model.init(3, kind="zero"))["W"].any()
    assert model.unpack(model.init(3, kind="zero"))["U"].any()
    turns = [np.linalg.det(RNN(1, 2, 1).unpack(RNN(1, 2, 1).init(s, kind="orthogonal"))["W"]) for s in range(40)]
    assert 5 < np.sum(np.array(turns) > 0) < 35


def test_initial_weights_follow_the_seed_and_the_dtype():
    model, single = RNN(2, 3, 1), RNN(2, 3, 1, dtype=np.float32)
    assert np.array_equal(model.init(1), model.init(1))
    assert not np.array_equal(model.init(1), model.init(2))
    assert single.init(1).dtype == np.float32
    assert np.allclose(single.init(1), model.init(1))


@pytest.mark.parametrize(("cell", "state"), MODELS)
def test_a_model_is_its_arguments(cell, state):
    model = RNN(2, 3, 1, cell=cell, state=state, dtype=np.float32)
    same = pickle.loads(pickle.dumps(model))
    assert same == model
    assert hash(same) == hash(model)
    assert eval(repr(model), {"RNN": RNN, "float32": np.float32}) == model
    assert model.wider(2) == model.changed(n_hidden=5) != model
    assert model != RNN(2, 3, 1, cell=cell, state=state)
    with pytest.raises(AttributeError, match="an RNN is immutable: cell cannot be set"):
        model.cell = "elman"


def test_flops_by_hand():
    step = 6 * 4 * 4 + 4 * 4 * 2 + 4 * (43 + 2)
    assert RNN(2, 4, 3).gradient_flops(10) == 10 * (step + 6 * 4 * 3)
    assert RNN(2, 4, 3).gradient_flops(10, 1) == 10 * step + 6 * 4 * 3


REFUSED = {
    "no unit": (lambda: RNN(2, 0, 1), "n_hidden must be an integer, at least 1"),
    "half a unit": (lambda: RNN(2, 1.5, 1), "n_hidden must be an integer, at least 1"),
    "an unknown cell": (lambda: RNN(2, 3, 1, cell="gur"), "cell must be 'elman', 'gru' or 'lstm', not 'gur'"),
    "an unknown state": (lambda: RNN(2, 3, 1, state="free"), "state must be 'zero', 'learned' or 'given', not 'free'"),
    "another activation": (lambda: RNN(2, 3, 1, "relu", cell="gru"), "the units of a gru cell are 'tanh' ones"),
    "an unknown activation": (lambda: RNN(2, 3, 1, "step"), "activation 'step' is unknown"),
    "an integer dtype": (lambda: RNN(2, 3, 1, dtype=int), "dtype is int64; it must be float64 or float32"),
    "too many weights": (lambda: RNN(1, 2**21, 1), "there must be fewer than"),
    "an unknown start": (lambda: RNN(2, 3, 1).init(0, kind="ones"), "kind must be 'normal', 'orthogonal'"),
    "no scale": (lambda: RNN(2, 3, 1).init(0, scale=0), "scale must be a positive finite number"),
    "no units left": (lambda: RNN(2, 3, 1).wider(-3), "extra must be an integer, at least -2"),
    "a short theta": (lambda: RNN(2, 3, 1).unpack(np.zeros(5)), r"theta has shape \(5,\); the model needs \(22,\)"),
    "no theta": (lambda: RNN(2, 3, 1).unpack([0.0]), r"theta is \[0.0\]; it must be an array of shape \(22,\)"),
    "a part too few": (lambda: RNN(2, 3, 1).pack({"W": 0}), r"parts is \['W'\]; it must be a dict of W, U, b, C, c"),
}


@pytest.mark.parametrize("case", sorted(REFUSED))
def test_what_is_refused(case):
    do, sentence = REFUSED[case]
    with pytest.raises(ArgumentError, match=sentence):
        do()


def test_a_part_of_another_shape_is_refused():
    model = RNN(2, 3, 1)
    parts = dict(model.unpack(model.init(0)), U=np.zeros((3, 3)))
    with pytest.raises(ArgumentError, match=r"U has shape \(3, 3\); the model has \(3, 2\)"):
        model.pack(parts)
