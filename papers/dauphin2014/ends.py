"""Critical points of small nets, the saddle-free step, and at what kind of point each method ends."""

from __future__ import annotations

import time
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import sqrtm

import homotopy as hp
from homotopy.continuation import DeflatedNewton, Deflation, RootSystem
from homotopy.landscape import critical_points
from homotopy.objectives import Function

__all__ = ["METHODS", "census", "check_step", "ends", "index_at"]

Vector = NDArray[np.float64]
METHODS = ("gd", "perturbed-gd", "newton", "saddle-free", "lbfgs", "width", "auto")
BUDGET = 5000
"""Gradient-equivalents of a run."""
FLAT, MOVING = 1e-6, 2e-3
"""A curvature below -FLAT is negative; a run whose gradient is longer than MOVING has not ended at a critical point."""


def census(part: tuple[str, int, int]) -> list[dict[str, Any]]:
    """Return the critical points of a net: its name, how many random starts searches begin at, and how many searches.

    The censuses of seeds 0, 1, ... are put together, symmetric copies once: a single one can miss points.

    Returns
    -------
    list of dict
        ``value``, ``index``, ``copies``, how many symmetric ones there are, and ``x``, by value.
    """
    name, starts, seeds = part
    found = critical_points(hp.problem(name), starts, rng=0)
    for seed in range(1, seeds):
        found = found.merged(critical_points(hp.problem(name), starts, rng=seed))
    return [
        {"value": p.value, "index": p.index, "copies": str(p.multiplicity), "x": [float(w) for w in p.x]} for p in found
    ]


def check_step(n: int = 6, trials: int = 10) -> float:
    """Return by how much steps of ``saddle-free`` differ from -|H|^-1 g, relative to their lengths, at most.

    Functions are random quadratic ones, f = x.Hx/2, with curvatures of both signs; |H| is the square root of H H.
    """
    worst = 0.0
    for trial in range(trials):
        rng = np.random.default_rng(trial)
        A = rng.standard_normal((n, n))
        H, x = A + A.T, rng.standard_normal(n)
        wanted = -np.linalg.solve(np.real(sqrtm(H @ H)), H @ x)
        problem = hp.Problem(
            name="a quadratic function",
            objective=Function(lambda v, H=H: 0.5 * v @ H @ v, lambda v, H=H: H @ v, n, hessp=lambda _, v, H=H: H @ v),
            start=partial(_fixed, x),
            optimum=-1e9,
        )
        end = hp.method("saddle-free:steps=1,damping=1e-12").solve(problem, rng=0)
        worst = max(worst, float(np.linalg.norm(end.x - x - wanted) / np.linalg.norm(wanted)))
    return worst


def _fixed(x: Vector, _: np.random.Generator) -> Vector:
    return x.copy()


def ends(part: tuple[str, str, float, list[float] | None, float, int]) -> dict[str, list[float]]:
    """Return where the runs of a method end.

    Parameters
    ----------
    part : (str, str, float, list or None, float, int)
        The net, the method, its lowest value, a saddle and the distance from it at which runs start (None: the net's
        own random starts), and how many runs there are.

    Returns
    -------
    dict
        One entry a run: ``value``; ``index``, that of the Hessian at the end, -1 where the gradient is not small;
        ``cost`` and ``seconds`` in all, and ``to`` and ``seconds_to`` until the lowest value was reached, else NaN.
    """
    name, method, lowest, saddle, distance, runs = part
    problem = _problem(name, lowest, saddle, distance)
    out: dict[str, list[float]] = {key: [] for key in ("value", "index", "cost", "to", "seconds", "seconds_to")}
    for seed in range(runs):
        x, cost, seconds = _newton(problem, seed) if method == "newton" else _solved(problem, method, seed)
        value = float(problem.objective.value(x)) if np.isfinite(x).all() else float("inf")
        good = problem.solved(value)
        rows = (value, index_at(problem.objective, x), cost, cost if good else None, seconds, seconds if good else None)
        for key, one in zip(out, rows, strict=True):
            out[key].append(float("nan") if one is None else one)
    return out


def _problem(name: str, lowest: float, saddle: list[float] | None, distance: float) -> hp.Problem:
    """Return the net with its lowest value as the optimum, which ends a run that reaches it."""
    one = hp.problem(name)
    start = one.start if saddle is None else partial(_near, np.array(saddle), distance)
    return hp.Problem(name=name, objective=one.objective, start=start, optimum=lowest, tolerance=1e-6)


def _near(x: Vector, distance: float, rng: np.random.Generator) -> Vector:
    v = rng.standard_normal(x.shape)
    return np.asarray(x + distance * v / np.linalg.norm(v))


def _solved(problem: hp.Problem, method: str, seed: int) -> tuple[Vector, float, float]:
    end = hp.method(method).solve(problem, rng=seed, budget=BUDGET)
    return end.x, float(end.cost), float(end.seconds)


def _newton(problem: hp.Problem, seed: int) -> tuple[Vector, float, float]:
    """Return the end of Newton's method on the gradient, whole steps, with its cost: a Hessian is 2 n gradients."""
    f: Any = problem.objective
    n, spent, begin = f.size, [0.0], time.thread_time()

    def grad(x: Vector, _: float) -> Vector:
        spent[0] += 1
        return np.asarray(f.grad(x))

    def hessian(x: Vector, _: float) -> Vector:
        spent[0] += 2 * n
        return np.array([f.hessp(x, e) for e in np.eye(n)])

    system = RootSystem(grad, n, jacobian=hessian)
    start = problem.start(np.random.default_rng(seed))
    x, _ = DeflatedNewton(max_iter=BUDGET // (2 * n + 1)).solve(system, start, 1.0, Deflation())
    return x, spent[0], time.thread_time() - begin


def index_at(objective: Any, x: Vector) -> int:
    """Return how many curvatures at a point are negative; -1 where its gradient is not small."""
    if not np.isfinite(x).all() or not np.linalg.norm(objective.grad(x)) <= MOVING:
        return -1
    H = np.array([objective.hessp(x, e) for e in np.eye(len(x))])
    return int(np.sum(np.linalg.eigvalsh((H + H.T) / 2) < -FLAT))
