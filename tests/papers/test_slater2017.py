"""The thread's six points: the copies of a net by enumeration, the rule of ends on known functions, the pairs."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest

import homotopy as hp
from homotopy.papers.slater2017 import PAPER, bars, copies, kinds_of, one_minimum, widths, worked_example
from homotopy.papers.slater2017.ends import KINDS, kind_of
from homotopy.papers.slater2017.runs import CASES, Difference, against, beside_gd
from homotopy.papers.slater2017.study import ADVICE
from homotopy.papers.slater2017.width import flattest, named


class Quadratic:
    """Half the sum of c x^2."""

    def __init__(self, c):
        self.c, self.size = np.asarray(c, dtype=float), len(c)

    def value(self, x):
        """Return the value, 1 above the sum."""
        return 1.0 + 0.5 * float(self.c @ x**2)

    def value_and_grad(self, x):
        """Return value and gradient."""
        return self.value(x), self.c * x

    def hessp(self, x, v):
        """Return the product."""
        return self.c * v


@pytest.mark.parametrize("activation", ["tanh", "relu", "logistic"])
def test_the_worked_example_is_one_function_at_two_points(activation):
    found = worked_example(activation)
    assert found["difference"] < 1e-13
    assert found["weights"] == pytest.approx(np.sqrt(2 * (3.2**2 + 1.6**2) + 2 * 1.5**2))
    assert found["apart"] == 0
    assert found["midpoint"] > 0.01


def test_copies_are_those_of_enumeration():
    found = copies(3)
    assert (found["orders"], found["signs"]) == (6, 48)
    assert found["looked at"] == len(list(permutations(range(3))))
    assert found["difference"] < 1e-13
    assert found["canonical"] == 1


def test_regression_has_one_minimum_and_a_net_has_not():
    convex, net = one_minimum("logistic", 10), one_minimum("xor:loss=logistic", 10)
    assert convex["apart"] < 1e-6
    assert convex["least"] > 0
    assert (net["bent"], net["last"]) == (1.0, 0.0)


def test_the_rule_of_ends():
    origin = np.zeros(2)
    assert kind_of(Quadratic([1.0, 2.0]), origin, origin) == "worse minimum"
    assert kind_of(Quadratic([-1.0, 2.0]), origin, origin) == "saddle"
    assert kind_of(Quadratic([-1.0, 2.0]), np.array([1e-3, 0]), np.array([1.0, 0])) == "saddle"
    assert kind_of(Quadratic([-1.0, 2.0]), np.array([0.5, 0]), np.array([1.0, 0])) == "plateau or slow"
    assert kind_of(Quadratic([1.0, 0.0]), np.array([0.0, 5.0]), np.array([0.0, 500.0])) == "runs to infinity"


def test_ends_of_the_teacher_are_minima_that_the_census_knows():
    found = hp.compare("teacher:k=8", ["gd"], seeds=30, budget=3000)
    kinds = kinds_of(found, "teacher:k=8", "gd")
    missed = [run for run in found.records("teacher:k=8", "gd") if not run["success"]]
    assert kinds.count("worse minimum") == len(missed) > 0
    assert all(abs(run["value"] - 0.0215) < 1e-3 or abs(run["value"] - 0.0398) < 1e-3 for run in missed)


def test_pairs_are_those_counted_by_hand():
    found = hp.compare("xor:activation=relu", ["gd", "width"], seeds=20, budget=3000)
    other = against({"XOR, relu": found}, "width")["XOR, relu"]
    gd, width = (found.records(found.problems[0], m)["success"] for m in ("gd", "width"))
    assert other.share == pytest.approx(width.mean() - gd.mean())
    assert other.low < other.share < other.high
    assert 0 < other.p < 0.05


def test_wide_nets_are_not_stuck():
    found = flattest((named("XOR, tanh", 16), 10))
    assert found["solved"] == found["runs"] == 10
    assert found["stuck"] == 0


def test_pictures_have_their_axes_named():
    one = bars({"XOR": {"gd": list(KINDS), "auto": ["solved"] * 5}}).figure
    assert one.axes[0].get_xlabel() == "runs (%)"
    counts = {key: {"XOR, tanh": [(1, 2), (2, 2)]} for key in ("solved", "passed", "stuck")}
    other = widths(counts, {"XOR, tanh": (2, 16)}).figure
    assert [ax.get_xlabel() for ax in other.axes] == ["hidden units"] * 3


def test_nothing_is_published_but_the_six_points():
    assert "has no experiment" in PAPER.choices[0]
    assert all(f"({number})" in PAPER.claim for number in range(1, 7))
    assert all(name in case.methods for case in CASES.values() for name in ADVICE)
    one = Difference(0.1, 0.0, 0.2, 0.5)
    assert one.text == "+10 [+0, +20], p = 0.5"
    table = beside_gd({"width": {"XOR": one}, "skip": {"sine": one}})
    assert table.headings == ("method", "XOR", "sine")
    assert table.rows == (("width", one.text, ""), ("skip", "", one.text))
