"""Verdicts: two shares, two numbers, statements; Holm's correction; the paper as a whole."""

import numpy as np
import pytest
from scipy.stats import norm

from homotopy.experiments import holm
from homotopy.papers.frame import claim, number, share, unread
from homotopy.papers.frame.rows import same_rate, verdict


def test_equal_rates_by_the_score_test():
    """The p-value of the pooled z statistic, by hand."""
    a, n, b, m = 346, 1000, 320, 1000
    pooled = (a + b) / (n + m)
    z = (a / n - b / m) / np.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
    assert same_rate((a, n), (b, m)) == pytest.approx(2 * norm.sf(abs(z)), rel=1e-12)


def test_rare_events_are_tested_exactly():
    """One of ten against none of ten: the tables of these margins have probability 1/2 each."""
    assert same_rate((1, 10), (0, 10)) == pytest.approx(1.0)
    assert same_rate((0, 1000), (0, 1000)) == 1.0
    assert same_rate((0, 1000), (9, 1000)) < 0.01


def test_under_one_rate_few_shares_differ():
    rng = np.random.default_rng(0)
    counts = rng.binomial(1000, 0.3, size=(400, 2))
    differs = np.mean([not share("", (a, 1000), (b, 1000)).holds for a, b in counts.tolist()])
    assert 0.025 < differs < 0.08


def test_holm_by_hand():
    """0.01 x 3, 0.02 x 2 and 0.04 x 1, each at least the one before."""
    assert holm([0.04, 0.01, 0.02]) == pytest.approx([0.04, 0.03, 0.04])
    assert holm([0.9, 0.8]).tolist() == [1.0, 1.0]


def test_a_row_says_what_it_is_judged_by():
    row = share("stuck", (949, 1000), (95, 100))
    assert row.verdict == "agrees"
    assert row.published == "94.9 % of 1,000"
    assert row.ours.startswith("95.0 % of 100 [")
    assert number("F", 0.0215, 0.0213, 1e-4).verdict == "differs"
    assert number("F", 0.0215, 0.0213, 3e-4).verdict == "agrees"
    assert number("F", 0.0215, float("nan"), 1).verdict == "differs"
    assert claim("a", "b", "c", False, "d").verdict == "differs"
    assert unread("a", "b").verdict == "no published number"


def test_one_rate_of_many_may_differ_by_chance_and_a_statement_may_not():
    good = share("", (30, 100), (31, 100))
    near = share("", (30, 100), (45, 100))
    far = share("", (30, 100), (90, 100))
    true, false = (claim("", "", "", holds, "") for holds in (True, False))
    assert not near.holds
    assert near.p > 0.05 / 9
    assert verdict([good] * 8 + [near])[0] == "yes"
    assert "8 of 9 rates agree" in verdict([good] * 8 + [near])[1]
    assert verdict([good, far])[0] == "partly"
    assert verdict([far, far, good])[0] == "no"
    assert verdict([true, true])[0] == "yes"
    assert verdict([true, false])[0] == "partly"
    assert verdict([true, false, false])[0] == "no"
    assert verdict([unread("", "")])[0] == "partly"
