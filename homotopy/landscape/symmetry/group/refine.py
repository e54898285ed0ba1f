"""Units told apart by their weights, as far as colors go: one step of telling the images of a net apart."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from homotopy.landscape.symmetry.group.layout import Array, Layout

__all__ = ["Colors", "Tables", "ranked"]

Ints = NDArray[np.int64]
Colors = list[Ints]
"""For each group the color of its points, shape (h,) or, where units may be turned, (2 h,): unit i is the points i and
h + i, itself and turned. Colors are 0 to the number of points less 1; equal ones are not told apart."""


def ranked(values: Array, slack: Array | float = 0.0) -> Ints:
    """Return integers that are ordered as the values are, the opposite for the opposite, and 0 for 0.

    Values whose distance is at most the `slack` of one of them (same shape, or a number) share an integer.
    """
    size = np.abs(values).ravel()
    loose = np.broadcast_to(np.asarray(slack), values.shape).ravel()
    order = np.argsort(size, kind="stable")
    ordered, room = np.concatenate([[0.0], size[order]]), np.concatenate([[0.0], loose[order]])
    steps = np.diff(ordered) > np.maximum(room[1:], room[:-1])
    ranks = np.empty(size.size, dtype=np.int64)
    ranks[order] = np.cumsum(steps)
    return ranks.reshape(values.shape) * np.sign(values).astype(np.int64)


@dataclass
class Tables:
    """The ranks of a net's weights by points of its groups.

    Parameters
    ----------
    layout : Layout
        The net's.
    ranks : list of ndarray
        `ranked` entries of each of the layout's pieces.
    """

    layout: Layout
    ranks: list[Ints]
    seen: list[list[tuple[Ints, int | None]]] = field(init=False)  # by group: rows a point, and whose units are columns

    def __post_init__(self) -> None:
        turns = self.layout.turns
        self.seen = [[] for _ in self.layout.widths]
        for piece, ranks in zip(self.layout.pieces, self.ranks, strict=True):
            full = ranks + 0
            for k, axis in enumerate(piece.axes):
                if axis is not None and turns:
                    full = np.concatenate([full, -full if axis.odd else full], axis=k)
            full += np.abs(ranks).max(initial=0)  # none negative
            for k, axis in enumerate(piece.axes):
                if axis is not None:
                    rows = np.moveaxis(full, k, 0).reshape(full.shape[k], -1)
                    other = piece.axes[1 - k] if len(piece.axes) == 2 else None
                    self.seen[axis.group].append((rows, None if other is None else other.group))

    def start(self) -> Colors:
        """Return one color for all points of a group."""
        points = 2 if self.layout.turns else 1
        return [np.zeros(points * h, dtype=np.int64) for h in self.layout.widths]

    def refined(self, colors: Colors) -> Colors:
        """Return the coarsest colors, in an order that no labelling decides, that tell apart what differs in colors.

        Points of equal color have the same weights with points of each other color, and their opposites likewise.
        """
        count = -1
        while count != (count := sum(int(c.max(initial=-1)) + 1 for c in colors)):
            for group in range(len(colors)):
                colors = [*colors[:group], self._told(colors, group), *colors[group + 1 :]]
        return colors

    def _told(self, colors: Colors, group: int) -> Ints:
        """Return the colors of one group by those of all groups."""
        own = colors[group]
        if own.size == int(own.max(initial=-1)) + 1:
            return own
        columns = [own[:, None]]
        if self.layout.turns:
            columns.append(np.roll(own, own.size // 2)[:, None])
        for rows, other in self.seen[group]:
            base = np.arange(rows.shape[1]) if other is None else colors[other]
            keys = base * (int(rows.max(initial=0)) + 1) + rows
            columns.append(keys if other is None else np.sort(keys, axis=1))
            if other == group:
                columns.append(rows.diagonal()[:, None])
        return numbered(np.concatenate(columns, axis=1))

    def twins(self, group: int) -> list[bytes]:
        """Return for each point of a group all its weights: points with equal ones may change places, alone."""
        return _bytes(np.concatenate([rows for rows, _ in self.seen[group]], axis=1))


def numbered(rows: Ints) -> Ints:
    """Return the rank of each row among the different rows, in lexicographic order; no entry is negative."""
    keys = _bytes(rows)
    rank = {key: k for k, key in enumerate(sorted(set(keys)))}
    return np.array([rank[key] for key in keys], dtype=np.int64)


def _bytes(rows: Ints) -> list[bytes]:
    """Return each row as bytes, ordered as the rows are."""
    big = np.ascontiguousarray(rows, dtype=">i8")
    return [row.tobytes() for row in big]
