"""What the page measures beside its table: scaling, label noise, the start at zero, spirals, controls, traps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite, log
from typing import Any

import numpy as np
from numpy.typing import NDArray

import homotopy as hp
from homotopy.experiments import Comparison, Grid
from homotopy.papers.escape.controls import Control, anti_aligned, skip_controls, starts

__all__ = ["Findings", "Origin", "Study", "found", "plan", "pruned_width"]

Floats = NDArray[np.float64]
FIRST_TEACHER = 600
"""Teachers of the noisy problems; those of the table begin at 500."""
SPIRALS = ("greedy:refine=yes", "greedy", "lm", "lbfgs", "width", "tv-width", "omp")
NOISY = ("skip", "width", "lbfgs", "lm", "tv-width", "auto")
POINTS = 194
"""Points of the two spirals."""


@dataclass(frozen=True)
class Origin:
    """How many runs reach the target from a convex start, from near w = 0 and from the problem's own start."""

    runs: int
    convex: int
    near_zero: int
    start: int


@dataclass
class Findings:
    """What the studies found; what was not asked for is empty.

    Attributes
    ----------
    k : int
        The size of the teacher of the controls and the traps.
    controls : list of Control
        Variants of the skip homotopy.
    traps : tuple of two ndarray, or None
        Anti-aligned units and losses of stuck minima.
    scaling : dict
        From k to what runs of the skip homotopy cost to success, NaN for a failure.
    origin : dict
        From problem to Origin.
    noise : dict
        From the deviation of the noise to a dictionary a teacher: from method to final losses.
    wrong : dict
        From method to how many points each run on the spirals with 20 units leaves on the wrong side.
    widths : list of int
        The smallest nets, pruned from solutions with 30 units, that separate all points.
    """

    k: int = 20
    controls: Sequence[Control] = ()
    traps: tuple[NDArray[np.intp], Floats] | None = None
    scaling: Mapping[int, Floats] = field(default_factory=dict)
    origin: Mapping[str, Origin] = field(default_factory=dict)
    noise: Mapping[float, Sequence[Mapping[str, Floats]]] = field(default_factory=dict)
    wrong: Mapping[str, Sequence[int]] = field(default_factory=dict)
    widths: Sequence[int] = ()


@dataclass(frozen=True)
class Study:
    """Runs that some part of the page is about.

    Attributes
    ----------
    topic : str
        A field of `Findings`.
    key : object
        What they are the runs of: k, a deviation, a problem.
    grid : Grid
        The runs.
    methods : tuple of str
        The methods as the page calls them, in the order of the grid.
    """

    topic: str
    key: Any
    grid: Grid
    methods: Sequence[str]


def _study(topic: str, key: Any, problems: Any, methods: Sequence[str], seeds: int, budget: float) -> Study:
    return Study(topic, key, Grid.of(problems, methods, seeds=seeds, budget=budget), methods)


def plan(*, full: bool) -> list[Study]:
    """Return the runs of the studies of a form."""
    sizes = dict.fromkeys((6, 8, 10, 15, 20, 30), 20)
    if full:
        sizes = dict.fromkeys((6, 8, 10, 12, 15, 30, 50, 70, 100), 200) | {20: 10_000, 200: 10, 500: 10}
    out = [_study("scaling", k, f"teacher:k={k}", ["skip"], n, 5000) for k, n in sorted(sizes.items(), reverse=True)]
    if not full:
        return out
    for deviation in (0.1, 0.3):
        teachers = range(FIRST_TEACHER, FIRST_TEACHER + 10)
        problems = [f"ts:act=relu,teacher_seed={seed},noise={deviation}" for seed in teachers]
        out.append(_study("noise", deviation, problems, NOISY, 10, 3000))
    for name in ("auer:d=6", "auer:d=6,hard=yes"):
        out.append(_study("origin", name, name, ["graduated:along=convex-loss,stages=1"], 200, 5000))
    out.append(_study("wrong", 20, "spirals:hidden=20", SPIRALS, 20, 20_000))
    return [*out, _study("widths", 30, "spirals:hidden=30", ["greedy"], 10, 5000)]


def found(studies: Sequence[Study], comparisons: Sequence[Comparison], *, full: bool) -> Findings:
    """Return what the runs of the studies say, and what is computed beside them.

    Parameters
    ----------
    studies : sequence of Study
        As `plan` returns them.
    comparisons : sequence of Comparison
        Their runs.
    full : bool
        The form.
    """
    out = Findings(controls=skip_controls(20, 300 if full else 100), traps=anti_aligned(20, 1000 if full else 100))
    scaling, origin, noise = {}, {}, {}
    for study, runs in zip(studies, comparisons, strict=True):
        match study.topic:
            case "scaling":
                scaling[study.key] = np.array(runs.records(runs.problems[0], "skip")["cost_to_success"])
            case "origin":
                origin[study.key] = _origin(study.key, runs)
            case "noise":
                noise[study.key] = [_values(runs, problem, study.methods) for problem in runs.problems]
            case "wrong":
                out.wrong = {
                    name: _wrong(runs, method) for name, method in zip(study.methods, runs.methods, strict=True)
                }
            case "widths":
                out.widths = _widths(runs)
    out.scaling, out.origin, out.noise = dict(sorted(scaling.items())), origin, noise
    return out


def _values(runs: Comparison, problem: str, names: Sequence[str]) -> dict[str, Floats]:
    """Return the final losses of each method on one problem."""
    return {
        name: np.array(runs.records(problem, method)["value"]) for name, method in zip(names, runs.methods, strict=True)
    }


def _origin(text: str, runs: Comparison) -> Origin:
    """Return how many runs reach the target, from three kinds of start; L-BFGS from the last two."""
    target = hp.problem(text)
    begin = starts(target, len(runs.seeds))
    records = runs.records(runs.problems[0], runs.methods[0])
    convex = int(np.isfinite(records["cost_to_success"]).sum())
    return Origin(len(begin), convex, _solved(target, 1e-3 * begin), _solved(target, begin))


def _solved(target: hp.Problem, x: Floats) -> int:
    """Return how many descents by L-BFGS reach the target."""
    ends = hp.descend(target.objective, x, rule="lbfgs", n_steps=5000, target=target.target, gradient_tolerance=1e-9)
    return int(np.isfinite(ends.cost_to_target).sum())


def _wrong(runs: Comparison, method: str) -> list[int]:
    """Return how many points of the spirals lie on their wrong side at the end of each run."""
    risk: Any = hp.problem(runs.problems[0]).objective
    above = np.asarray(risk.y).ravel() > 0.5
    out = []
    for _, x, _ in runs.payload(runs.problems[0], method):
        side = np.asarray(risk.model.forward(np.ascontiguousarray(x), risk.X))[:, 0] > 0
        out.append(int(np.sum(side != above)))
    return out


def _widths(runs: Comparison) -> list[int]:
    """Return the smallest widths at which nets pruned from the solutions still separate all points."""
    name, method = runs.problems[0], runs.methods[0]
    solved = runs.records(name, method)["cost_to_success"]
    ends = runs.payload(name, method)
    return [pruned_width(name, x) if isfinite(cost) else 30 for cost, (_, x, _) in zip(solved, ends, strict=True)]


def pruned_width(name: str, x: Floats) -> int:
    """Return the smallest width at which a net pruned from a solution separates all points of the spirals.

    Parameters
    ----------
    name : str
        The problem.
    x : ndarray of shape (n,)
        A solution of it.

    Notes
    -----
    One unit at a time is taken away by the optimal brain surgeon and L-BFGS goes on for at most 3,000 evaluations,
    until a width is not solved.
    """
    objective: Any = hp.problem(name).objective
    units = hp.homotopies.Width(objective).units
    width, goal = units.width, log(2) / POINTS
    while width > 2:
        risk = units.wider(width - 1 - units.width)
        ends = hp.descend(risk, units.take_away(x, 1), rule="lbfgs", n_steps=3000, target=goal, plateau=(1e-3, 300))
        if not ends.value <= goal:
            break
        x, width = np.array(ends.x), width - 1
    return int(width)
