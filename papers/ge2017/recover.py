"""Descents on the three risks from the same starts, and what the regression makes of their ends."""

from __future__ import annotations

import time
from math import pi
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

import homotopy as hp
from homotopy.methods import streams

from ..even import AbsoluteRisk, HermiteRisk

__all__ = ["NEAR", "OBJECTIVES", "STEPS", "TARGET", "descents", "kernel", "matched", "objective", "regression"]

Array = NDArray[np.float64]
OBJECTIVES = ("relu", "|z|/2", "h2 + h4")
NEAR = 1e-2
"""The distance within which every row must be that of the teacher, or its opposite."""
TARGET = 1e-6
"""The risk at which a descent stops; rows then miss the teacher's by a few thousandths at most."""
STEPS = 20_000


def objective(name: str, d: int) -> Any:
    """Return a risk of d units on d inputs whose teacher's rows are the unit vectors."""
    risk = hp.TeacherStudent(d, d)
    return {"relu": lambda: risk, "|z|/2": lambda: AbsoluteRisk(risk), "h2 + h4": lambda: HermiteRisk(d)}[name]()


def step_of(name: str, d: int) -> float:
    """Return the step of gradient descent on a risk: 5/d, 10/d and 2."""
    return {"relu": 5.0 / d, "|z|/2": 10.0 / d, "h2 + h4": 2.0}[name]


def matched(W: Array, signs: bool = True) -> float:
    """Return the largest distance of a row from its unit vector, in the matching that makes the sum of squares least.

    Parameters
    ----------
    W : ndarray of shape (d, d)
        The rows.
    signs : bool
        Whether the opposite of a unit vector is as good.
    """
    square = np.square(W).sum(axis=1)[:, None] + 1.0
    gaps = square - 2 * (np.abs(W) if signs else W)
    rows, columns = linear_sum_assignment(gaps)
    return float(np.sqrt(max(0.0, gaps[rows, columns].max())))


def kernel(U: Array, V: Array) -> Array:
    """Return E[relu(u.x) relu(v.x)] of unit rows u and v, x standard normal: shape (rows of U, rows of V)."""
    cosine = np.clip(U @ V.T, -1.0, 1.0)
    angle = np.arccos(cosine)
    return np.asarray((np.sin(angle) + (pi - angle) * cosine) / (2 * pi))


def regression(W: Array) -> tuple[Array, float]:
    """Return the rows with their signs and norms as linear regression finds them, and what it cost.

    The labels are regressed on relu(u.x) and relu(-u.x) of every direction u that was found, over all inputs; of the
    two the larger coefficient gives the sign of a row, and its norm.

    Returns
    -------
    rows : ndarray of shape (d, d)
        A relu net.
    flops : float
        Floating-point operations: the moments of 2 d features among each other and with d units, and the solution.
    """
    d = len(W)
    U = W / np.linalg.norm(W, axis=1, keepdims=True)
    features = np.concatenate([U, -U])
    labels = kernel(features, np.eye(d)).sum(axis=1)
    plus, minus = np.linalg.solve(kernel(features, features), labels).reshape(2, d)
    turned = np.abs(minus) > np.abs(plus)
    rows = np.where(turned, -minus, plus)[:, None] * U
    return rows, (4 * d * d + 2 * d * d) * (2 * d + 40.0) + (2 * d) ** 3 / 1.5


def descents(part: list[Any]) -> list[dict[str, Any]]:
    """Return what became of descents on one risk.

    Parameters
    ----------
    part : list
        The risk's name, ``gd`` or ``lbfgs``, the dimension d, and the number of starts: those of the seeds 0, 1, ...

    Returns
    -------
    list of dict
        For each start ``distance`` of the rows from the teacher's up to order (and signs, unless the risk is relu's),
        the ``value`` there, ``flips``, the share of rows with the opposite sign, ``norms``, the largest distance of a
        norm from 1 after the regression, ``risk``, that of the relu net after it, ``cost`` in gradients of the relu
        risk with the regression, ``seconds``, and the ``trace`` of gradients and values.
    """
    name, rule, d, runs = part
    f, relu = objective(name, d), hp.TeacherStudent(d, d)
    return [_descent(f, relu, name, rule, seed) for seed in range(runs)]


def _descent(f: Any, relu: hp.TeacherStudent, name: str, rule: str, seed: int) -> dict[str, Any]:
    d = relu.d
    start = relu.draw(streams(seed)[0])
    options: dict[str, Any] = {"step_size": step_of(name, d)} if rule == "gd" else {}
    begin = time.thread_time()
    end = hp.descend(
        f, start, rule=rule, n_steps=STEPS, target=TARGET, gradient_tolerance=1e-6, record_every=5, **options
    )
    W = relu.rows(end.x)
    cost, found = end.n_evaluations * f.flops / relu.flops, {}
    if name != "relu":
        W, flops = regression(W)
        cost += flops / relu.flops
        found = {"flips": float(np.mean(relu.rows(end.x).sum(axis=1) < 0))}
    seconds = time.thread_time() - begin
    n = len(end.trace)  # all of the beginning, where the risk falls fast, and 200 points of the whole
    kept = np.unique(np.r_[np.geomspace(1, n, 100), np.linspace(1, n, 200)].astype(int)) - 1
    trace = [*(end.trace[i] for i in kept), (end.n_evaluations, end.value)]
    return found | {
        "distance": matched(relu.rows(end.x), signs=name != "relu"),
        "value": float(end.value),
        "norms": float(np.abs(np.linalg.norm(W, axis=1) - 1).max()),
        "risk": float(relu.value(np.ascontiguousarray(W).ravel())),
        "cost": float(cost),
        "seconds": seconds,
        "trace": [[float(n), float(value)] for n, value in trace],
    }
