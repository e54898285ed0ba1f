"""Figures: what they draw, and that they can be drawn from any comparison."""

from __future__ import annotations

import numpy as np
import pytest

from homotopy.errors import ArgumentError
from homotopy.report import figures
from homotopy.report.folder import default_folder, prepare, write


def test_curves_have_a_line_for_each_method_and_panel(comparison):
    figure = figures.curves(comparison)
    titles = [ax.get_title(loc="left") for ax in figure.axes]
    assert titles == [f"{problem}, 6 starts" for problem in comparison.problems]
    labels = [text.get_text() for text in figure.legends[0].get_texts()]
    assert labels == ["gd", "lbfgs", "linearized", "success"]
    for ax in figure.axes:
        assert ax.get_xscale() == ax.get_yscale() == "log"


def test_medians_fall_and_end_at_the_median_of_the_final_losses(comparison):
    figure = figures.curves(comparison)
    line = next(line for line in figure.axes[0].get_lines() if line.get_label() == "gd")
    height = line.get_ydata()
    assert (np.diff(height) <= 0).all()
    values = comparison.records(comparison.problems[0], "gd")["value"]
    assert height[-1] == pytest.approx(np.percentile(values, 50, method="inverted_cdf"), rel=1e-5)


def test_success_shows_each_method_once(comparison):
    figure = figures.success(comparison)
    assert [text.get_text() for text in figure.axes[0].get_yticklabels()] == ["gd", "lbfgs", "linearized"]
    assert figure.axes[0].get_xlim() == (0, 1)


def test_steps_between_points():
    curves = [np.array([[2.0, 5.0], [4.0, 1.0]]), np.empty((0, 2))]
    got = figures.on_grid(curves, np.array([1.0, 2.0, 3.0, 4.0, 9.0]), np.array([7.0, 8.0]))
    assert got.tolist() == [[7.0, 5.0, 5.0, 1.0, 1.0], [8.0] * 5]


def test_nothing_to_draw_is_told():
    with pytest.raises(ArgumentError, match="nothing to draw"):
        figures.panels(0, 1, 1)


def test_the_folder_holds_what_is_said(comparison, tmp_path, monkeypatch):
    monkeypatch.setattr("homotopy.report.folder.page", lambda comparison: "<!doctype html>" + 100 * " ")
    assert prepare(tmp_path / "a" / "b").name == "runs.sqlite"
    written = write(comparison, tmp_path / "a" / "b")
    assert all(path.stat().st_size > 100 for path in written)
    assert {path.name for path in written} >= {"runs.csv", "curves.png", "success.png"}
    assert not list((tmp_path / "a" / "b").glob(".*"))


@pytest.mark.parametrize("name", ["../../etc/passwd.csv", "a:b=c/d", "x" * 300])
def test_default_folders_are_plain_names(name):
    folder = default_folder([name])
    assert folder.parent.name == ""
    assert len(folder.name) < 120
