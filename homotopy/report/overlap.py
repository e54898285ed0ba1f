"""Lines of a panel that lie on each other are all seen: the earlier one is broad, the later one is dashed upon it."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from homotopy.doors import door

__all__ = ["reveal"]

FLOATS = NDArray[np.float64]
SAMPLES = 2000  # places along a panel where lines are compared
NEAR = 0.008  # of a panel's height: what lies so near is not told apart
SHARE, WHOLE = 0.5, 0.98  # of the places where both are: lines that are dashed, and lines that are called equal
WIDTHS = (4.2, 1.7)  # of the line below, and of those upon it
DASHES = ((0, (4, 2.5)), (0, (1, 1.6)), (0, (7, 2, 1, 2)), (0, (2, 4)))


@door
def reveal(ax: Axes, *, common_start: bool = True) -> dict[str, str]:
    """Draw the lines with labels of a panel so that those that lie on each other are all seen; the panel is finished.

    Parameters
    ----------
    ax : Axes
        The panel.
    common_start : bool
        Whether all lines begin at one height by nature, as losses from the same starts: where both are still there
        they are not compared.

    Returns
    -------
    dict
        From the label of a line to that of an earlier one on which it lies everywhere.
    """
    ax.get_xlim(), ax.get_ylim()  # which settles limits that wait for the next drawing
    lines = {str(line.get_label()): line for line in ax.get_lines() if not str(line.get_label()).startswith("_")}
    heights = {name: _heights(ax, line) for name, line in lines.items() if line.get_linestyle() not in (":", "None")}
    same: dict[str, str] = {}
    level: dict[str, int] = {}
    for below, above in combinations(heights, 2):
        both = np.isfinite(heights[below]) & np.isfinite(heights[above])
        if common_start:
            both &= _left(heights[below]) | _left(heights[above])
        if not both.any():
            continue
        share = float(np.mean(np.abs(heights[below] - heights[above])[both] <= NEAR))
        if share > SHARE:
            level[above] = max(level.get(above, 0), level.setdefault(below, 0) + 1)
        if share > WHOLE:
            same.setdefault(above, same.get(below, below))
    for name, depth in level.items():
        if depth == 0:
            lines[name].set_linewidth(WIDTHS[0])
            lines[name].set_alpha(0.6)
        else:
            lines[name].set_linewidth(WIDTHS[1])
            lines[name].set_linestyle(DASHES[(depth - 1) % len(DASHES)])
            lines[name].set_zorder(lines[name].get_zorder() + 0.01 * depth)
    return same


def _left(heights: FLOATS) -> NDArray[np.bool_]:
    """Return where a line has left the height at which it begins, as all lines from one start do together."""
    known = np.flatnonzero(np.isfinite(heights))
    out = np.zeros(heights.shape, dtype=bool)
    if known.size:
        out[known] = np.maximum.accumulate(np.abs(heights[known] - heights[known[0]]) > NEAR)
    return out


def _heights(ax: Axes, line: Line2D) -> FLOATS:
    """Return the height of a line in parts of the panel's at evenly spaced places, NaN beyond its ends."""
    data = np.column_stack([np.asarray(part, dtype=np.float64) for part in line.get_data()])
    with np.errstate(all="ignore"):
        x, y = (ax.transData + ax.transAxes.inverted()).transform(data).T
    known = np.isfinite(x) & np.isfinite(y)
    x, y = x[known], np.clip(y[known], 0, 1)
    places = (np.arange(SAMPLES) + 0.5) / SAMPLES
    if not x.size:
        return np.full(SAMPLES, np.nan)
    if line.get_drawstyle() == "steps-post":
        at = np.searchsorted(x, places, side="right") - 1
        out = y[np.maximum(at, 0)]
    else:
        out = np.interp(places, x, y)
    return np.where((places >= x[0]) & (places <= x[-1]), out, np.nan)
