"""What the diffusion equation is said to bring by itself: a beginning, step sizes, layers apart, noise."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

import homotopy as hp
from homotopy.homotopies import Diffusion, LiftedDiffusion

__all__ = ["SIGMAS", "heat", "layers", "minima", "noise"]

Array = NDArray[np.float64]
SIGMAS = (0.03, 0.1, 0.3, 1.0, 3.0)


def _hessian(family: Any, x: Array, t: float = 0.0) -> Array:
    return np.array([family.hessp(x, t, unit) for unit in np.eye(x.size)])


def minima(sigma: float, n: int = 20) -> dict[str, float]:
    """Return what descents of xor's squared loss under noise end at, from n random starts.

    Returns
    -------
    dict
        ``far``, the largest distance of an end from the point whose weights are all 0 but for the output's bias;
        ``spread``, the largest distance of two ends; ``step``, the median largest stable step of gradient descent at
        the ends, 2 over the largest curvature; ``least``, the smallest curvature at the point of zero weights.
    """
    family = Diffusion(hp.problem("xor").objective, sigma)
    starts = np.random.default_rng(0).uniform(-1.0, 1.0, size=(n, 9))
    ends = hp.descend(family.at(0.0), starts, rule="lbfgs", n_steps=400, gradient_tolerance=1e-8).x
    zero = family.blurred()
    assert zero is not None  # tanh units are odd
    apart = np.linalg.norm(ends[:, None] - ends[None], axis=2)
    steps = [2.0 / np.linalg.eigvalsh(_hessian(family, x))[-1] for x in ends[:8]]
    return {
        "far": float(np.linalg.norm(ends - zero, axis=1).max()),
        "spread": float(apart.max()),
        "step": float(np.median(steps)),
        "least": float(np.linalg.eigvalsh(_hessian(family, zero))[0]),
    }


def layers(t: float, points: int = 3) -> float:
    """Return how two hidden layers of a 2-4-4-1 net are coupled: the mixed block of the Hessian over their own ones.

    The form is the lifted one, with the states of all units as variables and noise of deviation .5 (1 - t).
    """
    rng = np.random.default_rng(0)
    model, X = hp.MLP((2, 4, 4, 1), "tanh"), rng.standard_normal((10, 2))
    risk = hp.EmpiricalRisk(model, "squared", X, np.sin(2.0 * X[:, 0] * X[:, 1]))
    first, second = np.arange(12), 12 + np.arange(20)
    family, found = LiftedDiffusion(risk, 0.5), []
    for seed in range(points):
        x = family.enter(model.init(seed))
        rows = np.array([family.hessp(x, t, np.eye(x.size)[i]) for i in (*first, *second)])
        own = np.linalg.norm(rows[:12, first]) * np.linalg.norm(rows[12:, second])
        found.append(np.linalg.norm(rows[:12, second]) / np.sqrt(own))
    return float(np.mean(found))


def noise(samples: int, sigma: float = 0.3) -> tuple[float, float]:
    """Return how far the mean gradient at noisy weights is from the exact smoothed one on xor, and what chance gives.

    Returns
    -------
    error, standard : float
        The length of the difference, and the root of its expected square for independent samples.
    """
    risk = hp.problem("xor").objective
    rng = np.random.default_rng(1)
    x = rng.uniform(-1.0, 1.0, size=9)
    grads = np.array([risk.grad(x + sigma * z) for z in rng.standard_normal((samples, 9))])
    error = np.linalg.norm(grads.mean(axis=0) - Diffusion(risk, sigma).grad(x, 0.0))
    return float(error), float(np.sqrt(grads.var(axis=0, ddof=1).sum() / samples))


def heat(sigma: float = 0.5) -> float:
    """Return the largest relative error of dH/dsigma = sigma times the trace of the Hessian, on xor, at five points."""
    family, worst = Diffusion(hp.problem("xor").objective, sigma), 0.0
    for x in np.random.default_rng(2).uniform(-1.0, 1.0, size=(5, 9)):
        for t in (0.0, 0.5):
            left, s = -family.dt(x, t) / sigma, sigma * (1.0 - t)
            right = s * np.trace(_hessian(family, x, t))
            worst = max(worst, abs(left - right) / abs(right))
    return worst
