"""Patterns, equality of both optima, what a sample of patterns loses, and who reaches the certified optimum."""

from __future__ import annotations

from collections.abc import Sequence
from math import comb
from typing import Any

import numpy as np

import homotopy as hp
from homotopy.experiments import Comparison, Grid
from homotopy.report import colors

from ..frame import Outcome, Paper, Picture, Row, Study, claim, curve, drawn, expected, finish, panels, unread
from .program import LOSSES, all_patterns, known, problem, recovered, solved, some_patterns, toy

__all__ = ["PAPER", "compared", "count", "picture", "sampled", "wide"]

METHODS = ("gd", "lbfgs", "multistart", "skip", "width", "omp", "auto")
SETS = ("toy squared", "toy logistic", "d1", "d2")
DIRECTIONS = (5, 10, 20, 50, 100, 200, 500, 1000)
SCRIPT = 100
"""Directions that the authors' script draws."""
STEPS = 2000


def count(n: int, d: int) -> int:
    """Return the number of sign patterns of n samples in general position in d dimensions: Cover's formula.

    Examples
    --------
    >>> count(10, 3)
    92
    """
    return 2 * sum(comb(n - 1, i) for i in range(d))


def compared(part: tuple[str, int]) -> dict[str, float]:
    """Return a certified minimum, and what L-BFGS comes to from so many starts of a net of twice the units it needs.

    Returns
    -------
    dict
        ``lower`` and ``upper``, the bounds; ``exact``, whether they agree; ``patterns``; ``units``; ``best`` and
        ``median`` of the descents; ``below``, the descents that end below the lower bound by more than 1e-8 of it.
    """
    name, runs = part
    least, one = known(name), problem(name, 2)
    starts = np.array([one.start(np.random.default_rng(seed)) for seed in range(runs)])
    ends = np.asarray(hp.descend(one.objective, starts, rule="lbfgs", n_steps=STEPS).value)
    return {
        "lower": least.lower,
        "upper": least.upper,
        "exact": float(least.exact),
        "patterns": float(least.n_patterns),
        "units": float(least.width),
        "best": float(ends.min()),
        "median": float(np.median(ends)),
        "below": float(np.sum(ends < least.lower * (1 - 1e-8))),
    }


def sampled(part: tuple[str, int, int]) -> dict[str, list[float]]:
    """Return what the program with the patterns of random directions comes to on the toy data.

    Parameters
    ----------
    part : (str, int, int)
        The loss, the directions, and how often they are drawn.

    Returns
    -------
    dict
        ``value`` of the program and ``patterns``, the different ones, once for each time; ``full``, the value with all
        patterns, ``net``, the loss of the net that it gives, and ``units``, how many that net has.
    """
    loss, directions, draws = part
    X, y = toy()
    whole = solved(X, y, all_patterns(X), loss)
    net, units = recovered(whole, X, y, loss)
    some = [some_patterns(X, directions, seed) for seed in range(draws)]
    return {
        "value": [solved(X, y, one, loss).value for one in some],
        "patterns": [float(len(one)) for one in some],
        "full": [whole.value],
        "net": [net],
        "units": [float(units)],
    }


def wide(study: Study) -> Comparison:
    """Return the runs of all methods on nets of just the units that the optimum needs, and of twice as many."""
    names = study.pick(("toy logistic", "d1"), SETS)
    problems = [problem(name, times) for name in names for times in study.pick((1,), (1, 2))]
    seeds, budget = study.pick((20, 5000), (200, 20_000))
    return study.compare(Grid.of(problems, METHODS, seeds=seeds, budget=budget))[0]


@drawn
def picture(made: dict[tuple[str, int], dict[str, list[float]]], ran: Comparison) -> Picture:
    """Draw how far sampled programs are above the optimum, and how far runs of methods end above it."""
    figure, axes = panels(2, height=2.5)
    sizes = sorted({directions for _, directions in made})
    for loss, (mark, shade) in zip(LOSSES, (("s", "0"), ("o", "0.35"), ("^", "0.6")), strict=True):
        gaps = [_gaps(made[loss, directions]) for directions in sizes if (loss, directions) in made]
        if gaps:
            low, middle, high = np.quantile(gaps, (0.25, 0.5, 0.75), axis=1)
            ends = np.column_stack([low, high])
            curve(axes[0], sizes, middle, loss, label=f"{loss} loss", marker=mark, color=shade, ends=ends)
    axes[0].set(xscale="log", xlabel="random directions", ylabel="program above the optimum (%)")
    axes[0].set_yscale("symlog", linthresh=0.01)
    axes[0].set_ylim(-0.002, 3000)
    axes[0].legend(loc="upper right", fontsize=7)
    name = ran.problems[0]
    optimum = ran.goal(name).optimum
    methods = ran.methods_on(name)
    paint = colors(tuple(method.partition(":")[0] for method in methods))
    for j, method in enumerate(methods):
        short = method.partition(":")[0]
        above = np.sort(100 * (ran.records(name, method).value / optimum - 1))
        share = 100 * np.arange(1, len(above) + 1) / len(above)
        every = (len(above) * (j + 1) // 20, max(1, len(above) // 4))
        curve(axes[1], np.maximum(above, 0.01), share, short, markevery=every, color=paint[short])
    axes[1].set(xscale="log", xlabel="run above the optimum (%)", ylabel="runs (%)", ylim=(0, 102), title=name)
    caption = (
        "Left: the convex program with the patterns of random directions only, above its value with all patterns, on "
        "the toy data; medians and quartiles. Right: how far single runs end above the certified optimum; they stop at "
        "1 %."
    )
    return Picture("above", finish(figure, axes[1:], columns=6), caption)


def _gaps(found: dict[str, list[float]]) -> list[float]:
    """Return how far sampled programs are above the optimum, in percent of it."""
    return [100 * max(0.0, value / found["full"][0] - 1) for value in found["value"]]


def _rows(made: dict[tuple[str, int], dict[str, list[float]]], ends: dict[str, dict[str, float]]) -> list[Row]:
    """Return the rows."""
    enumerated = [len(all_patterns(toy(seed)[0])) for seed in range(10)]
    rows = [
        claim(
            "sign patterns of 10 samples in 3 dimensions", f"{count(10, 3)} in general position (Cover's formula)",
            f"{', '.join(map(str, sorted(set(enumerated))))} by enumeration, 10 draws of the toy data",
            set(enumerated) == {count(10, 3)}, "equal on all",
        ),
    ]  # fmt: skip
    for loss in LOSSES:
        found = next((one for (name, _), one in made.items() if name == loss), None)
        if found is not None:
            full, net = found["full"][0], found["net"][0]
            rows.append(
                claim(
                    f"toy, {loss}: the net that the program gives has its value", "equal",
                    f"{net:.7f} with {found['units'][0]:.0f} units, the program {full:.7f}",
                    abs(net / full - 1) < 1e-4, "within 1e-4 of it",
                )
            )  # fmt: skip
    exact = sum(one["exact"] for one in ends.values())
    below = sum(one["below"] for one in ends.values())
    worst = max(one["best"] / one["upper"] - 1 for one in ends.values())
    raw = min(value / one["full"][0] - 1 for one in made.values() for value in one["value"])
    rows += [
        claim(
            "the program's optimum is that of the net", "equal",
            f"a net has the lower bound's value to 1e-8 on {exact:.0f} of {len(ends)} sets; {below:.0f} descents below",
            exact == len(ends) and below == 0, "on every set, and no descent is below the bound",
        ),
        claim(
            "descents of the net reach it", "the same optimum", f"the best of a set at most {100 * worst:.2g} % above",
            worst < 0.01, "within 1 % on every set",
        ),
        claim(
            "with some of the patterns the program gives an upper bound", "at least the optimum",
            f"never below by more than {max(0.0, -raw):.0e} of it", raw > -1e-5, "not below it by more than 1e-5 of it",
        ),
    ]  # fmt: skip
    for (loss, directions), found in made.items():
        if directions == SCRIPT:
            gaps = _gaps(found)
            text = f"{np.median(gaps):.2g} % above the optimum in the median, {max(gaps):.2g} % at most"
            mean = float(np.mean(found["patterns"]))
            rows.append(unread(f"toy, {loss}: {SCRIPT} directions, {mean:.0f} patterns of {count(10, 3)}", text))
    return rows


def _findings(ends: dict[str, dict[str, float]], ran: Comparison) -> tuple[str, ...]:
    """Return the sentences."""
    told = []
    for name in ran.problems:
        by = {s.method.partition(":")[0]: s for s in ran.summaries(name)}
        shares = ", ".join(f"`{method}` {100 * s.rate.rate:.0f}" for method, s in by.items())
        finite = {method: s.expected.value for method, s in by.items() if np.isfinite(s.expected.value)}
        best = min(finite, key=lambda method: finite[method]) if finite else ""
        more = f" The cheapest with restarts is `{best}`, {finite[best]:,.0f} gradients." if best else ""
        told.append(f"{name}: within 1 % of the certified optimum end {shares} % of the runs.{more}")
    above = {name: 100 * (one["median"] / one["upper"] - 1) for name, one in ends.items()}
    far, middle = max(above, key=lambda name: above[name]), np.median(list(above.values()))
    told.append(
        f"L-BFGS on nets of twice the units that the optimum needs ends in the median {middle:.1f} % above it over "
        f"{len(ends)} sets, at most {above[far]:.0f} % ({far})."
    )
    return tuple(told)


def _run(study: Study) -> Outcome:
    sizes, draws = study.pick((SCRIPT,), DIRECTIONS), study.pick(2, 20)
    losses: Sequence[str] = study.pick(("hinge", "logistic"), LOSSES)
    parts = [(loss, directions, draws) for loss in losses for directions in sizes]
    made = {
        (loss, n): found
        for (loss, n, _), found in zip(parts, study.each("sampled", sampled, parts), strict=True)
    }  # fmt: skip
    names = list(study.pick(("toy logistic", "d1"), SETS))
    names += study.pick([], [f"toy {loss} {k}" for loss in LOSSES[1:] for k in (1, 2, 3)])
    names += study.pick([], [f"random {k}" for k in range(5)])
    jobs = [(name, study.pick(100, 1000)) for name in names]
    ends = dict(zip(names, study.each("compared", compared, jobs), strict=True))
    ran = wide(study)
    numbers: dict[str, Any] = {"patterns": float(len(all_patterns(toy()[0])))}
    numbers |= {f"program, {loss}": found["full"][0] for (loss, _), found in made.items()}
    numbers |= {f"{loss}, {n} directions": float(np.mean(found["value"])) for (loss, n), found in made.items()}
    numbers |= {f"{name} {what}": one[what] for name, one in ends.items() for what in ("lower", "units", "best")}
    numbers |= {f"{p} {s.method}": s.rate.rate for p in ran.problems for s in ran.summaries(p)}
    return Outcome(
        tuple(_rows(made, ends)),
        numbers,
        costs=(expected(ran, "Within 1 % of the certified optimum"),),
        pictures=(picture(made, ran),),
        findings=_findings(ends, ran),
    )


PAPER = Paper(
    key="pilanci2020",
    title="Neural networks are convex regularizers",
    citation="M. Pilanci and T. Ergen, ICML 2020 (arXiv 2002.10553).",
    link="https://doi.org/10.48550/arXiv.2002.10553",
    claim="Training a two-layer relu net with weight decay has the same optimum as a convex program over the sign "
    "patterns of the data, with norms of groups as the penalty; the net is read off its solution. With some of the "
    "patterns the program gives an upper bound. The authors' script has a toy problem: 10 samples of two normal "
    "numbers and a 1, labels by the unit circle, hinge loss, beta 1e-4, the patterns of 100 random directions.",
    choices=(
        "Program and toy problem are those of the authors' script convex_nn.py; the paper's own tables were not read. "
        "Its random numbers are ours: seed 0.",
        "The program itself is solved with the script's hinge loss, half the mean square, and the logistic loss. The "
        "package certifies and descends with the last two.",
        "The other sets: D1 and D2 of Swirszcz et al. (biases, weight decay 1e-3), and random ones (biases, 1e-2).",
        "A run has reached the optimum where it ends within 1 % of the certified value. Starts are N(0, 1 / inputs); "
        "all methods have their defaults.",
    ),
    run=_run,
    extras=("convex",),
)
