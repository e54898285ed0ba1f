"""Rates, expected costs and their intervals against closed forms and simulation."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom, norm

from homotopy.errors import ArgumentError
from homotopy.experiments.statistics.restarts import expected_cost
from homotopy.experiments.statistics.statistics import quartiles, success_rate, summarize


def test_wilson_agrees_with_its_formula():
    k, n, z = 37, 80, norm.ppf(0.975)
    rate = success_rate([True] * k + [False] * (n - k))
    center = (k + z * z / 2) / (n + z * z)
    half = z / (n + z * z) * np.sqrt(k * (n - k) / n + z * z / 4)
    assert rate.rate == k / n
    np.testing.assert_allclose([rate.low, rate.high], [center - half, center + half], rtol=1e-12)


def test_a_rate_without_runs_says_nothing():
    rate = success_rate([])
    assert (rate.low, rate.high) == (0.0, 1.0)
    assert np.isnan(rate.rate)


def plain_cutoff(end, won):
    """Return the cutoff of least expected cost by trying all; infinity where fewer than three runs succeeded."""
    cutoffs = np.unique(np.sort(end[won])[2:])
    return min(cutoffs, key=lambda c: np.minimum(end, c).sum() / (won & (end <= c)).sum(), default=np.inf)


def test_expected_cost_agrees_with_a_plain_search():
    rng = np.random.default_rng(3)
    for _ in range(50):
        n = int(rng.integers(4, 40))
        won = rng.random(n) < 0.6
        won[:3] = True
        end = rng.integers(1, 15, n).astype(float)
        got = expected_cost(end, np.where(won, end, np.nan), n_resamples=0)
        folds = np.arange(n) % 5
        limit = np.array([plain_cutoff(end[folds != k], won[folds != k]) for k in folds])
        want = np.minimum(end, limit).sum() / (won & (end <= limit)).sum()
        assert got.value == pytest.approx(want, rel=1e-14)
        assert got.cutoff == plain_cutoff(end, won)


def test_expected_cost_of_sure_runs_is_their_mean():
    got = expected_cost([4.0] * 10, [4.0] * 10)
    assert (got.value, got.low, got.high, got.cutoff) == (4.0, 4.0, 4.0, 4.0)


def test_what_is_spent_after_the_success_is_not_charged():
    assert expected_cost([90.0] * 4, [10.0] * 4).value == 10.0


def test_no_success_costs_infinitely_much():
    got = expected_cost([5.0, 5.0], [np.nan, np.nan])
    assert got.value == np.inf
    assert np.isnan(got.cutoff)


def test_shapes_must_agree():
    with pytest.raises(ArgumentError, match="must be"):
        expected_cost([1.0], [1.0, 2.0])


def test_same_seed_same_interval_and_other_seed_another():
    rng = np.random.default_rng(0)
    cost = rng.exponential(10.0, 60)
    hit = np.where(rng.random(60) < 0.4, cost, np.nan)
    one, two, three = (expected_cost(cost, hit, rng=seed) for seed in (1, 1, 2))
    assert one == two
    assert (one.low, one.high) != (three.low, three.high)


def test_wilson_covers_known_rates():
    n = 200
    rates = [success_rate(np.arange(n) < k) for k in range(n + 1)]
    low, high = np.array([(rate.low, rate.high) for rate in rates]).T
    for p in np.linspace(0.05, 0.95, 91):
        covered = binom.pmf(np.arange(n + 1), n, p)[(low <= p) & (p <= high)].sum()
        assert 0.93 <= covered <= 0.97
    draws = np.random.default_rng(11).binomial(n, 0.3, 5000)
    assert 0.93 <= np.mean((low[draws] <= 0.3) & (high[draws] >= 0.3)) <= 0.97


def coverage(p, n_studies, n_runs):
    """Return the share of studies whose interval covers 10 / p, the expected cost when each run costs 10."""
    rng = np.random.default_rng(12)
    covered = 0
    for _ in range(n_studies):
        hit = np.where(rng.random(n_runs) < p, 10.0, np.nan)
        got = expected_cost(np.full(n_runs, 10.0), hit, n_resamples=400, rng=rng)
        covered += got.low <= 10.0 / p <= got.high
    return covered / n_studies


def test_bootstrap_covers_known_expected_costs():
    assert 0.93 <= coverage(0.3, 300, 100) <= 0.98


@pytest.mark.slow
@pytest.mark.parametrize("p", [0.1, 0.2, 0.3, 0.5])
@pytest.mark.parametrize("n_runs", [150, 400])
def test_bootstrap_covers_known_expected_costs_closely(p, n_runs):
    assert 0.93 <= coverage(p, 1000, n_runs) <= 0.97


@pytest.mark.parametrize("kind", ["exponential", "shifted", "lognormal"])
def test_cutoffs_of_other_runs_are_not_lucky(kind):
    """The least expected cost over all cutoffs, known by a large sample, is covered and met, whatever the costs."""
    rng = np.random.default_rng(13)

    def draw(n):
        end = {
            "exponential": rng.exponential(1000.0, n),
            "shifted": 50 + rng.exponential(200.0, n),
            "lognormal": np.exp(5 + 0.5 * rng.standard_normal(n)),
        }[kind]
        won = (end < 5000) & (rng.random(n) < (1.0 if kind == "exponential" else 0.3))
        return np.where(won, end, 5000.0), won

    end, won = draw(200_000)
    cutoffs = np.quantile(end[won], np.linspace(0.02, 1, 60))
    truth = min(np.minimum(end, c).sum() / (won & (end <= c)).sum() for c in cutoffs)
    studies = []
    for _ in range(200):
        end, won = draw(200)
        studies.append(expected_cost(end, np.where(won, end, np.nan), n_resamples=300, rng=rng))
    assert 0.9 * truth < np.median([one.value for one in studies]) < 1.1 * truth
    assert 0.89 <= np.mean([one.low <= truth <= one.high for one in studies]) <= 0.99


def test_a_summary_says_what_the_table_says():
    rows = np.zeros(4, dtype=[(n, "f8") for n in ("value", "cost", "cost_to_success", "seconds")] + [("success", "?")])
    rows["cost_to_success"] = [2, 4, np.nan, 6]
    rows["cost"] = [2, 4, 10, 6]
    rows["success"] = [True, True, False, True]
    rows["value"] = [0, 0, 1, 0]
    got = summarize("p", "m", rows)
    assert got.rate.successes == 3
    assert got.cost == (3.0, 4.0, 5.0)
    assert got.expected.value == 6.0  # the failure is given up at the cutoff 6
    assert got.spent == 22
    assert got.to_dict()["rate"]["rate"] == 0.75
    # What only a comparison knows is not said by the runs alone.
    assert (got.known, got.problems, got.missed, got.diverged, got.below) == (True, 1, 0, 0, 0)
    assert got.gap_tells is False
    assert got.at_budget is None
    assert np.isnan(got.gap)


def test_quartiles_of_nothing():
    assert np.isnan(quartiles([np.nan])).all()
