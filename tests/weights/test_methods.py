"""Every method on weighted problems: its values are the reference's, and what counts nothing changes nothing."""

import numpy as np
import pytest
from weights.members import truth

import homotopy as hp
from homotopy.methods import BY_NAME, method
from homotopy.problems import Problem
from homotopy.problems.constant import constant_loss

KINDS = {
    "relu": ((2, 4, 1), "relu", "squared", {}),
    "logistic": ((3, 3, 1), "tanh", "logistic", {}),
    "softmax": ((2, 4, 3), "softplus", "softmax", {}),
    "deep": ((2, 3, 3, 1), "tanh", "squared", {}),
    "decayed": ((2, 3, 1), "softplus", "logistic", {"l2": 0.01}),
    "unit": ((3, 1), "tanh", "squared", {"output": "logistic"}),
}
SLOW = ("basin-hopping", "dual-annealing")


def problems(kind):
    """A problem with weights, a third of them zero, and the same without these samples."""
    sizes, activation, loss, more = KINDS[kind]
    rng = np.random.default_rng(len(kind))
    X = rng.standard_normal((36, sizes[0]))
    y = np.sin(2 * X[:, 0]) + X[:, 1] ** 2
    if loss == "softmax":
        y = np.digitize(y, [0.2, 1.2])
    elif loss == "logistic" or "output" in more:
        y = (y > 0.5).astype(float)
    weights = rng.exponential(size=36) * (np.arange(36) % 3 > 0)
    l2, keep = more.get("l2", 0.0), weights > 0
    model = hp.MLP(sizes, activation, output=more.get("output", "identity"))
    whole = hp.EmpiricalRisk(model, loss, X, y, l2=l2, weights=weights)
    less = hp.EmpiricalRisk(model, loss, X[keep], y[keep], l2=l2, weights=weights[keep])
    return [Problem(name=f"weighted-{kind}", objective=risk, start=model.init) for risk in (whole, less)]


def runnable():
    for name in sorted(BY_NAME):
        for kind in KINDS:
            if method(name).accepts(problems(kind)[0]) is not None or (name in SLOW and kind != "logistic"):
                continue
            if not (name == "tv-width" and kind == "decayed"):  # a penalty of the problem's own is refused
                yield name, kind


@pytest.mark.parametrize(("name", "kind"), list(runnable()))
def test_a_method_minimizes_the_weighted_risk(name, kind):
    whole, less = problems(kind)
    found, expected = (method(name).solve_many(problem, [1, 2], budget=150) for problem in (whole, less))
    for row, other in zip(found, expected, strict=True):
        with np.errstate(over="ignore"):  # of the reference, far out
            value = truth(whole.objective, row.x, row.x)[0]
        assert row.value == pytest.approx(value, rel=1e-10)
        assert (row.value, row.cost, row.status) == (other.value, other.cost, other.status)
        np.testing.assert_array_equal(row.x, other.x)


def test_every_method_runs_on_some_weighted_problem():
    plain = {name for name, _ in runnable()}
    assert {"skip", "width", "tv-width", "greedy", "omp", "decay", "lm", "auto", "era"} <= plain


def test_solve_is_the_same_without_samples_that_do_not_count():
    whole, less = problems("relu")
    found, expected = (hp.solve(problem, "skip", rng=3, budget=400) for problem in (whole, less))
    np.testing.assert_array_equal(found.x, expected.x)
    assert found.value == expected.value


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_comparison_measures_by_the_weighted_constant(kind):
    whole, less = problems(kind)
    risk = less.objective
    rows = np.repeat(np.arange(len(risk.X)), np.round(1e4 * risk.weights).astype(int))
    many = hp.EmpiricalRisk(risk.model, risk.loss, risk.X[rows], risk.y[rows])
    for problem in (whole, less):
        assert constant_loss(problem.objective) == pytest.approx(constant_loss(many), rel=1e-3)
        assert "lbfgs" in str(hp.compare(problem, "lbfgs", seeds=2, budget=30))
