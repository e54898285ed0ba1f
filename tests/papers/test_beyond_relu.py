"""The tables of beyond-relu.md run, name real problems and methods, and say what is true in the small."""

import subprocess
import sys

import numpy as np
import pytest

from homotopy.papers import beyond_relu


@pytest.mark.parametrize("table", sorted(beyond_relu.TABLES))
def test_every_row_can_be_run(table):
    what = beyond_relu.grids(table, 0.01)
    assert len({name for grid in what for name in grid.groups}) == len(what) >= 3
    assert sum(len(grid.methods) for grid in what) >= 9
    for grid in what:
        assert len(grid.seeds) >= 1
        assert grid.skips == ()
        assert all(target.target is not None for target in grid.built)


def test_a_table_is_printed_with_all_its_lines():
    command = [sys.executable, "-m", "homotopy.papers.beyond_relu", "inputs", "--share", "0.003"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    lines = [line.split("|") for line in done.stdout.splitlines()[2:]]
    assert [line[2].strip() for line in lines] == ["lbfgs", "width", "skip"] * 3
    assert {line[3].strip() for line in lines} == {"1"}


def test_a_loss_is_high_where_a_teacher_unit_is_missing():
    found = beyond_relu.minima(range(700, 703), 6)
    assert len(found) == 18
    assert {one.missing for one in found} >= {0, 1}
    assert np.median([one.loss for one in found if not one.missing]) <= 1e-6
    assert min(one.loss for one in found if one.missing) > 5e-4
    assert all(one.stray + one.doubled == one.missing for one in found)
    assert all(one.saturated + one.weak <= 2 * one.stray for one in found)
    table = beyond_relu.by_missing(found)
    assert [row[0] for row in table] == sorted({str(one.missing) for one in found})
    assert sum(int(row[1]) for row in table) == 18


def test_shares_near_the_best_are_shares():
    table = beyond_relu.near_best(0.3, ("lbfgs", "skip"), teachers=2, runs=3, budget=300)
    assert [row[0] for row in table] == ["700", "701", "mean"]
    values = np.array([[float(cell) for cell in row[1:]] for row in table])
    assert values[:2].sum() > 0
    np.testing.assert_allclose(values[2], values[:2].mean(axis=0), atol=0.011)
    told = beyond_relu.near_best(0.3, ("lbfgs", "skip"), teachers=2, runs=3, budget=300, intervals=True)
    assert told[:2] == table[:2]
    for mean, cell in zip(table[2][1:], told[2][1:], strict=True):
        value, low, high = (float(part) for part in cell.replace("[", "").replace("]", "").replace(",", "").split())
        assert f"{value:.2f}" == mean
        assert 0 <= low <= value <= high <= 1


def test_one_command_prints_a_table():
    command = [sys.executable, "-m", "homotopy.papers.beyond_relu", "tanh", "--share", "0.05"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].startswith("| missing | minima | median loss")
    assert sum(int(line.split("|")[2]) for line in lines[2:]) == 20
