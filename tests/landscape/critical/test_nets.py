"""Censuses of small nets: complete, the same from other starts, and those of smaller nets within."""

import numpy as np
import pytest

import homotopy as hp
import homotopy.landscape as landscape

XOR_FOUND = {0: 7, 1: 20, 2: 10}


def xor(l2, hidden=2):
    return hp.problem("xor" if hidden == 2 else f"xor:hidden={hidden}").objective.changed(l2=l2)


def counts(points):
    return {index: len(some) for index, some in points.by_index().items()}


@pytest.mark.parametrize("l2", [1e-2, 1e-3])
def test_xor_from_any_number_of_starts(l2):
    for starts, seed in ((20, 0), (40, 1)):
        points = landscape.critical_points(xor(l2), starts, rng=seed)
        assert counts(points) == XOR_FOUND
        assert points.morse_sum == 1


def embedded(points, risk):
    """Check that points stay critical where a silent unit is added, and without a penalty where a unit is split."""
    for point in points:
        wide, x = landscape.silent_unit(risk.model, point.x)
        assert np.abs(risk.changed(model=wide).grad(x)).max() < 1e-12
        plain = risk.changed(l2=0.0)
        wide, x = landscape.split_unit(risk.model, point.x, 0, [0.3, 0.7])
        free, bound = plain.changed(model=wide).grad(x), plain.grad(point.x)
        # the split unit's incoming slopes are shares of what they were, all others are unchanged
        assert (
            np.isclose(np.abs(free).max(), np.abs(bound).max(), atol=1e-12) or np.abs(free).max() <= np.abs(bound).max()
        )


def test_silent_and_split_units():
    risk = xor(1e-2)
    embedded(landscape.critical_points(risk, 20, rng=0), risk)


@pytest.mark.slow
def test_three_hidden_units():
    for l2, starts, seed in ((1e-2, 50, 0), (1e-3, 100, 1)):
        risk = xor(l2, 3)
        points = landscape.critical_points(risk, starts, rng=seed)
        assert counts(points) == {0: 3, 1: 18, 2: 38, 3: 24}
        assert points.morse_sum == 1
        embedded(points, risk)


def test_orbits_are_counted():
    points = landscape.critical_points(xor(1e-2), 20, rng=0)
    for point in points:
        assert point.multiplicity == landscape.orbit_size(points.objective, point.x)
    assert points[0].multiplicity == 8
    (origin,) = [point for point in points.minima if np.linalg.norm(point.x) < 1e-6]
    assert origin.multiplicity == 1


def test_teachers_minima():
    points = landscape.critical_points(hp.problem("teacher:k=8"), 150, rng=0, kinds="minima")
    assert points[0].value < 1e-12
    spurious = [point for point in points if abs(point.value - 0.02151) < 1e-5]
    assert spurious
    assert all(abs(point.eigenvalues[0] - 0.0214) < 1e-4 for point in spurious)
    assert all(point.kind == "minimum" for point in points)


def test_escapes_are_no_points(rng):
    X = rng.standard_normal((20, 2))
    risk = hp.EmpiricalRisk(hp.MLP((2, 1)), "logistic", X, (X[:, 0] > 0) * 1.0)
    points = landscape.critical_points(risk, 20, rng=0)
    assert len(points) == 0
    assert points.n_escaped == 20
