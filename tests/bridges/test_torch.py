"""Modules of torch: what they are as objectives, which are recognized, which are refused, how weights go back."""

import pickle

import numpy as np
import pytest
import torch
from bridges.nets import data, fourth, seeded, silu
from torch import nn

import homotopy as hp
from homotopy.errors import ArgumentError, DataError, EvaluationError


def table(n_classes=0, d=3, k=1, n=20, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, d))
    return X, rng.integers(n_classes, size=n) if n_classes else rng.standard_normal((n, k))


def by_torch(net, loss, X, y, x, l2=0.0):
    """Return value and gradient as torch itself has them, in double."""
    twin = pickle.loads(pickle.dumps(net)).double()
    twin.load_state_dict(hp.to_torch(x, twin))
    theta = [one for one in twin.parameters() if one.requires_grad]
    value = loss(twin(torch.tensor(X)), torch.tensor(y)) + 0.5 * l2 * sum(one.square().sum() for one in theta)
    grads = torch.autograd.grad(value, theta)
    return float(value.detach()), torch.cat([one.reshape(-1) for one in grads]).numpy()


ACTIVATIONS = {
    "relu": nn.ReLU,
    "tanh": nn.Tanh,
    "logistic": nn.Sigmoid,
    "gelu": nn.GELU,
    "softplus": nn.Softplus,
    "leaky-relu": nn.LeakyReLU,
    "leaky-relu:slope=0.3": lambda: nn.LeakyReLU(0.3),
}
LOSSES = {  # the loss, what is put after the last layer, this package's loss, classes or outputs, how many times its value
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


def perceptron(make, sizes, *, bias=True, last=None, seed=0):
    layers = []
    for n_in, n_out in zip(sizes, sizes[1:], strict=False):
        layers += [nn.Linear(n_in, n_out, bias=bias), make()]
    layers[-1:] = [] if last is None else [last()]
    net = nn.Sequential(*layers)
    rng = np.random.default_rng(seed)
    with torch.no_grad():
        for one in net.parameters():
            one.copy_(torch.tensor(rng.standard_normal(tuple(one.shape)) * 0.7))
    return net


def same(ours, theirs, factor=1.0):
    np.testing.assert_allclose(factor * ours[0], theirs[0], rtol=1e-10)
    np.testing.assert_allclose(factor * ours[1], theirs[1], rtol=1e-10, atol=1e-10 * np.abs(theirs[1]).max())


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


class Noisy(nn.Linear):
    def forward(self, X):
        return super().forward(X) + torch.rand(1)


def tiny(*layers):
    return nn.Sequential(nn.Linear(1, 2), *layers, nn.Linear(2, 1))


REFUSED = {
    "no module": (lambda: 3, nn.MSELoss(), {}, "module must be a torch.nn.Module, not 3"),
    "a class": (lambda: nn.Linear, nn.MSELoss(), {}, "module must be a torch.nn.Module"),
    "dropout": (lambda: tiny(nn.Dropout(0.5)), nn.MSELoss(), {}, r"Dropout in training mode \(1\).*eval\(\)"),
    "batch": (lambda: tiny(nn.BatchNorm1d(2)), nn.MSELoss(), {}, r"BatchNorm1d in training mode \(1\).*eval\(\)"),
    "noise": (lambda: Noisy(1, 1), nn.MSELoss(), {}, "differs from call to call"),
    "lazy": (lambda: nn.LazyLinear(1), nn.MSELoss(), {}, "not initialized yet"),
    "frozen": (lambda: nn.Linear(1, 1).requires_grad_(False), nn.MSELoss(), {}, "nothing to train"),
    "meta": (lambda: nn.Linear(1, 1, device="meta"), nn.MSELoss(), {}, "device meta"),
    "loss name": (silu, "mse", {}, "loss must be 'logistic', 'softmax' or 'squared', not 'mse'"),
    "loss class": (silu, nn.MSELoss, {}, r"give an object of it, MSELoss\(\)"),
    "no loss": (silu, [1], {}, "loss must be a torch loss, a function"),
    "reduction": (silu, nn.MSELoss(reduction="none"), {}, "reduction='none'"),
    "many numbers": (silu, lambda Z, y: Z, {}, r"loss returns shape \(12, 1\)"),
    "no tensor": (silu, lambda Z, y: 1.0, {}, "loss returns a float"),
    "detached": (silu, lambda Z, y: Z.detach().mean(), {}, "does not depend on"),
    "targets": (silu, nn.MSELoss(), {"y": np.zeros((12, 3))}, r"y has shape \(12, 3\); MSELoss needs .*\(12, 1\)"),
    "rows": (silu, nn.MSELoss(), {"y": np.zeros(5)}, "X has 12 rows and y has 5"),
    "text": (silu, nn.MSELoss(), {"X": [["a"]] * 12}, "X must be an array or a tensor of real numbers"),
    "l2": (silu, nn.MSELoss(), {"l2": -1.0}, "l2 must be a finite number, 0 or more, not -1.0"),
}


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_refusals_are_one_sentence(name):
    make, loss, other, message = REFUSED[name]
    X, y = data()
    given = {"X": X, "y": y} | other
    with pytest.raises(ArgumentError, match=message) as caught:
        hp.objective_from_torch(make(), loss, given.pop("X"), given.pop("y"), **given)
    assert "\n" not in str(caught.value)


def test_numbers_that_are_not_finite_are_refused():
    X, y = data()
    with pytest.raises(DataError, match="X has values that are not finite"):
        hp.objective_from_torch(silu(), nn.MSELoss(), np.where(X > 0, np.nan, X), y)
    with pytest.raises(DataError, match="y has no rows"):
        hp.objective_from_torch(silu(), nn.MSELoss(), X, [])


def test_an_error_of_the_module_says_whose_it_is():
    X, y = table()
    with pytest.raises(RuntimeError) as caught:
        hp.objective_from_torch(silu(), nn.MSELoss(), X, y)
    assert "raised by module Sequential on X of shape (20, 3)" in caught.value.__notes__[0]
    assert not isinstance(caught.value, EvaluationError)


def test_eval_mode_is_no_refusal():
    X, y = data()
    net = tiny(nn.BatchNorm1d(2), nn.Dropout(0.5)).eval()
    assert hp.solve(hp.objective_from_torch(net, nn.MSELoss(), X, y), "lbfgs", rng=0, budget=20).value < 10


def test_what_goes_back_is_looked_at():
    for wrong, message in ((np.zeros(3), "the module Sequential needs"), (np.full(7, np.nan), "not finite")):
        with pytest.raises(ArgumentError, match=message):
            hp.to_torch(wrong, silu())
    with pytest.raises(ArgumentError, match=r"torch\.nn\.Module"):
        hp.to_torch(np.zeros(3), None)
