"""What surrounds an objective of torch or JAX: shapes of targets, modes, generators, and what is changed afterwards."""

import copy
import pickle

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch
from bridges.modules import by_torch, perceptron, same, table
from bridges.nets import data, silu
from flax import linen
from torch import nn

import homotopy as hp
from homotopy.errors import ArgumentError

ENTRYWISE = [nn.L1Loss(), nn.SmoothL1Loss(), nn.HuberLoss(), nn.SoftMarginLoss(), nn.functional.l1_loss, nn.MSELoss()]


@pytest.mark.parametrize("loss", ENTRYWISE)
def test_a_vector_of_targets_is_a_column(loss):
    X, y = table()
    net = perceptron(nn.SiLU, (3, 4, 1))
    objective = hp.objective_from_torch(net, loss, X, y.ravel())
    x = np.random.default_rng(1).standard_normal(objective.size)
    same(objective.value_and_grad(x), by_torch(net, loss, X, y, x))


@pytest.mark.parametrize("loss", [nn.CrossEntropyLoss(), nn.NLLLoss(), "softmax"])
def test_a_column_of_class_indices_is_a_vector(loss):
    X, y = table(3)
    net = perceptron(nn.Tanh, (3, 4, 3))
    column, vector = (hp.objective_from_torch(net, loss, X, given) for given in (y[:, None], y))
    assert column.value(column.start) == vector.value(vector.start)


def test_a_table_of_all_pairs_is_refused():
    X, y = table()
    net = perceptron(nn.SiLU, (3, 4, 1))
    with pytest.raises(ArgumentError, match=r"every output with every target.*\(20, 1\) and y \(20,\)"):
        hp.objective_from_torch(net, lambda Z, t: ((Z - t) ** 2).mean(), X, y.ravel())
    with pytest.raises(ArgumentError, match="every output with every target"):
        hp.objective_from_jax(
            lambda w, X: X @ w, np.ones((3, 1)), loss=lambda Z, t: jnp.mean(abs(Z - t)), X=X, y=y.ravel()
        )
    hp.objective_from_torch(net, lambda Z, t: ((Z[:, 0] - t) ** 2).mean(), X, y.ravel())
    hp.objective_from_torch(net, lambda Z, t: ((Z - t) ** 2).mean(), X, y)


def test_derivatives_do_not_depend_on_the_callers_mode():
    X, y = data()
    net = silu()
    objective = hp.objective_from_torch(net, nn.HuberLoss(), X, y)
    x = objective.start + 0.3
    for mode in (torch.no_grad, torch.inference_mode):
        with mode():
            made = hp.objective_from_torch(net, nn.HuberLoss(), torch.tensor(X), torch.tensor(y))
            inside = [one.value_and_grad(x) for one in (objective, made)]
            product = made.hessp(x, x)
        for found in (*inside, made.value_and_grad(x)):
            same(found, objective.value_and_grad(x))
        np.testing.assert_allclose(product, objective.hessp(x, x), rtol=1e-10)


def test_a_refused_random_module_leaves_the_generator():
    class Drops(nn.Module):
        def __init__(self):
            super().__init__()
            self.one = nn.Linear(1, 1)

        def forward(self, X):
            return nn.functional.dropout(self.one(X), 0.5)

    net = Drops()
    before = torch.get_rng_state()
    with pytest.raises(ArgumentError, match="random"):
        hp.objective_from_torch(net, nn.MSELoss(), *data())
    assert torch.equal(torch.get_rng_state(), before)


def test_an_objective_is_what_it_was_when_the_module_changes():
    X, y = data()
    net = perceptron(nn.Tanh, (1, 3, 1))
    net[0].weight.requires_grad_(False)
    objective = hp.objective_from_torch(net, nn.MSELoss(), X, y)
    x = objective.start + 0.1
    value = objective.value(x)
    with torch.no_grad():
        net[0].weight.mul_(3.0)
    net.add_module("late", nn.Dropout(0.5))
    X *= 2.0
    for again in (objective, pickle.loads(pickle.dumps(objective)), copy.deepcopy(objective)):
        assert again.value(x) == value


@pytest.mark.filterwarnings("ignore:.torch.jit:DeprecationWarning")
def test_a_module_of_torch_jit_is_refused():
    traced = torch.jit.trace(silu(), torch.ones(2, 1))
    with pytest.raises(ArgumentError, match=r"torch\.jit"):
        hp.objective_from_torch(traced, nn.MSELoss(), *data())


def test_what_is_no_log_probability_has_no_bound():
    X, y = table(3)
    raw = hp.objective_from_torch(perceptron(nn.Tanh, (3, 4, 3)), nn.NLLLoss(), X, y)
    assert not hasattr(raw, "at_least")
    assert hp.solve(raw, "lbfgs", rng=0, budget=60).value < 0


@pytest.mark.parametrize(
    ("loss", "y", "why"),
    [
        (nn.CrossEntropyLoss(weight=torch.ones(3)), np.arange(20) % 3, "CrossEntropyLoss with class weights"),
        (nn.CrossEntropyLoss(ignore_index=2), np.arange(20) % 3, "CrossEntropyLoss with samples that are ignored"),
        (nn.BCEWithLogitsLoss(pos_weight=torch.ones(3)), np.eye(3)[np.arange(20) % 3], "with weights"),
    ],
)
def test_a_loss_that_is_not_known_says_why(loss, y, why):
    objective = hp.objective_from_torch(perceptron(nn.Tanh, (3, 4, 3)), loss, table()[0], y)
    assert why in objective.unrecognized


def test_jax_computes_in_double_what_it_is_given():
    objective = hp.objective_from_jax(lambda x: jnp.sum(x**4), n=3)
    x = np.array([1, 2, 3])
    for given in (x, x.astype(np.float32), 0.1 * x.astype(np.float32)):
        value, grad = objective.value_and_grad(given)
        assert value == pytest.approx(np.sum(given.astype(float) ** 4), rel=1e-14)
        np.testing.assert_allclose(grad, 4 * given.astype(float) ** 3, rtol=1e-14)
        np.testing.assert_allclose(objective.hessp(given, x), 12 * given.astype(float) ** 2 * x, rtol=1e-14)
        assert objective.value_and_grad_many(given[None])[0][0] == value


def test_weights_beyond_the_range_of_a_dtype_are_refused():
    net = silu().half()
    x = np.full(sum(one.numel() for one in net.parameters()), 6e4)
    assert all(one.isfinite().all() for one in hp.to_torch(x, net).values())
    with pytest.raises(ArgumentError, match=r"too large for torch\.float16, the dtype of 0\.weight"):
        hp.to_torch(2 * x, net)


@pytest.mark.parametrize("width", [5, 3])
def test_layers_that_flax_numbers_from_the_outside_are_recognized(width):
    class Nested(linen.Module):
        @linen.compact
        def __call__(self, X):
            return linen.Dense(3)(jnp.tanh(linen.Dense(width)(X)))

    X, y = table(k=3)
    variables = Nested().init(jax.random.key(0), X)
    known, plain = (
        hp.objective_from_jax(Nested(), variables, loss="squared", X=X, y=y, recognize=recognize)
        for recognize in (True, False)
    )
    assert known.model.sizes == (3, width, 3)
    assert known.value(known.start) == pytest.approx(plain.value(plain.start), rel=1e-10)
    again = Nested().apply(known.tree(known.start), X)
    np.testing.assert_array_equal(again, Nested().apply(variables, X))
