"""The picture: families by k, loss against index, the tree of the minima, and the trap."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from homotopy.papers.landscape.facts import Facts
from homotopy.papers.landscape.study import Size
from homotopy.papers.landscape.xor import TREE, name
from homotopy.report import INK, colors, styled

__all__ = ["picture", "plot_families", "plot_index", "plot_trap", "plot_tree"]

LEFT = ("L-BFGS", "width", "skip", "random starts, L-BFGS", "random starts, skip")
"""Sides that are drawn."""


@styled
def picture(found: Facts, size: Size) -> Figure:
    """Return the whole picture.

    Parameters
    ----------
    found : Facts
        All facts of a study.
    size : Size
        What the study is.
    """
    figure = Figure(figsize=(12.0, 10.0), layout="constrained")
    axes = figure.subplots(2, 2)
    plot_families(found, size, axes[0, 0])
    plot_index(found, size, axes[0, 1])
    plot_tree(found, axes[1, 0])
    plot_trap(found, size, axes[1, 1])
    return figure


def plot_families(found: Facts, size: Size, ax: Axes) -> Axes:
    """Draw the risk of each family against k; areas are shares of the runs, colors the units that point away."""
    known: dict[int, list[tuple[int, float, float]]] = {}
    for k, _ in size.teachers:
        runs = found.number("teacher", f"{k}", "starts")
        for case in found.cases("teacher", f"{k} family"):
            one = (k, found.number("teacher", case, "F"), found.number("teacher", case, "hits") / runs)
            known.setdefault(int(found.number("teacher", case, "anti-aligned")), []).append(one)
    paint = colors(tuple(f"{away}" for away in sorted(known)))
    every = [(found.number("blocks", case, "k"), found.number("blocks", case, "F")) for case in found.cases("blocks")]
    if every:
        k, F = np.array(every).T
        ax.scatter(k, F, 14, facecolors="none", edgecolors="0.6", label="found directly", zorder=0)
    for away, some in sorted(known.items()):
        k, F, share = np.array(some).T
        ax.scatter(k, F, 12 + 700 * share, color=paint[f"{away}"], alpha=0.7, lw=0)
        ax.plot([], [], "o", color=paint[f"{away}"], alpha=0.7, label=f"{away} unit{'s' * (away != 1)}")
    ax.set_ylim(0.0, None)
    ax.set_xticks([k for k, _ in size.teachers])
    ax.set_xlabel("teacher and student units, k = n")
    ax.set_ylabel("risk F")
    ax.set_title("a  Families of spurious minima; units that point away", loc="left")
    if known:
        ax.legend(loc="upper left")
    return ax


def plot_index(found: Facts, size: Size, ax: Axes) -> Axes:
    """Draw the loss of all critical points of the censuses against their index."""
    labels = [f"2-{hidden}-1, l2 = {l2:g}" for hidden, l2 in size.nets]
    paint = colors(tuple(labels))
    for place, ((hidden, l2), label) in enumerate(zip(size.nets, labels, strict=True)):
        cases = found.cases("xor", f"{name(hidden, l2)} class")
        value, index, points = (
            np.array([found.number("xor", case, key) for case in cases]) for key in ("value", "index", "points")
        )
        aside = 0.16 * (place - (len(labels) - 1) / 2)
        ax.scatter(index + aside, value, 12 * np.sqrt(points), color=paint[label], alpha=0.75, lw=0, label=label)
    ax.set_xticks(range(int(ax.get_xlim()[1]) + 1))
    ax.set_xlabel("index: negative eigenvalues of the Hessian")
    ax.set_ylabel("loss")
    ax.set_title("b  Exclusive or: all critical points found", loc="left")
    ax.legend(loc="lower right")
    return ax


def plot_tree(found: Facts, ax: Axes) -> Axes:
    """Draw the merge tree of the minima of one net: each from its loss up to where a saddle joins it to others."""
    case = name(*TREE)
    leaves, merges = found.cases("tree", f"{case} leaf"), found.cases("tree", f"{case} merge")
    values = [found.number("tree", one, "value") for one in leaves]
    m = len(values)
    sides = [tuple(int(found.number("tree", one, key)) for key in ("left", "right")) for one in merges]
    levels = [found.number("tree", one, "level") for one in merges]
    groups = _groups(m, sides, levels)
    roots = [node for node in groups if not any(node in parts for parts, _ in groups.values())]
    order = [leaf for root in roots for leaf in _leaves(root, m, groups)]
    x, y = {leaf: float(order.index(leaf)) for leaf in range(m)}, dict(enumerate(values))
    for node, (parts, level) in groups.items():
        for part in parts:
            ax.plot([x[part], x[part]], [y[part], level], color=INK, lw=1.2)
        ax.plot([min(x[part] for part in parts), max(x[part] for part in parts)], [level, level], color=INK, lw=1.2)
        x[node], y[node] = float(np.mean([x[part] for part in parts])), level
    ax.plot([x[leaf] for leaf in range(m)], values, "o", color=colors(("minima",))["minima"], ms=5)
    ax.set_xticks([])
    ax.set_ylabel("loss")
    ax.set_title(f"c  Minima of 2-{TREE[0]}-1, l2 = {TREE[1]:g}, and the saddles that join them", loc="left")
    return ax


Groups = dict[int, tuple[list[int], float]]
"""What a node of a tree is made of, and at which loss."""


def _groups(m: int, sides: list[tuple[int, ...]], levels: list[float]) -> Groups:
    """Return the merges, those next to each other at one level as one."""
    groups: Groups = {}
    for number, (pair, level) in enumerate(zip(sides, levels, strict=True)):
        parts: list[int] = []
        for side in pair:
            same = side in groups and abs(groups[side][1] - level) < 1e-9 * abs(level)
            parts += groups.pop(side)[0] if same else [side]
        groups[m + number] = (parts, level)
    return groups


def _leaves(node: int, m: int, groups: Groups) -> list[int]:
    """Return the minima below a node, from the left to the right."""
    return [node] if node < m else [leaf for part in groups[node][0] for leaf in _leaves(part, m, groups)]


def plot_trap(found: Facts, size: Size, ax: Axes) -> Axes:
    """Draw the share of runs that reach the optimum against the width, from the trap and from random starts."""
    paint = colors(LEFT)
    for place, side in enumerate(LEFT):
        cases = [f"n={n} {side}" for n in size.widths]
        share = [found.number("trap", case, "success") / found.number("trap", case, "runs") for case in cases]
        aside = 0.03 * (place - 2)
        form = "s--" if side.startswith("random") else "o-"
        label = side if side.startswith("random") else f"trap, {side}"
        ax.plot(np.array(size.widths) + aside, share, form, color=paint[side], label=label, ms=4)
    ax.set_ylim(-0.05, 1.05)
    ax.set_xticks(size.widths)
    ax.set_xlabel("student units n")
    ax.set_ylabel("share of runs that reach the optimum")
    ax.set_title("d  The planar trap", loc="left")
    ax.legend(loc="center right")
    return ax
