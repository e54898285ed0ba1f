"""The page on what escapes says what the cells and the studies say."""

import numpy as np
from matplotlib.figure import Figure

from homotopy.experiments.statistics.statistics import success_rate
from homotopy.papers.escape.cells import Cell
from homotopy.papers.escape.figures import picture, plot_anti_aligned, plot_scaling
from homotopy.papers.escape.page import choices, page, write
from homotopy.papers.escape.suite import Failure


def cell(method, expected, *, row="a row", width=1.0, wins=9):
    rate = success_rate([True] * wins + [False] * (10 - wins))
    bound = 70.0 if np.isinf(expected) else np.nan
    return Cell(row, method, rate, expected, expected, expected - width, expected + width, expected, bound, best=0.5)


STUDIES = {
    "controls (20, 10)": [["no flips", 0, 10]],
    "traps (20, 5)": {"count": [0, 1, 1, 2, 2], "loss": [0.0, 0.0112, 0.0114, 0.0213, 0.0213]},
    "scaling (4, 0, 2)": [5.0, 7.0],
    "scaling (16, 0, 1)": [12.0],
    "scaling (16, 1, 1)": [float("nan")],
    "origin ('auer:d=6', 10)": {"runs": 10, "convex": 10, "near zero": 10, "start": 1},
    "noisy (0.1, 600, 2)": {"skip": [1.0, 1.04], "width": [1.0, 1.2]},
    "separation ('lm', 0, 2)": {"wrong": [3, 0], "loss": [0.1, 0.001]},
    "capacity (0, 2)": [19, 22],
}


def test_best_methods_ratios_and_lost_rows_are_named():
    found = [cell("lbfgs", 100.0), cell("skip", 20.0), cell("auto", 50.0), cell("auto:restarts=1", 20.0, wins=5)]
    found += [cell("gd", 10.0, row="easy"), cell("width", 11.0, row="easy")]
    text = page(found)
    row = "| a row | skip: 20 (9 of 10) | lbfgs: 100 (9 of 10) | 5.0 | 50 (9 of 10) | 0.500 | **2.50** |"
    assert row in text
    assert "- `skip`: a row\n" in text
    assert "- **easy**: `gd` 10 [9, 11] against `width` 11 [10, 12], the intervals meet." in text
    assert "on 0 of 1 rows; more on a row (2.50)" in text
    assert "| a row | lbfgs | 10 | 0.900 [0.596, 0.982] | 100 | 100 [99, 101] | 100 |" in text
    assert "Controls" not in text


def test_escape_without_units_is_no_homotopy():
    one = choices([cell("escape", 5.0, row="auer d=6"), cell("decay", 9.0, row="auer d=6")])[0]
    assert (one.best.method, one.rival.method) == ("decay", "escape")
    one = choices([cell("escape", 5.0, row="xor relu"), cell("gd", 9.0, row="xor relu")])[0]
    assert (one.best.method, one.rival.method) == ("escape", "gd")


def test_what_never_succeeded_is_a_bound():
    found = [cell("lbfgs", np.inf, wins=0), cell("skip", 10.0), cell("auto", 12.0)]
    text = page(found)
    assert "| a row | skip: 10 (9 of 10) | lbfgs: > 70 (0 of 10) | > 7.0 | 12 (9 of 10) | - | 1.20 |" in text
    none = page([cell("lbfgs", np.inf, wins=0), cell("skip", np.inf, wins=0)])
    assert "- **a row**: no method succeeded." in none
    assert "the lowest loss of all runs is 0.5" in none
    only = page([cell("lbfgs", 9.0), cell("skip", np.inf, wins=0), cell("auto", np.inf, wins=0)])
    assert "- **a row**: `lbfgs` (9 [8, 10]) succeeds, no homotopy does." in only
    assert "**> 7.8**" in only


def test_studies_are_told():
    text = page([cell("lbfgs", 100.0)], command="homotopy suite", studies=STUDIES)
    assert "Written by `homotopy suite` from" in text
    assert "| no flips | 0.000 [0.000, 0.278] | 10 |" in text
    assert "| 1 | 2 | 0.0113 | 0.0112 to 0.0114 |" in text
    assert "raises the loss by 0.0100" in text
    assert "median cost = 3.0 k^0.500" in text
    assert "At k = 4\n0 of 2 runs fail." in text
    assert "| 16 | 2 | 0.500 [0.095, 0.905] | 12 | 12 | +0 % |" in text
    assert "on no problem where the start at zero does not" in text
    assert "Deviation 0.1: `skip` has the larger share on 1 teachers, `width` on 0, equal on 0." in text
    assert "| lm | 2 | 1 | 0 | 2 |" in text
    assert "1 of 2 come down to 20 or fewer" in text


def test_a_convex_start_that_helps_is_named():
    found = {"origin ('auer:d=6', 10)": {"runs": 10, "convex": 10, "near zero": 3, "start": 1}}
    assert "the start at zero does not on: auer:d=6." in page([cell("lbfgs", 1.0)], studies=found)


def test_cells_that_failed_are_listed():
    text = page([cell("lbfgs", 1.0)], failed=[Failure("a row", "gd", "ZeroDivisionError: division by zero")])
    assert "- a row, `gd`: ZeroDivisionError: division by zero" in text


def test_the_picture_has_all_panels(tmp_path):
    found = [cell("lbfgs", np.inf, wins=0), cell("skip", 10.0), cell("auto", 12.0), cell("auto:restarts=1", 11.0)]
    assert len(picture(choices(found), STUDIES).axes) == 4
    assert len(picture(choices(found), {}).axes) == 2
    assert len(picture(choices(found), {"traps (20, 2)": STUDIES["traps (20, 5)"]}).axes) == 3
    write(tmp_path, found, STUDIES, command="homotopy suite")
    assert {path.name for path in tmp_path.iterdir()} == {"escape.md", "escape.png"}


def test_panels_hold_every_point():
    axes = plot_anti_aligned(np.array([0, 1, 2]), np.array([0.0, 0.01, 0.02]), Figure().add_subplot())
    assert len(axes.lines[0].get_xdata()) == 3
    assert "anti-aligned units" in axes.get_xlabel()
    axes = plot_scaling({6: np.array([20.0]), 20: np.array([40.0, 41.0])}, Figure().add_subplot())
    assert axes.get_xscale() == axes.get_yscale() == "log"
