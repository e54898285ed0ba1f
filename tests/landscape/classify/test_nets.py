"""Degenerate points of smooth nets: Yun's minimum, origins of deep linear nets, students with units too many."""

import numpy as np
import pytest
from landscape.classify.sampling import lowest_near
from scipy.optimize import minimize

import homotopy as hp
from homotopy.landscape import classified
from homotopy.models import MLP
from homotopy.objectives import EmpiricalRisk
from homotopy.problems.published import YUN_POINT


def test_yuns_point_is_a_minimum_of_six_flat_dimensions():
    """The conditions of the theorem leave 4 of 5 numbers free, and a redundant input another one a unit."""
    risk = hp.problem("yun").objective
    found = classified(risk, YUN_POINT)
    assert (found.kind, found.flat, found.n_zero, found.index) == ("minimum", 6, 6, 0)
    assert lowest_near(risk, YUN_POINT, 1e-2) > -1e-14


@pytest.mark.parametrize("sizes", [(2, 2, 2, 2), (3, 2, 2, 3), (2, 2, 2, 2, 2), (3, 3, 3, 3), (2, 1, 1, 1, 1, 2)])
def test_the_origin_of_a_deep_linear_net_is_a_saddle_of_the_order_of_its_depth(sizes):
    rng = np.random.default_rng(len(sizes))
    X, Y = rng.standard_normal((20, sizes[0])), rng.standard_normal((20, sizes[-1]))
    risk = EmpiricalRisk(MLP(sizes, "identity", bias=False), "squared", X, Y)
    found = classified(risk, np.zeros(risk.size))
    assert (found.kind, found.order, found.index) == ("saddle", len(sizes) - 1, 0)
    assert risk.value(found.lower) < risk.value(np.zeros(risk.size)) - 1e-14


def test_other_saddles_of_deep_linear_nets_without_negative_eigenvalues():
    """The last layer alone is not zero: products of three zero layers begin at order three."""
    rng = np.random.default_rng(2)
    X, Y = rng.standard_normal((20, 2)), rng.standard_normal((20, 2))
    risk = EmpiricalRisk(MLP((2, 2, 2, 2, 2), "identity", bias=False), "squared", X, Y)
    x = np.zeros(risk.size)
    x[12:] = rng.standard_normal(4)
    found = classified(risk, x)
    assert (found.kind, found.order, found.index) == ("saddle", 3, 0)
    assert risk.value(found.lower) < risk.value(x)


def test_minima_of_deep_linear_nets_are_strict_but_for_their_symmetries():
    rng = np.random.default_rng(1)
    X, Y = rng.standard_normal((20, 2)), rng.standard_normal((20, 2))
    risk = EmpiricalRisk(MLP((2, 2, 2, 2), "identity", bias=False), "squared", X, Y)
    x = minimize(risk.value_and_grad, rng.standard_normal(risk.size), jac=True, method="BFGS", tol=1e-11).x
    found = classified(risk, x)
    assert (found.kind, found.flat, found.n_symmetric, found.order) == ("minimum", 8, 8, 2)
    assert not found.strict


def test_a_teachers_unit_in_two_parts():
    """Shares may move along the unit; across it the value rises with the third power of the distance."""
    student = np.vstack([np.eye(3), [0.5, 0.0, 0.0]])
    student[0] *= 0.5
    found = classified(hp.TeacherStudent(3, 4), student.ravel())
    assert (found.kind, found.flat, found.n_zero) == ("minimum", 1, 3)
    assert classified(hp.TeacherStudent(3, 3), np.eye(3).ravel()).strict
