"""The default method says what it chose, changes over where that fails, and escapes."""

import pytest

from homotopy.errors import ArgumentError
from homotopy.methods import method, solve
from homotopy.methods.auto import choose
from homotopy.problems import problem


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("teacher:k=6", "skip"),
        ("ts:act=relu", "skip"),
        ("ts:act=tanh", "width"),
        ("xor", "omp"),
        ("spirals", "greedy:refine=yes"),
        ("spirals:hidden=10,layers=2", "greedy-deep"),
        ("ts:act=tanh,layers=2", "multistart:of=decay,cutoff=650,restarts=2"),
        ("ts:act=relu,layers=2", "width-deep"),
        ("ts:act=relu,layers=3", "lbfgs"),
        ("spirals:hidden=30", "greedy"),
        ("ts:act=gelu", "skip"),
        ("ts:act=softplus", "skip"),
        ("ts:act=leaky-relu", "skip"),
        ("ts:act=relu,loss=logistic", "lbfgs:evaluations=150"),
        ("ts:act=relu,loss=logistic,labels=soft", "skip"),
        ("ts:act=tanh,loss=logistic", "decay"),
        ("ts:act=tanh,loss=logistic,labels=soft", "width"),
        ("auer", "lm:limit=16,damping=0.001"),
        ("xor:output=logistic,activation=logistic,encoding=binary", "lm"),
        ("linear", "lbfgs"),
    ],
)
def test_choice_follows_the_structure(text, first):
    plan, why = choose(problem(text))
    assert plan[0].name == first
    assert why


@pytest.mark.parametrize("text", ["yun", "xor", "xor:activation=relu", "jellyfish", "teacher:k=12", "swirszcz-d2"])
def test_traps_are_left(text):
    target = problem(text)
    runs = method("auto").solve_many(target, range(20), budget=5000)
    assert runs.success.mean() >= 0.95
    assert max(target.objective.value(x) for x in runs.x[runs.success]) <= target.target


def test_stages_say_what_was_done_and_why():
    stages = solve("jellyfish:hidden=2,activation=relu", rng=1).stages
    assert stages[0]["stage"] == "choice"
    assert "few samples" in stages[0]["why"]
    assert stages[1] == {"stage": "method", "method": "omp", "start": 1}


@pytest.mark.parametrize(
    ("text", "seed", "budget", "why", "known"),
    [
        ("teacher:k=6", 0, None, "the target was reached, after 1 start", "within the tolerance"),
        ("teacher:k=20", 0, 40, "the budget of gradient-equivalents was spent, after 1 start", " above it"),
        ("ts:act=relu,noise=0.3", 0, None, "nothing lower was found in 20 tries in a row, after", "between 0 and"),
        ("xor:hidden=1", 0, 200, "", "between 0.333333 and"),
    ],
)
def test_the_last_stage_says_why_and_what_is_known(text, seed, budget, why, known):
    result = solve(text, rng=seed, budget=budget)
    end = result.stages[-1]
    assert end["stage"] == "end"
    assert why in end["why"]
    assert known in end["known"]
    assert end["cost"] == result.cost


def test_a_convex_problem_without_a_known_optimum_is_told():
    from dataclasses import replace

    target = replace(problem("linear"), optimum=None)
    end = solve(target, rng=0).stages[-1]
    assert "convex and the descent converged" in end["known"]
    assert "one descent is all there is to do" in end["why"]


def test_starts_are_counted():
    target = problem("auer:d=6,hard=yes")
    seeds = [seed for seed in range(20) if "1 start" not in solve(target, rng=seed).stages[-1]["why"]]
    stages = solve(target, rng=seeds[0]).stages
    starts = sum(stage["stage"] == "method" for stage in stages)
    assert f"after {starts} starts" in stages[-1]["why"]


def test_what_is_not_allowed_is_named():
    with pytest.raises(ArgumentError, match="restarts must be an integer, at least 1"):
        method("auto:restarts=0")
