"""The pictures: runs in spurious minima against k, and what a success costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from homotopy.experiments import Comparison, success_rate

from ..frame import Picture, curve, drawn, finish, panels
from .beside import published

__all__ = ["CONTINUATION", "METHODS", "costs", "spurious"]

CONTINUATION = ("width", "skip", "auto")
METHODS = ("gd", "lbfgs", *CONTINUATION)
NAMES = {"gd": "gradient descent", "lbfgs": "L-BFGS"}
Pair = tuple[int, int]


@drawn
def spurious(fast: Mapping[Pair, dict[str, Any]], found: Sequence[Comparison], runs: int) -> Picture:
    """Draw the share of runs in spurious minima against k: the authors' two data sets, ours, and continuation.

    Parameters
    ----------
    fast : mapping
        From pairs to what `ends` returned with step 5/k.
    found : sequence of Comparison
        The methods on the problems with n = k, and on those with n = k + 1.
    runs : int
        Starts of each of ours.
    """
    figure, axes = panels(2, height=2.7)
    for ax, comparison, wider in zip(axes, found, (0, 1), strict=True):
        _authors(ax, wider)
        pairs = [pair for pair in fast if pair[1] - pair[0] == wider]
        rates = [success_rate(np.arange(runs) < len(fast[pair]["bad"])) for pair in pairs]
        k = [pair[0] for pair in pairs]
        ends = [(100 * rate.low, 100 * rate.high) for rate in rates]
        curve(ax, k, [100 * rate.rate for rate in rates], "gd", label=NAMES["gd"], ends=ends)
        for method in CONTINUATION:
            told = [next(s for s in comparison.summaries(name) if s.method == method) for name in comparison.problems]
            curve(ax, k, [100 * (1 - one.rate.rate) for one in told], method)
        ax.set_xlabel("units k of the teacher")
        ax.set_title("student of n = k units" if not wider else "student of n = k + 1 units")
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
        ax.set_ylim(-4, 104 if not wider else 54)
    axes[0].set_ylabel("runs in spurious minima (%)")
    caption = (
        "Runs that end in a spurious minimum against the number of units: the authors' two data sets (grey), gradient "
        "descent here with 95 % intervals, and the continuation methods from the same starts."
    )
    return Picture("spurious", finish(figure, axes, columns=3), caption)


def _authors(ax: Axes, wider: int) -> None:
    """Draw the authors' shares in hollow grey markers."""
    looks = (("first", "s", "authors 2018, step 0.1"), ("second", "D", "authors 2021, step 5/k"))
    for name, marker, label in looks:
        data = published()[name]
        told = {pair[0]: 100 * bad / data["runs"] for pair, bad in data["bad"].items() if pair[1] - pair[0] == wider}
        if told:
            look = {"color": "0.45", "markersize": 6.5, "fillstyle": "none"}
            ax.plot(list(told), list(told.values()), marker, label=label, **look)


@drawn
def costs(found: Comparison) -> Picture:
    """Draw E* in gradients and in seconds against k for all methods where the student has n = k units."""
    figure, axes = panels(2, height=2.5)
    k = [int(name.partition("k=")[2]) if "k=" in name else 20 for name in found.problems]
    for ax, part in zip(axes, ("expected", "clock"), strict=True):
        for method in METHODS:
            told = [next(s for s in found.summaries(name) if s.method == method) for name in found.problems]
            values = [getattr(one, part) for one in told]
            ends = [(value.low, value.high) for value in values]
            curve(ax, k, [value.value for value in values], method, label=NAMES.get(method, method), ends=ends)
        ax.set(yscale="log", xlabel="units k = n of teacher and student")
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes[0].set_ylabel("E* (gradient-equivalents)")
    axes[1].set_ylabel("E* (seconds of one thread)")
    caption = "The expected cost to F < 1e-3 with restarts, E*, for n = k, in gradients and in seconds; 95 % intervals."
    return Picture("costs", finish(figure, axes, columns=5), caption)
