"""The census of exclusive or, the searches and the natural homotopy, against derivations and enumeration."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import check_grad

import homotopy as hp
from homotopy.papers.coetzee1996 import PAPER, counts_picture, discovery, one_layer, picture
from homotopy.papers.coetzee1996.census import named, package_l2
from homotopy.papers.coetzee1996.natural import OneLayer, penalized
from homotopy.papers.coetzee1996.search import Counted
from homotopy.papers.coetzee1996.study import tasks


def test_a_penalty_of_the_sum_is_four_times_that_of_the_mean():
    penalty, x = 1e-2, np.random.default_rng(0).standard_normal(9)
    f = hp.problem(named(2, package_l2(penalty))).objective
    X = np.array([[-1, -1], [-1, 1], [1, -1], [1, 1]], dtype=float)
    (W, b), (v, c) = f.model.unpack(x)
    errors = np.tanh(X @ W.T + b) @ v[0] + c[0] - np.array([-1, 1, 1, -1])
    assert 0.5 * errors @ errors + 0.5 * penalty * x @ x == pytest.approx(4 * f.value(x), rel=1e-13)


def test_the_gradient_of_one_layer_is_that_of_its_loss():
    rng = np.random.default_rng(1)
    net = OneLayer(rng.standard_normal((20, 2)), rng.standard_normal(20))
    for t in (0.0, 0.4, 1.0):
        x = rng.standard_normal(3)
        assert check_grad(lambda w, t=t: net.value(w, t), lambda w, t=t: net.grad(w, t), x) < 1e-6
        step = 1e-6 * np.eye(3)
        rows = [(net.grad(x + e, t) - net.grad(x - e, t)) / 2e-6 for e in step]
        assert net.jacobian(x, t) == pytest.approx(np.array(rows), abs=1e-8)
    assert np.linalg.norm(net.grad(net.solution(), 0.0)) < 1e-14


def test_one_layer_ends_where_direct_minimization_does():
    found = one_layer((0, 0.3))
    assert found["status"] == "REACHED_TARGET"
    assert found["value"] == pytest.approx(found["best"], abs=1e-12)


def test_the_penalized_path_stays_at_the_origin():
    found = penalized(0.01)
    assert found["moved"] == 0
    assert found["value"] == pytest.approx(0.5)
    assert found["end"] == "a minimum"


def test_evaluations_are_counted():
    f = Counted(hp.problem(named(2, 0.01)).objective)
    x = np.zeros(9)
    f.value(x), f.grad(x), f.value_and_grad(x), f.hessp(x, x), f.hessian(x)
    assert f.spent == 3 + 2 + 18
    assert not hasattr(f, "capsule")


def test_discovery_counts_different_points():
    runs = [{"points": [i % 4], "cost": 10.0, "seconds": 0.0} for i in range(40)]
    found = discovery([*runs, {"points": [-1], "cost": 10.0, "seconds": 0.0}], 4)
    assert (found["found"], found["outside"], found["cost"]) == (4, 1, 410.0)
    assert found["half"] == pytest.approx(10 * (1 + 4 / 3), rel=0.1)
    assert found["y"][-1] == pytest.approx(4)
    assert found["y"] == sorted(found["y"])


def test_tasks_know_their_optimum():
    (task,) = tasks({0.01: 0.06})
    assert task.optimum == 0.06
    assert task.start(np.random.default_rng(0)).shape == (9,)


def test_the_title_is_the_only_count_of_the_paper():
    assert "488" in PAPER.title
    assert "488" not in PAPER.claim
    assert any("could not be read" in choice for choice in PAPER.choices)


def test_pictures_have_their_axes_named():
    census = {"index": [0, 1, 2], "values": [0.1, 0.3, 0.5], "multiplicity": [8, 8, 4]}
    found = {"root": {"x": [1.0, 10.0], "y": [1.0, 3.0]}}
    one = picture(census, found, {"cost": 100.0, "points": 3}).figure
    assert [ax.get_ylabel() for ax in one.axes] == ["loss", "different points found"]
    other = counts_picture([0.01, 0.1], [{"copies": {"0": 49}}, {"copies": {"0": 17, "1": 32}}]).figure
    assert other.axes[0].get_xlabel() == "penalty l2"
