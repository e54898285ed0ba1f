"""What a result says of its lower bound: when it is computed, in words, after a pickle; and of contradictions."""

import math
import pickle
from dataclasses import replace

import numpy as np
import pytest

import homotopy as hp
from homotopy.methods.result import Result
from homotopy.objectives.functions import Quadratic, Rosenbrock
from homotopy.problems import Bound, Problem
from homotopy.status import Counts, Status


def bowl(**more):
    return Problem("bowl", Quadratic([[2.0, 0.0], [0.0, 1.0]], [2.0, 0.0]), lambda rng: rng.normal(size=2), **more)


@pytest.mark.parametrize("method", ["auto", "lbfgs", "gd", "multistart", "proximal", "race-hop"])
def test_every_result_has_the_bound_of_its_problem(method):
    result = hp.solve("ts:act=relu,d=3,h=2,N=40,noise=0.1,teacher_seed=1", method, rng=0, budget=300)
    assert result.bound == Bound(0.0, "the loss is never negative")
    assert result.gap == result.value
    assert result.gap_text == f"gap {result.value:.3g} above 0: the loss is never negative"
    assert str(result).splitlines()[1] == f"ended    {result.message}; {result.gap_text}"


def test_a_sharp_bound_proves_the_minimum():
    result = hp.solve(bowl(), "lbfgs", rng=0)
    assert result.value == pytest.approx(-1.0)
    assert 0 <= result.gap < 1e-12
    assert "strong convexity" in result.gap_text


def test_nothing_known_is_told_as_nothing():
    result = hp.solve(Problem("valley", Rosenbrock(), lambda rng: rng.normal(size=2)), "lbfgs", rng=0)
    assert result.bound is None
    assert math.isnan(result.gap)
    assert result.gap_text == ""
    assert str(result).splitlines()[1] == f"ended    {result.message}"
    alone = Result(np.zeros(1), 0.0, False, Status.NON_FINITE, Counts(), 0.0)
    assert alone.bound is None
    assert alone.gap_text == ""


def test_a_contradiction_is_told():
    result = hp.solve(Problem("wrong", bowl().objective, bowl().start, bound=Bound(-0.5, "a mistake")), "lbfgs", rng=0)
    assert result.gap == pytest.approx(-0.5)
    assert result.gap_text.startswith("contradiction: the value -1 is 0.5 below -0.5")
    assert "a mistake" in str(result)


class Rough:
    """A bowl of height 1 whose values have an error of up to 1e-4 that depends on the last digits of x."""

    size = 2

    def value_and_grad(self, x):
        return 1.0 + x @ x + 1e-4 * np.sin(1e16 * x[0]), 2 * x


def test_values_that_scatter_at_the_end_are_no_contradiction():
    """What rounding does at x is looked at where a value is below its bound."""
    point = np.array([1.0, 0.0])
    problem = Problem("rough", Rough(), lambda rng: rng.normal(size=2), bound=Bound(2.0, "a proof"))
    off = 2.0 - 9e-5
    result = Result(point, off, False, Status.CONVERGED, Counts(), 0.0, problem=problem)
    assert problem.lower.contradicted(off)
    assert result.bound.rounding > 1e-4
    assert result.gap == 0.0
    assert replace(result, value=1.0).gap_text.startswith("contradiction")


def test_the_bound_is_not_computed_for_a_run_that_is_not_asked():
    calls = []

    def prove():
        calls.append(1)
        return Bound(-3.0, "a proof")

    problem = Problem("valley", Rosenbrock(), lambda rng: rng.normal(size=2), bound=prove)
    first, second = (hp.solve(problem, "lbfgs", rng=seed) for seed in (0, 1))
    assert not calls
    assert first.gap == first.value + 3.0
    assert second.bound == Bound(-3.0, "a proof")
    assert calls == [1]


def test_a_pickle_has_the_bound_and_not_the_problem():
    result = hp.solve("xor:hidden=1", "lbfgs", rng=0)
    again = pickle.loads(pickle.dumps(result))
    assert again.problem is None
    assert (again.bound, again.gap, again.value) == (result.bound, result.gap, result.value)
    assert replace(result, note="said").bound == result.bound
    assert hp.solve("xor:hidden=1", "lbfgs", rng=0).bound.value == pytest.approx(1 / 3)
