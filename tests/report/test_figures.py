"""Figures: what they draw, and that they can be drawn from any comparison."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.figure import Figure

from homotopy.errors import ArgumentError
from homotopy.experiments import Workers, compare
from homotopy.report import distributions, figures
from homotopy.report.folder import default_folder, prepare, write
from homotopy.report.overlap import reveal


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


def drawn(*lines, log=False, **how):
    """A panel with lines of these names and heights, over the same costs."""
    ax = Figure().add_subplot()
    for name, y in lines:
        ax.plot(np.linspace(1, 100, len(y)), y, label=name, **how)
    if log:
        ax.set_yscale("log")
    return ax


def looks(ax):
    return {
        line.get_label(): (line.get_linestyle(), line.get_linewidth(), line.get_zorder()) for line in ax.get_lines()
    }


@pytest.mark.parametrize("seed", range(4))
def test_lines_that_coincide_are_both_seen_and_called_equal(seed):
    y = np.minimum.accumulate(10.0 ** np.random.default_rng(seed).uniform(-5, 0, 60))
    ax = drawn(("skip", y), ("auto", y), ("gd", np.linspace(1, 0.5, 60)), ("again", y), log=True)
    assert reveal(ax) == {"auto": "skip", "again": "skip"}
    found = looks(ax)
    assert found["skip"][1] > 2 * found["auto"][1]
    assert found["skip"][0] == found["gd"][0] == "-"
    assert found["skip"][2] < found["auto"][2] < found["again"][2]
    dashes = [line._unscaled_dash_pattern for line in ax.get_lines() if line.get_label() in ("auto", "again")]
    assert dashes[0] != dashes[1]


def test_lines_that_only_begin_together_are_left_alone():
    begin = np.full(50, 1.0)
    ax = drawn(
        ("a", np.append(begin, np.geomspace(1, 1e-3, 50))), ("b", np.append(begin, np.geomspace(1, 1e-1, 50))), log=True
    )
    before = looks(ax)
    assert reveal(ax) == {}
    assert looks(ax) == before


def test_lines_that_lie_together_most_of_the_way_are_seen_but_not_called_equal():
    a = np.geomspace(1, 1e-3, 200)
    b = np.append(a[:150], np.full(50, a[150]))
    ax = drawn(("a", a), ("b", b), log=True)
    assert reveal(ax) == {}
    assert looks(ax)["a"][1] > 2 * looks(ax)["b"][1]


def test_steps_are_compared_as_steps():
    y = np.repeat(np.linspace(0, 1, 6), 1)
    ax = drawn(("a", y), ("b", y), drawstyle="steps-post")
    assert reveal(ax) == {"b": "a"}
    ax = Figure().add_subplot()
    ax.plot([0, 50, 100], [0, 0.5, 1], drawstyle="steps-post", label="a")
    ax.plot([0, 50, 100], [0, 0.5, 1], label="b")
    assert reveal(ax) == {}


def test_empty_and_endless_lines_are_no_trouble():
    ax = drawn(("a", np.full(9, np.nan)), ("b", np.linspace(0, 1, 9)))
    ax.plot([], [], label="c")
    assert reveal(ax) == {}


def test_the_legend_says_what_coincides(bowl_twins):
    figure = figures.curves(bowl_twins)
    labels = [text.get_text() for text in figure.legends[0].get_texts()]
    assert labels == ["gd", "twin = gd", "success"]


@pytest.fixture
def bowl_twins():
    from homotopy.methods import method
    from homotopy.problems import problem

    twin = method("gd")
    twin.name = "twin"
    return compare(problem("xor"), [method("gd"), twin], seeds=5, budget=50, workers=Workers(n_jobs=1))


def test_figures_read_no_more_than_they_show(comparison, monkeypatch):
    """Neither figures nor the page's distributions unpack final points, nor hold the curves of a whole cell."""
    monkeypatch.setattr(type(comparison), "payload", None)
    figures.curves(comparison)
    for problem in comparison.problems:
        distributions.cost_distribution(comparison, problem)
        distributions.waterfalls(comparison, problem)


def test_costs_to_losses_are_those_of_the_curves(comparison):
    for problem in comparison.problems:
        for name in comparison.methods_on(problem):
            values = [10.0, 0.3, 1e-3, comparison.goal(problem).value]
            got = comparison.costs_to(problem, name, values)
            for i, (_, _, curve) in enumerate(comparison.payload(problem, name)):
                for j, value in enumerate(values):
                    reached = curve[curve[:, 1] <= value]
                    want = reached[0, 0] if len(reached) else np.nan
                    np.testing.assert_equal(got[j, i], want)
