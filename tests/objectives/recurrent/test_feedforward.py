"""On one step a recurrent net is a net with one hidden layer, and the moves of such nets give it starts."""

import numpy as np
import pytest

import homotopy as hp
from homotopy.errors import ArgumentError
from homotopy.problems import Problem


def risk(activation="tanh", state="zero", T=8, **more):
    rng = np.random.default_rng(0)
    X = rng.standard_normal((40, T, 2))
    teacher = hp.RNN(2, 3, 1, activation)
    y = teacher.forward(teacher.init(5) + 0.2, X)
    return hp.EmpiricalRisk(hp.RNN(2, 3, 1, activation, state=state), "squared", X, y, **more)


@pytest.mark.parametrize("state", ["zero", "learned"])
@pytest.mark.parametrize("activation", ["tanh", "relu", "softplus"])
def test_points_have_the_same_outputs_there_and_back(activation, state):
    weights = np.random.default_rng(1).exponential(size=40) * (np.arange(40) > 3)
    one = risk(activation, state, weights=weights).shorter(1)
    plain = one.feed_forward()
    x = one.model.init(2) + 0.1
    assert plain.risk.value(plain.there(x)) == pytest.approx(one.value(x), rel=1e-12)
    theta = plain.risk.draw(np.random.default_rng(3))
    back = plain.back(theta, 4, kind="orthogonal")
    assert one.value(back) == pytest.approx(plain.risk.value(theta), rel=1e-12)
    np.testing.assert_allclose(plain.there(back), theta, rtol=1e-13)
    W = one.model.unpack(back)["W"]
    np.testing.assert_allclose(W @ W.T, np.eye(3), atol=1e-12)


@pytest.mark.parametrize("method", ["greedy", "omp", "skip"])
def test_moves_of_plain_nets_give_starts(method):
    full = risk("relu")
    plain = full.shorter(1).feed_forward()
    problem = Problem("one step", plain.risk, plain.risk.draw, optimum=0.0, tolerance=1e-6)
    found = hp.solve(problem, method, rng=0, budget=3000)
    x = plain.back(found.x, 1)
    assert full.shorter(1).value(x) == pytest.approx(found.value, abs=1e-9)
    assert found.value < 1e-3


REFUSED = {
    "more steps": (lambda: risk().feed_forward(), r"8 steps are run; on one alone, shorter\(1\)"),
    "a gated cell": (
        lambda: risk().changed(model=hp.RNN(2, 3, 1, cell="gru")).shorter(1).feed_forward(),
        "the cell is gru; an elman net on one step has one plain hidden layer",
    ),
    "given states": (
        lambda: hp.EmpiricalRisk(
            hp.RNN(2, 3, 1, state="given"), "squared", np.ones((2, 1, 2)), [1, 2], state=np.ones((2, 3))
        ).feed_forward(),
        "the initial states are given; they must be zero or learned",
    ),
}


@pytest.mark.parametrize("case", sorted(REFUSED))
def test_what_is_refused(case):
    do, sentence = REFUSED[case]
    with pytest.raises(ArgumentError, match=sentence):
        do()
