"""What `minimize` and `solve` call a success: random functions whose saddles and maxima are known."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import rosen, rosen_der

from homotopy.homotopies import BY_NAME
from homotopy.methods import Method, Result, method, minimize, solve
from homotopy.objectives.function import Function
from homotopy.problems import problem
from homotopy.problems.base import Problem
from homotopy.status import Counts, Status


class Wells:
    """Double wells along turned axes: minima at c + Q'(+-1), saddles and a maximum where coordinates are zero."""

    def __init__(self, n, seed, *, scale=1.0, size=1.0):
        rng = np.random.default_rng(seed)
        self.q = np.linalg.qr(rng.standard_normal((n, n)))[0]
        self.w, self.c = np.exp(rng.uniform(-2, 2, n)), rng.standard_normal(n)
        self.n, self.scale, self.size = n, scale, size

    def turned(self, x):
        return self.q @ (x / self.size - self.c)

    def at(self, y):
        return self.size * (self.c + self.q.T @ y)

    def fun(self, x):
        y = self.turned(x)
        return self.scale * float(self.w @ (y**2 - 1) ** 2 + 3)

    def jac(self, x):
        y = self.turned(x)
        return self.scale * (self.q.T @ (4 * self.w * (y**2 - 1) * y)) / self.size

    def is_minimum(self, x):
        return bool(np.all(np.abs(np.abs(self.turned(x)) - 1) < 1e-5))


@pytest.mark.parametrize("n", [1, 2, 3, pytest.param(8, marks=pytest.mark.slow)])
@pytest.mark.parametrize("homotopy", [None, "proximal", "newton"])
def test_no_start_on_a_saddle_or_beside_one_ends_there(n, homotopy):
    for seed in range(8 if homotopy is None else 3):
        rng = np.random.default_rng(seed)
        wells = Wells(n, seed, scale=10 ** rng.uniform(-8, 8) if homotopy is None else 1.0)
        y = np.zeros(n)
        k = int(rng.integers(0, n + 1))
        y[:k] = rng.choice([-1.0, 1.0], k)
        for beside in (0.0, 1e-14, 1e-9, 1e-3):
            start = wells.at(y + beside * rng.standard_normal(n))
            found = minimize(wells.fun, start, jac=wells.jac, homotopy=homotopy)
            if (
                homotopy == "newton" and not found.success
            ):  # its path begins in the saddle, and may end there, but says so
                assert found.status != 0
                continue
            assert found.success, (seed, beside, found.message)
            assert found.end == "a minimum"
            assert wells.is_minimum(found.x), (seed, beside)


@pytest.mark.parametrize(("scale", "size"), [(1e-8, 1e-4), (1e-8, 1.0), (1e-8, 1e8), (1e8, 1.0), (1e8, 1e8)])
def test_verdicts_and_counts_do_not_depend_on_units(scale, size):
    for seed in range(4):
        start = np.random.default_rng(seed).standard_normal(3)
        runs = []
        for wells in (Wells(3, seed), Wells(3, seed, scale=scale, size=size)):
            found = minimize(wells.fun, wells.size * start, jac=wells.jac)
            assert found.success
            assert wells.is_minimum(found.x)
            runs.append((found.njev, np.sign(wells.turned(found.x)).tolist()))
        assert abs(runs[0][0] - runs[1][0]) <= 0.25 * runs[0][0] + 3
        assert runs[0][1] == runs[1][1]


STATIONARY = {
    "falls on both sides": (lambda x: float(-(x**4).sum() + (x**6).sum()), lambda x: -4 * x**3 + 6 * x**5, [0.0, 0.0]),
    "monkey saddle": (
        lambda x: float(x[0] ** 3 - 3 * x[0] * x[1] ** 2 + 0.1 * (x @ x) ** 2),
        lambda x: np.array([3 * x[0] ** 2 - 3 * x[1] ** 2, -6 * x[0] * x[1]]) + 0.4 * (x @ x) * x,
        [0.0, 0.0],
    ),
    "inflection": (lambda x: float((x**3 + 0.1 * x**4).sum()), lambda x: 3 * x**2 + 0.4 * x**3, [0.0]),
    "ring": (lambda x: float((x @ x - 0.25) ** 2), lambda x: 4 * (x @ x - 0.25) * x, [0.0, 0.0, 0.0]),
    "far out": (lambda x: float(-np.exp(-x @ x)), lambda x: 2 * x * np.exp(-x @ x), [4.0, 1.0]),
}


@pytest.mark.parametrize("name", sorted(STATIONARY))
@pytest.mark.parametrize("homotopy", [None, "proximal"])
def test_stationary_starts_that_are_no_minima_are_left(name, homotopy):
    fun, jac, start = STATIONARY[name]
    found = minimize(fun, start, jac=jac, homotopy=homotopy)
    assert found.success
    assert found.fun < fun(np.array(start)) - 1e-3 * abs(fun(np.array(start)))


def test_flat_minima_are_minima_or_degenerate():
    plane = minimize(lambda x: float((x[0] + x[1] - 1) ** 2), [3.0, 4.0], jac=lambda x: 2 * (x.sum() - 1) * np.ones(2))
    assert plane.success
    assert plane.end.startswith("a degenerate point: lowest eigenvalue")
    constant = minimize(lambda x: 3.0, [1.0, 2.0], jac=np.zeros_like)
    assert (constant.success, constant.x.tolist()) == (True, [1.0, 2.0])


def test_what_is_no_minimum_is_no_success():
    wrong = minimize(lambda x: float(x @ x), [1.0, 2.0], jac=lambda x: -2 * x)
    assert not wrong.success
    assert "is it the derivative of fun?" in wrong.message
    unbounded = minimize(lambda x: float(x.sum()), [1.0, 2.0], jac=np.ones_like, options={"maxiter": 200})
    assert (unbounded.success, unbounded.end) == (False, "")
    kink = minimize(lambda x: float(np.abs(x).sum()), [1.0, 2.0], jac=np.sign)
    assert not kink.success


def test_a_ring_is_left_by_gaussian_and_wood_by_proximal():
    ring = minimize(
        lambda x: float((x @ x - 0.25) ** 2), [1.0, 1.1], jac=lambda x: 4 * (x @ x - 0.25) * x, homotopy="gaussian"
    )
    assert ring.success
    assert ring.fun < 1e-12

    def residuals(x):
        a, b, c, d = x
        return np.array([10 * (b - a**2), 1 - a, 90**0.5 * (d - c**2), 1 - c, 10**0.5 * (b + d - 2), (b - d) / 10**0.5])

    def slope(x):
        j = np.zeros((6, 4))
        j[0, :2], j[1, 0], j[2, 2:], j[3, 2] = (-20 * x[0], 10), -1, (-2 * 90**0.5 * x[2], 90**0.5), -1
        j[4, 1] = j[4, 3] = 10**0.5
        j[5, 1], j[5, 3] = 10**-0.5, -(10**-0.5)
        return 2 * j.T @ residuals(x)

    wood = minimize(lambda x: float(residuals(x) @ residuals(x)), [-3, -1, -3, -1], jac=slope, homotopy="proximal")
    assert (wood.success, wood.end) == (True, "a minimum")


def test_gaussian_begins_at_x0_and_is_repeated_by_its_seed():
    def fun(x):
        return float(1 - np.cos(2 * x[0]))

    def jac(x):
        return 2 * np.sin(2 * x)

    for x0 in (50 * np.pi + 0.1, -3 * np.pi - 0.2, 0.05):
        ends = {minimize(fun, [x0], jac=jac, homotopy="gaussian", rng=rng).x[0] for rng in (None, None, 3, 3)}
        assert len(ends) <= 2
        np.testing.assert_allclose(list(ends), np.pi * round(x0 / np.pi), atol=1e-6)
    costs = [minimize(rosen, [-1.2, 1], jac=rosen_der, homotopy="gaussian:width=0.5", rng=r).cost for r in (1, 1, 2)]
    assert costs[0] == costs[1] != costs[2]


NETS = {
    "gaussian:width=0.3": "xor:hidden=3",
    "targets": "xor:hidden=3",
    "weight-decay": "xor:hidden=3",
    "activation": "xor:hidden=3",
    "matched-activation": "xor:hidden=3",
    "linear-model": "xor:hidden=3",
    "linearized": "xor:hidden=3",
    "width": "xor:hidden=3",
    "greedy": "xor:hidden=3",
    "skip": "teacher:k=4",
}


@pytest.mark.parametrize("name", sorted(NETS))
def test_every_homotopy_begins_at_x0(name):
    assert name.partition(":")[0] in BY_NAME
    risk = problem(NETS[name]).objective
    rng = np.random.default_rng(0)
    starts = [0.5 * rng.standard_normal(risk.size) for _ in range(2)]
    runs = [minimize(risk, x0, homotopy=name, budget=400) for x0 in (*starts, starts[0])]
    assert runs[0].fun == runs[2].fun
    assert runs[0].cost == runs[2].cost
    assert (runs[0].fun, runs[0].cost) != (runs[1].fun, runs[1].cost)


def saddle(seed=0):
    wells = Wells(3, seed)
    y = np.array([0.0, 1.0, -1.0])
    objective = Function(wells.fun, wells.jac, 3)
    return wells, Problem("wells", objective, lambda rng: wells.at(y))


@pytest.mark.parametrize("name", ["lbfgs", "gd", "adam", "proximal", "lbfgsb", "graduated:along=gaussian", "auto"])
def test_solve_leaves_saddles_whatever_the_method(name):
    wells, target = saddle()
    result = solve(target, name, rng=0)
    assert result.success
    assert result.end == "a minimum"
    assert result.message.endswith("; the end is a minimum")
    assert wells.is_minimum(result.x)
    looked = [stage for stage in result.stages if stage["stage"] == "curvature"]
    assert looked[-1]["end"] == "a minimum"
    assert result.counts.hessp >= sum(stage["products"] for stage in looked) > 0
    assert result.cost == result.counts.gradient_equivalents


def test_a_known_optimum_is_the_proof():
    result = solve("teacher:k=6", "skip", rng=0)
    assert result.success
    assert (result.end, result.curvature) == ("the known optimum", None)
    assert result.message == Status.REACHED_TARGET.value
    missed = solve(problem("xor:hidden=2"), "lbfgs", rng=1, budget=5)
    assert (missed.success, missed.end) == (False, "")
    many = method("lbfgs").solve_many(problem("xor:hidden=2"), [1])
    assert many.cost[0] == method("lbfgs").solve(problem("xor:hidden=2"), rng=1).cost


def test_a_budget_that_allows_no_look_leaves_it_unknown():
    unknown = replace(problem("linear"), optimum=None)
    cost = solve(unknown, "lbfgs", rng=0).stages[0]["cost"]
    result = solve(unknown, "lbfgs", rng=0, budget=cost + 2)
    assert result.success
    assert result.end == "unknown: the budget allows no Hessian-vector products"
    assert "what the end is, is unknown" in result.message


class Lazy(Method):
    """A method of one's own that claims whatever point it is at."""

    name, reference = "lazy", "none"

    def solve(self, problem, *, rng=None, budget=None, callback=None):
        x = problem.start(np.random.default_rng(rng))
        counts = Counts(grad=7, charged=1.5)
        return Result(x, problem.objective.value(x), True, Status.CONVERGED, counts, 0.1, note="lazy")


def test_methods_of_ones_own_are_looked_at_too():
    wells, target = saddle()
    result = solve(target, Lazy(), rng=0)
    assert result.success
    assert wells.is_minimum(result.x)
    assert result.counts.grad > 7
    assert result.counts.charged == 1.5
    assert result.message == "the iteration converged; the end is a minimum; lazy"
