"""Whatever a method does, its failure is recorded, its other finished runs are kept, and the others go on."""

from __future__ import annotations

import multiprocessing
import os
import runpy
import shutil
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from homotopy.errors import ArgumentError
from homotopy.experiments import Grid, Store, Workers, compare, run_grids
from homotopy.experiments.plan.plugins import load
from homotopy.experiments.run.workers.threads import Left, Threads
from homotopy.problems import problem

SOURCE = Path(__file__).with_name("misbehaving.py")
KINDS = runpy.run_path(str(SOURCE))
RAISED = [*KINDS["RAISE"], "recursion", "memory"]
PROBLEM = "xor:hidden=2"


@pytest.fixture
def plugin(tmp_path):
    path = tmp_path / "misbehaving.py"
    shutil.copyfile(SOURCE, path)
    load(path)
    return path


def run(plugin, whats, workers, store=None, seeds=8):
    names = [f"misbehaves:what={what}" for what in whats]
    grid = Grid.of("xor", ["lbfgs", *names], seeds=seeds, budget=120)
    return run_grids([grid], store or Store(), workers=workers, plugins=(str(plugin),))[0]


def told(comparison):
    return {method.removeprefix("misbehaves:what="): error for _, method, error in comparison.failures}


def kept(comparison, what):
    name = f"misbehaves:what={what}"
    return comparison.records(PROBLEM, name)["seed"].tolist() if (PROBLEM, name) in comparison.cells else []


def whole(comparison, seeds=8):
    assert comparison.records(PROBLEM, "lbfgs")["seed"].tolist() == list(range(seeds))


@pytest.mark.parametrize("kind", ["threads", "processes"])
def test_what_a_method_raises_or_returns_is_the_failure_of_one_run(plugin, kind):
    whats = [*RAISED, *KINDS["RETURN"]]
    comparison = run(plugin, whats, Workers(kind, 2))
    whole(comparison)
    errors = told(comparison)
    assert sorted(errors) == sorted(whats)
    for what in whats:
        assert "\n" not in errors[what]
        assert {0, 1, 2} <= set(kept(comparison, what)) <= {0, 1, 2, 4, 5, 6, 7}, what
    for what in KINDS["RAISE"]:
        assert errors[what].startswith(type(KINDS["RAISE"][what]).__name__)
    assert errors["recursion"].startswith("RecursionError")
    assert "Unable to allocate" in errors["memory"]
    for what in ("none", "number", "pair", "point"):
        assert "must be a Result" in errors[what]


def test_a_run_that_ends_at_nan_is_a_run_without_success(plugin):
    comparison = run(plugin, ["nan"], Workers(n_jobs=1))
    assert comparison.failures == ()
    rows = comparison.records(PROBLEM, "misbehaves:what=nan")
    assert rows["seed"].tolist() == list(range(8))
    assert np.flatnonzero(np.isnan(rows["value"])).tolist() == [3]
    assert not rows["success"][3]


@pytest.mark.parametrize("kind", ["threads", "processes", pytest.param("dask", marks=pytest.mark.slow)])
def test_a_run_that_hangs_times_out(plugin, kind):
    if kind == "dask":
        pytest.importorskip("distributed")
    whats = [what for what in KINDS["HANG"] if what != "held" or kind == "processes"]
    begin = time.monotonic()
    comparison = run(plugin, whats, Workers(kind, 2, run_timeout=0.5))
    assert time.monotonic() - begin < 60
    whole(comparison)
    assert told(comparison) == dict.fromkeys(whats, "timed out after 0.5 s")
    assert all({0, 1, 2} <= set(kept(comparison, what)) for what in whats)
    # in a block, then alone; nobody waits for it more often
    assert all(plugin.with_name(f"at_{what}").read_text() in ("x", "xx") for what in whats)


def test_a_run_that_dies_takes_no_other_with_it(plugin):
    comparison = run(plugin, list(KINDS["DIE"]), Workers("processes", 2))
    whole(comparison)
    errors = told(comparison)
    assert sorted(errors) == sorted(KINDS["DIE"])
    assert all(error.startswith("its worker died 4 times") for error in errors.values())
    assert all({0, 1, 2} <= set(kept(comparison, what)) for what in errors)


def test_what_failed_is_tried_again_when_it_is_asked_for_again(plugin, tmp_path):
    with Store(tmp_path / "runs.sqlite") as store:
        first = run(plugin, ["value"], Workers(n_jobs=1), store)
        rows = first.records(PROBLEM, "misbehaves:what=value")
        assert {0, 1, 2} <= set(rows["seed"].tolist())
        mended = load(plugin)
        mended.RAISE.pop("value")
        mended.RETURN["value"] = lambda found: found
        again = run(plugin, ["value"], Workers(n_jobs=1), store)
        assert again.failures == ()
        found = again.records(PROBLEM, "misbehaves:what=value")
        assert found["seed"].tolist() == list(range(8))
        same = found[np.isin(found["seed"], rows["seed"])]
        assert same.tobytes() == rows.tobytes()  # what was kept was not run again


def test_slow_runs_side_by_side_are_not_late(bowl, walk):
    """The time is that of a run: a block of several that takes longer is cut, not failed."""

    class Slow(walk):
        def solve(self, problem, **settings):
            time.sleep(0.15)
            return super().solve(problem, **settings)

    got = compare(bowl, Slow("slow"), seeds=6, budget=20, workers=Workers(n_jobs=2), run_timeout=0.4)
    assert got.failures == ()
    assert len(got.records("bowl", "slow")) == 6


@pytest.mark.parametrize("seconds", [0, -1.0, float("nan"), float("inf"), 1e12, "3", True])
def test_a_time_that_is_none_is_refused(seconds, bowl, walk):
    with pytest.raises(ArgumentError, match="run_timeout must be"):
        compare(bowl, walk(), seeds=1, run_timeout=seconds)


@pytest.mark.parametrize("kind", ["processes", "dask"])
def test_what_cannot_be_sent_to_a_process_says_so_before_anything_runs(kind, bowl, walk):
    if kind == "dask":
        pytest.importorskip("distributed")
    method = walk("tied")
    method.lock = threading.Lock()
    with pytest.raises(
        ArgumentError, match=r"the method 'tied' cannot be sent to another process: .*--executor threads"
    ):
        compare("xor", ["gd", method], seeds=4, workers=Workers(kind, 1))
    bowl = type(bowl)("tied bowl", bowl.objective, bowl.start, optimum=0.0)
    bowl.objective.lock = threading.Lock()
    with pytest.raises(ArgumentError, match="the problem 'tied bowl' cannot be sent"):
        compare(bowl, "gd", seeds=4, workers=Workers(kind, 1))


def test_what_cannot_be_made_again_in_a_process_says_so(plugin):
    """A class of a file that only this process has loaded."""
    method = load(plugin).Misbehaves("nan")
    got = compare("xor", ["lbfgs", method], seeds=4, budget=60, workers=Workers("processes", 1))
    (failure,) = got.failures
    assert "it cannot be made again in another process: ModuleNotFoundError" in failure[2]
    whole(got, 4)


def test_a_worker_with_other_code_is_refused(monkeypatch, plugin):
    from homotopy.errors import HomotopyError
    from homotopy.experiments.run.workers import cluster

    monkeypatch.setattr(cluster, "code_version", lambda: "9.9.9+abcdefgh")
    with pytest.raises(
        HomotopyError, match=r"has homotopy .* and this process 9\.9\.9\+abcdefgh: runs of two versions"
    ):
        run(plugin, [], Workers("processes", 1))
    with pytest.raises(HomotopyError, match=r"cannot run homotopy 9\.9\.9.*ModuleNotFoundError"):
        cluster.same_code({"tcp://a:1": ModuleNotFoundError("No module named 'homotopy'")})


def test_threads_that_are_left_alone_end_at_their_next_line():
    pool = Threads(1, 0.05)
    ended = threading.Event()

    def hangs():
        from homotopy.experiments.run.workers import limits

        limits.begin()
        try:
            while True:
                pass
        except Left:
            ended.set()
            raise

    late, next_one = pool.submit(hangs), pool.submit(os.getpid)
    until = time.monotonic() + 20
    while not late.done() and time.monotonic() < until:
        time.sleep(0.01)
        pool.overdue()
    assert isinstance(late.exception(timeout=0), TimeoutError)
    assert ended.wait(20)
    assert next_one.result(timeout=20) == os.getpid()
    pool.shutdown()


def test_problems_of_the_package_have_names_for_processes():
    workers = Workers("processes", 1)
    got = compare(problem("xor").name, "lbfgs", seeds=4, budget=60, workers=workers)
    assert len(got.records(PROBLEM, "lbfgs")) == 4
    assert multiprocessing.get_start_method(allow_none=True) in (None, "fork", "spawn", "forkserver")
