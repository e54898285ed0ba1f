"""The page: self-contained, well formed, and complete."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import numpy as np
import pytest

from homotopy.errors import ArgumentError
from homotopy.experiments import Workers, compare
from homotopy.experiments.run.blocks import RESULT
from homotopy.report import distributions
from homotopy.report.html import agreement, page, verdict

VOID = {"meta", "br", "link", "input", "img", "hr"}


class Reader(HTMLParser):
    """Checks that tags close in order and collects ids, tables and references."""

    def __init__(self):
        super().__init__()
        self.open, self.ids, self.links, self.cells = [], [], [], []

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        if tag not in VOID:
            self.open.append(tag)
        if "id" in values:
            self.ids.append(values["id"])
        self.links += [v for k, v in values.items() if k in ("src", "href", "xlink:href", "action")]
        if tag in ("td", "th"):
            self.cells.append("")

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and any(tag in ("td", "th") for tag in self.open):
            self.cells[-1] += data


@pytest.fixture(scope="module")
def html(comparison):
    return page(comparison)


@pytest.fixture(scope="module")
def reader(html):
    reader = Reader()
    reader.feed(html)
    assert reader.open == []
    return reader


def test_the_page_needs_no_network_and_no_other_file(html, reader):
    assert all(link.startswith("#") for link in reader.links)
    assert not re.search(r"url\((?!#)|@import|<link|<img|<script src", html)


def test_ids_are_unique_and_links_find_them(reader):
    assert len(set(reader.ids)) == len(reader.ids)
    assert {link[1:] for link in reader.links} <= set(reader.ids)


def test_every_method_problem_setting_and_skip_is_told(html, reader, comparison):
    text = " ".join(reader.cells)
    for name in (*comparison.problems, *comparison.methods):
        assert name in text
    assert "linearized" in html[html.index('id="skips"') :]
    for word in ("numpy", "instruction set", "blas threads", "commit", "cores", "seeds", "budget of a run"):
        assert f"<dt>{word}</dt>" in html


def test_the_table_shows_the_summaries(reader, comparison):
    from homotopy.report.tables import row

    for problem in comparison.problems:
        for summary in comparison.summaries(problem):
            assert set(row(summary)) <= set(reader.cells)


def test_figures_take_the_color_of_the_text(html):
    assert html.count("<svg") == 12  # six a problem, less the paths of one, and the profile over both
    assert "#010203" not in html
    assert "currentColor" in html


def test_names_are_escaped(bowl_comparison, monkeypatch):
    monkeypatch.setattr("homotopy.report.html.svg", lambda *_: "")
    text = page(bowl_comparison)
    assert "<b>bold</b>" not in text
    assert "&lt;b&gt;bold&lt;/b&gt;" in text
    assert "ArgumentError: no &lt;such&gt; thing" in text


@pytest.fixture
def bowl_comparison():
    from homotopy.errors import ArgumentError
    from homotopy.methods import method
    from homotopy.problems import problem

    bold, broken = method("gd"), method("gd")
    bold.name, broken.name = "<b>bold</b>", "broken"

    def fail(*_, **__):
        raise ArgumentError("no <such> thing")

    broken.solve_many = fail
    return compare(problem("xor"), [bold, broken], seeds=3, budget=20, workers=Workers(n_jobs=1))


def test_the_verdict_is_one_sentence(comparison):
    text = verdict(comparison.summaries(comparison.problems[0]))
    assert text.count(". ") == 0
    assert text.endswith(".")
    assert verdict([]) == "No method reached the target."


def test_agreement_counts_every_run():
    rows = np.zeros(9, dtype=RESULT)
    rows["success"][:4] = True
    rows["value"][4:] = [0.25, 0.2501, 0.25, 0.5, np.nan]
    assert agreement(rows) == "solved × 4, 0.25 × 3, 0.5 × 1 and 1 others"


def test_the_profile_keeps_the_largest_common_part(comparison):
    methods, problems = distributions.profiled(comparison)
    assert methods == ("gd", "lbfgs")
    assert problems == comparison.problems


def test_a_cost_distribution_ends_at_the_success_rate(comparison):
    problem = comparison.problems[0]
    figure = distributions.cost_distribution(comparison, problem)
    for line in figure.axes[-1].get_lines():
        rate = comparison.records(problem, line.get_label())["success"].mean()
        assert line.get_ydata()[-1] == pytest.approx(rate)
        assert (np.diff(line.get_ydata()) >= 0).all()


def test_waterfalls_rise(comparison):
    figure = distributions.waterfalls(comparison, comparison.problems[1])
    lines = [line for line in figure.axes[0].get_lines() if not line.get_label().startswith("_")]
    assert [line.get_label() for line in lines] == ["gd", "lbfgs"]
    assert all((np.diff(line.get_ydata()) >= 0).all() for line in lines)


def test_an_empty_comparison_has_nothing_to_draw(comparison):
    from homotopy.report import figures

    with pytest.raises(ArgumentError, match="nothing to draw"):
        figures.curves(comparison, ("nosuch",))
