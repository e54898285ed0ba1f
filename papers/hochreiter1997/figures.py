"""Sequences until solved, ours beside the published ones, as a table and as a picture."""

from __future__ import annotations

from typing import Any

from matplotlib.ticker import NullFormatter

from homotopy.experiments import Comparison

from ..frame import Picture, Table, curve, drawn, finish, panels

__all__ = ["HOMOTOPY", "NAMES", "PUBLISHED", "counts", "picture", "rate", "sequences_seen"]

PUBLISHED = {
    ("adding", 100): 74_000,
    ("adding", 500): 209_000,
    ("adding", 1000): 853_000,
    ("multiplication", 100): 482_000,
    ("order", 100): 31_390,
}
"""Sequences until the authors' criterion was met, by LSTM."""
HOMOTOPY = "length"
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


@drawn
def picture(found: dict[tuple[str, str], Comparison], by_length: dict[int, Comparison], n: int, T: int) -> Picture:
    """Draw sequences until solved against the length, and the share of runs that solve each task."""
    figure, axes = panels(2, height=2.9)
    runs = {**by_length, T: found["adding", "elman"]}
    for method, label in ((HOMOTOPY, "length"), ("lbfgs", "lbfgs"), ("lm", "lm")):
        points = []
        for steps in sorted(runs):
            one = runs[steps]
            if method in one.methods:
                told = next(s for s in one.summaries(next(iter(one.groups))) if s.method == method).expected
                if told.value != float("inf"):
                    points.append((steps, n * told.value, n * told.low, n * min(told.high, 1e7)))
        if points:
            at, value, low, high = zip(*points, strict=True)
            curve(axes[0], at, value, method, label=label, ends=list(zip(low, high, strict=True)))
    theirs = sorted((steps, count) for (task, steps), count in PUBLISHED.items() if task == "adding")
    axes[0].plot(*zip(*theirs, strict=True), "*", color="black", markersize=7, label="LSTM, published (online)")
    axes[0].set(xscale="log", yscale="log", xlabel="steps of a sequence", ylabel="sequences until adding is solved")
    axes[0].yaxis.set_minor_formatter(NullFormatter())
    asked = list(found)
    for k, method in enumerate(dict.fromkeys(m for one in found.values() for m in one.methods)):
        at = [i + 0.09 * k - 0.2 for i, key in enumerate(asked) if method in found[key].methods]
        rates = [rate(found[key], method) for key in asked if method in found[key].methods]
        ends = [(100 * one.low, 100 * one.high) for one in rates]
        label = method.split(":")[0] + (", L-BFGS only" if "corrector" in method else "")
        curve(axes[1], at, [100 * one.rate for one in rates], method, label=label, ends=ends, linestyle="none")
    axes[1].set_xticks(range(len(asked)), [f"{task}\n{cell}" for task, cell in asked], fontsize=6)
    axes[1].set(ylabel="runs that solve it (%)", xlabel="task and cell", ylim=(-4, 104))
    caption = (
        "Left: sequences until adding is solved with eight tanh units, expected with restarts, 95 % intervals; stars "
        f"are the published counts of LSTM, online. Right: runs that solve each task at T = {T}."
    )
    return Picture("lags", finish(figure, axes, columns=4), caption)


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
