"""Expanded range approximation: its targets, its names, what is counted, and the picture."""

import numpy as np
import pytest

import homotopy as hp
from homotopy.experiments import Grid, success_rate
from homotopy.homotopies import Targets
from homotopy.papers.frame import Study
from homotopy.papers.gorse1997 import PAPER, picture, second_order
from homotopy.papers.gorse1997.study import SIGMOID, era, pooled


@pytest.mark.parametrize("t", [0.0, 0.3, 1.0])
def test_targets_expand_from_their_mean(t):
    inner = hp.problem("jellyfish:hidden=2,activation=tanh,loss=squared").objective
    y = np.asarray(inner.y)
    moved = hp.EmpiricalRisk(inner.model, "squared", inner.X, y.mean() + t * (y - y.mean()))
    x = np.random.default_rng(0).standard_normal(inner.size)
    assert Targets(inner, "mean").at(t).value(x) == pytest.approx(moved.value(x), rel=1e-12)


def test_the_name_says_what_is_run():
    method = hp.method(era(100))
    assert method.name == "graduated:along=targets+easy=mean,stages=100"
    assert method.ladder.ladder() == pytest.approx(np.arange(100) / 100)


@pytest.mark.parametrize("how", ["CG", "BFGS"])
def test_second_order_runs_count_their_gradients(how):
    found = second_order(("xor", how, 5))
    cost, to = np.array(found["cost"]), np.array(found["to"])
    assert (cost >= 1).all()
    assert np.nanmax(to - cost) <= 0
    assert len(found["seconds"]) == 5
    assert second_order(("xor", how, 5))["to"] == pytest.approx(found["to"], nan_ok=True)


def testpooled_rates_are_those_of_all_runs():
    rate = pooled([success_rate([True, False]), success_rate([True] * 6)])
    assert (rate.rate, rate.runs) == (7 / 8, 8)


def test_the_picture_names_its_axes():
    with Study("gorse1997") as study:
        names = [era(stages) for stages in (1, 10)]
        ran = study.compare(Grid.of(list(SIGMOID.values()), ["gd", "lbfgs", *names], seeds=4, budget=500))[0]
        figure = picture(ran).figure
    assert [ax.get_title() for ax in figure.axes] == list(SIGMOID)
    assert figure.axes[2].get_xlabel() == "steps of the range"
    assert figure.axes[0].get_ylabel() == "runs solved (%)"


def test_nothing_unread_is_published():
    assert "abstract" in PAPER.choices[0]
    assert not any(sign.isdigit() for sign in PAPER.claim)
