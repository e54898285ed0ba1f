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
from homotopy.experiments.plan.plugins import load

SLOW = '''
"""A method that takes its time where a file says so, and then waits to be killed."""
import itertools
import time
from pathlib import Path

from homotopy.methods import method
from homotopy.methods.base import Method

PACE = Path(__file__).with_name("pace")
COUNT = itertools.count(1)


def limit():
    return int(PACE.read_text() or 0) if PACE.exists() else None


class Slow(Method):
    """L-BFGS, after a pause where the file `pace` exists; after as many runs as it says, only when that changes."""

    name, reference = "slow", "none"

    def solve(self, problem, *, rng=None, budget=None, callback=None):
        number = next(COUNT)
        if limit() is not None:
            time.sleep(0.02)
        while (most := limit()) and number > most:
            time.sleep(0.02)
        return method("lbfgs").solve(problem, rng=rng, budget=budget)


METHODS = {"slow": Slow}
'''
PATIENCE = 300  # seconds that a process may take on a busy machine
CALL = [sys.executable, "-c", "import sys; from homotopy.cli import main; main(sys.argv[1:])"]
CHILD = """
import os
from homotopy.experiments import Store, Workers
from homotopy.experiments.plan.grid import Grid
from homotopy.experiments.plan.plugins import load
from homotopy.experiments.running import run_grids

folder, name, n = os.environ["HOMOTOPY_TEST"].split("|")
plugin = os.path.join(folder, "slow.py")
load(plugin)
grid = Grid.of(["xor", "yun"], ["slow", "lbfgs"], seeds=int(n), budget=60)
with Store(os.path.join(folder, name)) as kept:
    run_grids([grid], kept, workers=Workers(n_jobs=2), plugins=(plugin,))
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
    process.join(timeout=PATIENCE)
    return process.exitcode == 0


def count(path):
    if not path.exists():
        return 0
    try:
        with closing(sqlite3.connect(path, timeout=10)) as db:
            return db.execute("SELECT coalesce(sum(size), 0) FROM blocks").fetchone()[0]
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


def wait_for(path, least, running):
    """Wait until the store has so many runs."""
    end = time.monotonic() + PATIENCE
    while count(path) < least:
        assert running(), "the process ended by itself"
        assert time.monotonic() < end, "the process does nothing"
        time.sleep(0.01)


def interrupted(tmp_path, n, kills):
    """Run n seeds without a break, then again with a number of kills, each in the middle of the work."""
    (tmp_path / "slow.py").write_text(SLOW)
    assert ended_well(start(tmp_path, "whole.sqlite", n))
    rng = np.random.default_rng(0)
    store, pace = tmp_path / "cut.sqlite", tmp_path / "pace"
    pace.write_text(str(2 * n // (kills + 1)))  # so few runs a process that the last one is not killed for nothing
    for _ in range(kills):
        before = count(store)
        process = start(tmp_path, "cut.sqlite", n)
        wait_for(store, before + 1, process.is_alive)
        time.sleep(rng.random() * 0.5)
        process.kill()
        process.join(timeout=PATIENCE)
        assert process.exitcode == -signal.SIGKILL
        assert before < count(store) < 4 * n
    pace.unlink()
    assert ended_well(start(tmp_path, "cut.sqlite", n))


@pytest.mark.slow
def test_five_kills_change_nothing_but_times(tmp_path):
    interrupted(tmp_path, 150, 5)
    assert contents(tmp_path / "cut.sqlite") == contents(tmp_path / "whole.sqlite")


@pytest.mark.slow
def test_twenty_kills_of_two_thousand_runs_change_nothing_but_times(tmp_path):
    interrupted(tmp_path, 500, 20)
    assert contents(tmp_path / "cut.sqlite") == contents(tmp_path / "whole.sqlite")


def test_an_interruption_by_hand_leaves_a_store_to_go_on_with(tmp_path, interruptible):
    (tmp_path / "slow.py").write_text(SLOW)
    (tmp_path / "pace").write_text("120")
    words = ["compare", "xor", "yun", "-m", "slow", "-m", "lbfgs", "--seeds", "400", "--budget", "60", "-j", "2"]
    words += ["-q", "--plugin", str(tmp_path / "slow.py"), "-o", str(tmp_path / "cut")]
    process = subprocess.Popen(CALL + words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    store = tmp_path / "cut" / "runs.sqlite"
    wait_for(store, 20, lambda: process.poll() is None)
    process.send_signal(signal.SIGINT)
    (tmp_path / "pace").write_text("0")  # blocks in flight end; the rest would take seconds
    assert process.wait(timeout=PATIENCE) == 1
    (tmp_path / "pace").unlink()
    with Store(store, create=False) as kept:
        assert 20 <= len(Comparison.load(kept).table()) < 1600
    load(tmp_path / "slow.py")
    with Store(store, create=False) as kept:
        whole = compare(["xor", "yun"], ["slow", "lbfgs"], seeds=400, budget=60, store=kept)
        assert len(whole.table()) == 1600
