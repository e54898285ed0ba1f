"""Bad input at the doors in Python: one sentence that names the argument, its value and what is allowed."""

import numpy as np
import pytest

import homotopy as hp
from homotopy import arguments
from homotopy.arguments import choice, integer, positive, positive_or_none
from homotopy.continuation import (
    LBFGS,
    Adaptive,
    ArclengthNewton,
    DeflatedNewton,
    Deflation,
    DenseNewton,
    Event,
    Explorer,
    Fixed,
    Fold,
    GradientDescent,
    Jump,
    Kink,
    Krylov,
    Path,
    Polynomial,
    RootSystem,
    Spectrum,
    Tangent,
    deflated_continuation,
    diagram,
    find_solutions,
    homotopy_from,
    probability_one,
    switch,
)
from homotopy.errors import ArgumentError
from homotopy.experiments import Workers
from homotopy.homotopies import Gaussian, Linearized, Newton, Proximal
from homotopy.objectives.functions import Quadratic

BOWL = Quadratic(np.eye(2), np.zeros(2))
ONES = np.ones(2)
HILL = Proximal(BOWL, ONES)
RISK = hp.problem("xor").objective
NAN = float("nan")

HOMOTOPIES = {
    "no objective": (lambda: Proximal(3, ONES), "objective must be an Objective .* not 3"),
    "a class": (lambda: Proximal(Quadratic, ONES), "objective must be an Objective"),
    "text": (lambda: Proximal(BOWL, "abc"), "x0 must be a vector of real numbers, not 'abc'"),
    "nothing": (lambda: Newton(BOWL, None), "x0 must be a vector of real numbers, not None"),
    "complex": (lambda: Proximal(BOWL, [1j, 1]), "x0 must be a vector of real numbers"),
    "size": (lambda: Newton(BOWL, np.ones(3)), r"x0 has shape \(3,\); the objective needs \(2,\)"),
    "NaN": (lambda: Linearized(RISK, np.full(RISK.size, NAN)), "x0 has entries that are not finite"),
    "mu": (lambda: Proximal(BOWL, ONES, mu="a"), "mu must be a positive number, not 'a'"),
    "infinite mu": (lambda: Proximal(BOWL, ONES, mu=np.inf), "mu must be a positive number, not inf"),
    "ridge": (lambda: Linearized(RISK, np.ones(RISK.size), ridge="a"), "ridge must be a number >= 0 or None"),
    "width": (lambda: Gaussian(RISK, "wide"), "width must be a positive number, not 'wide'"),
    "samples": (lambda: Gaussian(RISK, samples=2.5), "samples must be an integer"),
}

COMPARE = {
    "a number": ({"problems": [3]}, "problems must be names or Problem objects; 3 is neither"),
    "no list": ({"problems": 3}, "problems must be names, Problem objects or a list of them, not 3"),
    "nothing": ({"problems": None}, "problems must be names"),
    "an objective": ({"problems": [RISK]}, "problems must be names or Problem objects"),
    "method": ({"methods": [3]}, "methods must be names or Method objects; 3 is neither"),
    "methods": ({"methods": 3}, "methods must be names"),
    "budget text": ({"budget": "a"}, "budget: gradients must be a positive number, not 'a'"),
    "budget below": ({"budget": -1}, "budget: gradients must be a positive number, not -1"),
    "budget NaN": ({"budget": NAN}, "budget: gradients must be a positive number, not nan"),
    "budget list": ({"budget": [1]}, "budget: gradients must be a positive number"),
    "half a seed": ({"seeds": [1.5]}, r"seeds must be a count, .*, not \[1.5\]"),
    "half seeds": ({"seeds": np.array([1.5])}, "seeds must be a count"),
    "true": ({"seeds": [True]}, "seeds must be a count"),
    "texts": ({"seeds": ["1"]}, "seeds must be a count"),
    "workers": ({"workers": 2}, r"workers must be a Workers or None, as in Workers\(n_jobs=2\), not 2"),
    "store": ({"store": 3}, "store must be a Store, a file name or None, not 3"),
    "progress": ({"progress": 3}, "progress must be a function"),
}

TRACK = {
    "target": ({"target": 2}, r"target must lie in \[0, 1\], where Proximal is defined, not 2"),
    "start": ({"t0": -1}, r"t0 must lie in \[0, 1\]"),
    "target NaN": ({"target": NAN}, "target must be a finite number"),
    "target text": ({"target": "a"}, "target must be a finite number, not 'a'"),
    "t0 text": ({"t0": "a"}, "t0 must be a finite number, not 'a'"),
    "t0 infinite": ({"t0": np.inf}, "t0 must be a finite number, not inf"),
    "bounds": ({"bounds": 3}, "bounds must be two numbers, low < high, not 3"),
    "bounds NaN": ({"bounds": (NAN, 2)}, "bounds must be two numbers"),
    "bounds turned": ({"bounds": (1, 0)}, "bounds must be two numbers"),
    "size": ({"x0": np.ones(3)}, r"x0 has shape \(3,\); the homotopy needs \(2,\)"),
    "text": ({"x0": "ab"}, "x0 must be a vector of real numbers"),
    "complex": ({"x0": np.array([1j, 1])}, "x0 must be a vector of real numbers"),
    "class": ({"predictor": Tangent}, "predictor must be a Predictor object"),
    "corrector": ({"corrector": Tangent()}, "corrector must be a Corrector object"),
    "control": ({"step_control": 0.1}, "step_control must be a StepControl object, not 0.1"),
    "event name": ({"events": "LP"}, "events must be a sequence of Event and Jump objects, not 'LP'"),
    "event": ({"events": Fold()}, "events must be a sequence"),
    "no event": ({"events": [3]}, "events must be a sequence of Event and Jump objects.* not 3"),
    "steps": ({"max_steps": 1.5}, "max_steps must be an integer, at least 1, not 1.5"),
    "steps text": ({"max_steps": "a"}, "max_steps must be an integer"),
    "callback": ({"callback": 3}, r"callback must be a function, callback\(point\), not 3"),
    "budget": ({"budget": "a"}, "budget: gradients must be a positive number"),
    "tolerance": ({"start_tolerance": -1}, "start_tolerance must be a number, at least 0, not -1"),
    "spectrum": ({"spectrum": True}, "spectrum must be a Spectrum or None, not True"),
    "direction": ({"direction": 1}, "direction must be a Direction or None"),
    "rng": ({"rng": "a"}, "rng must be an integer, at least 0, not 'a'"),
    "checkpoint": ({"checkpoint": 3}, "checkpoint must be a file name or None, not 3"),
    "folder": ({"checkpoint": "/nowhere/x.npz"}, "there is no folder '/nowhere'"),
    "every": ({"checkpoint": "x.npz", "every": "a"}, "every must be an integer"),
}

DESCEND = {
    "text": ({"starts": "abc"}, "starts must be an array of real numbers, not 'abc'"),
    "complex": ({"starts": np.array([1j, 1.0])}, "starts must be an array of real numbers"),
    "objects": ({"starts": np.array([None, 1.0])}, "starts must be an array of real numbers"),
    "ragged": ({"starts": [[1, 2], [3]]}, "starts must be an array of real numbers"),
    "cube": ({"starts": np.zeros((2, 2, 2))}, r"starts has shape \(2, 2, 2\)"),
    "steps": ({"n_steps": "a"}, "n_steps must be an integer, at least 0, not 'a'"),
    "half a step": ({"n_steps": 1.5}, "n_steps must be an integer"),
    "schedule": ({"objective": HILL, "schedule": "a"}, "schedule must be a Schedule or None, not 'a'"),
    "noise": ({"noise": 0.1}, "noise must be a Noise or None, not 0.1"),
    "step size": ({"step_size": "a"}, "step_size must be a number"),
    "target": ({"target": "a"}, "target must be a number"),
    "budget": ({"budget": "a"}, "budget: gradients must be a positive number"),
    "budget NaN": ({"budget": NAN}, "budget"),
    "jobs": ({"n_jobs": "a"}, "n_jobs must be an integer"),
    "callback": ({"callback": 3}, "callback must be a function"),
    "often": ({"callback": print, "callback_every": 0}, "callback_every must be an integer, at least 1, not 0"),
    "record": ({"record_every": "a"}, "record_every must be an integer"),
    "tolerance": ({"gradient_tolerance": "a"}, "gradient_tolerance must be a non-negative number"),
    "momentum": ({"rule": "momentum", "momentum": "a"}, "momentum must be a number in \\[0, 1\\), not 'a'"),
    "memory": ({"rule": "lbfgs", "memory": "a"}, "memory must be an integer"),
    "rng": ({"rng": "a"}, "rng must be an integer"),
    "rule": ({"rule": 3}, "rule must be a rule or one of gd"),
}

PARTS = {
    "first step": (lambda: Adaptive(initial="a"), "initial must be a number, not 'a'"),
    "step NaN": (lambda: Adaptive(initial=NAN), "initial must be a number, not nan"),
    "fixed": (lambda: Fixed("a"), "step must be a positive number"),
    "tolerance": (lambda: DenseNewton(tolerance="a"), "tolerance must be a positive number"),
    "iterations": (lambda: LBFGS(max_iter=-1), "max_iter must be an integer, at least 1, not -1"),
    "length": (lambda: GradientDescent(step_size=0), "step_size must be a positive number, not 0"),
    "degree": (lambda: Polynomial("a"), "degree must be an integer"),
    "theta": (lambda: ArclengthNewton(theta="a"), r"theta must be a number inside \(0, 1\)"),
    "every": (lambda: Spectrum(every="a"), "every must be an integer"),
    "residual": (lambda: Krylov(rtol=-1), "rtol must be a positive number, not -1"),
    "preconditioner": (lambda: Krylov(preconditioner=3), "preconditioner must be a function"),
    "event": (lambda: Event("a", 3), r"function must be a function, function\(point\), not 3"),
    "jobs": (lambda: Workers(n_jobs=1.5), "jobs must be an integer, at least 1, not 1.5"),
    "file": (lambda: Path.load(3), "file must be a file name, not 3"),
    "fun": (lambda: homotopy_from(3, ONES), "fun must be a function"),
    "jac": (lambda: homotopy_from(lambda x, t: x, ONES, jac=3), "jac must be a function"),
    "shape": (lambda: homotopy_from(lambda x, t: np.zeros(3), ONES), r"fun must return an array of shape \(2,\) or"),
    "none": (lambda: homotopy_from(lambda x, t: None, ONES), "fun must return .*, not None"),
    "bounds": (lambda: Explorer(bounds=3), "bounds must be two numbers, low < high, not 3"),
    "explorer": (lambda: diagram(HILL, ONES, explorer=3), "explorer must be an Explorer object, not 3"),
    "occurrence": (lambda: switch(HILL, 3, explorer=Explorer(bounds=(0, 1))), "branch_point must be an Occurrence"),
    "no list": (lambda: deflated_continuation(HILL, 3, [0.0]), "starts must be a list of vectors .* not 3"),
    "power": (lambda: Deflation(power="a"), "power must be a positive number"),
    "newton": (lambda: DeflatedNewton(tolerance="a"), "tolerance must be a positive number"),
    "n": (lambda: RootSystem(lambda x, t: x, "a"), "n must be an integer"),
    "no function": (lambda: RootSystem(3, 2), "function must be a function"),
    "ratio": (lambda: Jump(ratio="a"), "ratio must be a positive number or None"),
    "pattern": (lambda: Kink(3), "pattern must be a function"),
    "a": (lambda: probability_one(BOWL, a="x"), "a must be a vector of real numbers, not 'x'"),
    "no problem": (lambda: find_solutions(3, [ONES]), "problem must be an Objective or a Homotopy, not 3"),
    "no starts": (lambda: find_solutions(BOWL, 3), "starts must be a list of vectors"),
    "start": (lambda: find_solutions(BOWL, [np.ones(3)]), r"starts: one of them has shape \(3,\)"),
}


def one_sentence(call, sentence):
    with pytest.raises(ArgumentError, match=sentence) as caught:
        call()
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 250


@pytest.mark.parametrize("name", HOMOTOPIES)
def test_homotopies(name):
    one_sentence(*HOMOTOPIES[name])


@pytest.mark.parametrize("name", PARTS)
def test_parts(name):
    one_sentence(*PARTS[name])


@pytest.mark.parametrize("name", COMPARE)
def test_compare(name):
    given, sentence = COMPARE[name]
    one_sentence(
        lambda: hp.compare(**({"problems": "xor", "methods": "gd", "seeds": 1, "budget": 5} | given)), sentence
    )


@pytest.mark.parametrize("name", TRACK)
def test_track(name):
    given, sentence = TRACK[name]
    one_sentence(lambda: hp.track(**({"homotopy": HILL, "x0": ONES} | given)), sentence)


def test_an_argument_that_track_has_not():
    with pytest.raises(TypeError, match="unexpected keyword argument 't'"):
        hp.track(HILL, ONES, t=2)


@pytest.mark.parametrize("name", DESCEND)
def test_descend(name):
    given, sentence = DESCEND[name]
    one_sentence(lambda: hp.descend(**({"objective": BOWL, "starts": ONES} | given)), sentence)


@pytest.mark.parametrize("door", [hp.track, hp.descend])
def test_an_error_in_a_callback_comes_through(door):
    def callback(point):
        raise RuntimeError("mine")

    with pytest.raises(RuntimeError, match="mine"):
        door(HILL, ONES, callback=callback)


def test_lists_and_whole_floats_will_do():
    assert hp.track(HILL, [1, 1], max_steps=1e3).success
    assert hp.descend(BOWL, [1, 1], n_steps=1e2).n_steps == 100
    assert hp.compare("xor", "gd", seeds=np.arange(2), budget=5).seeds == (0, 1)


@pytest.mark.parametrize("value", [True, None, "1", 1j, [1], 10**400, NAN])
def test_what_is_no_number(value):
    with pytest.raises(ArgumentError, match="k must be an integer, at least 1"):
        arguments.integer("k", value)
    with pytest.raises(ArgumentError, match="k must be small"):
        arguments.number("k", value, "small", below=0.5)


def test_words_and_positive_numbers():
    assert choice("way", "up", ("up", "down")) == "up"
    with pytest.raises(ArgumentError, match=r"way must be 'up' or 'down', not 'dwn' \(did you mean 'down'\?\)"):
        choice("way", "dwn", ("up", "down"))
    with pytest.raises(ArgumentError, match="way must be 'up' or 'down', not 3"):
        choice("way", 3, ("up", "down"))
    assert (positive("k", 2), positive("k", 0, or_zero=True), positive("k", 5, most=5)) == (2.0, 0.0, 5.0)
    assert positive_or_none("k", None) is None
    for value in (0, -1, np.inf, np.nan, "1", True, None):
        with pytest.raises(ArgumentError, match="k must be a positive number, not"):
            positive("k", value)
    for value, options, allowed in (
        (6, {"most": 5}, "a positive number, at most 5"),
        (-1, {"or_zero": True}, "0 or a"),
    ):
        with pytest.raises(ArgumentError, match=f"k must be {allowed}"):
            positive("k", value, **options)
    assert integer("k", 7, most=7) == 7
    with pytest.raises(ArgumentError, match="k must be an integer, at least 0 and at most 7, not 8"):
        integer("k", 8, least=0, most=7)
