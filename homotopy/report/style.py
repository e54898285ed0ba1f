"""How all figures look: one palette, one set of line styles, one size of text, on light and on dark."""

from __future__ import annotations

from typing import Any

from homotopy.doors import door

__all__ = ["INK", "PALETTE", "RC", "colors", "marker"]

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
PAINT = {
    "gd": "#0072B2",
    "gd-noise": "#D55E00",
    "momentum": "#009E73",
    "adam": "#CC79A7",
    "lbfgs": "#E69F00",
    "width": "#56B4E9",
    "skip": "#7A5195",
    "auto": "#8C6D31",
    "lm": "#7FB800",
    "gd-decay": "#003F5C",
    "perturbed-gd": "#B33939",
    "saddle-free": "#5C8A8A",
    "basin-hopping": "#4D4D4D",
    "race-hop": "#999933",
    "omp": "#CC3311",
    "greedy": "#EE7733",
    "era": "#AA4499",
    "graduated": "#DDAA33",
    "diffusion": "#117733",
    "length": "#332288",
    "proximal": "#882255",
    "linearized": "#44AA99",
    "track": "#661100",
    "decay": "#88CCEE",
    "escape": "#F0A3A3",
}
"""The color of a method, in every figure: the first eight are those of a comparison that names no methods."""
MARKERS = "os^DvP<X>phd*"
"""By which lines are told apart in grey, in the order of `PAINT`."""


@door
def colors(names: tuple[str, ...]) -> dict[str, str]:
    """Return a color for each name: of a method its own, which it has everywhere; others take what is left in turn.

    A second setting of a method is told from the first by a color that is left, too.

    Examples
    --------
    >>> colors(("gd", "skip", "gd:step_size=2"))
    {'gd': '#0072B2', 'skip': '#7A5195', 'gd:step_size=2': '#D55E00'}
    """
    found: dict[str, str] = {}
    for name in names:
        own = PAINT.get(name.partition(":")[0])
        if own is not None and own not in found.values():
            found[name] = own
    spare = [color for color in PALETTE if color not in found.values()] or list(PALETTE)
    rest = [name for name in names if name not in found]
    found |= {name: spare[i % len(spare)] for i, name in enumerate(rest)}
    return {name: found[name] for name in names}


@door
def marker(name: str) -> str:
    """Return the marker of a method, which is its own in every figure as its color is; that of any other name a dot.

    Examples
    --------
    >>> marker("gd"), marker("skip:extra=2"), marker("authors")
    ('o', '<', '.')
    """
    known = list(PAINT)
    base = name.partition(":")[0]
    return MARKERS[known.index(base) % len(MARKERS)] if base in PAINT else "."
