"""The risk of sequences against the slow truth, and what makes no difference to it."""

import pickle

import numpy as np
import pytest
import reference_rnn
from objectives.recurrent.members import CELLS, LOSSES, STATES, member

import homotopy as hp
from homotopy._core import rnn, vmath
from homotopy.objectives import RecurrentRisk
from homotopy.objectives.base import check_derivatives


@pytest.fixture
def instructions(request):
    """Another instruction set for each seed."""
    sets = vmath.available()
    rnn.use_isa(sets[request.node.callspec.params["seed"] % len(sets)])
    yield
    rnn.use_isa(sets[0])


@pytest.mark.usefixtures("instructions")
@pytest.mark.parametrize("seed", range(60))
def test_a_random_risk_is_the_truth(seed):
    one = member(seed)
    risk, x, v = one.risk, one.x, one.v
    truth = reference_rnn.risk(risk.model, risk.loss.name, x, risk.X, one.Y, one.counts, v, l2=risk.l2, state=one.state)
    value, grad = risk.value_and_grad(x)
    assert value == pytest.approx(truth[0], rel=1e-12)
    np.testing.assert_allclose(grad, truth[1], rtol=1e-9, atol=1e-11)
    np.testing.assert_allclose(risk.grad(x), grad, rtol=1e-12, atol=1e-14)
    assert risk.value(x) == pytest.approx(value, rel=1e-14)
    np.testing.assert_allclose(risk.hessp(x, v), truth[2], rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(risk.ggnp(x, v), truth[3], rtol=1e-8, atol=1e-10)


@pytest.mark.usefixtures("instructions")
@pytest.mark.parametrize("seed", range(100, 118))
def test_single_precision_is_the_truth_to_its_rounding(seed):
    one = member(seed, dtype=np.float32)
    risk = one.risk
    x, v = one.x.astype(float), one.v.astype(float)
    state = None if one.state is None else risk.state.astype(float)
    X, Y = risk.X.astype(float), one.Y.astype(np.float32).astype(float)
    truth = reference_rnn.risk(risk.model, risk.loss.name, x, X, Y, one.counts, v, l2=risk.l2, state=state)
    value, grad = risk.value_and_grad(one.x)
    assert grad.dtype == np.float32
    assert value == pytest.approx(truth[0], rel=2e-5)
    np.testing.assert_allclose(grad, truth[1], rtol=2e-3, atol=2e-5 * (1 + np.abs(truth[1]).max()))
    np.testing.assert_allclose(risk.ggnp(one.x, one.v), truth[3], rtol=1e-2, atol=1e-3 * (1 + np.abs(truth[3]).max()))


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("state", STATES)
def test_remainders_fall_as_they_must(cell, state):
    one = member(7, cell=cell, state=state, loss=LOSSES[len(cell) % 3])
    found = check_derivatives(one.risk, one.x, rng=1)
    assert found["grad"] > 1.9
    assert found["hessp"] > 2.85
    assert found["symmetry"] < 1e-9
    assert found["gradient_error"] < 1e-8
    assert found["hessp_error"] < 1e-7


@pytest.mark.parametrize("every", [True, False])
def test_what_stands_behind_the_ends_makes_no_difference(every):
    rng = np.random.default_rng(3)
    X, lengths = rng.standard_normal((6, 9, 2)), np.array([9, 3, 5, 1, 9, 4])
    y = rng.standard_normal((6, 9, 1)) if every else rng.standard_normal((6, 1))
    model = hp.RNN(2, 3, 1)
    risk, x = hp.EmpiricalRisk(model, "squared", X, y, lengths=lengths), model.init(0)
    behind = np.arange(9) >= lengths[:, None]
    X[behind] = np.nan
    if every:
        y[behind] = np.nan
    assert hp.EmpiricalRisk(model, "squared", X, y, lengths=lengths).value(x) == risk.value(x)
    alone = [
        hp.EmpiricalRisk(model, "squared", X[i : i + 1, :m], y[i : i + 1, :m] if every else y[i : i + 1])
        for i, m in enumerate(lengths)
    ]
    share = lengths if every else np.ones(6)
    assert risk.value(x) == pytest.approx(np.average([one.value(x) for one in alone], weights=share), rel=1e-13)


def test_targets_of_steps_that_do_not_count_are_not_looked_at():
    rng = np.random.default_rng(0)
    X, y, steps = rng.standard_normal((4, 6, 2)), rng.integers(3, size=(4, 6)).astype(float), np.r_[0, 1, 0, 2.5, 1, 0]
    model = hp.RNN(2, 3, 3)
    risk = hp.EmpiricalRisk(model, "softmax", X, y, steps=steps)
    y[:, 0], y[:, 2], y[:, 5] = np.nan, -1, 7
    assert hp.EmpiricalRisk(model, "softmax", X, y, steps=steps).value(model.init(1)) == risk.value(model.init(1))


def test_weights_are_copies():
    rng = np.random.default_rng(1)
    X, y = rng.standard_normal((4, 5, 2)), rng.standard_normal((4, 5))
    model = hp.RNN(2, 3, 1, cell="gru")
    x, copies = model.init(2), np.array([2, 0, 1, 3])
    weighted = hp.EmpiricalRisk(model, "squared", X, y, weights=1e-9 * copies)
    repeated = hp.EmpiricalRisk(model, "squared", np.repeat(X, copies, 0), np.repeat(y, copies, 0))
    assert weighted.value(x) == pytest.approx(repeated.value(x), rel=1e-13)
    np.testing.assert_allclose(weighted.grad(x), repeated.grad(x), rtol=1e-11, atol=1e-13)


def test_what_steps_count_has_no_unit():
    rng = np.random.default_rng(5)
    X, y, steps = rng.standard_normal((3, 6, 1)), rng.standard_normal((3, 6)), rng.exponential(size=6)
    model = hp.RNN(1, 4, 1)
    near, far = (hp.EmpiricalRisk(model, "squared", X, y, steps=c * steps) for c in (1.0, 1e200))
    assert near.value(model.init(0)) == pytest.approx(far.value(model.init(0)), rel=1e-14)
    apart = hp.EmpiricalRisk(model, "squared", X, y, steps=np.tile(steps, (3, 1)))
    assert apart.value(model.init(0)) == near.value(model.init(0))


def test_a_loss_at_the_end_is_one_at_all_steps_of_which_the_last_counts():
    rng = np.random.default_rng(6)
    X, y = rng.standard_normal((5, 4, 2)), rng.standard_normal((5, 2))
    model = hp.RNN(2, 3, 2, cell="lstm")
    end = hp.EmpiricalRisk(model, "squared", X, y)
    all_steps = hp.EmpiricalRisk(model, "squared", X, np.repeat(y[:, None], 4, 1), steps=[0, 0, 0, 1])
    assert not end.every_step
    assert all_steps.every_step
    assert end.value(model.init(3)) == all_steps.value(model.init(3))


def test_steps_behind_the_last_that_counts_cost_nothing():
    rng = np.random.default_rng(7)
    X, y = rng.standard_normal((3, 10, 2)), rng.standard_normal((3, 10))
    model = hp.RNN(2, 4, 1)
    risk = hp.EmpiricalRisk(model, "squared", X, y, steps=np.arange(10) < 4)
    short = hp.EmpiricalRisk(model, "squared", X[:, :4], y[:, :4])
    assert risk.flops == short.flops
    assert risk.value(model.init(0)) == short.value(model.init(0))
    assert risk.flops == 3 * model.gradient_flops(4)


def test_shapes_of_targets():
    rng = np.random.default_rng(8)
    X = rng.standard_normal((5, 7, 2))
    for k, loss, y, every in [
        (1, "squared", np.ones(5), False),
        (1, "squared", np.ones((5, 1)), False),
        (1, "squared", np.ones((5, 7)), True),
        (1, "squared", np.ones((5, 7, 1)), True),
        (3, "squared", np.ones((5, 3)), False),
        (3, "softmax", np.arange(5) % 3, False),
        (3, "softmax", np.arange(35).reshape(5, 7) % 3, True),
        (2, "logistic", np.ones((5, 7, 2)), True),
    ]:
        risk = hp.EmpiricalRisk(hp.RNN(2, 3, k), loss, X, y)
        assert risk.every_step is every
        assert risk.y.shape == ((5, 7, k) if every else (5, k))


@pytest.mark.parametrize("seed", range(200, 206))
def test_pickles_and_changes_keep_all(seed):
    one = member(seed)
    risk = one.risk
    for same in (pickle.loads(pickle.dumps(risk)), risk.changed(), risk.changed(l2=0.5).changed(l2=risk.l2)):
        assert same.value(one.x) == risk.value(one.x)
        assert repr(same) == repr(risk)
        assert same.flops == risk.flops
    assert risk.changed(l2=0.5).sequences is risk.sequences  # the data are prepared once
    assert risk.changed(l2=0.0).value(one.x) == pytest.approx(
        risk.value(one.x) - risk.l2 / 2 * one.x @ one.x, rel=1e-12
    )


def test_what_a_risk_says_of_itself():
    X = np.zeros((5, 7, 2))
    X[:, 0] = 1.0
    risk = hp.EmpiricalRisk(hp.RNN(2, 3, 1), "squared", X, np.ones(5), lengths=[7, 7, 3, 2, 1])
    assert isinstance(risk, RecurrentRisk)
    assert repr(risk) == "RecurrentRisk(RNN(2, 3, 1, 'tanh'), 'squared', n_sequences=5, n_steps=7, l2=0)"
    assert (risk.n_steps, risk.autonomous, risk.size) == (7, True, 22)
    assert risk.flops == 20 * risk.model.gradient_flops(1, 0) + 5 * risk.model.gradient_flops(0, 1)
    assert not risk.resampled(np.ones((2, 4, 2)), [1, 2]).autonomous
    assert risk.draw(np.random.default_rng(0)).shape == (22,)
