"""Tracked homotopies: every path starts at the solved easy problem, and the end is one of the true problem."""

import numpy as np
import pytest

from homotopy.descent import LBFGS
from homotopy.descent.memory import direction_flops
from homotopy.homotopies import Linearized, WeightDecay
from homotopy.methods import method, streams
from homotopy.problems import problem


@pytest.mark.parametrize("n", [5, pytest.param(100, marks=pytest.mark.slow)])
def test_linearized_paths_begin_at_the_minimum_of_the_surrogate(n):
    target = problem("xor:hidden=3")
    rates = {}
    for name in ("linearized", "gd"):
        results = [method(name).solve(target, rng=seed, budget=40_000) for seed in range(n)]
        rates[name] = np.mean([result.success for result in results])
        for seed, result in enumerate(results if name == "linearized" else ()):
            x0 = target.start(streams(seed)[0])
            path = Linearized(target.objective, x0)
            begin = result.path.points[0]
            assert begin.t == 0.0
            assert np.linalg.norm(path.grad(begin.x, 0.0)) < 1e-8
            assert np.linalg.eigvalsh(path.easy.hessian(begin.x))[0] > 0
            assert path.value(begin.x, 0.0) <= path.value(x0, 0.0)
    assert 0.5 < rates["linearized"] <= rates["gd"]  # it does not help here: the table of rates says so


def test_proximal_paths_begin_at_the_start():
    target = problem("xor:hidden=3")
    result = method("proximal").solve(target, rng=1)
    np.testing.assert_array_equal(result.path.points[0].x, target.start(streams(1)[0]))
    assert [stage["stage"] for stage in result.stages] == ["path", "polish"]


def test_path_evaluations_are_charged_at_the_homotopys_cost():
    result = method("linearized").solve(problem("xor:hidden=3"), rng=1)
    counts, path = result.counts, result.path.counts
    risk = problem("xor:hidden=3").objective
    surplus = 4.0 * 4 * risk.size / risk.flops  # two products with a Jacobian of four samples
    assert 0.2 < surplus < 0.3
    finish = direction_flops(LBFGS(), risk) / risk.flops * (counts.grad - path.grad)
    along = surplus * (0.5 * path.value + path.grad + 2.0 * path.hessp)
    assert counts.charged == pytest.approx(path.charged + along + finish)
    assert counts.hessp == path.hessp


def test_the_solved_easy_problem_is_charged():
    target = problem("xor:hidden=2")
    result = method("track:along=weight-decay+l2=0.3").solve(target, rng=0, budget=500)
    assert [stage["stage"] for stage in result.stages[:2]] == ["start", "path"]
    assert result.stages[0]["cost"] > 10
    assert result.counts.charged >= result.stages[0]["cost"]
    begin = result.path.points[0]
    assert np.linalg.norm(WeightDecay(target.objective, 0.3).grad(begin.x, 0.0)) < 1e-6
    closed = method("track:along=proximal").solve(target, rng=0)
    assert closed.stages[0]["stage"] == "path"
    assert closed.value == method("proximal:mu=1.0").solve(target, rng=0).value
