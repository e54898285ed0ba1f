"""Multi-start: the first start is everybody's, the others are new, the cutoff holds."""

import numpy as np
import pytest

from homotopy.errors import ArgumentError
from homotopy.methods import Multistart, method
from homotopy.methods.cutoffs import best_cutoff
from homotopy.problems import problem


def test_first_start_is_that_of_the_single_method():
    target = problem("teacher:k=6")
    once, often = (method(name).solve_many(target, range(20)) for name in ("lbfgs", "multistart:of=lbfgs"))
    solved = once.success
    assert solved.sum() > 10
    np.testing.assert_array_equal(once.cost[solved], often.cost[solved])


def test_restarts_until_success():
    runs = method("multistart:of=lbfgs").solve_many(problem("teacher:k=12"), range(20))
    assert runs.success.all()
    assert method("lbfgs").solve_many(problem("teacher:k=12"), range(20)).success.mean() < 0.9


def test_cutoff_limits_each_start():
    target = problem("teacher:k=12")
    result = method("multistart:of=lbfgs,cutoff=40").solve(target, rng=1)
    spent = np.diff([0.0] + [stage["cost"] for stage in result.stages])
    assert len(spent) > 1
    assert spent.max() <= 40


def test_number_of_starts_is_limited():
    result = method("multistart:of=gd+steps=3,restarts=4").solve(problem("teacher:k=12"), rng=0)
    assert result.cost == 4 * 4
    assert not result.success


def test_name_carries_the_inner_parameters():
    assert method("multistart:of=gd+steps=3+step_size=0.5").name == "multistart:of=gd+step_size=0.5+steps=3"


def test_what_is_not_allowed_is_named():
    with pytest.raises(ArgumentError, match="cutoff must be a positive number"):
        method("multistart:cutoff=0")
    with pytest.raises(ArgumentError, match="restarts must be an integer, at least 1"):
        Multistart(method("gd"), restarts=0)
    with pytest.raises(ArgumentError, match="unknown method 'nothing'"):
        method("multistart:of=nothing")


def test_the_cutoff_is_chosen_on_other_seeds_and_said():
    target = problem("teacher:k=12")
    tuned = method("multistart:of=lbfgs,tune=60")
    result = tuned.solve(target, rng=3)
    stage = result.stages[0]
    assert stage["chosen"] == "on seeds 1000000..1000059, not charged"
    tuning = method("lbfgs").solve_many(target, range(10**6, 10**6 + 60))
    end = np.where(tuning.success, tuning.cost_to_success, tuning.cost)

    def expected(cutoff):
        return np.minimum(end, cutoff).sum() / max((tuning.success & (end <= cutoff)).sum(), 1e-9)

    assert expected(stage["cutoff"]) <= min(expected(c) for c in np.linspace(20, 200, 300)) * 1.02
    given = method(f"multistart:of=lbfgs,cutoff={stage['cutoff']}")
    np.testing.assert_array_equal(tuned.solve_many(target, range(10)).cost, given.solve_many(target, range(10)).cost)
    np.testing.assert_equal(best_cutoff(np.ones(2), np.zeros(2, dtype=bool)), np.inf)
    assert method(tuned.name).name == tuned.name


@pytest.mark.parametrize("of", ["lbfgs", "gd", "adam", "lm", "width", "omp", "greedy"])
@pytest.mark.parametrize("budget", [37, 150])
def test_no_method_overdraws_the_budget_of_all_its_starts(of, budget):
    target = problem("xor:hidden=2,activation=relu")
    spent = method(f"multistart:of={of}").solve_many(target, range(20), budget=budget).cost
    assert (spent <= budget + (16 if of == "gd" else 1)).all()  # gd's estimate of the curvature is not cut
