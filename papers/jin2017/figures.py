"""The picture: steps from a strict saddle against the dimension, and which methods leave saddles and minima."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from homotopy.report import colors

from ..frame import Picture, curve, drawn, finish, panels

__all__ = ["picture"]

SERIES = {
    "perturbed, saddle": ("perturbed-gd", "perturbed gd, from the saddle"),
    "perturbed, stable": ("lbfgs", "perturbed gd, from the plane $x_1 = 0$"),
    "gd, near": ("gd", "gd, from a random point $10^{-3}$ away"),
}


@drawn
def picture(
    runs: Mapping[tuple[int, float, str], Any],
    fits: Mapping[str, Mapping[str, float]],
    counts: Mapping[tuple[str, str], tuple[int, int]],
) -> Picture:
    """Draw steps against the dimension beside the shares of runs that leave saddles and minima."""
    figure, axes = panels(2, height=2.9)
    for case, (method, label) in SERIES.items():
        keys = sorted(key for key in runs if key[2] == case and key[1] == 0.1)
        ends = [np.percentile(runs[key]["steps"], (25, 75)) for key in keys]
        d = [key[0] for key in keys]
        color = {} if case != "perturbed, stable" else {"color": "#555555", "marker": "D"}
        curve(
            axes[0], d, [np.median(runs[key]["steps"]) for key in keys], method, label=label, ends=ends, ls="", **color
        )
    d = np.array(sorted({key[0] for key in runs}))
    for name, method in (("dimension", "perturbed-gd"), ("near", "gd")):
        line = fits[name]["offset"] + fits[name]["slope"] * np.log(d)
        axes[0].plot(d, line, color=colors((method,))[method], linewidth=0.9)
    axes[0].set(xscale="log", xlabel="variables d", ylabel="steps until the saddle is left", ylim=(0, None))
    axes[0].set_title("one strict saddle (lines: fits in log d)")
    _shares(axes[1], counts)
    caption = (
        "Left: steps until gradient descent with the theorem's perturbations has left a strict saddle, medians and "
        "quartiles; plain gradient descent from the saddle, or from the plane, never does. Right: runs that leave "
        "saddles, and minima that are not global, of the exclusive or from 1e-3 beside them."
    )
    return Picture("saddles", finish(figure, axes, columns=3), caption)


def _shares(ax: Axes, counts: Mapping[tuple[str, str], tuple[int, int]]) -> None:
    """Draw for each method the share of runs that leave saddles, and minima."""
    methods = list(dict.fromkeys(method for _, method in counts))[::-1]
    looks = {
        "leave a saddle": ("o", "none", "saddles of the net"),
        "leave a minimum": ("s", "full", "minima of the net"),
    }
    for (name, (mark, fill, label)), shift in zip(looks.items(), (0.12, -0.12), strict=True):
        x = [100 * counts[name, m][0] / counts[name, m][1] for m in methods]
        ax.plot(x, np.arange(len(methods)) + shift, mark, color="#222222", fillstyle=fill, markersize=5, label=label)
    ax.set_yticks(range(len(methods)), methods)
    ax.set(xlabel="runs that leave (%)", xlim=(-5, 105))
    ax.set_title("a net on exclusive or")
