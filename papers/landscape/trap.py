"""The planar trap: its proof, what frees a student from it, and what random starts see of it."""

from __future__ import annotations

import numpy as np

import homotopy as hp
from homotopy.experiments import expected_cost
from homotopy.landscape import critical_points, enclose
from homotopy.papers.landscape.facts import Fact, facts, proven

__all__ = ["LEVEL", "OTHER", "SIDES", "point", "runs"]

LEVEL = 0.00423280
"""The risk at the trap, to its printed digits: a run that ends within 1e-5 of it is in it."""
OTHER = 4.97493e-5
"""The risk at another minimum, of four units, that random starts meet: one that ends within 1e-8 of it is there."""
BUDGET = 20_000.0
"""Gradient-equivalents of a run."""
SIDES = {
    "L-BFGS": ("trap", "lbfgs"),
    "gradient descent": ("trap", "gd:step_size=0.25"),
    "L-BFGS, starts 0.3 away": ("trap,distance=0.3", "lbfgs"),
    "L-BFGS, unit 1 split": ("trap,split=1", "lbfgs"),
    "width": ("trap", "width"),
    "skip": ("trap", "skip"),
    "random starts, L-BFGS": ("random", "lbfgs"),
    "random starts, width": ("random", "width"),
    "random starts, skip": ("random", "skip"),
}
"""What is run: the start, and the method."""


def point(starts: int = 200) -> list[Fact]:
    """Return the proofs that the trap of three units is a minimum, and that four units have another one."""
    problem = hp.problem("trap:n=3,distance=0")
    x = problem.start(np.random.default_rng(0))
    out = facts("trap", "point", {"F": problem.objective.value(x), **proven(enclose(problem, x))})
    points = critical_points(hp.problem("trap:n=4,start=random"), starts, rng=0, kinds="minima")
    for one in points:
        if abs(one.value - OTHER) < 1e-8:
            known = {"starts": starts, "hits": one.hits, "F": one.value}
            return out + facts("trap", "other", known | proven(enclose(points.objective, one.x)))
    return out


def runs(n: int, side: str, seeds: int) -> list[Fact]:
    """Return what became of the runs of one side with n student units."""
    start, method = SIDES[side]
    problem = hp.problem(f"trap:n={n},start={start}")
    hp.solve(problem, method, rng=0, budget=20.0)  # what is imported on first use is not timed
    found = [hp.solve(problem, method, rng=seed, budget=BUDGET) for seed in range(seeds)]
    cost = np.array([one.cost for one in found])
    expected = expected_cost(cost, [one.cost_to_success for one in found])
    values = np.array([one.value for one in found])
    good = sum(one.success for one in found)
    seconds = sum(one.seconds for one in found)
    known = {
        "runs": seeds,
        "success": good,
        "in the trap": int((np.abs(values - LEVEL) < 1e-5).sum()),
        "in the other": int((np.abs(values - OTHER) < 1e-8).sum()),
        "cost": expected.value,
        "cost low": expected.low,
        "cost high": expected.high,
        "cost bound": expected.bound,
        "seconds": seconds / good if good else float("inf"),
        "worst": values.max(),
    }
    return facts("trap", f"n={n} {side}", known)
