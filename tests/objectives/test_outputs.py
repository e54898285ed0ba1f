"""What is built on outputs alone: the foreign net's own derivatives, and those of the package's risk by its outputs."""

import numpy as np
import pytest
from foreign import waves

import homotopy as hp
from homotopy.homotopies import WeightDecay
from homotopy.objectives import NetObjective
from homotopy.objectives.base import check_derivatives
from homotopy.objectives.moving import MovingTargets
from homotopy.objectives.outputs import Subset, curvature, inputs_of

ALL = [("squared", 0.0), ("squared", 0.3), ("logistic", 0.0), ("logistic", 0.1)]


class ByOutputs(NetObjective):
    """A risk of the package, known by its outputs only."""

    def __init__(self, risk, *, exact):
        self._outputs, self.size, self.l2 = risk.outputs, risk.size, risk.l2
        self.loss, self.targets = risk.outputs.loss, risk.outputs.targets
        self.forward, self.jvp, self.vjp = risk.outputs.forward, risk.outputs.jvp, risk.outputs.vjp
        if exact:
            self.curvature = risk.outputs.curvature

    forward = jvp = vjp = None


def risk(kind="squared", l2=0.2):
    rng = np.random.default_rng(3)
    X = rng.standard_normal((9, 3))
    y = rng.integers(2, size=9) if kind == "softmax" else rng.random((9, 2))
    return hp.EmpiricalRisk(hp.MLP((3, 4, 2), "tanh"), kind, X, y, l2=l2)


@pytest.mark.parametrize(("kind", "l2"), ALL)
def test_the_foreign_net_has_right_derivatives(kind, l2):
    net = waves(kind, l2=l2)
    x = np.random.default_rng(1).standard_normal(net.size)
    found = check_derivatives(net, x, rng=2)
    assert found["gradient_error"] < 1e-7
    assert found["hessp_error"] < 1e-6
    assert found["symmetry"] < 1e-6
    assert found["grad"] == pytest.approx(2, abs=0.1)
    np.testing.assert_allclose(net.ggn(x), [net.ggnp(x, unit) for unit in np.eye(net.size)])


@pytest.mark.parametrize("kind", ["squared", "logistic", "softmax"])
@pytest.mark.parametrize("exact", [True, False])
def test_a_risk_is_the_same_by_its_outputs(kind, exact):
    true, other = risk(kind), ByOutputs(risk(kind), exact=exact)
    x, v = np.random.default_rng(4).standard_normal((2, true.size))
    (f, g), (f1, g1) = true.value_and_grad(x), other.value_and_grad(x)
    assert f1 == pytest.approx(f, rel=1e-13)
    np.testing.assert_allclose(g1, g, rtol=1e-11, atol=1e-14)
    np.testing.assert_allclose(other.ggnp(x, v), true.ggnp(x, v), rtol=1e-11, atol=1e-13)
    np.testing.assert_allclose(other.hessp(x, v), true.hessp(x, v), rtol=1e-11 if exact else 1e-7, atol=1e-8)


def test_the_curvature_of_nothing_is_zero():
    net = waves()
    x, G = np.ones(net.size), np.ones((12, 1))
    np.testing.assert_array_equal(curvature(net, x, G, np.zeros(net.size)), 0)
    np.testing.assert_array_equal(inputs_of(net), np.empty((12, 0)))
    np.testing.assert_array_equal(inputs_of(risk().outputs), risk().X)


def families():
    net = waves(l2=0.1)
    yield MovingTargets(net, np.full((12, 1), 0.3))
    yield MovingTargets(waves("logistic"), np.full((12, 1), 0.3))
    yield WeightDecay(net, 0.8)


@pytest.mark.parametrize("family", list(families()))
def test_moving_families_have_right_derivatives_in_x_and_t(family):
    rng = np.random.default_rng(5)
    x, v = rng.standard_normal((2, family.size))
    t, h = 0.4, 1e-5
    numbers = {"rtol": 1e-7, "atol": 1e-8}
    step = family.value_and_grad(x + h * v, t)[1] - family.value_and_grad(x - h * v, t)[1]
    np.testing.assert_allclose(family.hessp(x, t, v), step / (2 * h), rtol=1e-5, atol=1e-6)
    slope = (family.value_and_grad(x + h * v, t)[0] - family.value_and_grad(x - h * v, t)[0]) / (2 * h)
    assert family.value_and_grad(x, t)[1] @ v == pytest.approx(slope, rel=1e-7)
    (f1, g1), (f0, g0) = family.value_and_grad(x, t + h), family.value_and_grad(x, t - h)
    assert family.dt(x, t) == pytest.approx((f1 - f0) / (2 * h), rel=1e-7)
    np.testing.assert_allclose(family.dt_grad(x, t), (g1 - g0) / (2 * h), **numbers)
    true, grad = family.objective.value_and_grad(x)
    assert family.value_and_grad(x, 1.0)[0] == pytest.approx(true, rel=1e-13)
    np.testing.assert_allclose(family.value_and_grad(x, 1.0)[1], grad, rtol=1e-12, atol=1e-14)


def test_moving_targets_are_those_of_the_compiled_risk():
    true = risk("softmax")
    easy = np.full((9, 2), 0.5)
    compiled, plain = true.deformed(targets=easy), MovingTargets(ByOutputs(true, exact=True), easy)
    x, v = np.random.default_rng(6).standard_normal((2, true.size))
    for t in (0.0, 0.6, 1.0):
        assert plain.value_and_grad(x, t)[0] == pytest.approx(compiled.value_and_grad(x, t)[0], rel=1e-13)
        np.testing.assert_allclose(plain.hessp(x, t, v), compiled.hessp(x, t, v), rtol=1e-10, atol=1e-12)
        assert plain.dt(x, t) == pytest.approx(compiled.dt(x, t), rel=1e-11)
        np.testing.assert_allclose(plain.dt_grad(x, t), compiled.dt_grad(x, t), rtol=1e-11, atol=1e-14)


def test_a_subset_is_the_risk_on_those_samples():
    true, keep = risk(), np.array([1, 4, 7])
    part, same = Subset(true, keep), true.resampled(true.X[keep], true.y[keep])
    x, v = np.random.default_rng(7).standard_normal((2, true.size))
    assert part.value(x) == pytest.approx(same.value(x), rel=1e-13)
    np.testing.assert_allclose(part.grad(x), same.grad(x), rtol=1e-11, atol=1e-14)
    np.testing.assert_allclose(part.hessp(x, v), same.hessp(x, v), rtol=1e-10, atol=1e-12)
