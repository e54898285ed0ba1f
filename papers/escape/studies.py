"""What the escape page measures beside its table: scaling, label noise, the start at zero, the smallest net."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite, log
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.descent import descend
from homotopy.methods import method
from homotopy.methods.units.greedy import Greedy
from homotopy.objectives.units.onrisk import RiskUnits
from homotopy.papers.escape.controls import anti_aligned, skip_controls
from homotopy.problems import problem
from homotopy.problems.base import Problem

__all__ = ["Study", "capacity", "noisy", "origin", "plan", "scaling", "separation"]

Floats = NDArray[np.float64]
FIRST_TEACHER = 600
"""Teachers of the noisy rows; those of the table begin at 500."""
SPIRALS = ("greedy:refine=yes", "greedy", "lm", "lbfgs", "width", "tv-width", "omp")
NOISY = ("skip", "width", "lbfgs", "lm", "tv-width", "auto")


@dataclass(frozen=True)
class Study:
    """One piece of work, whose result can be written as JSON.

    Attributes
    ----------
    topic : str
        What it is a part of: a key of `WORK`.
    arguments : tuple
        What the function of that topic is called with.
    weight : float
        About how long it takes, in the units of `suite.run_suite`.
    """

    topic: str
    arguments: tuple[Any, ...]
    weight: float = 1e12

    def run(self) -> Any:
        """Return what it finds."""
        return WORK[self.topic](*self.arguments)

    @property
    def key(self) -> str:
        """A text that tells it from all other studies."""
        return f"{self.topic} {self.arguments!r}"


def plan(*, full: bool) -> list[Study]:
    """Return the studies of a form of the suite."""
    runs = 300 if full else 100
    out = [Study("controls", (20, runs)), Study("traps", (20, 1000 if full else 100))]
    if not full:
        return [*out, *(Study("scaling", (k, 0, 20)) for k in (6, 8, 10, 15, 20, 30))]
    out += [Study("scaling", (500, seed, 1), 1e15) for seed in range(10)]
    out += [Study("scaling", (200, seed, 5), 1e14) for seed in (0, 5)]
    out += [Study("scaling", (k, 0, 200)) for k in (6, 8, 10, 12, 15, 30, 50, 70, 100)]
    out += [Study("scaling", (20, first, 1000)) for first in range(0, 10_000, 1000)]
    out += [Study("noisy", (sd, FIRST_TEACHER + i, 10), 1e13) for sd in (0.1, 0.3) for i in range(10)]
    out += [Study("origin", (name, 200)) for name in ("auer:d=6", "auer:d=6,hard=yes")]
    out += [Study("separation", (name, first, 5), 1e13) for name in SPIRALS for first in (0, 5, 10, 15)]
    return [*out, *(Study("capacity", (first, 5), 1e13) for first in (0, 5))]


def scaling(k: int, first: int, n: int) -> list[float]:
    """Return what runs of the skip homotopy on ``teacher:k=..`` cost to success; NaN for a failure."""
    records = method("skip").solve_many(problem(f"teacher:k={k}"), range(first, first + n), budget=5000)
    return [float(cost) for cost in records.cost_to_success]


def noisy(deviation: float, teacher_seed: int, runs: int) -> dict[str, list[float]]:
    """Return the final losses of some methods on ``ts:act=relu`` with noise on the targets.

    Parameters
    ----------
    deviation : float
        Standard deviation of the noise.
    teacher_seed : int
        Draws the teacher and the sample.
    runs : int
        Starts, seeds from 0.
    """
    target = problem(f"ts:act=relu,teacher_seed={teacher_seed},noise={deviation}")
    return {name: [float(v) for v in method(name).solve_many(target, range(runs), budget=3000).value] for name in NOISY}


def origin(text: str, runs: int) -> dict[str, int]:
    """Return how many runs reach the target from a convex start, from near w = 0 and from the problem's own start."""
    target = problem(text)
    starts = np.array([target.start(np.random.default_rng(seed).spawn(2)[0]) for seed in range(runs)])
    seeds = range(runs)
    convex = method("graduated:along=convex-loss,stages=1").solve_many(target, seeds, budget=5000)
    return {
        "runs": runs,
        "convex": int(np.isfinite(convex.cost_to_success).sum()),
        "near zero": _solved(target, 1e-3 * starts),
        "start": _solved(target, starts),
    }


def _solved(target: Problem, x: Floats) -> int:
    """Return how many descents by L-BFGS reach the target."""
    found = descend(target.objective, x, rule="lbfgs", n_steps=5000, target=target.target, gradient_tolerance=1e-9)
    return int(np.isfinite(found.cost_to_target).sum())


def separation(name: str, first: int, n: int) -> dict[str, list[float]]:
    """Return, for runs on ``spirals:hidden=20``, how many of the 194 points are wrong at the end, and the loss."""
    target = problem("spirals:hidden=20")
    records = method(name).solve_many(target, range(first, first + n), budget=20_000)
    return {"wrong": [_wrong(target, x) for x in records.x], "loss": [float(v) for v in records.value]}


def _wrong(target: Problem, x: Floats) -> int:
    """Return how many points of a classification problem lie on their wrong side."""
    risk: Any = target.objective
    side = np.asarray(risk.model.forward(np.ascontiguousarray(x), risk.X))[:, 0] > 0
    return int(np.sum(side != (np.asarray(risk.y).ravel() > 0.5)))


def capacity(first: int, n: int) -> list[int]:
    """Return the smallest widths at which nets pruned from solutions of ``spirals:hidden=30`` separate all points.

    Notes
    -----
    From a net of 30 units that separates the spirals, grown by `Greedy`, one unit at a time is taken away by the
    optimal brain surgeon and L-BFGS goes on for at most 3,000 evaluations, until a width is not solved.
    """
    target = problem("spirals:hidden=30")
    goal = log(2) / 194
    units = RiskUnits(target.objective)  # type: ignore[arg-type]
    out = []
    for record in Greedy().solve_many(target, range(first, first + n), budget=5000):
        x, width = np.array(record["x"]), 30
        while isfinite(record["cost_to_success"]) and width > 2:
            x = units.take_away(x, 1)
            risk = units.wider(width - 1 - 30)
            found = descend(risk, x, rule="lbfgs", n_steps=3000, target=goal, plateau=(1e-3, 300))
            if not found.value <= goal:
                break
            x, width = np.array(found.x), width - 1
        out.append(width)
    return out


def _traps(k: int, runs: int) -> dict[str, list[float]]:
    count, loss = anti_aligned(k, runs)
    return {"count": [int(c) for c in count], "loss": [float(v) for v in loss]}


def _controls(k: int, runs: int) -> list[list[Any]]:
    return [[c.name, c.rate.successes, c.rate.runs] for c in skip_controls(k, runs)]


WORK: dict[str, Callable[..., Any]] = {
    "capacity": capacity,
    "controls": _controls,
    "noisy": noisy,
    "origin": origin,
    "scaling": scaling,
    "separation": separation,
    "traps": _traps,
}
"""The topics of studies."""
