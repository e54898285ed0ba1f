"""One neuron's minima: the axis against a minimizer, the loss against its parts, the count against the formula."""

import itertools

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from homotopy.papers.auer1995 import KINDS, axis, cases, counted, data, picture, problem


@pytest.mark.parametrize("kind", list(KINDS))
@pytest.mark.parametrize("m", [1, 2, 3, 4])
def test_an_axis_has_a_minimum_for_each_point(kind, m):
    one = axis(kind, m)
    assert len(one.minima) == m
    for w, value in zip(one.minima, one.values, strict=True):
        end = minimize_scalar(
            lambda u: float(one(np.exp(u))), bounds=(np.log(w) - 0.1, np.log(w) + 0.1), method="bounded"
        )
        assert np.log(w) == pytest.approx(end.x, abs=1e-4)
        assert value == pytest.approx(end.fun, abs=1e-9)


@pytest.mark.parametrize("kind", list(KINDS))
def test_no_minimum_lies_outside_the_fitting_weights(kind):
    one = axis(kind, 3)
    below, above = np.linspace(-50, one.weights[0], 500), np.geomspace(one.weights[-1], 1e4, 500)
    assert (np.diff(one(below)) < 0).all()
    assert (np.diff(one(above)) >= 0).all()


def test_the_lowest_minimum_is_where_it_is_said():
    assert np.argmin(axis("near", 4).values) == 0
    assert np.argmin(axis("far", 4).values) == 3


def test_the_loss_is_a_sum_over_axes():
    one, this = axis("near", 2), problem("near", 3, 7)
    w = np.array([0.3, 2.0, -1.0])
    assert this.objective.value(w) == pytest.approx((one(w).sum() + 0.25**2) / 14)


def test_every_combination_is_a_minimum_and_the_best_is_the_optimum():
    one, this = axis("far", 2), problem("far", 3, 6)
    points = [np.array(w) for w in itertools.product(one.minima, repeat=3)]
    for w in points:
        assert np.linalg.norm(this.objective.grad(w)) < 1e-9
        H = np.array([this.objective.hessp(w, e) for e in np.eye(3)])
        assert np.linalg.eigvalsh(H)[0] > 0
    values = sorted(this.objective.value(w) for w in points)
    assert this.optimum == pytest.approx(values[0])
    assert values[1] > this.target


def test_examples_are_counted_and_those_left_over_lie_at_zero():
    X, y = data("near", 3, 8)
    assert X.shape == (8, 3)
    assert y == pytest.approx(np.full(8, 0.75))
    assert not X[6:].any()
    assert [int((X[:, i] != 0).sum()) for i in range(3)] == [2, 2, 2]


def test_descents_meet_all_minima_of_a_small_case():
    found = counted(("near", 2, 4, "lbfgs", 200))
    assert (found["found"], found["ended"]) == (4, 200)


def test_cases_hold_what_is_left_over():
    assert ("near", 3, 7) in cases(False)
    assert ("far", 4, 15) in cases(True)


def test_axes_are_named():
    axes = picture({("near", 1, 2): 2}, {("near", 1, 2): 2}).figure.axes
    assert [ax.get_xlabel() for ax in axes] == ["weight", "examples n"]
    assert [ax.get_ylabel() for ax in axes] == ["sum of squares of one axis", "local minima"]
