"""Race and hop, and `auto` where the optimum is unknown: the whole budget, and never less than a plain descent."""

import numpy as np
import pytest

import homotopy as hp
from homotopy.errors import ArgumentError
from homotopy.methods import method
from homotopy.methods.auto import choose_unknown
from homotopy.problems.data import fan_in, layer_starts, normal


def noisy(seed, hidden=(6,), act="relu", loss="squared", l2=1e-4):
    rng = np.random.default_rng(seed)
    n, d = int(rng.integers(60, 200)), int(rng.integers(3, 9))
    X = rng.standard_normal((n, d))
    z = np.sin(2 * X @ rng.standard_normal((d, 4)) / np.sqrt(d)) @ rng.standard_normal(4) + 0.3 * rng.standard_normal(n)
    y = (z - z.mean()) / z.std() if loss == "squared" else (z > 0).astype(float)
    sizes, depth = (d, *hidden, 1), len(hidden) + 1
    risk = hp.EmpiricalRisk(hp.MLP(sizes, act), loss, X, y, l2=l2)
    return hp.Problem("noisy", risk, layer_starts(sizes, [fan_in()] * depth, [normal(0.1)] * depth))


KINDS = [((6,), "relu", "squared"), ((6,), "tanh", "squared"), ((5, 5), "relu", "squared"), ((6,), "relu", "logistic")]


@pytest.mark.parametrize("budget", [50, 300, 1000, 2500])
@pytest.mark.parametrize(("hidden", "act", "loss"), KINDS)
def test_auto_is_anytime_and_spends_its_budget(hidden, act, loss, budget):
    ratios = []
    for seed in range(6):
        target = noisy(seed, hidden, act, loss)
        plain = method("lbfgs").solve_many(target, [seed], budget=budget)[0]
        found = method("auto").solve_many(target, [seed], budget=budget)[0]
        assert 0.85 * budget < found.cost <= 1.05 * budget
        ratios.append(found.value / plain.value)
    assert np.exp(np.log(ratios).mean()) <= 1.01
    assert max(ratios) <= 1.3


def test_it_ends_lower_than_restarts_of_the_same_budget():
    ratios = [
        [
            method(name).solve_many(noisy(seed, (8,)), range(4), budget=2000).value.mean()
            for name in ("race-hop", "multistart")
        ]
        for seed in range(100, 106)
    ]
    race, restarts = np.array(ratios).T
    assert np.exp(np.log(race / restarts).mean()) <= 0.95


def test_without_a_budget_it_ends_after_hops_that_find_nothing():
    result = hp.solve(noisy(3, (2,), "tanh", l2=1e-2), "auto", rng=0)
    hops = [stage for stage in result.stages if stage["stage"] in ("hop", "new start")]
    assert len(hops) >= 20
    assert result.success
    assert result.end == "a minimum"
    assert "nothing lower was found" in result.stages[-1]["why"]


def test_a_budget_of_seconds_is_spent():
    result = hp.solve(noisy(4), "auto", rng=0, budget=hp.Budget(seconds=0.2))
    assert 0.1 < result.seconds < 0.3
    assert result.value < 0.5


def test_starts_that_are_always_the_same_are_not_raced():
    wells = noisy(5)
    x0 = wells.start(np.random.default_rng(0))
    fixed = hp.Problem("fixed", wells.objective, lambda rng: x0.copy())
    result = hp.solve(fixed, "race-hop", rng=0, budget=2000)
    assert not any(stage["stage"].startswith("heat") for stage in result.stages)
    assert result.value <= hp.solve(fixed, "lbfgs", rng=0, budget=2000).value * 1.001


def test_a_point_at_zero_is_left():
    def bowl(x):
        r = x @ x
        return float(np.cos(r) + 0.01 * r), -2 * np.sin(r) * x + 0.02 * x

    class Ring:
        size = 3
        value_and_grad = staticmethod(bowl)

    ring = hp.Problem("ring", Ring(), lambda rng: np.zeros(3))
    assert hp.solve(ring, "race-hop", rng=0, budget=500).value < -0.9


@pytest.mark.parametrize(
    ("hidden", "act", "left", "name"),
    [
        ((6,), "relu", 1e4, "race-hop"),
        ((5, 5), "relu", 1e4, "race-hop:first=width-deep"),
        ((5, 5), "relu", 2e3, "race-hop"),
        ((5, 5), "tanh", 1e4, "race-hop"),
        ((), "identity", 1e4, "lbfgs"),
    ],
)
def test_the_choice_follows_structure_and_budget(hidden, act, left, name):
    assert choose_unknown(noisy(0, hidden, "relu" if act == "identity" else act), left)[0].name == name


def test_bad_settings_are_named():
    with pytest.raises(ArgumentError, match="share"):
        method("race-hop:first=width,share=1.5")
    with pytest.raises(ArgumentError, match="kick"):
        method("race-hop:kick=0")
