"""Point 5: whether gradient descent in wide nets passes saddles rather than minima."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

import homotopy as hp

from .convexity import curvatures
from .ends import BENT

__all__ = ["SERIES", "flattest", "named"]

Floats = NDArray[np.float64]
SERIES = {
    "XOR, tanh": ("xor:hidden={}", (2, 3, 4, 6, 8, 12, 16)),
    "XOR, relu": ("xor:hidden={},activation=relu", (2, 3, 4, 6, 8, 12, 16)),
    "teacher, k = 8": ("teacher:k=8,n={}", (8, 9, 10, 12, 16)),
}
"""Problems with the number of hidden units left open, and those numbers."""
STEPS = np.unique(np.geomspace(1, 3000, 40).astype(int))
RISE = 1.2
"""A gradient that falls and then rises by this factor has passed a flat place."""


def named(series: str, hidden: int) -> str:
    """Return the full name of the problem of a series with so many hidden units."""
    return hp.problem(SERIES[series][0].format(hidden)).name


def flattest(case: tuple[str, int]) -> dict[str, float]:
    """Return how many descents pass by a saddle, and how many are stuck without one.

    Parameters
    ----------
    case : (str, int)
        The problem and how many starts.

    Returns
    -------
    dict
        ``passed``, the number of runs that pass a flat place which is a saddle: the gradient falls and then rises by
        `RISE`, before the goal, and at the least gradient of these some curvature is below -`BENT` of the largest;
        ``stuck``, of those that miss the goal in 3,000 steps and have no such curvature at their end; ``solved``, of
        those that reach it; ``runs``; ``index``, the mean number of negative curvatures at the saddles passed.
    """
    name, starts = case
    problem = hp.problem(name)
    f: Any = problem.objective
    x, norms, going = _path(problem, starts)
    passed, index = 0, 0
    for i in range(starts):
        flat = _flat_place(norms[going[:, i], i])
        below = 0 if flat is None else _below(f, x[flat, i])
        passed, index = passed + (below > 0), index + below
    missed = np.flatnonzero(going[-1])
    return {
        "passed": passed,
        "stuck": sum(_below(f, x[-1, i]) == 0 for i in missed),
        "solved": starts - len(missed),
        "runs": starts,
        "index": index / max(1, passed),
    }


def _path(problem: Any, starts: int) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Return points of descents, the norms of the gradient there, and whether the goal was still to be reached."""
    f = problem.objective
    x = np.array([problem.start(np.random.default_rng(seed)) for seed in range(starts)])
    step = np.array([1.0 / np.abs(curvatures(f, one)).max() for one in x])
    points, norms, going, done = [], [], [], 0
    for steps in STEPS:
        found = hp.descend(f, x, rule="gd", step_size=step, n_steps=int(steps - done))
        x, done = np.ascontiguousarray(found.x), int(steps)
        points.append(x)
        norms.append(found.grad_norm)
        going.append((found.value > problem.target) & (going[-1] if going else True))
    return np.array(points), np.array(norms), np.array(going)


def _flat_place(norms: Floats) -> int | None:
    """Return where the least gradient is behind which it rises by `RISE`; None where it never does."""
    later = np.append(np.maximum.accumulate(norms[::-1])[::-1][1:], 0.0) if norms.size else norms
    able = np.flatnonzero(later >= RISE * norms)
    return None if not able.size else int(able[np.argmin(norms[able])])


def _below(objective: Any, x: Floats) -> int:
    """Return how many curvatures are negative and not small beside the largest."""
    some = curvatures(objective, x)
    return int(np.sum(some < -BENT * np.abs(some).max()))
