"""The report of many runs holds neither their curves nor their points at once."""

from __future__ import annotations

import subprocess
from functools import cache

import numpy as np
import pytest
from peak import program

from homotopy.experiments import Grid, Store, compare
from homotopy.experiments.run.blocks import RESULT, Block, Outcome, pack_curves
from homotopy.report import distributions, figures
from homotopy.status import Budget

METHODS = ("gd", "momentum", "adam", "lbfgs")
BUDGET = Budget(5000.0)
MEASURED = """
from pathlib import Path
from homotopy.experiments import Comparison, Store
from homotopy.report.folder import write
from peak import peak
with Store(Path(sys.argv[1]), create=False) as store:
    write(Comparison.load(store), Path(sys.argv[1]).parent)
print(peak() / 1024)
"""


@cache
def packed(n):
    """Curves of some fifty points of so many runs, and what these cost."""
    rng = np.random.default_rng(n)
    grid, fall = np.geomspace(1, 5000, 60), np.geomspace(1, 4e-7, 60)
    cost = rng.integers(100, 5000, n)
    return pack_curves(np.column_stack([grid, fall])[grid <= end] for end in cost), cost


def outcome(block, rng):
    """Runs with curves and nine variables, as XOR has them."""
    n = len(block.seeds)
    curves, cost = packed(n)
    rows = np.zeros(n, dtype=RESULT)
    rows["seed"], rows["status"], rows["seconds"] = block.seeds, "BUDGET_SPENT", 1e-5
    rows["cost"], rows["success"] = cost, rng.random(n) < 0.8
    rows["cost_to_success"] = np.where(rows["success"], rows["cost"], np.nan)
    rows["value"] = np.where(rows["success"], 4e-7, 0.125)
    return Outcome(block, rows, rng.standard_normal((n, 9)), curves, 0.1, "here")


def filled(path, runs, size=4096):
    """A store with so many runs of four methods on XOR."""
    rng = np.random.default_rng(0)
    grid = Grid.of("xor", METHODS, seeds=1)
    store = Store(path)
    store.session({}, {"cpu": "none"})
    store.describe(grid.built[0], "v")
    for cell in grid.cells:
        number = store.cell(*cell.key, BUDGET, "v")
        for first in range(0, runs, size):
            seeds = tuple(range(first, min(first + size, runs)))
            store.write(number, outcome(Block(cell, seeds, BUDGET), rng))
    return store


@pytest.mark.slow
def test_a_report_of_four_times_100_000_runs_stays_below_300_megabytes(tmp_path):
    filled(tmp_path / "runs.sqlite", 100_000).close()
    call = [*program(MEASURED), str(tmp_path / "runs.sqlite")]
    done = subprocess.run(call, capture_output=True, text=True, check=True, timeout=900)
    assert float(done.stdout) < 300


def test_curves_are_unpacked_a_block_at_a_time(tmp_path, monkeypatch):
    """At no time are there more than two blocks of curves, whatever the figure."""
    import homotopy.experiments.store.store as module

    alive = []
    unpack = module.unpack_curves

    class Curves(list):
        def __init__(self, data, *size):
            super().__init__(unpack(data, *size))
            alive.append(len(alive))

        def __del__(self):
            alive.pop()

    most = []

    def counted(data, *size):
        curves = Curves(data, *size)
        most.append(len(alive))
        return curves

    from homotopy.experiments import Comparison

    with filled(tmp_path / "runs.sqlite", 400, size=50) as store:
        monkeypatch.setattr(module, "unpack_curves", counted)
        comparison = Comparison.load(store)
        figures.curves(comparison)
        distributions.cost_distribution(comparison, comparison.problems[0])
    assert len(most) >= 3 * 4 * 8
    assert max(most) <= 2


def test_a_file_of_runs_is_what_the_table_says(tmp_path):
    """Written in parts, equal to the whole."""
    got = compare("xor", ["gd", "lbfgs"], seeds=30, budget=50)
    got.to_csv(tmp_path / "runs.csv")
    lines = (tmp_path / "runs.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0].split(",") == list(got.table().dtype.names)
    assert [line.split(",")[:3] for line in lines[1:]] == [[r.problem, r.method, str(r.seed)] for r in got.table()]
