"""Intervals over teachers: known answers, limits, and how often they cover (`coverage` prints the whole table)."""

from __future__ import annotations

import numpy as np
import pytest
from experiments.statistics.coverage import Truth, cost_coverage, rate_coverage
from scipy.stats import binom

from homotopy.errors import ArgumentError
from homotopy.experiments import success_rate
from homotopy.experiments.statistics.clustered import clustered_interval


@pytest.mark.parametrize("teachers", [5, 10, 50])
def test_intervals_of_rates_cover(teachers):
    """On average over means and correlations; a single cell of 100 studies has a standard error of 2 %."""
    rng = np.random.default_rng(31)
    truths = [Truth(mean, rho) for mean in (0.1, 0.4, 0.9) for rho in (0.0, 0.1, 0.4)]
    found = [rate_coverage(truth, teachers, 40, 100, rng) for truth in truths]
    assert 0.93 <= np.mean(found) <= 0.98
    assert min(found) >= 0.88


def test_wilson_of_all_runs_together_does_not_cover():
    """What is mended: at a correlation of 0.3 the interval of independent runs misses most of the time."""
    rng, truth = np.random.default_rng(5), Truth(0.4, 0.3)
    held = 0
    for _ in range(200):
        won = rng.random((10, 50)) < truth.rates(rng, 10)[:, np.newaxis]
        rate = success_rate(won.ravel())
        held += rate.low <= 0.4 <= rate.high
    assert held < 100


@pytest.mark.parametrize("tuned", [True, False])
def test_intervals_of_expected_costs_cover(tuned):
    """Heavy tails, costs and rates that differ between teachers, cutoffs that are chosen on few runs."""
    rng = np.random.default_rng(32)
    cells = [(5, Truth(0.4, 0.2)), (10, Truth(0.6, 0.4, 1.5, 0.5)), (10, Truth(0.9, 0.1, 1.0, 0.3))]
    found = [cost_coverage(truth, teachers, 40, 80, rng, tuned=tuned) for teachers, truth in cells]
    assert 0.92 <= np.mean(found) <= 0.995
    assert min(found) >= 0.87


def test_one_teacher_is_wilson_and_many_alike_are_nearly_so():
    won = np.arange(400) % 4 == 0
    assert success_rate(won, problem=np.zeros(400)) == success_rate(won)
    one, many = success_rate(won), success_rate(won, problem=np.arange(400) // 40)
    assert (one.runs, one.successes) == (many.runs, many.successes)
    assert many.high - many.low == pytest.approx(one.high - one.low, rel=0.5)


def test_names_and_order_of_teachers_do_not_matter():
    rng = np.random.default_rng(1)
    number, won = rng.integers(0, 7, 200), rng.random(200) < 0.3
    order = rng.permutation(200)
    assert success_rate(won, problem=number) == success_rate(won[order], problem=(100 - 3 * number)[order])


def test_failures_mirror_successes():
    low, high = clustered_interval([3, 0, 9, 20], [20] * 4)
    assert clustered_interval([17, 20, 11, 0], [20] * 4) == pytest.approx((1 - high, 1 - low), abs=2e-3)


def test_teachers_that_differ_widen_the_interval():
    wide = [
        np.diff(clustered_interval(k, [20] * 4))[0] for k in ([10] * 4, [8, 9, 11, 12], [2, 8, 12, 18], [0, 0, 20, 20])
    ]
    assert wide == sorted(wide)
    assert wide[-1] > 2 * wide[0]


def test_the_ends_of_the_line():
    low, high = clustered_interval([0, 0, 0], [50] * 3)
    assert low == 0.0
    assert 0.1 < high < 0.8
    assert clustered_interval([50] * 3, [50] * 3)[1] == 1.0
    assert clustered_interval([], []) == (0.0, 1.0)
    assert clustered_interval([0, 3], [0, 10]) == clustered_interval([3], [10])
    for counts in (([20, 0, 0, 0], [20, 20, 20, 500]), ([1, 30], [1, 400])):
        low, high = clustered_interval(*counts)
        assert 0 <= low <= np.sum(counts[0]) / np.sum(counts[1]) <= high <= 1


def test_many_runs_of_many_teachers_narrow_it():
    rng = np.random.default_rng(8)
    for teachers in (10, 100, 1000):
        k = rng.binomial(1000, rng.beta(2, 2, teachers))
        low, high = clustered_interval(k, np.full(teachers, 1000))
        spread = 2 * 1.96 * np.std(k / 1000) / np.sqrt(teachers)
        assert high - low == pytest.approx(spread, rel=0.35)


def test_a_tail_is_that_of_the_binomial_where_all_are_alike():
    """With a thousand teachers of one run nothing is known of a correlation, and runs are independent."""
    low, high = clustered_interval(np.arange(1000) < 300, np.ones(1000))
    assert binom.cdf(300, 1000, high) == pytest.approx(0.025, abs=0.01)
    assert binom.sf(299, 1000, low) == pytest.approx(0.025, abs=0.01)


@pytest.mark.parametrize("counts", [([3], [2]), ([-1], [2]), ([1, 1], [2]), ([[1, 2]], [[2, 2]]), (1, 2)])
def test_what_are_no_counts_is_told(counts):
    with pytest.raises(ArgumentError, match="successes must be counts"):
        clustered_interval(*counts)


def test_problems_must_be_as_many_as_the_runs():
    with pytest.raises(ArgumentError, match="problem has shape"):
        success_rate([True, False], problem=[0])
