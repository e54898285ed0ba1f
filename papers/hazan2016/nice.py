"""The two conditions of a nice function, checked scale by scale, for functions and for a net."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

import homotopy as hp
from homotopy.linalg import dense_hessian

from .functions import DISCS, LINES, Disc, Line

__all__ = ["BY_NAME", "net_conditions", "niceness", "other_minima"]

BY_NAME: dict[str, Line | Disc] = {one.name: one for one in (*LINES, *DISCS)}


def niceness(part: list[Any]) -> dict[str, Any]:
    """Return what the two conditions come to at scales between the function's first and 1/256 of it.

    Parameters
    ----------
    part : (str, int)
        The function, and how many scales there are to each halving.

    Returns
    -------
    dict
        ``scales``, falling; ``minima``, the minimizer of each mean; ``moved``, the distance to the minimizer at half
        the scale over half the scale, at most 1 by condition (i); ``convex``, the least curvature of the mean within
        three scales of the minimizer, positive by condition (ii); ``nice``, the largest scale from which on both hold
        at all smaller ones, 0 where there is none; ``sigma``, the least curvature from there on.
    """
    name, many = part
    f = BY_NAME[name]
    scales = f.largest * 2.0 ** (-np.arange(8 * many + 1) / many)
    longer = f.largest * 2.0 ** (-np.arange(9 * many + 1) / many)
    minima, x = [], np.array(getattr(f, "start", (0.0,)), dtype=float)
    for d in longer:
        x = f.minimizer(float(d), x) if isinstance(f, Disc) else f.minimizer(float(d))
        minima.append(x)
    moved = [2 * float(np.linalg.norm(minima[i] - minima[i + many])) / d for i, d in enumerate(scales)]
    convex = [f.convexity(minima[i], float(d)) for i, d in enumerate(scales)]
    good = (np.array(moved) <= 1) & (np.array(convex) > 0)
    first = len(good) if not good[-1] else int(len(good) - np.argmin(good[::-1])) if not good.all() else 0
    return {
        "scales": scales.tolist(),
        "minima": [one.tolist() for one in minima[: len(scales)]],
        "moved": moved,
        "convex": convex,
        "nice": float(scales[first]) if first < len(good) else 0.0,
        "sigma": float(np.min(convex[first:])) if first < len(good) else 0.0,
    }


def other_minima(name: str, radius: float, points: int = 200_001) -> int:
    """Return how many local minima f has, other than the least, along the x axis within a radius of the minimizer.

    Along the axis through the minimizer; in two variables those of the rippled bowl are minima of f, which is even in
    y and rises away from the axis.
    """
    f = BY_NAME[name]
    if isinstance(f, Line):
        center = float(f.minimizer(f.largest / 4096)[0])
        slope = f.slope(center + np.linspace(-radius, radius, points))
    else:
        slope = f.first(np.linspace(-radius, radius, points), np.zeros(points))[1]
    return max(int(np.sum((slope[:-1] < 0) & (slope[1:] >= 0))) - 1, 0)


def net_conditions(count: int = 12, starts: int = 6) -> dict[str, Any]:
    """Return where the minimizer of the XOR net's mean risk is, and how curved the mean risk is there, scale by scale.

    The net is 2-2-1 with tanh units, the noise normal on all weights: the closed form is exact. A normal displacement
    of deviation s is as long as one from the ball of radius s sqrt(n + 2), root mean square.

    Parameters
    ----------
    count : int
        Deviations, from 1 down to 0.05.
    starts : int
        Random starts of L-BFGS at each, besides points near 0, where all copies of a net meet.

    Returns
    -------
    dict
        ``deviations``; ``distance``, of the lowest point found from 0; ``curvature``, the least
        eigenvalue of the Hessian at the minimizer.
    """
    risk: Any = hp.problem("xor").objective
    diffused = hp.homotopies.Diffusion(risk, sigma=1.0)
    middle, rng = np.zeros(risk.size), np.random.default_rng(0)
    found: dict[str, Any] = {"deviations": np.geomspace(1, 0.05, count).tolist(), "distance": [], "curvature": []}
    for s in found["deviations"]:
        at = diffused.at(1 - s)
        begins = np.vstack([middle + 1e-3 * rng.standard_normal(risk.size), rng.standard_normal((starts, risk.size))])
        ends = hp.descend(at, begins, rule="lbfgs", n_steps=300, gradient_tolerance=1e-9)
        x = ends.x[int(np.nanargmin(ends.value))]
        H = dense_hessian(partial(at.hessp, x), risk.size, symmetric=True)
        found["curvature"].append(float(np.linalg.eigvalsh(H)[0]))
        found["distance"].append(float(np.linalg.norm(x - middle)))
    return found
