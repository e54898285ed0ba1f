"""The 194 points, the net with shortcuts, and the plain logistic nets of vanilla back-propagation."""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray

import homotopy as hp
from homotopy.objectives import Function

__all__ = ["SHORTCUT", "parts", "right", "shortcut_net", "two_spirals", "value_and_grad", "vanilla"]

Array = NDArray[np.float64]
SHORTCUT = (2, 5, 5, 5, 1)
"""Inputs, three hidden layers and the output, each of which sees every earlier layer."""
HALF = np.log(1.5)
"""The logit of 0.6, where the 40-20-40 rule begins to say one."""


def two_spirals() -> tuple[Array, Array]:
    """Return the points of Wieland's generator, shape (194, 2), and their classes, 1 and 0 in turn."""
    turn = np.arange(97) * np.pi / 16
    radius = 6.5 * (104 - np.arange(97)) / 104
    arm = np.column_stack([radius * np.sin(turn), radius * np.cos(turn)])
    return np.stack([arm, -arm], axis=1).reshape(-1, 2), np.tile([1.0, 0.0], 97)


def right(logits: Array, y: Array) -> int:
    """Return how many points are right by the 40-20-40 rule: an output of at most 0.4 or at least 0.6."""
    return int(np.sum(np.where(y > 0.5, logits, -logits) >= HALF))


def vanilla(*hidden: int) -> tuple[hp.EmpiricalRisk, Array]:
    """Return half the mean square of a net of logistic units on the spirals, and the targets."""
    X, y = two_spirals()
    model = hp.MLP((2, *hidden, 1), "logistic", output="logistic")
    return hp.EmpiricalRisk(model, "squared", X * (2 / 6.5), y), y


def parts(theta: Array, sizes: tuple[int, ...] = SHORTCUT) -> list[tuple[Array, Array]]:
    """Return weights (n, earlier units) and biases (n,) of each layer, as views into the flat vector."""
    found, at = [], 0
    for i, n in enumerate(sizes[1:], start=1):
        seen = sum(sizes[:i])
        W, at = theta[at : at + n * seen].reshape(n, seen), at + n * seen
        found.append((W, theta[at : at + n]))
        at += n
    return found


def value_and_grad(X: Array, y: Array, theta: Array) -> tuple[float, Array]:
    """Return the mean logistic loss of the net with shortcuts, tanh units, and its gradient.

    Parameters
    ----------
    X, y : ndarray of shape (n, 2) and (n,)
        Points and classes.
    theta : ndarray of shape (138,)
        Each layer's weights, row by row, then its biases.
    """
    layers, seen = parts(theta), X
    for W, b in layers[:-1]:
        seen = np.hstack([seen, np.tanh(seen @ W.T + b)])
    z = seen @ layers[-1][0][0] + layers[-1][1][0]
    value = float(np.mean(np.logaddexp(0.0, z) - y * z))
    grad = np.empty_like(theta)
    slots = parts(grad)
    delta = ((0.5 + 0.5 * np.tanh(z / 2) - y) / len(y))[:, None]
    back = np.zeros_like(seen)
    for (W, _), (dW, db) in zip(reversed(layers), reversed(slots), strict=True):
        before = W.shape[1]
        dW[:], db[:] = delta.T @ seen[:, :before], delta.sum(axis=0)
        back[:, :before] += delta @ W
        n = min(5, before - 2)
        delta = back[:, before - n : before] * (1 - seen[:, before - n : before] ** 2)
    return value, grad


def logits(X: Array, theta: Array) -> Array:
    """Return the outputs of the net with shortcuts before the logistic function, shape (n,)."""
    layers, seen = parts(theta), X
    for W, b in layers[:-1]:
        seen = np.hstack([seen, np.tanh(seen @ W.T + b)])
    return seen @ layers[-1][0][0] + layers[-1][1][0]


def shortcut_net() -> hp.Problem:
    """Return the spirals with the net with shortcuts: solved at log(2)/194, with starts scaled by the fan-in."""
    X, y = two_spirals()
    size = sum(n * (sum(SHORTCUT[: i + 1]) + 1) for i, n in enumerate(SHORTCUT[1:]))
    return hp.Problem(
        name="spirals, shortcuts 2-5-5-5-1",
        objective=Function(partial(value_and_grad, X * (2 / 6.5), y), True, size),
        start=_start,
        optimum=0.0,
        tolerance=float(np.log(2) / 194),
        source="Lang and Witbrock 1988",
    )


def _start(rng: np.random.Generator) -> Array:
    theta = np.empty(sum(n * (sum(SHORTCUT[: i + 1]) + 1) for i, n in enumerate(SHORTCUT[1:])))
    for W, b in parts(theta):
        W[:], b[:] = 1.5 * rng.standard_normal(W.shape) / np.sqrt(W.shape[1]), rng.uniform(-1, 1, b.shape)
    return theta
