"""How descents inside methods go and when they end: every number of a stopping rule stands here, once."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

from homotopy.descent import Flat, Noise
from homotopy.descent.memory import direction_cost
from homotopy.descent.rules import rule
from homotopy.descent.schedules import Schedule
from homotopy.objectives.flops import relative_cost

__all__ = [
    "FINE",
    "FULL",
    "GAUSS_NEWTON",
    "HOP",
    "LONG_POLISH",
    "PATIENT",
    "PENALIZED",
    "PLAIN",
    "POLE",
    "POLISH",
    "QUICK",
    "RACE",
    "ROUGH",
    "SETTLE",
    "STAGE",
    "Recipe",
    "gauss_newton",
]


@dataclass(frozen=True, eq=False)
class Recipe:
    """A rule of descent with what ends it; `homotopy.descend` says what each of these means.

    Where `n_steps` is None there are as many steps as evaluations; without a `target` descents of the true problem have
    the problem's; a `Flat` gradient is one relative to the largest where the objective's units are unknown; without
    `record_every` they record every step, and others none. `step_size` may be one number a run, shape (m,); for
    Levenberg-Marquardt it is the first damping. `memory` is L-BFGS's, its own choice where it is None.
    """

    rule: str = "lbfgs"
    max_evaluations: int = 10_000
    n_steps: int | None = None
    plateau: tuple[float, int] | None = None
    gradient_tolerance: float | None = None
    target: float | None = None
    step_size: float | Schedule | Any = None
    momentum: float | None = None
    memory: int | None = None
    noise: Noise | None = None
    clip: float | None = None
    record_every: int | None = None

    def settings(self) -> dict[str, Any]:
        """Return what `homotopy.descend` is called with, but for what it may cost."""
        given = {field.name: getattr(self, field.name) for field in fields(self) if field.name != "max_evaluations"}
        given["n_steps"] = self.max_evaluations if self.n_steps is None else self.n_steps
        return {name: value for name, value in given.items() if value is not None}

    def unit(self, objective: Any, true: Any) -> float:
        """Return what one evaluation costs in gradients of the true objective, its part of the direction included.

        L-BFGS's recursion counts where the flops of the true gradient are known (`direction_cost`).
        """
        return relative_cost(objective, true) + direction_cost(rule(self.rule, memory=self.memory), objective, true)


PLAIN = Recipe()
"""L-BFGS to the target, or until no step is left."""
STAGE = Recipe(plateau=(1e-2, 20), gradient_tolerance=Flat(1e-9))
"""One t of a ladder: the next one follows, so what falls slowly is left to it."""
ROUGH = Recipe(plateau=(1e-2, 40), gradient_tolerance=Flat(1e-9))
"""A net of any width on data, between moves or behind them."""
PATIENT = Recipe(plateau=(1e-2, 150), gradient_tolerance=Flat(1e-9))
"""Two hidden layers, whose loss stays flat for long before it falls."""
FINE = Recipe(plateau=(1e-3, 100), gradient_tolerance=Flat(1e-9))
"""A fit that the next move needs exactly: a teacher's units, or a net that is grown."""
QUICK = Recipe(plateau=(1e-4, 20), gradient_tolerance=Flat(1e-9))
"""The finish behind moves that are exact: it falls at once, or never."""
POLE = Recipe(plateau=(1e-3, 50), gradient_tolerance=Flat(1e-9), max_evaluations=200)
"""Away from a pole at a stuck point."""
PENALIZED = Recipe(gradient_tolerance=Flat(1e-9))
"""A penalized net, for as many evaluations as it is given."""
POLISH = Recipe(plateau=(1e-4, 50), gradient_tolerance=Flat(1e-8), max_evaluations=2000)
"""The true problem behind a method's moves."""
LONG_POLISH = Recipe(plateau=(1e-4, 100), gradient_tolerance=Flat(1e-8), max_evaluations=5000)
"""The true problem at the end of a ladder, which stopped its stages early."""
FULL = Recipe(plateau=(1e-6, 100), gradient_tolerance=Flat(1e-8))
"""The true problem as far as a descent leads."""
RACE = Recipe(plateau=(1e-4, 50), gradient_tolerance=Flat(1e-8))
"""A heat of a race, whose evaluations are few."""
SETTLE = Recipe(plateau=(1e-3, 100), gradient_tolerance=Flat(1e-8), max_evaluations=2000)
"""The winner of a race, or a hop that ends near the best: as far as it pays."""
HOP = Recipe(plateau=(1e-3, 50), gradient_tolerance=Flat(1e-8), max_evaluations=150)
"""From a kicked point; most hops fail, and soon."""
GAUSS_NEWTON = Recipe(rule="lm", plateau=(1e-2, 10), gradient_tolerance=Flat(1e-9))
"""Levenberg-Marquardt, whose steps are few: ten that gain less than 1 % end it."""


def gauss_newton(most: float, damping: float = 1e-2, *, target: float | None = None) -> Recipe:
    """Return `GAUSS_NEWTON` with its limit of gradients, its first damping and its target.

    A trial costs a gradient, a matrix what its flops are (`LM`).
    """
    return replace(GAUSS_NEWTON, max_evaluations=int(min(max(most, 1.0), 1e15)), step_size=damping, target=target)
