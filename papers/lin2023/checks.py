"""What can be checked of the homotopies themselves: closed forms, derivatives, and two paths that are known exactly."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.polynomial.hermite_e import hermegauss

import homotopy as hp
from homotopy.continuation import homotopy_from

from ..smoothed import FAMILIES, Family, Plain, Smoothed

__all__ = ["closed_forms", "ridge_path", "rosenbrock_path"]


def closed_forms(name: str, points: int = 20) -> dict[str, float]:
    """Return by how much the means of a function and their derivatives differ from independent computations.

    Parameters
    ----------
    name : str
        The function.
    points : int
        Random points and values of s, the former N(0, 4), the latter between 0.05 and the width of the homotopy.

    Returns
    -------
    dict
        Largest differences over 1 plus the size: ``mean`` against a Gauss-Hermite rule of 80 x 80 nodes (for Ackley's
        function, whose ripples need more nodes the larger s is, s is at most 0.2), ``gradient`` against central
        differences, ``heat``, the derivative in s against s times the Laplacian.
    """
    family, rng = FAMILIES[name], np.random.default_rng(0)
    nodes, weights = hermegauss(80)
    weights = np.outer(weights, weights) / weights.sum() ** 2
    worst = dict.fromkeys(("mean", "gradient", "heat"), 0.0)
    h = 1e-5
    for _ in range(points):
        x, y = 2 * rng.standard_normal(2)
        s = rng.uniform(0.05, 0.2 if name == "ackley" else family.width)
        f, gx, gy = family.first(x, y, s)
        mean = float((weights * family.value(x + s * nodes[:, None], y + s * nodes)).sum())
        slopes = [(family.value(x + h, y, s) - family.value(x - h, y, s)) / (2 * h)]
        slopes += [(family.value(x, y + h, s) - family.value(x, y - h, s)) / (2 * h)]
        xx, _, yy = family.second(x, y, s)
        rise = (family.value(x, y, s + h) - family.value(x, y, s - h)) / (2 * h)
        found = {
            "mean": (f, mean),
            "gradient": (np.array([gx, gy]), np.array(slopes)),
            "heat": (s * (xx + yy), rise),
        }
        for key, (one, other) in found.items():
            size = 1 + float(np.max(np.abs(other)))
            worst[key] = max(worst[key], float(np.max(np.abs(one - other))) / size)
    return worst


def rosenbrock_path() -> dict[str, float]:
    """Return how far the tracker's points are from the exact path (1 / (1 + 400 s^2), x^2 + s^2), and what it cost.

    Returns
    -------
    dict
        ``error``, the largest distance; ``points``; ``half``, the s at which x has come halfway from its first value.
    """
    family: Any = FAMILIES["rosenbrock"]
    means = Smoothed(Plain(family), np.array(family.start))
    path = hp.track(means, means.start())
    exact = np.array([family.path(means.scale(point.t)) for point in path.points])
    found = np.array([point.x for point in path.points])
    return {
        "error": float(np.linalg.norm(found - exact, axis=1).max()),
        "points": float(len(found)),
        "half": float(np.sqrt((2 / (1 + family.path(family.width)[0]) - 1) / 400)),
    }


def ridge_path(seed: int = 0) -> dict[str, float]:
    """Return how far the tracker is from the exact path of the paper's regression with a fading penalty.

    The model is b1 sin x + b2 cos 2x + b3 cos 3x on 100 samples of x in (-5, 5), whose targets have coefficients 0.5,
    0.3 and 2 and noise 0.1 U(0, 1); H = t (sum of squares) + (1 - t) |b|^2.

    Returns
    -------
    dict
        ``error``, the largest distance from the solution of the normal equations; ``points``.
    """
    rng = np.random.default_rng(seed)
    x = rng.uniform(-5, 5, 100)
    X = np.column_stack([np.sin(x), np.cos(2 * x), np.cos(3 * x)])
    y = X @ [0.5, 0.3, 2.0] + 0.1 * rng.random(100)
    gram, moment = X.T @ X, X.T @ y
    family = homotopy_from(
        lambda b, t: t * 2 * (gram @ b - moment) + (1 - t) * 2 * b,
        np.zeros(3),
        jac=lambda b, t: 2 * t * gram + 2 * (1 - t) * np.eye(3),
        dt_grad=lambda b, t: 2 * (gram @ b - moment) - 2 * b,
    )
    path = hp.track(family, np.zeros(3))
    exact = [np.linalg.solve(p.t * gram + (1 - p.t) * np.eye(3), p.t * moment) for p in path.points]
    errors = [np.linalg.norm(p.x - b) for p, b in zip(path.points, exact, strict=True)]
    return {"error": float(max(errors)), "points": float(len(errors))}


def tracked_minimum(family: Family, t: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return the points at levels t of the path that begins at the function's usual start, shape (m, 2)."""
    means = Smoothed(Plain(family), np.array(family.start))
    path = hp.track(means, means.start(), milestones=tuple(t[(t > 0) & (t < 1)]))
    return np.array([min(path.points, key=lambda p: abs(p.t - one)).x for one in t])
