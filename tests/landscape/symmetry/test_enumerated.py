"""Orbits and distances against all members of the group, listed one by one."""

from math import factorial

import numpy as np
import pytest
from landscape.symmetry.copies import ACTIVATIONS, ODD, PLAIN, all_moves, copy_of
from scipy.linalg import hadamard

from homotopy.landscape import canonical, distance, orbit_size
from homotopy.models import MLP


def small_net(rng, activation, layers):
    """Return a net of few enough copies to list, and weights: random, with ties, or with many zeros."""
    hidden = [int(n) for n in rng.integers(1, 4 if layers == 1 else 3, layers)]
    model = MLP([int(rng.integers(1, 4)), *hidden, int(rng.integers(1, 3))], activation, bias=bool(rng.integers(2)))
    x = rng.standard_normal(model.size) if rng.integers(3) == 0 else rng.integers(-1, 2, model.size).astype(float)
    return model, x * (rng.random(model.size) < 0.6) if rng.integers(2) else x


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_every_copy_is_counted_once(layers):
    rng = np.random.default_rng(layers)
    for k in range(20 if layers < 3 else 10):
        model, x = small_net(rng, ACTIVATIONS[k % len(ACTIVATIONS)], layers)
        images = {tuple(np.round(copy_of(model, x, moves), 12) + 0.0) for moves in all_moves(model)}
        assert orbit_size(model, x) == len(images)
        if model.activation in ODD + PLAIN:
            assert len({canonical(model, image).tobytes() for image in images}) == 1


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_the_distance_is_the_least_of_all_copies(layers):
    rng = np.random.default_rng(10 + layers)
    for k in range(12 if layers < 3 else 6):
        model, y = small_net(rng, (*ODD, *PLAIN)[k % 5], layers)
        images = np.array([copy_of(model, y, moves) for moves in all_moves(model)])
        x = 0.3 * rng.standard_normal(model.size) + images[-1] * (k % 2)
        least = np.linalg.norm(images - x, axis=1).min()
        assert distance(model, x, y) == pytest.approx(least, rel=1e-12)
        assert distance(model, x, y) == distance(model, y, x)


def test_moves_of_two_layers_at_once_are_known():
    ones, inner = np.ones((8, 1)), np.eye(8)
    for activation, order in (("softplus", 1), ("tanh", 2**8)):
        model = MLP([1, 8, 8, 1], activation, bias=False)
        x = model.pack([(ones, None), (inner, None), (ones.T, None)])
        # Units of the second layer follow those of the first; signs of tanh are all told.
        assert orbit_size(model, x) == factorial(8) * order**2
    model = MLP([1, 4, 4, 1], "softplus", bias=False)
    x = model.pack([(np.ones((4, 1)), None), (hadamard(4).astype(float), None), (np.ones((1, 4)), None)])
    images = {copy_of(model, x, moves).tobytes() for moves in all_moves(model)}
    assert orbit_size(model, x) == len(images)


def test_equal_to_rounding_is_equal_where_that_is_asked():
    model, rng = MLP([2, 3, 1], "tanh"), np.random.default_rng(0)
    x = rng.standard_normal(model.size)
    twins = x.copy()
    (w, b), (v, _) = model.unpack(twins)
    w[1], b[1], v[:, 1] = w[0], b[0], v[:, 0]
    assert orbit_size(model, twins) == 24
    noisy = twins + 1e-12 * rng.standard_normal(model.size)
    assert orbit_size(model, noisy) == orbit_size(model, noisy * 1e-8) == 24
    assert orbit_size(model, noisy, rtol=0.0) == orbit_size(model, x) == 48
