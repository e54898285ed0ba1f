"""The page is made by reading: paths come from the store, and groups are told as one."""

from __future__ import annotations

import numpy as np
import pytest

from homotopy.experiments import Comparison, Group, Store, Workers, compare
from homotopy.methods import BatchMethod
from homotopy.report import paths
from homotopy.report.html import page

XOR = "xor:hidden=2"


def test_nothing_is_run_while_a_page_is_made(comparison, monkeypatch):
    def fail(*_, **__):
        raise AssertionError("a report runs nothing")

    monkeypatch.setattr(BatchMethod, "solve", fail)
    monkeypatch.setattr(BatchMethod, "solve_many", fail)
    text = page(comparison)
    assert 'id="p0-paths"' in text
    assert "The store holds no paths" not in text


def test_the_picture_shows_the_kept_paths(comparison):
    found = paths.traces(comparison, XOR)
    assert list(found) == ["linearized"]
    assert [trace.seed for trace in found["linearized"]] == [0, 1, 2, 3, 4]
    figure = paths.draw(found, comparison.methods)
    upper, lower = figure.axes
    drawn = [line for line in upper.get_lines() if len(line.get_xdata()) > 1]
    longest = max(found["linearized"], key=lambda trace: len(trace.t))
    assert max(len(line.get_xdata()) for line in drawn) == len(longest.t)
    assert lower.get_ylim()[1] >= 1.0
    assert paths.without(comparison, XOR) == ()


def test_a_store_without_paths_says_so(comparison, tmp_path, monkeypatch):
    monkeypatch.setattr("homotopy.report.html.svg", lambda *_: "")
    with Store(tmp_path / "runs.sqlite") as store:
        compare("xor", ["gd", "linearized"], seeds=2, budget=50, store=store, workers=Workers("threads", 1))
        with store.transaction() as db:
            db.execute("DROP TABLE paths")
        loaded = Comparison.load(store)
        assert paths.without(loaded, XOR) == ("linearized",)
        text = page(loaded)
    assert text.count("The store holds no paths of linearized") == 1
    assert 'id="p0-paths"' not in text


@pytest.fixture(scope="module")
def grouped():
    group = Group("three teachers", "teacher:k=6,teacher_seed=1..3")
    return compare([group, "xor"], ["gd", "lbfgs"], seeds=5, tuning=5, budget=300, workers=Workers("threads", 1))


def test_a_group_is_one_section(grouped, monkeypatch):
    monkeypatch.setattr("homotopy.report.html.svg", lambda *_: "")
    text = page(grouped)
    assert '<section id="p1">' in text
    assert '<section id="p2">' not in text
    assert "<h2>three teachers</h2>" in text
    assert "The runs on 3 problems are told together" in text
    assert "The cutoff was chosen on 5 other seeds of each problem" in text
    assert "dealt into five parts" not in text
    assert "<dt>seeds that choose cutoffs</dt><dd>5</dd>" in text


def test_figures_of_a_group_hold_the_runs_on_all_its_problems(grouped):
    from homotopy.report import distributions, figures

    name = "three teachers"
    assert distributions.excess(grouped, name, "gd").size == 15
    ax = figures.curves(grouped, (name,)).axes[0]
    assert ax.get_title(loc="left") == "three teachers, 3 problems, 5 starts each"
    line = next(line for line in ax.get_lines() if line.get_label() == "lbfgs")
    end = np.percentile(distributions.excess(grouped, name, "lbfgs"), 50, method="inverted_cdf")
    assert line.get_ydata()[-1] == pytest.approx(end, rel=1e-5)
    last = distributions.cost_distribution(grouped, name).axes[-1]
    for drawn in last.get_lines():
        assert drawn.get_ydata()[-1] == pytest.approx(grouped.records(name, drawn.get_label())["success"].mean())
    assert len(figures.success(grouped).axes) == 2
