"""Levenberg-Marquardt in place of L-BFGS on the lengths where the Gauss-Newton matrix is cheap."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from homotopy.descent import Flat
from homotopy.methods.batch.recipes import Recipe
from homotopy.methods.recurrent.plans import FEW, Plan, lbfgs
from homotopy.models.activations import activation
from homotopy.objectives.facets import offered

__all__ = ["is_cheap", "steep"]

DEAR = 40.0
"""Gradients above which a Gauss-Newton matrix costs more than its steps save."""


def _damped(steps: int, drop: float, window: int) -> Recipe:
    """Return Levenberg-Marquardt for at most so many steps, or until it falls by less than `drop`."""
    return Recipe(rule="lm", step_size=1e-2, plateau=(drop, window), n_steps=steps, gradient_tolerance=Flat(1e-9))


# At all steps of the true length L-BFGS is cheaper, behind a short length that is solved exactly.
ONE = {"count": 1, "gate": 1.0, "always": False, "extra": 0, "patience": None, "finish": lbfgs(200, 0.2, 60)}
CHANGES: dict[str, dict[str, Any]] = {
    "memory": {"stage": _damped(40, 0.05, 10), "finish": _damped(60, 0.02, 10), "aim": 0.2},
    "identify": {"stage": _damped(30, 0.05, 10), "finish": _damped(60, 0.02, 10), "aim": 1 / 3},
    "gate": ONE | {"stage": _damped(40, 0.05, 10), "decayed": _damped(10, 0.0, 10), "aim": 0.1, "count": 2},
    "width": ONE | {"stage": _damped(40, 0.1, 5), "decayed": lbfgs(220, 0.02, 40), "aim": 0.1, "first": 6,
                    "decay": 2e-3, "early": False},
    "kinks": ONE | {"stage": _damped(40, 0.1, 5), "decayed": lbfgs(100, 0.02, 40), "aim": 0.1, "first": 5,
                    "decay": 2e-3, "early": False},
}  # fmt: skip
"""What is other in a recipe of `plans.PLANS`; other recipes, and many units with kinks, stay with L-BFGS."""


def is_cheap(short: Any) -> bool:
    """Return whether the Gauss-Newton matrix of a short problem costs few of its gradients."""
    cost = getattr(short, "matrix_cost", None)
    return cost is not None and cost <= DEAR


def steep(name: str, plan: Plan, objective: Any) -> Plan:
    """Return a recipe with Levenberg-Marquardt where that pays for an objective's units."""
    kinks = name in ("gate", "width") and activation(objective.model.activation).homogeneous
    if kinks and offered(objective, "units"):
        name = "kinks" if objective.units().width < FEW else ""
    return replace(plan, **CHANGES.get(name, {}))
