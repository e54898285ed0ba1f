"""The method length where the optimum is unknown, or sequences cannot be as short as its recipes begin."""

import numpy as np
import pytest
from methods.recurrent.members import data

import homotopy as hp
from homotopy.methods.recurrent.plans import PLANS
from homotopy.status import Status


def _lengths(run):
    """The short lengths that a run has descended."""
    names = [stage["stage"].replace(",", "").split() for stage in run.stages]
    return [int(words[1]) for words in names if words[0] == "length" and words[1] != "at"]


def _labeled(seed, *, n=60):
    """Sequences of 12 to 39 steps, and at each of them whether one input has been above zero in the mean."""
    rng = np.random.default_rng(seed)
    X = [rng.standard_normal((steps, 2)) for steps in rng.integers(12, 40, n)]
    return hp.from_sequences(X, [np.cumsum(x[:, 0]) > 0 for x in X], hidden=4)


def test_classes_of_unknown_optimum_are_not_saturated_on_short_sequences():
    lost = {"plain": [], "length": []}
    for seed in range(4):
        target = _labeled(seed)
        runs = {name: hp.solve(target, name, rng=seed, budget=400) for name in ("length", "length:decay=0")}
        for name, run in zip(("length", "plain"), runs.values(), strict=True):
            lost[name].append(run.value)
        assert all("penalized" in s["stage"] for s in runs["length"].stages if s["stage"].startswith("length"))
        assert not any("penalized" in s["stage"] for s in runs["length:decay=0"].stages)
    assert max(lost["length"]) < 0.3  # of .69, the loss of the best constant
    assert np.median(lost["length"]) < 0.2 * np.median(lost["plain"])


def test_a_penalty_that_is_asked_for_is_applied_by_every_recipe():
    target = data()
    for recipe in PLANS:
        run = hp.solve(target, f"length:decay=0.003,recipe={recipe}", rng=0, budget=200)
        assert any("penalized" in stage["stage"] for stage in run.stages), recipe


def test_stages_that_make_all_their_steps_do_not_say_that_the_budget_was_spent():
    target = data()
    free = hp.solve(target, "length:corrector=lm", rng=0)
    bound = hp.solve(target, "length:corrector=lm", rng=0, budget=1.01 * free.cost + 10)
    assert (bound.value, bound.status) == (free.value, free.status)
    assert [stage.get("ended") for stage in bound.stages] == [stage.get("ended") for stage in free.stages]


def test_where_the_optimum_is_unknown_the_finish_goes_on_while_it_falls():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((64, 30, 1))
    target = hp.EmpiricalRisk(hp.RNN(1, 4, 1), "squared", X, np.tanh(np.cumsum(X, axis=1) / 3))
    run = hp.solve(target, "length", rng=0, budget=2000)
    assert run.status is Status.CONVERGED or run.cost > 1900


@pytest.mark.parametrize("lead", [3, 7, 12, 19])
@pytest.mark.parametrize("name", ["length", "length:schedule=extension", "auto", "graduated:along=length"])
def test_steps_before_the_first_that_counts_come_in_addition(name, lead):
    X = np.random.default_rng(lead).standard_normal((30, 20, 1))
    y = np.tanh(np.cumsum(X, axis=1) / 3)
    own = hp.EmpiricalRisk(hp.RNN(1, 3, 1), "squared", X, y, steps=(np.arange(20) >= lead).astype(float))
    run = hp.solve(own, name, rng=0, budget=500)
    assert run.value < 0.1 * own.value(own.draw(np.random.default_rng(0)))
    lengths = [
        int(stage["stage"].split()[1])
        for stage in run.stages
        if stage["stage"].startswith("length ") and " at " not in stage["stage"]
    ]
    assert all(length > lead for length in lengths)


def test_a_series_with_a_long_washout_is_solved():
    u = np.random.default_rng(1).standard_normal(400)
    y = np.zeros(400)
    for t in range(1, 400):
        y[t] = 0.6 * y[t - 1] + np.tanh(u[t - 1])
    target = hp.from_sequences([u], [y], windows=40, washout=12, hidden=3, test=0.2)
    assert target.score(hp.solve(target, rng=0, budget=600).x) > 0.95


@pytest.mark.parametrize("kept", [2, 5, 11, 20])
def test_the_first_length_has_all_steps_that_may_not_be_deleted(kept):
    rng = np.random.default_rng(kept)
    X = 0.1 * rng.standard_normal((40, 20, 1))
    X[:, 0, 0] += rng.choice([-1.0, 1.0], 40)
    own = hp.EmpiricalRisk(hp.RNN(1, 3, 1), "squared", X, X[:, 0], deletable=np.arange(20) >= kept)
    run = hp.solve(own, "length", rng=0, budget=400)
    assert run.value == pytest.approx(own.value(run.x))
    lengths = _lengths(run)
    assert all(kept <= length < 20 for length in lengths)
    assert bool(lengths) is (kept <= 11)
