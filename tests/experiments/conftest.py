"""A small problem and two seeded methods, so that comparisons are tested without any solver."""

from __future__ import annotations

import pytest

from homotopy.errors import ArgumentError
from homotopy.methods.base import Meter, Method, streams
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
        meter = Meter(problem, Budget.of(budget))
        x = problem.start(start)
        lucky = own.random() < self.luck
        while not meter.solved and not meter.spent:
            meter.charge(Counts(grad=1))
            meter.observe(x, problem.objective.value(x))
            if not lucky:
                return meter.result(Status.NOT_CONVERGED)
            x = x / 2
        return meter.result(Status.BUDGET_SPENT)


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
