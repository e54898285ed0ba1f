"""Levenberg-Marquardt: quadratic at the end, honest about its matrices."""

import numpy as np
import pytest
from foreign import waves
from scipy.optimize import least_squares

from homotopy.errors import ArgumentError
from homotopy.methods import method, streams
from homotopy.models import MLP
from homotopy.objectives import EmpiricalRisk
from homotopy.objectives.outputs import gauss_newton
from homotopy.problems import Problem, problem
from homotopy.status import Status


def test_a_linear_model_is_solved_in_a_few_iterations():
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((30, 4)), rng.standard_normal(30)
    risk = EmpiricalRisk(MLP((4, 1)), "squared", X, y)
    result = method("lm").solve(Problem("line", risk, lambda rng: rng.standard_normal(5)), rng=0)
    exact = np.linalg.lstsq(np.column_stack([X, np.ones(30)]), y, rcond=None)[0]
    np.testing.assert_allclose(result.x, exact, atol=1e-5)
    assert result.cost <= 20 * (1 + 5 / 6)


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


def started(objective):
    return Problem("waves", objective, lambda rng: rng.standard_normal(objective.size))


@pytest.mark.parametrize("kind", ["squared", "logistic"])
@pytest.mark.parametrize("l2", [0.0, 1e-3])
def test_a_foreign_net_with_outputs_only_is_descended(kind, l2):
    target = started(waves(kind, l2=l2))
    for seed in range(3):
        result = method("lm").solve(target, rng=seed, budget=2000)
        plain = method("lbfgs").solve(target, rng=seed, budget=2000)
        assert result.status in (Status.CONVERGED, Status.BUDGET_SPENT, Status.STEP_TOO_SMALL)
        assert result.value < 1.5 * plain.value + 1e-3
        assert result.value == target.objective.value(result.x)
        looked = sum(stage["products"] for stage in result.stages if stage["stage"] == "curvature")
        assert (result.counts.hessp - looked) % target.size == 0  # a matrix costs a product for each variable


def test_a_foreign_net_ends_where_scipys_does():
    risk, same = waves(), 0

    def residuals(x):
        return (risk.forward(x) - risk.targets).ravel() / np.sqrt(len(risk.targets))

    for seed in range(10):
        start = np.random.default_rng(seed).standard_normal(risk.size)
        theirs = least_squares(residuals, start, method="lm").cost
        ours = method("lm").solve(Problem("waves", risk, lambda rng, start=start: start.copy()), rng=0)
        same += ours.value <= 1.02 * theirs  # it ends where ten steps gain less than 1 %
    assert same >= 5


def test_the_interpreted_rule_agrees_with_the_compiled_one():
    target = problem("sine:hidden=3")

    class Hidden:
        """The same risk without its capsule."""

        def __init__(self, risk):
            self.risk, self.size, self.outputs, self.l2 = risk, risk.size, risk.outputs, risk.l2

        def value_and_grad(self, x):
            return self.risk.value_and_grad(x)

        def value(self, x):
            return self.risk.value(x)

    plain = Problem("plain", Hidden(target.objective), target.start, optimum=target.optimum, tolerance=target.tolerance)
    x = target.start(np.random.default_rng(0))
    np.testing.assert_allclose(gauss_newton(plain.objective, x), target.objective.ggn(x), rtol=1e-9, atol=1e-12)
    for seed in range(4):
        ours, theirs = (method("lm").solve(one, rng=seed) for one in (target, plain))
        assert theirs.value == pytest.approx(ours.value, rel=0.05, abs=1e-9)


def test_what_cannot_be_run_is_said():
    assert "has no outputs on samples" in method("lm").accepts(problem("teacher:k=3"))
    wide = EmpiricalRisk(MLP((1, 400, 1)), "squared", np.zeros((3, 1)), np.zeros(3))
    assert "1201 variables" in method("lm").accepts(Problem("wide", wide, wide.model.init))
    with pytest.raises(ArgumentError, match="damping must be a positive number"):
        method("lm:damping=0")
