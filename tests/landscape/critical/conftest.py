"""What tests of censuses share."""

import numpy as np
import pytest


@pytest.fixture
def rng():
    """Return a generator that is the same in every test."""
    return np.random.default_rng(7)
