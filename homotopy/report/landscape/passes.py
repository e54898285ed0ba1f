"""The highest pass between minima: the values along the way over it, and on the plane through its ends and its top."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from homotopy.landscape.barriers.saddles import both_sides
from homotopy.landscape.views.slices import slice_2d
from homotopy.report.figures import styled
from homotopy.report.landscape.slices import draw_slice_2d
from homotopy.report.landscape.surveyed import Survey
from homotopy.report.style import INK, PALETTE

__all__ = ["Pass", "draw_pass", "draw_plane", "highest_pass"]

FLOATS = NDArray[np.float64]
WIDE = 1.7  # how far the plane goes, in half distances between the ends
SIDE = 81  # points a side of the plane


@dataclass(frozen=True, eq=False)
class Pass:
    """A way over a saddle.

    Attributes
    ----------
    points : ndarray of shape (m, n)
        Steepest descents from the saddle to both sides, as one path.
    values : ndarray of shape (m,)
        The values on it.
    top : int
        The number of the saddle among the points.
    """

    points: FLOATS
    values: FLOATS
    top: int


def highest_pass(survey: Survey) -> Pass | None:
    """Return the way over the saddle that lies highest above the lower groups of minima that it joins.

    None where nothing is joined.
    """
    tree = survey.tree
    if tree is None or not tree.merges:
        return None
    heights = [one.level - max(tree.lowest(one.left), tree.lowest(one.right)) for one in tree.merges]
    saddle = tree.merges[int(np.argmax(heights))].saddle
    scale = max(float(np.linalg.norm(point.x)) for point in (*tree.minima, saddle)) or 1.0
    one, other = both_sides(survey.points.objective, np.array(saddle.x), scale=scale)
    if one.values[-1] > other.values[-1]:
        one, other = other, one
    points = np.vstack([one.points[::-1], other.points[1:]])
    values = [survey.exact(float(value)) for value in (*one.values[::-1], *other.values[1:])]
    return Pass(points, np.array(values), len(one.points) - 1)


@styled
def draw_pass(way: Pass) -> Figure:
    """Return the figure of the values along a pass, against the length of the way."""
    figure = Figure(figsize=(6.4, 3.6), layout="constrained")
    ax = figure.subplots()
    length = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(way.points, axis=0), axis=1))])
    ax.plot(length, way.values, color=PALETTE[0])
    ends, top = [0, len(length) - 1], way.top
    ax.plot(length[ends], way.values[ends], "o", color=PALETTE[0], markersize=6)
    ax.plot(length[top], way.values[top], "o", color=PALETTE[1], markersize=6)
    for i, below in ((0, True), (len(length) - 1, True), (top, False)):
        ax.annotate(
            f"{way.values[i]:.6g}",
            (length[i], way.values[i]),
            (0, -8 if below else 8),
            textcoords="offset points",
            ha="center",
            va="top" if below else "bottom",
            fontsize=8,
            color=INK,
        )
    ax.margins(x=0.08, y=0.16)
    ax.set_xlabel("length of the way")
    ax.set_ylabel("loss")
    return figure


def draw_plane(survey: Survey, way: Pass) -> Figure:
    """Return the figure of the values on the plane through a pass's ends and its top, with the way seen on it."""
    first, last, saddle = way.points[0], way.points[-1], way.points[way.top]
    middle, along = 0.5 * (first + last), 0.5 * (last - first)
    half = float(np.linalg.norm(along))
    aside = _aside(saddle - middle, along) if half else np.zeros_like(along)
    size = float(np.linalg.norm(aside))
    if size <= 1e-6 * half:  # the three lie on a line: the farthest point of the way from it serves
        others = [_aside(point - middle, along) for point in way.points]
        aside = max(others, key=lambda one: float(np.linalg.norm(one)))
        size = float(np.linalg.norm(aside))
    if size <= 1e-6 * half:
        aside = _aside(np.eye(along.size)[int(np.argmin(np.abs(along)))], along)
        size = float(np.linalg.norm(aside))
    plane = slice_2d(survey.points.objective, middle, np.array([along, aside * (half / size)]), n=SIDE, span=WIDE)
    return draw_slice_2d(
        plane,
        paths={"the way over the saddle": way.points},
        names=("from one minimum (-1) to the other (1)", "toward the saddle"),
        mark=saddle,
    )


def _aside(v: FLOATS, along: FLOATS) -> FLOATS:
    """Return the part of a vector at right angles to another."""
    return np.asarray(v - along * (v @ along) / (along @ along))
