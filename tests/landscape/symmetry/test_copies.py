"""A symmetric copy is at distance 0 and has the same canonical form; another function never is."""

from itertools import pairwise

import numpy as np
import pytest
from landscape.symmetry.copies import (
    ACTIVATIONS,
    HOMOGENEOUS,
    ODD,
    PLAIN,
    copy_of,
    mixed,
    orders_and_signs,
    random_copy,
    random_net,
)

from homotopy.landscape import canonical, distance, orbit_size, same_function, symmetries_of
from homotopy.models import MLP


@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_copies_are_one_point(activation, ties):
    rng = np.random.default_rng(len(activation))
    for _ in range(12):
        model, x = random_net(rng, activation, ties=ties)
        image = random_copy(rng, model, x)
        size = max(1.0, np.linalg.norm(x) + np.linalg.norm(image))
        assert distance(model, x, image) < 1e-12 * size
        form, other = canonical(model, x), canonical(model, image)
        if activation in ODD + PLAIN:
            np.testing.assert_array_equal(form, other)
            assert np.sort(np.abs(form)).tolist() == np.sort(np.abs(x)).tolist()
        np.testing.assert_allclose(form, other, rtol=0.0, atol=2e-13 * size)
        inputs = rng.standard_normal((7, model.sizes[0]))
        assert same_function(model, x, image, inputs)
        assert same_function(model, x, form, inputs)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_one_weight_by_a_millionth_is_told_apart(activation):
    rng, told = np.random.default_rng(3), 0
    for _ in range(12):
        model, x = random_net(rng, activation, ties=bool(rng.integers(2)))
        other = random_copy(rng, model, x)
        other[rng.integers(model.size)] += 1e-6
        inputs = 3.0 * rng.standard_normal((20, model.sizes[0]))
        if not same_function(model, x, other, inputs, rtol=1e-12):  # a dead unit's weights change nothing
            told += 1
            assert distance(model, x, other) > 1e-10
            assert np.abs(canonical(model, x) - canonical(model, other)).max() > 1e-10
    assert told >= 6


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_two_nets_are_two_points(activation):
    rng = np.random.default_rng(5)
    for _ in range(5):
        model, x = random_net(rng, activation)
        other = rng.standard_normal(model.size)
        assert distance(model, x, other) > 1e-3
        assert np.abs(canonical(model, x) - canonical(model, other)).max() > 1e-3
        assert not same_function(model, x, other, rng.standard_normal((9, model.sizes[0])))


@pytest.mark.parametrize("scale", [1e-200, 1e-8, 1e8, 1e100])
@pytest.mark.parametrize("activation", ["tanh", "relu", "logistic", "softplus"])
def test_weights_of_any_size(activation, scale):
    rng = np.random.default_rng(7)
    for _ in range(3):
        model, x = random_net(rng, activation)
        y = random_copy(rng, model, x * scale)
        far = distance(model, x * scale, rng.standard_normal(model.size) * scale)
        assert distance(model, x * scale, y) < 1e-12 * np.abs(y).max()
        assert 1e-3 * scale < far < 1e3 * scale
        np.testing.assert_allclose(canonical(model, y), canonical(model, x * scale), rtol=1e-12, atol=1e-12 * scale)


def test_scales_of_sixteen_decades_are_taken_back():
    rng = np.random.default_rng(11)
    for k in range(12):
        model, x = random_net(rng, HOMOGENEOUS[k % 3], ties=k % 2 == 0, layers=1 + k % 3)
        scales = [np.diag(10.0 ** rng.uniform(-8, 8, h)) for h in model.sizes[1:-1]]
        image = mixed(model, copy_of(model, x, orders_and_signs(rng, model)), scales)
        form = canonical(model, x)
        np.testing.assert_allclose(canonical(model, image), form, rtol=0.0, atol=1e-13)
        assert distance(model, x, image) < 1e-12
        layers = model.unpack(form)
        for (w, b), (v, _) in pairwise(layers):  # of each unit, what comes in and goes out
            come = (w**2).sum(axis=1) + (0.0 if b is None else b**2)
            np.testing.assert_allclose(come, (v**2).sum(axis=0), rtol=1e-12, atol=1e-14)
        assert np.linalg.norm(form) <= np.linalg.norm(x) * (1 + 1e-12)


def test_ties_of_the_first_layer_that_only_the_second_tells_apart():
    model, rng = MLP([1, 3, 3, 1], "tanh", bias=False), np.random.default_rng(13)
    cycle = np.array([[0.0, 1.0, 2.0], [2.0, 0.0, 1.0], [1.0, 2.0, 0.0]])
    ones = np.ones((3, 1))
    x = model.pack([(ones, None), (cycle, None), (ones.T, None)])
    other = model.pack([(ones, None), (cycle.T, None), (ones.T, None)])  # the same cycle: three columns in any order
    third = model.pack([(ones, None), (cycle @ np.diag([1.0, 1.0, 0.5]), None), (ones.T, None)])
    for _ in range(10):
        image = random_copy(rng, model, x)
        np.testing.assert_array_equal(canonical(model, image), canonical(model, x))
        assert distance(model, x, image) == 0.0
        np.testing.assert_allclose(symmetries_of(Of(model)).nearest(x, image), x, atol=1e-15)
    np.testing.assert_array_equal(canonical(model, other), canonical(model, x))
    assert distance(model, x, third) > 0.5
    assert orbit_size(model, x) == 6 * 6 * 64 // 3  # three turns of the cycle leave it as it is


class Of:
    """An objective on a net."""

    def __init__(self, model):
        self.model = model


def test_zeros_twins_and_single_entries():
    model = MLP([2, 3, 1], "tanh", bias=False)
    form = canonical(model, [0.0, -0.0, 1.0, 2.0, -1.0, -2.0, -0.0, 5.0, -5.0])
    assert form.tolist() == [0.0, 0.0, 1.0, 2.0, 1.0, 2.0, 0.0, 5.0, 5.0]
    assert not np.signbit(form).any()
    near = np.nextafter(2.0, 3.0)
    forms = [canonical(model, [1.0, 2.0, 1.0, near, 3.0, 0.0, 1.0, 1.0, 1.0]) for _ in range(2)]
    forms.append(canonical(model, [1.0, near, 1.0, 2.0, 3.0, 0.0, 1.0, 1.0, 1.0]))
    assert np.array_equal(forms[0], forms[2])
    assert not np.array_equal(forms[0], canonical(model, [1.0, 2.0, 1.0, 2.0, 3.0, 0.0, 1.0, 1.0, 1.0]))


def test_a_large_net_and_a_net_of_zeros_are_quick():
    model = MLP([5, 100, 100, 1], "tanh")
    rng = np.random.default_rng(17)
    x = rng.standard_normal(model.size)
    image = random_copy(rng, model, x)
    assert np.array_equal(canonical(model, x), canonical(model, image))
    assert distance(model, x, image) == 0.0
    assert orbit_size(model, np.zeros(model.size)) == 1
    assert not canonical(model, np.zeros(model.size)).any()
