"""Levenberg-Marquardt in place of L-BFGS on the lengths where the Gauss-Newton matrix is cheap."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from homotopy.descent import Flat
from homotopy.methods.batch.recipes import Recipe
from homotopy.methods.recurrent.plans import Plan

__all__ = ["is_cheap", "steep"]

DEAR = 40.0
"""Gradients above which a Gauss-Newton matrix costs more than its steps save."""


def _recipe(steps: int, drop: float, window: int) -> Recipe:
    """Return Levenberg-Marquardt for at most so many steps, or until it falls by less than `drop`."""
    return Recipe(rule="lm", step_size=1e-2, plateau=(drop, window), n_steps=steps, gradient_tolerance=Flat(1e-9))


STAGE, LONG = _recipe(40, 0.05, 10), _recipe(60, 0.02, 10)
PENALIZED, LONGER = _recipe(10, 0.0, 10), _recipe(15, 0.0, 15)
FINISH = Recipe(memory=20, plateau=(0.2, 60), max_evaluations=200, gradient_tolerance=Flat(1e-9))
"""At all steps of the true length L-BFGS is cheaper, behind a short length that is solved exactly."""

CHANGES: dict[str, dict[str, Any]] = {
    "memory": {"stage": STAGE, "finish": LONG, "aim": 0.2},
    "identify": {"stage": replace(STAGE, n_steps=30), "finish": LONG, "aim": 1 / 3},
    "gate": {"stage": STAGE, "decayed": PENALIZED, "aim": 0.1, "finish": FINISH},
    "width": {"first": 5, "count": 1, "stage": STAGE, "decayed": LONGER, "aim": 0.1, "gate": 1.0, "finish": FINISH,
              "always": False, "extra": 0},
}  # fmt: skip
"""What is other in a recipe of `plans.PLANS`; others stay with L-BFGS, which solves them more cheaply."""


def is_cheap(short: Any) -> bool:
    """Return whether the Gauss-Newton matrix of a short problem costs few of its gradients."""
    cost = getattr(short, "matrix_cost", None)
    return cost is not None and cost <= DEAR


def steep(name: str, plan: Plan) -> Plan:
    """Return a recipe with Levenberg-Marquardt where that pays."""
    return replace(plan, **CHANGES.get(name, {}))
