"""Restart cutoffs that are chosen on other seeds, bounds without a success, and groups of problems."""

from __future__ import annotations

import numpy as np
import pytest

from homotopy.errors import ArgumentError
from homotopy.experiments.run.blocks import RESULT
from homotopy.experiments.statistics.restarts import cost_at, expected_cost, tuned_cost
from homotopy.experiments.statistics.statistics import summarize


def rows(end, won):
    """Records of runs that ended at these costs, with or without success."""
    out = np.zeros(len(end), dtype=RESULT)
    out["cost"], out["success"] = end, np.array(won, dtype=bool)
    out["cost_to_success"] = np.where(out["success"], end, np.nan)
    out["value"], out["seconds"] = end, 0.5
    return out


def test_cost_at_a_cutoff_charges_the_failures():
    end, won = np.array([10.0, 20.0, 300.0, 40.0]), np.array([True, True, True, False])
    assert cost_at(end, won, 20.0) == (10 + 20 + 20 + 20) / 2
    assert cost_at(end, won, np.nan) == (10 + 20 + 300 + 40) / 3
    assert cost_at(end, np.zeros(4, dtype=bool), 20.0) == np.inf


def test_the_cutoff_comes_from_the_tuning_runs():
    tuning = rows([10, 10, 10, 10, 10, 500], [1, 1, 1, 1, 1, 0])
    got = summarize("a", "m", rows([9, 10, 400, 300], [1, 1, 1, 0]), tuning=[tuning])
    assert got.expected.cutoff == 10
    assert got.expected.value == (9 + 10 + 10 + 10) / 2
    assert got.cost[1] == 10
    assert (got.tuning, got.best, got.value[1], got.busy) == (6, 9, 155, 5)
    assert got.rate.runs == 4
    assert np.isnan(got.expected.bound)


def test_too_few_tuning_successes_give_no_cutoff():
    tuning = rows([10, 10, 10, 10, 500], [1, 1, 1, 1, 0])
    got = summarize("a", "m", rows([20, 40], [1, 0]), tuning=[tuning])
    assert np.isnan(got.expected.cutoff)
    assert got.expected.value == 60


def test_a_cutoff_below_all_costs_is_not_used():
    got = summarize("a", "m", rows([20, 40], [1, 0]), tuning=[rows([10] * 5, [1] * 5)])
    assert np.isnan(got.expected.cutoff)
    assert got.expected.value == 60


def test_no_success_is_told_by_the_rule_of_three():
    lost = rows([600] * 10, [0] * 10)
    for tuning in ([], [rows([10], [0])]):
        got = summarize("a", "m", lost, tuning=tuning).expected
        assert got.value == got.low == got.high == np.inf
        assert got.bound == 2000
    # the bound holds: with a rate of 3 / n, no success in n runs has a probability of 5 %
    assert pytest.approx(0.05, abs=0.001) == (1 - 3 / 1000) ** 1000


@pytest.mark.parametrize("tuned", [False, True])
def test_problems_are_drawn_as_a_whole(tuned):
    rng = np.random.default_rng(0)
    alike = [rows(np.full(50, 100.0 * (i + 1)), np.ones(50)) for i in range(4)]
    mixed = rng.permutation(np.concatenate(alike))
    tuning = [mixed] if tuned else []
    apart, together = summarize("a", "m", alike, tuning=tuning), summarize("a", "m", mixed, tuning=tuning)
    assert apart.rate == together.rate
    if tuned:
        assert apart.expected.value == together.expected.value
    wide, narrow = ((one.expected.high - one.expected.low) for one in (apart, together))
    assert wide > 3 * narrow


def test_the_interval_of_a_group_resamples_its_problems():
    """Against a plain bootstrap over four problems."""
    costs = [[10.0, 30.0], [20.0], [80.0, 90.0, 100.0], [40.0]]
    end = np.concatenate(costs)
    number = np.repeat(np.arange(4), [len(c) for c in costs])
    got = tuned_cost(end, end, ([1.0], [np.nan]), problem=number, n_resamples=4000)
    drawn = np.random.default_rng(1).integers(0, 4, (4000, 4))
    sums, counts = np.array([sum(c) for c in costs]), np.array([len(c) for c in costs])
    want = np.percentile(sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1), [2.5, 97.5])
    np.testing.assert_allclose([got.low, got.high], want, rtol=0.03)
    assert got.value == end.mean()


def test_shapes_must_agree():
    with pytest.raises(ArgumentError, match="must be"):
        tuned_cost([1.0], [1.0], ([1.0], [1.0, 2.0]))
    assert np.isnan(tuned_cost([1.0], [1.0], ([1.0], [1.0]), n_resamples=0).low)
    assert np.isnan(expected_cost([1.0], [1.0], n_resamples=0).high)


def test_cutoffs_of_other_seeds_are_not_lucky():
    """The least expected cost over all cutoffs, known by a large sample, is met and covered."""
    rng = np.random.default_rng(13)

    def draw(n):
        end = 50 + rng.exponential(200.0, n)
        won = (end < 5000) & (rng.random(n) < 0.3)
        return np.where(won, end, 5000.0), np.where(won, end, np.nan)

    end, hit = draw(200_000)
    truth = min(cost_at(end, np.isfinite(hit), c) for c in np.nanquantile(hit, np.linspace(0.02, 1, 60)))
    studies = [tuned_cost(*draw(400), draw(200), n_resamples=300, rng=rng) for _ in range(100)]
    assert 0.95 * truth < np.median([one.value for one in studies]) < 1.15 * truth
    assert np.mean([one.low <= truth <= one.high for one in studies]) >= 0.85
