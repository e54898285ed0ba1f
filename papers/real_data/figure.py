"""The picture: what each method comes to, what the penalty does, and small budgets."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from homotopy.papers.real_data.numbers import ratio, within_groups
from homotopy.papers.real_data.practice import WAYS
from homotopy.papers.real_data.predicting import errors
from homotopy.papers.real_data.rows import Row
from homotopy.papers.real_data.study import RESTARTED, SCIPY
from homotopy.papers.real_data.tables import block, only
from homotopy.report import INK, colors, styled

__all__ = ["picture", "plot_methods", "plot_penalty", "plot_small"]

ORDER = ("auto", "race-hop", SCIPY, *RESTARTED)
LARGEST = 1.3
"""Ratios beyond are cut off, so that the others can be told apart; the page has them."""
KINDS = ("no homotopy", "homotopy, restarted", "auto")


@styled
def picture(rows: Sequence[Row]) -> Figure:
    """Return the whole picture.

    Parameters
    ----------
    rows : sequence of Row
        All rows of a study.
    """
    figure = Figure(figsize=(11.0, 7.6), layout="constrained")
    axes = figure.subplots(2, 2)
    grid = [row for row in rows if row.study == "grid"]
    for place, activation in enumerate(("relu", "tanh")):
        plot_methods(block(grid, activation, True), axes[0, place])
        axes[0, place].set_title(f"{'ab'[place]}  Objective, {activation}, penalty 1e-4 and 1e-3", loc="left")
    handles, labels = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=len(labels))
    plot_penalty([row for row in rows if row.study == "practice"], axes[1, 0])
    plot_small([row for row in rows if row.study == "small"], axes[1, 1])
    return figure


def plot_methods(rows: Sequence[Row], ax: Axes) -> Axes:
    """Draw each method's mean objective over restarts of L-BFGS with its interval, one mark a budget."""
    names = [name for name in ORDER if any(row.method == name for row in rows)]
    paint, budgets = colors(KINDS), sorted({row.budget for row in rows})
    for shift, (budget, look) in zip((-0.16, 0.16), zip(budgets, ("o", "s"), strict=False), strict=False):
        here = [row for row in rows if row.budget == budget]
        for place, name in enumerate(names):
            one = ratio(here, name)
            if not one.sets:
                continue
            ends = [[one.value - one.low], [one.high - one.value]] if isfinite(one.low) else None
            ax.errorbar(
                [one.value],
                [place + shift],
                xerr=ends,
                fmt=look,
                markersize=5,
                elinewidth=1.2,
                color=paint[_kind(name)],
                markerfacecolor="none" if look == "o" else None,
            )
        ax.plot(
            [], [], look, color=INK, markerfacecolor="none" if look == "o" else INK, label=f"{budget:,.0f} gradients"
        )
    for kind in KINDS:
        ax.plot([], [], "-", color=paint[kind], linewidth=3, label=kind)
    ax.axvline(1.0, color=INK, linewidth=0.8)
    ax.set_yticks(range(len(names)), [name.split("=")[-1] + only(rows, name) for name in names])
    ax.set_xlabel("objective / restarts of L-BFGS (mean over data sets, 95 %)")
    ax.set_ylim(len(names) - 0.4, -0.6)
    ax.set_xlim(right=min(ax.get_xlim()[1], LARGEST))
    return ax


def _kind(name: str) -> str:
    return KINDS[2] if name == "auto" else KINDS[1] if name in RESTARTED else KINDS[0]


def plot_penalty(rows: Sequence[Row], ax: Axes) -> Axes:
    """Draw the held-out error of each way to fit relu nets over that of one fit, a point a data set."""
    rows = [row for row in rows if row.activation == "relu"]
    ways = [way for way in WAYS if way != "one"]
    base = errors(rows, "one") if rows else {}
    paint = colors(KINDS)
    for place, way in enumerate(ways):
        found = errors(rows, way) if rows else {}
        ratios = np.array([found[name] / base[name] for name in base if base[name] > 0])
        shown = np.clip(ratios, 0.4, 3.0)
        spread = np.random.default_rng(place).uniform(-0.16, 0.16, len(shown))
        color = paint[KINDS[1]] if place == 0 else paint[KINDS[0]]
        ax.plot(shown, place + spread, "o", markersize=4, alpha=0.5, markeredgewidth=0, color=color)
        if len(shown):
            ax.plot([np.median(shown)] * 2, [place - 0.3, place + 0.3], color=INK, linewidth=2)
    ax.axvline(1.0, color=INK, linewidth=0.8)
    ax.set_xscale("log")
    ax.minorticks_off()
    ax.set_xticks([0.5, 0.7, 1.0, 1.5, 2.0, 3.0], ["0.5", "0.7", "1", "1.5", "2", "3 or more"])
    ax.set_xlim(0.38, 3.4)
    ax.set_yticks(range(len(ways)), [_named(way) for way in ways])
    ax.set_ylim(len(ways) - 0.4, -0.6)
    ax.set_xlabel("held-out error / one L-BFGS at the cross-validated penalty")
    ax.set_title("c  Predictions, relu, 8 units (a point a data set; bars: medians)", loc="left")
    return ax


def _named(way: str) -> str:
    names = {"linear": "linear model", "race-hop": "race-hop, 10,000", "one, alpha 1e-4": "one, penalty 1e-4"}
    return names.get(way, way)


def plot_small(rows: Sequence[Row], ax: Axes) -> Axes:
    """Draw `auto` over one L-BFGS of the same small budget: every group, and the means."""
    paint = colors(("relu", "tanh"))
    for activation in ("relu", "tanh"):
        some = [row for row in rows if row.activation == activation]
        budgets = sorted({row.budget for row in some})
        means = [ratio([r for r in some if r.budget == b], "auto", "lbfgs") for b in budgets]
        ax.plot(budgets, [one.value for one in means], "o-", color=paint[activation], label=f"{activation}, mean")
        found = within_groups(some, "auto", "lbfgs")
        at = np.array([key[4] for key in found]) * (1.03 if activation == "tanh" else 0.97)
        ax.plot(at, [one.value for one in found.values()], ".", color=paint[activation], alpha=0.45, markersize=5)
    ax.axhline(1.0, color=INK, linewidth=0.8)
    ax.axhline(1.05, color=INK, linewidth=0.8, linestyle=":")
    ax.set_xscale("log")
    ticks = sorted({row.budget for row in rows})
    ax.set_xticks(ticks, [f"{one:,.0f}" for one in ticks])
    ax.minorticks_off()
    ax.set_xlabel("budget (gradients)")
    ax.set_ylabel("auto / one L-BFGS of that budget")
    ax.set_title("d  Small budgets (points: net, penalty, task)", loc="left")
    if ticks:
        ax.legend(loc="best")
    return ax
