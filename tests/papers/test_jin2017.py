"""Perturbed gradient descent on a strict saddle: the function, the constants, the rule, and the points of the net."""

from math import exp, sqrt

import numpy as np
import pytest

import homotopy as hp
from homotopy.papers.jin2017 import PAPER, StrictSaddle, beside, constants, growth, perturbed_descent, picture, places
from homotopy.papers.jin2017.nets import NET


@pytest.fixture(scope="module")
def found():
    return places()


def test_the_gradient_is_that_of_the_value():
    f, x, h = StrictSaddle(5, 0.2), np.array([0.3, -0.2, 0.5, 0.1, -0.4]), 1e-6
    differences = [(f.value(x + h * e) - f.value(x - h * e)) / (2 * h) for e in np.eye(5)]
    assert f.grad(x) == pytest.approx(differences, abs=1e-9)


def test_minima_lie_as_deep_as_is_said():
    f = StrictSaddle(3, 0.09)
    x = np.array([0.3, 0.0, 0.0])
    assert np.linalg.norm(f.grad(x)) < 1e-15
    assert f.value(x) == pytest.approx(-f.depth)


def test_constants_are_those_of_the_theorem():
    """With c = 1 and a dimension that makes the logarithm 10, chi is 30."""
    gamma, delta = 0.25, 0.1
    rho, eps = 6 * 0.5, 0.0625 / 3
    f = StrictSaddle(int(exp(10) * eps**2 * delta / (gamma**2 / 4)), gamma)
    found = constants(f, c=1.0, delta=delta)
    assert found.eta == 1.0
    assert found.radius == found.small == pytest.approx(eps / 30**2, rel=1e-3)
    assert found.fall == pytest.approx(sqrt(eps**3 / rho) / 30**3, rel=1e-3)
    assert found.wait == pytest.approx(30 / gamma, rel=1e-3)


def test_plain_descent_stays_on_the_saddle_and_the_perturbed_one_leaves():
    f = StrictSaddle(20)
    rule, target = constants(f), -f.depth / 2
    assert perturbed_descent(f, np.zeros(20), rule, None, target) == (-1, 0)
    steps, shaken = perturbed_descent(f, np.zeros(20), rule, np.random.default_rng(0), target)
    assert 0 < steps < rule.wait
    assert shaken == 1


def test_the_rule_gives_up_at_a_minimum():
    f = StrictSaddle(2)
    x = np.array([sqrt(f.gamma), 0.0])
    assert perturbed_descent(f, x, constants(f), np.random.default_rng(0), -1.0) == (-1, 1)


def test_growth_is_read_off_a_line_in_the_logarithm():
    x = [1.0, 10.0, 100.0]
    found = growth(x, [5 + 2 * np.log(one) for one in x])
    assert (found["slope"], found["offset"], found["fit"]) == pytest.approx((2, 5, 1))
    assert growth(x, [one**0.5 for one in x])["power"] == pytest.approx(0.5)


def test_points_are_critical_points_of_the_net(found):
    objective = hp.problem(NET).objective
    assert len(found) == 10
    assert [one.index for one in found].count(0) == 3
    for one in found:
        assert np.linalg.norm(objective.grad(one.x)) < 1e-12
        step = 1e-4 * np.linalg.eigh(np.array([objective.hessp(one.x, e) for e in np.eye(9)]))[1][:, 0]
        assert (objective.value(one.x + step) < one.value) == bool(one.index)


def test_runs_start_beside_the_point(found):
    problem = beside(found[2], 0.0, 0.1, "left")
    assert np.linalg.norm(problem.start(np.random.default_rng(3)) - found[2].x) == pytest.approx(1e-3)


def test_axes_are_named():
    runs = {(d, 0.1, case): {"steps": [d, 2 * d]} for d in (2, 4) for case in ("perturbed, saddle", "gd, near")}
    runs |= {(d, 0.1, "perturbed, stable"): {"steps": [d]} for d in (2, 4)}
    fits = {name: {"slope": 1.0, "offset": 0.0} for name in ("dimension", "near")}
    counts = {(name, "gd"): (1, 2) for name in ("leave a saddle", "leave a minimum")}
    axes = picture(runs, fits, counts).figure.axes
    assert [ax.get_xlabel() for ax in axes] == ["variables d", "runs that leave (%)"]
    assert axes[0].get_ylabel() == "steps until the saddle is left"


def test_what_is_not_the_papers_is_said():
    assert any("as commonly stated" in one for one in PAPER.choices)
    assert any("is ours" in one for one in PAPER.choices)
