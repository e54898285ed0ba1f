"""Sequences until solved, ours beside the published ones, as a table and as a picture."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes

from homotopy.experiments import Comparison

from ..frame import Picture, Table, curve, drawn, finish, panels

__all__ = ["HOMOTOPY", "NAMES", "PUBLISHED", "counts", "label", "picture", "rate", "sequences_seen"]

PUBLISHED = {
    ("adding", 100): 74_000,
    ("adding", 500): 209_000,
    ("adding", 1000): 853_000,
    ("multiplication", 100): 482_000,
    ("order", 100): 31_390,
}
"""Sequences until the authors' criterion was met, by LSTM."""
HOMOTOPY = "length"
SIDES = ("gd", "adam", "lbfgs", "lm", HOMOTOPY, f"{HOMOTOPY}, L-BFGS")
SHORT = {"multiplication": "multiply"}
HIGHEST = 4e6
"""The end of an axis of sequences."""
NAMES = {"adding": "adding", "multiplication": "multiplication", "order": "temporal order"}


def sequences_seen(found: Comparison, method: str, name: str, n: int) -> tuple[str, float]:
    """Return the expected sequences until solved as a text with its interval, and as a number, infinite if never."""
    one = next(s for s in found.summaries(name) if s.method == method).expected
    if one.value == float("inf"):
        return f"> {n * one.bound:,.0f}", float("inf")
    return f"{n * one.value:,.0f} [{n * one.low:,.0f}, {n * one.high:,.0f}]", n * one.value


def rate(found: Comparison, method: str) -> Any:
    """Return the success rate of a method in a comparison of one group."""
    return next(s for s in found.summaries(next(iter(found.groups))) if s.method == method).rate


def label(method: str) -> str:
    """Return what a method is called here, without its numbers."""
    return method.split(":")[0] + (", L-BFGS" if "corrector" in method else "")


@drawn
def picture(found: dict[tuple[str, str], Comparison], by_length: dict[int, Comparison], n: int, T: int) -> Picture:
    """Draw sequences until solved against the length, and the share of runs that solve each task."""
    figure, axes = panels(2, height=2.9)
    runs = dict(sorted(({**by_length, T: found["adding", "elman"]}).items()))
    for method in (HOMOTOPY, "lm", "lbfgs"):
        _against_length(axes[0], {steps: one for steps, one in runs.items() if method in one.methods}, method, n)
    theirs = sorted((steps, count) for (task, steps), count in PUBLISHED.items() if task == "adding")
    axes[0].plot(*zip(*theirs, strict=True), "*", color="black", markersize=7, label="LSTM, published (online)")
    axes[0].set(xscale="log", yscale="log", xlabel="steps of a sequence", ylabel="sequences until adding is solved")
    axes[0].set_ylim(1e4, HIGHEST)
    _shares(axes[1], found)
    caption = (
        "Left: sequences until adding is solved with eight tanh units, expected with restarts, 95 % intervals (dotted: "
        "at least, nothing was solved); stars are the published counts of LSTM, online. Right: runs that solve each "
        f"task at T = {T}."
    )
    return Picture("lags", finish(figure, axes, columns=4), caption)


def _against_length(ax: Axes, runs: dict[int, Comparison], method: str, n: int) -> None:
    """Draw what a method expects to need against the length, and below what it is not where it solved nothing."""
    told = {
        steps: next(s for s in one.summaries(next(iter(one.groups))) if s.method == method).expected
        for steps, one in runs.items()
    }
    solved = {steps: one for steps, one in told.items() if one.value < float("inf")}
    if solved:
        ends = [(n * one.low, min(n * one.high, HIGHEST)) for one in solved.values()]
        curve(ax, list(solved), [n * one.value for one in solved.values()], method, ends=ends)
    bounds = {steps: n * one.bound for steps, one in told.items() if steps not in solved}
    if bounds:
        name = method if solved else f"{method}, at least"
        curve(ax, list(bounds), list(bounds.values()), method, label=name, linestyle=":")


def _shares(ax: Axes, found: dict[tuple[str, str], Comparison]) -> None:
    """Draw the share of runs that solve each task."""
    asked = list(found)
    for k, name in enumerate(SIDES):
        points = [
            (i + 0.13 * (k - 2.5), rate(found[key], method))
            for i, key in enumerate(asked)
            for method in found[key].methods
            if label(method) == name
        ]
        if points:
            at, rates = zip(*points, strict=True)
            ends = [(100 * one.low, 100 * one.high) for one in rates]
            look = {"color": "0.35"} if "," in name else {}
            shares = [100 * one.rate for one in rates]
            curve(ax, at, shares, name.split(",")[0], label=name, ends=ends, linestyle="none", **look)
    ax.set_xticks(range(len(asked)), [f"{SHORT.get(task, task)}\n{cell}" for task, cell in asked], fontsize=7)
    ax.set(ylabel="runs that solve it (%)", xlabel="task and cell", ylim=(-4, 104))


def counts(found: dict[tuple[str, str], Comparison], by_length: dict[int, Comparison], n: int, T: int) -> Table:
    """Return the table of sequences until solved, ours beside the published ones."""
    rows = []
    runs = [(task, T, cell, one) for (task, cell), one in found.items()]
    runs += [("adding", steps, "elman", one) for steps, one in by_length.items()]
    for task, steps, cell, one in runs:
        name = next(iter(one.groups))
        theirs = f"{PUBLISHED[task, steps]:,}" if (task, steps) in PUBLISHED else "–"
        for method in one.methods:
            ours = rate(one, method)
            text = sequences_seen(one, method, name, n)[0]
            rows.append((NAMES[task], str(steps), cell, method, f"{ours.successes} of {ours.runs}", text, theirs))
    headings = ("task", "T", "cell", "method", "solved", "sequences until solved [95 %]", "published, LSTM")
    note = (
        f"Ours are full gradients until solved, with restarts, times the {n} sequences of the training set, one of t "
        "steps counting t / T; the published ones are sequences that were each seen once, online. The two are "
        "different regimes: the columns may be set side by side, not subtracted."
    )
    return Table("Sequences until solved", headings, tuple(rows), note)
