"""The pictures: loss against index with the searches beside it, and the numbers of points against the penalty."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..frame import Picture, curve, drawn, finish, panels

__all__ = ["counts_picture", "picture"]

LOOKS = {"minima": ("#2a7f8e", "o"), "saddles of index 1": ("#d9822b", "s"), "of index 2": ("#8c6bb1", "^")}
SEARCHES = {
    "root": ("SciPy's root, many starts", "#2a7f8e", "o"),
    "newton": ("Newton homotopy curves", "#d9822b", "s"),
    "fixed-point": ("fixed-point curves", "#8c6bb1", "^"),
}


@drawn
def picture(census: Mapping[str, Any], found: Mapping[str, Mapping[str, Any]], ours: Mapping[str, Any]) -> Picture:
    """Draw the loss of all points against their index, and points found against the cost.

    Parameters
    ----------
    census : dict
        Of `census`, of the 2-2-1 net.
    found : dict
        From a search to its `discovery`.
    ours : dict
        What `searched` returns, or nothing.
    """
    figure, axes = panels(2, height=2.7)
    index, value, copies = (np.array(census[key]) for key in ("index", "values", "multiplicity"))
    for i, (color, mark) in enumerate(LOOKS.values()):
        here = index == i
        for level in np.unique(value[here].round(3)):
            some = copies[here & (value.round(3) == level)]
            aside = 0.045 * (np.arange(len(some)) - (len(some) - 1) / 2)
            at = i + aside, np.full(len(some), level)
            axes[0].scatter(*at, 5 + 3.0 * some, facecolors="none", edgecolors=color, marker=mark)
        axes[0].text(i, 0.535, f"{here.sum()} ({copies[here].sum()})", ha="center", color=color)
    axes[0].set(
        xlabel="index: directions of descent", ylabel="loss", xticks=(0, 1, 2), ylim=(0, 0.58), xlim=(-0.5, 2.5)
    )
    axes[0].set_title("all stationary points (with copies)")
    for name, one in found.items():
        label, color, mark = SEARCHES[name]
        curve(axes[1], one["x"], one["y"], name, label=label, color=color, marker=mark, markevery=6)
    if ours:
        curve(
            axes[1],
            [ours["cost"]],
            [ours["points"]],
            "critical_points",
            label="critical_points, one start",
            color="#333333",
            marker="D",
            linestyle="none",
        )
    most = len(value)
    axes[1].axhline(most, color="0.6", linewidth=0.8, linestyle=":")
    axes[1].set(xscale="log", xlabel="cost (gradients)", ylabel="different points found", ylim=(0, most + 3))
    axes[1].set_title("what searches find")
    caption = (
        "XOR, 2-2-1 tanh, l2 = 0.01. Left: every stationary point found, up to order and signs of hidden units; the "
        "area is the number of its copies. Right: different points found for a cost, mean over orders of the runs; "
        "dotted all."
    )
    return Picture("census", finish(figure, axes, columns=2), caption)


@drawn
def counts_picture(l2: Sequence[float], found: Sequence[Mapping[str, Any]]) -> Picture:
    """Draw the numbers of minima and saddles, with copies, against the penalty."""
    figure, axes = panels(1, height=2.7)
    for i, (label, (color, mark)) in enumerate(LOOKS.items()):
        y = [one["copies"].get(f"{i}", 0) for one in found]
        curve(axes[0], l2, y, label, label=label, color=color, marker=mark)
    axes[0].set(xscale="log", xlabel="penalty l2", ylabel="stationary points, copies counted", ylim=(0, None))
    caption = (
        "XOR, 2-2-1 tanh: the numbers of stationary points against the penalty of the weights, all copies counted."
    )
    return Picture("penalty", finish(figure, axes, columns=3), caption)
