"""Gaps in a table: the column where it says something, and the line that names the certificates."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest

from homotopy.cli.request import show
from homotopy.experiments import Group, Workers, compare
from homotopy.models import MLP
from homotopy.objectives import EmpiricalRisk
from homotopy.problems import Problem, problem
from homotopy.report.bounds import bound_text
from homotopy.report.html import page
from homotopy.report.losses import latex, lines

GAP = "median gap to bound"
ONE = Workers("threads", 1)


def ridge(seed, name=""):
    """Ridge regression of unknown optimum: the bound of strong convexity is sharp."""
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((20, 2))
    risk = EmpiricalRisk(MLP((2, 1)), "squared", X, X[:, 0] + rng.standard_normal(20), l2=0.1)
    return Problem(name or f"ridge {seed}", risk, risk.draw)


@pytest.fixture(scope="module")
def told():
    problems = [
        "xor",
        "xor:hidden=1",
        Problem("best known", problem("xor:hidden=1").objective, problem("xor:hidden=1").start, optimum=0.4),
        ridge(0),
        Group("ridges", [ridge(1), ridge(2)]),
    ]
    return compare(problems, ["lbfgs", "gd"], seeds=4, budget=200, workers=ONE)


def headings(comparison, name):
    return lines(comparison.summaries(name)).headings


def test_the_column_stands_where_it_says_something(told):
    assert GAP not in headings(told, "xor:hidden=2")  # the gap is the loss
    assert GAP in headings(told, "xor:hidden=1")
    assert GAP in headings(told, "best known")  # the optimum is no proof
    assert GAP in headings(told, "ridge 0")
    assert f"{GAP}, of the constant's" in headings(told, "ridges")
    assert np.isfinite([summary.gap for summary in told.summaries("xor:hidden=2")]).all()


def test_the_gap_is_that_of_the_median_loss(told):
    bound = told.bound("xor:hidden=1")
    table = lines(told.summaries("xor:hidden=1"))
    for summary, row, keys in zip(told.summaries("xor:hidden=1"), table.rows, table.keys, strict=True):
        assert summary.gap == pytest.approx(summary.value[1] - bound.value, abs=1e-15)
        at = table.headings.index(GAP)
        assert (row[at], keys[at - 1]) == (f"{summary.gap:.3g}", summary.gap)


def test_gaps_of_a_group_are_shares_of_the_constants(told):
    for summary in told.summaries("ridges"):
        gaps = [
            told.bound(one).gap(value) / told.goal(one).constant
            for one in told.problems_of("ridges")
            for value in told.records(one, summary.method)["value"]
        ]
        assert summary.gap == pytest.approx(np.median(gaps))


def test_the_line_names_the_certificate(told):
    assert bound_text(told, "xor:hidden=2") == "lower bound 0: the loss is never negative"
    assert bound_text(told, "xor:hidden=1").startswith("lower bound 0.333333: one unit")
    assert bound_text(told, "best known").endswith("; the optimum 0.4 is the best known, and not proved")
    assert "; the lowest found is the global minimum" in bound_text(told, "ridge 0")
    assert re.fullmatch(
        r"lower bounds: 0\.\d+ to 0\.\d+ \(strong convexity, .*; 2 problems\)", bound_text(told, "ridges")
    )


def test_terminal_json_latex_and_page_have_it(told, capsys, monkeypatch):
    show(told, as_json=False)
    out = capsys.readouterr().out
    assert "\nlower bound 0: the loss is never negative\n" in out
    show(told, as_json=True)
    data = json.loads(capsys.readouterr().out)
    assert data["bounds"]["xor:hidden=2"] == {
        "value": 0.0,
        "certificate": "the loss is never negative",
        "rounding": 0.0,
    }
    assert {"gap", "gap_tells", "below"} <= set(data["summaries"][0])
    text = latex(told.summaries("xor:hidden=2"), "", {"xor:hidden=2": "lower bound 0: a 100 % proof"})
    assert r"\footnotesize lower bound 0: a 100 \% proof} \\" in text
    monkeypatch.setattr("homotopy.report.html.svg", lambda *_: "")
    whole = page(told)
    assert '<p class="soft">Lower bound 0: the loss is never negative.</p>' in whole
    assert "isotonic regression in every order</td>" in whole
    assert str(told).count("above the lower bound") == 2 * 4
