"""Expected seconds: a machine that changes its speed is no reason to give a run up."""

from __future__ import annotations

import numpy as np
import pytest

from homotopy.experiments.run.blocks import RESULT
from homotopy.experiments.statistics.clock import price_of
from homotopy.experiments.statistics.restarts import expected_cost, tuned_cost
from homotopy.experiments.statistics.statistics import summarize
from homotopy.methods.cutoffs import Price, best_cutoff, cost_at


def runs(rng, n, own=2.0, rate=0.1, speed=1.0, p=0.7):
    """Records of runs with shifted exponential costs, most of which succeed, on a machine of this speed."""
    out = np.zeros(n, dtype=RESULT)
    out["success"] = rng.random(n) < p
    hit = 20.0 + rng.exponential(15.0, n)
    out["cost"] = np.where(out["success"], hit, 500.0)
    out["cost_to_success"] = np.where(out["success"], hit, np.nan)
    out["seconds"] = (own + rate * out["cost"]) / speed
    return out


@pytest.mark.parametrize("seed", range(10))
def test_the_best_cutoff_of_priced_runs_is_that_of_a_plain_search(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 60))
    end, won = rng.integers(1, 20, n) * 1.0, rng.random(n) < 0.6
    price = Price(rng.uniform(0, 9, n), rng.uniform(0.1, 3, n))
    found = best_cutoff(end, won, price=price)
    if not won.any():
        assert found == np.inf
        return
    every = [((price.own + price.rate * np.minimum(end, c)).sum() / (won & (end <= c)).sum(), c) for c in end[won]]
    assert cost_at(end, won, found, price) == pytest.approx(min(every)[0], rel=1e-12)


@pytest.mark.parametrize("groups", [1, 6])
def test_a_price_that_is_the_same_for_all_changes_the_unit_alone(groups):
    rng = np.random.default_rng(groups)
    shown, early = runs(rng, 300), runs(rng, 120)
    number, origin = np.arange(300) % groups, np.arange(120) % groups
    ends, tuning = ((part["cost"], part["cost_to_success"]) for part in (shown, early))
    price, early_price = (Price(np.zeros(n), np.full(n, 0.25)) for n in (300, 120))
    pairs = [
        (expected_cost(*ends, problem=number), expected_cost(*ends, problem=number, price=price)),
        (
            tuned_cost(*ends, (*tuning, origin), problem=number),
            tuned_cost(*ends, (*tuning, origin), problem=number, prices=(price, early_price)),
        ),
    ]
    for plain, priced in pairs:
        assert priced.cutoff == plain.cutoff
        for name in ("value", "low", "high"):
            assert getattr(priced, name) == pytest.approx(0.25 * getattr(plain, name), rel=1e-9)


@pytest.mark.parametrize("speed", [0.4, 0.7, 1.3, 2.5])
@pytest.mark.parametrize("tuned", [True, False])
def test_a_slower_machine_is_slower_by_what_it_is(speed, tuned):
    """A cutoff in seconds from fast tuning runs gave up all runs: 250 microseconds where 6 are true."""
    rng = np.random.default_rng(3)
    early = [runs(rng, 400)] if tuned else []
    shown = runs(rng, 1000)
    steady = summarize("a", "m", shown, tuning=early).clock
    shown["seconds"] /= speed
    assert summarize("a", "m", shown, tuning=early).clock.value == pytest.approx(steady.value / speed, rel=0.02)


@pytest.mark.parametrize("seed", range(8))
def test_blocks_at_different_speeds_are_as_one_at_their_mean(seed):
    """Of runs that all cost nearly the same, half in slow minutes."""
    rng = np.random.default_rng(seed)
    shown, early = runs(rng, 800, p=1.0), runs(rng, 200, p=1.0)
    shown["cost"] = shown["cost_to_success"] = 20.0 + rng.random(800)
    early["cost"] = early["cost_to_success"] = 20.0 + rng.random(200)
    for part in (shown, early):
        part["seconds"] = part["cost"] * np.where(rng.random(len(part)) < 0.5, 1.0, rng.uniform(1.2, 3.0))
    for got in (summarize("a", "m", shown, tuning=[early]).clock, summarize("a", "m", shown).clock):
        assert got.value == pytest.approx(shown["seconds"].mean(), rel=0.1)


def test_a_run_that_spent_nothing_takes_what_it_took():
    price = price_of({"seconds": np.array([2.0, 5.0]), "cost": np.array([0.0, 10.0])})
    assert price.paid(np.array([0.0, 10.0])).tolist() == [2.0, 5.0]
