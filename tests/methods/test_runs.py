import numpy as np
import pytest

import homotopy as hp
from homotopy.experiments import Workers
from homotopy.methods.batch import starts
from homotopy.methods.batch.starts import drawn, remember
from homotopy.methods.runs import RESULT, Runs
from homotopy.problems.base import Problem
from homotopy.streams import Draws, keys_of

XOR = "xor"


def equal_but_for_seconds(one, two):
    """Return whether two record arrays tell of the same runs."""
    names = [name for name in one.dtype.names if name not in ("seconds", "curve")]
    curves = all(map(np.array_equal, one["curve"], two["curve"]))
    return curves and all(np.array_equal(one[name], two[name], equal_nan=name != "status") for name in names)


@pytest.mark.parametrize("name", ["gd", "lbfgs", "lm", "omp", "basin-hopping"])
def test_columns_hold_the_records(name):
    problem, method = hp.problem(XOR), hp.method(name)
    rows = method.solve_many(problem, range(5), budget=300.0)
    runs = method.runs(problem, range(5), budget=300.0)
    assert runs.records.dtype == RESULT
    assert equal_but_for_seconds(rows, runs.table())
    assert equal_but_for_seconds(rows, Runs.of(rows).table())
    parts = [method.runs(problem, some, budget=300.0) for some in (range(2), range(2, 5))]
    assert equal_but_for_seconds(rows, Runs.joined(parts).table())


def test_no_runs_have_columns_too():
    runs = hp.method("gd").runs(hp.problem(XOR), [])
    assert len(runs.records) == len(runs.x) == len(runs.points) == 0
    assert runs.begins.tolist() == [0]
    assert len(Runs.of(runs.table()).records) == 0


def test_a_method_with_records_of_its_own_is_asked_for_them():
    class Twice(type(hp.method("gd"))):
        def solve_many(self, problem, seeds, *, budget=None, n_jobs=1):
            rows = super().solve_many(problem, seeds, budget=budget, n_jobs=n_jobs)
            rows["cost"] *= 2
            return rows

    problem = hp.problem(XOR)
    plain = hp.method("gd").runs(problem, range(3), budget=100.0)
    assert np.array_equal(Twice().runs(problem, range(3), budget=100.0).records["cost"], 2 * plain.records["cost"])


def test_remembered_starts_are_those_that_would_be_drawn(monkeypatch):
    problem = hp.problem(XOR)
    monkeypatch.setattr(starts, "NUMBERS", 100 * problem.size)
    monkeypatch.setattr(starts._local, "memory", None, raising=False)
    remember(problem)
    rng = np.random.default_rng(0)
    for _ in range(20):
        keys = keys_of(rng.integers(0, 104 if rng.random() < 0.3 else 90, int(rng.integers(2, 40))).tolist())
        if rng.random() < 0.2:
            keys[0, 1] = 5  # drawn from a Generator: no seed
        np.testing.assert_array_equal(drawn(problem, keys), problem.starts(Draws(keys)))
    mine = drawn(problem, keys_of([1, 2]))
    mine[:] = 0.0  # what a caller does to its starts does not come back
    np.testing.assert_array_equal(drawn(problem, keys_of([1, 2])), problem.starts(Draws(keys_of([1, 2]))))
    other = hp.problem("jellyfish")
    np.testing.assert_array_equal(drawn(other, keys_of([1, 2])), other.starts(Draws(keys_of([1, 2]))))


class Bowl:
    size = 2

    def value(self, x):
        return float(x @ x)

    def value_and_grad(self, x):
        return self.value(x), 2 * x


def test_a_comparison_draws_each_start_once():
    seen = []

    def start(rng):
        seen.append(1)
        return rng.standard_normal(2)

    bowl = Problem("bowl", Bowl(), start, optimum=0.0)
    workers = Workers("threads", 1)
    hp.compare(bowl, ["lbfgs"], seeds=30, budget=50.0, workers=workers)
    once = len(seen)
    seen.clear()
    hp.compare(bowl, ["lbfgs", "adam", "adam:step_size=0.1"], seeds=30, budget=50.0, workers=workers)
    assert len(seen) <= once + 4  # the problem is looked at, too
