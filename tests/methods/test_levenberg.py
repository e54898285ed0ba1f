"""Levenberg-Marquardt: quadratic at the end, honest about its matrices."""

import numpy as np
import pytest
from scipy.optimize import least_squares

from homotopy.errors import ArgumentError
from homotopy.methods import method, streams
from homotopy.methods.baselines.levenberg import levenberg_cost
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
    assert result.cost <= 20 * levenberg_cost(5)


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
    assert result.cost <= budget


def test_the_compiled_descent_ends_where_scipys_does():
    target = problem("sine:hidden=3")
    risk = target.objective

    def residuals(x):
        return (risk.model.forward(x, risk.X) - risk.y).ravel() / np.sqrt(len(risk.X))

    same = 0
    for seed in range(8):
        ours = method("lm").solve(target, rng=seed)
        start = target.start(streams(seed)[0])
        theirs = least_squares(residuals, start, method="lm", max_nfev=20_000)
        same += ours.success or ours.value <= 1.05 * theirs.cost
    assert same >= 4


def test_a_small_first_damping_reaches_the_corner_minimum_more_often():
    target = problem("auer:d=6,hard=yes")
    bold, shy = (method(f"lm:damping={damping}").solve_many(target, range(100)) for damping in (1e-3, 1e-1))
    assert bold.success.sum() > 2 * shy.success.sum()


def test_what_cannot_be_run_is_said():
    wide = EmpiricalRisk(MLP((1, 400, 1)), "squared", np.zeros((3, 1)), np.zeros(3))
    assert "1201 weights" in method("lm").accepts(Problem("wide", wide, wide.model.init))
    with pytest.raises(ArgumentError, match="damping must be a positive number"):
        method("lm:damping=0")
