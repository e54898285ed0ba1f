"""The escape suite: honest cutoffs, rows that build, cells that can be trusted."""

import csv

import numpy as np
import pytest

from homotopy.experiments.controls import anti_aligned, skip_controls
from homotopy.experiments.suite import ROWS, cells, cost_at, run_suite, suite_table, write_csv
from homotopy.methods import BY_NAME
from homotopy.problems import problem


def test_every_row_builds_and_has_a_target():
    for row in ROWS:
        assert problem(row.problems[0]).target is not None
        assert len(set(row.problems)) == len(row.problems)


def test_full_form_has_every_method_and_quick_a_part():
    full, quick = cells(full=True), cells()
    assert {name for _, name, _ in full} == set(BY_NAME) - {"multistart"}
    assert {(row.name, name) for row, name, _ in quick} < {(row.name, name) for row, name, _ in full}


def test_cost_at_a_cutoff_charges_the_failures():
    end, won = np.array([10.0, 20.0, 300.0, 40.0]), np.array([True, True, True, False])
    assert cost_at(end, won, 20.0) == (10 + 20 + 20 + 20) / 2
    assert cost_at(end, won, np.nan) == (10 + 20 + 300 + 40) / 3
    assert cost_at(end, np.zeros(4, dtype=bool), 20.0) == np.inf


def test_cells_are_the_same_with_one_process_and_two(tmp_path):
    what = cells(methods=["skip", "lbfgs"], rows=["teacher k=8"])
    seen = []
    one = run_suite([(row, name, 20) for row, name, _ in what], n_jobs=1, callback=seen.append)
    assert one == run_suite([(row, name, 20) for row, name, _ in what], n_jobs=2)
    assert seen == one
    skip = next(cell for cell in one if cell.method == "skip")
    assert skip.rate.rate == 1.0
    assert skip.low <= skip.expected <= skip.high
    assert len(suite_table(one)) == 2
    write_csv(one, tmp_path / "suite.csv")
    with (tmp_path / "suite.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    assert [row["method"] for row in rows] == [cell.method for cell in one]
    assert float(rows[0]["expected"]) == one[0].expected


def test_controls_show_that_both_parts_are_needed():
    rates = {control.name: control.rate.rate for control in skip_controls(k=12, runs=30)}
    assert rates["skip, then the chosen flips"] == 1.0
    assert all(rate < 0.8 for name, rate in rates.items() if name != "skip, then the chosen flips")


def test_traps_of_the_teacher_are_sign_errors():
    count, loss = anti_aligned(k=12, runs=40)
    one = loss[count == 1]
    assert len(one) > 3
    assert np.ptp(one) < 1e-3
    assert np.median(loss[count == 2]) > np.median(one) > 1e-3 > loss[count == 0].min()


@pytest.mark.parametrize("full", [False, True])
def test_runs_are_shared_among_the_problems_of_a_row(full):
    for row, _, runs in cells(full=full):
        assert runs >= len(row.problems) or runs >= 6
