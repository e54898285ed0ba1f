"""What a run is charged is counted: evaluations and moves by their flops over those of the problem's gradient."""

import numpy as np
import pytest

from homotopy.homotopies import Gaussian
from homotopy.methods import BatchMethod, method
from homotopy.methods.batch.recipes import Recipe
from homotopy.objectives.flops import flops_of
from homotopy.problems import problem


class Descends(BatchMethod):
    """Descend something that is made of the true objective, for so many evaluations."""

    name, reference, keeps_finish = "descends", "this test", False

    def __init__(self, make, n):
        self.make, self.n = make, n

    def run(self, batch):
        rows, made = batch.rows, self.make(batch.objective)
        recipe = Recipe("gd", self.n, self.n - 1, step_size=1e-3)
        batch.descend(made, np.full((len(rows), made.size), 0.1), rows, name="a stage", recipe=recipe)


class Halved:
    """Half an objective; says nothing of flops."""

    def __init__(self, objective):
        self.inner, self.size = objective, objective.size

    def value_and_grad(self, x):
        value, grad = self.inner.value_and_grad(x)
        return 0.5 * value, 0.5 * grad


class Twice(Halved):
    """The mean of two points; says nothing of flops."""

    def value_and_grad(self, x):
        (one, up), (two, down) = self.inner.value_and_grad(x + 0.1), self.inner.value_and_grad(x - 0.1)
        return 0.5 * (one + two), 0.5 * (up + down)


@pytest.mark.parametrize(
    ("make", "price"),
    [
        (lambda risk: risk, 1.0),
        (lambda risk: Gaussian(risk, 0.1, samples=16).at(0.5), 16.0),
        (lambda risk: risk.units().wider(3), 2.0),
        (Halved, 1.0),
        (Twice, 2.0),
    ],
    ids=["true", "smoothed by samples", "wider", "wrapped", "wrapped twice"],
)
def test_a_stage_is_charged_by_the_flops_of_what_it_descends(make, price):
    result = Descends(make, 20).solve(problem("xor:hidden=3"), rng=0)
    assert result.counts.grad == 20
    assert result.cost == pytest.approx(20 * price)


def test_evaluations_are_limited_by_what_they_cost():
    result = Descends(lambda risk: Gaussian(risk, 0.1, samples=16).at(0.5), 20).solve(
        problem("xor:hidden=3"), rng=0, budget=100
    )
    assert result.stages[0]["cost"] == pytest.approx(96.0)
    assert result.cost <= 100.0


class Works(BatchMethod):
    """Work that is no evaluation."""

    name, reference, keeps_finish = "works", "this test", False

    def __init__(self, flops):
        self.flops = flops

    def run(self, batch):
        rows = batch.rows
        batch.charge_flops(rows, self.flops)
        self.spent = batch.cost(rows)


def spent(flops, n_runs):
    """Return what runs with a budget of 10 are charged for work of so many gradients, ahead of what follows."""
    target = problem("xor:hidden=3")
    works = Works(flops * flops_of(target.objective))
    assert (works.solve_many(target, range(n_runs), budget=10).cost <= 10.0).all()
    return works.spent


def test_work_is_charged_by_its_flops_and_never_more_than_a_run_has():
    assert spent(7, 1) == pytest.approx(7.0)
    assert spent(70, 1) == pytest.approx(10.0)
    np.testing.assert_allclose(spent(np.array([1.0, 2.0, 50.0]), 3), [1.0, 2.0, 10.0])


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("greedy", "spirals:hidden=6"),
        ("omp", "ts:d=4,h=4,N=60"),
        ("skip", "ts:d=4,h=4,N=60"),
        ("width", "ts:d=4,h=4,N=60"),
        ("width-deep:cycles=1", "ts:layers=2,d=4,h=4,N=60"),
        ("greedy-deep", "ts:layers=2,d=4,h=4,N=60"),
        ("saddle-free:steps=5", "xor"),
        ("escape:move=eigenvector", "sine"),
    ],
)
def test_moves_that_are_no_evaluations_are_charged(name, text):
    counts = method(name).solve(problem(text), rng=1, budget=800).counts
    assert counts.charged > 0
