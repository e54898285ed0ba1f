"""Texts of tables."""

from __future__ import annotations

from math import inf, nan

import pytest

from homotopy.experiments.statistics.restarts import ExpectedCost
from homotopy.experiments.statistics.statistics import Rate, Summary
from homotopy.report.losses import latex
from homotopy.report.tables import HEADINGS, RESTARTS, clock_text, headed, restarts_table, row

SUMMARY = Summary(
    problem="teacher:k=20",
    method="multistart:of=gd_x",
    rate=Rate(3, 4, 0.3, 0.95),
    cost=(30.0, 40.0, 50.0),
    expected=ExpectedCost(53.3, 40.0, inf, 41.0),
    value=(0.0, 1e-4, 0.5),
    seconds=0.002,
    spent=200.0,
    clock=ExpectedCost(0.00123, 0.00119, inf, 0.001),
)
LOST = Summary(
    "teacher:k=20", "gd", Rate(0, 4, 0.0, 0.5), (nan,) * 3, ExpectedCost(inf, inf, inf, nan), (1.0,) * 3, 1.0, 9.0
)


def test_a_row_has_a_cell_for_each_heading():
    assert len(row(SUMMARY)) == len(HEADINGS)
    assert row(SUMMARY)[1:4] == ("0.750 [0.300, 0.950]", "40", "53.3 [40, ∞]")
    assert row(SUMMARY)[4] == "1.23 [1.19, ∞] ms"
    assert row(LOST)[2:5] == ("–", "∞", "–")


def test_the_column_in_seconds_says_on_which_machine():
    heads = headed(HEADINGS, "a good one")
    assert [new for new, old in zip(heads, HEADINGS, strict=True) if new != old] == [f"{HEADINGS[4]}, a good one"]
    assert headed(HEADINGS, "") == HEADINGS
    heads, rows = restarts_table([SUMMARY, LOST], "a good one")
    assert heads[-1] == "E* in seconds [95 %], a good one"
    assert [line[-1] for line in rows] == ["1.23 [1.19, ∞] ms", "–"]
    assert restarts_table([LOST])[0] == RESTARTS[:-1]
    assert all(len(line) == len(RESTARTS) - 1 for line in restarts_table([LOST])[1])


@pytest.mark.parametrize(
    ("clock", "text"),
    [
        (ExpectedCost(4.2e-6, 4.1e-6, 4.3e-6, 1.0), "4.2 [4.1, 4.3] µs"),
        (ExpectedCost(0.5, 0.0004, 700.0, 1.0), "500 [0.4, 700,000] ms"),
        (ExpectedCost(90.0, 30.0, 120.0, 1.0), "1.5 [0.5, 2] min"),
        (ExpectedCost(inf, inf, inf, nan, 0.02), "> 20 ms"),
        (ExpectedCost(nan, nan, nan, nan), "–"),
    ],
)
def test_times_with_their_intervals_have_one_unit(clock, text):
    assert clock_text(clock) == text


def test_latex_escapes_names_and_groups_problems():
    text = latex([SUMMARY, LOST])
    assert r"multistart:of=gd\_x" in text
    assert text.count(r"\multicolumn") == 1
    assert r"$\infty$" in text
    assert text.count(r"\\") == 4
