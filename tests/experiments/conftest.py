"""A small problem and two seeded methods, so that comparisons are tested without any solver."""

from __future__ import annotations

import numpy as np
import pytest

from homotopy.errors import ArgumentError
from homotopy.methods.base import Method, streams
from homotopy.methods.result import Result
from homotopy.problems.base import Problem
from homotopy.status import Budget, Counts, Status


class Bowl:
    """f(x) = |x|^2 / 2."""

    size = 3

    def value(self, x):
        return 0.5 * float(x @ x)

    def grad(self, x):
        return x.copy()

    def value_and_grad(self, x):
        return self.value(x), x.copy()

    def hessp(self, x, v):
        return v.copy()


class Walk(Method):
    """Halves x at each step, or gives up at once with a chance that it draws itself."""

    reference = "none"

    def __init__(self, name="walk", luck=1.0, error=None, refuses=None):
        self.name, self.luck, self.error, self.refuses = name, luck, error, refuses
        self.calls = []

    def accepts(self, problem):
        return self.refuses

    def solve(self, problem, *, rng=None, budget=None, callback=None):
        self.calls.append((rng, budget))
        if self.error:
            raise self.error
        start, own = streams(rng)
        x = problem.start(start)
        steps = int(min(Budget.of(budget).gradients, 100))
        curve = []
        if own.random() >= self.luck:
            steps = 1
        for cost in range(1, steps + 1):
            curve.append((cost, problem.objective.value(x)))
            if problem.solved(curve[-1][1]):
                break
            x = x / 2
        value = curve[-1][1]
        won = problem.solved(value)
        return Result(
            x=x if won else 2 * x,
            value=value,
            success=won,
            status=Status.REACHED_TARGET if won else Status.BUDGET_SPENT,
            counts=Counts(grad=len(curve)),
            seconds=1e-6,
            cost_to_success=float(len(curve)) if won else float("nan"),
            curve=np.array(curve),
        )


@pytest.fixture
def bowl():
    return Problem("bowl", Bowl(), lambda rng: rng.standard_normal(3), optimum=0.0, tolerance=1e-3)


@pytest.fixture
def walk():
    return Walk


@pytest.fixture
def pair():
    return [Walk("sure"), Walk("half", luck=0.5)]


@pytest.fixture
def broken():
    return Walk("broken", error=ArgumentError("no such thing"))
