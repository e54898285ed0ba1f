"""Where the minimizer of the mean is, scale by scale, and how the error falls with the steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.ticker import NullFormatter

from ..frame import Picture, curve, drawn, finish, panels

__all__ = ["minimizers_picture", "rate_picture"]


@drawn
def minimizers_picture(found: Mapping[str, Mapping[str, Any]]) -> Picture:
    """Draw the first coordinate of the minimizer against the scale, with the band of condition (i).

    Parameters
    ----------
    found : dict
        What `niceness` returned for each function.
    """
    figure, axes = panels(columns=len(found), height=2.9)
    for ax, (name, one) in zip(axes, found.items(), strict=True):
        d, x = np.array(one["scales"]), np.array(one["minima"])[:, 0]
        convex = np.array(one["convex"]) > 0
        many = int(np.argmin(np.abs(d - d[0] / 2)))
        ax.fill_between(
            d[many:], x[:-many] - d[many:], x[:-many] + d[many:], color="0.88", label="within δ of that at 2δ"
        )
        ax.plot(d, x, color="#0072B2", linewidth=0.9)
        look = {"color": "#0072B2", "linestyle": "none", "markersize": 4}
        ax.plot(d[~convex], x[~convex], "o", fillstyle="none", label="minimizer", **look)
        ax.plot(d[convex], x[convex], "o", label="minimizer, mean convex within 3δ", **look)
        ax.set(xscale="log", xlabel="scale δ", title=name.partition(":")[0])
        ax.set_ylabel("x of the minimizer")
        ax.invert_xaxis()
    caption = (
        "The minimizer of the mean over balls of radius δ. Condition (i) asks that every point lies in the grey band, "
        "condition (ii) that every point is filled."
    )
    return Picture("minimizers", finish(figure, axes, columns=3), caption)


@drawn
def rate_picture(steps: Sequence[int], errors: Mapping[str, Sequence[Sequence[float]]]) -> Picture:
    """Draw the mean error against the steps, for each kind of gradients, with the bound's slope.

    Parameters
    ----------
    steps : sequence of int
        Gradient steps in all.
    errors : dict
        For each kind the errors of the runs at each number of steps.
    """
    figure, axes = panels(height=2.9)
    looks = {"noisy": {"color": "#D55E00", "marker": "s"}, "without noise": {"color": "#0072B2", "marker": "o"}}
    for name, one in errors.items():
        data = np.array(one)
        spread = 1.96 * data.std(axis=1) / np.sqrt(data.shape[1])
        ends = np.column_stack([np.maximum(data.mean(axis=1) - spread, 1e-9), data.mean(axis=1) + spread])
        curve(axes[0], steps, data.mean(axis=1), name, ends=ends, **looks[name])
    first = max(float(np.mean(one[0])) for one in errors.values())
    axes[0].plot(steps, first * np.sqrt(steps[0] / np.asarray(steps)), "--", color="0.4", label="1 / sqrt(steps)")
    axes[0].set(xscale="log", yscale="log", xlabel="gradient steps")
    axes[0].xaxis.set_minor_formatter(NullFormatter())
    axes[0].set_ylabel("f − min f, mean over runs")
    caption = (
        "Graduated optimization of the rippled bowl by stochastic gradients: error against steps, 95 % intervals; the "
        "dashed line is the rate of the paper's bound."
    )
    return Picture("rate", finish(figure, axes, columns=3), caption)
