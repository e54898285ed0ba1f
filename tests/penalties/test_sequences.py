"""Recurrent nets whose weights cost something: the lengths end no higher than a plain descent on the same budget."""

import numpy as np
import pytest

from homotopy.methods import method
from homotopy.models import RNN
from homotopy.objectives import EmpiricalRisk
from homotopy.problems import Problem

MEMBERS = [("tanh", 1e-3, "lm"), ("relu", 1e-2, "lbfgs"), ("tanh", 0.1, "lbfgs"), ("relu", 1e-4, "lm")]


@pytest.mark.parametrize(("act", "l2", "corrector"), MEMBERS)
def test_lengths_end_no_higher_than_a_plain_descent(act, l2, corrector):
    """Values are the penalized ones, of noisy targets that a recurrent net made."""
    rng = np.random.default_rng(3)
    X, model = rng.standard_normal((32, 16, 1)), RNN(1, 4, 1, act)
    y = model.forward(model.init(5), X) + 0.2 * rng.standard_normal((32, 16, 1))
    risk = EmpiricalRisk(model, "squared", X, y, l2=l2)
    problem = Problem("noisy", risk, risk.draw)
    ours, plain = (
        method(name).solve_many(problem, range(4), budget=1000) for name in (f"length:corrector={corrector}", "lbfgs")
    )
    for row in ours:
        assert row.value == pytest.approx(risk.value(row.x), rel=1e-12)
    assert ours.value.mean() <= 1.1 * plain.value.mean()
