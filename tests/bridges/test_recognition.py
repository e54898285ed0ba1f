"""Which modules of torch are nets of this package, and that they are equal to 1e-10; and which are not."""

import numpy as np
import pytest
import torch
from bridges.modules import by_torch, perceptron, same, table
from bridges.nets import seeded
from torch import nn

import homotopy as hp

ACTIVATIONS = {
    "relu": nn.ReLU,
    "tanh": nn.Tanh,
    "logistic": nn.Sigmoid,
    "gelu": nn.GELU,
    "softplus": nn.Softplus,
    "leaky-relu": nn.LeakyReLU,
    "leaky-relu:slope=0.3": lambda: nn.LeakyReLU(0.3),
}
# The loss, what is put after the last layer, this package's loss, classes and outputs, how many times its value.
LOSSES = {
    "mse": (nn.MSELoss(), None, "squared", (0, 1), 2.0),
    "mse-3": (nn.MSELoss(), None, "squared", (0, 3), 2 / 3),
    "mse-sum": (nn.MSELoss(reduction="sum"), None, "squared", (0, 2), 40.0),
    "mse-function": (nn.functional.mse_loss, None, "squared", (0, 2), 1.0),
    "bce-logits": (nn.BCEWithLogitsLoss(), None, "logistic", (2, 1), 1.0),
    "bce": (nn.BCELoss(), nn.Sigmoid, "logistic", (2, 1), 1.0),
    "cross-entropy": (nn.CrossEntropyLoss(), None, "softmax", (3, 3), 1.0),
    "cross-entropy-smooth": (nn.CrossEntropyLoss(label_smoothing=0.2), None, "softmax", (3, 3), 1.0),
    "cross-entropy-sum": (nn.CrossEntropyLoss(reduction="sum"), None, "softmax", (3, 3), 20.0),
    "nll": (nn.NLLLoss(), lambda: nn.LogSoftmax(dim=1), "softmax", (3, 3), 1.0),
}


@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
@pytest.mark.parametrize("layers", [1, 2])
def test_activations_are_recognized_and_equal(name, layers):
    X, y = table(k=2, seed=layers)
    net = perceptron(ACTIVATIONS[name], (3, *(5, 4)[:layers], 2), bias=layers == 1, seed=layers)
    fast = hp.objective_from_torch(net, nn.MSELoss(), X, y, l2=0.03)
    slow = hp.objective_from_torch(net, nn.MSELoss(), X, y, l2=0.03, recognize=False)
    assert isinstance(fast, hp.EmpiricalRisk)
    assert fast.model == hp.MLP((3, *(5, 4)[:layers], 2), name, bias=layers == 1)
    x, v = np.random.default_rng(7).standard_normal((2, fast.size))
    same(fast.value_and_grad(x), slow.value_and_grad(x), fast.factor)
    same((0.0, fast.hessp(x, v)), (0.0, slow.hessp(x, v)), fast.factor)
    np.testing.assert_array_equal(fast.start, slow.start)
    same(slow.value_and_grad(x), by_torch(net, nn.MSELoss(), X, y, x, l2=0.03))


@pytest.mark.parametrize("name", sorted(LOSSES))
def test_losses_are_recognized_and_keep_their_scale(name):
    loss, last, ours, (classes, k), factor = LOSSES[name]
    X, y = table(classes, k=k)
    y = y[:, None].astype(float) if classes == 2 else y
    net = perceptron(nn.Tanh, (3, 4, k), last=last)
    risk = hp.objective_from_torch(net, loss, X, y, l2=0.1)
    assert isinstance(risk, hp.EmpiricalRisk)
    assert (risk.loss.name, risk.model.output) == (ours, "identity")
    assert risk.factor == pytest.approx(factor)
    x = np.random.default_rng(8).standard_normal(risk.size)
    theirs = by_torch(net, loss, X, y, x, l2=0.1)
    same(risk.value_and_grad(x), theirs, factor)
    assert risk.users_value(x) == pytest.approx(theirs[0], rel=1e-10)


@pytest.mark.parametrize("name", ["squared", "logistic", "softmax"])
def test_own_names_are_own_losses(name):
    X, y = table({"squared": 0, "logistic": 2, "softmax": 3}[name], k=3)
    k = 1 if name == "logistic" else 3
    net = perceptron(nn.Tanh, (3, 4, k))
    theirs = hp.objective_from_torch(net, name, X, y, recognize=False)
    ours = hp.objective_from_torch(net, name, X, y)
    assert ours.factor == 1
    x = np.random.default_rng(8).standard_normal(ours.size)
    same(hp.EmpiricalRisk(ours.model, name, X, y).value_and_grad(x), theirs.value_and_grad(x))
    same(ours.value_and_grad(x), theirs.value_and_grad(x))


class ByHand(nn.Module):
    def __init__(self, bend):
        super().__init__()
        self.first, self.second = nn.Linear(3, 4), nn.Linear(4, 1)
        self.bend = bend

    def forward(self, X):
        return self.bend(self.second(self.bend(self.first(X))))


def test_a_net_written_by_hand_is_recognized_by_what_it_does():
    X, y = table()
    risk = hp.objective_from_torch(ByHand(torch.sin), nn.MSELoss(), X, y)
    assert risk.model == hp.MLP((3, 4, 1), "sin", output="sin")
    images = X.reshape(20, 1, 3)
    net = nn.Sequential(nn.Flatten(), nn.Sequential(nn.Linear(3, 4), nn.Tanh()), nn.Identity(), nn.Linear(4, 1))
    assert hp.objective_from_torch(net, nn.MSELoss(), images, y[:, 0]).model == hp.MLP((3, 4, 1))
    linear = hp.objective_from_torch(nn.Linear(3, 1), nn.MSELoss(), X, y)
    assert linear.convex


def hooked(net):
    net[0].register_forward_hook(lambda layer, given, out: out * 1.001)
    return net


def frozen(net):
    net[0].weight.requires_grad_(False)
    return net


OTHERS = {
    "silu": lambda: perceptron(nn.SiLU, (3, 4, 1)),
    "another gelu": lambda: perceptron(lambda: nn.GELU(approximate="tanh"), (3, 4, 1)),
    "softplus of another scale": lambda: perceptron(lambda: nn.Softplus(beta=2), (3, 4, 1)),
    "two activations": lambda: nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 1)),
    "some biases": lambda: nn.Sequential(nn.Linear(3, 4, bias=False), nn.Tanh(), nn.Linear(4, 1)),
    "a hook": lambda: hooked(perceptron(nn.Tanh, (3, 4, 1))),
    "a clip": lambda: ByHand(lambda z: z.clamp(-3, 3)),
    "a frozen layer": lambda: frozen(perceptron(nn.Tanh, (3, 4, 1))),
    "a skip": lambda: ByHand(lambda z: z + torch.tanh(z)),
    "normalized": lambda: nn.Sequential(nn.Linear(3, 4), nn.LayerNorm(4), nn.Tanh(), nn.Linear(4, 1)),
}


@pytest.mark.parametrize("name", sorted(OTHERS))
def test_what_is_another_net_stays_with_torch(name):
    (X, y), net = table(), seeded(OTHERS[name])
    before = {key: value.clone() for key, value in net.state_dict().items()}
    objective = hp.objective_from_torch(net, nn.MSELoss(), X, y)
    assert not isinstance(objective, hp.EmpiricalRisk)
    x = np.random.default_rng(9).standard_normal(objective.size)
    if name not in ("a hook", "a clip", "a skip"):  # these do not pickle
        same(objective.value_and_grad(x), by_torch(net, nn.MSELoss(), X, y, x))
    assert hp.minimize(objective, objective.start, budget=10).fun <= objective.value(objective.start)
    for key, value in net.state_dict().items():
        assert torch.equal(value, before[key])
        assert value.dtype == torch.float32
