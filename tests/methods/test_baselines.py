"""The baselines: safe steps, known minima, agreement with SciPy."""

import numpy as np
import pytest
from scipy.optimize import minimize as scipy_minimize
from scipy.sparse import csr_array

from homotopy.methods import Batch, method
from homotopy.methods.base import streams
from homotopy.methods.baselines.descents import largest_curvature
from homotopy.objectives.functions import Quadratic, Rosenbrock
from homotopy.problems import Problem, problem
from homotopy.status import Status

QUADRATIC = Problem("bowl", Quadratic(np.diag([1.0, 9.0, 30.0]), np.ones(3)), lambda rng: rng.standard_normal(3))


@pytest.mark.parametrize("compiled", [True, False])
def test_largest_curvature(compiled):
    objective = problem("teacher:k=5").objective if compiled else QUADRATIC.objective
    points = np.random.default_rng(0).standard_normal((4, objective.size))
    found = largest_curvature(objective, points)
    for x, estimate in zip(points, found, strict=True):
        exact = np.abs(np.linalg.eigvalsh([objective.hessp(x, unit) for unit in np.eye(len(x))])).max()
        assert 0.7 * exact < estimate <= exact * (1 + 1e-5)


@pytest.mark.parametrize("name", ["gd", "gd-decay", "momentum", "lbfgs", "lbfgsb"])
def test_a_quadratic_is_solved_and_the_end_is_convergence(name):
    result = method(name).solve(QUADRATIC, rng=1)
    A = np.diag([1.0, 9.0, 30.0])
    origin = QUADRATIC.objective.grad(np.zeros(3))
    np.testing.assert_allclose(result.x, np.linalg.solve(A, -origin), atol=1e-4)
    assert result.status is Status.CONVERGED
    assert result.success  # with no known optimum a good ending is all that can be said


def test_curvature_estimate_is_charged():
    result = method("gd:steps=1").solve(QUADRATIC, rng=1)
    assert result.counts.hessp == 8
    assert result.cost >= 16


def test_teacher_step_is_the_published_one_and_free():
    result = method("gd:steps=1").solve(problem("teacher:k=5"), rng=1)
    x0 = problem("teacher:k=5").start(streams(1)[0])
    objective = problem("teacher:k=5").objective
    assert result.counts.hessp == 0
    np.testing.assert_allclose(result.x, x0 - 1.0 * objective.grad(x0), atol=1e-12)


def test_an_overflowing_descent_is_run_again_with_a_smaller_step():
    steep = Problem("steep", Quadratic(np.diag([1.0, 10.0]), np.zeros(2)), lambda rng: np.ones(2), optimum=0.0)
    result = method("gd:step_size=0.5").solve(steep, rng=0)  # stable below 0.2
    assert result.stages[0]["ended"] == "NON_FINITE"
    assert result.success


def test_scipy_is_run_as_scipy_would():
    target = Problem("banana", Rosenbrock(), lambda rng: np.array([-1.2, 1.0]), optimum=0.0, tolerance=1e-8)
    result = method("lbfgsb").solve(target, rng=0)
    objective, seen = target.objective, []

    def evaluate(x):
        seen.append(objective.value(x))
        return objective.value_and_grad(x)

    scipy_minimize(
        evaluate, [-1.2, 1.0], jac=True, method="L-BFGS-B", options={"maxcor": 20, "ftol": 1e-14, "gtol": 1e-8}
    )
    assert result.cost_to_success == 1 + np.flatnonzero(np.array(seen) <= 1e-8)[0]


def test_callback_sees_points_and_may_stop():
    seen = []

    def watch(point):
        seen.append(point.value)
        if len(seen) == 5:
            raise StopIteration

    result = method("gd").solve(problem("teacher:k=6"), rng=0, callback=watch)
    assert len(seen) == 5
    assert result.status is Status.STOPPED_BY_CALLBACK
    assert not result.success


def test_noise_differs_from_seed_to_seed_only():
    target = problem("teacher:k=4")
    noisy = method("gd-noise:steps=50")
    same = [noisy.solve(target, rng=3).value for _ in range(2)]
    assert same[0] == same[1]
    assert same[0] != method("gd:steps=50").solve(target, rng=3).value


def test_a_part_of_a_batch_shares_its_accounts():
    from homotopy.methods.batch.account import Ledger
    from homotopy.status import Budget

    ledger = Ledger(QUADRATIC, 4, Budget())
    batch = Batch(QUADRATIC, np.zeros((4, 3)), [lambda: np.random.default_rng(0)] * 4, ledger)
    part = batch.sub(np.array([1, 3]), np.ones((2, 3)), cutoff=10)
    part.charge(np.array([1]), grad=4)
    np.testing.assert_array_equal(ledger.cost, [0, 0, 0, 4])
    np.testing.assert_array_equal(part.limits, [10, 10])


def test_a_sparse_hessian_does_what_a_dense_one_does():
    class Sparse(Quadratic):
        def hessian(self, x):
            return csr_array(super().hessian(x))

    given = (np.diag([1.0, 9.0, -30.0]) + 0.5, np.ones(3))
    ends = [
        method("saddle-free:steps=4").solve(Problem("turned", kind(*given), lambda rng: rng.standard_normal(3)), rng=2)
        for kind in (Quadratic, Sparse)
    ]
    np.testing.assert_array_equal(ends[1].x, ends[0].x)
    assert ends[1].cost == ends[0].cost
