"""A comparison that is killed again and again ends with the store of one that never was."""

from __future__ import annotations

import multiprocessing
import runpy
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing

import numpy as np
import pytest

from homotopy.experiments import Comparison, Store, compare
from homotopy.experiments.comparison import COLUMNS
from homotopy.experiments.plugins import load

SLOW = '''
"""A method that takes its time, so that it can be killed in the middle."""
import time

from homotopy.methods import method
from homotopy.methods.base import Method


class Slow(Method):
    """L-BFGS after a pause."""

    reference = "none"

    def __init__(self, pause: float = 0.004):
        self.name, self.pause = f"slow:pause={pause}", pause

    def solve(self, problem, *, rng=None, budget=None, callback=None):
        time.sleep(self.pause)
        return method("lbfgs").solve(problem, rng=rng, budget=budget)


METHODS = {"slow": Slow}
'''
CALL = [sys.executable, "-c", "import sys; from homotopy.cli import main; main(sys.argv[1:])"]
CHILD = """
import os
from homotopy.experiments import Store, Workers
from homotopy.experiments.grid import plan
from homotopy.experiments.plugins import load
from homotopy.experiments.running import run_grid

folder, name, n = os.environ["HOMOTOPY_TEST"].split("|")
plugin = os.path.join(folder, "slow.py")
load(plugin)
grid = plan(["xor", "yun"], ["slow", "lbfgs"], seeds=int(n), budget=60)
with Store(os.path.join(folder, name)) as kept:
    run_grid(grid, kept, workers=Workers(n_jobs=2), plugins=(plugin,))
"""


def start(tmp_path, name, n):
    """Start a process, forked from one that has imported everything, which runs CHILD."""
    (tmp_path / "child.py").write_text(CHILD.replace('os.environ["HOMOTOPY_TEST"]', repr(f"{tmp_path}|{name}|{n}")))
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["homotopy.experiments.running"])
    process = context.Process(target=runpy.run_path, args=(str(tmp_path / "child.py"),))
    process.start()
    return process


def ended_well(process):
    process.join(timeout=120)
    return process.exitcode == 0


def count(path):
    if not path.exists():
        return 0
    try:
        with closing(sqlite3.connect(path, timeout=10)) as db:
            return db.execute("SELECT count(*) FROM runs").fetchone()[0]
    except sqlite3.OperationalError:  # killed before the tables were made
        return 0


def contents(path):
    with Store(path, create=False) as store:
        comparison = Comparison.load(store)
        table = comparison.table()
        keep = [name for name in COLUMNS if name != "seconds"]
        ends = [
            (x.tobytes(), curve.tobytes())
            for problem in comparison.problems
            for method in comparison.methods_on(problem)
            for _, x, curve in comparison.payload(problem, method)
        ]
        return [tuple(repr(v) for v in row) for row in table[keep].tolist()], ends


def interrupted(tmp_path, n, kills):
    """Return how often a run of n seeds was killed in the middle before it ended."""
    (tmp_path / "slow.py").write_text(SLOW)
    assert ended_well(start(tmp_path, "whole.sqlite", n))
    rng = np.random.default_rng(0)
    store, done = tmp_path / "cut.sqlite", 0
    for _ in range(kills):
        before = count(store)
        process = start(tmp_path, "cut.sqlite", n)
        while process.is_alive() and count(store) == before:
            time.sleep(0.01)
        time.sleep(rng.random() * n * 0.002 / kills)
        process.kill()
        process.join(timeout=60)
        done += process.exitcode == -signal.SIGKILL
    assert ended_well(start(tmp_path, "cut.sqlite", n))
    return done


def test_five_kills_change_nothing_but_times(tmp_path):
    assert interrupted(tmp_path, 150, 5) == 5
    assert contents(tmp_path / "cut.sqlite") == contents(tmp_path / "whole.sqlite")


@pytest.mark.slow
def test_twenty_kills_of_two_thousand_runs_change_nothing_but_times(tmp_path):
    assert interrupted(tmp_path, 500, 20) >= 18
    assert contents(tmp_path / "cut.sqlite") == contents(tmp_path / "whole.sqlite")


def test_an_interruption_by_hand_leaves_a_store_to_go_on_with(tmp_path):
    (tmp_path / "slow.py").write_text(SLOW)
    words = ["compare", "xor", "yun", "-m", "slow", "-m", "lbfgs", "--seeds", "150", "--budget", "60", "-j", "2"]
    words += ["-q", "--plugin", str(tmp_path / "slow.py"), "-o", str(tmp_path / "cut")]
    process = subprocess.Popen(CALL + words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    store = tmp_path / "cut" / "runs.sqlite"
    while process.poll() is None and count(store) < 20:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=30) == 1
    with Store(store, create=False) as kept:
        assert 20 <= len(Comparison.load(kept).table()) < 600
    load(tmp_path / "slow.py")
    with Store(store, create=False) as kept:
        whole = compare(["xor", "yun"], ["slow", "lbfgs"], seeds=150, budget=60, store=kept)
        assert len(whole.table()) == 600
