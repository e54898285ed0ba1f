import math
from itertools import pairwise

import numpy as np
import pytest

from homotopy._core.curves import curves, thinned


def one_curve(costs, values, most):
    """Return a curve as it is said to be."""
    keep = np.isfinite(values)
    costs, values = costs[keep], np.minimum.accumulate(values[keep])
    if len(costs) > most:
        every = -(-len(costs) // (most - 1))
        keep = np.append(np.arange(0, len(costs) - 1, every), len(costs) - 1)
        costs, values = costs[keep], values[keep]
    return np.column_stack([costs, values])


@pytest.mark.parametrize("seed", range(30))
def test_curves_of_many_runs_are_those_of_each(seed):
    rng = np.random.default_rng(seed)
    n_runs, m = int(rng.integers(1, 9)), int(rng.integers(0, 400))
    most = int(rng.integers(2, 40))
    rows = np.sort(rng.integers(0, n_runs, m)) if seed % 2 else rng.integers(0, n_runs, m)
    costs, values = np.arange(m) * 0.5, rng.standard_normal(m)
    values[rng.random(m) < 0.1] = rng.choice([np.nan, np.inf, -np.inf])
    points, begins = curves([(rows, costs, values)], n_runs, most)
    assert begins[0] == 0
    assert begins[-1] == len(points)
    for run in range(n_runs):
        mine = rows == run
        np.testing.assert_array_equal(points[begins[run] : begins[run + 1]], one_curve(costs[mine], values[mine], most))


def test_a_row_of_no_run_is_refused():
    with pytest.raises(ValueError, match="none of 2 runs"):
        curves([(np.array([0, 2]), np.zeros(2), np.zeros(2))], 2, 8)


@pytest.mark.parametrize("seed", range(20))
def test_records_are_points_after_what_was_spent_before(seed):
    rng = np.random.default_rng(seed)
    n_runs, most, unit = int(rng.integers(1, 9)), int(rng.integers(2, 40)), float(rng.choice([1.0, 0.5, 2.25]))
    pieces, seen = [], [([], []) for _ in range(n_runs)]
    for _ in range(int(rng.integers(0, 5))):
        rows = np.flatnonzero(rng.random(n_runs) < 0.7)
        before, lengths = rng.integers(0, 9, len(rows)) * 10.0, rng.integers(0, 60, len(rows))
        records = np.column_stack([np.arange(lengths.sum()) * 1.0, rng.standard_normal(lengths.sum())])
        records[rng.random(len(records)) < 0.1, 1] = np.nan
        ends = np.cumsum(lengths)
        after = before + rng.integers(0, 60, len(rows))  # no point lies behind what a run has spent
        pieces.append((rows, before, after, unit, records, ends - lengths, ends))
        for row, spent, limit, end, length in zip(rows, before, after, ends, lengths, strict=True):
            mine = records[end - length : end]
            seen[row][0].extend(np.minimum(mine[:, 0] * unit + spent, limit))
            seen[row][1].extend(mine[:, 1])
    points, begins = curves(pieces, n_runs, most)
    for run, (costs, values) in enumerate(seen):
        expected = one_curve(np.array(costs), np.array(values), most)
        np.testing.assert_array_equal(points[begins[run] : begins[run + 1]], expected)


def test_records_that_are_not_there_are_refused():
    rows, none = np.array([0]), np.zeros(1)
    with pytest.raises(ValueError, match="there are 3"):
        curves([(rows, none, none, 1.0, np.zeros((3, 2)), np.array([0]), np.array([4]))], 1, 8)


@pytest.mark.parametrize("seed", range(10))
def test_the_last_point_of_a_bin_is_kept(seed):
    rng = np.random.default_rng(seed)
    lengths = rng.integers(0, 80, 12)
    edges = np.expm1(np.arange(300) / 8.0)  # at and beside the bounds of bins, and beyond all that are tabled
    costs = np.concatenate([edges, np.nextafter(edges, 0.0), np.nextafter(edges, np.inf), rng.integers(0, 9000, 500)])
    curve_of = [np.sort(rng.choice(costs, length)) for length in lengths]
    points = np.column_stack([np.concatenate(curve_of), rng.standard_normal(lengths.sum())])
    begins = np.concatenate([[0], np.cumsum(lengths)])
    counts, kept, values = thinned(points, begins, 8.0)
    expected = []
    for begin, end in pairwise(begins):
        bins = np.array([np.floor(8.0 * math.log1p(cost)) for cost in points[begin:end, 0]])
        keep = np.append(bins[1:] != bins[:-1], True)[: end - begin]
        keep[:1] = True
        expected.append(points[begin:end][keep])
    assert counts.tolist() == [len(rows) for rows in expected]
    np.testing.assert_array_equal(np.column_stack([kept, values]), np.concatenate(expected).astype(np.float32))


def test_curves_that_overlap_are_refused():
    with pytest.raises(ValueError, match="must rise"):
        thinned(np.zeros((3, 2)), np.array([0, 2, 1]), 8.0)
