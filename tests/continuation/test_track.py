"""The front door says in one sentence what it cannot take."""

import numpy as np
import pytest

import homotopy as hp
from homotopy.errors import ArgumentError
from homotopy.objectives.functions import Quadratic


@pytest.mark.parametrize("part", ["predictor", "corrector", "step_control"])
def test_a_part_that_is_no_part_is_named(part):
    bowl = hp.homotopies.Proximal(Quadratic(np.eye(2), np.zeros(2)), np.ones(2))
    with pytest.raises(ArgumentError, match=f"{part} must be a .* object, not 'secant'"):
        hp.track(bowl, np.ones(2), **{part: "secant"})


def test_what_is_no_homotopy_is_refused():
    with pytest.raises(ArgumentError, match="homotopy must be a Homotopy"):
        hp.track(3, np.ones(2))
