"""Paired tests against SciPy, closed forms and simulation."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from homotopy.errors import ArgumentError
from homotopy.experiments import compare
from homotopy.experiments.run.blocks import RESULT
from homotopy.experiments.statistics.paired import flipped, holm, mcnemar, paired_tests, slim, wilcoxon_cost


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


def test_signs_are_turned_in_all_ways():
    """Against the plain sum over all signs."""
    rng = np.random.default_rng(9)
    for m in (2, 5, 8, 11):
        sums = rng.integers(-6, 9, m).astype(float)
        signs = np.array(np.meshgrid(*[[-1, 1]] * m)).reshape(m, -1).T
        totals = signs @ sums
        want = min(1.0, 2 * min(np.mean(totals >= sums.sum() - 1e-9), np.mean(totals <= sums.sum() + 1e-9)))
        assert flipped(sums) == pytest.approx(want, rel=1e-12)
        assert flipped(-sums) == pytest.approx(want, rel=1e-12)
    assert flipped([0, 0, 0]) == flipped([]) == flipped([7]) == flipped([0, 7]) == 1.0
    assert flipped([5] * 5) == 0.0625
    assert flipped(np.ones(30)) < 1e-3


def drawn(rng, teachers, runs, spread):
    """Two methods that are equal on average and differ from teacher to teacher; their records by teacher."""
    out = ({}, {})
    for j in range(teachers):
        tilt = spread * rng.standard_normal()
        for side, records in zip((1, -1), out, strict=True):
            rows = np.zeros(runs, dtype=RESULT)
            rows["seed"] = np.arange(runs)
            rows["success"] = rng.random(runs) < 1 / (1 + np.exp(-side * tilt))
            cost = 100 * np.exp(0.3 * side * tilt + 0.2 * rng.standard_normal(runs))
            rows["cost_to_success"] = np.where(rows["success"], cost, np.nan)
            records[f"t{j}"] = rows
    return {"a": out[0], "b": out[1]}


def test_tests_over_teachers_keep_their_level_where_those_of_runs_do_not():
    rng = np.random.default_rng(21)
    over, single = [], []
    for _ in range(150):
        records = drawn(rng, 8, 30, 1.0)
        test = paired_tests("p", records)[0]
        assert test.problems == 8
        over.append((test.p_success <= 0.05, test.p_cost <= 0.05))
        pooled = {name: np.concatenate(list(parts.values())) for name, parts in records.items()}
        pooled = {name: np.array(rows) for name, rows in pooled.items()}
        for rows in pooled.values():
            rows["seed"] = np.arange(len(rows))
        alone = paired_tests("p", pooled)[0]
        assert (alone.n, alone.only_first, alone.ratio) == (test.n, test.only_first, test.ratio)
        single.append((alone.p_success <= 0.05, alone.p_cost <= 0.05))
    assert (np.mean(over, axis=0) <= 0.1).all()
    assert (np.mean(single, axis=0) > 0.3).all()


def test_a_difference_on_all_teachers_is_found():
    rng = np.random.default_rng(3)
    records = drawn(rng, 10, 30, 0.2)
    for rows in records["b"].values():
        rows["success"] &= rng.random(30) < 0.3
        rows["cost_to_success"] = np.where(rows["success"], 3 * rows["cost_to_success"], np.nan)
    test = paired_tests("p", records)[0]
    assert test.p_success < 0.01
    assert test.p_cost < 0.01
    assert test.ratio < 0.6


def test_what_tests_need_is_kept():
    rows = np.zeros(3, dtype=RESULT)
    rows["seed"], rows["cost_to_success"] = [4, 5, 6], [1.0, np.nan, 3.0]
    thin = slim(rows)
    assert thin.itemsize < 20 < rows.itemsize
    np.testing.assert_array_equal(thin["cost_to_success"], rows["cost_to_success"])
