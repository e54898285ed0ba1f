"""Point 1: linear and logistic regression have one minimum; the same cost put on a hidden layer is not convex."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

import homotopy as hp
from homotopy.linalg import dense_hessian

__all__ = ["CONVEX", "NETS", "curvatures", "hessian", "one_minimum"]

CONVEX = ("linear", "logistic")
NETS = ("xor", "xor:loss=logistic")
BELOW = -1e-9
"""A curvature below this part of the largest one counts as negative here; rounding is a million times smaller."""


def hessian(objective: Any, x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the matrix of second derivatives at a point, shape (n, n), symmetric, in units of loss."""
    return dense_hessian(lambda v: objective.hessp(x, v), objective.size, symmetric=True)


def curvatures(objective: Any, x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the eigenvalues of the Hessian at a point in ascending order: how the loss bends along its axes."""
    return np.asarray(np.linalg.eigvalsh(hessian(objective, x)))


def one_minimum(name: str, starts: int) -> dict[str, float]:
    """Return where gradient descent ends on a problem, and whether its loss bends upward everywhere.

    Parameters
    ----------
    name : str
        A problem.
    starts : int
        Random starts.

    Returns
    -------
    dict
        ``values`` and ``apart``, how far the losses and the weights of two ends differ at most; ``least``, the least
        curvature at any start and end over the largest there; ``bent``, the share of starts at which some curvature is
        negative; ``last``, the same share where only the weights of the last layer may move.
    """
    problem = hp.problem(name)
    f: Any = problem.objective
    x = np.array([problem.start(np.random.default_rng(seed)) for seed in range(starts)])
    # the curvature of these costs is largest where outputs are 0, so that this step never overshoots
    step = 1.0 / curvatures(f, np.zeros(f.size))[-1]
    step = step if name in CONVEX else 0.3
    ends = hp.descend(f, x, rule="gd", step_size=step, n_steps=20_000, gradient_tolerance=1e-11)
    last = f.model.sizes[-2] + 1
    least, bent, straight = [], 0, 0
    for start, end in zip(x, ends.x, strict=True):
        H = hessian(f, start)
        some = np.linalg.eigvalsh(H)
        part = np.linalg.eigvalsh(H[-last:, -last:])
        bent += bool(some[0] < BELOW * some[-1])
        straight += bool(part[0] < BELOW * part[-1])
        at_end = curvatures(f, end) if name in CONVEX else some
        least += [some[0] / some[-1], at_end[0] / at_end[-1]]
    return {
        "values": float(np.ptp(ends.value)),
        "apart": float(np.linalg.norm(ends.x - ends.x[0], axis=1).max()),
        "least": float(min(least)),
        "bent": bent / starts,
        "last": straight / starts,
    }
