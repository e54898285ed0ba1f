"""How often which loop arrives with which step, and where the loops go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from scipy.stats import binomtest

from ..frame import Picture, curve, drawn, finish, panels
from ..loops import CHOSEN, DoubleLoop, SingleLoop, ZerothOrder, trace
from ..smoothed import FAMILIES

__all__ = ["LOOKS", "steps_picture", "trajectories"]

LOOKS: dict[str, dict[str, Any]] = {
    "gradient descent": {"color": "#0072B2", "marker": "o"},
    "one loop, 0.95": {"color": "#009E73", "marker": "^"},
    "one loop, 0.99": {"color": "#D55E00", "marker": "v"},
    "one loop, 0.999": {"color": "#000000", "marker": "x"},
    "two loops": {"color": "#CC79A7", "marker": "D"},
    "one loop, values": {"color": "#661100", "marker": "s"},
}
"""Color and marker of each method."""


@drawn
def steps_picture(steps: Sequence[float], found: Mapping[str, Sequence[int]], size: tuple[int, int]) -> Picture:
    """Draw the share of runs that reach Ackley's global minimum against the step of x.

    Parameters
    ----------
    steps : sequence of float
        In units of x squared over those of f.
    found : dict
        For each method of `LOOKS` how many runs arrived at each step.
    size : (int, int)
        Runs at each step, and the gradients that each may take.
    """
    runs, most = size
    figure, axes = panels(height=3.0)
    for method, counts in found.items():
        intervals = [binomtest(count, runs).proportion_ci(method="wilson") for count in counts]
        ends = [(100 * one.low, 100 * one.high) for one in intervals]
        curve(axes[0], steps, 100 * np.asarray(counts) / runs, method, ends=ends, **LOOKS[method])
    axes[0].set(xscale="log", xlabel="step of x (units of x² / f)", ylim=(-4, 104))
    axes[0].set_ylabel("runs that reach 0 (%)")
    caption = (
        "Ackley's function from the disc of radius 8 around 0: runs that reach the global minimum within "
        f"{most:,} gradients, against the step. The number of one loop is the factor of s at each step; 95 % intervals."
    )
    return Picture("steps", finish(figure, axes, columns=2), caption)


@drawn
def trajectories() -> Picture:
    """Draw one loop, two loops and gradient descent on the contours of Ackley's and Himmelblau's functions."""
    figure, axes = panels(columns=2, height=2.8)
    frames = (("ackley", (5.4, 2.3), (-1.5, 6.5)), ("himmelblau", (-0.5, -4.0), (-5, 5)))
    for ax, (name, start, frame) in zip(axes, frames, strict=True):
        family, small = FAMILIES[name], CHOSEN[name].small
        grid = np.meshgrid(np.linspace(*frame, 121), np.linspace(*frame, 121))
        ax.contour(*grid, np.log1p(np.asarray(family.value(*grid))), levels=5, colors="0.8", linewidths=0.5)
        ax.plot(*np.array(family.minima).T, "+", color="0.35", markersize=7, linestyle="none")
        ways = {
            "gradient descent": trace(SingleLoop(0.01, shrink=0.0), family, start, 5000),
            "one loop, 0.95": trace(SingleLoop(0.01), family, start, 5000),
            "one loop, 0.999": trace(SingleLoop(0.01, shrink=0.999), family, start, 5000),
            "two loops": trace(DoubleLoop(0.01, small=small), family, start, 5000),
            "one loop, values": trace(ZerothOrder(0.01), family, start, 500),
        }
        for method, way in ways.items():
            curve(ax, *way.T, method, markevery=max(1, len(way) // 8), linewidth=0.9, **LOOKS[method])
        ax.grid(visible=False)
        ax.set(xlim=frame, ylim=frame, xlabel="x", title=name)
        ax.set_ylabel("y")
    caption = (
        "From one start each, until they succeed: gradient descent, one loop with s times 0.95 or 0.999 at each step, "
        "from values alone with 0.95, and two loops; all steps are 0.01. Crosses are the global minima."
    )
    return Picture("trajectories", finish(figure, axes, columns=3), caption)


ETA = 0.01
"""Step of s in the derivative version."""
