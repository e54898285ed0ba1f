"""Distributions of costs, performance profiles and clusters, by hand and by definition."""

from __future__ import annotations

import numpy as np
import pytest

from homotopy.errors import ArgumentError
from homotopy.experiments.statistics.profiles import clusters, cost_to, ecdf, performance_profile, waterfall


def test_cost_to_the_first_value_at_or_below_the_target():
    curve = np.array([[1.0, 9.0], [2.0, 3.0], [5.0, 3.0], [7.0, 1.0]])
    assert cost_to([curve, np.empty((0, 2))], 3.0)[0] == 2.0
    assert np.isnan(cost_to([curve, np.empty((0, 2))], 3.0)[1])
    assert np.isnan(cost_to([curve], 0.5)).all()


def test_ecdf_counts_failures_as_runs():
    rng = np.random.default_rng(2)
    costs = rng.integers(1, 9, 50).astype(float)
    costs[rng.random(50) < 0.3] = np.nan
    where, share = ecdf(costs)
    for cost in range(1, 9):
        want = np.nansum(costs <= cost) / 50
        got = share[where <= cost][-1] if (where <= cost).any() else 0.0
        assert got == pytest.approx(want)


def test_ecdf_of_nothing():
    assert ecdf([])[0].size == 0
    assert ecdf([np.nan])[0].size == 0


def test_profiles_follow_their_definition():
    rng = np.random.default_rng(4)
    costs = {name: np.where(rng.random(60) < 0.2, np.nan, rng.exponential(1.0, 60)) for name in "abc"}
    best = np.nanmin(np.where(np.isnan(list(costs.values())), np.inf, list(costs.values())), axis=0)
    got = performance_profile(costs)
    for name, values in costs.items():
        factor, share = got[name]
        assert factor[0] >= 1
        for tau in (1.0, 1.5, 4.0, 100.0):
            want = np.mean(np.nan_to_num(values / best, nan=np.inf) <= tau)
            have = share[factor <= tau][-1] if (factor <= tau).any() else 0.0
            assert have == pytest.approx(want)


def test_profiles_of_unequal_instances_are_refused():
    with pytest.raises(ArgumentError, match="same instances"):
        performance_profile({"a": [1.0], "b": [1.0, 2.0]})
    assert performance_profile({}) == {}


def test_clusters_find_planted_values():
    rng = np.random.default_rng(6)
    values = np.concatenate([np.full(5, 0.0), 0.0113 * (1 + 1e-4 * rng.random(9)), 0.0219 * (1 + 1e-4 * rng.random(3))])
    rng.shuffle(values)
    got = clusters(values)
    assert [c.count for c in got] == [5, 9, 3]
    assert got[1].value == pytest.approx(0.0113, rel=1e-3)
    assert got[1].spread < 1e-5


def test_values_that_are_not_finite_belong_to_no_cluster():
    assert clusters([np.nan, np.inf]) == []
    assert waterfall([3.0, np.nan, 1.0]).tolist() == [1.0, 3.0]
