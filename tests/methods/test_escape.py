"""Escape moves begin where a descent is stuck."""

import numpy as np
import pytest

from homotopy.errors import ArgumentError
from homotopy.methods import method
from homotopy.methods.escape import Deflated
from homotopy.objectives.base import check_derivatives
from homotopy.objectives.functions import Himmelblau
from homotopy.problems import problem


@pytest.mark.parametrize(("move", "rate"), [("skip", 1.0), ("widen", 0.9), ("eigenvector", 0.0), ("deflate", 0.0)])
def test_moves_add_to_the_successes_of_the_descent(move, rate):
    target = problem("teacher:k=10")
    plain = method("lbfgs").solve_many(target, range(20))
    moved = method(f"escape:move={move},rounds=3").solve_many(target, range(20), budget=3000)
    assert (moved.success >= plain.success).all()
    assert moved.success.mean() >= max(rate, plain.success.mean())


def test_stuck_minima_of_teachers_are_sign_errors():
    target = problem("teacher:k=12")
    runs = method("escape").solve_many(target, range(30))
    assert runs.success.all()
    assert method("lbfgs").solve_many(target, range(30)).success.mean() < 0.8


def test_deflated_function_has_its_derivatives_and_its_pole():
    pole = Deflated(Himmelblau(), np.array([3.0, 2.0]))
    found = check_derivatives(pole, np.array([1.0, -0.5]), rng=0)
    assert found["gradient_error"] < 1e-7
    assert found["hessp_error"] < 1e-6
    assert pole.value(np.array([3.0 + 1e-9, 2.0])) > 1.0


def test_what_is_not_allowed_is_named():
    with pytest.raises(ArgumentError, match="move must be 'auto', 'skip', "):
        method("escape:move=jump")
    with pytest.raises(ArgumentError, match="a flip of tanh units"):
        method("escape:move=skip").solve(problem("xor"))
