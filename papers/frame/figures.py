"""How the pictures of papers look: one size of panel, one color and one marker a method, readable in grey."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from homotopy.report import colors, marker, reveal, styled

__all__ = ["curve", "drawn", "finish", "panels"]

WIDTH = 3.5
"""Inches of a column of a journal."""
SMALL = {"font.size": 8, "axes.labelsize": 8, "axes.titlesize": 8.5, "legend.fontsize": 7, "lines.linewidth": 1.3}
P = ParamSpec("P")
R = TypeVar("R")


def drawn(function: Callable[P, R]) -> Callable[P, R]:
    """Return the function with matplotlib in the style of a journal's column while it runs."""

    @wraps(function)
    def inside(*args: P.args, **kwargs: P.kwargs) -> R:
        with mpl.rc_context(SMALL):  # type: ignore[arg-type]
            return function(*args, **kwargs)

    return styled(inside)


def panels(columns: int = 1, rows: int = 1, *, height: float = 2.6) -> tuple[Figure, list[Axes]]:
    """Return a figure of panels, each as wide as a journal's column and `height` inches high."""
    figure = Figure(figsize=(WIDTH * columns, height * rows), layout="constrained")
    return figure, list(figure.subplots(rows, columns, squeeze=False).ravel())


def curve(
    ax: Axes, x: ArrayLike, y: ArrayLike, method: str, *, label: str = "", ends: ArrayLike | None = None, **look: Any
) -> None:
    """Draw a method's points and line in its own color, with its own marker.

    Parameters
    ----------
    ax : Axes
        The panel.
    x, y : array_like of shape (m,)
        The points.
    method : str
        Its name, with parameters or without.
    label : str
        What the legend calls it; the name unless given.
    ends : array_like of shape (m, 2) or None
        Ends of intervals.
    **look
        Passed on to ``Axes.plot``.
    """
    name = method.partition(":")[0]
    color = colors((name,))[name] if marker(name) != "." else "0.4"  # what is no method of ours is grey
    style: dict[str, Any] = {"color": color, "marker": marker(method), "markersize": 4, "fillstyle": "none"} | look
    ax.plot(x, y, label=label or method, **style)
    if ends is not None:
        low, high = np.asarray(ends, dtype=float).T
        ax.vlines(x, low, high, color=style["color"], linewidth=0.8, alpha=0.7)


def finish(figure: Figure, axes: Sequence[Axes], *, order: Iterable[str] = (), columns: int = 3) -> Figure:
    """Put one legend under all panels, draw lines that lie on each other so that both are seen; return the figure.

    Parameters
    ----------
    figure, axes
        As `panels` returned them.
    order : iterable of str
        Labels in the order of the legend; others follow.
    columns : int
        Of the legend.
    """
    for ax in axes:
        reveal(ax, common_start=False)
    pairs = [pair for ax in axes for pair in zip(*ax.get_legend_handles_labels(), strict=True)]
    seen = {label: handle for handle, label in reversed(pairs)}
    labels = list(dict.fromkeys([label for label in order if label in seen] + [label for _, label in pairs]))
    if seen:
        handles = [seen[name] for name in labels]
        figure.legend(handles, labels, loc="outside lower center", ncols=columns, handlelength=2.6, columnspacing=1.2)
    return figure
