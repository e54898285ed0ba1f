"""Modules of torch: what they are as objectives, and how weights go back."""

import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from bridges.modules import by_torch, perceptron, same, table
from bridges.nets import data, fourth, seeded, silu
from torch import nn

import homotopy as hp
from homotopy.errors import ArgumentError


def test_another_loss_keeps_its_value():
    X, y = table()
    net = perceptron(nn.Tanh, (3, 4, 1))
    for loss in (nn.HuberLoss(), nn.MSELoss(), lambda Z, t: (Z - t).abs().sum(), nn.L1Loss()):
        objective = hp.objective_from_torch(net, loss, X, y, recognize=False)
        x = np.random.default_rng(1).standard_normal(objective.size)
        same(objective.value_and_grad(x), by_torch(net, loss, X, y, x))


def test_shared_and_frozen_parameters_and_buffers_go_there_and_back():
    class Shared(nn.Module):
        def __init__(self):
            super().__init__()
            self.one = nn.Linear(3, 3)
            self.two = nn.Linear(3, 3, bias=False)
            self.two.weight = self.one.weight
            self.end = nn.Linear(3, 1)
            self.end.bias.requires_grad_(False)
            self.register_buffer("shift", torch.tensor([1.0, 2.0, 3.0]))

        def forward(self, X):
            return self.end(torch.tanh(self.two(torch.tanh(self.one(X + self.shift)))))

    X, y = table()
    net = seeded(Shared)
    objective = hp.objective_from_torch(net, nn.MSELoss(), X, y)
    assert objective.size == 9 + 3 + 3
    result = hp.solve(objective, "lbfgs", rng=0, budget=50)
    state = hp.to_torch(result, net)
    assert torch.equal(state["one.weight"], state["two.weight"])
    assert torch.equal(state["end.bias"], net.end.bias)
    assert state["one.weight"].dtype == torch.float32
    net.load_state_dict(state)
    found = nn.functional.mse_loss(net(torch.tensor(X).float()), torch.tensor(y).float())
    assert found.item() == pytest.approx(result.value, rel=1e-4)


def test_six_lines():
    X, _ = table(d=8, n=60)
    y = np.abs(X[:, 0]) - X[:, 1]
    net = seeded(lambda: nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 1)))
    objective = hp.objective_from_torch(net, nn.MSELoss(), X, y)
    result = hp.solve(objective, "skip", rng=0, budget=2000)
    net.load_state_dict(hp.to_torch(result, net))
    assert "MSELoss is 2 times the value" in str(result)
    loss = nn.MSELoss()(net(torch.tensor(X).float()), torch.tensor(y).float()[:, None])
    assert loss.item() == pytest.approx(objective.users_value(result.x), rel=1e-3, abs=1e-9)
    assert result.value < 0.01 * np.var(y)


def test_starts_are_the_layers_own_and_leave_the_generator_alone():
    X, y = data()
    objective = hp.objective_from_torch(silu(), nn.MSELoss(), X, y)
    torch.manual_seed(3)
    before = torch.get_rng_state()
    one, again, other = (objective.draw(np.random.default_rng(seed)) for seed in (0, 0, 1))
    assert torch.equal(before, torch.get_rng_state())
    np.testing.assert_array_equal(one, again)
    assert np.abs(one - other).min() > 0
    assert np.abs(one[:4]).max() <= 1  # uniform within one over the root of the inputs


def test_parameters_without_a_way_of_their_own_are_drawn():
    class Free(nn.Module):
        def __init__(self, scale):
            super().__init__()
            self.w = nn.Parameter(torch.full((400,), scale))

        def forward(self, X):
            return X * self.w.mean() + self.w.std()

    X, y = data()
    for scale, size in ((5.0, 5.0), (0.0, 1.0)):
        objective = hp.objective_from_torch(Free(scale), fourth, X, y)
        assert np.std(objective.draw(np.random.default_rng(0))) == pytest.approx(size, rel=0.2)


def test_embeddings_keep_their_integers():
    net = seeded(lambda: nn.Sequential(nn.Embedding(4, 3), nn.Flatten(), nn.Linear(6, 1)))
    X = np.random.default_rng(0).integers(4, size=(20, 2))
    objective = hp.objective_from_torch(net, nn.MSELoss(), X, X.sum(1))
    assert hp.solve(objective, "lbfgs", rng=0).value < 1e-8


def test_an_objective_survives_a_pickle():
    X, y = data()
    for recognize in (False, True):
        objective = hp.objective_from_torch(perceptron(nn.Tanh, (1, 2, 1)), nn.MSELoss(), X, y, recognize=recognize)
        again = pickle.loads(pickle.dumps(objective))
        assert again.value(objective.start) == objective.value(objective.start)
        assert (type(again), repr(again)) == (type(objective), repr(objective))


def test_threads_of_torch_are_given_back():
    X, y = data()
    seen = []

    def spying(Z, y):
        seen.append(torch.get_num_threads())
        return fourth(Z, y)

    before = torch.get_num_threads()
    torch.set_num_threads(3)
    try:
        objective = hp.objective_from_torch(silu(), spying, X, y)
        seen.clear()
        objective.value_and_grad(objective.start)
        objective.hessp(objective.start, objective.start)
        assert set(seen) == {1}
        assert torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(before)


def test_an_operation_without_second_derivatives_is_differenced():
    class Cube(torch.autograd.Function):
        @staticmethod
        def forward(ctx, z):
            ctx.save_for_backward(z)
            return z**3

        @staticmethod
        @torch.autograd.function.once_differentiable
        def backward(ctx, g):
            return 3 * ctx.saved_tensors[0] ** 2 * g

    class Mixed(nn.Module):
        def __init__(self, cube):
            super().__init__()
            self.one, self.cube = nn.Linear(1, 1), cube

        def forward(self, X):
            return self.cube(self.one(X)) + torch.sin(self.one(X))

    X, y = data()
    for kind in (Mixed, ByHandOne):
        smooth = hp.objective_from_torch(kind(lambda z: z**3), fourth, X, y)
        rough = hp.objective_from_torch(kind(Cube.apply), fourth, X, y)
        x, v = np.random.default_rng(0).standard_normal((2, smooth.size))
        np.testing.assert_allclose(rough.hessp(x, v), smooth.hessp(x, v), rtol=1e-5)
        np.testing.assert_allclose(rough.value_and_grad_many(np.array([x, v]))[0], [smooth.value(x), smooth.value(v)])
        products = rough.hessp_many(np.array([x, v]), np.array([v, x]))
        np.testing.assert_allclose(products, smooth.hessp_many(np.array([x, v]), np.array([v, x])), rtol=1e-5)


class ByHandOne(nn.Module):
    def __init__(self, bend):
        super().__init__()
        self.one, self.bend = nn.Linear(1, 1), bend

    def forward(self, X):
        return self.bend(self.one(X))


def test_threads_do_not_meet_in_the_module():
    X, y = data()
    objective = hp.objective_from_torch(silu(), nn.MSELoss(), X, y)
    points = np.random.default_rng(0).standard_normal((200, objective.size))
    alone = [objective.value_and_grad(x) for x in points]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(objective.value_and_grad, points))
    for (f, g), (value, grad) in zip(alone, together, strict=True):
        assert f == value
        np.testing.assert_array_equal(g, grad)


def test_points_of_another_size_are_refused():
    X, y = data()
    objective = hp.objective_from_torch(silu(), nn.MSELoss(), X, y)
    for call in (objective.value, objective.grad, lambda x: objective.hessp(x, x)):
        with pytest.raises(ArgumentError, match=r"x has shape \(3,\); the objective needs \(7,\)"):
            call(np.zeros(3))
