"""Units more on short sequences, taken away there or at the true length; starts that solve the first step; the ways."""

import numpy as np
import pytest
from methods.recurrent.members import recall, taught

import homotopy as hp
from homotopy.errors import ArgumentError
from homotopy.methods import method
from homotopy.methods.recurrent.plans import PLANS
from homotopy.objectives.flops import relative_cost
from homotopy.problems import problem


@pytest.mark.parametrize("recipe", ["width", "width,corrector=lbfgs", "late"])
@pytest.mark.parametrize(("seed", "act"), [(0, "tanh"), (1, "tanh"), (3, "relu")])
def test_wide_nets_are_made_narrow_and_solve_the_true_problem(recipe, seed, act):
    target = taught(seed, h=3, act=act)
    runs = method(f"length:recipe={recipe}").solve_many(target, range(4), budget=4000)
    assert runs.success.all()
    assert runs.x.shape == (4, target.size)
    assert max(target.objective.value(x) for x in runs.x) <= target.target
    alone = [hp.solve(target, f"length:recipe={recipe}", rng=seed, budget=4000) for seed in range(2)]
    np.testing.assert_array_equal(runs.cost[:2], [one.cost for one in alone])
    np.testing.assert_array_equal(runs.x[:2], [one.x for one in alone])


def test_units_are_taken_away_where_they_are_cheap():
    target = taught(2, h=3, T=40)
    early, late = (
        hp.solve(target, f"length:recipe={recipe},tries=1,corrector=lbfgs", rng=1) for recipe in ("width", "late")
    )
    names = [stage["stage"] for stage in early.stages]
    assert "length 4, penalized, 2 more units" in names
    assert names.index("length 8, 2 more units") < names.index("1 more units") < names.index("length 8, narrow")
    assert [stage["stage"] for stage in late.stages].count("length 40, 2 more units") == 1
    assert early.cost < late.cost


def test_removals_and_wide_evaluations_are_charged():
    target = taught(0, h=3, T=16)
    result = hp.solve(target, "length:recipe=width,extra=1,tries=1,gate=0,corrector=lbfgs", rng=0)
    true, units = target.objective, target.objective.units()
    step = 8 * 20 / true.flops  # L-BFGS's recursion, for each variable
    before, prices = 0.0, {}
    for length in (4, 8):
        wide = true.shorter(length).units().wider(1)
        prices[f"length {length}, penalized, 1 more units"] = relative_cost(wide, true) + step * wide.size
        prices[f"length {length}, 1 more units"] = prices[f"length {length}, penalized, 1 more units"]
        prices[f"length {length}, narrow"] = relative_cost(true.shorter(length), true) + step * true.size
    removal = true.shorter(8).units().removal_flops(1, 1) / true.flops
    assert 0 < removal < units.removal_flops(1, 1) / true.flops
    for stage in result.stages:
        if stage["stage"] in prices:
            gone = removal if stage["stage"].endswith("narrow") else 0.0
            evaluations = (stage["cost"] - before - gone) / prices[stage["stage"]]
            assert evaluations == pytest.approx(round(evaluations), abs=1e-6)
        before = stage.get("cost", before)


def test_a_run_that_is_cut_while_it_is_wide_comes_home():
    target = taught(1, h=3, T=30)
    for budget in (20, 60, 120, 250):
        result = hp.solve(target, "length:recipe=late", rng=0, budget=budget)
        assert result.x.shape == (target.size,)
        assert result.cost <= budget + 1
        assert result.value == pytest.approx(target.objective.value(result.x), rel=1e-12)


def test_the_recipe_of_few_units_hands_over_to_more_units():
    known = taught(0)
    never = hp.Problem("never", known.objective, known.start, None, 0.0, 1e-30)
    result = hp.solve(never, "length:tries=6,corrector=lbfgs", rng=0, budget=4000)
    wide = [stage for stage in result.stages if "more units" in stage["stage"]]
    starts = [stage for stage in result.stages if stage["stage"] == "length 4, penalized"]
    assert len(starts) == PLANS["gate"].patience == 4
    assert wide


@pytest.mark.parametrize("make", [taught, lambda: taught(3, act="relu"), recall])
def test_starts_solve_the_first_step(make):
    target = make()
    solver = method("length:starts=units")
    runs = solver.solve_many(target, range(3), budget=3000)
    alone = solver.solve(target, rng=1, budget=3000)
    first = [stage for stage in alone.stages if stage["stage"] == "first step"]
    assert first
    assert first[0]["cost"] > 0
    assert runs.success.all()
    np.testing.assert_array_equal(alone.x, runs.x[1])
    assert alone.cost == runs.cost[1]


def test_starts_of_the_first_step_need_a_plain_net_there():
    X = np.random.default_rng(0).standard_normal((8, 10, 2))
    gated = hp.EmpiricalRisk(hp.RNN(2, 2, 1, cell="gru"), "squared", X, X[:, :, :1])
    target = hp.Problem("gated", gated, lambda rng: gated.model.init(rng))
    assert method("length").accepts(target) is None
    with pytest.raises(ArgumentError, match="cannot run on problem 'gated': the cell is gru"):
        hp.solve(target, "length:starts=units", rng=0)
    assert hp.solve(target, "length", rng=0, budget=200).value < gated.value(target.start(np.random.default_rng(0)))


@pytest.mark.parametrize(
    ("text", "how"),
    [
        ("latch:T=40,h=3,n=128", "deleted"),
        ("identify:T=24,n=16,h=2", "coarse"),
        ("generate:wave=sine,T=24,n=8", "prefix"),
        ("latch:T=40,h=3,n=128", "family"),
    ],
)
def test_sequences_are_made_shorter_in_the_way_that_is_asked(text, how):
    target = problem(text)
    result = hp.solve(target, f"length:how={how}", rng=0, budget=400)
    assert any(stage["stage"].startswith("length") for stage in result.stages)
    assert result.value < 0.5 * target.objective.value(target.start(np.random.default_rng(0)))


def test_one_long_series_is_cut_into_windows():
    rng = np.random.default_rng(1)
    u = rng.standard_normal(400)
    y = np.zeros(400)
    for t in range(1, 400):
        y[t] = np.tanh(0.6 * y[t - 1] + 0.8 * u[t])
    risk = hp.EmpiricalRisk(hp.RNN(1, 2, 1, state="learned"), "squared", u[None, :, None], y[None])
    target = hp.Problem("one series", risk, lambda rng: risk.model.init(rng))
    result = hp.solve(target, "length:how=windows", rng=0, budget=300)
    assert [s["stage"] for s in result.stages if s["stage"].startswith("length")]
    assert result.value < 0.01 * 0.5 * y.var()
