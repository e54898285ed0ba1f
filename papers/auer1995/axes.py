"""One logistic unit with as many minima an axis as there are points on it: the data, the exact minima, the descents."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import expit, logit

import homotopy as hp

__all__ = ["KINDS", "Axis", "axis", "counted", "data", "problem"]

Vector = NDArray[np.float64]
KINDS = {"near": (0.75, 6.0), "far": (0.8, 8.0)}
"""Which minimum of an axis is the lowest, the one next to 0 or the farthest: the target of all points, and the ratio of
the weights that fit neighbors."""
FIRST = 0.5
"""The weight that fits the first point of an axis."""
GRID = 20_001


@dataclass(frozen=True)
class Axis:
    """The function of one weight that belongs to an axis, g(w) = sum over its m points of (sigma(w x) - y)^2.

    Attributes
    ----------
    x : ndarray of shape (m,)
        The points.
    y : float
        Their target.
    weights : ndarray of shape (m,)
        The weight that fits each point alone.
    minima, values : ndarray
        All local minima in ascending order, and g there.
    """

    x: Vector
    y: float
    weights: Vector
    minima: Vector
    values: Vector

    def __call__(self, w: Any) -> Vector:
        """Return g at each of several weights."""
        return np.asarray(((expit(np.multiply.outer(w, self.x)) - self.y) ** 2).sum(axis=-1))


@lru_cache
def axis(kind: str, m: int) -> Axis:
    """Return an axis with m points, its minima found exhaustively.

    Parameters
    ----------
    kind : {"near", "far"}
        Which minimum is the lowest.
    m : int
        Points.

    Notes
    -----
    As y > 1/2, every term falls for weights up to the first that fits a point and rises from the last on: all minima
    lie between these. There the slope is looked at on a grid of 20,001 points that are equally far in log w, the scale
    on which all wells have one shape.
    """
    y, ratio = KINDS[kind]
    weights = FIRST * ratio ** np.arange(m)
    x = logit(y) / weights
    if m == 1:
        return Axis(x, y, weights, weights, np.zeros(1))

    def slope(w: Any) -> Any:
        h = expit(np.multiply.outer(w, x))
        return 2 * ((h - y) * h * (1 - h) * x).sum(axis=-1)

    grid = np.geomspace(weights[0], weights[-1], GRID)
    signs = np.sign(slope(grid))
    signs[0], signs[-1] = -1.0, 1.0  # by the argument above; at the ends one term is 0 to rounding
    at = np.flatnonzero((signs[:-1] < 0) & (signs[1:] > 0))
    minima = np.array([brentq(slope, grid[i], grid[i + 1], xtol=1e-14) if 0 < i < GRID - 2 else grid[i] for i in at])
    return Axis(x, y, weights, minima, ((expit(np.multiply.outer(minima, x)) - y) ** 2).sum(axis=-1))


def data(kind: str, d: int, n: int) -> tuple[Vector, Vector]:
    """Return n examples of d inputs: floor(n/d) on each axis, and at 0, where no weight matters, those left over."""
    one = axis(kind, n // d)
    X = np.zeros((n, d))
    for i in range(d):
        X[i * len(one.x) : (i + 1) * len(one.x), i] = one.x
    return X, np.full(n, one.y)


def problem(kind: str, d: int, n: int) -> hp.Problem:
    """Return the problem of n examples of d inputs; solved at the best minimum of every axis.

    Starts are uniform in the logarithm of each weight, from a third of the first that fits a point to three times the
    last.
    """
    one = axis(kind, n // d)
    X, y = data(kind, d, n)
    best = np.sort(one.values)
    gap = float(best[1] - best[0]) if len(best) > 1 else 1e-2
    rest = (n - d * len(one.x)) * (0.5 - one.y) ** 2
    return hp.Problem(
        name=f"{kind}: d = {d}, n = {n}",
        objective=hp.EmpiricalRisk(hp.MLP((d, 1), output="logistic", bias=False), "squared", X, y),
        start=partial(_start, d, float(one.weights[0]), float(one.weights[-1])),
        optimum=float(d * best[0] + rest) / (2 * n),
        tolerance=0.1 * gap / (2 * n),
        source="after Auer, Herbster and Warmuth 1995; the optimum is found axis by axis",
    )


def _start(d: int, low: float, high: float, rng: np.random.Generator) -> Vector:
    return np.asarray(np.exp(rng.uniform(np.log(low / 3), np.log(3 * high), d)))


def counted(part: tuple[str, int, int, str, int]) -> dict[str, Any]:
    """Return which minima many descents end at.

    Parameters
    ----------
    part : (str, int, int, str, int)
        The kind, d, n, the rule of `homotopy.descend` and how many starts.

    Returns
    -------
    dict
        ``found``, different minima; ``ended``, descents that ended at one, each weight within 1 % of a minimum of its
        axis; ``best``, at the global one; ``even``, the entropy of the minima met over that of equal shares.
    """
    kind, d, n, rule, starts = part
    one, this = axis(kind, n // d), problem(kind, d, n)
    X = np.array([this.start(np.random.default_rng(seed)) for seed in range(starts)])
    ends = hp.descend(this.objective, X, rule=rule, n_steps=3000, gradient_tolerance=1e-9).x
    off = np.abs(ends[:, :, None] / one.minima - 1)
    at, label = (off.min(axis=-1) < 1e-2).all(axis=1), off.argmin(axis=-1)
    shares = np.unique(label[at], axis=0, return_counts=True)[1] / max(1, at.sum())
    best = (label == int(np.argmin(one.values))).all(axis=1) & at
    return {
        "found": len(shares),
        "ended": int(at.sum()),
        "best": int(best.sum()),
        "even": float(-(shares * np.log(shares)).sum() / np.log(len(one.minima) ** d)),
    }
