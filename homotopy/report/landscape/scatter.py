"""Values of critical points against their index, and where minima lie and searches end."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from homotopy.report.figures import styled
from homotopy.report.landscape.surveyed import Survey, rank_correlation
from homotopy.report.style import INK, PALETTE

__all__ = ["loss_against_index", "minima_histogram", "spread"]

SHADES = {"minimum": PALETTE[0], "saddle": PALETTE[1], "maximum": PALETTE[3], "degenerate": PALETTE[2]}
WORDS = {"minimum": "minimum", "saddle": "saddle", "maximum": "maximum", "degenerate": "not strict: flat directions"}
WIDE = 50.0  # ratio of values from which their axis is logarithmic
STEMS = 40  # minima up to which each is a stem
FEW = 8  # stems up to which each has a name
REACH = 0.36  # how far points of one index are moved aside


@styled
def loss_against_index(survey: Survey) -> Figure:
    """Return the figure of each critical point's value against its index, copies once.

    Notes
    -----
    Points of one index that would lie on each other stand side by side; the short line is their median. The axis of
    values is logarithmic where all are positive and differ by a factor of 50.
    """
    points = list(survey.points)
    figure = Figure(figsize=(6.4, 4.4), layout="constrained")
    ax = figure.subplots()
    values = np.array([survey.exact(point.value) for point in points])
    index = np.array([point.index for point in points])
    log = _axis(ax, values)
    at = index + spread(index, np.log(values) if log else values)
    for kind, shade in SHADES.items():
        mine = np.array([point.kind == kind for point in points], dtype=bool)
        if mine.any():
            ax.plot(at[mine], values[mine], "o", color=shade, markersize=5, alpha=0.75, mew=0, label=WORDS[kind])
    for one in np.unique(index):
        middle = float(np.median(values[index == one]))
        ax.plot([one - 0.42, one + 0.42], [middle, middle], color=INK, linewidth=1.1, zorder=1, alpha=0.6)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    ax.set_xlim(-0.7, max(index, default=0) + 0.7)
    ax.set_xlabel("index: negative eigenvalues of the Hessian")
    ax.set_ylabel("loss")
    ranks = rank_correlation(survey.points)
    if ranks is not None:
        text = f"Spearman {ranks.rho:.2f} [{ranks.low:.2f}, {ranks.high:.2f}]"
        ax.text(0.99, 0.03, text, transform=ax.transAxes, ha="right", fontsize=8.5)
    figure.legend(*ax.get_legend_handles_labels(), loc="outside upper right", ncols=len(SHADES), columnspacing=1.2)
    return figure


def spread(index: NDArray[np.int64], height: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how far each point stands aside so that those of one index and nearly one height are seen, shape (m,).

    Heights that fall into one of 60 equal parts of the axis are nearly one.

    Examples
    --------
    >>> spread(np.array([0, 1, 1]), np.array([0.0, 1.0, 1.0])).tolist()
    [0.0, -0.03, 0.03]
    """
    aside = np.zeros(len(index))
    span = float(np.ptp(height)) if len(height) else 0.0
    cell = np.round((height - height.min()) / span * 60) if span else np.zeros(len(index))
    for one in {(int(i), float(c)) for i, c in zip(index, cell, strict=True)}:
        (mine,) = np.nonzero((index == one[0]) & (cell == one[1]))
        step = min(0.06, 2 * REACH / max(len(mine) - 1, 1))
        aside[mine] = step * (np.arange(len(mine)) - (len(mine) - 1) / 2)
    return aside


@styled
def minima_histogram(survey: Survey) -> Figure:
    """Return the figure of the minima's values: how many there are, up to symmetry, and how many searches end there.

    Up to 40 minima are stems, whose height is the searches that ended there; more are counted in bins.
    """
    found = survey.points.minima
    values = np.array([survey.exact(point.value) for point in found])
    hits = np.array([point.hits for point in found])
    figure = Figure(figsize=(6.4, 4.0), layout="constrained")
    above, below = figure.subplots(2, 1, sharex=True)
    log = _axis(below, values, across=True)
    above.set_xscale("log" if log else "linear")
    edges = _bins(values, log=log)
    above.hist(values, bins=edges, color=PALETTE[0], alpha=0.85)
    if len(found) <= STEMS:
        _stems(below, values, hits)
    else:
        below.hist(values, bins=edges, weights=hits, color=PALETTE[1], alpha=0.85)
    for ax in (above, below):
        ax.yaxis.set_major_locator(MaxNLocator(4, integer=True, min_n_ticks=1))
    above.set_ylabel("minima")
    below.set_ylabel("searches")
    below.set_xlabel("loss")
    return figure


def _stems(ax: Axes, values: NDArray[np.float64], hits: NDArray[np.int64]) -> None:
    """Draw how many searches ended at each value; minima of one value, to a thousandth of the axis, are together."""
    order = np.argsort(values, kind="stable")
    apart = np.diff(values[order], prepend=-np.inf) > 1e-3 * np.ptp(values)
    group = np.cumsum(apart) - 1
    at, total = values[order][apart], np.bincount(group, weights=hits[order])
    ax.vlines(at, 0, total, color=PALETTE[1], linewidth=2.0)
    ax.plot(at, total, "o", color=PALETTE[1], markersize=4.5)
    ax.set_ylim(0, 1.25 * max(total.max(), 1.0))
    if len(at) <= FEW:
        names = [np.sort(order[group == i]) + 1 for i in range(len(at))]
        for value, n, some in zip(at, total, names, strict=True):
            text = f"M{some[0]}" if len(some) == 1 else f"M{some[0]}–M{some[-1]}"
            ax.annotate(text, (value, n), (0, 5), textcoords="offset points", ha="center", fontsize=8)


def _bins(values: NDArray[np.float64], *, log: bool) -> NDArray[np.float64]:
    """Return the edges of the bins."""
    low, high = float(values.min()), float(values.max())
    if low == high:
        wide = 0.05 * abs(low) or 0.5
        return np.linspace(low - wide, low + wide, 4)
    return np.geomspace(low, high, 41) if log else np.linspace(low, high, 41)


def _axis(ax: Axes, values: NDArray[np.float64], *, across: bool = False) -> bool:
    """Make the axis of values logarithmic where they ask for it, and return whether it is."""
    log = bool(len(values)) and values.min() > 0 and values.max() > WIDE * values.min()
    if log:
        (ax.set_xscale if across else ax.set_yscale)("log")
    return log
