"""Back-propagation on the exclusive or as in 1986: in batches or pattern by pattern, also with direct connections."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Net", "Swept", "learn"]

Array = NDArray[np.float64]
X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
Y = np.array([0.0, 1.0, 1.0, 0.0])
PACK = 25
"""Sweeps after which starts that are done are put aside."""


@dataclass(frozen=True)
class Net:
    """A net of logistic units with two inputs and one output.

    Attributes
    ----------
    hidden : int
        Hidden units.
    direct : bool
        Whether the inputs are also connected to the output.
    """

    hidden: int
    direct: bool = False

    @property
    def size(self) -> int:
        """Weights and biases: those of a multilayer perceptron, then the direct connections."""
        return 4 * self.hidden + 1 + 2 * self.direct

    def gradient(self, theta: Array, x: Array, y: Array) -> tuple[Array, Array]:
        """Return outputs (runs, n) and the gradient (runs, p) of half the sum of squares over these patterns."""
        h = self.hidden
        W, b, v, c = (
            theta[:, : 2 * h].reshape(-1, h, 2),
            theta[:, 2 * h : 3 * h],
            theta[:, 3 * h : 4 * h],
            theta[:, 4 * h],
        )
        a = _logistic(np.swapaxes(W @ x.T, 1, 2) + b[:, None])
        z = (a @ v[:, :, None])[:, :, 0] + c[:, None]
        o = _logistic(z + theta[:, 4 * h + 1 :] @ x.T if self.direct else z)
        delta = (o - y) * o * (1 - o)
        back = delta[:, :, None] * v[:, None] * a * (1 - a)
        grad = np.empty_like(theta)
        grad[:, : 2 * h] = (np.swapaxes(back, 1, 2) @ x).reshape(len(theta), -1)
        grad[:, 2 * h : 3 * h] = back.sum(axis=1)
        grad[:, 3 * h : 4 * h] = (delta[:, None] @ a)[:, 0]
        grad[:, 4 * h] = delta.sum(axis=1)
        if self.direct:
            grad[:, 4 * h + 1 :] = delta @ x
        return o, grad


@dataclass(frozen=True)
class Swept:
    """What `learn` found: sweeps to right outputs (runs,), NaN where they never were, and last points (runs, p)."""

    sweeps: Array
    ends: Array


def learn(net: Net, starts: Array, eta: float, limit: int, *, online: bool = False) -> Swept:
    """Return after how many sweeps every output was first within 0.5 of its target.

    Parameters
    ----------
    net : Net
        The net.
    starts : ndarray of shape (runs, p)
        Where the runs begin.
    eta : float
        The rate, with momentum 0.9: after each sweep on the sum over the four patterns, or on each pattern.
    limit : int
        Sweeps at most.
    online : bool
        Whether the weights move after each pattern, in the order 00, 01, 10, 11.
    """
    theta, moved = starts.copy(), np.zeros_like(starts)
    sweeps, ends, alive = np.full(len(starts), np.nan), starts.copy(), np.arange(len(starts))
    blocks = [slice(i, i + 1) for i in range(4)] if online else [slice(0, 4)]
    for sweep in range(1, limit + 1):
        for block in blocks:
            _, grad = net.gradient(theta, X[block], Y[block])
            moved = 0.9 * moved - eta * grad
            theta = theta + moved
        o, _ = net.gradient(theta, X, Y)
        done = np.abs(o - Y).max(axis=1) < 0.5
        fresh = done & np.isnan(sweeps[alive])
        sweeps[alive[fresh]], ends[alive] = sweep, theta
        if sweep % PACK == 0:
            left = np.isnan(sweeps[alive])
            alive, theta, moved = alive[left], theta[left], moved[left]
            if not len(alive):
                break
    return Swept(sweeps, ends)


def _logistic(z: Array) -> Array:
    return 1 / (1 + np.exp(-z))
