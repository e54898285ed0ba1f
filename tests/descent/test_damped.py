"""Levenberg-Marquardt and damped Newton."""

import numpy as np
import pytest
from loops import run

from homotopy._core import vmath
from homotopy._core.descent import CompiledRosenbrock
from homotopy._core.family import Family
from homotopy.descent import LM, Newton, descend
from homotopy.errors import ArgumentError, EvaluationError
from homotopy.models import MLP
from homotopy.objectives import EmpiricalRisk, TeacherStudent
from homotopy.objectives.family import At
from homotopy.status import Status


class Function:
    def __init__(self, size, function):
        self.size = size
        self.value_and_grad = function


def risk(sizes=(3, 5, 2), loss="squared", *, n=30, output="identity", l2=0.0):
    rng = np.random.default_rng(2)
    y = {
        "squared": lambda: rng.standard_normal((n, sizes[-1])),
        "logistic": lambda: rng.integers(0, 2, (n, sizes[-1])),
        "softmax": lambda: rng.integers(0, sizes[-1], n),
    }[loss]()
    return EmpiricalRisk(MLP(sizes, output=output), loss, rng.standard_normal((n, sizes[0])), y, l2=l2)


def test_lm_solves_linear_regression_in_a_few_steps():
    f = risk((4, 2))
    end = descend(f, np.ones(f.size), rule="lm", gradient_tolerance=1e-10)
    assert end.status is Status.CONVERGED
    assert end.n_steps < 12
    design = np.column_stack([f.X, np.ones(len(f.X))])
    exact = np.linalg.lstsq(design, f.y, rcond=None)[0]
    np.testing.assert_allclose(end.x, np.concatenate([exact[:-1].T.ravel(), exact[-1]]), atol=1e-9)


@pytest.mark.parametrize("loss", ["squared", "logistic", "softmax"])
@pytest.mark.parametrize("rule", ["lm", "newton"])
def test_both_end_in_a_stationary_point(loss, rule):
    f = risk(loss=loss, l2=0.01)
    end = descend(f, np.random.default_rng(0).uniform(-1, 1, f.size), rule=rule, n_steps=500, gradient_tolerance=1e-8)
    assert end.status is Status.CONVERGED
    assert np.linalg.norm(f.grad(end.x)) < 1e-8
    assert end.value < f.value(np.zeros(f.size))


@pytest.mark.parametrize("size", [2, 6])
def test_newton_by_differences_is_quadratic_near_the_minimum(size):
    start = 1 + 0.01 * np.random.default_rng(1).standard_normal(size)
    end = descend(CompiledRosenbrock(size), start, rule="newton", step_size=1e-12, gradient_tolerance=1e-9)
    assert end.status is Status.CONVERGED
    assert end.n_steps <= 6
    assert end.n_evaluations == 1 + end.n_steps * (2 * size + 1)


def test_newton_leaves_a_saddle_and_needs_no_compiled_objective():
    def saddle(x):
        return float(0.25 * x[0] ** 4 - 0.5 * x[0] ** 2 + x[1] ** 2), np.array([x[0] ** 3 - x[0], 2 * x[1]])

    end = descend(Function(2, saddle), np.array([1e-3, 0.5]), rule=Newton(), gradient_tolerance=1e-9)
    assert end.value == pytest.approx(-0.25)


def test_newton_uses_the_hessian_of_the_population_risk():
    f = TeacherStudent(3, 3)
    start = f.teacher.ravel() + 0.05 * np.random.default_rng(0).standard_normal(9)
    end = descend(f, start, rule="newton", target=1e-20, n_steps=50)
    assert end.status is Status.REACHED_TARGET
    assert end.n_steps < 15


@pytest.mark.parametrize("sizes", [(1, 1), (2, 3, 1), (5, 20, 3)])
def test_every_instruction_set_gives_the_same(sizes):
    f = risk(sizes, l2=0.1)
    x = np.random.default_rng(1).uniform(-1, 1, f.size)
    expected, ends, _ = run(f, x, "plain", rule="lm", n_steps=5)
    for isa in vmath.available():
        got, other, _ = run(f, x, isa, rule="lm", n_steps=5)
        np.testing.assert_allclose(got, expected, rtol=1e-8, atol=1e-10)
        np.testing.assert_allclose(other.values, ends.values, rtol=1e-9)


@pytest.mark.parametrize("rule", ["lm", "newton"])
def test_many_starts_are_the_starts_one_by_one(rule):
    f = risk((2, 3, 1), n=8)
    starts = np.random.default_rng(3).uniform(-1, 1, (12, f.size))
    many = descend(f, starts, rule=rule, n_steps=30, n_jobs=2)
    for i, start in enumerate(starts):
        one = descend(f, start, rule=rule, n_steps=30)
        np.testing.assert_array_equal(many.x[i], one.x)
        assert (many.status[i], many.n_evaluations[i]) == (one.status, one.n_evaluations)


def test_a_path_has_the_matrices_of_its_formula():
    f = risk((3, 2), l2=0.1)
    start = np.random.default_rng(5).standard_normal(f.size)
    center = np.random.default_rng(6).standard_normal(f.size)
    fade = np.linspace(0, 1, f.size)
    path = Family(f.capsule(), weights=(0.0, 1.0), pull=(3.0, 1.0), center=center, fade=fade, toll=1.0 + fade)

    class Moving:
        size = f.size
        dt_grad = None
        value_and_grad = path.value_and_grad
        capsule = path.capsule

    for rule in ("lm", "newton"):
        # a quadratic function: one undamped step solves it
        end = descend(At(Moving(), 0.4), start, rule=rule, step_size=1e-14, gradient_tolerance=1e-8)
        assert end.status is Status.CONVERGED
        assert end.n_steps == 1


def test_budget_and_charge():
    f = risk((2, 3, 1), n=6)  # 13 weights, of mlp_small.h: the matrix is a plain product of its rows
    start = np.random.default_rng(3).uniform(-1, 1, f.size)
    steps = descend(f, start, rule="lm", n_steps=12, step_size=10.0, record_every=1).trace
    trials = np.array([descend(f, start, rule="lm", n_steps=k, step_size=10.0).n_evaluations for k in range(13)])
    np.testing.assert_array_equal(steps[:, 0], trials)
    assert trials[0] == 1
    # the parts of a matrix's price that are no whole evaluation are carried on; a trial costs one
    price = 13**2 / f.model.gradient_flops + 13**3 / (3 * 6 * f.model.gradient_flops)
    assert [trials[k] - int(price * k) for k in (1, 2, 3)] == [2, 3, 4]
    for budget in (2, 20, 33):
        few = descend(f, start, rule="lm", n_steps=100, budget=budget)
        assert few.status is Status.BUDGET_SPENT
        assert few.n_evaluations <= budget
    newton = descend(f, start, rule="newton", n_steps=1, step_size=10.0).n_evaluations
    assert newton == 2 + int(1 + price)


def test_steps_that_lead_nowhere_end_the_descent():
    def liar(x):
        return float(x @ x), -2 * x

    def cliff(x):
        if x[0] != 1.0:
            raise EvaluationError("nowhere else")
        return 1.0, np.ones(2)

    for function in (liar, cliff):
        end = descend(Function(2, function), np.ones(2), rule="newton", n_steps=10**6)
        assert end.status is Status.STEP_TOO_SMALL
        np.testing.assert_array_equal(end.x, 1.0)


def test_bad_arguments():
    with pytest.raises(ArgumentError, match="no dense Gauss-Newton"):
        descend(CompiledRosenbrock(2), np.ones(2), rule=LM())
