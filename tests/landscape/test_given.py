"""A problem is taken wherever its objective is, and what is none is named in one sentence."""

import numpy as np
import pytest

import homotopy as hp
from homotopy import landscape
from homotopy.errors import ArgumentError
from homotopy.objectives.functions import Himmelblau
from homotopy.problems.planar import trap_point

XOR = hp.problem("xor")
X = XOR.start(np.random.default_rng(0))


@pytest.mark.parametrize(
    "name", ["canonical", "orbit_size", "symmetric_directions", "classified", "escapes", "enclose"]
)
def test_a_problem_is_its_objective(name):
    function = getattr(landscape, name)
    assert str(function(XOR, X)) == str(function(XOR.objective, X))


def test_a_problem_is_its_objective_for_two_points_and_for_slopes():
    y = landscape.canonical(XOR, X)
    assert landscape.distance(XOR, X, y) < 1e-12
    assert landscape.same_function(XOR, X, y, XOR.objective.X)
    relu = hp.problem("swirszcz-d1")
    at = relu.start(np.random.default_rng(0))
    assert landscape.largest_slope(relu, at, 0.1).rho == landscape.largest_slope(relu.objective, at, 0.1).rho


def test_what_stands_before_an_objective_is_not_taken_for_it():
    class Before:
        size, objective = 2, hp.problem("swirszcz-d1").objective

    with pytest.raises(ArgumentError, match="a Before has no"):
        landscape.convex_minimum(Before(), l2=0.1)


def test_a_census_is_of_what_stands_before_an_objective():
    class Moved:
        """Himmelblau's function less 5, with a start of its own."""

        size, objective = 2, Himmelblau()

        def start(self, rng):
            raise AssertionError("no problem's start")

        def value_and_grad(self, x):
            value, grad = self.objective.value_and_grad(x)
            return value - 5.0, grad

    for starts in (2, np.eye(2)):
        points = landscape.critical_points(Moved(), starts, rng=0, kinds="minima")
        assert isinstance(points.objective.inner, Moved)
        assert points[0].value == pytest.approx(-5.0)


@pytest.mark.parametrize("name", ["canonical", "classified", "escapes", "enclose"])
def test_what_is_none_is_named(name):
    with pytest.raises(ArgumentError, match=r"not None|is None"):
        getattr(landscape, name)(None, X)


def test_arguments():
    relu = hp.problem("swirszcz-d1")
    at = relu.start(np.random.default_rng(0))
    with pytest.raises(ArgumentError, match="starts must be an integer, at least 0, not -3"):
        landscape.largest_slope(relu, at, 0.1, starts=-3)
    for n, split in ((2, 3), (3.5, 3), (3, 4), (3, 0)):
        with pytest.raises(ArgumentError, match="must be an integer"):
            trap_point(n, split)
