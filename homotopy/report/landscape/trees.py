"""The disconnectivity graph: each minimum a line from its value up to where it meets others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from homotopy.landscape.barriers.tree import Tree
from homotopy.report.figures import styled
from homotopy.report.style import INK, PALETTE

__all__ = ["disconnectivity_graph"]

NAMED = 24  # minima up to which each has its name
SAME = 1e-4  # merges nearer than this share of the axis are drawn as one
SLANT = 0.035  # of the axis: how low the branches of a merge part


@dataclass
class _Node:
    """A group of minima as it is drawn: at which value it is made, of what, and where it stands."""

    y: float
    parts: list[_Node]
    leaf: int = -1
    x: float = 0.0


@styled
def disconnectivity_graph(tree: Tree, exact: Callable[[float], float] = float) -> Figure:
    """Return the figure of a merge tree: leaves at the minima's values, merges at those of the saddles.

    Parameters
    ----------
    tree : Tree
        The merge tree of the minima.
    exact : callable
        From a value to the value without its rounding, such as `Survey.exact`.

    Notes
    -----
    The lowest minimum of each group stands in the middle of it, as in the graphs of Becker and Karplus and of Wales.
    Parts that no known saddle connects end in dotted lines.
    """
    n = len(tree.minima)
    figure = Figure(figsize=(max(5.4, min(0.42 * n + 2.6, 11.0)), 4.4), layout="constrained")
    ax = figure.subplots()
    levels = [merge.level for merge in tree.merges]
    values = [exact(point.value) for point in tree.minima]
    low, high = min(values), max([*values, *levels])
    span = (high - low) or abs(high) or 1.0
    first, roots = 0, []
    for root in tree.roots:
        node = _grown(tree, root, SAME * span, values)
        roots.append(node)
        first = _placed(node, first)
        _draw(ax, node, span)
        if node.parts or tree.n_parts > 1:
            style = "-" if tree.n_parts == 1 else ":"
            ax.plot([node.x] * 2, [node.y, high + 0.06 * span], color=INK, linewidth=1.2, linestyle=style)
    _leaves(ax, roots, values, span)
    ax.set_ylim(low - 0.16 * span, high + 0.08 * span)
    ax.set_xlim(-0.8, n - 0.2)
    ax.set_xticks([])
    ax.spines["bottom"].set_visible(False)
    ax.set_ylabel("loss")
    ax.grid(False, axis="x")
    return figure


def _grown(tree: Tree, node: int, same: float, values: list[float]) -> _Node:
    """Return a group with its parts, the one of the lowest minimum first; merges at nearly one level are one."""
    m = len(tree.minima)
    if node < m:
        return _Node(values[node], [], leaf=node)
    merge = tree.merges[node - m]
    parts: list[int] = []
    stack = [merge.right, merge.left]
    while stack:
        at = stack.pop()
        inner = tree.merges[at - m] if at >= m else None
        if inner is not None and merge.level - inner.level <= same:
            stack += [inner.right, inner.left]
        else:
            parts.append(at)
    return _Node(merge.level, [_grown(tree, part, same, values) for part in sorted(parts, key=tree.lowest)])


def _placed(node: _Node, first: int) -> int:
    """Give minima places from `first` on, the lowest of each group in its middle; return the next free place."""
    if not node.parts:
        node.x = float(first)
        return first + 1
    for part in _around(node.parts):
        first = _placed(part, first)
    node.x = node.parts[0].x
    return first


def _around(parts: list[_Node]) -> list[_Node]:
    """Return parts from the left to the right: the first in the middle, the others on its sides by turns."""
    return [*parts[2::2][::-1], parts[0], *parts[1::2]]


def _draw(ax: Axes, node: _Node, span: float) -> None:
    """Draw the branches below a group."""
    lines = []
    stack = [node]
    while stack:
        at = stack.pop()
        for part in at.parts:
            knee = max(part.y, at.y - SLANT * span)
            lines.append([(part.x, part.y), (part.x, knee), (at.x, at.y)])
            stack.append(part)
    ax.add_collection(LineCollection(lines, colors=INK, linewidths=1.2, capstyle="round", joinstyle="round"))


def _leaves(ax: Axes, root_nodes: list[_Node], values: list[float], span: float) -> None:
    """Draw the minima, the lowest in a color of its own, with names where they are few."""
    least = min(values)
    stack = list(root_nodes)
    while stack:
        node = stack.pop()
        stack += node.parts
        if node.leaf >= 0:
            lowest = node.y - least <= SAME * span
            ax.plot(node.x, node.y, "o", color=PALETTE[1 if lowest else 0], markersize=5 if lowest else 4, zorder=3)
            if len(values) <= NAMED:
                ax.annotate(
                    f"M{node.leaf + 1}",
                    (node.x, node.y),
                    (0, -7),
                    textcoords="offset points",
                    ha="center",
                    va="top",
                    fontsize=8,
                )
