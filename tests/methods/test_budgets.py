"""Budgets: gradients and seconds are kept by every method, and a run that they cut returns a useful point."""

import time

import numpy as np
import pytest
from methods.recurrent.members import data as sequences
from scipy.optimize import rosen, rosen_der

import homotopy as hp
from homotopy.homotopies import Proximal
from homotopy.methods import BY_NAME, BatchMethod, method
from homotopy.methods.batch.reserve import Reserve
from homotopy.methods.tracked.guard import Guard, SpentError
from homotopy.problems import problem
from homotopy.problems.data import fan_in, layer_starts, normal
from homotopy.status import Budget, Status

VARIANTS = (
    "escape:move=deflate",
    "escape:move=eigenvector",
    "escape:move=widen",
    "graduated:along=gaussian",
    "multistart:of=width",
    "multistart:of=width,cutoff=100",
    "track:along=linearized",
    "track:along=width",
)
METHODS = (*sorted(BY_NAME), *VARIANTS)
CUT = [name for name in METHODS if method(name).keeps_finish]


def on_data(n, d, hidden, *, loss="squared", act="relu", k=1, seed=0):
    """Return a problem of unknown optimum: a net on noisy data of another net."""
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, d))
    Z = np.tanh(2 * X @ rng.standard_normal((d, 6)) / np.sqrt(d)) @ rng.standard_normal((6, k))
    Z += 0.3 * rng.standard_normal(Z.shape)
    y = Z if loss == "squared" else np.argmax(Z, axis=1)
    sizes, depth = (d, *hidden, k), len(hidden) + 1
    risk = hp.EmpiricalRisk(hp.MLP(sizes, act), loss, X, y / (y.std() if loss == "squared" else 1), l2=1e-4)
    return hp.Problem("data", risk, layer_starts(sizes, [fan_in()] * depth, [normal(0.1)] * depth))


SMALL = {
    "regression": lambda: on_data(300, 6, (8,)),
    "tanh": lambda: on_data(200, 5, (6,), act="tanh"),
    "classes": lambda: on_data(200, 5, (6,), loss="softmax", k=3),
    "two layers": lambda: on_data(200, 6, (6, 6)),
    "xor": lambda: problem("xor:activation=relu,hidden=3"),
    "teacher": lambda: problem("teacher:k=6"),
    "sequences": sequences,
}
MADE = {name: make() for name, make in SMALL.items()}


@pytest.mark.parametrize("name", METHODS)
def test_gradients_are_kept(name):
    solver = method(name)
    for target in MADE.values():
        if solver.accepts(target) is None:
            for budget in (10, 40, 150):
                spent = hp.solve(target, solver, rng=3, budget=budget).cost
                assert spent <= max(1.05 * budget, budget + 1.0)


@pytest.mark.parametrize("name", CUT)
def test_a_run_that_is_cut_is_no_worse_than_a_plain_descent_on_a_third(name):
    solver = method(name)
    for target in (MADE[one] for one in ("regression", "classes", "two layers", "sequences")):
        if solver.accepts(target) is not None:
            continue
        start = target.objective.value(hp.solve(target, "lbfgs:evaluations=1", rng=5).x)
        for budget in (10, 30, 100, 300, 1000):
            plain = hp.solve(target, "lbfgs", rng=5, budget=budget / 3)
            found = hp.solve(target, solver, rng=5, budget=budget)
            assert found.value < start
            if found.status is Status.BUDGET_SPENT:  # a run that came to the true problem by itself has its own end
                cut = any("plain descent" in stage["stage"] for stage in found.stages)
                assert found.value <= (1.05 if cut else 1.5) * plain.value


@pytest.mark.parametrize(
    "name", sorted({"auto", "decay", "era", "escape", "greedy", "omp", "skip", "tv-width", "width"})
)
def test_runs_that_end_within_nine_tenths_of_a_budget_are_as_without_one(name):
    solver = method(name)
    for target in (MADE["xor"], MADE["teacher"]):
        if solver.accepts(target) is None:
            some = solver.solve_many(target, range(2), budget=3000)
            whole = solver.solve_many(target, range(2), budget=20_000)
            same = some.cost < 2700
            assert same.any()
            for field in ("value", "cost", "x", "status"):
                np.testing.assert_array_equal(some[field][same], whole[field][same])


@pytest.mark.parametrize("name", CUT)
def test_runs_that_are_cut_alone_are_those_cut_in_company(name):
    solver = method(name)
    for target in (MADE["regression"], MADE["two layers"]):
        if solver.accepts(target) is None:
            for budget in (70, 200):
                many = solver.solve_many(target, range(2), budget=budget)
                alone = [solver.solve_many(target, [seed], budget=budget) for seed in range(2)]
                np.testing.assert_array_equal(many.x, [one.x[0] for one in alone])
                np.testing.assert_array_equal(many.cost, [one.cost[0] for one in alone])


def least(solver, target, seconds):
    """Return the least wall time of up to three runs, the first of a warm method."""
    hp.solve(target, solver, rng=7, budget=Budget(seconds=0.01))
    took = np.inf
    for _ in range(3):
        begin = time.perf_counter()
        hp.solve(target, solver, rng=0, budget=Budget(seconds=seconds))
        took = min(took, time.perf_counter() - begin)
        if took <= 1.05 * seconds + 0.05:
            break
    return took


LARGE = on_data(2000, 20, (32,))


@pytest.mark.parametrize("name", METHODS)
def test_seconds_are_kept(name):
    solver = method(name)
    if solver.accepts(LARGE) is None:
        assert least(solver, LARGE, 0.05) <= 1.05 * 0.05 + 0.05
    if solver.accepts(MADE["two layers"]) is None:
        assert least(solver, MADE["two layers"], 0.05) <= 1.05 * 0.05 + 0.05


@pytest.mark.slow
@pytest.mark.parametrize("name", METHODS)
def test_seconds_are_kept_on_larger_problems(name):
    solver = method(name)
    for target in (on_data(1797, 64, (32,), loss="softmax", k=10), on_data(2000, 20, (8, 8)), problem("teacher:k=20")):
        if solver.accepts(target) is None:
            assert least(solver, target, 0.15) <= 1.05 * 0.15 + 0.05


def test_seconds_are_used():
    for name in ("lbfgs", "width", "skip", "escape", "greedy"):
        begin = time.perf_counter()
        found = hp.solve(LARGE, name, rng=0, budget=Budget(seconds=0.1))
        assert found.status is Status.BUDGET_SPENT
        assert time.perf_counter() - begin >= 0.09


def slow(x):
    """Return Rosenbrock's function, after a nap."""
    time.sleep(0.002)
    return rosen(x)


@pytest.mark.parametrize("along", [None, "proximal", "newton"])
def test_minimize_keeps_its_budget(along):
    x0 = np.full(6, -1.2)
    for budget in (10, 30, 100):
        found = hp.minimize(rosen, x0, jac=rosen_der, homotopy=along, budget=budget)
        assert found.cost <= max(1.05 * budget, budget + 1.0)
        assert found.fun < rosen(x0)
    took = []
    for _ in range(3):
        begin = time.perf_counter()
        hp.minimize(slow, x0[:2], homotopy=along, budget=Budget(seconds=0.1))
        took.append(time.perf_counter() - begin)
    assert min(took) <= 1.05 * 0.1 + 0.05


def test_minimize_within_bounds_keeps_its_budget():
    for budget in (10, 30, 100):
        found = hp.minimize(rosen, np.full(6, -1.2), jac=rosen_der, bounds=[(-2, 2)] * 6, budget=budget)
        assert found.cost <= max(1.05 * budget, budget + 1.0)


@pytest.mark.parametrize(
    ("known", "budget", "kept"),
    [
        (True, 10, 10), (False, 100, 47), (True, 100, 47), (False, 1000, 470), (True, 1000, 250), (False, 5000, 900),
        (True, 5000, 500), (False, 1e5, 1e4), (False, np.inf, 0),
    ],
)  # fmt: skip
def test_what_is_kept(known, budget, kept):
    target = MADE["xor"] if known else MADE["regression"]
    reserve = Reserve(target, 1, Budget(gradients=budget))
    assert reserve.gradients([0]) == 0.0  # not before it is asked for
    reserve.keep()
    assert reserve.gradients([0])[0] == pytest.approx(kept)


def test_descents_of_the_true_problem_count_for_what_is_kept():
    target = MADE["regression"]
    reserve = Reserve(target, 2, Budget(gradients=1000))
    reserve.keep()
    starts = np.zeros((2, target.size))
    reserve.begin(starts)
    rows, going = np.arange(2), np.ones(2, dtype=bool)
    ended = np.array([Status.MAX_STEPS, Status.CONVERGED], dtype=object)
    reserve.credit(rows, starts + 1.0, (np.array([70.0, 20.0]), 0.0), ended, going=going)
    np.testing.assert_allclose(
        reserve.gradients(rows), [400.0, 450.0]
    )  # one that converged from elsewhere tells little
    reserve.credit(rows, starts, (np.array([30.0, 20.0]), 0.0), ended, going=going)
    np.testing.assert_allclose(reserve.gradients(rows), [370.0, 0.0])
    reserve.credit(rows, starts, (np.array([30.0, 20.0]), 0.0), ended, going=~going)
    np.testing.assert_allclose(reserve.gradients(rows), [370.0, 0.0])


class Idle(BatchMethod):
    """A method that spends all its stages may, on nothing."""

    name, reference = "idle", "this test"

    def run(self, batch):
        batch.charge(batch.rows, charged=batch.purse(batch.rows, home=False))


def test_a_method_that_never_comes_to_the_true_problem_returns_a_plain_descent():
    target = MADE["regression"]
    plain = hp.solve(target, "lbfgs", rng=0, budget=460)
    found = hp.solve(target, Idle(), rng=0, budget=1000)
    assert found.cost <= 1000
    assert found.value <= plain.value
    assert "plain descent" in found.stages[0]["stage"]


def test_a_guard_counts_refuses_and_leaves_the_homotopy_as_it_was():
    family, x = Proximal(MADE["xor"].objective, np.ones(MADE["xor"].size)), np.zeros(MADE["xor"].size)
    before = dict(vars(family))
    with Guard(family, 4.0, lambda: np.inf) as guard:
        family.at(0.5).value(x)
        family.hessp(x, 0.5, x)
        with pytest.raises(SpentError):
            family.hessp(x, 0.5, x)
        family.dt_grad(x, 0.5)
        assert (guard.grad, guard.hessp, guard.spent) == (2, 1, 4.0)
    assert vars(family).keys() == before.keys()
    family.grad(x, 0.5)
    assert guard.grad == 2
    with Guard(family, np.inf, lambda: 0.0), pytest.raises(SpentError):
        family.grad(x, 0.5)
