"""A symmetric copy is at distance 0 and has the same canonical form; another function never is."""

import numpy as np
import pytest

from homotopy.landscape import canonical, distance, same_function
from tests.landscape.symmetry.copies import ACTIVATIONS, ODD, PLAIN, random_copy, random_net


@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_copies_are_one_point(activation, ties):
    rng = np.random.default_rng(len(activation))
    for _ in range(12):
        model, x = random_net(rng, activation, ties=ties)
        image = random_copy(rng, model, x)
        size = np.linalg.norm(x) + np.linalg.norm(image)
        assert distance(model, x, image) < 1e-12 * max(1.0, size)
        form, other = canonical(model, x), canonical(model, image)
        if activation in ODD + PLAIN:
            np.testing.assert_array_equal(form, other)
        np.testing.assert_allclose(form, other, rtol=0.0, atol=2e-13 * max(1.0, size))
        inputs = rng.standard_normal((7, model.sizes[0]))
        assert same_function(model, x, image, inputs)
        assert same_function(model, x, form, inputs)
