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
from homotopy.linalg import dense_hessian
from homotopy.objectives import Function

__all__ = ["METHODS", "census", "check_step", "ended_at", "ends", "index_at"]

Vector = NDArray[np.float64]
METHODS = ("gd", "perturbed-gd", "newton", "saddle-free", "lbfgs", "width", "auto")
BUDGET = 5000
"""Gradient-equivalents of a run."""
STATIONARY = 1e-10
"""The norm of the gradient at a critical point, in loss over weights."""
FLAT, NEAR = 1e-6, 0.3
"""A curvature below -FLAT is negative; a run has ended at a critical point that Newton's method finds so near."""


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


def ends(part: tuple[str, str, float, float, list[float] | None, float, int]) -> dict[str, list[float]]:
    """Return where the runs of a method end.

    Parameters
    ----------
    part : (str, str, float, float, list or None, float, int)
        The net, the method, the net's lowest value and the tolerance within which it counts as reached, a saddle and
        the distance from it at which runs start (None: the net's own random starts), and how many runs there are.

    Returns
    -------
    dict
        One entry a run: ``value``; ``home``, whether it ended at a point of the lowest value; ``index`` of the critical
        point at which it ended, -1 if at none; ``cost`` and ``seconds`` in all, and ``to`` and ``seconds_to`` until the
        lowest value was reached, else NaN.
    """
    name, method, lowest, tolerance, saddle, distance, runs = part
    problem = _problem(name, (lowest, tolerance), saddle, distance)
    columns = ("value", "home", "index", "cost", "to", "seconds", "seconds_to")
    out: dict[str, list[float]] = {key: [] for key in columns}
    for seed in range(runs):
        x, cost, seconds = _newton(problem, seed) if method == "newton" else _solved(problem, method, seed)
        value = float(problem.objective.value(x)) if np.isfinite(x).all() else float("inf")
        good = problem.solved(value)
        there, index = ended_at(problem.objective, x)
        home = float(good or there <= lowest + 1e-8)
        rows = (value, home, index, cost, cost if good else None, seconds, seconds if good else None)
        for key, one in zip(out, rows, strict=True):
            out[key].append(float("nan") if one is None else one)
    return out


def _problem(name: str, goal: tuple[float, float], saddle: list[float] | None, distance: float) -> hp.Problem:
    """Return the net with its lowest value as the optimum, which ends a run that reaches it."""
    one = hp.problem(name)
    start = one.start if saddle is None else partial(_near, np.array(saddle), distance)
    return hp.Problem(name=name, objective=one.objective, start=start, optimum=goal[0], tolerance=goal[1])


def _near(x: Vector, distance: float, rng: np.random.Generator) -> Vector:
    v = rng.standard_normal(x.shape)
    return np.asarray(x + distance * v / np.linalg.norm(v))


def _solved(problem: hp.Problem, method: str, seed: int) -> tuple[Vector, float, float]:
    end = hp.method(method).solve(problem, rng=seed, budget=BUDGET)
    return end.x, float(end.cost), float(end.seconds)


def _newton(problem: hp.Problem, seed: int) -> tuple[Vector, float, float]:
    """Return the end of Newton's method on the gradient, whole steps, with its cost: a Hessian is 2 n gradients."""
    n, begin, spent = problem.size, time.thread_time(), [0.0]
    start = problem.start(np.random.default_rng(seed))
    x = _stationary(problem.objective, start, BUDGET // (2 * n + 1), spent)[0]
    return x, spent[0], time.thread_time() - begin


def _stationary(f: Any, start: Vector, steps: int, spent: list[float]) -> tuple[Vector, bool]:
    """Return where Newton's method ends and whether that is a stationary point; count gradients in ``spent[0]``."""
    n = int(f.size)

    def grad(x: Vector, _: float) -> Vector:
        spent[0] += 1
        return np.asarray(f.grad(x))

    def hessian(x: Vector, _: float) -> Vector:
        spent[0] += 2 * n
        return np.array([f.hessp(x, e) for e in np.eye(n)])

    newton, system = DeflatedNewton(tolerance=STATIONARY, max_iter=steps), RootSystem(grad, n, jacobian=hessian)
    x, status = newton.solve(system, start, 1.0, Deflation())
    return x, status.name == "CONVERGED"


def ended_at(objective: Any, x: Vector) -> tuple[float, int]:
    """Return the value and the index of the critical point at which a run ended; infinity and -1 if at none.

    It is the one that Newton's method converges to from the end, if that is within 0.3: methods stop at gradients of
    different size.
    """
    if not np.isfinite(x).all():
        return float("inf"), -1
    near, found = _stationary(objective, x, 20, [0.0])
    if not found or np.linalg.norm(near - x) > NEAR:
        return float("inf"), -1
    return float(objective.value(near)), index_at(objective, near)


def index_at(objective: Any, x: Vector) -> int:
    """Return how many curvatures at a point are negative."""
    H = dense_hessian(lambda v: objective.hessp(x, v), len(x), symmetric=True)
    return int(np.sum(np.linalg.eigvalsh(H) < -FLAT))
