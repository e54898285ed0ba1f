"""The workloads in PyTorch: eager, and compiled for many small nets."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import torch

from homotopy.bench import nets
from homotopy.bench.contest import Contestant

__all__ = ["peers"]

torch.set_num_threads(1)

ACTIVATIONS = {"tanh": torch.tanh, "relu": torch.relu, "identity": lambda z: z, "logistic": torch.sigmoid}


def _layers(n: nets.Net) -> list[tuple[Any, Any]]:
    layers, at = [], 0
    for n_in, n_out in pairwise(n.sizes):
        W = torch.tensor(n.theta[at : at + n_in * n_out].reshape(n_out, n_in), requires_grad=True)
        b = torch.tensor(n.theta[at + n_in * n_out : at + n_in * n_out + n_out], requires_grad=True)
        layers.append((W, b))
        at += n_in * n_out + n_out
    return layers


def _outputs(n: nets.Net, layers: list[tuple[Any, Any]], X: Any) -> Any:
    for W, b in layers[:-1]:
        X = ACTIVATIONS[n.activation](torch.nn.functional.linear(X, W, b))
    return ACTIVATIONS[n.output](torch.nn.functional.linear(X, *layers[-1]))


def _loss(n: nets.Net, z: Any, y: Any) -> Any:
    if n.loss == "softmax":
        return torch.nn.functional.cross_entropy(z, y)
    return 0.5 * ((z - y) ** 2).sum(dim=1).mean()


def _gradient(name: str) -> list[Contestant]:
    n = nets.net(name)
    layers, X, y = _layers(n), torch.tensor(n.X), torch.tensor(n.y)
    weights = [part for layer in layers for part in layer]

    def run() -> Any:
        value = _loss(n, _outputs(n, layers, X), y)
        return value, torch.autograd.grad(value, weights)

    def answer() -> float:
        return float(torch.sqrt(sum((g**2).sum() for g in run()[1])))

    return [Contestant("torch eager", run, answer=answer)]


def _products() -> list[Contestant]:
    n = nets.net("deep")
    layers, X, y = _layers(n), torch.tensor(n.X), torch.tensor(n.y)
    weights, at = [part for layer in layers for part in layer], 0
    v, direction = [], nets.direction("deep")
    for part in weights:
        v.append(torch.tensor(direction[at : at + part.numel()].reshape(part.shape)))
        at += part.numel()

    def run() -> Any:
        value = _loss(n, _outputs(n, layers, X), y)
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

    def descend(step: Callable[..., Any]) -> Callable[[], Any]:
        def run() -> Any:
            t = starts
            with torch.no_grad():
                for _ in range(nets.MANY_STEPS):
                    t = step(*t)
            return t

        return run

    def answer(run: Callable[[], Any]) -> Callable[[], float]:
        f = nets.risk("xor")
        return lambda: float(np.mean([f.value(np.array(x)) for x in torch.stack(tuple(run()), dim=1).numpy()]))

    run = descend(torch.compile(step))
    return [Contestant("torch.compile", run, nets.MANY_STARTS * nets.MANY_STEPS, answer=answer(run))]


_PEERS = {
    "W1 call": lambda: _gradient("xor"),
    "W2": _many,
    "W3": lambda: _gradient("deep"),
    "W4": lambda: _gradient("wide"),
    "W4 float32": lambda: _gradient("wide32"),
    "W5": _products,
}


def peers(workload: str) -> list[Contestant]:
    """Return PyTorch's contestants in a workload."""
    return _PEERS[workload]() if workload in _PEERS else []
