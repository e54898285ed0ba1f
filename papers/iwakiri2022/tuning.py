"""How steps, factors of s and bounds were chosen: on runs that are not shown, with the same effort for both loops."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf
from typing import Any

import homotopy as hp

from ..loops import DoubleLoop, SingleLoop, ZerothOrder
from ..smoothed import problem

__all__ = ["FACTORS", "HIDDEN", "RADII", "candidates", "tune"]

RADII = {"ackley": 8.0, "himmelblau": 5.0, "rosenbrock": 3.0}
"""Of the discs around 0 from which the starts are drawn, in units of x."""
HIDDEN = 1_000_000_000
"""The first seed of the runs that choose."""
FACTORS = (0.5, 0.8, 0.9, 0.95, 0.99, 0.999)
"""Of s at each step of one loop."""
STEEP = (1.0, 3.0, 10.0, 30.0, 100.0, 300.0)
BOUNDS = {"ackley": (0.03, 0.1, 0.3, 1.0, 3.0, 10.0), "himmelblau": STEEP, "rosenbrock": STEEP}
"""Of the gradient, where an inner loop of two ends, in units of f over those of x."""
STEPS = {
    "ackley": (0.01, 0.03, 0.1, 0.3, 1.0),
    "himmelblau": (0.002, 0.005, 0.01, 0.02, 0.05),
    "rosenbrock": (1e-4, 3e-4, 1e-3, 2e-3, 5e-3),
}
"""Of x, in units of x squared over those of f."""

BUDGETS = {"ackley": (1_000, 100_000), "himmelblau": (20_000, 200_000), "rosenbrock": (20_000, 200_000)}
"""Gradients that a run may take, with exact gradients and from values alone."""


def candidates(kind: str, name: str) -> Iterator[Any]:
    """Yield the methods of a kind that are tried on a function.

    Parameters
    ----------
    kind : str
        ``gd``; ``single`` and ``double``, one loop and two; ``values``, one loop from values; ``fixed``, s = 0.01.
    name : str
        The function.
    """
    for step in STEPS[name]:
        if kind == "gd":
            yield hp.method(f"gd:step_size={step:g}")
        elif kind == "fixed":
            yield ZerothOrder(step, shrink=1.0)
        elif kind == "double":
            yield from (DoubleLoop(step, small=bound) for bound in BOUNDS[name])
        else:
            made = SingleLoop if kind == "single" else ZerothOrder
            yield from (made(step, shrink=factor) for factor in FACTORS)


def tune(kind: str, name: str, runs: int = 20) -> list[tuple[float, int, str]]:
    """Return the candidates of a kind on a function, the best first: of those that solve most runs the cheapest.

    Parameters
    ----------
    kind, name : str
        As for `candidates`.
    runs : int
        Of each candidate, from seeds that are not shown.

    Returns
    -------
    list of (float, int, str)
        Gradients spent in all runs over the runs that succeed, these runs, and the name of the candidate.
    """
    place, found = problem(name, RADII[name], (0.0, 0.0)), []
    budget = BUDGETS[name][kind in ("values", "fixed")]
    for method in candidates(kind, name):
        ran: Any = method.solve_many(place, range(HIDDEN, HIDDEN + runs), budget=budget)
        good = int(sum(map(bool, ran["success"])))
        found.append((float(sum(ran["cost"])) / good if good else inf, good, method.name))
    return sorted(found, key=lambda one: (2 * one[1] <= runs, one))
