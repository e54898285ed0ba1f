"""The study of diffusion in small: what is searched, costs and intervals, the table and the picture of its noise."""

import json

import numpy as np
import pytest
from matplotlib.figure import Figure

from homotopy.papers.diffusion.figures import plot_layers, plot_noise
from homotopy.papers.diffusion.forms import FORMS, schedules
from homotopy.papers.diffusion.page import page, verdict
from homotopy.papers.diffusion.study import ROWS, Row, expected, run_row, share, study
from homotopy.problems import problem

SMALL = Row(lambda member: "xor", ((0, 1),), ((0, 5), (0, 6), (0, 7)), 60, ("lbfgs", "d"))


def test_every_form_has_at_least_twenty_schedules_and_other_starts_for_them():
    for form in FORMS:
        found = schedules(form)
        assert len(set(found)) == len(found)
        assert len(found) >= {"lbfgs": 1, "gd": 5}.get(form, 20)
    for row in ROWS.values():
        assert not set(row.tuning) & set(row.shown)


def test_a_run_counts_what_it_evaluates_and_reaches_what_it_says():
    xor = problem("xor")
    x = np.asarray(xor.start(np.random.default_rng(2)))
    for form in FORMS:
        end, value, spent = schedules(form)[-1].descend(xor.objective, x, 150, xor.target)
        assert value == pytest.approx(xor.objective.value(end), rel=1e-12)
        assert value < xor.objective.value(x)
        assert 1 <= spent <= 1200


def test_results_are_kept_and_told(tmp_path):
    file = tmp_path / "results.json"
    found = study({"xor": SMALL}, to=file)
    assert set(found["xor"]) == {"lbfgs", "d"}
    assert json.loads(file.read_text()) == study({"xor": SMALL}, to=file)
    assert run_row(SMALL, "a") is None
    text = page(found)
    assert "**It hurts**" in text
    assert "| xor | (d) samples |" in text
    assert {len(line.split("|")) for line in text.splitlines() if line.startswith("| xor")} == {9}


def test_costs_shares_and_verdicts_of_known_runs():
    runs = [[0, True, 100, 0.0], [0, False, 300, 1.0], [0, True, 200, 0.0], [0, False, 200, 1.0]]
    assert expected(runs)[0] == 400
    assert share(runs)[0] == 0.5
    assert 0 < share(runs)[1] < 0.5 < share(runs)[2] < 1
    assert expected([[0, False, 10, 1.0]] * 3) == (np.inf, np.inf, np.inf)
    good, bad = [[i, True, 10 + i % 2, 0.0] for i in range(20)], [[i, True, 50 + i % 2, 0.0] for i in range(20)]
    assert (verdict(good, bad), verdict(bad, good), verdict(good, good)) == ("helps", "hurts", "no difference seen")


def test_pictures_say_what_follows_from_noise():
    ax = Figure().subplots()
    plot_noise(ax, draws=4)
    errors = {line.get_label(): line.get_ydata() for line in ax.get_lines()}
    for name in ("random", "antithetic", "quasi"):
        assert errors[name][-1] < errors[name][0] / 5
    assert errors["quasi"][-1] < errors["random"][-1]
    ax = Figure().subplots()
    plot_layers(ax, points=1, moments=2)
    lifted = next(line for line in ax.get_lines() if line.get_label() == "lifted")
    assert lifted.get_ydata()[0] < 1e-12  # two layers of weights have no mixed curvature but through states
    assert lifted.get_ydata()[-1] > 0.1
