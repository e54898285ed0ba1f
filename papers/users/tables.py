"""The table of troubles with their kinds, the table of what methods solve, and the picture of both."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import Any

import numpy as np

import homotopy as hp
from homotopy.experiments import Comparison, Summary, expected_cost, success_rate
from homotopy.report import colors

from ..frame import Picture, Spent, Table, curve, drawn, finish, panels
from .troubles import Trouble

__all__ = ["Found", "kind", "kinds", "picture", "shares", "spent"]

Found = dict[str, Any]
"""What `looked_at` returns of a trouble."""
CURED, MOST = 0.75, 0.5
"""The share of failures that a change of settings must take away to be their reason, and what "most" is."""
USER = "the user's settings"
SHOWN = (
    ("user", USER, "s"),
    ("lbfgs", "one L-BFGS", "v"),
    ("multistart", "restarts of L-BFGS", "o"),
    ("continuation", "width, or decay", "P"),
    ("auto", "auto", "X"),
)


def kind(trouble: Trouble, found: Found) -> str:
    """Return what kind of trouble it is, by what was measured; the table's note says how."""
    fails, n = found["fails"], len(found["cost"])
    left = unsolved(found)
    if fails <= 0.02 * n:
        return "rare"
    if fails - found["cured"] >= CURED * fails:
        return f"user error: {trouble.error}"
    if found["asleep"] >= MOST * left:
        return "dead units"
    return "plateau" if found["goes_on"] >= MOST * left else "local minimum"


def unsolved(found: Found) -> int:
    """Return how many runs of a user's settings never reached the target."""
    return int(np.isnan(found["to"]).sum())


def kinds(troubles: Sequence[Trouble], found: dict[str, Found]) -> Table:
    """Return the table of troubles: where they were asked, what was seen, and of which kind they are."""
    headings = (
        "trouble", "asked", "seen", "settings", "failed [95 %]", "changed", "failed then", "dead layer",
        "L-BFGS goes on", "kind",
    )  # fmt: skip
    rows = []
    for one in troubles:
        own = found[one.name]
        n, left = len(own["cost"]), unsolved(own)
        rows.append(
            (
                f"`{one.name}`: {one.label}", one.source, one.symptom, one.settings.text, _share(own["fails"], n),
                one.remedy, f"{100 * own['cured'] / n:.0f} %", f"{own['asleep']} of {left}",
                f"{own['goes_on']} of {left}", kind(one, own),
            )
        )  # fmt: skip
    return Table("Troubles, and of which kind they are", headings, tuple(rows), NOTE)


NOTE = (
    "Failed: what the question calls so, in runs from as many random starts. That is a loss that never fell below the "
    "problem's target, but for `line_relu` a gradient of 0 at the end, for `trend` a slope of half the sum of squares "
    "of .04 or more, for `digits` a 0 that is ranked above a 1. The last columns but one count the runs that never "
    "reached the target: those with a relu layer that is off on all samples, and those from whose end 20,000 "
    "iterations of L-BFGS reach it. The kind follows from these numbers: an error of the user if the change alone "
    "takes away three quarters of the failures; else dead units, if most of those runs have a dead layer; else a "
    "plateau, if L-BFGS goes on from most of them; else a local minimum, or one at infinity that nothing distinguishes "
    "from it. Rare: at most 2 % failed."
)


def shares(troubles: Sequence[Trouble], found: dict[str, Found], ran: Sequence[Comparison]) -> Table:
    """Return the table of how many runs reach the target by the user's settings, L-BFGS, restarts and continuation."""
    headings = (
        "trouble", USER, "gradient descent, safe step", "one L-BFGS", "restarts of L-BFGS", "continuation", "`auto`",
        "what `auto` tries",
    )  # fmt: skip
    rows = []
    for one in troubles:
        by = summaries(one.name, ran)
        n, left = len(found[one.name]["cost"]), unsolved(found[one.name])
        plain = [_rate(by[name]) for name in ("gd", "lbfgs", "multistart")]
        others = [name for name in by if name not in ("gd", "lbfgs", "multistart", "auto")]
        told = ", ".join(f"`{name}` {100 * by[name].rate.rate:.0f}" for name in others)
        rows.append((one.label, _share(n - left, n), *plain, f"{told} %", _rate(by["auto"]), _tried(one)))
    note = (
        "The share of runs that reach the target, within the user's updates or the budget, [95 % intervals]. All "
        "methods start from the same points; restarts and `auto` then draw new ones. Each continuation that runs on "
        "the net is given, none is chosen afterwards. `auto` takes what suits the problem, which need not be "
        "continuation: `lm` is Levenberg-Marquardt, `omp` picks units from a dictionary."
    )
    return Table("Solved", headings, tuple(rows), note)


def _tried(trouble: Trouble) -> str:
    """Return the methods that `auto` tries in turn on a problem."""
    stages = hp.method("auto").solve(trouble.problem(), rng=0, budget=500).stages
    names = [name for stage in stages if stage["stage"] == "choice" for name in stage["methods"].split(", ")]
    return ", ".join(f"`{name}`" for name in dict.fromkeys(names))


def summaries(name: str, ran: Sequence[Comparison]) -> dict[str, Summary]:
    """Return the Summary of every method that ran on a problem, by the methods' names without parameters."""
    return {s.method.partition(":")[0]: s for one in ran if name in one.problems for s in one.summaries(name)}


def spent(trouble: Trouble, found: Found) -> Spent:
    """Return what the user's settings cost until they reached the target."""
    cost, to, seconds = (np.asarray(found[name], dtype=float) for name in ("cost", "to", "seconds"))
    return Spent(trouble.name, trouble.settings.text, cost, to, seconds, seconds * to / cost)


def _share(count: int, n: int) -> str:
    rate = success_rate(np.arange(n) < count)
    return f"{100 * rate.rate:.0f} % [{100 * rate.low:.0f}, {100 * rate.high:.0f}]"


def _rate(one: Summary) -> str:
    return f"{100 * one.rate.rate:.0f} % [{100 * one.rate.low:.0f}, {100 * one.rate.high:.0f}]"


@drawn
def picture(troubles: Sequence[Trouble], found: dict[str, Found], ran: Sequence[Comparison]) -> Picture:
    """Draw the shares that reach the target, and the expected gradients to a success, of every trouble."""
    figure, axes = panels(2, height=0.42 * len(troubles) + 0.9)
    places = np.arange(len(troubles))[::-1]
    paint = colors(("width", *(name for name, *_ in SHOWN)))
    for j, (name, label, mark) in enumerate(SHOWN):
        rates, costs = zip(*(_point(one, found[one.name], ran, name) for one in troubles), strict=True)
        y = places + 0.3 - 0.15 * j
        low, high, middle = 100 * np.array([(rate.low, rate.high, rate.rate) for rate in rates]).T
        look: dict[str, Any] = {"linestyle": "none", "marker": mark, "markersize": 4.5}
        method = "width" if name == "continuation" else name
        look["color"] = paint[method]
        curve(axes[0], middle, y, method, label=label, **look)
        axes[0].hlines(y, low, high, color=axes[0].lines[-1].get_color(), linewidth=0.8)
        curve(axes[1], costs, y, method, label=label, **look)
    for ax in axes:
        ax.set(yticks=places, yticklabels=[], ylim=(-0.6, len(troubles) - 0.4))
        ax.hlines(places[:-1] - 0.5, 0, 1, transform=ax.get_yaxis_transform(), color="0.85", linewidth=0.6)
        ax.tick_params(axis="y", length=0)
        ax.grid(visible=False, axis="y")
    axes[0].set_yticklabels([one.label for one in troubles])
    axes[0].set(xlim=(-4, 104), xlabel="runs that reach the target (%)")
    axes[1].set(xscale="log", xlabel="E*, gradients to a success with restarts")
    caption = (
        "Left: the share of runs that solve each trouble's problem, with 95 % intervals. Right: the expected number of "
        "gradients to a success with restarts; no point where no run succeeded."
    )
    return Picture("troubles", finish(figure, axes, order=[label for _, label, _ in SHOWN], columns=5), caption)


def _point(trouble: Trouble, own: Found, ran: Sequence[Comparison], name: str) -> tuple[Any, float]:
    """Return a rate and an expected cost, NaN without a success."""
    if name == "user":
        value = expected_cost(own["cost"], own["to"]).value
        return success_rate(~np.isnan(own["to"])), value if isfinite(value) else np.nan
    by = summaries(trouble.name, ran)
    one = by[name] if name in by else by["width" if "width" in by else "decay"]
    return one.rate, one.expected.value if isfinite(one.expected.value) else np.nan
