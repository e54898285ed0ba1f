"""Steps that begin to count one after another: the truth at every t, exact derivatives in t, both ends."""

import pickle

import numpy as np
import pytest
import reference_rnn
from objectives.recurrent.members import CELLS, STATES, member

import homotopy as hp
from homotopy.errors import ArgumentError


def opening(seed, **kind):
    """A member with targets at all steps, and a length at which something counts."""
    one = member(seed, every=True, **kind)
    first = int(np.argmax(one.counts.any(axis=0))) + 1
    last = one.risk.sequences.used
    return one, min(first + 0.4, last)


@pytest.mark.parametrize("t", [0.0, 0.3, 0.77, 1.0])
@pytest.mark.parametrize("seed", range(300, 308))
def test_an_opened_risk_is_the_truth(seed, t):
    one, length = opening(seed)
    risk, x, v = one.risk, one.x, one.v
    made = risk.opened(length)
    counts = reference_rnn.opened_counts(one.counts[:, : risk.sequences.used], length, t)
    X, Y = risk.X[:, : counts.shape[1]], one.Y[:, : counts.shape[1]]
    truth = reference_rnn.risk(risk.model, risk.loss.name, x, X, Y, counts, v, l2=risk.l2, state=one.state)
    value, grad = made.value_and_grad(x, t)
    assert value == pytest.approx(truth[0], rel=1e-12)
    np.testing.assert_allclose(grad, truth[1], rtol=1e-9, atol=1e-11)
    np.testing.assert_allclose(made.hessp(x, t, v), truth[2], rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(made.ggnp(x, t, v), truth[3], rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("state", STATES)
def test_derivatives_in_t_are_those_of_differences(cell, state):
    one, length = opening(320, cell=cell, state=state)
    made, h = one.risk.opened(length), 1e-3
    assert made.dt(one.x, 0.4) != 0.0
    for t in (0.15, 0.4, 0.9):
        near = [made.value_and_grad(one.x, t + s * h) for s in (-2, -1, 1, 2)]
        (f2, g2), (f1, g1), (e1, d1), (e2, d2) = near
        assert made.dt(one.x, t) == pytest.approx((8 * (e1 - f1) - (e2 - f2)) / (12 * h), rel=1e-5, abs=1e-7)
        slope = (8 * (d1 - g1) - (d2 - g2)) / (12 * h)
        np.testing.assert_allclose(made.dt_grad(one.x, t), slope, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("seed", range(330, 336))
def test_the_ends_are_the_prefix_and_the_risk(seed):
    one, length = opening(seed)
    risk = one.risk
    first, T = int(np.ceil(length)), risk.sequences.used
    made = risk.opened(float(first))
    assert made.value(one.x, 1.0) == pytest.approx(risk.value(one.x), rel=1e-13)
    np.testing.assert_allclose(made.grad(one.x, 1.0), risk.grad(one.x), rtol=1e-11, atol=1e-13)
    assert made.value(one.x, 0.0) == pytest.approx(risk.shorter(first).value(one.x), rel=1e-12)
    assert made.size == risk.size
    assert made.flops == risk.flops
    assert pickle.loads(pickle.dumps(made)).value(one.x, 0.3) == made.value(one.x, 0.3)
    assert risk.opened(T).value(one.x, 0.2) == pytest.approx(risk.value(one.x), rel=1e-13)


def test_a_loss_at_the_end_alone_opens_nothing():
    end = hp.EmpiricalRisk(hp.RNN(2, 3, 1), "squared", np.ones((4, 6, 2)), np.ones(4))
    with pytest.raises(ArgumentError, match="length is 3, and the first step that counts is number 6"):
        end.opened(3)
    with pytest.raises(ArgumentError, match=r"length must be a number from 1 to 6, not 0\.5"):
        end.opened(0.5)
    with pytest.raises(ArgumentError, match="length must be a number from 1 to 6, not 7"):
        end.opened(7)
    assert end.opened(6).dt(np.ones(22), 0.5) == 0.0
