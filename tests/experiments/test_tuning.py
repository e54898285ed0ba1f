"""Tuning: on its own seeds, within its budget, and it finds the better setting."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

import homotopy as hp
from homotopy import problems
from homotopy.errors import ArgumentError
from homotopy.experiments import Workers
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


class Counted:
    """A bowl, or a double well, whose evaluations are counted by whoever makes them."""

    def __init__(self, size, tally, wells=False):
        self.size, self.tally, self.wells = size, tally, wells

    def value_and_grad(self, x):
        self.tally["cost"] += 1.0
        return self._value(x), self._grad(x)

    def value(self, x):
        self.tally["cost"] += 0.5
        return self._value(x)

    def grad(self, x):
        self.tally["cost"] += 1.0
        return self._grad(x)

    def hessp(self, x, v):
        self.tally["cost"] += 2.0
        return (3.0 * x**2 - 1.0) * v if self.wells else np.arange(1.0, self.size + 1) * v

    def _value(self, x):
        return float(np.sum(0.25 * x**4 - 0.5 * x**2 + 0.05 * x)) if self.wells else float(self._grad(x) @ x / 2)

    def _grad(self, x):
        return x**3 - x + 0.05 if self.wells else np.arange(1.0, self.size + 1) * x


@pytest.mark.parametrize(
    ("method", "asked", "known", "wells"),
    [
        ("gd", {"step_size": ("0.001", "0.01", "0.1", "0.3")}, True, False),
        ("adam", {"step_size": ("0.01", "0.1")}, False, True),
        ("momentum", {"step_size": ("0.01", "0.1"), "momentum": ("0.5", "0.9")}, True, False),
        ("gd-noise", {"step_size": ("0.01", "0.1", "0.2")}, False, False),
        ("perturbed-gd", {"radius": ("0.01", "0.1")}, True, True),
        ("proximal", {"mu": ("0.1", "1", "10")}, False, True),
        ("lbfgs", {"evaluations": ("10", "1000")}, True, False),
    ],
)
def test_the_evaluations_that_are_made_are_within_the_budget(method, asked, known, wells):
    tally = {"cost": 0.0}
    made = hp.Problem("counted", Counted(4, tally, wells), lambda rng: 2.0 * rng.standard_normal(4))
    made = dataclasses.replace(made, optimum=-1.2 if wells else 0.0, tolerance=1e-9) if known else made
    settings = np.prod([len(values) for values in asked.values()])
    for budget, starts in ((20, 1.2), (50, 4.5), (50, 40)):
        tally["cost"] = 0.0
        most = starts * settings * max(1.05 * budget, budget + 1)
        problems.BY_NAME["counted"] = lambda: made
        found = tune("counted", method, asked, tuning_budget=most, budget=budget, workers=Workers(n_jobs=2))
        assert found.spent <= most
        assert tally["cost"] <= most + 1  # a comparison looks at a start, whatever it runs
        assert abs(tally["cost"] - found.spent) <= 5 + sum(trial.runs for trial in found.trials)
        assert len(found.trials) == settings
        assert found.trials[0].runs >= (1 if starts < 2 else 4)
        assert all(trial.summary.spent <= trial.runs * (1.05 * budget + 1) for trial in found.trials)


def test_what_is_too_little_is_refused_with_what_is_enough():
    asked = {"step_size": ("0.01", "0.1", "1")}
    with pytest.raises(ArgumentError, match=r"3 settings, which takes 1,575 at runs of 500"):
        tune("xor", "gd", asked, tuning_budget=1574, budget=500)
    assert 0 < tune("xor", "gd", asked, tuning_budget=1575, budget=500).spent <= 1575
    with pytest.raises(ArgumentError, match="budget must be a positive number"):
        tune("xor", "gd", asked, tuning_budget=1575, budget=np.inf)
