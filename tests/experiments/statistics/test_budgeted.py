"""The expected lowest loss of restarts within a budget, against closed forms and brute force."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

from homotopy.errors import ArgumentError
from homotopy.experiments.statistics.budgeted import AtBudget, Estimate, at_budget, mean_estimate, over_problems
from homotopy.experiments.statistics.lower import lower_tests


def rows_of(values, seeds=None):
    out = np.zeros(len(values), dtype=[("seed", "i8"), ("value", "f8")])
    out["seed"], out["value"] = np.arange(len(values)) if seeds is None else seeds, values
    return out


def test_runs_that_spend_all_are_told_by_their_mean():
    values = np.random.default_rng(0).lognormal(size=200)
    found = at_budget(values, np.ones(200))
    error = values.std() / np.sqrt(200)
    assert found.loss.value == pytest.approx(values.mean(), rel=1e-12)
    assert found.restarts == 1.0
    assert found.loss.high - found.loss.low == pytest.approx(2 * 1.96 * error, rel=0.15)


@pytest.mark.parametrize("n", [2, 5])
def test_equal_shares_give_the_mean_of_the_lowest_of_n(n):
    values = np.array([4.0, 1.0, 7.0, 2.0])
    want = np.mean([min(drawn) for drawn in itertools.product(values, repeat=n)])
    found = at_budget(values, np.full(4, 1 / n), [np.array([[1 / n, v]]) for v in values])
    assert found.loss.value == pytest.approx(want, rel=0.05)
    assert found.restarts == pytest.approx(n)
    assert found.loss.low <= found.loss.value <= found.loss.high


def test_the_last_restart_is_cut_by_its_curve():
    """Runs of 0.6 of the budget: a second one has 0.4, and has by then seen what its curve says."""
    curve = np.array([[0.1, 9.0], [0.4, 2.0], [0.6, 1.0]])
    assert at_budget([3.0, 3.0], [0.6, 0.6], [curve, curve]).loss.value == 2.0
    late = np.array([[0.5, 1.0]])
    assert at_budget([3.0, 3.0], [0.6, 0.6], [late, late]).loss.value == 3.0
    assert at_budget([3.0, 3.0], [0.6, 0.6]).loss.value == 3.0


def test_a_cut_curve_is_that_of_its_own_run():
    values, share = np.array([5.0, 6.0]), np.full(2, 0.75)
    curves = [np.array([[0.75, 5.0]]), np.array([[0.2, 6.0], [0.75, 6.0]])]
    assert 5.0 < at_budget(values, share, curves).loss.value < 6.0


def test_scores_are_those_of_whole_runs_with_the_lowest_loss():
    values, scores = np.array([1.0, 2.0, 3.0]), np.array([0.1, 0.5, 0.9])
    found = at_budget(values, np.full(3, 1 / 50), [np.empty((0, 2))] * 3, scores=scores, score_name="R2")
    assert found.score.value == pytest.approx(0.1, abs=1e-6)
    assert found.run_score.value == pytest.approx(0.5)
    assert found.score_name == "R2"


@pytest.mark.parametrize("unit", [1e-12, 1e9])
def test_losses_have_no_unit(unit):
    rng = np.random.default_rng(3)
    values, shares = rng.lognormal(size=30), rng.uniform(0.1, 0.4, 30)
    curves = [np.array([[s / 2, 2 * v], [s, v]]) for s, v in zip(shares, values, strict=True)]
    one = at_budget(values, shares, curves)
    other = at_budget(unit * values, shares, [curve * (1, unit) for curve in curves])
    got, want = np.array([(e.value, e.low, e.high) for e in (other.loss, one.loss)])
    np.testing.assert_allclose(got, unit * want, rtol=1e-9)


@pytest.mark.slow
def test_the_interval_covers_the_expected_loss():
    rng, hits = np.random.default_rng(5), 0
    for _ in range(40):
        values = rng.exponential(size=60)
        found = at_budget(values, np.full(60, 0.25), [np.array([[0.25, v]]) for v in values])
        hits += found.loss.low <= 0.25 <= found.loss.high  # the lowest of four exponential numbers has mean 1/4
    assert hits >= 34


def test_odd_runs():
    none = at_budget([], [])
    assert np.isnan(none.loss.value)
    assert none.score is None
    lost = at_budget([np.nan, 1.0], [1.0, 1.0])
    assert lost.loss.value == np.inf
    some = at_budget([np.nan, 1.0, 2.0], [0.1] * 3, [np.empty((0, 2))] * 3)
    assert 1.0 <= some.loss.value < 1.2
    assert at_budget([2.0], [1.0]).loss == Estimate(2.0, 2.0, 2.0)
    with pytest.raises(ArgumentError, match="equally many"):
        at_budget([1.0, 2.0], [1.0])
    assert np.isnan(mean_estimate([1.0, np.nan]).value)


def test_several_problems_have_students_interval():
    found = [AtBudget(Estimate(v, 0, 9), 1.0) for v in (1.0, 2.0, 3.0)]
    whole = over_problems(found, [1.0, 1.0, 1.0])
    assert whole.relative
    assert whole.loss.value == 2.0
    assert whole.loss.high - 2.0 == pytest.approx(4.302652729911275 / np.sqrt(3))
    assert whole.loss.low == 0.0  # where Student's interval would go below any loss
    scored = [
        replace(one, score=one.loss, run_score=Estimate(v, 0, 9)) for one, v in zip(found, (0.2, 0.9, 1.0), strict=True)
    ]
    assert over_problems(scored, [1.0] * 3).run_score.high == 1.0
    assert over_problems(found, [1.0, 2.0, 4.0]).loss.value == pytest.approx(2.75 / 3)
    assert not over_problems(found, [1.0, np.nan, 1.0]).relative


def test_pairs_of_losses_are_tested_without_units_and_ties():
    rng = np.random.default_rng(2)
    low = rng.uniform(1, 2, 20)
    records = {
        "a": {"p": rows_of(low)},
        "b": {"p": rows_of(low + rng.uniform(0.1, 0.2, 20))},
        "c": {"p": rows_of(low + 1e-9)},
    }
    first, tie, last = lower_tests("p", records, {"p": (1.0, 1e-6)})
    assert (first.only_first, first.only_second, first.n) == (20, 0, 20)
    assert first.p_holm < 1e-4
    assert (tie.only_first, tie.only_second) == (0, 0)
    assert np.isnan(tie.p)
    assert last.only_second == 20
    scaled = {m: {"p": rows_of(1e6 * rows["p"]["value"])} for m, rows in records.items()}
    assert lower_tests("p", scaled, {"p": (1e6, 1.0)})[0].p == pytest.approx(first.p)


def test_pairs_over_problems_count_problems():
    better = {f"p{i}": rows_of(np.ones(5)) for i in range(8)}
    worse = {f"p{i}": rows_of(np.full(5, 2.0)) for i in range(8)}
    (test,) = lower_tests("g", {"a": better, "b": worse}, {f"p{i}": (1.0, 0.0) for i in range(8)})
    assert (test.problems, test.only_first, test.n) == (8, 40, 40)
    assert test.p == pytest.approx(2 / 2**8)
