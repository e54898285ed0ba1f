"""What a descent is told, in the compiled loop's terms, and one start of it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from math import inf
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy._core.descent import Interpreted
from homotopy.arguments import integer, number, shown
from homotopy.descent.memory import nested, pairs_of
from homotopy.descent.records import Traces
from homotopy.descent.rules import LBFGS, LM, Rprop, Rule
from homotopy.descent.schedules import Noise, Schedule, sample, table_shift
from homotopy.errors import ArgumentError
from homotopy.objectives.base import Vector, compiled
from homotopy.objectives.facets import offered
from homotopy.objectives.family import At, Homotopy
from homotopy.objectives.flops import relative_cost
from homotopy.objectives.function import checked
from homotopy.objectives.outputs import gauss_newton
from homotopy.status import Budget, Status

__all__ = ["STATUSES", "Aim", "Ends", "Flat", "Settings", "Starts", "evaluations", "is_plain"]

# In the order of the enumeration in ext/descent/descent.h; the first, "running", never ends a descent.
STATUSES = (
    Status.NOT_CONVERGED,
    Status.REACHED_TARGET,
    Status.CONVERGED,
    Status.MAX_STEPS,
    Status.STEP_TOO_SMALL,
    Status.NON_FINITE,
    Status.BUDGET_SPENT,
    Status.STOPPED_BY_CALLBACK,
)
FOREVER = 2.0**62
RELATIVE = 1e-2
"""A `Flat` gradient of a plain function, over the largest one: the start's gradient is often 100 of what is natural."""
NOTHING, SAME = np.zeros(1), np.ones(1)


@dataclass(frozen=True)
class Starts:
    """The starts x of shape (r, p), which become the final points, and what is each one's own, shape (r,).

    `keys` are random streams, `step_sizes` 0 where the rule chooses, `targets` values at which to stop (-inf: none),
    and `limits` the largest numbers of evaluations.
    """

    x: Vector
    keys: NDArray[np.uint64]
    step_sizes: Vector
    targets: Vector
    limits: NDArray[np.int64]


class Ends:
    """Where the loops write how r starts ended: one array of shape (r,) for each number.

    `codes` index `STATUSES`; `hits` are evaluations until the target was reached, 0 where it was not; `traces` holds
    what each start recorded.
    """

    def __init__(self, r: int) -> None:
        counts, numbers = np.zeros((4, r), dtype=np.int64), np.full((2, r), np.nan)
        self.codes, self.n_steps, self.n_evaluations, self.hits = counts
        self.values, self.grad_norms = numbers
        self.traces = Traces(r)


class Aim:
    """An objective, a homotopy, or a homotopy at one t, as the compiled loop sees it.

    `capsule` is the function in C; whatever has none is called through the interpreter, and is `plain`, a function in
    units that nobody states, unless a compiled one lies within. `moves` says whether it is a
    homotopy whose t is free, `t` where it is fixed, 1 for a plain objective; `cost` counts one evaluation in gradients.

    Raises
    ------
    ArgumentError
        If the thing has no size or no value_and_grad.
    """

    def __init__(self, thing: Any) -> None:
        fixed = isinstance(thing, At)
        inner = thing.homotopy if fixed else thing
        family = isinstance(inner, Homotopy) or hasattr(inner, "dt_grad")
        if not hasattr(inner, "value_and_grad") or not hasattr(inner, "size"):
            raise ArgumentError(f"objective must have size and value_and_grad, but {type(thing).__name__} has not both")
        if not family:
            inner = checked(inner)
        self.thing = thing
        self.size = int(inner.size)
        self.cost = relative_cost(thing, getattr(inner, "objective", inner)) if family else 1.0
        self.moves = family and not fixed
        self.t = float(thing.t) if fixed else 1.0
        self.interpreted: Interpreted | None = None
        capsule = compiled(inner)
        self.plain = capsule is None and is_plain(inner)
        if capsule is None:
            call = inner.value_and_grad if family else lambda x, t: inner.value_and_grad(x)
            nets = not family and offered(inner, "outputs")
            matrix = (lambda x, t: gauss_newton(inner, x)) if nets else None
            self.interpreted = Interpreted(call, self.size, self.cost, matrix)
            capsule = self.interpreted.capsule()
        self.capsule = capsule

    def raise_error(self) -> None:
        """Raise what the interpreted function raised, if it did."""
        if self.interpreted is not None and self.interpreted.error is not None:
            raise self.interpreted.error


def is_plain(thing: Any) -> bool:
    """Return whether nobody states the units of a function and its variables.

    Compiled objectives, and what lies around them, have units: those of a net's weights and of its loss.
    """
    return all(compiled(one) is None for one in nested(thing))


class Flat(float):
    """A bound of the gradient's norm for descents inside methods, in units of the loss over those of the weights.

    Of a function in units that nobody states it is a hundredth of this, times the largest norm met by the descent; one
    that is below 1e-14 of x times the first curvature, as rounding makes it, is flat too (L-BFGS, LM and Newton).
    """


class Settings:
    """What all starts share, as plain numbers and tables (hp_settings in ext/descent/descent.h), checked here.

    Raises
    ------
    ArgumentError
        If a number is out of its range, or a part does not go with the rule or the objective.
    """

    def __init__(
        self,
        rule: Rule,
        aim: Aim,
        *,
        n_steps: int,
        factor: Schedule | None,
        schedule: Schedule | None,
        noise: Noise | None,
        gradient_tolerance: float,
        plateau: tuple[float, int] | None,
        record_every: int,
        pause_every: int,
        budget: Budget,
        clip: float | None = None,
    ) -> None:
        self.n_steps = integer("n_steps", n_steps, least=0)
        self.record_every = integer("record_every", record_every, least=0)
        self.pause_every = integer("callback_every", pause_every, least=0)
        self.gradient_tolerance = number("gradient_tolerance", gradient_tolerance, "a non-negative number", least=0)
        self.plain, self.relative = int(aim.plain), int(aim.plain and isinstance(gradient_tolerance, Flat))
        if self.relative:
            self.gradient_tolerance *= RELATIVE
        if schedule is not None and not aim.moves:
            raise ArgumentError("schedule moves the parameter of a homotopy, but the objective is not one")
        if isinstance(rule, (LBFGS, LM, Rprop)) and factor is not None:
            raise ArgumentError(f"{type(rule).__name__} sets its own steps, so step_size must be a number")
        if isinstance(rule, (LBFGS, LM)) and noise is not None:
            raise ArgumentError(f"noise goes with rules of fixed steps, not with {type(rule).__name__}")
        self.clip = _clip(clip, rule)
        self.plateau_drop, self.plateau_window = _plateau(plateau)
        self.rule, (self.beta1, self.beta2, self.epsilon) = rule.code, rule.numbers
        self.memory = pairs_of(rule, aim.thing) if isinstance(rule, LBFGS) else 1
        self.smallest, self.largest = getattr(rule, "smallest", 0.0), getattr(rule, "largest", 0.0)
        self.shift = table_shift(n_steps)
        self.step_table = SAME if factor is None else sample(factor, n_steps)
        self.t_table = np.array([aim.t]) if schedule is None else sample(schedule, n_steps)
        self.noise_table = NOTHING if noise is None else sample(noise, n_steps)
        self.noise_gaussian = int(noise is not None and noise.kind == "gaussian")
        self.noise_period = 0 if noise is None else int(noise.period)
        moving = np.flatnonzero(self.t_table != self.t_table[-1])
        self.settled = min((int(moving[-1]) + 1) << self.shift, self.n_steps) if len(moving) else 0
        self.deadline = time.monotonic() + budget.seconds


def _plateau(plateau: tuple[float, int] | None) -> tuple[float, int]:
    """Return drop and window; a window of 0 is no test."""
    if plateau is None:
        return 0.0, 0
    try:
        drop, window = plateau
        good = drop >= 0 and window >= 1 and window == int(window)
    except (TypeError, ValueError):
        good = False
    if not good:
        raise ArgumentError(f"plateau must be (drop, window) with drop >= 0 and window >= 1, not {shown(plateau)}")
    return float(drop), int(window)


def _clip(clip: float | None, rule: Rule) -> float:
    """Return the longest gradient that a rule sees; 0 is any."""
    if clip is None:
        return 0.0
    if isinstance(rule, (LBFGS, LM, Rprop)):
        raise ArgumentError(
            f"clip goes with gradient descent, momentum and Adam, not with {type(rule).__name__}, whose steps do not "
            "grow with the gradient"
        )
    return number("clip", clip, "a positive number or None", above=0, below=inf)


def evaluations(gradients: Vector, cost: float) -> NDArray[np.int64]:
    """Return how many evaluations of this cost budgets of gradient-equivalents pay for, at least one each."""
    counts = np.maximum(np.floor(gradients / cost), 1.0)
    return np.minimum(counts, FOREVER).astype(np.int64)
