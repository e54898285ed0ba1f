"""What a penalty does to the homotopies of units: who pays, when, and that starts are the best there are."""

import numpy as np
import pytest
from penalties.members import net

from homotopy.descent import descend
from homotopy.errors import ArgumentError
from homotopy.homotopies import GatedConvex, Greedy, TVWidth, WeightDecay, Width
from homotopy.homotopies.easy import solve_easy

PENALTIES = [1e-3, 0.03, 0.3]


def around(size, seed=0):
    return np.random.default_rng(seed).standard_normal(size)


@pytest.mark.parametrize("l2", PENALTIES)
@pytest.mark.parametrize("kind", [Width, TVWidth])
def test_units_that_are_gone_cost_nothing(kind, l2):
    path = kind(net(l2, activation="relu"), 2)
    x = around(path.size)
    y = np.where(path.fading, 7.0 * x, x)
    assert path.value(x, 1.0) == path.value(y, 1.0) == pytest.approx(path.objective.value(path.finish(x)), rel=1e-12)
    assert not path.grad(x, 1.0)[path.fading].any()
    assert path.value(x, 0.0) < path.value(y, 0.0)  # while they are there they do
    assert path.fading.sum() == 2 * (2 + 1 + 1)


@pytest.mark.parametrize("l2", PENALTIES)
def test_fading_units_are_driven_out_before_they_are_gone(l2):
    for loss, act in (("squared", "tanh"), ("logistic", "softplus"), ("squared", "gelu")):
        path = Width(net(l2, activation=act, loss=loss), 2)
        x = path.start(1)
        for t in np.linspace(0.0, 0.999, 25):
            x = descend(path.at(t), x, rule="lbfgs", n_steps=2000, gradient_tolerance=1e-9).x
        there = np.where(path.fading, 0.001 * x, 0.0)  # what counts of the extra units
        assert np.linalg.norm(there) < 0.02 * np.linalg.norm(path.finish(x))
        assert np.linalg.norm(path.objective.grad(path.finish(x))) < 0.01


@pytest.mark.parametrize("l2", PENALTIES)
def test_units_that_have_not_begun_cost_nothing(l2):
    path = Greedy(net(l2, (2, 3, 2), "relu"), dictionary=20)
    x = path.start(0)
    bias = x[-2:]
    assert path.value(x, 0.0) == path.value(5.0 * x - np.r_[np.zeros(len(x) - 2), 4.0 * bias], 0.0)
    np.testing.assert_allclose(bias, path.objective.y.mean(axis=0) / (1.0 + l2), rtol=1e-8)  # the constant that pays


@pytest.mark.parametrize("l2", [1e-4, *PENALTIES, 2.0])
def test_frozen_gates_solve_their_group_lasso(l2):
    for seed in range(4):
        path = GatedConvex(net(l2, (3, 1 + seed, 1), "relu", weighted=seed % 2 == 1), rng=seed)
        x = path.start()
        V, a, _ = path._parts(x)
        g = path._forward(x, 0.0)[3]
        slopes = np.linalg.norm((path.gates * g[:, None]).T @ path.X1, axis=1)
        assert (slopes <= l2 * (1 + 1e-4)).all()  # no unit would lower the convex problem, zero or not
        np.testing.assert_allclose(np.linalg.norm(V, axis=1), np.abs(a), atol=1e-4)
        for other in range(3):
            assert path.value(x, 0.0) <= path.value(solve_easy(path, around(path.size, other)), 0.0) * (1 + 1e-8)


def test_penalties_of_the_easy_problem_are_above_the_true_one():
    for kind in (TVWidth, WeightDecay):
        assert kind(net(0.1)).l2 >= 0.1
        assert kind(net(0.1), l2=0.1).l2 == 0.1
        with pytest.raises(ArgumentError, match="at least the objective's"):
            kind(net(0.1), l2=0.09)
    x = around(TVWidth(net(0.1), 1).size)
    path = TVWidth(net(0.1), 1, l2=0.4)
    assert path.value(x, 0.0) - path.easy.value(x) == pytest.approx(0.15 * float(x @ x))
