"""Data sets whose spurious minima are known in closed form: every number is converted to half the mean."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from math import inf
from typing import Any

import numpy as np

from homotopy.arguments import choice, integer, number
from homotopy.models.mlp import MLP
from homotopy.naming import spell
from homotopy.objectives.base import Vector
from homotopy.objectives.risk import EmpiricalRisk
from homotopy.problems.base import Problem, Starts
from homotopy.problems.data import layer_starts, normal

__all__ = [
    "PERMUTED_WEIGHTS",
    "SWIRSZCZ_D1",
    "SWIRSZCZ_D2",
    "YUN_POINT",
    "near",
    "permuted",
    "swirszcz_d1",
    "swirszcz_d2",
    "yun",
]

YUN_POINT: Vector = np.array([1.4, 1.4, -3.0, -3.0, 0.0, 0.0, -3.0, 57.771946311894, 0.0])
"""A spurious minimum of `yun`: W1 rows (1.4, 1.4) and (-3, -3), no hidden bias, W2 = (-3, 57.77), no output bias."""

SWIRSZCZ_D1: Vector = np.array([1.0, -3.0, 1.0, 0.0])
"""The published local minimum of D1, (w, b, v, c): sum of squares 18."""

SWIRSZCZ_D2: Vector = np.array([-3.0, 1.0, 13 / 3, -10.0, 1.0, -1.0, -3.0])
"""The local minimum of D2, (w1, w2, b1, b2, v1, v2, c): sum of squares 8/3."""

PERMUTED_WEIGHTS: Vector = np.array([-1.5, 2.0, 1.7, 0.4, 2.3, 0.8])
"""W1 = [[-1.5, 2.0], [1.7, 0.4]] and W2 = [[2.3, 0.8]] of `permuted`."""


def yun(distance: float = 0.01) -> Problem:
    """Three points, two logistic hidden units: a start at a spurious minimum that gradient descent cannot leave.

    Parameters
    ----------
    distance : float
        Length of the random displacement of the start from the spurious point; 0 starts exactly there.

    Raises
    ------
    ArgumentError
        If `distance` is negative or not finite.

    Notes
    -----
    The paper's risk, half the sum over three points, is 1/3 at the spurious minimum, which is 1/9 here. The global
    minimum is 0. The point `YUN_POINT` solves the conditions (C2.3), (C2.6) and (C2.7) of Theorem 2.
    """
    number("distance", distance, "0 or a positive number", least=0, below=inf)
    X = np.array([[1.0, 0.0], [0.0, 1.0], [0.5, 0.5]])
    y = np.array([0.0, 0.0, 1.0])
    return Problem(
        name=spell("yun", yun, distance=distance),
        objective=EmpiricalRisk(MLP((2, 2, 1), "logistic"), "squared", X, y),
        start=near(YUN_POINT, distance),
        optimum=0.0,
        tolerance=1e-6,
        source="C. Yun, S. Sra, A. Jadbabaie, Small nonlinearities in activation functions create bad local minima in "
        "neural networks, ICLR 2019 (arXiv 1802.03487), Theorem 2; the point was computed for this package",
    )


def swirszcz_d1(start: str = "local", distance: float = 0.01) -> Problem:
    """Five points, one relu unit: the published local minimum and a better one.

    Parameters
    ----------
    start : str
        ``local``: near the published local minimum; ``random``: all entries N(0, 1).
    distance : float
        Length of the random displacement from the local minimum.

    Notes
    -----
    The paper's sum of squares is 18 at the local minimum, 1.8 here; the best single unit, active at x = -1 alone, has
    14, which is 1.4 here. That no unit has less is proved: with the kink fixed the fit is a linear regression, and all
    places of the kink are gone through (`homotopy.problems.lower.onerelu`).
    """
    data = np.array([5.0, 4.0, 3.0, 1.0, -1.0]), np.array([2.0, 1.0, 0.0, -3.0, 3.0])
    where = {"point": SWIRSZCZ_D1, "optimum": 1.4, "start": start, "distance": distance}
    return _swirszcz("swirszcz-d1", swirszcz_d1, data, **where)


def swirszcz_d2(start: str = "local", distance: float = 0.01) -> Problem:
    """Six points, two relu units: a local minimum, and a global one of value zero.

    The parameters are those of `swirszcz_d1`.

    Notes
    -----
    The sum of squares is 8/3 at the local minimum, 2/9 here, and 0 at w = (-5, 1), b = (1, -8), v = (1, -1), c = -1.
    The printed text has -1 for the second weight, with which the claim does not hold; the sign here is the one with
    which it does.
    """
    data = np.array([-1.0, 0.0, 1.0, 10.0, 11.0, 12.0]), np.array([5.0, 0.0, -1.0, -3.0, -4.0, -5.0])
    where = {"point": SWIRSZCZ_D2, "optimum": 0.0, "start": start, "distance": distance}
    return _swirszcz("swirszcz-d2", swirszcz_d2, data, **where)


def permuted(points: int = 5) -> Problem:
    """Recover a 2-2-1 tanh net without biases from its outputs: the two hidden units can be swapped.

    Parameters
    ----------
    points : int
        The inputs are a grid of points x points in [-1, 1]^2.

    Raises
    ------
    ArgumentError
        If `points` is below 2.

    Notes
    -----
    A net with n hidden units computes the same function after each of the n! permutations of them, so that its cost
    has at least n! equal minima (with tanh, also 2^n changes of sign) and is not convex unless they coincide: at the
    mean of two permuted minima the value is larger than at either. Starts are N(0, 1).
    """
    integer("points", points, least=2)
    axis = np.linspace(-1, 1, points)
    X = np.array([[a, b] for a in axis for b in axis])
    model = MLP((2, 2, 1), "tanh", bias=False)
    y = model.forward(PERMUTED_WEIGHTS, X)[:, 0]
    return Problem(
        name=spell("permuted", permuted, points=points),
        objective=EmpiricalRisk(model, "squared", X, y),
        start=layer_starts((2, 2, 1), [normal(1.0)] * 2, None),
        optimum=0.0,
        tolerance=1e-8,
        source="a worked example of the symmetry of hidden units; the optimum is 0 by construction",
    )


def _swirszcz(name: str, factory: Callable[..., Problem], data: tuple[Vector, Vector], **given: Any) -> Problem:
    """Return D1 or D2: a relu layer on one input, as wide as the point's size says."""
    point, start, distance = given["point"], given["start"], given["distance"]
    choice("start", start, ("local", "random"))
    number("distance", distance, "0 or a positive number", least=0, below=inf)
    sizes = (1, (point.size - 1) // 3, 1)
    random = layer_starts(sizes, [normal(1.0)] * 2, [normal(1.0)] * 2)
    return Problem(
        name=spell(name, factory, start=start, distance=distance),
        objective=EmpiricalRisk(MLP(sizes, "relu"), "squared", data[0][:, None], data[1]),
        start=random if start == "random" else near(point, distance),
        optimum=given["optimum"],
        tolerance=1e-6,
        source="G. Swirszcz, W. M. Czarnecki, R. Pascanu, Local minima in training of deep networks, arXiv 1611.06310",
    )


def near(point: Vector, distance: float) -> Starts:
    """Return what draws points at this Euclidean distance from `point`."""
    return Starts(partial(_near, point, distance))


def _near(point: Vector, distance: float, rng: Any) -> Vector:
    step = rng.standard_normal((point.size,))
    return np.asarray(point + distance * step / np.linalg.norm(step, axis=-1, keepdims=True))
