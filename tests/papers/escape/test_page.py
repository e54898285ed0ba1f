"""The page on what escapes says what the cells and the studies say."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure

from homotopy.experiments import ExpectedCost, Summary, success_rate
from homotopy.papers.escape.choice import behind, choices
from homotopy.papers.escape.controls import Control
from homotopy.papers.escape.figures import picture, plot_anti_aligned, plot_scaling
from homotopy.papers.escape.page import body, page, write
from homotopy.papers.escape.studies import Findings, Origin
from homotopy.papers.escape.study import kept
from homotopy.papers.escape.suite import Failure, write_csv

PAPERS = Path(__file__).parents[3] / "papers"
TRAPS = (np.array([0, 1, 1, 2, 2]), np.array([0.0, 0.0112, 0.0114, 0.0213, 0.0213]))


def cell(method, expected, *, row="a row", width=1.0, wins=9):
    rate = success_rate([True] * wins + [False] * (10 - wins))
    bound = 70.0 if np.isinf(expected) else np.nan
    cost = ExpectedCost(expected, expected - width, expected + width, expected, bound)
    return Summary(row, method, rate, (expected,) * 3, cost, (0.5,) * 3, 0.1, 10.0, best=0.5)


@pytest.fixture
def findings():
    return Findings(
        controls=[Control("no flips", success_rate([False] * 10))],
        traps=TRAPS,
        scaling={4: np.array([5.0, 7.0]), 16: np.array([12.0, np.nan])},
        origin={"auer:d=6": Origin(runs=10, convex=10, near_zero=10, start=1)},
        noise={0.1: [{"skip": np.array([1.0, 1.04]), "width": np.array([1.0, 1.2])}]},
        wrong={"lm": [3, 0]},
        widths=[19, 22],
    )


def test_the_kept_page_is_what_the_kept_numbers_give():
    """The committed page but for what its studies feed, from the committed file."""
    folder = PAPERS / "escape"
    found = kept(folder / "escape.csv")
    want = (folder / "README.md").read_text(encoding="utf-8")
    first, last = "## Controls of the skip homotopy", "## What is known"
    text = body(found, machine="AMD EPYC")
    assert text[: text.index(last)] in want[: want.index(first)]
    assert text[text.index(last) :].strip() in want
    assert len(choices(found)) == 44
    stream = io.StringIO()
    write_csv(found, stream, "AMD EPYC")
    assert stream.getvalue().splitlines() == (folder / "escape.csv").read_text(encoding="utf-8").splitlines()


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


def timed(method, expected, seconds, **others):
    """A line with an expected time, too."""
    return replace(cell(method, expected, **others), clock=ExpectedCost(seconds, 0.9 * seconds, 1.1 * seconds, seconds))


def test_the_winner_in_seconds_is_another_one():
    found = [timed("lbfgs", 100.0, 3e-3), timed("momentum", 300.0, 1e-3), timed("skip", 20.0, 2e-3)]
    found += [timed("width", 40.0, 1.5e-3), timed("auto", 21.0, 2.2e-3), timed("auto:restarts=1", 20.0, 2e-3)]
    found += [timed("lbfgs", 90.0, 8e-3, row="other"), timed("skip", 30.0, 4e-3, row="other")]
    text = page(found, machine="a good one")
    assert "- `skip`: a row, other\n" in text
    assert "In seconds, on a good one:\n\n- `skip`: other\n" in text
    assert "| best homotopy in seconds, a good one | best without | without / best |" in text
    assert "| 5.0 | width: 1.5 ms | momentum: 1 ms | 0.7 |" in text
    assert "| 3.0 | skip: 4 ms | lbfgs: 8 ms | 2.0 |" in text
    assert [one.row for one in behind(choices(found))] == ["a row"]
    told = "5.0 times ahead in gradients, 1.5 behind in seconds: `momentum` 1 [0.9, 1.1] ms against `width` 1.5 "
    assert f"- **a row**: {told}" in text
    assert "| E* in seconds [95 %], a good one |" in text
    assert "| 100 | 3 [2.7, 3.3] ms |" in text


def test_nothing_behind_is_told_and_so_is_not_knowing():
    title = "## Ahead in gradients, behind in seconds"
    ahead = page([timed("lbfgs", 90.0, 8e-3), timed("skip", 30.0, 4e-3)])
    assert "- none." in ahead[ahead.index(title) : ahead.index("## How to read it")]
    assert "- not known: these runs have no times." in page([cell("lbfgs", 90.0), cell("skip", 30.0)])
    lost = [
        timed("lbfgs", 90.0, 8e-3),
        replace(cell("skip", 30.0), clock=ExpectedCost(np.inf, np.inf, np.inf, 1.0, 2.0)),
    ]
    assert behind(choices(lost)) == []  # a homotopy without a success in time is told elsewhere
    unsolved = [timed("skip", 30.0, 4e-3), cell("lbfgs", np.inf, wins=0)]
    assert choices(unsolved)[0].gain("gradients") == np.inf
    assert behind(choices(unsolved)) == []


def test_a_picture_has_a_panel_in_seconds_where_times_are_known():
    found = [timed("lbfgs", 90.0, 8e-3), timed("skip", 30.0, 4e-3), timed("auto", 30.0, 4e-3)]
    figure = picture(choices(found), Findings(), "a good one")
    titles = [ax.get_title(loc="left") for ax in figure.axes]
    assert titles == ["Cost with restarts", "Time with restarts, a good one", "Success without restarts"]
    panel = figure.axes[1]
    assert panel.get_xscale() == "log"
    assert panel.get_xlabel().endswith("(seconds)")
    drawn = [bar.lines[0].get_xdata().tolist() for bar in panel.containers]
    assert drawn == [[4e-3], [8e-3], [4e-3]]
    assert len(picture(choices([cell("lbfgs", 9.0), cell("skip", 3.0)]), Findings()).axes) == 2


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


def test_studies_are_told(findings):
    text = page([cell("lbfgs", 100.0)], command="homotopy suite", findings=findings)
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
    found = Findings(origin={"auer:d=6": Origin(runs=10, convex=10, near_zero=3, start=1)})
    assert "the start at zero does not on: auer:d=6." in page([cell("lbfgs", 1.0)], findings=found)


def test_lines_that_failed_are_listed():
    text = page([cell("lbfgs", 1.0)], failed=[Failure("a row", "gd", "ZeroDivisionError: division by zero")])
    assert "- a row, `gd`: ZeroDivisionError: division by zero" in text


def test_the_sections_stand_in_their_order(findings):
    """Those of the kept page."""
    text = (PAPERS / "escape" / "README.md").read_text(encoding="utf-8")
    want = [line for line in text.splitlines() if line.startswith("## ")]
    got = [line for line in page([cell("lbfgs", 1.0)], findings=findings).splitlines() if line.startswith("## ")]
    assert got == want[2:-2]  # the frame's own stand before and behind


def test_the_picture_has_all_panels(tmp_path, findings):
    found = [cell("lbfgs", np.inf, wins=0), cell("skip", 10.0), cell("auto", 12.0), cell("auto:restarts=1", 11.0)]
    assert len(picture(choices(found), findings).axes) == 4
    assert len(picture(choices(found), Findings()).axes) == 2
    assert len(picture(choices(found), Findings(traps=TRAPS)).axes) == 3
    write(tmp_path, found, findings, command="homotopy suite")
    assert {path.name for path in tmp_path.iterdir()} == {"escape.md", "escape.png", "suite.csv"}


def test_panels_hold_every_point():
    axes = plot_anti_aligned(np.array([0, 1, 2]), np.array([0.0, 0.01, 0.02]), Figure().add_subplot())
    assert len(axes.lines[0].get_xdata()) == 3
    assert "anti-aligned units" in axes.get_xlabel()
    axes = plot_scaling({6: np.array([20.0]), 20: np.array([40.0, 41.0])}, Figure().add_subplot())
    assert axes.get_xscale() == axes.get_yscale() == "log"
