"""The one labelling of a net's units that no labelling decides, and how many moves leave the net as it is.

Colors are refined; where units of one color remain, each is singled out in turn and the search goes on below. The least
of all labelled nets is the one wanted. Two labellings of the same net give a move that leaves it as it is, and units
that such moves carry into each other are tried once only.

References
----------
B. D. McKay and A. Piperno, "Practical graph isomorphism, II", Journal of Symbolic Computation 60 (2014): the search
tree, its leaves and its pruning by automorphisms; here without node invariants.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import factorial

import numpy as np

from homotopy.landscape.symmetry.group.layout import Move, along
from homotopy.landscape.symmetry.group.refine import Colors, Ints, Tables, numbered

__all__ = ["Labelled", "labelled"]

Cell = tuple[int, Ints]  # a group, and points of one color


@dataclass(frozen=True)
class Labelled:
    """A labelled net: the labels, what the net then is, and how many moves leave the net as it is.

    Parameters
    ----------
    move : Move
        The order and signs of the units.
    code : bytes
        The ranks of all weights, moved: equal for two images of one net.
    order : int
        The number of moves below this place of the search that leave the net as it is.
    points : ndarray
        The points of all groups by their labels, numbered through.
    """

    move: Move
    code: bytes
    order: int
    points: Ints


def labelled(tables: Tables) -> Labelled:
    """Return the least labelled net; `order` is the order of its stabilizer."""
    return _Search(tables).best(tables.start(), ())


@dataclass
class _Search:
    """The search tree; `found` are the moves that leave the net as it is, as permutations of its points."""

    tables: Tables
    found: list[Ints] = field(default_factory=list)

    def __post_init__(self) -> None:
        layout = self.tables.layout
        self.twins = [self.tables.twins(g) for g in range(len(layout.widths))]
        self.ends = np.cumsum([0, *((2 if layout.turns else 1) * h for h in layout.widths)])

    def best(self, colors: Colors, fixed: tuple[int, ...]) -> Labelled:
        """Return the least labelled net below these colors, which the points `fixed` were singled out for."""
        colors, factor, new, cell = self.settled(colors)
        if cell is None:
            return self.leaf(colors, factor)
        fixed = (*fixed, *new)
        group, points = cell
        tried: list[tuple[int, Labelled, Labelled]] = []  # the point, the first leaf below it, the least one
        for p in points:
            at = int(self.ends[group] + p)
            if self.orbit(at, fixed) & {one for one, _, _ in tried}:
                continue
            below = singled_out(colors, group, int(p))
            first = self.first(below)
            same = next((leaf for _, *leaves in tried for leaf in leaves if leaf.code == first.code), None)
            if same is not None:
                self.add(same, first)
                continue
            least = self.best(below, (*fixed, at))
            for _, _, other in tried:
                if other.code == least.code:
                    self.add(other, least)
            tried.append((at, first, least))
        at, _, least = min(tried, key=lambda one: one[2].code)
        order = factor * least.order * len(self.orbit(at, fixed))
        return Labelled(least.move, least.code, order, least.points)

    def first(self, colors: Colors) -> Labelled:
        """Return the labelled net for which always the first point was singled out."""
        while True:
            colors, _, _, cell = self.settled(colors)
            if cell is None:
                return self.leaf(colors, 1)
            colors = singled_out(colors, cell[0], int(cell[1][0]))

    def settled(self, colors: Colors) -> tuple[Colors, int, list[int], Cell | None]:
        """Return refined colors in which units that may change places alone are told apart, in any order.

        Returns
        -------
        colors : list of ndarray
            For each group.
        factor : int
            In how many ways they could have been told apart.
        new : list of int
            These points.
        cell : (int, ndarray) or None
            The group and the points of one color that are to be told apart next: the fewest, then the first.
        """
        factor = 1
        new: list[int] = []
        while True:
            colors = self.tables.refined(colors)
            cells = _cells(colors)
            alike = next((c for c in cells if len({self.twins[c[0]][p] for p in c[1]}) == 1), None)
            if alike is None:
                return colors, factor, new, min(cells, key=lambda c: len(c[1]), default=None)
            group, points = alike
            half = colors[group].size // 2 if self.tables.layout.turns else colors[group].size
            units = len(set(points % half))
            factor *= factorial(units) * (2**units if len(points) > units else 1)
            new += [int(self.ends[group] + p) for p in points]
            own = colors[group] * colors[group].size
            own[points] += np.arange(len(points))
            colors = [*colors[:group], numbered(own[:, None]), *colors[group + 1 :]]

    def leaf(self, colors: Colors, order: int) -> Labelled:
        """Return the labelled net of colors that tell all points apart."""
        layout, move, labels = self.tables.layout, [], []
        for group, color in enumerate(colors):
            h = layout.widths[group]
            turned = layout.turns & (color[:h] < color[-h:])
            units = np.argsort(np.maximum(color[:h], color[-h:]))
            move.append((units, np.where(turned, -1.0, 1.0)[units]))
            shown = np.where(turned, h, 0)[units] + units
            labels.append(self.ends[group] + shown)
            if layout.turns:
                labels.append(self.ends[group] + (shown + h) % (2 * h))
        parts = []
        for piece, ranks in zip(layout.pieces, self.tables.ranks, strict=True):
            block = ranks
            for k, axis in enumerate(piece.axes):
                if axis is not None:
                    units, sign = move[axis.group]
                    block = block.take(units, axis=k)
                    if axis.odd:
                        block = block * along(sign.astype(np.int64), k, block.ndim)
            parts.append((block + np.abs(ranks).max(initial=0)).astype(">i8").tobytes())
        return Labelled(move, b"".join(parts), order, np.concatenate(labels or [np.zeros(0, dtype=np.int64)]))

    def add(self, one: Labelled, other: Labelled) -> None:
        """Keep the move that carries one labelled net into the other, which are the same."""
        move = np.empty(one.points.size, dtype=np.int64)
        move[one.points] = other.points
        self.found.append(move)

    def orbit(self, at: int, fixed: tuple[int, ...]) -> set[int]:
        """Return the points into which the moves found so far carry a point, if they leave the fixed ones alone."""
        moves = [m for m in self.found if all(m[p] == p for p in fixed)]
        reached, fresh = {at}, [at]
        while fresh:
            p = fresh.pop()
            for m in moves:
                q = int(m[p])
                if q not in reached:
                    reached.add(q)
                    fresh.append(q)
        return reached


def singled_out(colors: Colors, group: int, p: int) -> Colors:
    """Return the colors with one point before all others of its color."""
    own = 2 * colors[group] + 1
    own[p] -= 1
    return [*colors[:group], numbered(own[:, None]), *colors[group + 1 :]]


def _cells(colors: Colors) -> list[Cell]:
    """Return the points of each color that several points have, by group and color."""
    cells = []
    for group, color in enumerate(colors):
        counts = np.bincount(color)
        cells += [(group, np.flatnonzero(color == c)) for c in np.flatnonzero(counts > 1)]
    return cells
