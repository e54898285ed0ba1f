"""Every method that runs on what sequences offer runs on them, alone and in company, with an honest account."""

import numpy as np
import pytest

import homotopy as hp
from homotopy.methods import BY_NAME, method
from homotopy.problems import Problem

REFUSE = {"diffusion", "greedy", "greedy-deep", "omp", "skip", "width-deep"}
SEEDS, BUDGET = range(2), 80


def problem():
    rng = np.random.default_rng(1)
    X, teacher = rng.standard_normal((12, 3, 1)), hp.RNN(1, 2, 1)
    risk = hp.EmpiricalRisk(hp.RNN(1, 2, 1), "squared", X, teacher.forward(teacher.init(7) + 0.2, X))
    return Problem("sequences", risk, risk.draw, optimum=0.0, tolerance=1e-4)


@pytest.mark.parametrize("name", sorted(BY_NAME))
def test_methods_run_on_sequences(name):
    target, solver = problem(), method(name)
    reason = solver.accepts(target)
    assert (reason is not None) == (name in REFUSE), reason
    if reason is not None:
        assert len(reason.split()) > 4
        return
    many = solver.solve_many(target, SEEDS, budget=BUDGET)
    start = [target.objective.value(target.start(np.random.default_rng(seed))) for seed in SEEDS]
    for seed, row in zip(SEEDS, many, strict=True):
        assert row.value == pytest.approx(target.objective.value(row.x), rel=1e-10)
        assert row.success == target.solved(row.value)
        assert row.value < max(start)
        alone = solver.solve(target, rng=seed, budget=BUDGET)
        np.testing.assert_array_equal(alone.x, row.x)
        assert (alone.cost, alone.value) == (row.cost, row.value)


@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_gated_cells_are_trained(cell):
    rng = np.random.default_rng(2)
    X = rng.standard_normal((24, 4, 2))
    model = hp.RNN(2, 3, 1, cell=cell, state="learned")
    risk = hp.EmpiricalRisk(model, "squared", X, model.forward(model.init(3) + 0.2, X))
    problem = Problem("gated", risk, risk.draw, optimum=0.0, tolerance=1e-5)
    for name in ("lbfgs", "width", "lm"):
        assert hp.solve(problem, name, rng=0, budget=3000).success
