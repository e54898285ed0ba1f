"""Nets out of dictionaries: what they reach, and that neither the batch nor its room matters."""

import numpy as np
import pytest

from homotopy.methods import method
from homotopy.methods.units import greedy
from homotopy.problems import problem


@pytest.mark.parametrize(
    ("name", "spelled", "least"),
    [("xor", "omp", 198), ("xor:act=relu", "omp", 190), ("jellyfish", "omp", 196), ("xor", "greedy", 196)],
)
def test_a_few_samples_are_fitted_almost_always(name, spelled, least):
    runs = method(spelled).solve_many(problem(name), range(5000, 5200))
    assert runs.success.sum() >= least
    assert np.unique(runs.value).size > 50  # the runs are different


def test_a_sine_is_fitted_with_few_steps_between():
    runs = method("omp").solve_many(problem("sine"), range(5000, 5040), budget=5000)
    assert runs.success.sum() >= 34
    assert runs.cost.mean() < 450


@pytest.mark.parametrize("name", ["sine", "xor"])
def test_dictionaries_that_do_not_fit_at_once_change_nothing(name, monkeypatch):
    seeds = range(70, 75)
    whole = method("greedy").solve_many(problem(name), seeds, budget=300)
    monkeypatch.setattr(greedy, "ROOM", 2 * 512 * 100)
    parts = method("greedy").solve_many(problem(name), seeds, budget=300)
    monkeypatch.setattr(greedy, "ROOM", 1)
    alone = method("greedy").solve_many(problem(name), seeds, budget=300)
    for other in (parts, alone):
        for field in ("x", "value", "cost", "cost_to_success"):
            np.testing.assert_array_equal(other[field], whole[field])


@pytest.mark.parametrize(
    ("name", "spelled"),
    [
        ("xor", "omp:dictionary=1"),
        ("xor", "greedy:dictionary=1"),
        ("sine", "greedy:dictionary=2,together=3"),
        ("sine:hidden=45", "omp"),
        ("sine:hidden=45", "omp:dictionary=3"),
    ],
)
def test_small_dictionaries_are_used_up_and_begin_anew(name, spelled):
    runs = method(spelled).solve_many(problem(name), range(3), budget=200)
    assert np.isfinite(runs.value).all()
    assert np.isfinite(runs.x).all()


def test_a_budget_that_ends_within_a_move_is_kept():
    for spelled in ("omp", "greedy"):
        runs = method(spelled).solve_many(problem("sine"), range(4), budget=20)
        assert (runs.cost <= 20 + 1e-9).all()
