"""The picture: the loss along an axis with four minima, and the number of minima against examples and inputs."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ..frame import Picture, drawn, finish, panels
from .axes import KINDS, axis

__all__ = ["picture"]

MARKS = "osD^v"


@drawn
def picture(exact: Mapping[tuple[str, int, int], int], met: Mapping[tuple[str, int, int], int]) -> Picture:
    """Draw the wells of one axis, and minima counted against n for each d."""
    figure, axes = panels(2, height=2.8)
    for kind, line in zip(KINDS, ("-", "--"), strict=True):
        one = axis(kind, 4)
        w = np.geomspace(0.05, 3000, 800)
        axes[0].plot(w, one(w), line, color="#222222" if kind == "near" else "#B33939", label=f"lowest is {kind}")
        axes[0].plot(one.minima, one.values, "o", color="#222222" if kind == "near" else "#B33939", markersize=3.5)
    axes[0].set(xscale="log", xlabel="weight", ylabel="sum of squares of one axis")
    axes[0].set_title("four points on an axis: four minima")
    for d in sorted({case[1] for case in exact}):
        here = sorted(case for case in exact if case[1] == d and case[0] == "near")
        n = [case[2] for case in here]
        shade = str(0.13 * (d - 1))
        axes[1].plot(n, [(case[2] // d) ** d for case in here], "-", color=shade, linewidth=0.9)
        axes[1].plot(n, [met[case] for case in here], MARKS[d - 1], color=shade, fillstyle="none", markersize=5, ls="")
        axes[1].plot([], [], MARKS[d - 1] + "-", color=shade, fillstyle="none", label=f"d = {d}")
    axes[1].set(yscale="log", xlabel="examples n", ylabel="local minima")
    axes[1].set_title("lines: floor(n/d)$^d$, marks: met by L-BFGS")
    caption = (
        "Left: the loss along one axis with four examples, and its minima. Right: different minima at which L-BFGS "
        "descents ended (marks) beside floor(n/d)^d (lines)."
    )
    return Picture("minima", finish(figure, axes, columns=7), caption)
