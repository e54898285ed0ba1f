"""Lifted diffusion: terms against drawn noise, the limit of a stiff penalty, elimination, the two ends."""

import numpy as np
import pytest

from homotopy.errors import ArgumentError
from homotopy.homotopies import LayerwiseDiffusion, LiftedDiffusion
from homotopy.models import MLP
from homotopy.models.recurrent import RNN
from homotopy.models.smoothing import smoothing
from homotopy.objectives import EmpiricalRisk
from homotopy.objectives.functions import Rosenbrock
from homotopy.problems import problem


def net(sizes=(2, 3, 2), activation="tanh", seed=0, **more):
    rng = np.random.default_rng(seed)
    X, y = rng.standard_normal((6, sizes[0])), rng.standard_normal((6, sizes[-1]))
    return EmpiricalRisk(MLP(sizes, activation), "squared", X, y, **more)


def sequences(activation="tanh", every=True, seed=0, cell="elman", state="zero"):
    rng = np.random.default_rng(seed)
    X, y = rng.standard_normal((5, 4, 2)), rng.standard_normal((5, 4, 1) if every else (5, 1))
    return EmpiricalRisk(RNN(2, 3, 1, activation, cell=cell, state=state), "squared", X, y)


def test_the_penalty_counts_the_noise_of_weights_and_none_of_a_learned_state():
    own = sequences(state="learned")
    x = np.random.default_rng(2).standard_normal(own.size)
    plain, penalized = (LiftedDiffusion(one, 0.6) for one in (own, own.changed(l2=0.2)))
    whole = plain.enter(x)
    more = penalized.value(whole, 0.5) - plain.value(whole, 0.5)
    assert more == pytest.approx(0.1 * (x @ x + (own.size - 3) * 0.3**2))


def drawn(homotopy, x, t, m, rng):
    """The lifted loss at weights with noise, m of them: written out, at the states that the variables stand for."""
    chain, tau, n = homotopy.chain, 1 - t, homotopy.objective.size
    free, theta = chain.states(x[n:]), chain.unpack(x[:n])
    H = []
    for i, link in enumerate(chain.links):
        before = H[-1] if i else np.zeros((chain.n_samples, 1))
        a, norm2 = theta[link.bias], 1.0
        if link.input:
            a, norm2 = a + link.x @ theta[link.input].T, norm2 + np.sum(link.x**2, axis=1, keepdims=True)
        if link.state and i:
            a, norm2 = a + before @ theta[link.state].T, norm2 + np.sum(before**2, axis=1, keepdims=True)
        H.append(tau * free[i] + t * smoothing(chain.activation).mean(a, homotopy.sigma * tau * np.sqrt(norm2)))
    act, values = {"tanh": np.tanh, "relu": lambda u: np.maximum(u, 0)}[chain.activation], []
    for _ in range(m):
        P = chain.unpack(x[:n] + homotopy.sigma * tau * rng.standard_normal(n))
        total = 0.0
        for i, link in enumerate(chain.links):
            a = P[link.bias] + (link.x @ P[link.input].T if link.input else 0)
            a = a + (H[i - 1] @ P[link.state].T if link.state and i else 0)
            total += 0.5 * homotopy.penalty / tau * np.sum(link.counts * (H[i] - act(a)) ** 2) / len(chain.targets)
        Z = np.concatenate([h[link.rows] for h, link in zip(H, chain.links, strict=True)])
        values.append(total + chain.loss.value(Z @ P[chain.readout[0]].T + P[chain.readout[1]], chain.targets))
    return np.array(values)


MADE = [net, lambda: net((2, 3, 3, 1), "relu"), sequences, lambda: sequences("relu", every=False)]


@pytest.mark.parametrize("make", MADE)
def test_each_term_is_the_mean_over_noise_on_the_weights(make):
    rng = np.random.default_rng(1)
    homotopy = LiftedDiffusion(make(), 0.5, penalty=1.3)
    x = rng.standard_normal(homotopy.size)
    for t in (0.0, 0.4):
        values = drawn(homotopy, x, t, 1500, rng)
        assert abs(values.mean() - homotopy.value(x, t)) < 4 * values.std() / np.sqrt(len(values))


def test_states_do_not_matter_at_the_true_problem():
    for own in (net(), net((2, 3, 3, 1), "gelu"), sequences(state="learned")):
        homotopy = LiftedDiffusion(own, 0.5)
        x = np.random.default_rng(2).standard_normal(homotopy.size)
        value, grad = homotopy.value_and_grad(x, 1.0)
        assert value == pytest.approx(own.value(homotopy.finish(x)), rel=1e-13)
        np.testing.assert_allclose(grad[: own.size], own.grad(homotopy.finish(x)), rtol=1e-11, atol=1e-14)
        assert not grad[own.size :].any()


def test_without_defects_it_is_the_smoothed_net_with_its_variances():
    own = sequences()
    homotopy, plain = LiftedDiffusion(own, 1e-5, penalty=5.0), LayerwiseDiffusion(own, 1e-5)
    x = np.random.default_rng(3).standard_normal(own.size)
    assert homotopy.value(homotopy.enter(x), 0.0) == pytest.approx(plain.value(x, 0.0), rel=1e-8)
    assert homotopy.value(homotopy.enter(x), 0.0) == pytest.approx(own.value(x), rel=1e-8)


def test_one_layer_is_eliminated_in_closed_form():
    own = net((2, 3, 2))
    homotopy, rng = LiftedDiffusion(own, 0.4, penalty=2.0), np.random.default_rng(4)
    x = rng.standard_normal(homotopy.size)
    found = homotopy.eliminated(x, 0.0, tolerance=1e-12)
    np.testing.assert_array_equal(found[: own.size], x[: own.size])
    C, c = own.model.unpack(x[: own.size])[1]
    m = homotopy._moving.states(x[: own.size], 0.0)[0]
    # (C'C + (k sigma^2 + Lambda) I) h = C'(y - c) + Lambda m
    left = C.T @ C + (2 * 0.4**2 + 2.0) * np.eye(3)
    expected = np.linalg.solve(left, ((own.y - c) @ C + 2.0 * m).T).T
    np.testing.assert_allclose(found[own.size :].reshape(-1, 3), expected, rtol=1e-9, atol=1e-10)


def test_elimination_leaves_no_gradient_in_the_states_and_stiff_penalties_no_defects():
    own = sequences()
    rng = np.random.default_rng(5)
    theta = rng.standard_normal(own.size)
    defects = []
    for penalty in (1.0, 100.0):
        homotopy = LiftedDiffusion(own, 0.2, penalty=penalty)
        x = homotopy.enter(theta)
        found = homotopy.eliminated(x, 0.3)
        assert np.linalg.norm(homotopy.grad(found, 0.3)[own.size :]) < 1e-6 * np.linalg.norm(homotopy.grad(x, 0.3))
        assert homotopy.value(found, 0.3) < homotopy.value(x, 0.3)
        defects.append(np.linalg.norm(found - x))
    assert defects[1] < 0.1 * defects[0]
    np.testing.assert_array_equal(homotopy.eliminated(found, 1.0), found)


def test_others_are_refused_in_a_sentence():
    for objective, words in (
        (problem("jellyfish").objective, "the loss is logistic; the squared one is needed"),
        (sequences(cell="gru", activation="tanh"), "the cell is gru, which has gates; elman is needed"),
        (Rosenbrock(), "has no chain"),
    ):
        with pytest.raises(ArgumentError, match=words):
            LiftedDiffusion(objective)
    with pytest.raises(ArgumentError, match="penalty must be a positive number, not -1"):
        LiftedDiffusion(net(), penalty=-1)
