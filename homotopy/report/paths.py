"""Paths: those of methods as the store holds them, loss and index against t for the first few seeds; and one alone."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from homotopy import methods
from homotopy.continuation import Path
from homotopy.continuation.results.plot import plot_path
from homotopy.errors import HomotopyError
from homotopy.experiments.comparison import Comparison
from homotopy.experiments.run.traces import Trace, follows_paths
from homotopy.report.drawable import SMALLEST, numbers, settle, tag, written
from homotopy.report.figures import TITLE, legend, styled
from homotopy.report.style import colors

__all__ = ["draw", "draw_path", "traces", "without"]


def traces(comparison: Comparison, name: str) -> dict[str, list[Trace]]:
    """Return the paths that the store holds of a problem's runs by their methods; of a group no paths are kept."""
    cells = [method for method in comparison.methods_on(name) if (name, method) in comparison.cells]
    found = {method: comparison.paths(name, method) for method in cells}
    return {method: kept for method, kept in found.items() if kept}


def without(comparison: Comparison, name: str) -> tuple[str, ...]:
    """Return the methods that followed paths of which the store holds none, as those of earlier versions do."""
    out = []
    for text in comparison.methods_on(name):
        try:
            followed = follows_paths(methods.method(text))
        except HomotopyError:  # an object, or a plugin's, which cannot be built from its name
            continue
        if followed and not ((name, text) in comparison.cells and comparison.paths(name, text)):
            out.append(text)
    return tuple(out)


@styled
def draw(found: dict[str, list[Trace]], order: tuple[str, ...]) -> Figure:
    """Return the figure of H along the paths (`traces`) against t and of the index of the Hessian there.

    The order of all methods of the comparison fixes the colors.
    """
    shades = colors(order)
    known = any(np.isfinite(trace.index).any() for runs in found.values() for trace in runs)
    figure = Figure(figsize=(6.4, 5.2 if known else 3.8), layout="constrained")
    rows = figure.subplots(2 if known else 1, 1, sharex=True, squeeze=False, height_ratios=[2, 1] if known else [1])
    upper, lower = rows[0, 0], rows[-1, 0]
    for name, runs in found.items():
        for i, trace in enumerate(runs):
            label = tag(name) if i == 0 else None
            upper.plot(trace.t, numbers(trace.value), color=shades[name], label=label, linewidth=1.2, alpha=0.9)
            upper.plot(trace.t[-1:], numbers(trace.value[-1:]), "o", color=shades[name], markersize=3.5)
            if known:
                lower.plot(trace.t, trace.index, color=shades[name], linewidth=1.2, drawstyle="steps-mid")
    heights = numbers(np.concatenate([trace.value for runs in found.values() for trace in runs]))
    if np.nanmin(heights, initial=np.inf) > SMALLEST:
        upper.set_yscale("log")
    settle(upper, nothing="no value on a path is finite")
    upper.set_ylabel("H(x(t), t)")
    if known:
        lower.set_ylabel("index")
        lower.set_ylim(-0.2, max(1.0, lower.get_ylim()[1]) + 0.2)
        lower.yaxis.set_major_locator(MaxNLocator(integer=True))
    lower.set_xlabel("t (0: the easy problem, 1: the true one)")
    legend(figure, [upper], order)
    return figure


@styled
def draw_path(path: Path, title: str) -> Figure:
    """Return the figure of one path: H and the norm of x against t, with its events and what their marks mean."""
    figure = Figure(figsize=(9.6, 4.4), layout="constrained")
    left, right = figure.subplots(1, 2)
    for ax, measure in ((left, "value"), (right, "norm")):
        plot_path(path, ax, measure=measure)
        if ax.get_legend() is not None:  # one for both stands below
            ax.get_legend().remove()
    figure.suptitle(written(f"{title}: {path.status.name}, t = {path.t:.6g}", 2 * TITLE), fontsize=10.5)
    handles, labels = left.get_legend_handles_labels()
    if labels:
        figure.legend(handles, labels, loc="outside lower center", ncols=min(len(labels), 5))
    return figure
