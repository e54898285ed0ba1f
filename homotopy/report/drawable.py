"""What can be drawn: names as a picture writes them, numbers that an axis holds, a sentence where there are none."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.ticker import LogLocator, NullLocator
from numpy.typing import ArrayLike, NDArray

from homotopy.texts import visible

__all__ = ["LARGEST", "NOTHING", "SMALLEST", "above", "mark", "numbers", "settle", "tag", "ticked", "written"]

FLOATS = NDArray[np.float64]
LARGEST, SMALLEST = 1e300, 1e-300  # numbers between which an axis has room for its margins and ticks
FAR = 1e100  # from here on, and below its inverse, ticks of an axis may be no numbers
WIDE = 30  # characters of a line of a name
NOTHING = "no run ended at a finite loss"
BREAKS = re.compile(r"(?<=[:,+/_ ])")
"""After these a long name is broken."""
UNKNOWN = "\N{WHITE SQUARE}"  # stands for a character that the font lacks


@cache
def _glyphs() -> frozenset[int]:
    return frozenset(get_font(findfont(FontProperties(family="DejaVu Sans"))).get_charmap())


def written(name: str, width: int = WIDE) -> str:
    r"""Return a name as a picture writes it: no formula, no character that the font lacks, in lines of this width.

    Examples
    --------
    >>> print(written(r"price of $x$ and $\frac{"))
    price of \$x\$ and \$\frac{
    >>> print(written("multistart:of=skip++extra=2,restarts=100"))
    multistart:of=skip++extra=2,
    restarts=100
    """
    seen = "".join(c if ord(c) in _glyphs() else UNKNOWN for c in visible(name))
    lines = [""]
    for part in BREAKS.split(seen):
        if len(lines[-1]) + len(part.rstrip()) > width and lines[-1]:
            lines.append("")
        whole = lines.pop() + part
        lines += [whole[i : i + width] for i in range(0, len(whole.rstrip()), width)] or [""]
    return "\n".join(line.rstrip() for line in lines).replace("$", r"\$")


def tag(name: str) -> str:
    """Return the label of the line of a name: a legend leaves out those that begin with an underscore."""
    return f" {name}" if name.startswith("_") else name


def numbers(values: ArrayLike) -> FLOATS:
    """Return numbers as they are drawn: none for what is not finite, and none too large for an axis."""
    array = np.asarray(values, dtype=np.float64)
    return np.where(np.isfinite(array), np.clip(array, -LARGEST, LARGEST), np.nan)


def above(values: ArrayLike) -> FLOATS:
    """Return numbers as they are drawn on a logarithmic axis: none for what is not positive."""
    array = numbers(values)
    return np.where(array > 0, np.maximum(array, SMALLEST), np.nan)


def mark(ax: Axes, value: float, label: str = "", *, dashed: bool = False) -> None:
    """Draw a grey line across a panel at a value, where its axis has it."""
    if np.isfinite(numbers(value)) and abs(value) <= LARGEST and (ax.get_yscale() != "log" or value > SMALLEST):
        style, width = ("--", 1.0) if dashed else (":", 1.2)
        ax.axhline(value, color="#808080", linestyle=style, linewidth=width, label=label or None)


def settle(ax: Axes, *, bottom: float = np.nan, nothing: str = NOTHING) -> None:
    """End a panel: one without a number has the sentence `nothing`; the lower end of another is `bottom`, if over 0."""
    if not _drawn(ax):
        ax.set_yscale("linear")
        ax.set_ylim(0.0, 1.0)
        ax.set_yticks([])
        if ax.get_xscale() == "log":
            ax.set_xlim(1.0, 10.0)
        ax.text(0.5, 0.5, nothing, transform=ax.transAxes, ha="center", va="center")
        return
    if SMALLEST < bottom <= LARGEST:
        ax.set_ylim(bottom, max(ax.get_ylim()[1], 3.0 * bottom))
    if ax.get_yscale() == "log":
        ticked(ax.yaxis, *ax.get_ylim())


def ticked(axis: Axis, low: float, high: float) -> None:
    """Keep the ticks of a logarithmic axis, which lie beyond its ends, among the numbers that there are."""
    if low < 1 / FAR or high > FAR:
        axis.set_major_locator(_Decades())
        axis.set_minor_locator(NullLocator())


class _Decades(LogLocator):
    """Decades that floating-point numbers have."""

    def tick_values(self, vmin: float, vmax: float) -> Sequence[float]:
        """Return the ticks."""
        return [tick for tick in super().tick_values(vmin, vmax) if 0 < tick < np.inf]


def _drawn(ax: Axes) -> bool:
    """Return whether some line, but those that `mark` draws, has a number that the axis can show."""
    positive = ax.get_yscale() == "log"
    for line in ax.get_lines():
        y = np.asarray(line.get_ydata(), dtype=np.float64)
        if line.get_linestyle() not in (":", "--") and (np.isfinite(y) & ((y > 0) | (not positive))).any():
            return True
    return False
