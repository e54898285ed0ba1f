"""Recurrent nets in NumPy: back-propagation through time, written with in-place operations and time outermost."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from homotopy.bench import sequences
from homotopy.bench.contest import Contestant

__all__ = ["CONTESTANTS"]


def _contestants(workload: str) -> list[Contestant]:
    data, row = sequences.sequences(workload), sequences.ROWS[workload]
    W, U, b, C, c = sequences.unpacked(workload, data.theta)
    grad = np.empty_like(data.theta)
    gW, gU, gb, gC, gc = sequences.unpacked(workload, grad)
    X, T, n, h = np.ascontiguousarray(data.X.swapaxes(0, 1)), row.steps, row.batch, row.hidden
    states, errors = np.zeros((T + 1, n, h)), np.empty((T, n, h))
    recurrent = np.ascontiguousarray(W.T)

    def run() -> Any:
        inputs = X @ U.T
        inputs += b
        for t in range(T):
            np.matmul(states[t], recurrent, out=states[t + 1])
            states[t + 1] += inputs[t]
            np.tanh(states[t + 1], out=states[t + 1])
        r = states[T] @ C.T
        r += c - data.y
        value = 0.5 * float(np.vdot(r, r)) / n
        r /= n
        np.matmul(r.T, states[T], out=gC)
        np.sum(r, axis=0, out=gc)
        slopes = np.square(states[1:])
        np.subtract(1.0, slopes, out=slopes)
        np.matmul(r, C, out=errors[T - 1])
        errors[T - 1] *= slopes[T - 1]
        for t in range(T - 2, -1, -1):
            np.matmul(errors[t + 1], W, out=errors[t])
            errors[t] *= slopes[t]
        flat = errors.reshape(T * n, h)
        np.matmul(flat.T, states[:T].reshape(T * n, h), out=gW)
        np.matmul(flat.T, X.reshape(T * n, -1), out=gU)
        np.sum(flat, axis=0, out=gb)
        return value, grad

    return [Contestant("numpy", run, answer=lambda: float(np.linalg.norm(run()[1])))]


CONTESTANTS = {workload: partial(_contestants, workload) for workload in sequences.ROWS}
