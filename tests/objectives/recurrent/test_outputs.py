"""The outputs at the steps that count, and everything that asks for outputs alone."""

import numpy as np
import pytest
from objectives.recurrent.members import member

import homotopy as hp
from homotopy import homotopies
from homotopy.objectives.facets import FACETS, lacking, offered
from homotopy.objectives.outputs import curvature, gauss_newton
from homotopy.problems.constant import constant_loss


@pytest.mark.parametrize("seed", range(400, 412))
def test_outputs_and_their_loss_make_the_risk(seed):
    one = member(seed)
    risk, x, v = one.risk, one.x, one.v
    of = risk.outputs
    Z, J = of.forward(x), of.jvp(x, v)
    assert Z.shape == of.targets.shape == (np.count_nonzero(one.counts), risk.model.n_out)
    np.testing.assert_allclose(of.targets, one.Y[one.counts > 0])
    assert of.loss.value(Z, of.targets) + risk.l2 / 2 * x @ x == pytest.approx(risk.value(x), rel=1e-12)
    G = of.loss.grad(Z, of.targets)
    np.testing.assert_allclose(of.vjp(x, G) + risk.l2 * x, risk.grad(x), rtol=1e-9, atol=1e-12)
    bent = of.vjp(x, of.loss.hessp(Z, of.targets, J)) + risk.l2 * v
    np.testing.assert_allclose(bent, risk.ggnp(x, v), rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(bent + of.curvature(x, G, v), risk.hessp(x, v), rtol=1e-7, atol=1e-9)


def test_curvature_is_the_difference_of_pullbacks():
    one = member(420, cell="gru", state="learned")
    of = one.risk.outputs
    G = np.random.default_rng(0).standard_normal(of.targets.shape)

    class Plain:
        vjp = staticmethod(of.vjp)

    np.testing.assert_allclose(of.curvature(one.x, G, one.v), curvature(Plain(), one.x, G, one.v), rtol=1e-5, atol=1e-7)


def test_the_gauss_newton_matrix():
    one = member(421, loss="softmax")
    A = gauss_newton(one.risk, one.x)
    np.testing.assert_allclose(A @ one.v, one.risk.ggnp(one.x, one.v), rtol=1e-8, atol=1e-10)


def series(loss="squared"):
    rng = np.random.default_rng(3)
    y = rng.random((6, 3, 1)) if loss == "logistic" else rng.standard_normal((6, 3, 1))
    more = {"steps": [1, 0, 2], "lengths": [3, 3, 1, 3, 2, 3], "weights": rng.exponential(size=6)}
    return hp.EmpiricalRisk(hp.RNN(2, 2, 1), loss, rng.standard_normal((6, 3, 2)), y, l2=0.05, **more)


def test_facets_of_sequences():
    offers = {"outputs", "resampled", "units", "draw", "shorter", "chain"}
    assert {facet for facet in FACETS if offered(series(), facet)} == offers
    given = hp.EmpiricalRisk(
        hp.RNN(2, 3, 1, state="given"), "squared", np.ones((2, 3, 2)), [1, 2], state=np.ones((2, 3))
    )
    assert {facet for facet in FACETS if offered(given, facet)} == {"outputs", "resampled", "draw", "chain"}
    assert "has gates" in lacking(series().changed(model=hp.RNN(2, 3, 1, cell="gru")), ("chain",))
    assert "initial states are given" in lacking(given, ("units",))


ON_OUTPUTS = ["data", "linear-model", "linearized", "one-neuron", "targets", "targets:easy=mean", "weight-decay"]


@pytest.mark.parametrize("kind", ["squared", "logistic"])
@pytest.mark.parametrize("name", ON_OUTPUTS)
def test_sequences_run_through_everything_that_needs_outputs(name, kind):
    objective = series(kind)
    x0 = np.random.default_rng(0).standard_normal(objective.size)
    data = name == "data"
    made = homotopies.Data.easiest(objective) if data else homotopies.homotopy(name, objective, x0)
    start = made.start(1)
    assert np.linalg.norm(made.grad(start, 0.0)) < 1e-6
    end = hp.descend(made.at(1.0), start, rule="lbfgs", n_steps=100)
    assert np.isfinite(end.value)
    assert end.value <= made.value(start, 1.0)
    assert made.finish(start).shape == (objective.size,)
    if name.startswith(("targets", "weight-decay")):
        return  # the path begins where all weights but one vanish: how far a few steps lead is a matter of rounding
    path = hp.track(made, start, max_steps=3)
    assert path.t > 0.0
    assert np.linalg.norm(made.grad(np.asarray(path.x), path.t)) < 1e-5


@pytest.mark.parametrize("weights", [np.ones(4), [2.0, 0, 0, 0], [0.0, 1, 1, 0], [1.0, 2, 3, 4]])
def test_the_loss_of_the_best_constant_counts_what_the_risk_counts(weights):
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((4, 3, 2)), rng.standard_normal((4, 3, 1))
    for steps in (np.ones(3), [0.0, 0.0, 1.0], rng.random((4, 3))):
        risk = hp.EmpiricalRisk(hp.RNN(2, 3, 1), "squared", X, y, weights=weights, steps=steps)
        share = np.asarray(weights)[:, None] * np.broadcast_to(steps, (4, 3))
        mean = np.average(y[:, :, 0], weights=share)
        assert constant_loss(risk) == pytest.approx(
            0.5 * np.average((y[:, :, 0] - mean) ** 2, weights=share), abs=1e-15
        )
