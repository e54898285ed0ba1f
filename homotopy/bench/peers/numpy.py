"""The workloads in NumPy, written with in-place operations and one array for many starts."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from homotopy.bench import nets, traces
from homotopy.bench.contest import Contestant
from homotopy.bench.peers import numpyrnn

__all__ = ["CONTESTANTS"]


def _gradient(name: str) -> list[Contestant]:
    n = nets.net(name)
    run = _xor if name == "xor" else (_regression if n.loss == "squared" else _softmax)
    work = run(n)
    return [Contestant("numpy", work, answer=lambda: float(np.linalg.norm(work()[1])))]


def _xor(n: nets.Net) -> Callable[[], Any]:
    X, y, grad = n.X, n.y, np.empty_like(n.theta)
    (W, b), (V, c) = nets.layers(n.sizes, n.theta)
    (gW, gb), (gV, gc) = nets.layers(n.sizes, grad)

    def run() -> Any:
        h = np.tanh(X @ W.T + b)
        z = 1 / (1 + np.exp(-(h @ V.T + c)))
        r = z - y
        d = r * z * (1 - z) * 0.25
        e = d * V * (1 - h * h)
        gW[...], gb[...], gV[...], gc[...] = e.T @ X, e.sum(0), d.T @ h, d.sum(0)
        return 0.125 * float(np.vdot(r, r)), grad

    return run


def _regression(n: nets.Net) -> Callable[[], Any]:
    X, y, grad, m = n.X, n.y, np.empty_like(n.theta), len(n.X)
    layers, slopes = nets.layers(n.sizes, n.theta), nets.layers(n.sizes, grad)
    hidden = [np.empty((m, size)) for size in n.sizes[1:-1]]

    def run() -> Any:
        z = X
        for (W, b), h in zip(layers, hidden, strict=False):
            np.matmul(z, W.T, out=h)
            h += b
            np.tanh(h, out=h)
            z = h
        r = z @ layers[-1][0].T
        r += layers[-1][1] - y
        value = 0.5 * float(np.vdot(r, r)) / m
        r /= m
        for at in range(len(layers) - 1, -1, -1):
            source = hidden[at - 1] if at else X
            np.matmul(r.T, source, out=slopes[at][0])
            np.sum(r, axis=0, out=slopes[at][1])
            if at:
                r = r @ layers[at][0]
                np.multiply(source, source, out=source)
                np.subtract(1.0, source, out=source)
                r *= source
        return value, grad

    return run


def _softmax(n: nets.Net) -> Callable[[], Any]:
    X, y, grad, m = n.X, n.y, np.empty_like(n.theta), len(n.X)
    (W, b), (V, c) = nets.layers(n.sizes, n.theta)
    (gW, gb), (gV, gc) = nets.layers(n.sizes, grad)
    h, rows = np.empty((m, n.sizes[1]), n.theta.dtype), np.arange(m)

    def run() -> Any:
        np.matmul(X, W.T, out=h)
        np.add(h, b, out=h)
        np.maximum(h, 0, out=h)
        z = h @ V.T
        z += c
        z -= z.max(axis=1, keepdims=True)
        picked = z[rows, y].copy()
        np.exp(z, out=z)
        total = z.sum(axis=1, keepdims=True)
        value = float(np.mean(np.log(total[:, 0]) - picked))
        z /= total
        z[rows, y] -= 1
        z /= m
        np.matmul(z.T, h, out=gV)
        np.sum(z, axis=0, out=gc)
        d = z @ V
        d *= h > 0
        np.matmul(d.T, X, out=gW)
        np.sum(d, axis=0, out=gb)
        return value, grad

    return run


def _many() -> list[Contestant]:
    """All starts as columns: nine rows of theta, four samples unrolled in one array of shape (4, starts)."""
    n = nets.net("xor")
    x0, x1, y = n.X[:, :1], n.X[:, 1:], n.y
    starts = np.ascontiguousarray(nets.many_starts().T)

    def run() -> Any:
        t = starts.copy()
        g = np.empty_like(t)
        for _ in range(nets.MANY_STEPS):
            h0 = np.tanh(x0 * t[0] + x1 * t[1] + t[4])
            h1 = np.tanh(x0 * t[2] + x1 * t[3] + t[5])
            z = 1 / (1 + np.exp(-(t[6] * h0 + t[7] * h1 + t[8])))
            r = (z - y) * z * (1 - z)
            p, q = r * t[6] * (1 - h0 * h0), r * t[7] * (1 - h1 * h1)
            g[0], g[1], g[2], g[3] = p[2] + p[3], p[1] + p[3], q[2] + q[3], q[1] + q[3]
            g[4], g[5], g[8] = p.sum(0), q.sum(0), r.sum(0)
            g[6], g[7] = (r * h0).sum(0), (r * h1).sum(0)
            t -= (nets.STEP / 4) * g
        return t

    work = nets.MANY_STARTS * nets.MANY_STEPS
    return [Contestant("numpy", run, work, answer=lambda: nets.mean(np.ascontiguousarray(run().T)))]


def _teacher() -> list[Contestant]:
    x = nets.teacher_start()
    W, eye = x.reshape(20, 20), np.eye(20, dtype=bool)

    def run() -> Any:
        n = np.sqrt(np.einsum("ij,ij->i", W, W))
        unit = W / n[:, None]
        c = np.clip(np.concatenate([unit @ unit.T, unit], axis=1), -1, 1)
        p, s = np.pi - np.arccos(c), np.sqrt(1 - c * c)
        p[:, :20][eye], s[:, :20][eye] = np.pi, 0.0
        k = s + p * c
        value = 0.5 * n @ k[:, :20] @ n - n @ k[:, 20:].sum(1)
        slope = (s[:, :20] @ n - s[:, 20:].sum(1))[:, None] * unit + p[:, :20] @ W - p[:, 20:]
        return value / (2 * np.pi), slope / (2 * np.pi)

    return [Contestant("numpy", run, answer=lambda: float(np.linalg.norm(run()[1])))]


CONTESTANTS = {workload: partial(_gradient, name) for workload, name in nets.GRADIENTS.items()} | {
    "W2": _many,
    "W6 call": _teacher,
    "W7": lambda: [Contestant("numpy", traces.by_hand, answer=lambda: traces.by_hand()[0])],
    **numpyrnn.CONTESTANTS,
}
