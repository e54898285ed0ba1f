"""What no comparison, solve, path or search can be asked for: one sentence at the door of each argument."""

from __future__ import annotations

import numpy as np
import pytest

import homotopy as hp
from homotopy.errors import ArgumentError
from homotopy.experiments import Workers, compare
from homotopy.experiments.tuning import tune
from homotopy.homotopies import Proximal

ENDLESS: list = []
ENDLESS.append(ENDLESS)


class Refusing:
    """An object whose every door is closed."""

    def __iter__(self):
        raise RuntimeError("no")

    def __len__(self):
        raise RuntimeError("no")

    def __array__(self, *arguments, **more):
        raise RuntimeError("no")


ODD = {
    "a number": 5,
    "a float": 1.5,
    "NaN": float("nan"),
    "bytes": b"xor",
    "a list of numbers": [1],
    "an array": np.zeros(3),
    "an array of objects": np.array([None, print]),
    "an array without axes": np.array("xor"),
    "masked": np.ma.array([1, 2], mask=[1, 0]),
    "a dictionary": {"a": 1},
    "an object": object(),
    "a function": print,
    "endless": ENDLESS,
    "complex": 1j,
    "refusing": Refusing(),
}
FEW = Workers(n_jobs=1)


def family():
    problem = hp.problem("xor")
    return Proximal(problem.objective, problem.start(np.random.default_rng(0)))


CALLS = {
    "compare, problems": lambda odd: compare(odd, "gd", seeds=1, budget=3, workers=FEW),
    "compare, methods": lambda odd: compare("xor", odd, seeds=1, budget=3, workers=FEW),
    "compare, workers": lambda odd: compare("xor", "gd", seeds=1, budget=3, workers=odd),
    "compare, budget": lambda odd: compare("xor", "gd", seeds=1, budget={"of": odd}, workers=FEW),
    "solve, problem": lambda odd: hp.solve(odd, "gd", rng=0, budget=3),
    "solve, method": lambda odd: hp.solve("xor", odd, rng=0, budget=3),
    "track, homotopy": lambda odd: hp.track(odd, np.ones(9)),
    "track, corrector": lambda odd: hp.track(family(), family().start(), corrector=odd),
    "track, step control": lambda odd: hp.track(family(), family().start(), step_control=odd),
    "tune, problem": lambda odd: tune(odd, "gd", {"step_size": ["1"]}, tuning_budget=99, budget=5, workers=FEW),
    "tune, method": lambda odd: tune("xor", odd, {"step_size": ["1"]}, tuning_budget=99, budget=5, workers=FEW),
    "tune, parameters": lambda odd: tune("xor", "gd", odd, tuning_budget=99, budget=5, workers=FEW),
    "tune, values": lambda odd: tune("xor", "gd", {"step_size": odd}, tuning_budget=99, budget=5, workers=FEW),
}


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("call", CALLS)
def test_what_cannot_be_meant_is_refused(call, odd):
    with pytest.raises(ArgumentError) as caught:
        CALLS[call](ODD[odd])
    assert 0 < len(str(caught.value)) < 1500


@pytest.mark.parametrize("odd", ["a float", "NaN", "bytes", "an array", "an object", "endless", "complex", "refusing"])
def test_seeds_that_are_none(odd):
    with pytest.raises(ArgumentError, match="rng must be a Generator, an integer >= 0 or None, not"):
        hp.solve("xor", "gd", rng=ODD[odd], budget=3)
    if odd not in ("an array", "bytes"):  # which are lists of integers
        with pytest.raises(ArgumentError):
            compare("xor", "gd", seeds=ODD[odd], budget=3, workers=FEW)


def test_an_objective_of_a_size_that_no_machine_holds_is_refused():
    class Bowl:
        size = 10**30

        def value_and_grad(self, x):
            return float(x @ x), 2 * x

    with pytest.raises(ArgumentError, match="the size of"):
        hp.Problem("bowl", Bowl(), lambda rng: np.zeros(2))
