"""What kernels must compute, in plain NumPy: functions, nets forward and backward, recurrent nets, teachers."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import erf, expit

from homotopy.models import MLP, RNN
from homotopy.models.activations import activation
from homotopy.models.losses import Loss

__all__ = ["FUNCTIONS", "differences", "network", "recurrent", "teacher"]

Array = NDArray[np.float64]

FUNCTIONS: dict[str, Callable[[Array], Array]] = {
    "tanh": np.tanh,
    "exp": np.exp,
    "expm1": np.expm1,
    "logistic": expit,
    "softplus": lambda z: np.logaddexp(z, 0.0),
    "log1p": np.log1p,
    "erf": erf,
    "sin": np.sin,
    "cos": np.cos,
    "acos": np.arccos,
}
"""The vector mathematics by the names of `homotopy._core.vmath.functions`."""


def network(model: MLP, loss: Loss, X: Array, Y: Array, l2: float) -> Callable[[Array], tuple[float, Array]]:
    """Return the function of theta that gives value and gradient of the mean loss of a perceptron, by a forward and a
    backward pass.
    """  # noqa: D205
    act = activation(model.activation)

    def evaluate(theta: Array) -> tuple[float, Array]:
        layers, at = [], 0
        for n_in, n_out in pairwise(model.sizes):
            split = at + n_in * n_out
            layers.append((theta[at:split].reshape(n_out, n_in), theta[split : split + n_out]))
            at = split + n_out
        inputs, before = [X], []
        for W, b in layers:
            before.append(inputs[-1] @ W.T + b)
            inputs.append(act.function(before[-1]))
        back, parts = loss.grad(before[-1], Y), []
        for index in range(len(layers) - 1, -1, -1):
            parts += [back.sum(0), (back.T @ inputs[index]).ravel()]
            if index:
                back = back @ layers[index][0] * act.derivative(before[index - 1])
        value = loss.value(before[-1], Y) + l2 / 2 * float(theta @ theta)
        return value, np.concatenate(parts[::-1]) + l2 * theta

    return evaluate


def recurrent(model: RNN, loss: Loss, X: Array, Y: Array) -> Callable[[Array], float]:
    """Return the function of theta that gives the mean loss over sequences and steps of a recurrent net."""
    n, T, h = *X.shape[:2], model.n_hidden

    def step(P: dict[str, Array], state: Array, cell: Array, x: Array) -> tuple[Array, Array]:
        A, R = x @ P["U"].T + P["b"], state @ P["W"].T
        if model.cell == "elman":
            return activation(model.activation).function(A + R), cell
        if model.cell == "gru":
            r, u = expit(A[:, :h] + R[:, :h]), expit(A[:, h : 2 * h] + R[:, h : 2 * h])
            new = np.tanh(A[:, 2 * h :] + r * (R[:, 2 * h :] + P["e"]))
            return (1 - u) * new + u * state, cell
        i, f, g, o = np.split(A + R, 4, axis=1)
        cell = expit(f) * cell + expit(i) * np.tanh(g)
        return expit(o) * np.tanh(cell), cell

    def value(theta: Array) -> float:
        P, state, cell = model.unpack(theta), np.zeros((n, h)), np.zeros((n, h))
        out = np.empty((n, T, model.n_out))
        for s in range(T):
            state, cell = step(P, state, cell, X[:, s])
            out[:, s] = state @ P["C"].T + P["c"]
        return loss.value(out.reshape(n * T, -1), Y.reshape(n * T, -1))

    return value


def teacher(V: Array, n: int) -> Callable[[Array], float]:
    """Return the risk of Safran and Shamir against the teacher's rows V, (k, d), as a function of n rows (n d,)."""

    def kernel(A: Array, B: Array) -> Any:
        a, b = np.linalg.norm(A, axis=1), np.linalg.norm(B, axis=1)
        cosine = np.clip(A @ B.T / np.outer(a, b), -1.0, 1.0)
        angle = np.arccos(cosine)
        return (np.outer(a, b) * (np.sin(angle) + (np.pi - angle) * cosine)).sum() / (2 * np.pi)

    def value(x: Array) -> float:
        W = x.reshape(n, -1)
        return float(kernel(W, W) / 2 - kernel(W, V) + kernel(V, V) / 2)

    return value


def differences(function: Callable[[Array], Any], x: Array, *, h: float = 1e-3) -> Array:
    """Return the derivatives of a function along each variable, (n, ...), by central differences of order four."""
    rows = []
    for e in np.eye(x.size) * h:
        near, far = (np.subtract(function(x + s * e), function(x - s * e)) for s in (1, 2))
        rows.append((8 * near - far) / (12 * h))
    return np.array(rows)
