"""Paired tests against SciPy, closed forms and simulation."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from homotopy.errors import ArgumentError
from homotopy.experiments import compare
from homotopy.experiments.statistics.paired import holm, mcnemar, paired_tests, wilcoxon_cost


def test_mcnemar_counts_discordant_pairs_only():
    first = np.array([1] * 9 + [0] * 2 + [1] * 30, dtype=bool)
    second = np.array([0] * 9 + [1] * 2 + [1] * 30, dtype=bool)
    want = 2 * stats.binom.cdf(2, 11, 0.5)
    assert mcnemar(first, second) == pytest.approx(want, rel=1e-12)
    assert mcnemar(second, first) == mcnemar(first, second)


def test_mcnemar_of_equal_methods_is_one():
    assert mcnemar([True, False], [True, False]) == 1.0


def test_mcnemar_keeps_its_level():
    rng = np.random.default_rng(5)
    rejected = [mcnemar(*(rng.random((2, 60)) < 0.5)) <= 0.05 for _ in range(500)]
    assert np.mean(rejected) <= 0.07


def test_wilcoxon_agrees_with_scipy_on_log_ratios():
    rng = np.random.default_rng(1)
    a, b = rng.exponential(2.0, 40), rng.exponential(1.0, 40)
    a[3], b[7] = np.nan, np.nan
    ratio, p, n = wilcoxon_cost(a, b)
    keep = np.isfinite(a) & np.isfinite(b)
    assert n == 38
    assert p == stats.wilcoxon(np.log(a[keep] / b[keep])).pvalue
    assert ratio == pytest.approx(np.exp(np.median(np.log(a[keep] / b[keep]))))


def test_wilcoxon_says_nothing_of_few_or_equal_pairs():
    assert wilcoxon_cost([np.nan], [1.0])[2] == 0
    assert np.isnan(wilcoxon_cost([1.0] * 5, [2.0] * 5)[1])
    assert wilcoxon_cost([1.0] * 9, [1.0] * 9) == (1.0, 1.0, 9)


def test_pairs_must_match():
    with pytest.raises(ArgumentError, match="equally many"):
        mcnemar([True], [True, False])
    with pytest.raises(ArgumentError, match="equally many"):
        wilcoxon_cost([1.0], [1.0, 2.0])


def test_holm_by_hand_and_with_holes():
    np.testing.assert_allclose(holm([0.01, np.nan, 0.02, 0.9]), [0.03, np.nan, 0.04, 0.9])
    assert holm([0.4, 0.4, 0.4]).tolist() == [1.0, 1.0, 1.0]
    assert holm([]).size == 0


def test_all_pairs_are_tested_together(bowl, walk):
    three = [walk("a"), walk("b", luck=0.5), walk("c", luck=0.4)]
    got = compare(bowl, three, seeds=40, budget=50)
    tests = paired_tests("bowl", {m: got.records("bowl", m) for m in got.methods})
    assert [(t.first, t.second) for t in tests] == [("a", "b"), ("a", "c"), ("b", "c")]
    first = tests[0]
    assert first.n == 40
    assert first.only_second == 0
    assert first.n_both + first.only_first == 40
    assert first.ratio == 1.0  # the same starts, the same steps
    assert all(t.p_success <= t.p_success_holm <= 1 for t in tests)
    assert set(first.to_dict()) >= {"p_cost_holm", "ratio"}
