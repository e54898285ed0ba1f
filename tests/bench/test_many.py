"""The benchmarks that count successes, and those of whole runs."""

import io

import numpy as np
import pytest
from rich.console import Console

import homotopy as hp
from homotopy.bench import contest, many, report, runs, workloads
from homotopy.bench.peers import scipy as peer
from homotopy.objectives import TeacherStudent

INSTALLED = [p for p in ("scipy", "jax", "optax") if p not in workloads.missing()]


def falls(x, cap):
    """A side whose starts succeed where they are small, and after as many iterations as their first variable says."""
    return np.where(x[:, 0] * 20 < cap, 0.0, 1.0)


def side(monkeypatch, seconds, caps):
    """A side on XOR that takes so long with each cap."""
    monkeypatch.setitem(many.ROWS, "W9 xor tanh", many.Row("xor", caps, peers=200))
    clock = [0.0]
    monkeypatch.setattr(many.time, "process_time", lambda: clock[0])
    asked = []

    def attempt(X, cap):
        clock[0] += seconds[cap]
        asked.append((cap, len(X)))
        return falls(X, cap)

    return many.contestant("side", "W9 xor tanh", attempt), asked


def test_the_cap_is_that_of_the_most_successes_a_second(monkeypatch):
    c, asked = side(monkeypatch, {1: 1.0, 5: 1.1, 20: 50.0}, (1, 5, 20))
    assert not asked  # nothing runs before it must
    c.call()
    assert c.note() == "at most 5 iterations"
    starts = many.starts("W9 xor tanh", 200)
    assert c.evaluations() == np.sum(starts[:, 0] * 20 < 5)
    assert c.rate() == (np.sum(starts[:, 0] * 20 < 20), 200)
    asked.clear()
    c.call()
    assert asked == [(5, 200)]


def test_tuning_has_starts_of_its_own_and_both_are_the_same_every_time():
    shown, tuning = many.starts("W9 xor relu", 5), many.starts("W9 xor relu", 5, tuning=True)
    assert not np.isin(shown, tuning).any()
    many.starts.cache_clear()
    np.testing.assert_array_equal(shown, many.starts("W9 xor relu", 5))


def test_a_side_that_never_succeeds_is_slow_but_no_error(monkeypatch):
    c, _ = side(monkeypatch, {1: 1.0}, (1,))
    monkeypatch.setattr(c.call, "attempt", lambda X, cap: np.ones(len(X)))
    c.call()
    assert c.evaluations() == 0.5
    assert c.rate() == (0, 200)


def test_rates_are_compared_by_an_exact_test():
    sides = [
        contest.Contestant("homotopy", int, rate=lambda: (300, 1000)),
        contest.Contestant("same", int, rate=lambda: (62, 200)),
        contest.Contestant("better", int, rate=lambda: (120, 200)),
        contest.Contestant("no task", int),
    ]
    ours, same, better = workloads.rates_of(sides)
    assert (ours.p, ours.successes, ours.trials) == (1.0, 300, 1000)
    assert same.p > 0.5
    assert better.p < workloads.LEAST_P
    assert better.share == 0.6


def test_a_peer_that_succeeds_more_often_is_a_disagreement(monkeypatch):
    def sides(rates):
        return lambda *_: [contest.Contestant(n, int, rate=lambda k=k: (k, 500)) for n, k in rates.items()]

    monkeypatch.setattr(workloads, "contestants_of", sides({"homotopy": 100, "more": 200, "less": 20, "as often": 110}))
    monkeypatch.setattr(contest, "_calibrate", lambda *_: 1)
    monkeypatch.setitem(workloads.WORKLOADS, "W9 xor tanh", workloads.Workload("none", ()))
    outcome = workloads.run("W9 xor tanh", rounds=1)
    assert outcome.disagreements == ("more",)
    console = Console(width=140, record=True, file=io.StringIO())
    console.print(report.table(outcome))
    assert "200/500" in console.export_text()
    assert report.as_dict([outcome], "v4")["workloads"][0]["rates"][1]["successes"] == 200


@pytest.mark.parametrize("name", ["xor", "xor:act=relu", "ts:act=relu,d=8,h=8"])
def test_the_gradient_in_numpy_is_that_of_the_net(name):
    f = hp.problem(name).objective
    x = np.random.default_rng(0).standard_normal(f.size)
    value, grad = peer.net_gradient(f)(x)
    assert value == pytest.approx(f.value(x), rel=1e-12)
    np.testing.assert_allclose(grad, f.grad(x), rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize("k", [3, 20])
def test_the_gradient_in_numpy_is_that_of_the_teacher(k):
    f, x = TeacherStudent(k, k), np.random.default_rng(1).standard_normal(k * k)
    value, grad = peer.teacher_gradient(k)(x)
    assert value == pytest.approx(f.value(x), rel=1e-12)
    np.testing.assert_allclose(grad, f.grad(x), rtol=1e-9, atol=1e-12)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("workload", ["W9 xor relu", "W9 xor tanh", "W10 xor relu", "W10 xor tanh"])
@pytest.mark.parametrize("name", [pytest.param(p, marks=pytest.mark.slow if p != "scipy" else ()) for p in INSTALLED])
def test_peers_succeed_as_often(workload, name, monkeypatch):
    row = many.ROWS[workload]
    monkeypatch.setitem(many.ROWS, workload, many.Row(row.problem, row.caps[-1:], peers=200, ours=400))
    theirs = workloads.contestants_of(workload, [name])
    rates = workloads.rates_of(theirs)
    assert len(rates) == len(theirs)
    assert all(rate.p > 1e-4 for rate in rates), rates
    assert rates[0].trials == 400


def test_runs_are_measured_by_what_they_are_charged(monkeypatch):
    monkeypatch.setitem(runs.ROWS, "W11 xor relu", runs.Row("xor:act=relu", ("lbfgs", "omp"), 3.0, runs=4))
    gradient, *methods = runs.OURS["W11 xor relu"]()
    assert gradient.evaluations == 1.0
    for c in methods:
        c.call()
        found = hp.method(c.name.removeprefix("homotopy ")).solve_many(hp.problem("xor:act=relu"), range(4), budget=2e4)
        assert c.evaluations() == pytest.approx(found["cost"].sum())


def test_the_harness_is_measured_on_the_same_descents(monkeypatch):
    monkeypatch.setattr(runs, "SEEDS", 3)
    sides = runs.OURS["W12"]()
    assert {c.evaluations for c in sides} == {3 * len(runs.COMPARED)}
    made, true = [], runs.batches.descend
    monkeypatch.setattr(runs.batches, "descend", lambda *a, **k: made.append(len(a[1])) or true(*a, **k))
    for side in sides[:2]:
        made.clear()
        side.call()
        assert sum(made) >= 3 * len(runs.COMPARED)
    made.clear()
    sides[2].call()  # first the comparison, then its descents again
    first = sorted(made)
    made.clear()
    sides[2].call()
    assert first == sorted(made + made)
    assert sum(made) >= 3 * len(runs.COMPARED)
