"""Two hidden layers, grown and narrowed."""

from itertools import pairwise

import numpy as np
import pytest

from homotopy.errors import ArgumentError
from homotopy.methods import method
from homotopy.methods.deep import _Widths
from homotopy.models import MLP
from homotopy.objectives import EmpiricalRisk
from homotopy.problems import problem


@pytest.fixture
def net():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((60, 2))
    return _Widths(EmpiricalRisk(MLP((2, 4, 3, 1)), "squared", X, rng.standard_normal((60, 1))))


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
    assert net.cost(wide) == pytest.approx((12 + 30 + 5) / (8 + 12 + 3))
    assert net.cost(net.objective) == 1.0


@pytest.mark.slow
def test_spirals_with_two_narrow_layers_are_separated():
    target = problem("spirals:hidden=10,layers=2")
    runs = method("greedy-deep").solve_many(target, range(300, 320))
    assert runs.success.mean() >= 0.75
    assert not method("lbfgs").solve_many(target, range(300, 306), budget=3000).success.any()


def test_what_is_not_allowed_is_named():
    with pytest.raises(ArgumentError, match="1 hidden layers; two are needed"):
        method("greedy-deep").solve(problem("xor"))
    with pytest.raises(ArgumentError, match="evaluations must be at least 1"):
        method("greedy-deep:evaluations=0")
    with pytest.raises(ArgumentError, match="second must not be negative"):
        method("greedy-deep:second=-1")
