"""The picture: loss against index of all critical points of small nets, and at what kind of point methods end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from ..frame import Picture, drawn, finish, panels

__all__ = ["picture"]

LOOKS = (("o", "#0072B2"), ("s", "#D55E00"), ("^", "#333333"), ("x", "#777777"))
PARTS = {
    "lowest": ("#222222", ""),
    "minimum": ("#8C8C8C", ""),
    "saddle": ("#FFFFFF", "////"),
    "moving": ("#E8E8E8", ".."),
}
NAMES = {"lowest": "lowest value", "minimum": "other minimum", "saddle": "saddle", "moving": "still moving"}


@drawn
def picture(
    points: Mapping[str, Sequence[Mapping[str, Any]]], shares: Mapping[tuple[str, str], Mapping[str, float]]
) -> Picture:
    """Draw loss against index, and the kinds of points at which runs beside saddles end."""
    figure, axes = panels(2, height=2.9)
    for (name, some), (mark, color), shift in zip(points.items(), LOOKS, (-0.18, -0.06, 0.06, 0.18), strict=False):
        x = [one["index"] + shift for one in some]
        y = [one["value"] for one in some]
        axes[0].plot(x, y, mark, color=color, fillstyle="none", markersize=4, label=name)
    top = max(one["index"] for some in points.values() for one in some)
    axes[0].set(xlabel="negative curvatures (index)", ylabel="loss", xticks=range(top + 1))
    axes[0].set_title("all critical points")
    _bars(axes[1], {method: one for (label, method), one in shares.items() if label == "beside saddles"})
    axes[1].set_title("XOR 2-2-1, from beside saddles")
    caption = (
        "Left: loss and index of all critical points of small nets with weight decay. Right: at what kind of point "
        "runs that start 1e-2 beside saddles of XOR 2-2-1 end."
    )
    return Picture("index", finish(figure, axes, columns=4), caption)


def _bars(ax: Axes, shares: Mapping[str, Mapping[str, float]]) -> None:
    """Draw the share of runs that end at each kind of point, a bar a method."""
    methods, left = list(shares)[::-1], np.zeros(len(shares))
    for key, (color, hatch) in PARTS.items():
        width = np.array([100 * shares[m][key] for m in methods])
        look = {"color": color, "edgecolor": "#222222", "linewidth": 0.6, "hatch": hatch, "label": NAMES[key]}
        ax.barh(range(len(methods)), width, 0.7, left=left, **look)
        left += width
    ax.set_yticks(range(len(methods)), methods)
    ax.set(xlabel="runs (%)", xlim=(0, 100))
    ax.grid(False)
