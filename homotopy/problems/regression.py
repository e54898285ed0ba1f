"""Convex problems, a net without hidden layer, and fits of curves."""

from __future__ import annotations

from functools import partial
from math import inf

import numpy as np

from homotopy.arguments import integer, number
from homotopy.errors import DataError
from homotopy.linalg.dense import dense_hessian
from homotopy.models.mlp import MLP
from homotopy.naming import spell
from homotopy.objectives.base import Vector
from homotopy.objectives.risk import EmpiricalRisk
from homotopy.problems.base import Problem
from homotopy.problems.data import fan_in, layer_starts, normal, seeded, uniform

__all__ = ["linear", "logistic", "sine"]


def linear(d: int = 5, n: int = 50, noise: float = 0.5, data_seed: int = 0) -> Problem:
    """Linear regression as a net without hidden layer: its cost is convex.

    Parameters
    ----------
    d, n : int
        Inputs and samples, n > d + 1.
    noise : float
        Standard deviation of the noise on the targets.
    data_seed : int
        Draws the data.

    Raises
    ------
    ArgumentError
        If `n` is below d + 2, `noise` is negative or not finite, or the seed is negative.

    Notes
    -----
    The optimum is the least-squares value, computed by QR. Starts are N(0, 1).
    """
    number("noise", noise, "0 or a positive number", least=0, below=inf)
    X, signal, rng = _linear_data(d, n, data_seed)
    y = signal + noise * rng.standard_normal(n)
    design = np.column_stack([X, np.ones(n)])
    rest = y - design @ np.linalg.lstsq(design, y, rcond=None)[0]
    return Problem(
        name=spell("linear", linear, d=d, n=n, noise=noise, data_seed=data_seed),
        objective=EmpiricalRisk(MLP((d, 1)), "squared", X, y),
        start=layer_starts((d, 1), [normal(1.0)], [normal(1.0)]),
        optimum=float(rest @ rest / (2 * n)),
        tolerance=1e-8,
        source="made for this package; the optimum is the least-squares value",
    )


def logistic(d: int = 5, n: int = 50, data_seed: int = 0) -> Problem:
    """Logistic regression as a net without hidden layer: its cost is convex.

    Parameters
    ----------
    d, n : int
        Inputs and samples, n > d + 1.
    data_seed : int
        Draws the data.

    Raises
    ------
    DataError
        If a hyperplane separates the classes drawn, so that there is no minimum.

    Notes
    -----
    The labels are drawn with the probabilities of a logistic model, so that the classes overlap. The optimum is
    computed by Newton's method. Starts are N(0, 1).
    """
    X, signal, rng = _linear_data(d, n, data_seed)
    y = (rng.random(n) < 1 / (1 + np.exp(-signal))).astype(np.float64)
    risk = EmpiricalRisk(MLP((d, 1)), "logistic", X, y)
    return Problem(
        name=spell("logistic", logistic, d=d, n=n, data_seed=data_seed),
        objective=risk,
        start=layer_starts((d, 1), [normal(1.0)], [normal(1.0)]),
        optimum=_newton(risk),
        tolerance=1e-8,
        source="made for this package; the optimum is that of Newton's method",
    )


def sine(hidden: int = 4, activation: str = "tanh", n: int = 100) -> Problem:
    """Fit three periods of a sine on [-1, 1] by one hidden layer.

    Parameters
    ----------
    hidden : int
        Hidden units.
    activation : str
        Of the hidden layer.
    n : int
        Equidistant samples.

    Raises
    ------
    ArgumentError
        If `hidden` is below 1 or `n` below 2, or the activation is unknown.

    Notes
    -----
    y = sin(3 pi (x + 1)). Solved when the loss is at most 5e-4 (1e-3 without the half). A start has first-layer
    weights N(0, 9), first-layer biases uniform in [-3, 3], output weights N(0, 1/hidden) and output bias
    N(0, 1/hidden). The optimum is taken as 0, which four tanh units approach closely but do not reach.
    """
    integer("hidden", hidden)
    integer("n", n, least=2)
    X = np.linspace(-1, 1, n)[:, None]
    sizes = (1, hidden, 1)
    return Problem(
        name=spell("sine", sine, "hidden", hidden=hidden, activation=activation, n=n),
        objective=EmpiricalRisk(MLP(sizes, activation), "squared", X, np.sin(3 * np.pi * (X[:, 0] + 1))),
        start=layer_starts(sizes, [normal(3.0), fan_in()], [uniform(3.0), fan_in()]),
        optimum=0.0 if hidden >= 4 else None,
        tolerance=5e-4,
        source="made for this package; with four tanh units the lowest loss seen is 1.8e-5, the next minimum 0.012",
    )


def _linear_data(d: int, n: int, seed: int) -> tuple[Vector, Vector, np.random.Generator]:
    """Return inputs, a linear function of them, and the generator for what follows."""
    integer("n", n, least=integer("d", d) + 2)
    rng = seeded("data_seed", seed)
    X = rng.standard_normal((n, d))
    return X, X @ rng.standard_normal(d) + rng.standard_normal(), rng


def _newton(risk: EmpiricalRisk) -> float:
    """Return the minimum of a logistic risk; a mean loss below log(2)/n has every sample on its right side."""
    x = np.zeros(risk.size)
    for _ in range(50):
        value, grad = risk.value_and_grad(x)
        if value < np.log(2) / risk.n_samples:
            break
        hessian = dense_hessian(partial(risk.hessp, x), risk.size).T
        if np.linalg.norm(grad) < 1e-12:
            return float(value)
        step = np.linalg.lstsq(hessian, grad, rcond=None)[0]
        while risk.value(x - step) > value and np.linalg.norm(step) > 1e-12:
            step = step / 2
        x = x - step
    raise DataError("the classes are separable, so that logistic regression has no minimum; take another data_seed")
