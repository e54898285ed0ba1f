"""A cell says what its runs come to, with honest cutoffs and bounds."""

import csv
from dataclasses import asdict

import numpy as np
import pytest

from homotopy.errors import ArgumentError
from homotopy.papers.escape.cells import (
    HEADINGS,
    Part,
    cost_at,
    expected_text,
    read_cell,
    suite_table,
    summarize_cell,
    write_csv,
)
from homotopy.papers.escape.journal import Journal


def part(end, won, value=None):
    end = np.array(end, dtype=float)
    return Part(end, np.array(won, dtype=bool), end if value is None else np.array(value, dtype=float), 1.0)


def test_cost_at_a_cutoff_charges_the_failures():
    end, won = np.array([10.0, 20.0, 300.0, 40.0]), np.array([True, True, True, False])
    assert cost_at(end, won, 20.0) == (10 + 20 + 20 + 20) / 2
    assert cost_at(end, won, np.nan) == (10 + 20 + 300 + 40) / 3
    assert cost_at(end, np.zeros(4, dtype=bool), 20.0) == np.inf


def test_the_cutoff_comes_from_the_tuning_runs():
    tuning = part([10, 10, 10, 10, 10, 500], [1, 1, 1, 1, 1, 0])
    cell = summarize_cell("a", "m", [tuning], [part([9, 10, 400, 300], [1, 1, 1, 0])])
    assert cell.cutoff == 10
    assert cell.expected == (9 + 10 + 10 + 10) / 2
    assert cell.median == 10
    assert (cell.tuning, cell.best, cell.middle, cell.seconds) == (6, 9, 155, 2)


def test_too_few_tuning_successes_give_no_cutoff():
    tuning = part([10, 10, 10, 10, 500], [1, 1, 1, 1, 0])
    cell = summarize_cell("a", "m", [tuning], [part([20, 40], [1, 0])])
    assert np.isnan(cell.cutoff)
    assert cell.expected == 60


def test_a_cutoff_below_all_fresh_costs_is_not_used():
    tuning = part([10] * 5, [1] * 5)
    cell = summarize_cell("a", "m", [tuning], [part([20, 40], [1, 0])])
    assert np.isnan(cell.cutoff)
    assert cell.expected == 60


def test_no_success_is_told_by_the_rule_of_three():
    cell = summarize_cell("a", "m", [part([10], [0])], [part([600] * 10, [0] * 10)])
    assert cell.expected == cell.low == cell.high == np.inf
    assert cell.bound == 2000
    assert expected_text(cell) == "> 2,000"
    assert suite_table([cell]) == [["a", "m", "10", "0.000 [0.000, 0.278]", "-", "> 2,000", "-"]]
    # the bound holds: with a rate of 3 / n, no success in n runs has a probability of 5 %
    assert pytest.approx(0.05, abs=0.001) == (1 - 3 / 1000) ** 1000


def test_problems_are_drawn_as_a_whole():
    rng = np.random.default_rng(0)
    alike = [part(np.full(50, 100.0 * (i + 1)), np.ones(50)) for i in range(4)]
    mixed = part(rng.permutation(np.concatenate([p.end for p in alike])), np.ones(200))
    apart = summarize_cell("a", "m", [mixed], alike)
    together = summarize_cell("a", "m", [mixed], [mixed])
    assert apart.expected == together.expected
    assert apart.high - apart.low > 3 * (together.high - together.low)


def test_parts_join_in_order():
    both = Part.join([part([1, 2], [1, 0]), part([3], [1])])
    assert both.end.tolist() == [1, 2, 3]
    assert both.won.tolist() == [True, False, True]
    assert both.seconds == 2


def two_cells():
    won = summarize_cell("a", "m", [part([10] * 5, [1] * 5)], [part([8, 12], [1, 1])])
    return [won, summarize_cell("a", "n", [part([9], [0])], [part([9], [0])])]


def test_a_file_of_commas_holds_the_cells(tmp_path):
    found = two_cells()
    write_csv(found, tmp_path / "suite.csv")
    with (tmp_path / "suite.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    assert [row["method"] for row in rows] == ["m", "n"]
    assert float(rows[0]["expected"]) == found[0].expected
    assert [path.name for path in tmp_path.iterdir()] == ["suite.csv"]
    assert len(suite_table(found)[0]) == len(HEADINGS)


def test_a_journal_is_read_back_exactly(tmp_path):
    path = tmp_path / "new" / "suite.jsonl"
    settings = {"form": "full", "methods": ["m"], "runs": None}
    journal = Journal(path, settings)
    for cell in two_cells():
        journal.add_cell(cell)
    journal.add_study("scaling (6, 0, 2)", [1.5, float("nan")])
    again = Journal(path, settings)
    assert str([asdict(cell) for cell in again.cells.values()]) == str([asdict(cell) for cell in two_cells()])
    assert str(again.studies) == "{'scaling (6, 0, 2)': [1.5, nan]}"
    assert read_cell(asdict(two_cells()[0])) == two_cells()[0]


def test_a_line_cut_short_is_left_out(tmp_path):
    path = tmp_path / "suite.jsonl"
    journal = Journal(path, {})
    for cell in two_cells():
        journal.add_cell(cell)
    path.write_text(path.read_text()[:-30])
    again = Journal(path, {})
    assert list(again.cells) == [("a", "m")]
    again.add_cell(two_cells()[1])
    assert list(Journal(path, {}).cells) == [("a", "m"), ("a", "n")]


def test_other_settings_are_refused(tmp_path):
    path = tmp_path / "suite.jsonl"
    Journal(path, {"form": "quick", "runs": 3})
    with pytest.raises(ArgumentError, match=r"runs was 3, now 4.*another folder"):
        Journal(path, {"form": "quick", "runs": 4})
    path.write_text("no\n")
    with pytest.raises(ArgumentError, match="is not a suite's file"):
        Journal(path, {})
