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
        ("spirals", "greedy"),
        ("spirals:hidden=10,layers=2", "greedy-deep"),
        ("ts:act=tanh,layers=2", "lbfgs"),
        ("auer", "graduated:along=convex-loss,stages=1"),
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


def test_what_is_not_allowed_is_named():
    with pytest.raises(ArgumentError, match="restarts must be at least 1"):
        method("auto:restarts=0")
