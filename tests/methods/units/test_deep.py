"""Two hidden layers, grown and narrowed."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.optimize import minimize

from homotopy.errors import ArgumentError
from homotopy.methods import method
from homotopy.methods.units.deepwidth import _widened
from homotopy.models import MLP
from homotopy.models.activations import activation
from homotopy.objectives import EmpiricalRisk
from homotopy.objectives.flops import relative_cost
from homotopy.objectives.units.widths import Widths
from homotopy.problems import problem


@pytest.fixture
def net():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((60, 2))
    return Widths(EmpiricalRisk(MLP((2, 4, 3, 1)), "squared", X, rng.standard_normal((60, 1))))


def layers_of(net, sizes, seed=1):
    rng = np.random.default_rng(seed)
    return [(rng.standard_normal((m, n)), rng.standard_normal(m)) for n, m in pairwise(sizes)]


@pytest.mark.parametrize("layer", [0, 1])
def test_a_doubled_unit_goes_without_a_trace(net, layer):
    layers = layers_of(net, (2, 4, 3, 1))
    before = net.outputs(layers, 2) @ layers[2][0].T
    W, b = layers[layer]
    layers[layer] = (np.vstack([W, W[1:2]]), np.append(b, b[1]))
    A, c = layers[layer + 1]
    layers[layer + 1] = (np.column_stack([A, np.zeros(len(A))]), c)
    after = net.take_away(layers, layer)
    assert [len(W) for W, _ in after] == [4, 3, 1]
    np.testing.assert_allclose(net.outputs(after, 2) @ after[2][0].T + after[2][1] - layers[2][1], before, atol=1e-4)


def test_growing_lowers_the_loss(net):
    rng = np.random.default_rng(2)
    layers = net.begin(5, rng)
    values = []
    for _ in range(3):
        layers = net.grow(layers, 64, rng)
        risk = net.risk(layers)
        values.append(risk.value(risk.model.pack(layers)))
    assert values[0] > values[1] > values[2]


def test_costs_follow_the_weights(net):
    wide = net.risk(layers_of(net, (2, 6, 5, 1)))
    unit = 2 + activation(net.objective.model.activation).flops
    flops = [4 * 2 * a + 6 * (a * b + b * 1) + unit * (a + b) for a, b in ((6, 5), (4, 3))]
    assert relative_cost(wide, net.objective) == pytest.approx(flops[0] / flops[1])
    assert relative_cost(net.objective, net.objective) == 1.0


@pytest.mark.slow
def test_spirals_with_two_narrow_layers_are_separated():
    target = problem("spirals:hidden=10,layers=2")
    runs = method("greedy-deep").solve_many(target, range(300, 320))
    assert runs.success.mean() >= 0.75
    assert not method("lbfgs").solve_many(target, range(300, 306), budget=3000).success.any()


def test_what_is_not_allowed_is_named():
    with pytest.raises(ArgumentError, match="1 hidden layers; two are needed"):
        method("greedy-deep").solve(problem("xor"))
    with pytest.raises(ArgumentError, match="evaluations must be an integer, at least 1"):
        method("greedy-deep:evaluations=0")
    with pytest.raises(ArgumentError, match="second must be 0 or a positive number"):
        method("greedy-deep:second=-1")


def test_the_unit_taken_is_the_one_whose_loss_hurts_least(net):
    layers = layers_of(net, (2, 5, 4, 1))
    for layer in (0, 1):
        every = list(net.removals(layers, layer))
        values = [net.risk(one).value(net.risk(one).model.pack(one)) for one in every]
        best = net.take_best(layers, layer, len(every))
        assert net.risk(best).value(net.risk(best).model.pack(best)) == min(values)
        assert len(every) == len(layers[layer][0])


@pytest.mark.parametrize(("loss", "k"), [("squared", 2), ("logistic", 2), ("softmax", 3)])
def test_the_constant_loss_is_that_of_the_best_constant(loss, k):
    rng = np.random.default_rng(3)
    X = rng.standard_normal((40, 2))
    y = rng.standard_normal((40, k)) if loss == "squared" else np.eye(k)[rng.integers(k, size=40)]
    risk = EmpiricalRisk(MLP((2, 3, 3, k)), loss, X, y)
    constant = EmpiricalRisk(MLP((1, k)), loss, np.zeros((40, 1)), y)
    best = minimize(constant.value_and_grad, np.zeros(2 * k), jac=True, options={"gtol": 1e-10}).fun
    assert Widths(risk).constant_loss == pytest.approx(best, rel=1e-8)


def test_widening_leaves_the_function_as_it_is(net):
    layers = layers_of(net, (2, 4, 3, 1))
    wide = _widened(net, layers, [7, 5], np.random.default_rng(0))
    assert [W.shape for W, _ in wide] == [(7, 2), (5, 7), (1, 5)]
    np.testing.assert_allclose(net.outputs(wide, 2) @ wide[2][0].T, net.outputs(layers, 2) @ layers[2][0].T, atol=1e-12)


def test_two_relu_layers_are_recovered_through_wide_ones():
    target = problem("ts:act=relu,d=4,h=4,N=300,layers=2,teacher_seed=1,threshold=5e-4")
    wide = method("width-deep").solve_many(target, range(8), budget=8000)
    plain = method("lbfgs").solve_many(target, range(8), budget=8000)
    assert sum(target.solved(target.objective.value(x)) for x in wide.x) == wide.success.sum()
    assert wide.success.sum() >= plain.success.sum() + 5


def test_wrong_settings_of_the_wide_method_are_named():
    for text, words in [
        ("extra=0", "extra must be a positive number, at most 100"),
        ("decay=-1", "decay"),
        ("cycles=0", "cycles"),
    ]:
        with pytest.raises(ArgumentError, match=words):
            method(f"width-deep:{text}")
    with pytest.raises(ArgumentError, match="two are needed"):
        method("width-deep").solve(problem("xor"))
