"""The small nets in Numba: scalar loops over samples and starts, compiled for this processor."""

from __future__ import annotations

from math import exp, tanh
from typing import Any

import numpy as np
from numba import njit

from homotopy.bench import nets
from homotopy.bench.contest import Contestant

__all__ = ["CONTESTANTS"]


def _value_and_grad(t: Any, X: Any, y: Any, g: Any) -> float:
    for i in range(9):
        g[i] = 0.0
    value = 0.0
    for i in range(4):
        x0, x1 = X[i, 0], X[i, 1]
        h0, h1 = tanh(x0 * t[0] + x1 * t[1] + t[4]), tanh(x0 * t[2] + x1 * t[3] + t[5])
        z = 1.0 / (1.0 + exp(-(t[6] * h0 + t[7] * h1 + t[8])))
        e = z - y[i, 0]
        value += e * e
        r = 0.25 * e * z * (1.0 - z)
        p, q = r * t[6] * (1.0 - h0 * h0), r * t[7] * (1.0 - h1 * h1)
        g[0] += x0 * p
        g[1] += x1 * p
        g[2] += x0 * q
        g[3] += x1 * q
        g[4] += p
        g[5] += q
        g[6] += r * h0
        g[7] += r * h1
        g[8] += r
    return 0.125 * value


_fast = njit(fastmath=True)(_value_and_grad)


@njit(fastmath=True)
def _descend(t: Any, X: Any, y: Any, g: Any, n: int, step: float) -> float:
    value = 0.0
    for _ in range(n):
        value = _fast(t, X, y, g)
        for i in range(9):
            t[i] -= step * g[i]
    return value


@njit(fastmath=True)
def _descend_all(T: Any, X: Any, y: Any, g: Any, n: int, step: float) -> None:
    for i in range(T.shape[0]):
        _descend(T[i], X, y, g, n, step)


def _call() -> list[Contestant]:
    n, g = nets.net("xor"), np.empty(9)

    def answer() -> float:
        _fast(n.theta, n.X, n.y, g)
        return float(np.linalg.norm(g))

    return [Contestant("numba", lambda: _fast(n.theta, n.X, n.y, g), answer=answer)]


def _loop() -> list[Contestant]:
    n, g = nets.net("xor"), np.empty(9)

    def run() -> Any:
        t = n.theta.copy()
        _descend(t, n.X, n.y, g, nets.LOOP_STEPS, nets.STEP)
        return t

    return [Contestant("numba", run, nets.LOOP_STEPS, answer=lambda: float(nets.risk("xor").value(run())))]


def _many() -> list[Contestant]:
    n, g, starts = nets.net("xor"), np.empty(9), nets.many_starts()

    def run() -> Any:
        T = starts.copy()
        _descend_all(T, n.X, n.y, g, nets.MANY_STEPS, nets.STEP)
        return T

    return [Contestant("numba", run, nets.MANY_STARTS * nets.MANY_STEPS, answer=lambda: nets.mean(run()))]


CONTESTANTS = {"W1 call": _call, "W1 loop": _loop, "W2": _many}
