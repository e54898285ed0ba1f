"""Levenberg-Marquardt: quadratic at the end, honest about its matrices."""

import numpy as np
import pytest

from homotopy.methods import method
from homotopy.methods.levenberg import levenberg_cost
from homotopy.models import MLP
from homotopy.objectives import EmpiricalRisk
from homotopy.problems import Problem, problem


def test_a_linear_model_is_solved_in_a_few_iterations():
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((30, 4)), rng.standard_normal(30)
    risk = EmpiricalRisk(MLP((4, 1)), "squared", X, y)
    result = method("lm").solve(Problem("line", risk, lambda rng: rng.standard_normal(5)), rng=0)
    exact = np.linalg.lstsq(np.column_stack([X, np.ones(30)]), y, rcond=None)[0]
    np.testing.assert_allclose(result.x, exact, atol=1e-5)
    assert result.counts.charged <= 20 * levenberg_cost(5)


def test_sine_is_solved_more_often_and_cheaper_than_by_quasi_newton():
    target = problem("sine:hidden=8")
    fast, slow = (method(name).solve_many(target, range(20), budget=4000) for name in ("lm", "lbfgs"))
    assert fast.success.mean() >= 0.8
    assert np.nanmedian(fast.cost_to_success) < np.nanmedian(slow.cost_to_success)


def test_logistic_and_softmax_losses_descend():
    rng = np.random.default_rng(1)
    X = rng.standard_normal((40, 2))
    for loss, y, k in (("logistic", (X[:, 0] > 0) * 1.0, 1), ("softmax", rng.integers(3, size=40), 3)):
        risk = EmpiricalRisk(MLP((2, 3, k)), loss, X, y, l2=1e-3)
        result = method("lm").solve(Problem("classes", risk, risk.model.init), rng=0)
        assert np.linalg.norm(risk.grad(result.x)) < 1e-2
        assert result.success


@pytest.mark.parametrize("budget", [3, 40])
def test_budget_is_kept(budget):
    result = method("lm").solve(problem("sine:hidden=4"), rng=0, budget=budget)
    assert result.cost <= budget + 16
