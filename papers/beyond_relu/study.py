"""All tables of the study, its statements, its picture and its page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from math import inf, isfinite
from pathlib import Path
from typing import Any

import jinja2

from homotopy.experiments import Comparison, Summary
from homotopy.report import markdown, restarts_table

from ..frame import Outcome, Paper, Picture, Row, Study, Table, claim, curve, drawn, finish, panels
from .missing import Minimum, by_missing, minima
from .tables import TABLES, grids, near_best

__all__ = ["PAPER", "picture"]

METHODS = ("lbfgs", "width", "skip")
NOISES = (0.1, 0.3)
SHARE = 0.5
"""Of the runs that the tables name, those of the full version: it takes a quarter of an hour on two cores."""
TANH = ("missing", "minima", "median loss", "5 % to 95 %", "at 5e-4", "doubled", "stray", "saturated", "weak")
SKIPPED = ("gelu 8-8", "leaky relu 0.01, 8-8", "leaky relu 0.2, 8-8", "relu 8-8, soft labels", "relu 8-8, uniform")
"""Rows on which the page says that the skip homotopy carries over."""
CAPTION = (
    "E* of L-BFGS, of wider nets and of the skip homotopy on rows with one hidden layer, with 95 % intervals; an "
    "arrow: no run succeeded, and E* is at least that."
)


def _minima(seed: int) -> list[dict[str, float]]:
    """Return the ends of L-BFGS on one tanh teacher as plain numbers."""
    return [asdict(one) for one in minima([seed], 20)]


def _near(noise: float) -> list[list[str]]:
    """Return the shares near the best with noisy targets, a row a teacher."""
    return near_best(noise, METHODS, intervals=True)


@drawn
def picture(found: Sequence[Summary]) -> Picture:
    """Draw E* in gradients and in seconds of the three methods on each row that all of them ran on."""
    names = [
        n for n in dict.fromkeys(s.problem for s in found) if {s.method for s in found if s.problem == n} >= {*METHODS}
    ]
    figure, axes = panels(2, height=4.2)
    for ax, unit in zip(axes, ("gradients", "seconds"), strict=True):
        most = -inf
        for shift, method in enumerate(METHODS):
            rows = [next(s for s in found if (s.problem, s.method) == (name, method)) for name in names]
            costs = [row.expected if unit == "gradients" else row.clock for row in rows]
            y = [i + 0.22 * (shift - 1) for i in range(len(names))]
            known = [i for i, cost in enumerate(costs) if isfinite(cost.value)]
            curve(ax, [costs[i].value for i in known], [y[i] for i in known], method, linestyle="none")
            color = ax.get_lines()[-1].get_color()
            most = max([most, *(costs[i].value for i in known)])
            for i, cost in enumerate(costs):
                if i in known:
                    ax.hlines(y[i], cost.low, cost.high if isfinite(cost.high) else 1e12, color=color, linewidth=0.9)
                else:
                    ax.plot(cost.bound, y[i], marker=">", color=color, markersize=4)
        ax.set(xscale="log", ylim=(len(names) - 0.5, -0.5), xlabel=f"E* ({unit})")
        ax.set_xlim(right=10 * most)  # some ends of intervals are infinite
        ax.set_yticks(range(len(names)), names if ax is axes[0] else [""] * len(names))
    return Picture("cost", finish(figure, axes), CAPTION)


def _statements(found: Sequence[Summary], ends: Sequence[Minimum]) -> list[Row]:
    """Return the statements of the page that a run can contradict."""
    cells = {(one.problem, one.method): one for one in found}
    rows = []
    for name in SKIPPED:
        if (name, "skip") in cells:
            skip, plain = cells[name, "skip"], cells[name, "lbfgs"]
            rows.append(
                claim(
                    f"{name}: the skip homotopy carries over",
                    "the package's own statement",
                    f"success {skip.rate.rate:.3f} against {plain.rate.rate:.3f}, E* {skip.expected.value:,.0f} "
                    f"against {plain.expected.value:,.0f}",
                    skip.rate.low > plain.rate.high and skip.expected.high < plain.expected.low,
                    "both 95 % intervals are apart from those of L-BFGS",
                )
            )
    name = "relu 8-8, hard labels"
    if (name, "skip") in cells:
        skip, plain = cells[name, "skip"].expected, cells[name, "lbfgs"].expected
        rows.append(
            claim(
                f"{name}: restarts of L-BFGS are cheaper",
                "the package's own statement",
                f"E* {plain.value:,.0f} against {skip.value:,.0f}",
                plain.value < skip.value,
                "the lower E*",
            )
        )
    above = [one for one in ends if one.loss > 5e-4]
    rows.append(
        claim(
            "tanh 8-8: an end above the target misses a teacher unit, an end below it none",
            "the package's own statement",
            f"{sum(one.missing > 0 for one in above)} of {len(above)} above, "
            f"{sum(one.missing > 0 for one in ends if one.loss <= 5e-4)} of {len(ends) - len(above)} below",
            all((one.missing > 0) == (one.loss > 5e-4) for one in ends),
            "in all of them",
        )
    )
    return rows


def _counts(ends: Sequence[Minimum], near: Sequence[Sequence[Sequence[str]]]) -> dict[str, Any]:
    """Return what the page's text says of tanh minima and of noisy targets, in numbers."""
    above, below = ([one for one in ends if (one.loss > 5e-4) == side] for side in (True, False))
    doubled, stray, saturated = (sum(getattr(one, what) for one in ends) for what in ("doubled", "stray", "saturated"))
    gains = [[float(row[3]) - float(row[2]) for row in some[:-1]] for some in near]
    return {
        "above": len(above),
        "above_missing": _all_or(sum(one.missing > 0 for one in above), len(above)),
        "below": len(below),
        "below_missing": _all_or(sum(one.missing > 0 for one in below), len(below)),
        "left": doubled + stray,
        "saturated": saturated,
        "doubled": doubled,
        "other": stray - saturated,
        "better": [sum(gain > 0 for gain in some) for some in gains],
        "worse": [sum(gain < 0 for gain in some) for some in gains],
    }


def _all_or(count: int, total: int) -> str:
    return "all" if count == total else "none" if count == 0 else str(count)


def _body(tables: dict[str, Any]) -> str:
    loader = jinja2.FileSystemLoader(Path(__file__).parent)
    environment = jinja2.Environment(loader=loader, undefined=jinja2.StrictUndefined)
    return environment.get_template("body.md.jinja").render(tables)


def _ran(study: Study) -> dict[str, list[Comparison]]:
    """Return the comparisons of each table that is run."""
    asked = study.pick(
        {"inputs": grids("inputs", 0.05)[:1], "odd": grids("odd", 0.02)[-1:]},
        {name: grids(name, SHARE) for name in TABLES},
    )
    return {name: study.compare(*some) for name, some in asked.items()}


def _run(study: Study) -> Outcome:
    ran = _ran(study)
    found = [one for some in ran.values() for comparison in some for one in comparison.summaries(*comparison.groups)]
    parts = study.each("tanh", _minima, study.pick(range(700, 702), range(700, 720)))
    ends = [Minimum(**one) for part in parts for one in part]
    numbers = {f"{one.problem}, {one.method}: success": one.rate.rate for one in found}
    numbers["tanh, at the target"] = sum(one.loss <= 5e-4 for one in ends) / len(ends)
    machine = next(iter(ran.values()))[0].machine
    headings, rows = restarts_table(found, machine)
    costs = (Table("All results", tuple(headings), tuple(map(tuple, rows))),)
    statements = tuple(_statements(found, ends))
    if not study.full:
        return Outcome(statements, numbers, costs=costs)
    tables = {
        name: markdown(*restarts_table([s for c in some for s in c.summaries(*c.groups)], machine))
        for name, some in ran.items()
    }
    tables["tanh"] = markdown(TANH, by_missing(ends))
    near = study.each("noise", _near, NOISES)
    tables["noise"] = "\n".join(
        f"Noise {noise}:\n\n{markdown(('teacher', *METHODS), some)}" for noise, some in zip(NOISES, near, strict=True)
    )
    page = _body(tables | _counts(ends, near))
    return Outcome(statements, numbers, costs=costs, pictures=(picture(found),), body=page)


PAPER = Paper(
    key="beyond_relu",
    title="Beyond one hidden relu layer",
    citation="A study of this package.",
    link="",
    claim="The skip homotopy was found on one hidden layer of relu units with the squared loss (the teachers of I. "
    "Safran and O. Shamir, ICML 2018). This page says what carries over to other activations, to classification, to a "
    "second hidden layer, to tanh, to other inputs and to noisy targets, and what does not. Not ours is the identity "
    "relu = linear part + |z|/2, nor that a skip removes spurious minima, nor training the even part alone: see what "
    "is known, in [escape](../escape/README.md). Derivations: [mathematics](../mathematics.md), section 8.",
    choices=(
        "Teachers have seeds from 700 on and starts seeds from 0 on; every setting was chosen on teachers from 900 on "
        "and starts from 1,000,000 on.",
        "Sizes are inputs-units, so 8-8 has 8 inputs, 8 hidden units and one output; unless said N = 500, and a run is "
        "solved at a loss of 5e-4.",
        "The trials that the text tells of, and does not show in a table of the run, were made while the methods were "
        "written and are not part of the package.",
    ),
    run=_run,
)
