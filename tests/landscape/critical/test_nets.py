"""Censuses of small nets: complete, the same from other starts, and those of smaller nets within."""

import numpy as np
import pytest

import homotopy as hp
import homotopy.landscape as landscape

from .sums import counted

XOR_FOUND = {0: 7, 1: 20, 2: 10}


def xor(l2, hidden=2):
    return hp.problem("xor" if hidden == 2 else f"xor:hidden={hidden}").objective.changed(l2=l2)


@pytest.fixture(scope="module")
def points():
    return landscape.critical_points(xor(1e-2), 20, rng=0)


def test_xor_from_other_starts(points):
    for found in (points, landscape.critical_points(xor(1e-3), 40, rng=1)):
        assert counted(found) == XOR_FOUND
        assert found.morse_sum == 1


@pytest.mark.slow
@pytest.mark.parametrize("l2", [1e-2, 1e-3])
def test_xor_from_more_starts(l2):
    for starts, seed in ((50, 2), (100, 3)):
        assert counted(landscape.critical_points(xor(l2), starts, rng=seed)) == XOR_FOUND


def incoming(net, x):
    (W, b), _ = net.unpack(x)
    return np.column_stack([W, b])


def stay_critical(points, risk):
    """Return the largest slope where a silent unit is added, and the largest change of a slope where one is split.

    Copies of a unit share the slopes of its incoming weights, and each has those of its outgoing ones.
    """
    plain, slope, change = risk.changed(l2=0.0), [], []
    for point in points:
        wide, x = landscape.silent_unit(risk.model, point.x)
        slope.append(np.abs(risk.changed(model=wide).grad(x)).max())
        wide, x = landscape.split_unit(risk.model, point.x, 0, [0.3, 0.7])
        before, after = plain.grad(point.x), plain.changed(model=wide).grad(x)
        old, new = (
            np.abs(rows - rows[0]).max(axis=1) == 0 for rows in (incoming(risk.model, point.x), incoming(wide, x))
        )
        shares = incoming(wide, after)[new].sum(axis=0) - incoming(risk.model, before)[old].sum(axis=0)
        v, u = risk.model.unpack(before)[1][0], wide.unpack(after)[1][0]
        change.append(max(np.abs(shares).max(), np.abs(u[:, new] - v[:, :1]).max()))
    return max(slope), max(change)


def test_silent_and_split_units(points):
    assert max(stay_critical(points, xor(1e-2))) < 1e-12


@pytest.mark.slow
def test_three_hidden_units():
    risk = xor(1e-2, 3)
    points = landscape.critical_points(risk, 50, rng=0)
    assert counted(points) == {0: 3, 1: 18, 2: 38, 3: 24}
    assert points.morse_sum == 1
    assert max(stay_critical(points, risk)) < 1e-12


def test_orbits_are_counted(points):
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


def test_a_census_whose_only_point_is_the_origin():
    risk = hp.problem("xor:l2=1").objective  # strongly penalized: the origin, which searches meet to other roundings
    points, others = (landscape.critical_points(risk, 15, rng=seed) for seed in (0, 1))
    assert [(point.index, point.multiplicity) for point in points] == [(0, 1)]
    assert len(points.merged(others)) == 1
    assert points.morse_sum == 1


@pytest.mark.slow
def test_few_descents_away_from_one_point_tell_what_is_far():
    risk = hp.problem("xor:activation=logistic").objective.changed(l2=0.01)  # 42 of 50 descents end at the origin
    points = landscape.critical_points(risk, 50, rng=1)
    assert points.morse_sum == 1
    assert counted(points) == {0: 25, 1: 60, 2: 36}


@pytest.mark.parametrize("wide", [1e-6, 1e-2])
def test_starts_that_are_all_near_one_minimum_are_not_taken_for_far_out(wide):
    """The spurious minimum of Swirszcz, Czarnecki and Pascanu, flat along the scaling of its one relu unit."""
    problem = hp.problem("swirszcz-d1")
    starts = np.array([1.0, -3.0, 1.0, 0.0]) + wide * np.random.default_rng(0).standard_normal((8, 4))
    points = landscape.critical_points(problem, starts, rng=0, kinds="minima")
    assert points.n_escaped == 0
    assert points[0].hits == 8
    assert points[0].value == pytest.approx(1.8, rel=1e-12)
