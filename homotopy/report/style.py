"""How all figures look: one palette, one set of line styles, one size of text, on light and on dark."""

from __future__ import annotations

from typing import Any

__all__ = ["INK", "PALETTE", "RC", "colors"]

# Okabe and Ito's palette, which color-blind readers can tell apart, its yellow replaced by a darker one.
PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#7A5195", "#8C6D31", "#8A8A8A", "#7FB800")
INK = "#010203"  # text and intervals: near black in a picture, and in a page replaced by the color of its text

RC: dict[str, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 9.5,
    "axes.titlesize": 10.5,
    "axes.labelsize": 9.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#B0B0B0",
    "grid.alpha": 0.35,
    "grid.linewidth": 0.6,
    "legend.frameon": False,
    "legend.fontsize": 8.5,
    "lines.linewidth": 1.7,
    "svg.fonttype": "path",
    "svg.hashsalt": "homotopy",
    "figure.dpi": 100,
    "savefig.dpi": 200,
}


def colors(names: tuple[str, ...]) -> dict[str, str]:
    """Return a color for each name, the same in every figure of a comparison.

    Examples
    --------
    >>> colors(("gd", "skip"))
    {'gd': '#0072B2', 'skip': '#D55E00'}
    """
    return {name: PALETTE[i % len(PALETTE)] for i, name in enumerate(names)}
