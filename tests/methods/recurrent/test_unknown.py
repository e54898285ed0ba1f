"""The lengths where no optimum is known, where penalties are asked for, and how their stages end."""

import numpy as np
from methods.recurrent.members import data

import homotopy as hp
from homotopy.methods.recurrent.plans import PLANS
from homotopy.status import Status


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
