"""The pictures: the plane as two nets see it, and what share of the runs is solved at which cost."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from homotopy.experiments import Comparison

from ..frame import Picture, curve, drawn, finish, panels
from .spirals import two_spirals

__all__ = ["costs_picture", "plane_picture"]

GRID = 161
"""Points of the picture's grid along each side."""


def grid() -> np.ndarray:
    """Return the points of the picture's grid in the net's units, shape (GRID^2, 2): [-2.2, 2.2] squared."""
    line = np.linspace(-2.2, 2.2, GRID)
    return np.stack(np.meshgrid(line, line), axis=-1).reshape(-1, 2)


@drawn
def plane_picture(net: str, planes: Sequence[tuple[str, np.ndarray, int]]) -> Picture:
    """Draw the output over the plane and the points.

    Parameters
    ----------
    net : str
        The nets' layers.
    planes : sequence of (str, ndarray of shape (GRID^2,), int)
        What each panel says above, the net's output between 0 and 1 on `grid`, and how many points are right.
    """
    figure, axes = panels(len(planes), height=3.5)
    points, y = two_spirals()
    points = points * (2 / 6.5)
    line = np.linspace(-2.2, 2.2, GRID)
    shades = {"levels": [-0.01, 0.4, 0.6, 1.01], "colors": ["1", "0.85", "0.65"]}
    for ax, (title, output, count) in zip(axes, planes, strict=True):
        ax.contourf(line, line, output.reshape(GRID, GRID), **shades)
        for kind, marker, face in ((1.0, "o", "black"), (0.0, "s", "white")):
            at = points[y == kind]
            ax.plot(*at.T, marker, color="black", markerfacecolor=face, markersize=3, markeredgewidth=0.6, linestyle="")
        ax.set(title=f"{title}: {count} of 194 right", xlabel="input 1", ylabel="input 2", aspect="equal")
        ax.grid(False)
    caption = (
        f"Output of two {net} nets, one seed and one budget: white 0, grey 1, light grey between 0.4 and 0.6; the "
        "two spirals are the filled circles (1) and the open squares (0)."
    )
    return Picture("plane", figure, caption)


@drawn
def costs_picture(found: Comparison) -> Picture:
    """Draw the share of the runs that is solved within a number of gradients, one panel a net."""
    figure, axes = panels(len(found.problems), height=2.4)
    for ax, name in zip(axes, found.problems, strict=True):
        for one in found.summaries(name):
            spent = found.records(name, one.method)["cost_to_success"]
            costs = np.sort(spent[np.isfinite(spent)])
            share = 100 * np.arange(1, len(costs) + 1) / one.rate.runs
            if len(costs):
                x, y = np.r_[costs[0], costs, found.budget.gradients], np.r_[0, share, share[-1]]
                curve(ax, x, y, one.method, drawstyle="steps-post", markevery=max(1, len(costs) // 3))
        ax.set(xscale="log", xlim=(1e2, found.budget.gradients), ylim=(-4, 104), title=name)
        ax.set(xlabel="gradient-equivalents", ylabel="runs solved (%)")
    caption = "Runs solved on the plain nets within a number of gradients; methods that solve none are left out."
    return Picture("costs", finish(figure, axes, columns=6), caption)
