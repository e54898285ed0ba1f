"""What a census keeps, writes down, reads and puts together."""

from dataclasses import replace

import numpy as np
import pytest

import homotopy as hp
import homotopy.landscape as landscape
from homotopy.errors import ArgumentError, DataError
from homotopy.landscape.critical.coverage import coverage_of
from homotopy.objectives.functions import Himmelblau


@pytest.fixture(scope="module")
def points():
    return landscape.critical_points(Himmelblau(), 5, rng=0)


def test_files(points, tmp_path):
    np.savez(tmp_path / "points.npz", **points.to_arrays())
    with np.load(tmp_path / "points.npz") as arrays:
        again = landscape.CriticalPoints.from_arrays(points.objective, arrays)
    assert (again.n_starts, again.n_escaped, again.n_failed) == (points.n_starts, points.n_escaped, points.n_failed)
    assert again.coverage == points.coverage
    assert [repr(point) for point in again] == [repr(point) for point in points]
    for a, b in zip(points, again, strict=True):
        assert a.x.tobytes() == b.x.tobytes()
        assert not b.x.flags.writeable
    nothing = landscape.CriticalPoints(Himmelblau(), [])
    assert len(landscape.CriticalPoints.from_arrays(Himmelblau(), nothing.to_arrays())) == 0
    with pytest.raises(DataError, match="lack"):
        landscape.CriticalPoints.from_arrays(Himmelblau(), {"x": np.zeros((1, 2))})


@pytest.mark.parametrize("copies", [8, 2**63, 2**100 * 3**60])
def test_any_number_of_copies_is_kept_in_files_without_pickles(points, copies, tmp_path):
    many = points.replaced([replace(points[0], multiplicity=copies)])
    np.savez(tmp_path / "points.npz", **many.to_arrays())
    with np.load(tmp_path / "points.npz", allow_pickle=False) as arrays:
        assert landscape.CriticalPoints.from_arrays(points.objective, arrays)[0].multiplicity == copies
        old = dict(arrays) | {"multiplicity": np.array([12])}  # as numbers, as they were kept before
    assert landscape.CriticalPoints.from_arrays(points.objective, old)[0].multiplicity == 12


def test_two_censuses_are_one(points):
    other = landscape.critical_points(Himmelblau(), 7, rng=1)
    both = points.merged(other)
    assert len(both) == len(points)
    assert both.n_starts == 12
    assert sum(point.hits for point in both) == sum(point.hits for point in (*points, *other))
    with pytest.raises(ArgumentError, match="variables"):
        points.merged(landscape.CriticalPoints(hp.TeacherStudent(3, 3), []))


def test_points_are_sorted_and_counted(points):
    values = [point.value for point in points]
    assert values == sorted(values)
    assert len(points.minima) == 4
    assert len(points.saddles) == 4
    assert isinstance(points[:2], tuple)
    part = landscape.CriticalPoints(points.objective, points[:-1])
    assert part.morse_sum == 0  # the maximum is missing


def test_coverage_by_hand():
    coverage = coverage_of([1, 1, 1, 2, 5, 0])
    assert (coverage.found, coverage.singletons, coverage.doubletons) == (6, 3, 1)
    assert coverage.good_turing == pytest.approx(1 - 3 / 10)
    assert coverage.chao1 == pytest.approx(5 + 3 * 2 / (2 * 2))
    assert coverage.missing == pytest.approx(0.5)
    assert "70.00%" in str(coverage)
    assert np.isnan(coverage_of([]).good_turing)
