"""The runs of the three tasks, and what is written of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

import homotopy as hp
from homotopy.experiments import Comparison, Grid

from ..frame import Outcome, Paper, Study, expected
from .figures import freed_picture, parity_picture, sweeps_picture
from .said import findings
from .sweeps import Net, learn
from .tables import adder_table, parity_table, rows, solved_table, sweeps_table
from .tasks import Task, adder, parity, spread, stuck, xor
from .words import CHOICES, CITATION, CLAIM

__all__ = ["PAPER", "Found", "Reading"]

SEARCH = 1_000_000_000
EPOCHS = 60_000
METHODS = ("gd", "momentum", "gd-noise", "lbfgs", "lm", "race-hop", "width", "era", "auto")
BRIEF = ("gd", "lbfgs", "lm", "era", "auto")


@dataclass(frozen=True)
class Reading:
    """One way to read what the chapter says of the exclusive or: net, start, rate, and whether patterns come singly."""

    label: str
    hidden: int
    direct: bool
    width: float
    eta: float
    online: bool


READINGS = (
    Reading("2-2-1, sum, η = 0.5", 2, False, 0.3, 0.5, False),
    Reading("2-2-1, sum, η = 0.25", 2, False, 0.3, 0.25, False),
    Reading("2-2-1, singly, η = 0.5", 2, False, 0.3, 0.5, True),
    Reading("2-1-1 direct, sum, η = 0.5", 1, True, 0.3, 0.5, False),
    Reading("2-1-1 direct, singly, η = 0.5", 1, True, 0.3, 0.5, True),
    Reading("2-2-1, mean, η = 0.5, start 0.5", 2, False, 0.5, 0.125, False),
)
WIDTHS = (2, 4, 8, 16, 32)


@dataclass(frozen=True)
class Found:
    """All that was run.

    Attributes
    ----------
    sweeps : dict
        From a reading's label to the sweeps of each run until it was right; NaN where it never was.
    widths : dict
        From a number of hidden units to the median of these at rate 0.25.
    spread, uniform : dict
        From a number of bits to (right, runs, median sweeps) of momentum from the two kinds of starts.
    adders : dict
        From a number of hidden units to the same.
    best : int
        The most patterns of 16 that any run of the 4-2-3 search has right.
    searched : int
        Runs of that search.
    steps : dict
        From a task's name to the loss after 100 steps of momentum from one start.
    random, stuck : tuple of Comparison
        The methods from random starts (exclusive or, parity, adder) and from where momentum was stuck.
    """

    sweeps: dict[str, np.ndarray]
    widths: dict[int, float]
    spread: dict[int, tuple[int, int, float]]
    uniform: dict[int, tuple[int, int, float]]
    adders: dict[int, tuple[int, int, float]]
    best: int
    searched: int
    steps: dict[str, float]
    random: tuple[Comparison, ...]
    stuck: Comparison


def _read(part: list[Any]) -> list[float]:
    """Return the sweeps of one reading's runs; -1 where a run was never right."""
    label, runs, limit = part
    one = next(reading for reading in READINGS if reading.label == label)
    net = Net(one.hidden, one.direct)
    starts = np.random.default_rng(0).uniform(-one.width, one.width, (runs, net.size))
    found = learn(net, starts, one.eta, limit, online=one.online).sweeps
    return [float(v) for v in np.where(np.isnan(found), -1, found)]


def _widen(part: list[int]) -> float:
    """Return the median sweeps of a 2-hidden-1 net at rate 0.25; runs that were never right count as longest."""
    hidden, runs = part
    net = Net(hidden)
    starts = np.random.default_rng(0).uniform(-0.3, 0.3, (runs, net.size))
    found = learn(net, starts, 0.25, 5000).sweeps
    return float(np.median(np.where(np.isnan(found), 5000, found)))


def _momentum(part: list[Any]) -> dict[str, Any]:
    """Return counts, median sweeps and stuck ends of momentum as published on one task."""
    kind, size, runs, n_steps = part
    task = _task(kind, size)
    if kind == "spread":
        # the rerun starts again after a plateau of 20,000 epochs: at most three starts in 60,000
        _, right, sweeps = stuck(task, spread(task, 3 * runs), 0.5, n_steps // 3)
        reached = sweeps[np.isfinite(sweeps)]
        median = float(np.median(reached)) if len(reached) else -1.0
        return {"count": [int(right.reshape(runs, 3).any(axis=1).sum()), runs, median], "ends": []}
    ends, right, sweeps = stuck(task, task.starts(runs), 2.0 if kind in ("xor", "adder") else 0.5, n_steps)
    reached = sweeps[np.isfinite(sweeps)]
    median = float(np.median(reached)) if len(reached) else -1.0
    return {"count": [int(right.sum()), runs, median], "ends": ends[~right][:200].tolist()}


def _task(kind: str, size: int) -> Task:
    return xor() if kind == "xor" else adder(size) if kind == "adder" else parity(size)


def _search(part: list[Any]) -> int:
    """Return the most patterns of 16 that 4-2-3 nets have right at the ends of one method from many starts."""
    method, width, runs = part
    task = Task("adder 4-2-3", (4, 2, 3), adder(2).X, adder(2).y, width)
    ends = hp.method(method).solve_many(task.problem(), range(SEARCH, SEARCH + runs), budget=5000.0).x
    return int(task.right(np.array(ends)).max())


def _steps(task: Task, step_size: float) -> float:
    end = hp.descend(task.risk(), task.starts(1), rule="momentum", momentum=0.9, step_size=step_size, n_steps=100)
    return float(end.value[0])


def _run_all(study: Study) -> Found:
    labels = study.pick((0, 3, 5), range(len(READINGS)))
    runs, limit = study.pick((60, 2500), (1000, 5000))
    parts = [[READINGS[i].label, runs, limit] for i in labels]
    found = study.each("readings", _read, parts)
    sweeps = {part[0]: np.where(np.array(v) < 0, np.nan, v) for part, v in zip(parts, found, strict=True)}
    widths = study.pick((2, 16), WIDTHS)
    medians = study.each("widths", _widen, [[h, study.pick(30, 200)] for h in widths])
    bits, many = study.pick(((4, 5), 12), (tuple(range(2, 9)), 50))
    asked = [[kind, n, many, EPOCHS] for n in reversed(bits) for kind in ("spread", "uniform")]
    asked += [["adder", h, study.pick(200, 2000), 5000] for h in (3, 2)] + [["xor", 2, study.pick(200, 2000), 5000]]
    told = dict(zip([(p[0], p[1]) for p in asked], study.each("momentum", _momentum, asked), strict=True))
    counts = {key: tuple(value["count"]) for key, value in told.items()}
    tried = study.pick([["lm", 1.0, 200]], [[m, w, 4000] for m in ("lm", "era", "width") for w in (1.0, 4.0)])
    return Found(
        sweeps=sweeps,
        widths=dict(zip(widths, medians, strict=True)),
        spread={n: counts["spread", n] for n in bits},
        uniform={n: counts["uniform", n] for n in bits},
        adders={h: counts["adder", h] for h in (3, 2)},
        best=max(study.each("search", _search, tried)),
        searched=sum(part[2] for part in tried),
        steps={task.name: _steps(task, step) for task, step in ((xor(), 2.0), (parity(5), 0.5), (adder(3), 2.0))},
        random=_from_random(study),
        stuck=_from_stuck(study, told),
    )


def _from_random(study: Study) -> tuple[Comparison, ...]:
    """Return the methods from random starts on the exclusive or, parity (twice, by size) and the adder."""
    seeds, budget = study.pick((20, 3000), (100, 10_000))
    methods = study.pick(BRIEF, METHODS)
    small, large = study.pick(((4, 5), ()), ((4, 5, 6, 7), (8,)))

    def grid(tasks: list[Task], step: float, runs: int) -> Grid:
        named = (methods[0], f"momentum:step_size={step:g}", *methods[1:])
        return Grid.of([task.problem() for task in tasks], named, seeds=runs, budget=budget)

    grids = [grid([xor()], 2, seeds), grid([parity(n) for n in small], 0.5, seeds)]
    grids += [grid([parity(n) for n in large], 0.5, 40)] if large else []
    grids += [grid([adder(h) for h in study.pick((3,), (3, 2))], 2, seeds)]
    return tuple(study.compare(*grids))


def _from_stuck(study: Study, told: dict[tuple[str, int], dict[str, Any]]) -> Comparison:
    """Return the methods from the points where momentum, as published, was stuck."""
    keys = study.pick([("xor", 2), ("uniform", 5)], [("xor", 2), *(("uniform", n) for n in (4, 5, 6)), ("adder", 3)])
    problems = [_task(*key).from_ends(told[key]["ends"]) for key in keys]
    seeds, budget = study.pick((20, 3000), (100, 10_000))
    return study.compare(Grid.of(problems, study.pick(BRIEF, METHODS), seeds=seeds, budget=budget))[0]


def _numbers(found: Found) -> dict[str, float]:
    """Return what expected.json holds."""
    told = {f"loss after 100 steps, {name}": value for name, value in found.steps.items()}
    told |= {f"right, {label}": float(np.mean(np.isfinite(v))) for label, v in found.sweeps.items()}
    told |= {f"median sweeps, {label}": float(np.nanmedian(v)) for label, v in found.sweeps.items()}
    told |= {f"parity {n}, momentum": count / runs for n, (count, runs, _) in found.uniform.items()}
    told |= {f"adder 4-{h}-3, momentum": count / runs for h, (count, runs, _) in found.adders.items()}
    told |= {"adder 4-2-3, most patterns right": float(found.best)}
    for one in (*found.random, found.stuck):
        for name in one.problems:
            told |= {f"{s.method}, {name}": s.rate.rate for s in one.summaries(name)}
    return told


def _run(study: Study) -> Outcome:
    found = _run_all(study)
    grids = [one for one in found.random if one.problems[0].startswith("parity")]
    titles = ["Exclusive or", *["Parity", "Parity of 8 bits"][: len(grids)], "The adder"]
    costs = [expected(one, f"{title}, from random starts") for one, title in zip(found.random, titles, strict=True)]
    costs += [expected(found.stuck, "From where momentum, as published, was stuck")]
    pictures = (parity_picture(grids), freed_picture(found.stuck), sweeps_picture(list(found.sweeps.items())))
    return Outcome(
        rows(found),
        _numbers(found),
        costs=tuple(costs),
        tables=(solved_table(found), sweeps_table(found), parity_table(found), adder_table(found)),
        pictures=pictures,
        findings=findings(found),
    )


PAPER = Paper(
    key="rumelhart1986",
    title="Learning internal representations by error propagation",
    citation=CITATION,
    link="https://doi.org/10.7551/mitpress/5236.003.0012",
    claim=CLAIM,
    choices=CHOICES,
    run=_run,
)
