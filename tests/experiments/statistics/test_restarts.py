"""Restart cutoffs that are chosen on other seeds, bounds without a success, and groups of problems."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from homotopy.errors import ArgumentError
from homotopy.experiments.run.blocks import RESULT
from homotopy.experiments.statistics.clock import to_success
from homotopy.experiments.statistics.restarts import expected_cost, tuned_cost
from homotopy.experiments.statistics.statistics import summarize
from homotopy.methods.cutoffs import by_end, cost_at


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


@pytest.mark.parametrize("seed", range(5))
def test_successes_come_behind_failures_that_are_as_dear(seed):
    rng = np.random.default_rng(seed)
    end, won = rng.integers(0, 30, 500) / 3, rng.random(500) < 0.5
    end[rng.random(500) < 0.05] = np.inf
    order, twice = by_end(end, won), np.lexsort((won, end))
    np.testing.assert_array_equal(np.sort(order), np.arange(500))
    np.testing.assert_array_equal(end[order], end[twice])
    finite = np.isfinite(end[twice])
    np.testing.assert_array_equal(won[order][finite], won[twice][finite])


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
    assert (apart.rate.rate, apart.rate.high) == (together.rate.rate, together.rate.high)
    assert apart.rate.low < 0.7 < 0.95 < together.rate.low  # four teachers without a failure, 200 runs without one
    if tuned:
        assert apart.expected.value == together.expected.value
    wide, narrow = ((one.expected.high - one.expected.low) for one in (apart, together))
    assert wide > 3 * narrow


def test_the_interval_of_a_group_is_a_jackknife_over_its_problems():
    """Against the formula, with a cutoff that each part of the problems chooses for itself."""
    rng = np.random.default_rng(4)
    end = rng.exponential(100.0, (6, 30)) * np.array([1, 1, 2, 2, 3, 4])[:, np.newaxis]
    early = rng.exponential(100.0, (6, 8)) * np.array([1, 1, 2, 2, 3, 4])[:, np.newaxis]
    number, origin = np.repeat(np.arange(6), 30), np.repeat(np.arange(6), 8)
    got = tuned_cost(end.ravel(), end.ravel(), (early.ravel(), early.ravel(), origin), problem=number)
    values = []
    for j in range(6):
        rest, others = np.delete(end, j, axis=0).ravel(), np.delete(early, j, axis=0).ravel()
        values.append(tuned_cost(rest, rest, (others, others)).value)
    error = np.sqrt(5 / 6 * np.sum((np.log(values) - np.mean(np.log(values))) ** 2))
    reach = np.exp(stats.t.ppf(0.975, 5) * error)
    assert got.low == pytest.approx(got.value / reach, rel=1e-12)
    assert got.high >= got.value * reach * (1 - 1e-12)
    given = tuned_cost(end.ravel(), end.ravel(), (early.ravel(), early.ravel()), problem=number)
    assert given.value == got.value
    assert given.high - given.low != got.high - got.low  # there the cutoff is taken as given


def test_one_problem_among_all_has_no_upper_end():
    """All successes on one of five problems: nothing is known of how many such problems there are."""
    hit = np.full((5, 20), np.nan)
    hit[2] = 10.0
    got = expected_cost(np.full(100, 50.0), hit.ravel(), problem=np.repeat(np.arange(5), 20))
    assert got.high == np.inf
    assert 10.0 <= got.low < got.value


def test_without_a_cutoff_the_lower_end_is_that_of_the_best_one():
    """Four successes on tuning seeds choose none, so that the value may be far too high."""
    hit = np.full((10, 20), np.nan)
    hit[:, 0] = 10.0
    cost = np.where(np.isnan(hit), 5000.0, hit)
    early = [10.0] * 4 + [5000.0] * 16, [10.0] * 4 + [np.nan] * 16, np.arange(20) // 2
    got = tuned_cost(cost.ravel(), hit.ravel(), early, problem=np.repeat(np.arange(10), 20))
    assert got.value > 90_000
    assert got.low <= 200.0 < got.value <= got.high


def test_one_problem_is_as_without_numbers():
    rng = np.random.default_rng(2)
    end = rng.exponential(100.0, 80)
    hit = np.where(rng.random(80) < 0.4, end, np.nan)
    assert expected_cost(end, hit, problem=np.zeros(80, dtype=int)) == expected_cost(end, hit)
    tuning = end[:30], hit[:30]
    assert tuned_cost(end, hit, (*tuning, np.zeros(30, dtype=int))) == tuned_cost(end, hit, tuning)


def test_numbers_must_be_as_many_as_the_runs():
    with pytest.raises(ArgumentError, match="a number for each of 2 runs"):
        expected_cost([1.0, 2.0], [1.0, 2.0], problem=[0])


def test_seconds_have_their_own_cutoff():
    """Runs whose gradients are dear are given up by the clock, though not by their cost."""
    shown = rows([10.0, 20.0, 30.0, 40.0], [1, 1, 1, 0])
    shown["seconds"] = [1.0, 1.0, 9.0, 9.0]
    early = rows([10.0, 20.0, 30.0] * 5 + [90.0], [1, 1, 1] * 5 + [0])
    early["seconds"] = [1.0, 1.0, 9.0] * 5 + [90.0]
    got = summarize("a", "m", shown, tuning=[early])
    assert (got.expected.cutoff, got.clock.cutoff) == (30.0, 1.0)
    assert got.clock.value == (1 + 1 + 1 + 1) / 2
    assert got.clock.low <= got.clock.value <= got.clock.high


def test_seconds_to_success_are_in_proportion_to_cost():
    shown = rows([10.0, 20.0], [1, 0])
    shown["cost"], shown["seconds"] = [40.0, 20.0], [8.0, 4.0]
    assert [part.tolist() for part in to_success(shown)] == [[8.0, 4.0], [2.0, pytest.approx(np.nan, nan_ok=True)]]
    shown["seconds"][1] = np.nan
    assert np.isnan(summarize("a", "m", shown).clock.value)


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


def test_of_many_runs_the_interval_is_that_of_the_bootstrap(monkeypatch):
    rng = np.random.default_rng(5)
    cost = 20.0 + rng.exponential(40.0, 8000)
    hit = np.where(rng.random(8000) < 0.3, cost, np.nan)
    quick = expected_cost(cost, hit)
    monkeypatch.setattr("homotopy.experiments.statistics.restarts.MANY", 10**9)
    drawn = expected_cost(cost, hit)
    assert quick.value == drawn.value
    width = drawn.high - drawn.low
    assert quick.low == pytest.approx(drawn.low, abs=0.05 * width)
    assert quick.high == pytest.approx(drawn.high, abs=0.05 * width)
