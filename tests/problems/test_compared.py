"""Problems whose data are arrays, in a comparison."""

import numpy as np
import pytest

import homotopy as hp


@pytest.mark.parametrize("more", [{}, {"test": 0.25}, {"weights": np.arange(40) % 3}, {"class_weight": "balanced"}])
def test_a_table_of_arrays_is_compared(more):
    rng = np.random.default_rng(0)
    X = rng.standard_normal((40, 2))
    y = np.where(X[:, 0] > 0, "up", "down") if "class_weight" in more else X[:, 0]
    problem = hp.from_table(X, y, hidden=2, **more)
    comparison = hp.compare(problem, ["lbfgs", "width"], seeds=2, budget=30)
    assert not comparison.failures
    assert "lbfgs" in str(comparison)


def test_a_problem_is_compared_whatever_its_data_are():
    net = hp.MLP((1, 2, 1))
    risk = hp.EmpiricalRisk(net, "squared", [[0.0], [1.0]], [0.0, 1.0])
    problem = hp.Problem("mine", risk, net.init, data={"rows": np.arange(2)})
    assert not hp.compare(problem, "lbfgs", seeds=2, budget=30).failures
