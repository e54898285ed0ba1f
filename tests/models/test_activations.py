"""Activations: what each says of itself holds of its function."""

import numpy as np
import pytest

from homotopy.models.activations import BY_NAME, activation

NAMES = [*BY_NAME, "leaky-relu:slope=0.3"]
Z = np.linspace(-6, 6, 241)


@pytest.mark.parametrize("name", NAMES)
def test_what_saturates_is_bounded_and_the_others_are_not(name):
    far = np.array([-1e6, 1e6])
    assert activation(name).saturates == (np.abs(activation(name)(far)).max() <= 1)


@pytest.mark.parametrize("name", NAMES)
def test_what_is_homogeneous_scales_and_bends(name):
    chosen = activation(name)
    scales = np.allclose(chosen(3 * Z), 3 * chosen(Z))
    bends = not np.allclose(chosen(Z) + chosen(-Z), 0)
    assert chosen.homogeneous == (scales and bends)
