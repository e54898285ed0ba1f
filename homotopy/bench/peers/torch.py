"""The workloads in PyTorch: eager, and compiled for many small nets."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import torch

from homotopy.bench import nets
from homotopy.bench.contest import Contestant
from homotopy.bench.peers import torchrnn

__all__ = ["CONTESTANTS"]

torch.set_num_threads(1)

ACTIVATIONS = {"tanh": torch.tanh, "relu": torch.relu, "identity": lambda z: z, "logistic": torch.sigmoid}


def _parts(n: nets.Net, theta: Any, **options: Any) -> list[Any]:
    """Return the weights and biases of each layer in turn, as tensors."""
    return [torch.tensor(part, **options) for layer in nets.layers(n.sizes, theta) for part in layer]


def _outputs(n: nets.Net, weights: list[Any], X: Any) -> Any:
    for W, b in zip(weights[:-2:2], weights[1:-2:2], strict=True):
        X = ACTIVATIONS[n.activation](torch.nn.functional.linear(X, W, b))
    return ACTIVATIONS[n.output](torch.nn.functional.linear(X, *weights[-2:]))


def _loss(n: nets.Net, z: Any, y: Any) -> Any:
    if n.loss == "softmax":
        return torch.nn.functional.cross_entropy(z, y)
    return 0.5 * ((z - y) ** 2).sum(dim=1).mean()


def _gradient(name: str) -> list[Contestant]:
    n = nets.net(name)
    weights, X, y = _parts(n, n.theta, requires_grad=True), torch.tensor(n.X), torch.tensor(n.y)

    def run() -> Any:
        value = _loss(n, _outputs(n, weights, X), y)
        return value, torch.autograd.grad(value, weights)

    def answer() -> float:
        return float(torch.sqrt(sum((g**2).sum() for g in run()[1])))

    return [Contestant("torch eager", run, answer=answer)]


def _products() -> list[Contestant]:
    n = nets.net("deep")
    weights, X, y = _parts(n, n.theta, requires_grad=True), torch.tensor(n.X), torch.tensor(n.y)
    v = _parts(n, nets.direction("deep"))

    def run() -> Any:
        value = _loss(n, _outputs(n, weights, X), y)
        slopes = torch.autograd.grad(value, weights, create_graph=True)
        return torch.autograd.grad(slopes, weights, v)

    return [Contestant("torch hessp", run, answer=lambda: float(torch.sqrt(sum((g**2).sum() for g in run()))))]


def _many() -> list[Contestant]:
    n = nets.net("xor")
    x0, x1, y = (torch.tensor(np.ascontiguousarray(c)) for c in (n.X[:, :1], n.X[:, 1:], n.y))
    starts = [torch.tensor(np.ascontiguousarray(column)) for column in nets.many_starts().T]

    def step(a: Any, b: Any, c: Any, d: Any, e: Any, f: Any, u: Any, v: Any, o: Any) -> Any:
        h0, h1 = torch.tanh(x0 * a + x1 * b + e), torch.tanh(x0 * c + x1 * d + f)
        z = torch.sigmoid(u * h0 + v * h1 + o)
        r = (z - y) * z * (1 - z)
        p, q = r * u * (1 - h0 * h0), r * v * (1 - h1 * h1)
        slopes = (x0 * p, x1 * p, x0 * q, x1 * q, p, q, r * h0, r * h1, r)
        return [w - (nets.STEP / 4) * s.sum(0) for w, s in zip((a, b, c, d, e, f, u, v, o), slopes, strict=True)]

    fast = torch.compile(step)

    def run() -> Any:
        t = starts
        with torch.no_grad():
            for _ in range(nets.MANY_STEPS):
                t = fast(*t)
        return t

    def answer() -> float:
        return nets.mean(np.array(x) for x in torch.stack(tuple(run()), dim=1).numpy())

    return [Contestant("torch.compile", run, nets.MANY_STARTS * nets.MANY_STEPS, answer=answer)]


CONTESTANTS = {workload: partial(_gradient, name) for workload, name in nets.GRADIENTS.items()} | {
    "W2": _many,
    "W5": _products,
    **torchrnn.CONTESTANTS,
}
