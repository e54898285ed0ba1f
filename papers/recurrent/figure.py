"""The picture: cost against length, ratios to L-BFGS, what frees stuck points, and how hard each length is."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from homotopy.experiments import ExpectedCost
from homotopy.papers.recurrent.evidence import ARMS
from homotopy.papers.recurrent.numbers import Found, Ratio, numbers, rate
from homotopy.report import INK, colors, styled

__all__ = ["picture", "plot_controls", "plot_growth", "plot_lengths", "plot_ratios"]


@styled
def picture(found: Found) -> Figure:
    """Return the whole picture.

    Parameters
    ----------
    found : Found
        All rows of a study.
    """
    figure = Figure(figsize=(12.0, 10.0), layout="constrained")
    axes = figure.subplots(2, 2)
    plot_growth(found, axes[0, 0])
    plot_ratios(found, axes[0, 1])
    plot_controls(found, axes[1, 0])
    plot_lengths(found, axes[1, 1])
    return figure


def plot_growth(found: Found, ax: Axes) -> Axes:
    """Draw the expected cost of adding against T: `length`, L-BFGS from its best start, Levenberg-Marquardt."""
    sides = ("length", "L-BFGS", "LM")
    paint = colors(sides)
    for act, look in (("tanh", "o-"), ("relu", "s--")):
        for side in sides:
            costs = []
            for task in (task for task in found.tasks() if task.startswith(f"adding {act} ")):
                some = found.of(task, found.best(task, side) if side == "L-BFGS" else side)
                if some:
                    costs.append((int(task.split()[-1]), numbers(some).expected))
            _line(sorted(costs, key=lambda one: one[0]), ax, (look, paint[side], f"{side}, {act}"))
    ax.set_xscale("log")
    ax.set_yscale("log")
    ticks = (10, 30, 100, 300, 1000)
    ax.set_xticks(ticks, [str(t) for t in ticks])
    ax.minorticks_off()
    ax.set_xlabel("length T of the sequences")
    ax.set_ylabel("gradients to the first success, E*")
    ax.set_title("a  Adding (arrows: at least so much)", loc="left")
    if ax.lines:
        ax.legend(loc="best")
    return ax


def _line(costs: Sequence[tuple[int, ExpectedCost]], ax: Axes, look: tuple[str, str, str]) -> None:
    """Draw expected costs with their intervals against T; bounds as arrows."""
    form, color, label = look
    known = [(t, one) for t, one in costs if isfinite(one.value)]
    if known:
        t, cost = [one[0] for one in known], np.array([one[1].value for one in known])
        ends = np.array([(one.low, one.high) for _, one in known]).T
        ends = np.abs(np.where(np.isfinite(ends), ends, cost) - cost)
        ax.errorbar(t, cost, ends, fmt=form, color=color, label=label, markersize=4, elinewidth=1.0)
    for t, one in costs:
        if not isfinite(one.value):
            bound = one.bound
            ax.annotate("", (t, 2 * bound), (t, bound), arrowprops={"arrowstyle": "->", "color": color})
            ax.plot([t], [bound], form[0], color=color, markersize=4, markerfacecolor="none")


def plot_ratios(found: Found, ax: Axes) -> Axes:
    """Draw the expected costs of the best rival and of L-BFGS from its best start over that of `length`, by task."""
    paint = colors(("best rival", "L-BFGS"))
    names: list[str] = []
    for task in found.tasks():
        best, plain = found.best(task), found.best(task, "L-BFGS")
        ratios = {"best rival": found.ratio(task), "L-BFGS": found.ratio(task, plain) if plain else None}
        shown = {name: one for name, one in ratios.items() if one is not None and isfinite(one.value)}
        for name, one in shown.items():
            _ratio(one, len(names) + (0.18 if name == "L-BFGS" else -0.18), ax, paint[name])
        if shown:
            names.append(f"{task} ({best})")
    for name in ("best rival", "L-BFGS"):
        ax.plot(
            [], [], "o", color=paint[name], markersize=4, label=name if name == "best rival" else "L-BFGS, best start"
        )
    ax.axvline(1.0, color=INK, linewidth=0.8)
    ax.set_xscale("log")
    ax.set_yticks(range(len(names)), names, fontsize=6.5)
    ax.set_ylim(len(names) - 0.4, -0.6)
    ax.set_xlabel("E* over that of length; triangles: at least")
    ax.set_title("b  Every task", loc="left")
    ax.legend(loc="best", fontsize=7)
    return ax


def _ratio(one: Ratio, at: float, ax: Axes, color: str) -> None:
    """Draw a ratio with its interval, or as a triangle where it is bounded from below."""
    if one.bounded:
        ax.plot([one.value], [at], ">", color=color, markersize=4)
        return
    low, high = (end if isfinite(end) else one.value for end in (one.low, one.high))
    ends = [[max(one.value - low, 0.0)], [max(high - one.value, 0.0)]]
    ax.errorbar([one.value], [at], xerr=ends, fmt="o", color=color, markersize=3, elinewidth=1.0)


def plot_controls(found: Found, ax: Axes) -> Axes:
    """Draw the share of the same stuck points that each path frees."""
    paint = colors(ARMS)
    tasks = found.tasks("controls")
    for shift, arm in enumerate(ARMS):
        for place, task in enumerate(tasks):
            some = found.of(task, f"stuck, {arm}", "controls")
            if not some:
                continue
            one = rate(some)
            ends = [[one.rate - one.low], [one.high - one.rate]]
            at = place + 0.2 * (shift - 1.5)
            ax.bar([at], [one.rate], 0.18, color=paint[arm], label=arm if place == 0 else None)
            ax.errorbar([at], [one.rate], ends, fmt="none", ecolor=INK, elinewidth=0.8)
    ax.set_xticks(range(len(tasks)), tasks)
    ax.set_ylim(0, 1.15)
    ax.set_ylabel("stuck points that are freed")
    ax.set_title("c  From the same stuck points of L-BFGS", loc="left")
    if tasks:
        ax.legend(loc="upper left", ncols=2)
    return ax


def plot_lengths(found: Found, ax: Axes) -> Axes:
    """Draw the share of plain runs that solve the problem against the length that they are trained on."""
    tasks = found.tasks("lengths")
    paint = colors(tasks)
    for task in tasks:
        every = sorted(int(side) for side in found.sides(task, "lengths"))
        rates = [rate(found.of(task, str(t), "lengths")) for t in every]
        share = np.array([one.rate for one in rates])
        ends = np.abs(np.array([(one.low, one.high) for one in rates]).T - share)
        ax.errorbar(every, share, ends, fmt="o-", color=paint[task], label=task, markersize=4, elinewidth=0.8)
    ax.set_xscale("log")
    ax.set_ylim(0, 1.02)
    ax.set_xlabel("length that is trained on")
    ax.set_ylabel("share of L-BFGS starts that solve it")
    ax.set_title("d  How hard a length is", loc="left")
    if tasks:
        ax.legend(loc="best")
    return ax
