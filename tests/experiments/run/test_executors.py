"""Threads, processes and Dask give the same records, each run once, also when a worker dies in the middle."""

from __future__ import annotations

import pytest

from homotopy.errors import ArgumentError, MissingExtraError
from homotopy.experiments import Store, Workers
from homotopy.experiments.comparison import COLUMNS
from homotopy.experiments.plan.grid import Grid
from homotopy.experiments.plan.plugins import extra, load
from homotopy.experiments.run.blocks import Block, Outcome
from homotopy.experiments.run.queue import LARGEST, Queue
from homotopy.experiments.running import run_grids
from homotopy.status import Budget

DEADLY = '''
"""L-BFGS that kills its own process the first time it meets seed 13."""
import multiprocessing
import os
import signal
from pathlib import Path

from homotopy.methods import method
from homotopy.methods.base import Method

MARK = Path(__file__).with_name("died")


class Deadly(Method):
    """See above."""

    name, reference = "deadly", "none"

    def solve(self, problem, *, rng=None, budget=None, callback=None):
        if rng == 13 and multiprocessing.parent_process() is not None and not MARK.exists():
            MARK.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return method("lbfgs").solve(problem, rng=rng, budget=budget)


METHODS = {"deadly%d": Deadly}
'''


def plugin(tmp_path, number):
    path = tmp_path / "deadly.py"
    path.write_text(DEADLY % number)
    load(path)
    return str(path)


def run(workers, path, number):
    grid = Grid.of(["xor", "teacher:k=6"], ["gd", f"deadly{number}"], seeds=24, budget=150)
    store = Store()
    comparison = run_grids([grid], store, workers=workers, plugins=(path,))[0]
    counts = store.query("SELECT sum(size) FROM blocks").fetchone()[0]
    table = comparison.table()
    keep = [name for name in COLUMNS if name != "seconds"]
    ends = [
        x.tobytes() + c.tobytes()
        for p in comparison.problems
        for m in comparison.methods
        for _, x, c in comparison.payload(p, m)
    ]
    return [tuple(map(repr, row)) for row in table[keep].tolist()], ends, counts


@pytest.fixture(scope="module")
def truth(tmp_path_factory):
    path = plugin(tmp_path_factory.mktemp("truth"), 0)
    return run(Workers(n_jobs=1), path, 0)


def test_two_threads(truth, tmp_path):
    assert run(Workers(n_jobs=2), plugin(tmp_path, 1), 1) == truth


def test_two_processes_one_of_which_dies(truth, tmp_path):
    path = plugin(tmp_path, 2)
    assert run(Workers("processes", n_jobs=2), path, 2) == truth
    assert (tmp_path / "died").exists()


def test_two_dask_workers_one_of_which_dies(truth, tmp_path):
    pytest.importorskip("distributed")
    path = plugin(tmp_path, 3)
    assert run(Workers("dask", n_jobs=2), path, 3) == truth
    assert (tmp_path / "died").exists()


def test_a_block_that_always_kills_is_given_up(tmp_path):
    path = tmp_path / "fatal.py"
    path.write_text(DEADLY.replace("and not MARK.exists()", "") % 4)
    load(path)
    grid = Grid.of("xor", ["gd", "deadly4"], seeds=24, budget=150)
    got = run_grids([grid], Store(), workers=Workers("processes", n_jobs=1), plugins=(str(path),))[0]
    ((problem, method, error),) = got.failures
    assert (problem, method) == ("xor:hidden=2", "deadly")
    assert error.startswith("its worker died 4 times")
    assert len(got.records(problem, "gd")) == 24
    assert 13 not in got.records(problem, "deadly")["seed"]


@pytest.mark.parametrize(
    ("settings", "word"),
    [({"kind": "fleet"}, "executor"), ({"n_jobs": 0}, "jobs"), ({"address": "tcp://a:1"}, "address")],
)
def test_wrong_workers_are_refused(settings, word):
    with pytest.raises(ArgumentError, match=word):
        Workers(**settings)


def test_a_scheduler_that_is_not_there_is_told(monkeypatch):
    pytest.importorskip("distributed")
    with pytest.raises(ArgumentError, match="no Dask scheduler answers"):
        Workers("dask", address="nonsense://x").executor()


def test_a_missing_extra_is_named():
    with pytest.raises(MissingExtraError, match=r"needs the extra mpi: pip install 'homotopy-opt\[mpi\]'"):
        extra("no_such_module_at_all", "mpi", "the executor mpi")


def block(bowl, walk, n):
    cell = Grid.of(bowl, walk("a"), seeds=1).cells[0]
    return Block(cell, tuple(range(n)), Budget())


def outcome(part, seconds):
    import numpy as np

    from homotopy.experiments.run.blocks import RESULT

    return Outcome(part, np.zeros(len(part.seeds), dtype=RESULT), np.empty((0, 0)), b"", seconds, "here")


def test_blocks_grow_with_measured_cost_and_cover_every_seed_once(bowl, walk):
    queue = Queue([block(bowl, walk, 20_000)], 2)
    first = queue.next()
    queue.learn(outcome(first, 1e-4 * len(first.seeds)))
    assert queue.takes_back(outcome(first, 1e-4 * len(first.seeds)))  # too short to tell the time of a run
    second = queue.next()
    queue.learn(outcome(second, 1e-9))
    assert not queue.takes_back(outcome(second, 1e-9))
    third = queue.next()
    assert len(first.seeds) == 4
    assert len(second.seeds) == 5000 - 904  # half a second at 0.1 ms a run, and no more than the largest
    assert len(third.seeds) == LARGEST
    seeds = [*second.seeds, *third.seeds]
    while (part := queue.next()) is not None:
        seeds += part.seeds
    assert seeds == list(range(20_000))


def test_first_blocks_of_quick_runs_are_waited_for_and_run_again_in_one(bowl, walk):
    """No run's time is that of a call with few runs, and no last block is split into ones that are mostly overhead."""
    queue = Queue([block(bowl, walk, 12)], 3)
    firsts = [queue.next(), queue.next()]
    queue.learn(outcome(firsts[0], 1e-3))
    assert queue.takes_back(outcome(firsts[0], 1e-3))
    assert queue.next() is None  # the other one will be back at once
    queue.learn(outcome(firsts[1], 1e-3))
    assert queue.takes_back(outcome(firsts[1], 1e-3))
    assert sorted(queue.next().seeds) == list(range(12))
    assert queue.next() is None


def test_first_blocks_of_slow_runs_are_kept_and_hold_nobody_up(bowl, walk):
    queue = Queue([block(bowl, walk, 40)], 2)
    firsts = [queue.next(), queue.next()]
    queue.learn(outcome(firsts[0], 3.0))
    assert not queue.takes_back(outcome(firsts[0], 3.0))
    assert queue.next().seeds == (8,)


def test_a_cell_of_one_block_is_not_run_twice(bowl, walk):
    queue = Queue([block(bowl, walk, 3)], 1)
    whole = queue.next()
    queue.learn(outcome(whole, 1e-4))
    assert not queue.takes_back(outcome(whole, 1e-4))
    assert queue.next() is None


def test_slow_runs_go_out_one_by_one(bowl, walk):
    queue = Queue([block(bowl, walk, 100)], 2)
    first = queue.next()
    queue.learn(outcome(first, 10.0))
    assert len(queue.next().seeds) == 1


def test_a_failed_cell_hands_out_no_more(bowl, walk):
    queue = Queue([block(bowl, walk, 100)], 2)
    queue.give_up(queue.next())
    assert queue.next() is None


def test_runs_with_a_clock_go_out_one_by_one(bowl, walk):
    cell = Grid.of(bowl, walk("a"), seeds=1).cells[0]
    queue = Queue([Block(cell, tuple(range(9)), Budget(seconds=1.0))], 2)
    first = queue.next()
    queue.learn(outcome(first, 1e-6))
    assert len(first.seeds) == len(queue.next().seeds) == 1


def test_a_second_cluster_on_the_machine_needs_no_port_of_the_first():
    pytest.importorskip("distributed")
    pair = [Workers("dask", n_jobs=1) for _ in range(2)]
    running = [workers.executor() for workers in pair]
    assert [executor.submit(abs, -3).result(timeout=300) for executor in running] == [3, 3]
    for workers, executor in zip(pair, running, strict=True):
        workers.close(executor)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_first_blocks_go_back_to_where_they_were(bowl, walk, order):
    queue = Queue([block(bowl, walk, 40)], 2)
    firsts = [queue.next(), queue.next()]
    assert all(queue.takes_back(outcome(firsts[i], 1e-6)) for i in order)
    for first in firsts:
        queue.learn(outcome(first, 1e-6))
    seeds = []
    while (out := queue.next()) is not None:
        seeds += out.seeds
    assert seeds == list(range(40))
