"""The saddle-free step, indices of known functions, correlation over classes of points, and where runs end."""

import numpy as np
import pytest

from homotopy.objectives import Function
from homotopy.papers.dauphin2014 import PAPER, check_step, classes, correlation, ended_at, ends, goal, index_at, picture
from homotopy.papers.jin2017 import places

XOR = "xor:hidden=2,l2=0.01"


def point(value, index):
    return {"value": value, "index": index, "copies": "1", "x": [0.0]}


def test_the_step_is_that_of_the_absolute_hessian():
    assert check_step(trials=3) < 1e-6


def test_indices_of_a_quadratic_function():
    H = np.diag([-2.0, -1.0, 3.0])
    f = Function(lambda x: 0.5 * x @ H @ x, lambda x: H @ x, 3, hessp=lambda _, v: H @ v)
    assert index_at(f, np.zeros(3)) == 2
    assert ended_at(f, np.full(3, 0.1)) == (pytest.approx(0.0, abs=1e-12), 2)
    assert ended_at(f, np.ones(3))[1] == -1
    assert ended_at(f, np.full(3, np.nan))[1] == -1


def test_copies_count_once():
    some = [point(0.1, 0), point(0.1, 0), point(0.2, 1), point(0.2, 0)]
    assert len(classes(some)) == 3


def test_correlation_is_one_where_order_agrees():
    some = [point(0.1 * i, i) for i in range(5)]
    assert correlation(some)[0] == pytest.approx(1)
    assert correlation([point(0.1 * i, -i) for i in range(5)])[0] == pytest.approx(-1)


def test_newton_goes_back_to_a_saddle_and_others_do_not():
    saddle = next(one for one in places() if abs(one.value - 0.384) < 1e-3)
    lowest = places()[0].value
    newton = ends((XOR, "newton", lowest, 1e-3, saddle.x.tolist(), 1e-2, 3))
    assert newton["index"] == [1, 1, 1]
    assert newton["value"] == pytest.approx([saddle.value] * 3)
    free = ends((XOR, "saddle-free", lowest, 1e-3, saddle.x.tolist(), 1e-2, 3))
    assert max(free["value"]) < saddle.value - 1e-3


def test_a_run_that_succeeds_costs_what_it_spent():
    found = ends((XOR, "auto", 0.0604364506, 1e-3, None, 0.0, 2))
    assert found["to"] == found["cost"]
    assert found["seconds_to"] == found["seconds"]


def test_the_goal_lies_below_the_next_critical_value():
    assert goal([point(0.1, 0), point(0.1, 0), point(0.1002, 1)]) == pytest.approx((0.1, 1e-4))
    assert goal([point(0.1, 0), point(0.3, 1)]) == pytest.approx((0.1, 1e-3))


def test_axes_are_named():
    share = {"lowest": 0.5, "minimum": 0.5, "saddle": 0.0, "moving": 0.0}
    axes = picture({"XOR": [point(0.1, 0)]}, {("beside saddles", "gd"): share}).figure.axes
    assert [ax.get_xlabel() for ax in axes] == ["negative curvatures (index)", "runs (%)"]
    assert axes[0].get_ylabel() == "loss"


def test_no_figure_of_the_paper_is_promised():
    assert "not the paper's figure" in PAPER.choices[0]
