"""How many stationary points searches find for what they cost: curves through them, Newton from many starts, ours."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import root

import homotopy as hp
from homotopy.homotopies import FixedPoint, Newton
from homotopy.landscape import critical_points, distance

from .census import named, points_of

__all__ = ["PROBLEM", "SEARCHES", "STARTS", "curves", "discovery", "roots", "searched"]

PROBLEM = named(2, 0.01)
SEARCHES = {"newton": Newton, "fixed-point": FixedPoint}
PRODUCT = 2.0
"""Gradients that a Hessian-vector product counts as."""
STARTS = 5
"""Random starts of the census that points are looked up in; one finds as many."""
NEAR = 1e-3
"""Weights within this distance of a known point, up to symmetry, are that point."""
STEPS = 1000
RANGE = 20.0
Run = dict[str, Any]


class Counted:
    """An objective whose evaluations are counted in gradient-equivalents; it has no compiled part, so none is missed.

    Parameters
    ----------
    inner : Objective
        What is evaluated.
    """

    def __init__(self, inner: Any) -> None:
        self.inner, self.spent = inner, 0.0

    def __getattr__(self, name: str) -> Any:
        if name in ("inner", "spent", "capsule") or name.startswith("_"):
            raise AttributeError(name)
        return getattr(self.inner, name)

    def value(self, x: NDArray[np.float64]) -> float:
        """Return the value, counted as one gradient."""
        self.spent += 1.0
        return float(self.inner.value(x))

    def grad(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the gradient."""
        self.spent += 1.0
        return np.asarray(self.inner.grad(x))

    def value_and_grad(self, x: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        """Return both, counted once."""
        self.spent += 1.0
        value, grad = self.inner.value_and_grad(x)
        return float(value), grad

    def hessp(self, x: NDArray[np.float64], v: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return a Hessian-vector product, counted as two gradients."""
        self.spent += PRODUCT
        return np.asarray(self.inner.hessp(x, v))

    def hessian(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the Hessian, counted as a product for each column."""
        self.spent += PRODUCT * x.size
        return np.asarray(self.inner.hessian(x))


def searched(starts: int) -> Run:
    """Return how many points `homotopy.landscape.critical_points` finds from so many starts, with cost and seconds."""
    f: Any = hp.problem(PROBLEM).objective
    x = np.array([_start(seed) for seed in range(starts)])
    began = time.thread_time()
    found = critical_points(f, x, rng=0)
    seconds = time.thread_time() - began
    counted = Counted(f)
    critical_points(counted, x, rng=0)
    return {"points": len(found), "cost": counted.spent, "seconds": seconds}


def roots(case: tuple[int, int]) -> list[Run]:
    """Return what SciPy's ``root`` (Powell's hybrid method, exact Hessians) finds from each of some random starts.

    Parameters
    ----------
    case : (int, int)
        The first seed and the number of starts.

    Returns
    -------
    list of dict
        Of each start ``points``, the numbers in the census of what it found, ``cost`` and ``seconds``; a stationary
        point that is not in the census is the number -1.
    """
    f, known = _known()

    def hessian(x: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(f.hessian(x))

    out = []
    for seed in range(case[0], case[0] + case[1]):
        began = time.thread_time()
        end = root(f.grad, _start(seed), jac=hessian, method="hybr", options={"xtol": 1e-12})
        seconds = time.thread_time() - began
        good = float(np.linalg.norm(f.grad(end.x))) < 1e-9
        cost = end.nfev + PRODUCT * f.size * end.njev
        out.append({"points": [_which(f, known, end.x)] if good else [], "cost": cost, "seconds": seconds})
    return out


def curves(case: tuple[str, int, int]) -> list[Run]:
    """Return the stationary points that curves of a homotopy pass, one after another, each as in `roots`.

    Along the curve of ``grad f(x) = (1 - t) grad f(a)`` (newton), or of ``(1 - t)(x - a) + t grad f(x) = 0``
    (fixed-point), from a random a at t = 0, each passage of t = 1 is a stationary point of f. A curve is followed until
    it closes, leaves |t| <= 20, runs to infinity, or has 1,000 steps.

    Parameters
    ----------
    case : (str, int, int)
        The homotopy, the first seed and the number of starts.
    """
    name, first, number = case
    f, known = _known()
    out = []
    for seed in range(first, first + number):
        began = time.thread_time()
        path = hp.track(
            SEARCHES[name](f, _start(seed)),
            _start(seed),
            target=None,
            milestones=(1.0,),
            bounds=(-RANGE, RANGE),
            max_steps=STEPS,
            mode="arclength",
        )
        seconds = time.thread_time() - began
        passed = [_which(f, known, one.point.x) for one in path.events if one.name == "milestone"]
        cost = path.counts.grad + PRODUCT * path.counts.hessp
        out.append({"points": passed, "cost": cost, "seconds": seconds, "ended": path.status.name})
    return out


def discovery(runs: Sequence[Run], most: int, orders: int = 200) -> dict[str, Any]:
    """Return the mean number of different points against the cost, over random orders of the runs.

    Parameters
    ----------
    runs : sequence of dict
        Of `roots` or `curves`.
    most : int
        Points in the census.
    orders : int
        Random orders.

    Returns
    -------
    dict
        ``found``, how many different points all runs found; ``cost`` and ``seconds``, what all cost; ``x`` and ``y``,
        costs and the mean number of points found up to there; ``half`` and ``nine``, the mean cost at which half and
        nine tenths of the census were found, infinite where some order never did.
    """
    cost = np.array([run["cost"] for run in runs], dtype=float)
    hit = np.zeros((len(runs), most), dtype=bool)
    for i, run in enumerate(runs):
        hit[i, [point for point in run["points"] if point >= 0]] = True
    x = np.geomspace(max(cost.mean(), 1.0), cost.sum(), 40)
    rng, y, at = np.random.default_rng(0), np.zeros(len(x)), {"half": 0.0, "nine": 0.0}
    for _ in range(orders):
        order = rng.permutation(len(runs))
        spent = np.cumsum(cost[order])
        number = np.logical_or.accumulate(hit[order], axis=0).sum(axis=1)
        y += np.append(0, number)[np.searchsorted(spent, x * (1 + 1e-12), side="right")] / orders
        for key, share in (("half", 0.5), ("nine", 0.9)):
            enough = np.flatnonzero(number >= share * most)
            at[key] += (spent[enough[0]] if enough.size else np.inf) / orders
    known = {"found": int(hit.any(axis=0).sum()), "cost": float(cost.sum()), "x": x.tolist(), "y": y.tolist()}
    outside = sum(point < 0 for run in runs for point in run["points"])
    at = {key: float(value) for key, value in at.items()}
    return known | at | {"seconds": float(sum(run["seconds"] for run in runs)), "outside": int(outside)}


def _known() -> tuple[Any, Any]:
    """Return the objective and its census."""
    f: Any = hp.problem(PROBLEM).objective
    return f, points_of(PROBLEM, STARTS)


def _start(seed: int) -> NDArray[np.float64]:
    """Return a random start: all weights uniform in [-1, 1]."""
    return np.random.default_rng(seed).uniform(-1.0, 1.0, 9)


def _which(f: Any, known: Any, x: NDArray[np.float64]) -> int:
    """Return the number of the point of the census that x is a copy of, else -1."""
    value = f.value(x)
    for number, point in enumerate(known):
        if abs(point.value - value) < 1e-7 and distance(f, point.x, x) < NEAR:
            return number
    return -1
