"""Where the methods go on the contours, and how often they arrive from how far."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from homotopy.experiments import Comparison

from ..frame import Picture, curve, drawn, finish, panels
from ..loops import CHOSEN, DoubleLoop, SingleLoop, trace
from ..smoothed import FAMILIES
from .checks import tracked_minimum
from .model import PathLearning

__all__ = ["LOOKS", "radii_picture", "trajectories"]

LOOKS: dict[str, dict[str, Any]] = {
    "gd": {"color": "#0072B2", "marker": "o"},
    "gd, best step": {"color": "#56B4E9", "marker": "v"},
    "lbfgs": {"color": "#E69F00", "marker": "P"},
    "graduated": {"color": "#DDAA33", "marker": "s"},
    "single loop": {"color": "#009E73", "marker": "^"},
    "double loop": {"color": "#CC79A7", "marker": "D"},
    "track": {"color": "#661100", "marker": "*"},
    "path learning": {"color": "#000000", "marker": "x"},
}
"""Color and marker of each method."""
SHORT = {
    "gd": "gd",
    "gd:step_size": "gd, best step",
    "lbfgs": "lbfgs",
    "graduated:along": "graduated",
    "single-loop:step": "single loop",
    "double-loop:step": "double loop",
    "track:along": "track",
    "path-learning": "path learning",
    "path-learning:share": "path learning",
}


def label(method: str) -> str:
    """Return what the legend calls a method."""
    return SHORT[method.partition("=")[0]]


def contours(ax: Axes, name: str, x: tuple[float, float], y: tuple[float, float]) -> None:
    """Draw the contours of a function in light grey and mark its global minima."""
    family = FAMILIES[name]
    grid = np.meshgrid(np.linspace(*x, 121), np.linspace(*y, 121))
    values = np.asarray(family.value(*grid))
    ax.contour(*grid, np.log1p(values), levels=5, colors="0.8", linewidths=0.5)
    ax.plot(*np.array(family.minima).T, "+", color="0.35", markersize=7, linestyle="none")
    ax.grid(visible=False)
    ax.set(xlim=x, ylim=y, xlabel="x", title=name)
    ax.set_ylabel("y")


@drawn
def trajectories(share: float = 1.0) -> Picture:
    """Draw where the methods go from Lin et al.'s starts; the path model, if `share` of its steps is not 0."""
    figure, axes = panels(columns=2, height=2.8)
    for ax, name, x, y in zip(axes, ("ackley", "himmelblau"), ((-2.5, 6), (-5, 5)), ((-2.5, 6), (-5, 5)), strict=True):
        contours(ax, name, x, y)  # type: ignore[arg-type]
        family = FAMILIES[name]
        small = CHOSEN[name].small
        ways = {
            "gd": trace(SingleLoop(0.01, shrink=0.0), family, family.start, 200),
            "single loop": trace(SingleLoop(0.01, shrink=0.999), family, family.start, 5000),
            "double loop": trace(DoubleLoop(0.01, small=small), family, family.start, 5000),
            "track": tracked_minimum(family, np.linspace(0, 1, 21)),
        }
        if share > 0:
            ways["path learning"] = trace(PathLearning(share), family, family.start, 2000)
        for method, way in ways.items():
            thick = {"markersize": 6} if method == "track" else {}
            curve(ax, *way.T, method, markevery=max(1, len(way) // 8), linewidth=0.9, **LOOKS[method] | thick)
    caption = (
        "From the paper's starts, until they succeed: gradient descent, one loop (s times 0.999 at each step) and two "
        "loops along the Gaussian homotopy, all with steps of 0.01; x(1) of the path model while it learns; the "
        "tracked path goes from the minimum at t = 0 to that at t = 1, on Ackley's function a single point. Crosses "
        "are the global minima."
    )
    return Picture("trajectories", finish(figure, axes, columns=5), caption)


@drawn
def radii_picture(found: Sequence[Comparison], radii: Sequence[float]) -> Picture:
    """Draw the share of runs that reach Ackley's global minimum against the radius of the disc of starts."""
    figure, axes = panels(height=3.0)
    for comparison in found:
        for method in comparison.methods:
            rates = [
                next((s.rate for s in comparison.summaries(name) if s.method == method), None)
                for name in comparison.problems
            ]
            ends = [(100 * rate.low, 100 * rate.high) for rate in rates if rate is not None]
            shares = [100 * rate.rate for rate in rates if rate is not None]
            curve(axes[0], radii, shares, method, label=label(method), ends=ends, **LOOKS[label(method)])
    axes[0].set(xscale="log", xlabel="radius of the starts around (5, 5)", ylim=(-4, 104))
    axes[0].set_xticks(radii, [f"{radius:g}" for radius in radii])
    axes[0].minorticks_off()
    axes[0].set_ylabel("runs that reach 0 (%)")
    caption = "Ackley's function: runs that reach the global minimum within 1,000 gradients; 95 % intervals."
    return Picture("radii", finish(figure, axes, columns=3), caption)
