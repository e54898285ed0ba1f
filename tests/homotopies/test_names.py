"""Homotopies by name with parameters, and what is wrong with a name in one sentence."""

import numpy as np
import pytest

from homotopy import homotopies
from homotopy.errors import ArgumentError
from homotopy.problems import problem

XOR = problem("xor").objective
POINT = np.full(XOR.size, 0.3)


@pytest.mark.parametrize(
    ("text", "attribute", "value"),
    [
        ("proximal", "mu", 1.0),
        ("proximal:mu=0.25", "mu", 0.25),
        ("gaussian:width=0.5,samples=4", "width", 0.5),
        ("linearized:ridge=0.1", "ridge", 0.1),
        ("weight-decay:l2=2", "l2", 2.0),
        ("tv-width:extra=2,l2=0.5", "l2", 0.5),
    ],
)
def test_parameters_reach_the_class(text, attribute, value):
    assert getattr(homotopies.homotopy(text, XOR, POINT), attribute) == value


def test_texts_are_parameters_too():
    mean, linear = (homotopies.homotopy(f"targets:easy={easy}", XOR) for easy in ("mean", "linear"))
    assert type(mean) is type(linear)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("proximol", r"unknown homotopy 'proximol' \(did you mean 'proximal'\?\)"),
        ("proximal:nu=1", r"homotopy 'proximal' has no parameter 'nu'; it has mu"),
        ("proximal:mu=much", "homotopy 'proximal': mu must be float, not 'much'"),
        ("proximal:mu=-1", "mu must be a positive number, not -1"),
        ("proximal:mu", "is not of the form parameter=value"),
        ("proximal:mu=1,mu=2", "given twice"),
        ("gaussian:rng=a", "rng must be"),
        ("compose", "homotopy 'compose' needs second; it can be made in Python only"),
        ("skip", "a flip of tanh units"),
        (3, "a name must be a text"),
    ],
)
def test_what_is_wrong_is_named(text, sentence):
    with pytest.raises(ArgumentError, match=sentence):
        homotopies.homotopy(text, XOR, POINT)


def test_a_point_that_is_missing_is_named():
    with pytest.raises(ArgumentError, match="homotopy 'linearized' needs x0"):
        homotopies.homotopy("linearized", XOR)
