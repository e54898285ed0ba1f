"""Seconds of runs: those of a warm thread, divided by what each run spent, and read alike from older stores."""

from __future__ import annotations

import sys
import threading
import time

import numpy as np
import pytest

import homotopy as hp
from homotopy.experiments import Grid, Store, Workers, compare
from homotopy.experiments.run.blocks import Block, run_block
from homotopy.experiments.run.times import _Short, divided
from homotopy.experiments.statistics.clock import fixed_seconds
from homotopy.experiments.store.parts import spread
from homotopy.methods.base import Method
from homotopy.status import Budget

ONE = Workers("threads", 1)


def block(problem, method, n=20, budget=300.0):
    return Block(Grid.of(problem, method, seeds=1).cells[0], tuple(range(n)), Budget(budget))


@pytest.mark.parametrize("method", ["gd", "lbfgs", "omp", "multistart:of=gd"])
def test_side_by_side_runs_divide_the_time_beyond_what_each_takes_by_what_they_spent(method):
    found = run_block(block("xor", method))
    seconds, cost = found.records["seconds"], found.records["cost"]
    assert len(set(cost)) > 2
    fixed = fixed_seconds(seconds, cost)
    assert 0 <= fixed <= seconds.min()
    rest = seconds - fixed
    np.testing.assert_allclose(rest, rest.sum() * cost / cost.sum(), rtol=1e-6, atol=1e-9 * seconds.sum())
    assert 0 < seconds.sum() <= 1.5 * found.seconds + 1e-3


@pytest.mark.parametrize("seed", range(20))
def test_what_a_run_takes_by_itself_is_found_from_longer_runs(seed):
    rng = np.random.default_rng(seed)
    fixed, gradient, short = rng.uniform(0.0, 3.0), rng.uniform(0.01, 1.0), rng.uniform(0.0, 20.0)
    cost = short + rng.uniform(1.0, 1e4, 50)
    seconds = fixed + gradient * cost
    found = _Short(50, fixed + gradient * short, short).fixed(seconds.sum(), cost)
    assert found == pytest.approx(fixed, abs=1e-9)
    assert fixed_seconds(seconds, cost) == pytest.approx(fixed, abs=1e-9)
    noisy = seconds * rng.uniform(0.97, 1.03, 50)
    assert 0.0 <= fixed_seconds(noisy, cost) <= noisy.min()


def test_runs_that_cost_the_same_say_nothing_of_what_they_take_by_themselves():
    assert fixed_seconds(np.array([1.0, 2.0]), np.array([5.0, 5.0])) == 0.0
    assert fixed_seconds(np.array([]), np.array([])) == 0.0
    assert _Short(2, 2.0, 5.0).fixed(4.0, np.array([5.0, 5.0])) == 0.0


def test_a_restarted_run_takes_its_own_time_each_time():
    """Half of the runs of gradient descent on XOR are given up early: what is expected is what such runs take."""
    method, target = hp.method("gd"), hp.problem("xor")
    told, taken = [], []
    for _ in range(3):  # the least of either, by turns: a machine may be slower for a while
        shown = compare("xor", ["gd"], seeds=600, tuning=200, budget=20_000.0, workers=ONE)
        (one,) = shown.summaries(shown.problems[0])
        told.append(one.clock.value)
        begin = time.thread_time()  # of so many runs that what the call takes by itself, which is nobody's, is little
        runs = method.solve_many(target, range(6000), budget=one.expected.cutoff)
        taken.append((time.thread_time() - begin) / runs.success.sum())
    assert 0.4 * min(taken) <= min(told) <= 2.5 * min(taken)


def test_runs_that_are_made_one_by_one_keep_their_own_times(bowl, walk):
    class Clocked(walk):
        def solve(self, problem, *, rng=None, budget=None, callback=None):
            found = super().solve(problem, rng=rng, budget=budget)
            object.__setattr__(found, "seconds", float(1 + rng))
            return found

    seconds = run_block(block(bowl, Clocked("clocked"))).records["seconds"]
    np.testing.assert_allclose(seconds / seconds[0], np.arange(1.0, 21.0))


def test_waiting_for_others_is_no_time_of_a_run(bowl, walk):
    """A thread that waits, for the interpreter or for a processor, does not make its runs dear."""

    class Sleeper(walk):
        def solve(self, problem, **settings):
            time.sleep(0.02)
            return super().solve(problem, **settings)

    found = run_block(block(bowl, Sleeper("sleeper"), n=5))
    assert found.seconds > 0.1
    assert found.records["seconds"].sum() < 0.05


def test_nothing_is_imported_in_the_timed_region(bowl, walk, tmp_path, monkeypatch):
    """A method whose late stage imports a module has done so before its first timed run."""
    (tmp_path / "dear_to_import.py").write_text("import time\ntime.sleep(0.05)\n", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    seen = []

    class Late(walk):
        def solve(self, problem, *, rng=None, budget=None, callback=None):
            seen.append((Budget.of(budget), "dear_to_import" in sys.modules))
            if Budget.of(budget).gradients > 20:  # what the shortest run does not come to
                __import__("dear_to_import")
            return super().solve(problem, rng=rng, budget=budget)

    try:
        run_block(block(bowl, Late("late"), n=3))
    finally:
        sys.modules.pop("dear_to_import", None)
    timed = [known for budget, known in seen if budget == Budget(300.0)]
    assert timed == [True] * 3


def test_a_whole_is_divided():
    assert divided(6.0, np.array([1.0, 2.0, 0.0])).tolist() == [2.0, 4.0, 0.0]
    assert divided(6.0, np.zeros(3)).tolist() == [2.0] * 3
    assert divided(6.0, np.array([np.nan, 1.0])).tolist() == [3.0] * 2
    assert divided(6.0, np.empty(0)).size == 0


def test_even_times_of_a_block_are_divided_anew_and_others_stay():
    seconds = np.array([2.0, 2.0, 1.0, 3.0, 5.0, 4.0, 4.0, np.nan])
    cost = np.array([1.0, 3.0, 7.0, 1.0, 9.0, 0.0, 0.0, 2.0])
    block = np.array([4, 4, 2, 2, 9, 5, 5, 6])
    np.testing.assert_array_equal(spread(seconds, cost, block), [1.0, 3.0, 1.0, 3.0, 5.0, 4.0, 4.0, np.nan])
    assert spread(np.empty(0), np.empty(0), np.empty(0, dtype=int)).size == 0


def test_quick_runs_have_the_times_of_long_blocks(bowl):
    """A call with four runs would take as long as one with hundreds: no run is charged a quarter of it."""
    calls = []

    class Constant(Method):
        name, reference = "constant", "none"

        def solve(self, problem, **settings):
            raise AssertionError("runs are made side by side")

        def solve_many(self, problem, seeds, *, budget=None, n_jobs=1):
            from homotopy.methods import method

            seeds = list(seeds)
            if not np.isfinite(Budget.of(budget).seconds) and Budget.of(budget).gradients > 8:
                calls.append(len(seeds))
            end = time.thread_time() + 2e-3
            while time.thread_time() < end:
                pass
            return method("gd").solve_many(problem, seeds, budget=budget)

    got = compare("xor", Constant(), seeds=400, budget=20, workers=ONE)
    assert max(got.records(got.problems[0], "constant")["seconds"]) < 4e-4  # 2 ms over four runs is 5e-4 each
    assert sorted(calls)[0] == 4
    assert sum(calls) > 400
    assert threading.active_count() < 50


def test_expected_seconds_are_in_the_summary_and_the_store_knows_the_machine(tmp_path):
    with Store(tmp_path / "runs.sqlite") as store:
        got = compare("xor", ["gd", "lbfgs"], seeds=60, tuning=20, budget=300, store=store, workers=ONE)
        for one in got.summaries(got.problems[0]):
            rows = got.records(got.problems[0], one.method)
            assert one.clock.low <= one.clock.value <= one.clock.high
            assert one.clock.value <= rows["seconds"].sum() / rows["success"].sum() * 1.5
            assert one.to_dict()["clock"]["value"] == one.clock.value
        assert got.machine
        assert "expected seconds" in str(got)
