"""Symmetries of data: found where they are, and images of critical points are critical points."""

import numpy as np
import pytest

import homotopy as hp
from homotopy.landscape.critical.finding.mirrors import mirrors

from .sums import Wells


def test_xor_looks_the_same_in_eight_ways(rng):
    risk = hp.problem("xor").objective.changed(l2=1e-2)
    found = mirrors(risk)
    assert len(found) == 7
    x = rng.standard_normal(risk.size)
    for mirror in found:
        assert risk.value(mirror(x)) == pytest.approx(risk.value(x), rel=1e-13)
        assert np.linalg.norm(risk.grad(mirror(x))) == pytest.approx(np.linalg.norm(risk.grad(x)), rel=1e-12)
        assert np.abs(mirror(x) - x).max() > 0.1


@pytest.mark.parametrize("n_out", [1, 2])
def test_what_data_have_is_found_and_nothing_else(n_out, rng):
    X, Y = rng.standard_normal((6, 3)), rng.standard_normal((6, n_out))
    net = hp.MLP([3, 2, n_out])
    assert not mirrors(hp.EmpiricalRisk(net, "squared", X, Y))
    swapped = X[:, [1, 0, 2]] * [1.0, 1.0, -1.0]
    both = hp.EmpiricalRisk(net, "squared", np.vstack([X, swapped]), np.vstack([Y, -Y]))
    (mirror,) = mirrors(both)
    x = rng.standard_normal(net.size)
    np.testing.assert_allclose(mirror(mirror(x)), x)
    assert both.value(mirror(x)) == pytest.approx(both.value(x), rel=1e-13)


def test_other_objectives_have_none_that_are_known(rng):
    assert mirrors(Wells(2, rng)) == []
    assert mirrors(hp.TeacherStudent(3, 3)) == []
