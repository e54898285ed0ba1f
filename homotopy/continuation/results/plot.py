"""Pictures: functions that take and return an Axes; none of them shows or saves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from homotopy.arguments import one_of, shown
from homotopy.continuation.parts.events import Occurrence
from homotopy.continuation.point import Point
from homotopy.continuation.results.table import Branch
from homotopy.errors import ArgumentError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_path"]

_MARKS = {  # kinds tell apart in black and white, too
    "LP": ("o", "tab:blue"),
    "BP": ("s", "tab:red"),
    "Hopf": ("*", "tab:purple"),
    "index": ("D", "tab:brown"),
    "jump": ("x", "black"),
    "closed": ("P", "tab:gray"),
    "milestone": ("|", "black"),
}
_OTHER = ("^", "tab:orange")
_MEANT = {  # what the legend says of the field's abbreviations
    "LP": "LP (fold)",
    "BP": "BP (branch point)",
    "index": "index changes",
    "jump": "jump to another branch",
    "closed": "closed curve",
}
_LABELED = 12  # so many events have their name beside them; more are told by the legend alone


def plot_path(
    path: Branch,
    ax: Axes | None = None,
    *,
    measure: str | Callable[[Point], float] = "value",
    color: str = "tab:green",
    legend: bool = True,
) -> Axes:
    """Draw a measure of the points against t, and the events, and return the Axes.

    Parameters
    ----------
    path : Path
        Where the index is known, stable stretches (index 0) are solid and the others dashed; the line changes where the
        event lies at which the index did.
    ax : Axes or None
        None makes a new figure.
    measure : str or callable
        ``"value"``, ``"norm"`` (of x), or a function of a Point.
    color : str
        Of the line.
    legend : bool
        Whether to say what lines and marks are, and to write the names of up to twelve events beside their marks.

    Raises
    ------
    ArgumentError
        If `ax` are no Axes, or the measure or the color is unknown.
    """
    import matplotlib.axes
    from matplotlib.colors import is_color_like

    if ax is None:
        import matplotlib.pyplot as plt

        ax = plt.figure(layout="constrained").add_subplot()
    one_of("ax", ax, matplotlib.axes.Axes, "Axes of matplotlib or None")
    if not is_color_like(color):
        raise ArgumentError(f"color must be one that matplotlib knows, not {shown(color)}")
    if isinstance(measure, str) and measure not in ("value", "norm"):
        raise ArgumentError(f"measure must be 'value', 'norm' or a function of a Point, not {shown(measure)}")

    def height(point: Point) -> float:
        if callable(measure):
            return float(measure(point))
        return point.value if measure == "value" else float(np.linalg.norm(point.x))

    known = {point.index > 0 for point in path.points if point.index >= 0}
    for points, unstable in _stretches(path):
        line = ax.plot([p.t for p in points], [height(p) for p in points], "--" if unstable else "-", color=color)
        if legend and known and unstable in known:
            line[0].set_label("unstable" if unstable else "stable")
            known.discard(unstable)
    _draw_events(ax, path.events, height, legend=legend)
    ax.set_xlabel("t")
    ax.set_ylabel({"value": "H(x, t)", "norm": "|x|"}[measure] if isinstance(measure, str) else _name(measure))
    ax.margins(0.06)
    if legend and ax.get_legend_handles_labels()[0]:
        ax.legend(frameon=False)
    return ax


def _name(measure: Callable[[Point], float]) -> str:
    """Return the name of a measure, where it has one of its own."""
    name = getattr(measure, "__name__", "")
    return name if name and not name.startswith("<") else "measure"


def _stretches(path: Branch) -> list[tuple[list[Point], bool]]:
    """Return the parts of a path on which it is stable, or not, each with where it changes at both ends.

    An index that is not known is that of the point before.
    """
    stretches: list[tuple[list[Point], bool]] = []
    points, unstable = [path.points[0]], path.points[0].index > 0
    for number, (a, b) in enumerate(zip(path.points, path.points[1:], strict=False)):
        within = [event for event in path.events if event.step == number and a.s < event.point.s < b.s]
        points.extend(event.point for event in within if event.name != "jump")
        if b.index >= 0 and (b.index > 0) != unstable:
            changed = [event for event in within if event.index_before != event.index_after]
            if changed:
                at = changed[-1].point
                cut = next(i for i, point in enumerate(points) if point is at)
                stretches.append((points[: cut + 1], unstable))
                points = points[cut:]
            else:
                stretches.append(([*points, b], unstable))
                points = []
            unstable = b.index > 0
        points.append(b)
    return [*stretches, (points, unstable)]


def _draw_events(ax: Axes, events: Sequence[Occurrence], height: Callable[[Point], float], *, legend: bool) -> None:
    """Draw the marks, one kind after the other, and the names of few."""
    named = legend and len(events) <= _LABELED
    for name in dict.fromkeys(event.name for event in events):
        marker, shade = _MARKS.get(name, _OTHER)
        here = [event.point for event in events if event.name == name]
        style: dict[str, Any] = {"color": shade, "linestyle": "none", "zorder": 3}
        style |= {"markersize": 11 if marker in "*|" else 6, "label": _MEANT.get(name, name) if legend else None}
        ax.plot([p.t for p in here], [height(p) for p in here], marker, **style)
        if named and name not in ("milestone", "closed"):
            for point in here:
                place: dict[str, Any] = {"xytext": (6, 6), "textcoords": "offset points", "fontsize": "small"}
                place["bbox"] = {"boxstyle": "round,pad=0.1", "facecolor": "white", "edgecolor": "none", "alpha": 0.7}
                ax.annotate(name, (point.t, height(point)), color=shade, **place)
