"""Where a run ended: at the goal, in a worse minimum, at a saddle, on a plateau, or on its way to infinity."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

import homotopy as hp
from homotopy.experiments import Comparison
from homotopy.landscape import classified, escapes

from .convexity import curvatures

__all__ = ["BENT", "FELL", "FLAT", "KINDS", "LONG", "confirmed", "kind_of", "kinds_of"]

KINDS = ("solved", "worse minimum", "runs to infinity", "saddle", "plateau or slow")
FELL = 0.01
"""A fine descent that lowers the loss by less than this part found no way down."""
BENT = 1e-3
"""A negative curvature counts above this part of the largest curvature."""
FLAT = 1e-2
"""Above this norm of the gradient a point is no saddle: the descent is under way, or jumps from wall to wall."""
LONG = 100.0
"""A weight above this, and a loss that no longer falls: the run goes to infinity."""
FINE = 2000
"""Evaluations of the fine descent, L-BFGS."""


def kinds_of(found: Comparison, problem: str, method: str) -> list[str]:
    """Return the kind of end, one of `KINDS`, of each run of a method on a problem, in the order of its seeds."""
    built = hp.problem(problem)
    runs = found.records(problem, method)
    points = [x for _, x, _ in found.payload(problem, method)]
    missed = [i for i, run in enumerate(runs) if not run["success"]]
    kinds = ["solved"] * len(runs)
    if missed:
        x = np.array([points[i] for i in missed])
        fine = _fine(built.objective, x)
        for i, before, after in zip(missed, x, fine, strict=True):
            kinds[i] = kind_of(built.objective, before, after)
    return kinds


def kind_of(objective: Any, x: NDArray[np.float64], y: NDArray[np.float64]) -> str:
    """Return the kind of an end x that missed the goal, with y where a fine descent from it came to.

    The rule is that of the page: where the fine descent lowers the loss by `FELL` or more there was a way down, and x
    is a saddle if its gradient is below `FLAT` and its least curvature below -`BENT` of the largest, else a plateau, or
    only slow. Where it does not, y is judged: on its way to infinity, a saddle, or a worse minimum.
    """
    value = objective.value(x)
    if objective.value(y) < (1 - FELL) * value:
        flat = float(np.linalg.norm(objective.value_and_grad(x)[1])) <= FLAT
        return "saddle" if flat and _bent(objective, x) else "plateau or slow"
    if np.abs(y).max() > LONG or escapes(objective, y):
        return "runs to infinity"
    return "saddle" if _bent(objective, y) else "worse minimum"


def confirmed(found: Comparison, problem: str, method: str, most: int) -> tuple[int, int]:
    """Return how many of the first worse minima `classified` calls minima, which looks at kinks too, and of how many.

    Parameters
    ----------
    found : Comparison
        What was run.
    problem, method : str
        Their names.
    most : int
        So many are looked at.
    """
    objective = hp.problem(problem).objective
    kinds = kinds_of(found, problem, method)
    points = [x for _, x, _ in found.payload(problem, method)]
    chosen = [x for x, kind in zip(points, kinds, strict=True) if kind == "worse minimum"][:most]
    if not chosen:
        return 0, 0
    return sum(classified(objective, y).kind == "minimum" for y in _fine(objective, np.array(chosen))), len(chosen)


def _fine(objective: Any, x: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(hp.descend(objective, x, rule="lbfgs", n_steps=FINE, gradient_tolerance=1e-10).x)


def _bent(objective: Any, x: NDArray[np.float64]) -> bool:
    """Return whether some curvature is negative and not small beside the largest."""
    some = curvatures(objective, x)
    return bool(some[0] < -BENT * np.abs(some).max())
