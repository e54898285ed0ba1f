"""Tuning: on its own seeds, within its budget, and it finds the better setting."""

from __future__ import annotations

import pytest

from homotopy.errors import ArgumentError
from homotopy.experiments.tuning import FIRST_SEED, choices, tune


def test_ranges_are_geometric_and_lists_are_taken_as_they_stand():
    name, values = choices("step_size=1e-3..10")
    assert name == "step_size"
    assert [float(v) for v in values[::2]] == pytest.approx([1e-3, 1e-2, 1e-1, 1, 10])
    assert choices("a=x/y/x") == ("a", ("x", "y"))


@pytest.mark.parametrize("text", ["a", "a=", "=1..2", "a=2..1", "a=0..1", "a=-1..1", "a=1..e"])
def test_wrong_choices_are_refused(text):
    with pytest.raises(ArgumentError):
        choices(text)


def test_the_better_step_wins_within_the_budget():
    rounds = []
    found = tune(
        "xor",
        "gd",
        {"step_size": ("0.001", "0.01", "0.5", "1")},
        tuning_budget=60_000,
        budget=500,
        progress=lambda turn, n: rounds.append(n),
    )
    assert found.method in ("gd:step_size=0.5", "gd:step_size=1")
    assert found.spent <= 60_000
    assert rounds[0] == 4
    assert rounds == sorted(rounds, reverse=True)
    assert found.seeds[0] == FIRST_SEED
    assert len(found.trials) == 4
    assert found.trials[0].method == found.method
    assert "settings on seeds 1000000000 to" in found.words


def test_other_parameters_of_the_name_stay():
    found = tune("xor", "momentum:momentum=0.8", {"step_size": ("0.1", "0.2")}, tuning_budget=9000, budget=100)
    assert found.method.startswith("momentum:")
    assert "momentum=0.8" in found.method


def test_a_search_is_the_same_each_time():
    asked = {"step_size": ("0.1", "0.4")}
    one, two = (tune("xor", "gd", asked, tuning_budget=20_000, budget=200) for _ in range(2))
    assert (one.method, one.spent, one.seeds) == (two.method, two.spent, two.seeds)


@pytest.mark.parametrize(
    ("parameters", "budget", "sentence"),
    [
        ({}, 1e5, "one parameter or two"),
        ({"a": ("1",), "b": ("1",), "c": ("1",)}, 1e5, "one parameter or two"),
        ({"step_size": ("1", "2")}, 5, "does not pay"),
        ({"step_size": ("1", "2")}, -5, "must be a positive number"),
        ({"stepsize": ("1", "2")}, 1e5, "no parameter 'stepsize'"),
    ],
)
def test_wrong_requests_are_refused(parameters, budget, sentence):
    with pytest.raises(ArgumentError, match=sentence):
        tune("xor", "gd", parameters, tuning_budget=budget)


def test_a_method_that_does_not_run_is_told():
    with pytest.raises(ArgumentError, match="does not run on"):
        tune("teacher:k=6", "linearized", {"steps": ("10", "20")}, tuning_budget=1e5)
