"""Teacher-student problems: a net is to be found again, from all inputs at once or from a sample."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from homotopy.errors import ArgumentError
from homotopy.models.mlp import MLP
from homotopy.objectives.base import Vector
from homotopy.objectives.risk import EmpiricalRisk
from homotopy.objectives.teacher import TeacherStudent
from homotopy.problems.base import Problem, spell
from homotopy.problems.data import constant, fan_in, layer_starts

__all__ = ["teacher", "ts"]


def teacher(k: int = 20, n: int | None = None, d: int | None = None, teacher_seed: int | None = None) -> Problem:
    """Safran and Shamir's population risk: relu units, second layer one, Gaussian inputs.

    Parameters
    ----------
    k : int
        Teacher units.
    n : int or None
        Student units; by default k.
    d : int or None
        Dimension of the inputs; by default k.
    teacher_seed : int or None
        Draws the teacher's rows from N(0, I/d); by default they are the first k unit vectors.

    Notes
    -----
    Solved when the risk is below 1e-3, as in the paper; the optimum 0 is known for n >= k. The entries of a start are
    N(0, 1/d).
    """
    d = k if d is None else d
    n = k if n is None else n
    rows = None
    if teacher_seed is not None:
        if d < 1 or k < 1:
            raise ArgumentError(f"k and d must be positive integers, not {k!r} and {d!r}")
        rows = np.random.default_rng(teacher_seed).standard_normal((k, d)) / np.sqrt(d)
    risk = TeacherStudent(k, n, d, teacher=rows)

    def start(rng: np.random.Generator) -> Vector:
        return np.asarray(rng.standard_normal(risk.size) / np.sqrt(risk.d))

    return Problem(
        name=spell(
            "teacher", teacher, "k", k=k, n=None if n == k else n, d=None if d == k else d, teacher_seed=teacher_seed
        ),
        objective=risk,
        start=start,
        optimum=0.0 if n >= k else None,
        tolerance=1e-3,
        source="I. Safran and O. Shamir, Spurious local minima are common in two-layer ReLU neural networks, ICML 2018",
    )


def ts(
    act: str = "relu",
    d: int = 8,
    h: int = 8,
    N: int = 500,
    teacher_seed: int = 0,
    threshold: float | None = None,
) -> Problem:
    """Recover a net with one hidden layer from a sample; everything is trained.

    Parameters
    ----------
    act : str
        Activation of teacher and student.
    d, h : int
        Inputs and hidden units of both.
    N : int
        Samples.
    teacher_seed : int
        Draws the sample and the teacher.
    threshold : float or None
        The loss that counts as solved; by default 5e-4, for h = 5 or fewer 5e-6.

    Notes
    -----
    Inputs are N(0, I); the teacher's rows N(0, 2/d) (times 1.5 for tanh), its biases N(0, 1/4), its output weights
    plus or minus uniform in [0.5, 1.5]; targets are standardized. The optimum is 0 by construction. A start has
    weights N(0, 1/n_inputs) and biases zero. The held-out objective has 2,000 fresh samples from the same teacher.
    """
    if min(d, h) < 1 or N < 2:
        raise ArgumentError(f"d and h must be positive integers and N at least 2, not {d!r}, {h!r} and {N!r}")
    X, y, test = _sample(act, d, h, N, teacher_seed)
    model = MLP((d, h, 1), act)
    return Problem(
        name=spell(
            "ts",
            ts,
            "act",
            "d",
            "h",
            "teacher_seed",
            act=act,
            d=d,
            h=h,
            N=N,
            teacher_seed=teacher_seed,
            threshold=threshold,
        ),
        objective=EmpiricalRisk(model, "squared", X, y),
        start=layer_starts((d, h, 1), [fan_in()] * 2, [constant()] * 2),
        test=EmpiricalRisk(model, "squared", *test),
        optimum=0.0,
        tolerance=threshold if threshold is not None else (5e-6 if h <= 5 else 5e-4),
        source="made for this package; the optimum is 0 because the teacher is a student",
    )


def _sample(
    act: str, d: int, h: int, n: int, seed: int
) -> tuple[NDArray[np.float64], Vector, tuple[NDArray[np.float64], Vector]]:
    """Return inputs and standardized targets of a fresh teacher, and held-out ones."""
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, d))
    gain = (1.5 if act == "tanh" else 1.0) * np.sqrt(2 / d)
    W, b = gain * rng.standard_normal((d, h)), 0.5 * rng.standard_normal(h)
    a = rng.choice([-1, 1], h) * rng.uniform(0.5, 1.5, h)
    model = MLP((d, h, 1), act)
    theta = np.concatenate([W.T.ravel(), b, a, [0.0]])
    y = model.forward(theta, X)[:, 0]
    X_test = rng.standard_normal((2000, d))
    y_test = model.forward(theta, X_test)[:, 0]
    return X, (y - y.mean()) / y.std(), (X_test, (y_test - y.mean()) / y.std())
