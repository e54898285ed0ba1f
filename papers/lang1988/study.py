"""Vanilla back-propagation, plain nets by all methods, the net with shortcuts, and what is written of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

import homotopy as hp
from homotopy.experiments import Comparison, Grid

from ..frame import Outcome, Paper, Row, Study, Table, claim, expected, number, unread
from .figures import costs_picture, grid, plane_picture
from .spirals import right, shortcut_net, two_spirals, vanilla
from .words import CHOICES, CITATION, CLAIM

__all__ = ["PAPER"]

PLAIN = ("spirals:hidden=20", "spirals:hidden=40", "spirals:hidden=10,layers=2")
METHODS = ("gd", "momentum", "lbfgs", "lm", "race-hop", "era", "omp", "width", "width-deep", "auto")
DESCENTS = ("gd", "momentum", "lbfgs", "lm")
STEP = 10.0
"""Of gradient descent on the mean loss of the logistic nets."""
EPOCHS = 100_000
"""Of vanilla back-propagation: 19.4 million presentations."""


@dataclass(frozen=True)
class Found:
    """All that was run.

    Attributes
    ----------
    vanilla : dict
        From a logistic net's name to how many of the 194 points each run of gradient descent has right at its end.
    epochs : int
        How long these runs are.
    planes : list of (str, ndarray, int)
        The two panels of the plane.
    plain : Comparison
        All methods on the plain nets.
    shortcuts : Comparison or None
        The descents on the net with shortcuts; the small version has none.
    forty : dict
        From (problem, method) to the share of the runs that a method solves by the 40-20-40 rule.
    """

    vanilla: dict[str, list[int]]
    epochs: int
    planes: list[tuple[str, np.ndarray, int]]
    plain: Comparison
    shortcuts: Comparison | None
    forty: dict[tuple[str, str], float]


def _vanilla(part: list[Any]) -> list[int]:
    """Return how many points gradient descent has right after so many epochs, from starts U(-1, 1) of one seed."""
    hidden, runs, seed, epochs = part
    risk, y = vanilla(*hidden)
    starts = np.random.default_rng(seed).uniform(-1, 1, (runs, risk.size))
    ends = hp.descend(risk, starts, rule="gd", step_size=STEP, n_steps=epochs).x
    X = two_spirals()[0] * (2 / 6.5)
    outputs = [risk.model.forward(x, X)[:, 0] for x in ends]
    return [int(np.sum(np.abs(o - y) <= 0.4)) for o in outputs]


def _plane(part: list[Any]) -> list[Any]:
    """Return a run's points that are right, and its net's output over the picture's grid, to three digits."""
    name, method, seed, budget = part
    problem = hp.problem(name)
    found = hp.solve(problem, method, rng=seed, budget=float(budget))
    X, y = two_spirals()
    model = problem.objective.model
    output = 1 / (1 + np.exp(-model.forward(found.x, grid())[:, 0]))
    return [right(model.forward(found.x, X * (2 / 6.5))[:, 0], y), np.round(output, 3).tolist()]


def _forty(found: Comparison) -> dict[tuple[str, str], float]:
    """Return the share of each method's runs that the 40-20-40 rule calls solved at their ends."""
    X, y = two_spirals()
    shares = {}
    for name in found.problems:
        model = hp.problem(name).objective.model
        for method in found.methods_on(name):
            ends = [x for _, x, _ in found.payload(name, method)]
            counts = [right(model.forward(x, X * (2 / 6.5))[:, 0], y) for x in ends]
            shares[name, method] = float(np.mean(np.array(counts) == 194))
    return shares


def _run_all(study: Study) -> Found:
    epochs, times = study.pick((2_000, 1), (EPOCHS, 2))
    nets = {"2-20-1": [20], "2-10-10-1": [10, 10]}
    asked = [[hidden, 8, seed, epochs] for hidden in nets.values() for seed in range(times)]
    found = study.each("vanilla", _vanilla, asked)
    runs = {name: [n for p, v in zip(asked, found, strict=True) if p[0] == h for n in v] for name, h in nets.items()}
    budget = study.pick(3000, 20_000)
    shown = [[PLAIN[study.pick(2, 0)], method, 0, study.pick(3000, 20_000)] for method in ("gd", "auto")]
    planes = study.each("planes", _plane, shown)
    names = ("gradient descent", "auto (grown, then pruned)")
    seeds = study.pick(6, 20)
    plain = study.pick(PLAIN[1:], PLAIN)
    methods = study.pick(("gd", "lbfgs", "lm", "width-deep", "auto"), METHODS)
    grids = [Grid.of(plain, methods, seeds=seeds, budget=budget)]
    if study.full:
        grids.append(Grid.of(shortcut_net(), ("momentum", "adam", "lbfgs", "race-hop"), seeds=8, budget=budget))
    compared = study.compare(*grids)
    return Found(
        vanilla=runs,
        epochs=epochs,
        planes=[(n, np.array(out), count) for n, (count, out) in zip(names, planes, strict=True)],
        plain=compared[0],
        shortcuts=compared[1] if study.full else None,
        forty=_forty(compared[0]),
    )


def _rows(found: Found) -> tuple[Row, ...]:
    presentations = found.epochs * 194 / 1e6
    solved = {name: sum(n == 194 for n in counts) for name, counts in found.vanilla.items()}
    text = ", ".join(f"{name}: {solved[name]} of {len(counts)}" for name, counts in found.vanilla.items())
    told = [
        number("points of the generator", 194, len(two_spirals()[0]), 0, form=".0f"),
        unread("weights of 2-5-5-5-1 with shortcuts", f"{shortcut_net().size}", "the paper's count could not be read"),
        claim(
            "15 to 20 million presentations of 194 points, in epochs (Wieland's mail)",
            "150 to 200 thousand",
            f"{15e3 / 194:.0f} to {20e3 / 194:.0f} thousand; {15e3 / 97:.0f} to {20e3 / 97:.0f} thousand of 97 pairs",
            15e3 / 194 >= 150,
            "equal by arithmetic, with 194 presentations an epoch",
        ),
        claim(
            "vanilla back-propagation never converged (Wieland's mail)",
            "never",
            f"solved, {text} runs, in {found.epochs:,} epochs ({presentations:.1f} million presentations)",
            not any(solved.values()),
            "no run of logistic nets is solved by the 40-20-40 rule",
        ),
    ]
    if found.shortcuts is not None:
        name = found.shortcuts.problems[0]
        shares = ", ".join(
            f"{s.method} {s.rate.successes} of {s.rate.runs}"
            + (f" (median {s.cost[1]:,.0f})" if s.rate.successes else "")
            for s in found.shortcuts.summaries(name)
        )
        why = "epochs, starts, growth of step and of momentum could not be read"
        told.append(unread("the net with shortcuts, solved within 20,000 gradients", shares, why))
    return tuple(told)


def _table(found: Found) -> Table:
    cells = []
    for name, counts in found.vanilla.items():
        low, middle, high = np.percentile(counts, [0, 50, 100])
        texts = (f"{len(counts)}", f"{sum(n == 194 for n in counts)}", f"{middle:.0f}", f"{low:.0f} to {high:.0f}")
        cells.append((name, *texts))
    headings = ("net", "runs", "solved", "points right, median", "range")
    title = f"Vanilla back-propagation: logistic units, squares, gradient descent, {found.epochs:,} epochs"
    return Table(title, headings, tuple(cells), "Points right of 194 by the 40-20-40 rule.")


def _numbers(found: Found) -> dict[str, float]:
    risk, _ = vanilla(20)
    start = np.random.default_rng(0).uniform(-1, 1, risk.size)
    plain = hp.problem(PLAIN[0])
    begin = plain.start(np.random.default_rng(0))
    after = hp.descend(plain.objective, begin, rule="gd", n_steps=200)
    told = {"loss of a logistic net": float(risk.value(start)), "loss after 200 steps": float(after.value)}
    told |= {f"median right, {name}": float(np.median(counts)) for name, counts in found.vanilla.items()}
    told |= {f"right on the plane, {name}": float(count) for name, _, count in found.planes}
    for one in (found.plain, found.shortcuts):
        for name in () if one is None else one.problems:
            told |= {f"{s.method}, {name}": s.rate.rate for s in one.summaries(name)}
    return told


def _findings(found: Found) -> tuple[str, ...]:
    told = [_plain_finding(found, name) for name in found.plain.problems]
    apart = [
        f"{method} on `{name}` {100 * share:.0f} % by the rule"
        for name in found.plain.problems
        for method, share in ((s.method, found.forty[name, s.method]) for s in found.plain.summaries(name))
        if abs(share - next(s.rate.rate for s in found.plain.summaries(name) if s.method == method)) > 1e-9
    ]
    same = "The 40-20-40 rule calls the same share of the plain nets' runs solved as the loss does"
    told.append(f"{same}, but for {', '.join(apart)}." if apart else f"{same}.")
    counts = ", ".join(f"{sum(c == 194 for c in v)} of {len(v)} ({name})" for name, v in found.vanilla.items())
    told.append(f"Vanilla gradient descent has all points right after {found.epochs:,} epochs in {counts} runs.")
    return tuple(told)


def _plain_finding(found: Found, name: str) -> str:
    """Return the shares of all methods on a plain net, and which continuations solve more than every descent."""
    rates = {s.method: s.rate for s in found.plain.summaries(name)}
    shares = ", ".join(f"`{method}` {100 * rate.rate:.0f} %" for method, rate in rates.items())
    best = max(rate.rate for method, rate in rates.items() if method in DESCENTS)
    won = [f"`{m}`" for m, rate in rates.items() if m not in DESCENTS and rate.rate > best]
    more = f"More than every plain descent: {', '.join(won)}." if won else "Nothing solves more than the best descent."
    return f"`{name}`, runs solved: {shares}. {more}"


def _run(study: Study) -> Outcome:
    found = _run_all(study)
    costs = [expected(found.plain, "Plain nets")]
    if found.shortcuts is not None:
        costs.append(expected(found.shortcuts, "The net with shortcuts"))
    return Outcome(
        _rows(found),
        _numbers(found),
        costs=tuple(costs),
        tables=(_table(found),),
        pictures=(plane_picture("2-20-1" if study.full else "2-10-10-1", found.planes), costs_picture(found.plain)),
        findings=_findings(found),
    )


PAPER = Paper(
    key="lang1988",
    title="Learning to tell two spirals apart",
    citation=CITATION,
    link="http://ibiblio.org/pub/academic/computer-science/neural-networks/programs/bench/two-spirals",
    claim=CLAIM,
    choices=CHOICES,
    run=_run,
)
