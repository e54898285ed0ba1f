"""Value and gradient of a net as scikit-learn's multilayer perceptrons compute them inside their L-BFGS."""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import numpy as np
from sklearn.neural_network import MLPClassifier, MLPRegressor

from homotopy.bench import nets
from homotopy.bench.contest import Contestant

__all__ = ["CONTESTANTS"]


def _gradient(name: str) -> list[Contestant]:
    n = nets.net(name)
    options: dict[str, Any] = {"hidden_layer_sizes": n.sizes[1:-1], "activation": n.activation, "alpha": 0.0}
    y, model = n.y, MLPRegressor(**options)
    if n.loss == "softmax":
        y, model = np.eye(n.sizes[-1], dtype=n.theta.dtype)[n.y], MLPClassifier(**options)
        # What its initialization asks of a label binarizer.
        model._label_binarizer = SimpleNamespace(y_type_="multiclass", classes_=np.arange(n.sizes[-1]))
    model._random_state = np.random.RandomState(0)
    model.n_outputs_ = n.sizes[-1]
    model._initialize(y, list(n.sizes), n.theta.dtype)
    model.out_activation_ = n.loss if n.loss == "softmax" else "identity"
    layers = [(np.ascontiguousarray(W.T), b) for W, b in nets.layers(n.sizes, n.theta)]
    packed = np.concatenate([W.ravel() for W, _ in layers] + [b for _, b in layers])
    model._coef_indptr, model._intercept_indptr = _pointers(n.sizes)
    m, dtype = len(n.X), n.theta.dtype
    activations = [n.X, *(np.empty((m, size), dtype) for size in n.sizes[1:])]
    deltas = [np.empty_like(a) for a in activations[1:]]
    slopes = [np.empty_like(W) for W, _ in layers], [np.empty_like(b) for _, b in layers]

    def run() -> Any:
        return model._loss_grad_lbfgs(packed, n.X, y, None, activations, deltas, *slopes)

    return [Contestant("scikit-learn", run, answer=lambda: float(np.linalg.norm(run()[1])))]


def _pointers(sizes: tuple[int, ...]) -> tuple[list[tuple[int, int, tuple[int, int]]], list[tuple[int, int]]]:
    """Return where weights and biases lie in scikit-learn's packed vector."""
    weights, biases, at = [], [], 0
    for n_in, n_out in pairwise(sizes):
        weights.append((at, at + n_in * n_out, (n_in, n_out)))
        at += n_in * n_out
    for n_out in sizes[1:]:
        biases.append((at, at + n_out))
        at += n_out
    return weights, biases


CONTESTANTS = {workload: partial(_gradient, nets.GRADIENTS[workload]) for workload in ("W3", "W4", "W4 float32")}
