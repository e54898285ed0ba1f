"""Tables, pictures and the page of critical points."""

from __future__ import annotations

import math
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import scipy.stats

from homotopy.landscape import CriticalPoint, CriticalPoints, Merge, Tree, disconnectivity
from homotopy.landscape.barriers.matching import described
from homotopy.models.activations import activation
from homotopy.objectives.functions import Polynomial
from homotopy.problems.bounds import Bound
from homotopy.report.landscape import Survey, texts
from homotopy.report.landscape.page import figures, page
from homotopy.report.landscape.passes import draw_pass, draw_plane, highest_pass
from homotopy.report.landscape.scatter import loss_against_index, minima_histogram
from homotopy.report.landscape.surveyed import rank_correlation
from homotopy.report.landscape.trees import disconnectivity_graph


def made(value, index=0, *, n=3, n_zero=0, **more):
    eigenvalues = np.array([-1.0] * index + [0.0] * n_zero + [1.0] * (n - index - n_zero))
    kind = "saddle" if index else "degenerate" if n_zero else "minimum"
    return CriticalPoint(np.full(n, value), value, 1e-12, index, eigenvalues, n_zero=n_zero, kind=kind, **more)


def survey(points, tree=None, bound=None, **more):
    objective = SimpleNamespace(size=3)
    problem = SimpleNamespace(name="made <of> points", size=3, source="a test", lower=bound)
    return Survey(problem, CriticalPoints(objective, points, **more), tree, {"seed": "7"})


def random_points(rng, m):
    return [made(float(rng.gamma(1.0) + i), int(i), hits=int(rng.integers(9))) for i in rng.integers(0, 3, m)]


def random_tree(rng, m):
    minima = tuple(sorted((made(float(v)) for v in rng.uniform(0, 1, m)), key=lambda p: p.value))
    groups, merges, level = list(range(m)), [], 1.0
    while len(groups) > 1:
        level += rng.uniform(0, 0.3)
        i, j = rng.choice(len(groups), 2, replace=False)
        merges.append(Merge(level, made(level, 1), groups[i], groups[j]))
        groups = [g for k, g in enumerate(groups) if k not in (i, j)] + [m + len(merges) - 1]
    return Tree(minima, tuple(merges))


def test_the_table_by_index_counts_points_and_copies():
    points = [made(0.5, multiplicity=8, hits=3), made(0.1, multiplicity=4, hits=9), made(2.0, 1, multiplicity=2)]
    rows = texts.by_index(survey(points, n_starts=12))
    assert rows == [("0", "2", "12", "0.1", "0.5", "4–8", "0", "12"), ("1", "1", "2", "2", "2", "2", "0", "0")]


@pytest.mark.parametrize("unit", [1e-30, 1.0, 1e20])
def test_rounding_is_written_as_zero_in_any_units(unit):
    rows = texts.by_index(survey([made(-2e-16 * unit), made(0.25 * unit), made(unit, 1)]))
    assert rows[0][3] == "0"
    assert float(rows[0][4]) == pytest.approx(0.25 * unit)


@pytest.mark.parametrize("seed", range(3))
def test_the_correlation_is_spearmans_with_the_interval_of_bonett_and_wright(seed):
    rng = np.random.default_rng(seed)
    points = random_points(rng, 20)
    ranks = rank_correlation(points)
    rho = scipy.stats.spearmanr([p.index for p in points], [p.value for p in points])[0]
    assert ranks.rho == pytest.approx(rho)
    half = 1.959964 * np.sqrt((1 + rho**2 / 2) / 17)
    assert np.arctanh([ranks.low, ranks.high]) == pytest.approx(np.arctanh(rho) + np.array([-half, half]), rel=1e-6)
    assert rank_correlation(points[:4]) is None
    assert rank_correlation([made(float(i)) for i in range(9)]) is None  # one index alone


def test_sentences_say_what_is_missing_flat_and_bounded():
    bound = Bound(0.05, "a proof")
    points = [made(0.1, multiplicity=2), made(0.4, n_zero=1), made(1.0, 1, multiplicity=3)]
    text = "\n".join(texts.sentences(survey(points, bound=bound, n_starts=9, n_escaped=4, notes=("one more thing",))))
    assert "4 searches went off to infinity" in text
    assert "flat: one point stands" in text
    assert "no value is below 0.05 (a proof); the lowest is 0.05 above" in text
    assert "note: one more thing" in text
    assert "Morse" not in text  # a point is flat
    strict = "\n".join(texts.sentences(survey([points[0], points[2]])))
    assert "is -1, not 1: points are missing" in strict


def test_a_value_below_its_bound_is_told_as_a_contradiction():
    points, bound = [made(0.1), made(1.0, 1)], Bound(0.3, "a wrong proof")
    one = survey(points, bound=bound)
    assert one.gap(0.1) == pytest.approx(-0.2)
    (text,) = [line for line in texts.sentences(one) if line.startswith("bound")]
    assert "contradiction" in text
    assert "a wrong proof" in text
    assert texts.minima(one)[0][2] == "-0.2"


@pytest.mark.parametrize("unit", [1e-30, 1.0, 1e20])
def test_rounding_is_no_gap_no_barrier_and_no_decade_of_a_picture(unit):
    low, other, high = (made(v * unit, hits=1) for v in (5e-31, 3e-17, 0.4))
    saddle = made(0.6 * unit, 1)
    tree = Tree((low, other, high), (Merge(saddle.value, saddle, 0, 1), Merge(saddle.value, saddle, 2, 3)))
    one = survey([low, other, high, saddle], tree, Bound(0.0, "sum of squares"))
    rows = texts.minima(one)
    assert [row[1:3] for row in rows[:2]] == [("0", "0")] * 2
    assert [row[-1] for row in rows] == ["lowest", "lowest", f"{0.2 * unit:.3g}"]
    assert "the lowest is there, to rounding" in "\n".join(texts.sentences(one))
    assert loss_against_index(one).axes[0].get_yscale() == "linear"
    assert minima_histogram(one).axes[1].get_xscale() == "linear"
    rounded = survey([made(-4e-16)], bound=Bound(0.0, "a risk", rounding=1e-15))  # nothing else tells the size
    assert texts.minima(rounded)[0][1:3] == ("0", "0")


def test_counts_of_copies_that_no_float_holds():
    many = math.factorial(200) * 2**200
    rows = texts.by_index(survey([made(0.5, multiplicity=many), made(0.6)]))
    assert rows[0][2] == "1.27e+435"
    assert rows[0][5] == "1–1.27e+435"


@pytest.mark.parametrize("most", [0, 1, 5, 30])
def test_an_index_is_a_whole_number_in_the_picture(most):
    points = [made(1.0 + i, i, n=40) for i in range(most + 1)]
    ax = loss_against_index(survey(points)).axes[0]
    low, high = ax.get_xlim()
    ticks = [tick for tick in ax.get_xticks() if low <= tick <= high]
    assert ticks
    assert all(tick == round(tick) for tick in ticks)


def test_what_searches_and_points_do_not_see_is_told():
    kinked = SimpleNamespace(size=3, outputs=SimpleNamespace(hidden=activation("relu")))
    problem = SimpleNamespace(name="relus", size=3, source="", lower=None)
    one = Survey(problem, CriticalPoints(kinked, [made(0.1)], n_failed=4))
    text = "\n".join(texts.sentences(one))
    assert "no end: 4 searches" in text
    assert "kinks: minima at kinks" in text
    assert "Morse" not in text
    grows = SimpleNamespace(size=3, l2=0.1, at_least=0.0)
    for objective, words in ((grows, "points are missing"), (SimpleNamespace(size=3), "does not grow outward")):
        several = Survey(problem, CriticalPoints(objective, [made(0.1), made(0.2)]))
        (line,) = [line for line in texts.sentences(several) if line.startswith("Morse")]
        assert "is 2, not 1" in line
        assert line.endswith(words)


def test_minima_that_descents_alone_meet_are_told_and_the_lowest_of_all_is_the_lowest():
    high, saddle, low = made(0.5, hits=3), made(0.7, 1), made(0.1)
    tree = Tree((high, low), (Merge(0.7, saddle, 0, 1),))
    one = survey([high, saddle], tree)
    assert texts.minima(one)[0][-1] == "0.2"
    assert any("a minimum that no search met (M2, the lowest 0.1)" in line for line in texts.sentences(one))
    assert texts.merges(one) == [("0.7", "M1", "M2")]


def test_minima_have_their_gap_and_their_barrier():
    low, mid, high = made(0.1, hits=5), made(0.3), made(0.6)
    tree = Tree((low, mid, high), (Merge(0.75, made(0.75, 1), 1, 2), Merge(0.9, made(0.9, 1), 0, 3)))
    one = survey([low, mid, high], tree, Bound(0.0, "sum of squares"))
    rows = texts.minima(one)
    assert [row[0] for row in rows] == ["M1", "M2", "M3"]
    assert [row[2] for row in rows] == ["0.1", "0.3", "0.6"]
    assert [row[-1] for row in rows] == ["lowest", "0.6", "0.15"]
    assert len(texts.minima_headings(one)) == len(rows[0])
    apart = replace(tree, merges=tree.merges[:1])
    assert [row[-1] for row in texts.minima(survey([low, mid, high], apart))] == ["lowest", "no saddle known", "0.15"]


@pytest.mark.parametrize(("m", "seed"), [(1, 0), (2, 1), (7, 2), (40, 3)])
def test_the_graph_has_each_minimum_once_and_branches_that_do_not_cross(m, seed):
    tree = random_tree(np.random.default_rng(seed), m)
    ax = disconnectivity_graph(tree).axes[0]
    dots = [line for line in ax.lines if line.get_marker() == "o"]
    at = {round(float(line.get_xdata()[0])): float(line.get_ydata()[0]) for line in dots}
    assert sorted(at) == list(range(m))
    assert sorted(at.values()) == pytest.approx([point.value for point in tree.minima])
    place = {round(float(line.get_ydata()[0]), 12): float(line.get_xdata()[0]) for line in dots}
    for k in range(len(tree.merges)):
        xs = sorted(place[round(tree.minima[leaf].value, 12)] for leaf in tree.leaves(m + k))
        assert xs == list(np.arange(xs[0], xs[0] + len(xs)))  # a group stands together
    names = [text.get_text() for text in ax.texts]
    assert names.count("M1") == (1 if m <= 24 else 0)


@pytest.mark.parametrize("above", [[0.0], [3.2e-18], [0.0, 1e-17], [0.0, 0.25]])
def test_the_graph_shows_no_rounding(above):
    minima = tuple(made(value) for value in above)
    one = survey([*minima, made(1.0, 1)], Tree(minima, ()), Bound(0.0, "sum of squares"))
    ax = figures(one)["tree"]().axes[0]
    shown = sorted(float(line.get_ydata()[0]) for line in ax.lines if line.get_marker() == "o")
    assert shown == sorted(value if value > 1e-9 else 0.0 for value in above)
    assert np.ptp(ax.get_ylim()) > 0.1


def test_the_figures_show_every_point():
    rng = np.random.default_rng(4)
    one = survey(random_points(rng, 60), n_starts=10)
    ax = loss_against_index(one).axes[0]
    dots = [line for line in ax.lines if line.get_marker() == "o"]
    assert sum(len(line.get_xdata()) for line in dots) == 60
    assert np.allclose(sorted(y for line in dots for y in line.get_ydata()), [p.value for p in one.points])
    off = [x - round(x) for line in dots for x in line.get_xdata()]
    assert np.abs(off).max() < 0.4
    above, below = minima_histogram(one).axes
    assert sum(bar.get_height() for bar in above.patches) == len(one.points.minima)
    heights = next(line for line in below.lines if line.get_marker() == "o").get_ydata()
    assert sum(heights) == sum(p.hits for p in one.points.minima)


@pytest.mark.parametrize("points", [[], [made(1.0, 1)], [made(0.5)], [made(0.0), made(0.0, 0, n_zero=2)]])
def test_few_points_and_none_have_a_page(points):
    tree = Tree(tuple(p for p in points if p.is_minimum), ()) if any(p.is_minimum for p in points) else None
    one = survey(points, tree)
    text = page(one)
    assert "made &lt;of&gt; points" in text
    assert ("no search ended at a critical point" in text) == (not points)
    assert text.count("<svg") == len(figures(one))
    assert text.count("</table>") == text.count("<table")
    assert "http" not in text.replace("http://www.w3.org", "")


def test_the_page_has_all_that_the_table_has(monkeypatch):
    monkeypatch.setattr("homotopy.report.landscape.page.highest_pass", lambda survey: None)  # the points are made up
    rng = np.random.default_rng(9)
    tree = random_tree(rng, 5)
    points = [*tree.minima, *(merge.saddle for merge in tree.merges)]
    points[0] = replace(points[0], verdict="a strict minimum, whatever the Hessian says")
    one = survey(points, Tree(tuple(points[:5]), tree.merges), n_starts=3)
    text = page(one)
    for rows in (texts.by_index(one), texts.minima(one), texts.merges(one)):
        for row in rows:
            assert all(f">{cell}</td>" in text for cell in row)
    assert "a strict minimum, whatever the Hessian says" in text
    assert "<dt>seed</dt><dd>7</dd>" in text


def test_the_pass_goes_from_well_to_well():
    f = Polynomial([[1, 0, 1], [0.3, 0, 0], [-2, 0, 0], [0, 0, 0], [1, 0, 0]])  # (x^2 - 1)^2 + 0.3 x + y^2
    low, mid, high = np.sort(np.polynomial.Polynomial([0.3, -4.0, 0.0, 4.0]).roots().real)
    points = CriticalPoints(f, [described(f, np.array([x, 0.0])) for x in (low, mid, high)])
    problem = SimpleNamespace(name="wells", size=2, source="", lower=None)
    one = Survey(problem, points, disconnectivity(points))
    way = highest_pass(one)
    assert way.points[[0, way.top, -1], 0] == pytest.approx([low, mid, high], abs=1e-9)
    assert way.values[way.top] == way.values.max() == pytest.approx(f.value(np.array([mid, 0.0])))
    names = [text.get_text() for text in draw_pass(way).axes[0].texts]
    assert names == [f"{way.values[i]:.6g}" for i in (0, len(way.values) - 1, way.top)]
    drawn = draw_plane(one, way).axes[0].lines  # all on one line, so that some direction aside is taken
    ends = [line.get_xydata()[-1] for line in drawn if len(line.get_xdata()) > 2]
    assert ends[0] == pytest.approx([1.0, 0.0], abs=1e-6)
    assert "plane" in figures(one)
    assert highest_pass(Survey(problem, points, Tree(tuple(points.minima), ()))) is None
