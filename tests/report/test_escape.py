"""The page on what escapes says what the cells say."""

import numpy as np
from matplotlib.figure import Figure

from homotopy.experiments.controls import Control
from homotopy.experiments.statistics import success_rate
from homotopy.experiments.suite import Cell
from homotopy.report.escape import page, plot_anti_aligned


def cell(method, expected, *, row="a row", width=1.0):
    rate = success_rate([True] * 9 + [False])
    return Cell(row, method, rate, expected, expected, expected - width, expected + width, expected)


def test_best_methods_ratios_and_lost_rows_are_named():
    found = [cell("lbfgs", 100.0), cell("skip", 20.0), cell("auto", 50.0)]
    found += [cell("gd", 10.0, row="easy"), cell("width", 11.0, row="easy")]
    text = page(found)
    assert "| a row | skip: 20 (0.900 a run) | lbfgs: 100 (0.900 a run) | auto: 50 (0.900 a run) | 5.0 |" in text
    assert "or it wins): easy." in text
    assert "best single method: a row (2.5x)." in text
    assert "| a row | lbfgs | 10 | 0.900 [0.596, 0.982] | 100 | 100 [99, 101] | 100 |" in text
    assert "Controls" not in text


def test_controls_and_traps_are_told():
    controls = [Control("no flips", success_rate([False] * 10))]
    traps = (np.array([0, 1, 1]), np.array([0.0, 0.0112, 0.0114]))
    text = page([cell("lbfgs", 100.0)], command="homotopy suite", controls=controls, traps=traps)
    assert "Written by `homotopy suite` from" in text
    assert "| no flips | 0.000 [0.000, 0.278] | 10 |" in text
    assert "| 1 | 2 | 0.0113 | 0.0112 to 0.0114 |" in text


def test_picture_has_a_point_for_each_minimum():
    axes = plot_anti_aligned(np.array([0, 1, 2]), np.array([0.0, 0.01, 0.02]), Figure().add_subplot())
    assert len(axes.lines[0].get_xdata()) == 3
    assert axes.get_xlabel() == "anti-aligned units"
