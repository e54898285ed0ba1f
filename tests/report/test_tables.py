"""Texts of tables."""

from __future__ import annotations

from math import inf, nan

from homotopy.experiments.statistics.restarts import ExpectedCost
from homotopy.experiments.statistics.statistics import Rate, Summary
from homotopy.report.tables import HEADINGS, latex, row

SUMMARY = Summary(
    problem="teacher:k=20",
    method="multistart:of=gd_x",
    rate=Rate(3, 4, 0.3, 0.95),
    cost=(30.0, 40.0, 50.0),
    expected=ExpectedCost(53.3, 40.0, inf, 41.0),
    value=(0.0, 1e-4, 0.5),
    seconds=0.002,
    spent=200.0,
)
LOST = Summary(
    "teacher:k=20", "gd", Rate(0, 4, 0.0, 0.5), (nan,) * 3, ExpectedCost(inf, inf, inf, nan), (1.0,) * 3, 1.0, 9.0
)


def test_a_row_has_a_cell_for_each_heading():
    assert len(row(SUMMARY)) == len(HEADINGS)
    assert row(SUMMARY)[1:4] == ("0.750 [0.300, 0.950]", "40", "53.3 [40, ∞]")
    assert row(LOST)[2:4] == ("–", "∞")


def test_latex_escapes_names_and_groups_problems():
    text = latex([SUMMARY, LOST])
    assert r"multistart:of=gd\_x" in text
    assert text.count(r"\multicolumn") == 1
    assert r"$\infty$" in text
    assert text.count(r"\\") == 4
