"""The convex program with all sign patterns or some of them, its net, and the problems with a certified optimum."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import Any
from warnings import catch_warnings

import numpy as np
from numpy.typing import NDArray

import homotopy as hp
from homotopy.extras import extra
from homotopy.landscape import ConvexMinimum, activation_patterns, convex_minimum
from homotopy.problems import Bound

__all__ = [
    "BETA",
    "LOSSES",
    "Init",
    "Solution",
    "known",
    "problem",
    "recovered",
    "risk",
    "solved",
    "some_patterns",
    "toy",
]

Array = NDArray[np.float64]
BETA = 1e-4
LOSSES = ("hinge", "squared", "logistic")
SCALES = (100.0, 10.0, 1.0)
"""Factors of the program's objective, tried in turn: the solver's tolerance is an absolute one, and values small."""
NEAR = 0.01
"""A run has reached the optimum where it is above it by at most this part of it."""


def toy(seed: int = 0) -> tuple[Array, Array]:
    """Return the toy data: 10 samples of 2 normal numbers and a 1, and labels, 1 outside the unit circle, else -1."""
    X = np.column_stack([np.random.default_rng(seed).standard_normal((10, 2)), np.ones(10)])
    return X, np.where(np.linalg.norm(X[:, :2], axis=1) > 1, 1.0, -1.0)


def some_patterns(X: Array, count: int, seed: int) -> NDArray[np.bool_]:
    """Return the different patterns X u >= 0 of so many normal directions u, shape (m, n)."""
    u = np.random.default_rng(seed).standard_normal((X.shape[1], count))
    return np.unique((X @ u >= 0).T, axis=0)


def all_patterns(X: Array) -> NDArray[np.bool_]:
    """Return all patterns of signs, shape (m, n)."""
    return np.asarray(activation_patterns(X) > 0)


@dataclass(frozen=True)
class Solution:
    """The program's value, and u_i and v_i of each pattern, shape (d, m) each."""

    value: float
    U: Array
    V: Array


def solved(X: Array, y: Array, patterns: NDArray[np.bool_], loss: str, beta: float = BETA) -> Solution:
    """Return the solution of the convex program with these patterns.

    Parameters
    ----------
    X, y : ndarray of shape (n, d) and (n,)
        Data; y is -1 or 1 where the loss is hinge or logistic.
    patterns : ndarray of shape (m, n), bool
        Where each unit is on.
    loss : str
        ``hinge``, ``squared`` (half the square) or ``logistic``, the mean over samples.
    beta : float
        The weight of the norms' sum.

    Raises
    ------
    EvaluationError
        If the solver is not sure of its solution at any scale.
    MissingExtraError
        If cvxpy is not installed.
    """
    cp = extra("cvxpy", "convex", "the convex program")
    D = patterns.T.astype(float)
    U, V = cp.Variable((X.shape[1], len(patterns))), cp.Variable((X.shape[1], len(patterns)))
    z = cp.sum(cp.multiply(D, X @ (U - V)), axis=1)
    fits = {
        "hinge": lambda: cp.sum(cp.pos(1 - cp.multiply(y, z))),
        "squared": lambda: 0.5 * cp.sum_squares(z - y),
        "logistic": lambda: cp.sum(cp.logistic(-cp.multiply(y, z))),
    }
    norms = cp.sum(cp.norm(U, 2, axis=0)) + cp.sum(cp.norm(V, 2, axis=0))
    sides = [cp.multiply(2 * D - 1, X @ W) >= 0 for W in (U, V)]
    for scale in SCALES:
        program = cp.Problem(cp.Minimize(scale * (fits[loss]() / len(y) + beta * norms)), sides)
        with suppress(cp.SolverError), catch_warnings(action="ignore", category=UserWarning):
            program.solve(solver="CLARABEL")
            if program.status == cp.OPTIMAL:
                return Solution(float(program.value) / scale, np.asarray(U.value), np.asarray(V.value))
    raise hp.errors.EvaluationError("Clarabel solves the program at no scale")


def recovered(solution: Solution, X: Array, y: Array, loss: str, beta: float = BETA) -> tuple[float, int]:
    """Return the penalized loss of the net that a solution gives, and the number of its units that matter.

    A unit has w = u / sqrt(|u|) and the outgoing weight sqrt(|u|), or w = v / sqrt(|v|) and -sqrt(|v|). Its penalty is
    beta / 2 times the squares of all weights. Units whose norm is below 1e-8 of the largest one are dropped,
    and those below 1e-4 of it not counted.
    """
    columns = np.hstack([solution.U, solution.V])
    signs = np.repeat([1.0, -1.0], solution.U.shape[1])
    size = np.sqrt(np.linalg.norm(columns, axis=0))
    kept = size**2 > 1e-8 * size.max() ** 2
    W, a = columns[:, kept] / size[kept], signs[kept] * size[kept]
    z = np.maximum(X @ W, 0) @ a
    each = {
        "hinge": np.maximum(1 - y * z, 0),
        "squared": 0.5 * (z - y) ** 2,
        "logistic": np.logaddexp(0, -y * z),
    }[loss]
    return float(each.mean() + 0.5 * beta * (np.sum(W**2) + np.sum(a**2))), int(
        (size**2 > 1e-4 * size.max() ** 2).sum()
    )


@dataclass(frozen=True)
class Init:
    """Draws the start of a net: weights N(0, 1 / inputs of the layer), biases 0."""

    model: hp.MLP

    def __call__(self, rng: np.random.Generator) -> Array:
        """Return one start."""
        return np.asarray(self.model.init(rng=rng), dtype=float)


def risk(name: str) -> Any:
    """Return the penalized loss of a net, of no particular width, by the name of its data.

    ``toy squared`` and ``toy logistic``, with a seed where wanted; ``d1`` and ``d2``, those of Swirszcz et al. with
    weight decay 1e-3; ``random SEED``, 10 samples of 2 normal inputs, a normal target, weight decay 1e-2.
    """
    kind, _, rest = name.partition(" ")
    if kind == "toy":
        loss, _, seed = rest.partition(" ")
        X, y = toy(int(seed or 0))
        return hp.EmpiricalRisk(
            hp.MLP((3, 1, 1), "relu", bias=False), loss, X, y if loss == "squared" else y > 0, l2=BETA
        )
    if kind == "random":
        rng = np.random.default_rng(int(rest))
        X, y = rng.standard_normal((10, 2)), rng.standard_normal(10)
        return hp.EmpiricalRisk(hp.MLP((2, 1, 1), "relu"), "squared", X, y, l2=1e-2)
    inner: Any = hp.problem(f"swirszcz-{kind}").objective
    return inner.changed(l2=1e-3)


@cache
def known(name: str) -> ConvexMinimum:
    """Return the certified minimum of a loss over nets of every width."""
    return convex_minimum(risk(name))


def problem(name: str, times: int = 1) -> hp.Problem:
    """Return the problem of reaching the certified minimum, by a net of so many times the units that it needs."""
    least, inner = known(name), risk(name)
    sizes = (inner.model.sizes[0], times * least.width, 1)
    wide = inner.changed(model=hp.MLP(sizes, "relu", bias=inner.model.bias))
    return hp.Problem(
        f"{name}, {sizes[1]} units",
        wide,
        Init(wide.model),
        optimum=least.upper,
        tolerance=NEAR * least.upper,
        source=f"the convex program; {least.certificate}",
        bound=Bound(least.lower, least.certificate, 1e-8 * least.upper),
    )
