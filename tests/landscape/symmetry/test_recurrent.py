"""Units of recurrent nets and of students change places, too."""

from itertools import permutations, product

import numpy as np
import pytest

import homotopy as hp
from homotopy.errors import ArgumentError
from homotopy.landscape import canonical, distance, family_key, orbit_size, same_function, symmetries_of
from homotopy.objectives.functions import Himmelblau

CELLS = [("elman", "tanh"), ("elman", "relu"), ("elman", "softplus"), ("gru", "tanh"), ("lstm", "tanh")]


def image_of(model, x, order, sign, scale):
    """Return the copy of a recurrent net whose unit j is the one at order[j], turned and scaled."""
    parts = {name: part.copy() for name, part in model.unpack(np.array(x)).items()}
    h, c = model.n_hidden, sign * scale
    blocks = len(parts["b"]) // h
    own = {1: 0, 3: 2, 4: 2}[blocks]
    factor = np.concatenate([c if k == own else np.ones(h) for k in range(blocks)])
    rows = np.concatenate([order + k * h for k in range(blocks)])
    parts["W"] = factor[:, None] * parts["W"][rows][:, order] / c
    parts["U"] = factor[:, None] * parts["U"][rows]
    parts["b"] = factor * parts["b"][rows]
    parts["C"] = parts["C"][:, order] / c
    if "e" in parts:
        parts["e"] = c * parts["e"][order]
    if "h0" in parts:
        parts["h0"] = np.concatenate([c * part[order] for part in parts["h0"].reshape(-1, h)])
    return model.pack(parts)


@pytest.mark.parametrize("state", ["zero", "learned"])
@pytest.mark.parametrize(("cell", "activation"), CELLS)
def test_copies_of_recurrent_nets(cell, activation, state):
    rng = np.random.default_rng(0)
    for k in range(4):
        model = hp.RNN(2, int(rng.integers(1, 6)), 2, activation, cell=cell, state=state)
        h = model.n_hidden
        x = rng.integers(-1, 2, model.size).astype(float) if k % 2 else rng.standard_normal(model.size)
        sign = rng.choice([-1.0, 1.0], h) if activation == "tanh" else np.ones(h)
        scale = np.exp(rng.uniform(-2, 2, h)) if activation == "relu" else np.ones(h)
        image = image_of(model, x, rng.permutation(h), sign, scale)
        X = rng.standard_normal((3, 4, 2))
        assert same_function(model, x, image, X)
        assert same_function(model, x, canonical(model, image), X)
        np.testing.assert_allclose(canonical(model, image), canonical(model, x), rtol=0, atol=1e-13)
        if activation != "relu":
            assert np.array_equal(canonical(model, image), canonical(model, x))
        assert distance(model, x, image) < 1e-12
        other = image.copy()
        other[0] += 1e-3
        if activation != "relu":
            assert 1e-5 < distance(model, x, other) <= 1.001e-3
        assert 1e-2 < distance(model, x, rng.standard_normal(model.size)) < 1e2


@pytest.mark.parametrize(("cell", "activation"), CELLS)
def test_copies_of_recurrent_nets_are_counted(cell, activation):
    rng = np.random.default_rng(1)
    for k in range(4):
        model = hp.RNN(1, 2 + k % 2, 1, activation, cell=cell, state="learned")
        x = rng.integers(-1, 2, model.size).astype(float) * (rng.random(model.size) < 0.3 + 0.2 * k)
        h = model.n_hidden
        signs = list(product([1.0, -1.0], repeat=h)) if activation == "tanh" else [(1.0,) * h]
        images = {
            (image_of(model, x, np.array(order), np.array(sign), np.ones(h)) + 0.0).tobytes()
            for order in permutations(range(h))
            for sign in signs
        }
        assert orbit_size(model, x) == len(images)


def test_a_net_whose_state_comes_with_the_data_is_refused():
    model = hp.RNN(1, 2, 1, state="given")
    with pytest.raises(ArgumentError, match="does not take its state with the data"):
        canonical(model, np.zeros(model.size))


def test_risks_of_sequences_have_the_symmetries_of_their_net():
    rng = np.random.default_rng(0)
    model = hp.RNN(1, 3, 1)
    risk = hp.EmpiricalRisk(model, "squared", rng.standard_normal((4, 5, 1)), rng.standard_normal((4, 5, 1)))
    x = model.init(0)
    image = image_of(model, x, np.array([2, 0, 1]), np.array([1.0, -1.0, -1.0]), np.ones(3))
    assert risk.value(image) == pytest.approx(risk.value(x), rel=1e-13)
    assert distance(risk, x, image) == 0.0
    np.testing.assert_allclose(symmetries_of(risk).nearest(x, image), x, atol=1e-15)


def test_students_rows_change_places():
    rng = np.random.default_rng(0)
    risk = hp.TeacherStudent(3, 4, 5)
    x = rng.standard_normal(20)
    W = risk.rows(x)
    image = W[[2, 0, 3, 1]].ravel()
    assert np.array_equal(canonical(risk, x), canonical(risk, image))
    assert distance(risk, x, image) == 0.0
    assert distance(risk, x, -x) > 0.1
    assert orbit_size(risk, x) == 24
    assert orbit_size(risk, W[[0, 0, 0, 1]].ravel()) == 4
    assert same_function(risk, x, image, rng.standard_normal((6, 5)))
    assert not same_function(risk, x, -x, rng.standard_normal((6, 5)))
    np.testing.assert_array_equal(symmetries_of(risk).nearest(x, image), x)
    least = min(np.linalg.norm(W[list(p)] - W[::-1] - 0.1) for p in permutations(range(4)))
    assert distance(risk, x, (W[::-1] + 0.1).ravel()) == pytest.approx(least)


def test_a_family_has_one_key():
    rng = np.random.default_rng(0)
    risk = hp.TeacherStudent(4, 5)
    for _ in range(5):
        W = rng.standard_normal((5, 4))
        key = family_key(risk, W.ravel())
        image = W[rng.permutation(5)][:, rng.permutation(4)]
        np.testing.assert_allclose(family_key(risk, image.ravel()), key, rtol=1e-12, atol=1e-12)
        image[0, 0] += 1e-3
        assert np.abs(family_key(risk, image.ravel()) - key).max() > 1e-5
    with pytest.raises(ArgumentError, match="TeacherStudent"):
        family_key(Himmelblau(), [1.0, 2.0])
