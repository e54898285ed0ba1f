"""A problem of a user's own: its start and its objective are looked at."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import rosen, rosen_der

import homotopy as hp
from homotopy.errors import ArgumentError, EvaluationError
from homotopy.objectives import Function
from homotopy.objectives.functions import Rosenbrock
from homotopy.problems import Problem


class Own:
    size = 2

    def value_and_grad(self, x):
        return rosen(x), rosen_der(x)


def draw(rng):
    return rng.normal(size=2)


@pytest.mark.parametrize("objective", [Own(), Rosenbrock(), Function(rosen, rosen_der, 2)])
def test_a_start_is_a_vector(objective):
    for wrong in (
        None,
        "x",
        1.0,
        [1.0],
        np.ones(3),
        np.ones((2, 2)),
        1j * np.ones(2),
        [1.0, None],
        [[1.0], [2.0, 3.0]],
    ):
        problem = Problem("mine", objective, lambda rng, wrong=wrong: wrong)
        for method in ("lbfgs", "gd", "proximal"):
            with pytest.raises(ArgumentError, match=r"^start must return an array of shape \(2,\), not ") as caught:
                hp.solve(problem, method, rng=0)
            assert "\n" not in str(caught.value)
    for right in ([1, 2], np.array([1, 2]), np.array([[1.0], [2.0]]), (1.0, 2.0), np.array([1, 2], dtype=np.float32)):
        found = Problem("mine", objective, lambda rng, right=right: right).start(np.random.default_rng(0))
        assert found.dtype == np.float64
        assert np.array_equal(found, [1.0, 2.0])


def test_a_start_that_is_one_array_again_and_again_is_copied():
    x0 = np.array([-1.2, 1.0])
    problem = Problem("mine", Own(), lambda rng: x0)
    assert problem.start(None) is not x0
    assert hp.solve(problem, "lbfgs", rng=0).value < 1e-12
    assert np.array_equal(x0, [-1.2, 1.0])


def test_errors_of_a_start_are_named():
    def raising(error):
        def start(rng):
            raise error

        return Problem("mine", Own(), start)

    with pytest.raises(KeyError) as caught:
        hp.solve(raising(KeyError("mine")), "lbfgs", rng=0)
    assert caught.value.__notes__ == ["raised by start, a function that was given to this package"]
    with pytest.raises(EvaluationError, match=r"^start raised ZeroDivisionError: by zero"):
        hp.solve(raising(ZeroDivisionError("by zero")), "lbfgs", rng=0)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Problem("mine", Own, draw),
        lambda: Problem("mine", None, draw),
        lambda: Problem("mine", rosen, draw),
        lambda: Problem("mine", Own(), None),
        lambda: Problem("mine", Own(), np.zeros(2)),
        lambda: Problem("mine", type("NoSize", (), {"value_and_grad": Own.value_and_grad})(), draw),
        lambda: Problem("mine", type("Half", (), {"size": 2.5, "value_and_grad": Own.value_and_grad})(), draw),
        lambda: Problem("mine", type("OnlyValue", (), {"size": 2, "value": lambda self, x: rosen(x)})(), draw),
    ],
)
def test_what_is_no_problem_is_refused_at_once(make):
    with pytest.raises(ArgumentError) as caught:
        make()
    assert "\n" not in str(caught.value)


def test_a_problem_made_of_another_one_keeps_its_parts():
    first = Problem("mine", Own(), draw, test=Own(), optimum=0.0)
    second = replace(first, name="other")
    assert second.objective is first.objective
    assert second.start is first.start
    assert second.test is first.test
    assert isinstance(first.objective.inner, Own)
    assert first.test.value(np.ones(2)) == 0.0
    assert hp.solve(second, "lbfgs", rng=0).success


def test_a_problem_whose_parts_hold_arrays_can_be_compared():
    class Rows(list):  # has no hash
        def __call__(self, x):
            return float(x[0])

    own = replace(Problem("mine", Own(), draw), score=Rows([1.0]), score_name="R2", data=np.zeros(3))
    comparison = hp.compare(own, ["lbfgs"], seeds=2, budget=20)
    assert not comparison.failures
    assert own == own
    assert len({own, own}) == 1


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"optimum": "x"}, "optimum must be a finite number or None, not 'x'"),
        ({"optimum": 10**400}, "optimum must be a finite number or None, not "),
        ({"optimum": np.nan}, "optimum must be a finite number or None, not nan"),
        ({"optimum": -np.inf}, "optimum must be a finite number or None, not -inf"),
        ({"optimum": True}, "optimum must be a finite number or None, not True"),
        ({"optimum": 0.0, "tolerance": -1e-9}, "tolerance must be 0 or a positive number, not -1e-09"),
        ({"optimum": 0.0, "tolerance": None}, "tolerance must be 0 or a positive number, not None"),
        ({"name": None}, "name must be a text, not None"),
    ],
)
def test_what_counts_as_solved_is_looked_at(given, told):
    with pytest.raises(ArgumentError) as caught:
        Problem(**{"name": "mine", "objective": Own(), "start": draw} | given)
    assert str(caught.value).startswith(told)


@pytest.mark.parametrize("rng", [0, None, "x", np.ones(3)])
@pytest.mark.parametrize("problem", ["xor", "teacher:k=2", "mine"])
def test_what_draws_is_a_generator(problem, rng):
    made = Problem("mine", Own(), draw) if problem == "mine" else hp.problem(problem)
    with pytest.raises(ArgumentError, match=r"^rng must be a Generator, as "):
        made.start(rng)
