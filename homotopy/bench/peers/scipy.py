"""Many-start L-BFGS in SciPy: one call of `minimize` a start, with the package's gradient and with one in NumPy."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from scipy.optimize import minimize

import homotopy as hp
from homotopy.bench import many, nets
from homotopy.bench.contest import Contestant

__all__ = ["CONTESTANTS", "net_gradient", "teacher_gradient"]

Evaluate = Callable[[Any], tuple[float, Any]]


def net_gradient(f: hp.EmpiricalRisk) -> Evaluate:
    """Return the value and gradient of a relu or tanh net with one hidden layer and the squared loss, in NumPy."""
    X, y, n, relu = f.X, f.y, len(f.X), f.model.activation == "relu"

    def evaluate(theta: Any) -> tuple[float, Any]:
        (W, b), (V, c) = nets.layers(f.model.sizes, theta)
        z = X @ W.T + b
        h = np.maximum(z, 0) if relu else np.tanh(z)
        r = h @ V.T + c - y
        d = r / n
        e = d @ V * ((z > 0) if relu else (1 - h * h))
        return 0.5 * float(np.vdot(r, r)) / n, np.concatenate(
            [(e.T @ X).ravel(), e.sum(0), (d.T @ h).ravel(), d.sum(0)]
        )

    return evaluate


def teacher_gradient(k: int) -> Evaluate:
    """Return the teacher-student risk and gradient for k unit vectors, from the published formula, in NumPy."""
    eye, constant = np.eye(k, dtype=bool), 0.5 * (0.5 * k + k * (k - 1) / (2 * np.pi))

    def evaluate(x: Any) -> tuple[float, Any]:
        W = x.reshape(k, k)
        n = np.sqrt(np.einsum("ij,ij->i", W, W))
        unit = W / n[:, None]
        c = np.clip(np.concatenate([unit @ unit.T, unit], axis=1), -1, 1)
        p, s = np.pi - np.arccos(c), np.sqrt(1 - c * c)
        p[:, :k][eye], s[:, :k][eye] = np.pi, 0.0
        both = s + p * c
        value = 0.5 * n @ both[:, :k] @ n - n @ both[:, k:].sum(1)
        slope = (s[:, :k] @ n - s[:, k:].sum(1))[:, None] * unit + p[:, :k] @ W - p[:, k:]
        return float(value / (2 * np.pi) + constant), (slope / (2 * np.pi)).ravel()

    return evaluate


def _attempt(evaluate: Evaluate, target: float) -> many.Attempt:
    """Return L-BFGS-B from many starts, each until it is at the target; its own tolerances are out of the way."""

    def one(x: Any, cap: int) -> float:
        def look(*, intermediate_result: Any) -> None:
            if intermediate_result.fun <= target:
                raise StopIteration

        options = {"maxiter": cap, "maxfun": 100 * cap, "ftol": 0.0, "gtol": 1e-10}
        return float(minimize(evaluate, x, jac=True, method="L-BFGS-B", callback=look, options=options).fun)

    return lambda X, cap: np.array([one(x, cap) for x in X])


def _lbfgs(workload: str) -> list[Contestant]:
    problem = hp.problem(many.LBFGS[workload].problem)
    f: Any = problem.objective
    own = net_gradient(f) if isinstance(f, hp.EmpiricalRisk) else teacher_gradient(20)
    target = problem.target or 0.0
    sides = {"scipy with our gradient": f.value_and_grad, "scipy with numpy gradient": own}
    return [many.contestant(name, workload, _attempt(g, target), _starts(workload)) for name, g in sides.items()]


def _starts(workload: str) -> int:
    """Return how many starts are enough: one start costs the same as one of many."""
    return min(200, many.LBFGS[workload].peers)


CONTESTANTS = {workload: partial(_lbfgs, workload) for workload in many.LBFGS}
