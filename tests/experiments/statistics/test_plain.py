"""Statistics of random members of each kind against plain computations that share no code with them."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
import pytest
from scipy import stats

from homotopy.errors import ArgumentError
from homotopy.experiments.run.blocks import RESULT
from homotopy.experiments.statistics.budgeted import (
    AtBudget,
    Estimate,
    _between,
    at_budget,
    mean_estimate,
    over_problems,
)
from homotopy.experiments.statistics.clock import fixed_seconds, price_of
from homotopy.experiments.statistics.clustered import clustered_interval
from homotopy.experiments.statistics.lower import lower_tests
from homotopy.experiments.statistics.paired import flipped, holm, mcnemar, paired_tests, wilcoxon_cost
from homotopy.experiments.statistics.problems import problem_interval
from homotopy.experiments.statistics.profiles import clusters, cost_to
from homotopy.experiments.statistics.restarts import expected_cost, tuned_cost


def posterior(k, n, confidence):
    """The interval of the mean rate by a sum over many nodes, the densities those of scipy.stats."""
    mu = np.sin(np.linspace(0, np.pi / 2, 602)[1:-1]) ** 2
    weight = np.gradient(mu)
    part = (np.arange(80) + 0.5) / 80
    mass = 0.2 * np.exp(stats.binom.logpmf(k[:, None], n[:, None], mu).sum(axis=0))
    for rho in stats.beta.ppf(part, 0.5, 0.75):
        size = 1 / rho - 1
        mass = mass + 0.8 / 80 * np.exp(
            stats.betabinom.logpmf(k[:, None], n[:, None], mu * size, (1 - mu) * size).sum(0)
        )
    total = np.cumsum(mass * weight)
    tail = (1 - confidence) / 2
    return np.interp([tail, 1 - tail], total / total[-1], mu)


@pytest.mark.parametrize("seed", range(6))
def test_the_interval_over_groups_is_that_of_the_posterior(seed):
    rng = np.random.default_rng(seed)
    groups, confidence = int(rng.integers(2, 9)), float(rng.choice([0.5, 0.8, 0.95]))
    n = rng.integers(3, 60, groups)
    k = rng.binomial(n, rng.beta(*rng.uniform(0.5, 6, 2), groups))
    k[0] = max(k[0], 1) if k.sum() < n.sum() else k[0] - 1
    got, want = clustered_interval(k, n, confidence=confidence), posterior(k, n, confidence)
    assert got == pytest.approx(want, abs=2e-3)


@pytest.mark.parametrize("length", range(1, 12))
def test_holm_is_the_largest_of_the_p_values_before_times_those_that_are_left(length):
    rng = np.random.default_rng(length)
    p = rng.uniform(0, 0.3, length)
    p[rng.random(length) < 0.2] = np.nan
    known = np.isfinite(p)
    want = [
        min(1.0, max(q * (known.sum() - (p < q).sum()) for q in p[known] if q <= one)) if np.isfinite(one) else np.nan
        for one in p
    ]
    np.testing.assert_allclose(holm(p), want, rtol=1e-12)


@pytest.mark.parametrize("seed", range(12))
def test_fixed_seconds_are_where_the_line_begins(seed):
    rng = np.random.default_rng(seed)
    cost = rng.uniform(1, 100, int(rng.integers(2, 30)))
    seconds = (rng.uniform(-2, 3) + rng.uniform(0.01, 1) * cost) * np.exp(0.05 * rng.standard_normal(cost.size))
    seconds = np.maximum(seconds, 0.0)
    cost = np.append(cost, 50.0)
    seconds = np.append(seconds, 0.0)  # one that took no time that a clock sees
    timed = seconds > 0
    rows = np.column_stack([np.ones(timed.sum()), cost[timed]]) / seconds[timed, None]
    begin = np.linalg.lstsq(rows, np.ones(len(rows)), rcond=None)[0][0]
    want = np.clip(begin, 0, seconds[timed].min()) if timed.sum() > 1 else 0.0
    assert fixed_seconds(seconds, cost) == pytest.approx(want, rel=1e-9, abs=1e-12)
    price = price_of({"seconds": seconds, "cost": cost})
    np.testing.assert_allclose(price.own + price.rate * cost, seconds, rtol=1e-12, atol=1e-12)
    assert set(price.own.tolist()) == {fixed_seconds(seconds, cost)}


def test_runs_of_one_cost_have_no_fixed_seconds():
    assert fixed_seconds(np.array([1.0, 2.0, 3.0]), np.full(3, 7.0)) == 0.0
    assert fixed_seconds(np.array([1.0, 2.0, 3.0]), 7.0 * (1 + 1e-12 * np.arange(3))) == 0.0
    assert fixed_seconds(np.zeros(2), np.array([1.0, 2.0])) == fixed_seconds(np.empty(0), np.empty(0)) == 0.0


@pytest.mark.parametrize("n", [30, 2000])
def test_both_ends_of_a_mean_are_its_percentiles(n):
    values = np.random.default_rng(n).exponential(3.0, n)
    error = values.std() / np.sqrt(n)
    found = mean_estimate(values, rng=1)
    skew = stats.skew(values) / np.sqrt(n)
    for end, z in ((found.low, -1.96), (found.high, 1.96)):
        assert (end - found.value) / error == pytest.approx(z + skew * (z * z - 1) / 6, abs=0.12)
    assert found == mean_estimate(values, rng=1) != mean_estimate(values, rng=2)
    again = mean_estimate(values, rng=1, n_resamples=10)
    assert found.low <= again.low < again.high <= found.high


def test_the_interval_of_rows_is_less_their_noise():
    """Means of pools on a line and rows that scatter by a known variance."""
    means, noise = np.linspace(0, 1, 1001), np.sqrt(0.3) * np.resize([1.0, -1.0], 10)
    value = np.full((1, 5), 2.0)
    found = _between(value, means[:, None] + noise, (-9.0, 9.0))
    shrink = np.sqrt(1 - 0.03 / means.var())
    assert (found.value, found.low) == (2.0, pytest.approx(2 - 0.475 * shrink))
    assert found.high == pytest.approx(2 + 0.475 * shrink)
    assert _between(value, means[:, None] + 0 * noise, (1.9, 2.1)) == Estimate(2.0, 1.9, 2.1)
    assert _between(value, np.full((7, 3), 1.5), (0.0, 9.0)) == Estimate(2.0, 2.0, 2.0)
    lost = np.where(np.arange(1001) < 990, means, np.inf)
    with np.errstate(invalid="ignore"):  # as its callers have it
        assert _between(value, lost[:, None], (0.0, np.inf)) == Estimate(2.0, 0.025, 0.975)
        lost[970:] = np.inf
        assert _between(value, lost[:, None], (0.0, np.inf)).high == np.inf


def expected_lowest(values, shares, curves, scores):
    """Lowest loss, score of the best whole run and number of restarts, by all ways in which rows can go."""

    def go(left, low, best, number):
        if left <= 0.005:
            return np.array([low, scores[best], number])
        out = np.zeros(3)
        for i, share in enumerate(shares):
            if share <= left + 1e-12:
                inner = go(left - share, min(low, values[i]), i if values[i] < values[best] else best, number + 1)
            else:
                seen = [loss for at, loss in curves[i] if at <= left]
                inner = np.array([min([low, *seen[-1:]]), scores[best], number + 1])
            out += inner / len(shares)
        return out

    return np.mean([go(1 - share, values[i], i, 1) for i, share in enumerate(shares)], axis=0)


@pytest.mark.parametrize("seed", range(6))
def test_what_restarts_come_to_is_the_mean_over_all_rows(seed):
    rng = np.random.default_rng(seed)
    r = int(rng.integers(2, 5))
    shares = rng.choice([0.25, 0.4, 0.5, 0.75, 0.994, 1.0, 1.3], r)
    shares[0] = 0.5
    values, scores = rng.uniform(1, 3, r), rng.uniform(0, 1, r)
    curves = [np.array([[s * 0.3, v + 1.0], [s * 0.6, v + 0.2], [s, v]]) for s, v in zip(shares, values, strict=True)]
    want = expected_lowest(values, shares, curves, scores)
    found = at_budget(values, shares, curves, scores=scores)
    assert [found.loss.value, found.score.value, found.restarts] == pytest.approx(want, rel=0.025)
    assert found.run_score.value == pytest.approx(scores.mean())


def test_a_run_that_leaves_half_a_percent_is_the_last():
    for share, restarts in ((0.9951, 1.0), (0.9949, 2.0)):
        assert at_budget([1.0, 2.0], [share, share], [np.empty((0, 2))] * 2).restarts == restarts


def test_ten_tenths_are_a_whole():
    """A run of a tenth is whole also where nine others, added up, leave a little less."""
    found = at_budget([1.0, 2.0], [0.1, 0.9], [np.empty((0, 2))] * 2)
    assert found.loss.value == pytest.approx(1.0 + 0.25, abs=0.03)  # the dear one twice
    nine = at_budget([1.0], [0.1], [np.empty((0, 2))], scores=[0.5])
    assert (nine.restarts, nine.score.value) == (10.0, 0.5)


def test_the_default_seed_is_zero_everywhere():
    """A table is the same each time, and the same as with the seed that is stated."""
    rng = np.random.default_rng(11)
    cost = rng.exponential(10.0, 60)
    hit = np.where(rng.random(60) < 0.4, cost, np.nan)
    early = (cost[:30], hit[:30])
    pairs = [
        (expected_cost(cost, hit), [expected_cost(cost, hit, rng=seed) for seed in (0, 1)]),
        (tuned_cost(cost, hit, early), [tuned_cost(cost, hit, early, rng=seed) for seed in (0, 1)]),
        (mean_estimate(cost), [mean_estimate(cost, rng=seed) for seed in (0, 1)]),
        (at_budget(cost, cost / 40), [at_budget(cost, cost / 40, rng=seed) for seed in (0, 1)]),
    ]
    for plain, (zero, one) in pairs:
        assert plain == zero != one


def test_many_runs_are_drawn_from_the_normal_limit_only_where_successes_are_many():
    rng = np.random.default_rng(6)
    for n, rate, normal in ((5001, 0.5, True), (5000, 0.5, False), (6000, 0.05, False), (6000, 0.2, True)):
        cost = 100.0 + rng.random(n)
        hit = np.where(rng.permutation(n) < rate * n, cost, np.nan)
        with pytest.MonkeyPatch.context() as patch:
            drawn = []
            patch.setattr(np, "cov", lambda *a, drawn=drawn, cov=np.cov, **k: drawn.append(1) or cov(*a, **k))
            expected_cost(cost, hit, n_resamples=20)
        assert bool(drawn) == normal


def test_a_mean_over_problems_is_cut_only_where_values_cannot_lie():
    found = [AtBudget(Estimate(v, 0, 9), 2.0, Estimate(v, 0, 1), Estimate(-v, 0, 1), "R2") for v in (0.1, 0.9)]
    reach = stats.t.ppf(0.975, 1) * np.std([0.1, 0.9], ddof=1) / np.sqrt(2)
    whole = over_problems(found, [np.nan, 1.0])
    assert (whole.relative, whole.restarts, whole.score_name) == (False, 2.0, "R2")
    assert (whole.loss.low, whole.loss.high) == pytest.approx((0.5 - reach, 0.5 + reach))
    assert (whole.score.low, whole.score.high) == pytest.approx((0.5 - reach, 1.0))
    assert whole.run_score.low == pytest.approx(-0.5 - reach)
    assert over_problems(found, [1.0, 1.0]).loss.low == 0.0
    assert not over_problems(found, [0.0, 1.0]).relative
    below = [AtBudget(Estimate(v, 0, 9), 1.0) for v in (-0.1, 0.9)]
    assert over_problems(below, [1.0, 1.0]).loss.low == -0.1
    one = over_problems(found[:1], [2.0])
    assert (one.loss.value, one.score.value) == (0.05, 0.1)
    assert np.isnan([one.loss.low, one.loss.high, one.score.low]).all()
    lost = over_problems([found[0], AtBudget(Estimate(np.inf, 0, 9), 1.0)], [1.0, 1.0])
    assert lost.loss.value == np.inf
    assert np.isnan([lost.loss.low, lost.loss.high]).all()
    assert (lost.score, lost.run_score, lost.score_name) == (None, None, "")


def members(rng, methods, problems, *, lost=0.1):
    """Records of some methods on some problems: seeds that not all ran, ties, runs without success, odd losses."""
    out = {}
    for method in methods:
        out[method] = {}
        for problem in problems:
            seeds = np.sort(rng.choice(20, int(rng.integers(3, 18)), replace=False))
            rows = np.zeros(seeds.size, dtype=RESULT)
            rows["seed"], rows["value"] = seeds, rng.integers(-4, 9, seeds.size) / 4
            rows["value"][rng.random(seeds.size) < lost] = rng.choice([np.nan, np.inf, -np.inf])
            rows["success"] = rng.random(seeds.size) < 0.7
            rows["cost_to_success"] = np.where(rows["success"], rng.integers(1, 9, seeds.size), np.nan)
            out[method][problem] = rows
    return out


def pairs(first, second):
    """Yield the problem's number and both rows of each start that both ran."""
    for number, problem in enumerate(first):
        for a in first[problem]:
            for b in second[problem]:
                if a["seed"] == b["seed"]:
                    yield number, a, b


def over(numbers, terms, m):
    return [sum(term for number, term in zip(numbers, terms, strict=True) if number == j) for j in range(m)]


@pytest.mark.parametrize("problems", [1, 2, 4, 7])
@pytest.mark.parametrize("seed", range(4))
def test_pairs_of_losses_are_those_of_a_plain_count(problems, seed):
    rng = np.random.default_rng((seed, problems))
    names = [f"p{i}" for i in range(problems)]
    records, unit, tie = members(rng, "abc", names), 2.0, 0.5
    scales = dict.fromkeys(names, (unit, tie))
    if seed == 3:
        # A loss without a unit, or with one that is not known: compared as it is, equal only where it is equal.
        scales[names[0]] = (0.0 if problems > 2 else np.nan, tie)
    tests = lower_tests("g", records, scales)
    assert [(t.problem, t.first, t.second) for t in tests] == [("g", *pair) for pair in combinations("abc", 2)]
    for test in tests:
        numbers, differences = [], []
        for number, a, b in pairs(records[test.first], records[test.second]):
            by, apart = (unit, tie / unit) if scales[names[number]][0] > 0 else (1.0, 0.0)
            x, y = (np.clip(1e12 if np.isnan(one["value"]) else one["value"] / by, -1e12, 1e12) for one in (a, b))
            numbers.append(number)
            differences.append(x - y if abs(x - y) > apart else 0.0)
        d = np.array(differences)
        assert (test.n, test.only_first, test.only_second) == (len(d), np.sum(d < 0), np.sum(d > 0))
        ran = len(set(numbers))
        assert test.problems == max(1, ran)
        ranks = np.zeros(len(d))
        ranks[d != 0] = np.sign(d[d != 0]) * stats.rankdata(np.abs(d[d != 0]))
        if np.sum(d != 0) < 6:
            assert np.isnan(test.p)
        elif ran > 1:
            assert test.p == flipped(over(numbers, ranks, problems))
        else:
            assert test.p == stats.wilcoxon(d[d != 0]).pvalue
    np.testing.assert_array_equal([t.p_holm for t in tests], holm([t.p for t in tests]))


@pytest.mark.parametrize("problems", [1, 2, 5])
@pytest.mark.parametrize("seed", range(5))
def test_pairs_of_costs_are_those_of_a_plain_count(problems, seed):
    rng = np.random.default_rng((seed, problems, 1))
    records = members(rng, "ab", [f"p{i}" for i in range(problems)])
    (test,) = paired_tests("g", records if problems > 1 else {name: parts["p0"] for name, parts in records.items()})
    found = list(pairs(records["a"], records["b"]))
    numbers = [number for number, _, _ in found]
    a, b = (np.array([pair[side]["cost_to_success"] for pair in found]) for side in (1, 2))
    wins = np.isfinite(a).astype(int) - np.isfinite(b)
    both = np.isfinite(a - b)
    logs = np.where(both, np.log(a / b), 0.0)
    assert (test.n, test.n_both) == (len(found), both.sum())
    assert (test.only_first, test.only_second) == ((wins > 0).sum(), (wins < 0).sum())
    assert test.problems == len(set(numbers))
    if both.any():
        assert test.ratio == pytest.approx(np.median(a[both] / b[both]), rel=0.35)  # of an even number between two
        assert test.ratio == pytest.approx(np.exp(np.median(logs[both])))
    if problems == 1:
        assert test.p_success == mcnemar(np.isfinite(a), np.isfinite(b))
    else:
        assert test.p_success == flipped(over(numbers, wins, problems))
    some = logs != 0
    ranks = np.zeros(len(logs))
    ranks[some] = np.sign(logs[some]) * stats.rankdata(np.abs(logs[some]).round(12))
    if both.sum() < 6:
        assert np.isnan(test.p_cost)
    elif problems > 1:
        assert test.p_cost == flipped(over(numbers, ranks, problems))


@pytest.mark.parametrize("unit", [1.0, 3.0, 0.1, 1e-7])
def test_equal_ratios_tie_in_every_unit(unit):
    rng = np.random.default_rng(7)
    a, b = (2.0 ** rng.integers(0, 5, 30) * unit for _ in range(2))
    exact = np.log2(a / unit) - np.log2(b / unit)  # whole numbers
    assert wilcoxon_cost(a, b)[1] == stats.wilcoxon(exact).pvalue


def test_six_pairs_are_enough_and_five_are_not():
    a, b = np.arange(1.0, 7.0), np.full(6, 10.0)
    assert wilcoxon_cost(a, b)[1] == 2 / 2**6
    assert np.isnan(wilcoxon_cost(a[:5], b[:5])[1])
    assert wilcoxon_cost([0.0] * 6, [0.0] * 6) == (1.0, 1.0, 6)  # costs of nothing are equal


@pytest.mark.parametrize("longer", [0, 1])
def test_unequal_numbers_of_pairs_are_refused_whichever_is_longer(longer):
    parts = [[1.0, 2.0], [1.0]] if longer else [[1.0], [1.0, 2.0]]
    for function in (mcnemar, wilcoxon_cost):
        with pytest.raises(ArgumentError, match="equally many"):
            function(*parts)


@pytest.mark.parametrize("seed", range(6))
def test_the_interval_over_problems_follows_its_formula(seed):
    rng = np.random.default_rng(seed)
    number = rng.permutation(np.repeat([3, 5, 8, 9], 12))
    inside, spent = rng.random(48) < 0.6, rng.uniform(1, 9, 48)
    inside[: 48 * (seed == 5)] = True
    value = spent.sum() / inside.sum()
    logs = {j: float(rng.normal(np.log(value), 0.4)) for j in (3, 5, 8, 9)}
    least = np.inf if seed % 2 else 0.7 * value
    confidence = 0.8 if seed == 2 else 0.95
    low, high = problem_interval(
        spent, inside, number, without=lambda j: np.exp(logs[j]), least=least, confidence=confidence
    )
    error = np.sqrt(3 * np.var(list(logs.values())))
    reach = np.exp(error * stats.t.ppf((1 + confidence) / 2, 3))
    kept = [inside[number == j].sum() for j in (3, 5, 8, 9)]
    slow, fast = clustered_interval(kept, [12] * 4, confidence=confidence)
    lost = spent.max() if inside.all() else spent[~inside].mean()
    ends = [spent[inside].mean() + lost * (1 - rate) / rate for rate in (slow, fast)]
    assert low == pytest.approx(min(value, least) / reach)
    assert high == pytest.approx(max(value * reach, ends[0]))
    logs[8] = np.inf
    with np.errstate(over="ignore"):
        low, high = problem_interval(
            spent, inside, number, without=lambda j: np.exp(logs[j]), least=least, confidence=confidence
        )
    assert (low, high) == (pytest.approx(min(ends[1], least)), np.inf)


@pytest.mark.parametrize("seed", range(4))
def test_clusters_reach_no_further_than_from_their_lowest(seed):
    rng = np.random.default_rng(seed)
    values = rng.permutation(
        np.concatenate([rng.choice([-2.0, 0.0, 3e-8, 1.0, 1.5]) + 4e-3 * rng.random(4) for _ in range(5)])
    )
    relative, absolute = ((0.01, 1e-8), (1e-3, 1e-3), (0.0, 2e-3), (0.2, 0.0))[seed]
    want = []
    for value in sorted(values):
        if want and value <= want[-1][0] + (absolute + relative * abs(want[-1][0])):
            want[-1].append(value)
        else:
            want.append([value])
    found = clusters(values) if seed == 0 else clusters(values, relative=relative, absolute=absolute)
    assert [(c.value, c.count, c.spread) for c in found] == [(w[0], len(w), w[-1] - w[0]) for w in want]


def test_the_cost_to_a_target_is_that_of_the_first_point_there():
    rng = np.random.default_rng(4)
    curves = [np.column_stack([np.arange(n) + 1.0, -np.sort(-rng.integers(0, 9, n))]) for n in rng.integers(0, 6, 40)]
    for target in range(-1, 10):
        want = [next((cost for cost, value in curve if value <= target), np.nan) for curve in curves]
        np.testing.assert_array_equal(cost_to(curves, target), want)
    assert cost_to([], 1.0).size == 0


def test_random_signs_of_many_problems_are_drawn():
    """Beyond thirteen problems the p-value is that of drawn signs: near the normal one."""
    sums = np.random.default_rng(8).normal(0.4, 1.0, 40)
    want = 2 * stats.norm.sf(abs(sums.sum()) / np.sqrt((sums**2).sum()))
    assert flipped(sums) == pytest.approx(want, abs=0.01)
    assert flipped([3, 4]) == flipped([-1, -1]) == 0.5
    for m in (12, 13):
        plain = np.mean(
            [np.dot(signs, sums[:m]) >= abs(sums[:m].sum()) - 1e-12 for signs in product((-1, 1), repeat=m)]
        )
        assert flipped(sums[:m]) == pytest.approx(2 * plain, rel=1e-12)
