"""The cells of Table 1, the judge of errors, the published figures, and the points of D1 and D2."""

from __future__ import annotations

import numpy as np
import pytest

from homotopy.papers.swirszcz2016 import PAPER, PUBLISHED, at_the_points, cell, errors, shares_picture, table_one
from homotopy.papers.swirszcz2016.nets import RIGHT, RULES, WIDTHS
from homotopy.papers.swirszcz2016.variants import VARIANTS, keys, likeness, varied


def test_a_cell_is_the_net_by_hand():
    problem = cell("xor", "sigmoid", 3)
    x = problem.start(np.random.default_rng(0))
    assert x.shape == (13,)
    X, y = np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), np.array([0, 1, 1, 0])
    f = problem.objective
    z = f.model.forward(x, f.X)[:, 0]
    assert np.array_equal(f.X, X)
    assert np.array_equal(np.ravel(f.y), y)
    assert f.value(x) == pytest.approx(np.mean(np.logaddexp(0, z) - y * z), rel=1e-12)


@pytest.mark.parametrize(("data", "unit"), [("xor", "relu"), ("jellyfish", "sigmoid")])
def test_errors_are_judged_by_outputs_and_the_target_leaves_none(data, unit):
    problem = cell(data, unit, 4)
    f = problem.objective
    x = np.array([problem.start(np.random.default_rng(seed)) for seed in range(300)])
    loss = np.array([f.value(one) for one in x])
    out = np.array([f.model.forward(one, f.X)[:, 0] for one in x])
    assert np.array_equal(errors(f, x), np.sum((out > 0) != (np.ravel(f.y) > 0.5), axis=1))
    assert (errors(f, x)[loss <= RIGHT] == 0).all()
    assert np.nanmax(errors(f, np.full((1, f.size), np.nan))) == 4


def test_relu_xor_that_is_solved_by_hand_has_no_error():
    f = cell("xor", "relu", 2).objective
    for x in ([1, 1, 1, 1, 0, -1, 4, -8, -1], [1, 1, 1, 1, 0, -1, -4, 8, 1]):
        assert errors(f, np.array([x], dtype=float)) == (0 if x[6] > 0 else 4)


def test_the_published_table_is_whole():
    assert len(PUBLISHED) == 8
    assert all(len(row) == len(WIDTHS) for row in PUBLISHED.values())
    assert PUBLISHED["jellyfish", "relu", "GD"][2] == 66  # "2 out of 3 runs", says the text
    assert [sum(column) for column in zip(*PUBLISHED.values(), strict=True)] == [305, 464, 556, 607, 627, 699]
    own = [float(PUBLISHED[data, unit, rule][WIDTHS.index(h)]) for data, unit, rule, h in keys()]
    assert likeness(own) == (48, 0.0, pytest.approx(1.0))
    assert likeness([value + 16 for value in own], "GD")[0] == 0


def test_shares_equal_to_the_published_ones_agree_everywhere():
    cells = [(key, h, value) for key, row in PUBLISHED.items() for h, value in zip(WIDTHS, row, strict=True)]
    ours = {(*key[:2], RULES[key[2]], h): float(value) for key, h, value in cells}
    rows = table_one(ours)
    assert len(rows) == 52
    assert all(row.holds for row in rows)
    wrong = ours | {("jellyfish", "sigmoid", "adam", 2): 100.0}
    assert [row.holds for row in table_one(wrong)].count(False) == 3  # the cell, its column, Adam against GD


def test_the_two_local_minima():
    found = at_the_points()
    assert found["D1 value"] == pytest.approx(18)
    assert found["D1 least"] == pytest.approx(14)
    assert found["D2 value"] == pytest.approx(8 / 3)
    assert found["D2 global"] == pytest.approx(0, abs=1e-24)
    assert found["D1 minimum"] == found["D2 minimum"] == 1
    assert found["D1 fall"] == found["D2 fall"] == 0
    assert found["D2 printed"] > 1e-3


def test_variants_differ_from_what_was_chosen():
    name = "2,000 steps"
    assert VARIANTS[name] == {"n_steps": 2000}
    found = varied([name, 2])
    assert len(found) == 48
    assert set(found) <= {0.0, 50.0, 100.0}


def test_the_picture_names_its_axes():
    ours = {("xor", "relu", "adam", h): 50.0 for h in WIDTHS}
    axes = shares_picture(ours).figure.axes
    assert axes[0].get_ylabel() == "runs with no error (%)"
    assert axes[3].get_xlabel() == "hidden units h"
    assert "1611.06310" in PAPER.link
