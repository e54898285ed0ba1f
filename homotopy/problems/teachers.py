"""Teacher-student problems: a net is to be found again, from all inputs at once or from a sample."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import pairwise
from math import inf, log

import numpy as np
from numpy.typing import NDArray
from scipy.special import entr, expit

from homotopy.arguments import choice, integer, number
from homotopy.models.mlp import MLP
from homotopy.naming import spell
from homotopy.objectives.base import Vector
from homotopy.objectives.risk import EmpiricalRisk
from homotopy.objectives.teacher import TeacherStudent
from homotopy.problems.base import Problem, Starts
from homotopy.problems.data import constant, fan_in, layer_starts, seeded
from homotopy.problems.lower.fewunits import few_units_bound

__all__ = ["teacher", "teacher_sample", "ts"]


def teacher(
    k: int = 20,
    n: int | None = None,
    d: int | None = None,
    rows: str = "orthonormal",
    teacher_seed: int | None = None,
) -> Problem:
    """Safran and Shamir's population risk: relu units, second layer one, Gaussian inputs.

    Parameters
    ----------
    k : int
        Teacher units.
    n : int or None
        Student units; by default k.
    d : int or None
        Dimension of the inputs; by default k.
    rows : str
        ``orthonormal``: the teacher's rows are the first k unit vectors; ``gaussian``: they are drawn from N(0, I/d).
    teacher_seed : int or None
        Draws Gaussian rows, and asks for them; 0 by default.

    Raises
    ------
    ArgumentError
        If `rows` is neither of the two, a size is not positive, or the seed is negative.

    Notes
    -----
    Solved when the risk is below 1e-3, as in the paper; the optimum 0 is known for n >= k, where the teacher is a
    student. With fewer units the optimum is unknown; it is positive
    (`homotopy.problems.lower.fewunits.few_units_bound`). The entries of a start are N(0, 1/d).
    """
    d = k if d is None else d
    n = k if n is None else n
    choice("rows", rows, ("orthonormal", "gaussian"))
    drawn = None
    if rows == "gaussian" or teacher_seed is not None:
        integer("k", k)
        integer("d", d)
        teacher_seed = 0 if teacher_seed is None else teacher_seed
        drawn = seeded("teacher_seed", teacher_seed).standard_normal((k, d)) / np.sqrt(d)
    risk = TeacherStudent(k, n, d, teacher=drawn)
    return Problem(
        name=spell(
            "teacher", teacher, "k", k=k, n=None if n == k else n, d=None if d == k else d, teacher_seed=teacher_seed
        ),
        objective=risk,
        start=Starts(risk.draw),
        optimum=0.0 if n >= k else None,
        tolerance=1e-3,
        bound=partial(few_units_bound, risk.teacher, n) if n < k else None,
        source="I. Safran and O. Shamir, Spurious local minima are common in two-layer ReLU neural networks, ICML 2018",
    )


def ts(
    act: str = "relu",
    d: int = 8,
    h: int = 8,
    N: int = 500,
    teacher_seed: int = 0,
    layers: int = 1,
    inputs: str = "gaussian",
    noise: float = 0.0,
    threshold: float | None = None,
    loss: str = "squared",
    labels: str = "hard",
) -> Problem:
    """Recover a net from a sample; everything is trained.

    Parameters
    ----------
    act : str
        Activation of teacher and student.
    d, h : int
        Inputs, and units in each hidden layer, of both.
    N : int
        Samples.
    teacher_seed : int
        Draws the sample and the teacher.
    layers : int
        Hidden layers.
    inputs : str
        ``gaussian``: N(0, I); ``uniform``: a random linear mixture of uniform variables; ``mixture``: four Gaussians of
        deviation 1/2 with centers N(0, 2.25 I).
    noise : float
        Standard deviation of noise on the standardized targets; the optimum is then unknown.
    threshold : float or None
        The loss above the optimum that counts as solved; by default 5e-4, for h = 5 or fewer 5e-6, and log(2)/N for
        hard labels: then every sample is on its right side.
    loss : str
        ``squared``; or ``logistic``, where the targets are what the standardized outputs, with their noise, say of two
        classes.
    labels : str
        Of the logistic loss. ``hard``: 1 where an output is positive, else 0; the infimum 0 is at infinity. ``soft``:
        the probabilities 1 / (1 + exp(-2 y)); the optimum is their mean entropy.

    Raises
    ------
    ArgumentError
        If a size is not positive, `N` is below 2, or another parameter is not one of those allowed.

    Notes
    -----
    The teacher's rows are N(0, 2/n_inputs) (times 1.5 for tanh), its biases N(0, 1/4), its output weights plus or minus
    uniform in [0.5, 1.5]; targets are standardized. Without noise the optimum is 0 by construction. A start has
    weights N(0, 1/n_inputs) and biases zero. The held-out objective has 2,000 fresh samples from the same teacher,
    without noise.
    """
    _check_sample(d, h, N, layers, inputs, noise)
    if threshold is not None:
        number("threshold", threshold, "a positive number", above=0, below=inf)
    choice("loss", loss, ("squared", "logistic"))
    choice("labels", labels, ("hard", "soft"))
    sizes = (d, *[h] * layers, 1)
    X, y, test = _sample(act, sizes, N, teacher_seed, inputs)
    y = y + noise * seeded("teacher_seed", teacher_seed, 1).standard_normal(N)
    model = MLP(sizes, act)
    optimum, tolerance = 0.0 if noise == 0 else None, 5e-6 if h <= 5 else 5e-4
    if loss == "logistic":
        y, test = _classes(y, labels), (test[0], _classes(test[1], labels))
        if labels == "hard":
            tolerance = log(2) / N
        elif optimum is not None:
            optimum = float(np.mean(entr(y) + entr(1 - y)))
    name = {"act": act, "d": d, "h": h, "N": N, "teacher_seed": teacher_seed, "layers": layers, "inputs": inputs}
    name |= {"noise": noise, "threshold": threshold, "loss": loss, "labels": labels}
    return Problem(
        name=spell("ts", ts, "act", "d", "h", "teacher_seed", **name),
        objective=EmpiricalRisk(model, loss, X, y),
        start=layer_starts(sizes, [fan_in()] * (layers + 1), [constant()] * (layers + 1)),
        test=EmpiricalRisk(model, loss, *test),
        optimum=optimum,
        tolerance=tolerance if threshold is None else threshold,
        source="made for this package; without noise the optimum is 0 because the teacher is a student",
    )


def _classes(y: Vector, labels: str) -> Vector:
    """Return targets of the logistic loss made of standardized outputs."""
    return np.asarray(y > 0, dtype=np.float64) if labels == "hard" else np.asarray(expit(2.0 * y))


def _check_sample(d: int, h: int, n: int, layers: int, inputs: str, noise: float) -> None:
    """Raise where `ts` cannot be made."""
    for name, value, least in (("d", d, 1), ("h", h, 1), ("layers", layers, 1), ("N", n, 2)):
        integer(name, value, least=least)
    choice("inputs", inputs, ("gaussian", "uniform", "mixture"))
    number("noise", noise, "0 or a positive number", least=0, below=inf)


def _sample(
    act: str, sizes: tuple[int, ...], n: int, seed: int, inputs: str = "gaussian"
) -> tuple[NDArray[np.float64], Vector, tuple[NDArray[np.float64], Vector]]:
    """Return inputs and standardized targets of a fresh teacher, and held-out ones."""
    rng = seeded("teacher_seed", seed)
    draw = _inputs(inputs, sizes[0], seeded("teacher_seed", seed, 2))
    X = draw(rng, n)
    parts = []
    for n_in, n_out in pairwise(sizes[:-1]):
        gain = (1.5 if act == "tanh" else 1.0) * np.sqrt(2 / n_in)
        W = gain * rng.standard_normal((n_in, n_out))
        parts += [W.T.ravel(), 0.5 * rng.standard_normal(n_out)]
    a = rng.choice([-1, 1], sizes[-2]) * rng.uniform(0.5, 1.5, sizes[-2])
    model, theta = MLP(sizes, act), np.concatenate([*parts, a, [0.0]])
    y = model.forward(theta, X)[:, 0]
    X_test = draw(rng, 2000)
    y_test = model.forward(theta, X_test)[:, 0]
    return X, (y - y.mean()) / y.std(), (X_test, (y_test - y.mean()) / y.std())


def _inputs(kind: str, d: int, rng: np.random.Generator) -> Callable[[np.random.Generator, int], NDArray[np.float64]]:
    """Return ``draw(rng, n)`` of inputs of shape (n, d); `rng` draws what all samples share."""
    if kind == "uniform":
        mix = rng.standard_normal((d, d)) / np.sqrt(d)
        return lambda rng, n: np.asarray(rng.uniform(-np.sqrt(3), np.sqrt(3), (n, d)) @ mix)
    if kind == "mixture":
        centers = 1.5 * rng.standard_normal((4, d))
        return lambda rng, n: np.asarray(centers[rng.integers(0, 4, n)] + 0.5 * rng.standard_normal((n, d)))
    return lambda rng, n: rng.standard_normal((n, d))


def teacher_sample(act: str, d: int, h: int, N: int, teacher_seed: int) -> tuple[NDArray[np.float64], Vector]:
    """Return inputs (N, d) and standardized targets (N,) of the one-layer teacher that `ts` draws."""
    X, y, _ = _sample(act, (d, h, 1), N, teacher_seed)
    return X, y
