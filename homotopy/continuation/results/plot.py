"""Pictures: functions that take and return an Axes; none of them shows or saves."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from homotopy.continuation.point import Point
from homotopy.continuation.results.table import Branch
from homotopy.errors import ArgumentError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_path"]

_MARKS = {"LP": ("o", "tab:blue"), "BP": ("s", "tab:red"), "index": ("D", "tab:purple"), "jump": ("x", "black")}


def plot_path(
    path: Branch,
    ax: Axes | None = None,
    *,
    measure: str | Callable[[Point], float] = "value",
    color: str = "tab:green",
    legend: bool = True,
) -> Axes:
    """Draw a measure of the points against t and return the Axes.

    Parameters
    ----------
    path : Path
        Where the index is known, stretches of minima are solid and the others dashed.
    ax : Axes or None
        None makes a new figure.
    measure : str or callable
        ``"value"``, ``"norm"`` (of x), or a function of a Point.
    color : str
        Of the line.
    legend : bool
        Whether to say what the marks are.

    Raises
    ------
    ArgumentError
        If the measure is unknown.
    """
    if ax is None:
        import matplotlib.pyplot as plt

        ax = plt.figure(layout="constrained").add_subplot()
    if isinstance(measure, str) and measure not in ("value", "norm"):
        raise ArgumentError(f"measure must be 'value', 'norm' or a function of a Point, not {measure!r}")

    def height(point: Point) -> float:
        if callable(measure):
            return float(measure(point))
        return point.value if measure == "value" else float(np.linalg.norm(point.x))

    t = [p.t for p in path.points]
    y = [height(p) for p in path.points]
    first = 0
    for i in range(1, len(t) + 1):
        if i == len(t) or (path.points[i].index > 0) != (path.points[first].index > 0):
            stop = min(i + 1, len(t))
            ax.plot(t[first:stop], y[first:stop], "--" if path.points[first].index > 0 else "-", color=color)
            first = i
    seen: set[str] = set()
    for event in path.events:
        marker, shade = _MARKS.get(event.name, ("^", "tab:orange"))
        label = None if event.name in seen else event.name
        seen.add(event.name)
        ax.plot(event.point.t, height(event.point), marker, color=shade, label=label, linestyle="none")
    ax.set_xlabel("t")
    ax.set_ylabel(measure if isinstance(measure, str) else "measure")
    if seen and legend:
        ax.legend()
    return ax
