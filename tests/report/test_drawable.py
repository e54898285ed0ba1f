"""Names and numbers in pictures: long, nested, hostile; whole at every size, in every format."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

import homotopy as hp
from homotopy.experiments import Workers, compare
from homotopy.experiments.statistics.profiles import clusters
from homotopy.problems.base import Problem
from homotopy.report import figures, paths
from homotopy.report.bounds import same_runs
from homotopy.report.drawable import above, numbers, tag, written
from homotopy.report.folder import pictures
from homotopy.report.html import page, verdict

ONE = Workers("threads", 1)
LONG = "multistart:of=graduated++along=ridge++steps=100++scale=0.001+restarts=100,inner=lbfgs+memory=20,tolerance=1e-09"
NAMES = [LONG, r"$\frac{", "_hidden", "a\nb\x1b[0m", "中文 $x$", "x" * 120, "plain", r"\$", "%&#~^{}"]


@pytest.fixture(scope="module")
def long_names():
    made = [hp.method("gd") for _ in NAMES[:4]]
    for method, name in zip(made, NAMES, strict=False):
        method.name = name
    found = [hp.problem("xor"), hp.problem("teacher:k=6")]
    for problem, name in zip(found, ("csv:" + LONG, r"price of $\frac{ and $x$"), strict=True):
        object.__setattr__(problem, "name", name)
    return compare(found, made, seeds=3, budget=20, workers=ONE)


class Bowl:
    """Half a square, of which nothing says that it is not negative."""

    size = 2

    def value(self, x):
        return 0.5 * float(x @ x)

    def grad(self, x):
        return x.copy()

    def value_and_grad(self, x):
        return self.value(x), self.grad(x)

    def hessp(self, x, v):
        return v.copy()


def boxes(figure, texts):
    renderer = figure.canvas.get_renderer()
    return [text.get_window_extent(renderer) for text in texts if text.get_text() and text.get_visible()]


@pytest.mark.parametrize("draw", [figures.curves, figures.success])
def test_names_of_any_length_are_whole_and_apart(long_names, draw):
    """No text leaves the picture, and no title, label of an axis or name lies on another."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure = draw(long_names)
        FigureCanvasAgg(figure).draw()
    sides = [text for ax in figure.axes for text in (ax._left_title, ax.xaxis.label, ax.yaxis.label)]
    names = [label for ax in figure.axes if draw is figures.success for label in ax.get_yticklabels()]
    entries = [text for legend in figure.legends for text in legend.get_texts()]
    found = boxes(figure, [*sides, *names, *entries])
    wide, high = figure.bbox.width, figure.bbox.height
    for i, one in enumerate(found):
        assert -1 <= one.x0 <= one.x1 <= wide + 1
        assert -1 <= one.y0 <= one.y1 <= high + 1
        for other in found[:i]:
            assert not one.padded(-1).overlaps(other.padded(-1))
    if draw is figures.curves:
        assert len(entries) == len(NAMES[:4]) + 1


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_no_formula_and_is_short_of_a_line(name):
    figure = Figure()
    text = figure.text(0.5, 0.5, written(name))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure.draw_without_rendering()
    assert text._preprocess_math(text.get_text())[1] is False
    assert all(len(line.replace(r"\$", "$")) <= 30 for line in text.get_text().split("\n"))
    assert not tag(name).startswith("_")


def test_numbers_that_an_axis_holds():
    got = numbers([np.nan, np.inf, -np.inf, 1e308, -1e308, 0.0, 5e-324])
    np.testing.assert_array_equal(got, [np.nan, np.nan, np.nan, 1e300, -1e300, 0.0, 5e-324])
    np.testing.assert_array_equal(above([0.0, -1.0, 5e-324, 2.0]), [np.nan, np.nan, 1e-300, 2.0])


def test_each_format_is_what_it_says(tmp_path):
    figure = figures.styled(lambda: Figure(figsize=(3, 2)))()
    figure.subplots().plot([1, 2], [2, 1])
    for name, make in pictures({"a": figure}, ("png", "svg", "pdf")).items():
        make(tmp_path / name)
        make(tmp_path / f"again-{name}")
        assert (tmp_path / name).read_bytes() == (tmp_path / f"again-{name}").read_bytes()
    with Image.open(tmp_path / "a.png") as image:
        assert image.size == (600, 400)
    assert (tmp_path / "a.svg").read_text(encoding="utf-8").startswith("<?xml")
    pdf = (tmp_path / "a.pdf").read_bytes()
    assert pdf.startswith(b"%PDF")
    assert b"/Type3" not in pdf


def test_a_cluster_is_as_wide_as_it_says():
    """Chains of values, each within 1 % of the next, do not make one cluster of 10 %."""
    rng = np.random.default_rng(4)
    for _ in range(50):
        values = rng.uniform(1, 1.3, 200) * 10.0 ** rng.integers(-5, 5)
        found = clusters(values, absolute=0.0)
        assert sum(one.count for one in found) == len(values)
        assert all(one.spread <= 0.01 * one.value * (1 + 1e-12) for one in found)
        assert len(found) > 20


def test_methods_with_the_same_runs_are_said_to_be_the_same(monkeypatch):
    monkeypatch.setattr("homotopy.report.html.svg", lambda *_: "")
    got = compare("teacher:k=6", ["gd", "skip", "auto"], seeds=4, budget=200, workers=ONE)
    assert same_runs(got, "teacher:k=6") == {"auto": "skip"}
    text = verdict(got.summaries("teacher:k=6"), same_runs(got, "teacher:k=6"))
    assert "and so does auto by the same runs; next is gd" in text
    assert "auto made the same runs as skip" in page(got)
    assert same_runs(compare("xor", ["gd", "lbfgs"], seeds=4, budget=50, workers=ONE), "xor:hidden=2") == {}


def test_an_optimum_that_is_not_proved_is_the_best_known():
    best = Problem("mine", Bowl(), lambda rng: rng.standard_normal(2), optimum=0.0, tolerance=1e-3)
    proved = best.bounded(0.0, "a square is not negative")
    for made, words in ((best, "the best known minimum"), (proved, "the global minimum")):
        got = compare(made, ["gd"], seeds=2, budget=20, workers=ONE)
        assert figures.curves(got).axes[0].get_ylabel() == f"loss above {words}"
        assert words in figures.success(got).axes[0].get_xlabel()


def test_a_path_has_a_title_and_says_what_its_marks_are():
    xor = hp.problem("xor")
    path = hp.track(hp.homotopies.Proximal(xor.objective, xor.start(np.random.default_rng(0))))
    figure = paths.draw_path(path, "xor along proximal")
    assert figure.get_suptitle() == f"xor along proximal: {path.status.name}, t = 1"
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["LP (fold)"]
    assert all(ax.get_legend() is None for ax in figure.axes)
