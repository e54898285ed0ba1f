"""Trajectories, and errors against gradients."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.ticker import NullFormatter, ScalarFormatter
from numpy.typing import NDArray

from ..frame import Picture, curve, drawn, finish, panels
from .problem import data, times, truth
from .runs import METHODS, level

__all__ = ["LABELS", "picture"]

LABELS = {
    "adamw": "AdamW",
    "adamw-homotopy": "AdamW, homotopy",
    "lbfgs": "L-BFGS",
    "lbfgs-one-stage": "L-BFGS, coupled then free",
    "lbfgs-homotopy": "L-BFGS, homotopy",
}
DRAWN = {"adamw": "adam", "adamw-homotopy": "momentum", "lbfgs-one-stage": "decay", "lbfgs-homotopy": "length"}
"""The method of the package whose color and marker each has; homotopies are dashed."""


def _least(run: dict[str, Any], at: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the least true error that a run had seen after so many gradients; NaN before the first."""
    spent, values = np.array(run["curve"], dtype=float).T
    lowest = np.minimum.accumulate(np.where(np.isfinite(values), values, np.inf))
    place = np.searchsorted(spent, at, side="right") - 1
    return np.where(place >= 0, lowest[np.maximum(place, 0)], np.nan)


@drawn
def picture(runs: dict[str, Sequence[dict[str, Any]]], n: int) -> Picture:
    """Draw the prey from the start of the median error of L-BFGS, and the median least error against gradients."""
    figure, axes = panels(2, height=2.9)
    shown = int(np.argsort([run["inside"] for run in runs["lbfgs"]])[len(runs["lbfgs"]) // 2])
    further = 2 * n
    axes[0].plot(times(n), data()[:n, 0], ".", color="0.6", markersize=3, label="data")
    axes[0].plot(times(further), truth()[:further, 0], color="0.75", linewidth=3, label="truth")
    at = np.unique(np.geomspace(20, max(run["cost"] for each in runs.values() for run in each), 40).astype(int))
    for method in METHODS:
        if method not in runs:
            continue
        errors = np.median([_least(run, at) for run in runs[method]], axis=0)
        look = {"method": DRAWN.get(method, method), "label": LABELS[method]}
        look["linestyle"] = "--" if "homotopy" in method else "-"
        curve(axes[1], at, errors, **look, markevery=5)
        if "stage" not in method:
            u = np.array(runs[method][shown]["path"])[:, 0]
            curve(axes[0], times(further), u, **look, marker="")
    axes[0].axvline(times(n)[-1], color="0.5", linewidth=0.8, linestyle=":")
    axes[0].set(xlabel="time", ylabel="prey", ylim=(-1, 1.25 * truth()[:further, 0].max()))
    axes[1].axhline(level(n), color="0.5", linewidth=0.8, linestyle=":")
    axes[1].set(xscale="log", yscale="log", xlabel="gradients", ylabel="least mean square error, median")
    axes[1].xaxis.set_minor_formatter(NullFormatter())
    axes[1].set_xticks([n for n in (20, 50, 100, 200, 500, 1000) if n <= at[-1]], minor=False)
    axes[1].xaxis.set_major_formatter(ScalarFormatter())
    caption = (
        "Left: the prey after training from the start at which L-BFGS alone has its median error; right of the dotted "
        "line it is extrapolated. Right: the least error of the free net on the noisy data so far, median of all "
        "starts; dotted: a success."
    )
    return Picture("prey", finish(figure, axes, order=("truth", "data"), columns=3), caption)
