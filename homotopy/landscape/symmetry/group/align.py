"""Units of one net assigned to those of another, so that the weights lie near each other."""

from __future__ import annotations

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist

from homotopy.landscape.symmetry.group.layout import Array, Layout, Move, moved, unmoved

__all__ = ["aligned", "composed", "exact", "inverse", "settled"]

_MOST_SWEEPS = 50


def composed(first: Move, second: Move) -> Move:
    """Return the move that is the first one and then the second."""
    return [(o[p], s[p] * t) for (o, s), (p, t) in zip(first, second, strict=True)]


def inverse(move: Move) -> Move:
    """Return the move that takes a move back."""
    back = []
    for order, sign in move:
        places = np.argsort(order)
        back.append((places, sign[places]))
    return back


def exact(layout: Layout) -> bool:
    """Return whether one assignment finds the nearest image: a single group, whose units do not act on each other."""
    return len(layout.widths) < 2 and all(
        len({a.group for a in p.axes if a}) == sum(map(bool, p.axes)) for p in layout.pieces
    )


def aligned(layout: Layout, x: Array, y: Array) -> list[Move]:
    """Return moves of y that may lie near x: one by assignment where that is exact, else several.

    Assigned are all units of a layer by what comes in, from the inputs on; by what goes out, from the outputs on; and
    by all they have, from where they are; each is then improved layer by layer until nothing changes.
    """
    groups = range(len(layout.widths))
    if exact(layout):
        return [settled(layout, x, y, unmoved(layout))]
    starts = [unmoved(layout)]
    for order, power in ((groups, 1), (reversed(groups), -1)):
        move = unmoved(layout)
        for group in order:
            move = composed(move, _assigned(layout, x, moved(layout, y, move), group, power))
        starts.append(move)
    return [settled(layout, x, y, move) for move in starts]


def settled(layout: Layout, x: Array, y: Array, move: Move) -> Move:
    """Return a move of y, improved by assigning the units of one group after the other until nothing improves."""
    if not layout.widths:
        return move
    best = float(np.linalg.norm(x - moved(layout, y, move)))
    for _ in range(1 if exact(layout) else _MOST_SWEEPS):
        before = best
        for group in range(len(layout.widths)):
            tried = composed(move, _assigned(layout, x, moved(layout, y, move), group, 0))
            length = float(np.linalg.norm(x - moved(layout, y, tried)))
            if length < best:
                move, best = tried, length
        if not best < before:
            break
    return move


def _assigned(layout: Layout, x: Array, y: Array, group: int, power: int) -> Move:
    """Return the move of one group of y's units nearest to x's, by the entries of one power, or by all (0)."""
    blocks: dict[bool, list[tuple[Array, Array]]] = {True: [], False: []}
    for piece, k in layout.touching(group):
        axis = piece.axes[k]
        if axis is not None and (power == 0 or axis.power in (0, power)):
            rows = np.moveaxis(piece.index, k, 0).reshape(piece.index.shape[k], -1)
            blocks[axis.odd].append((x[rows], y[rows]))
    h = layout.widths[group]
    plain, minus = np.zeros((h, h)), np.zeros((h, h))
    for odd, pairs in blocks.items():
        if pairs:
            ours, theirs = (np.hstack(rows) for rows in zip(*pairs, strict=True))
            plus = cdist(ours, theirs, "sqeuclidean")
            plain = plain + plus
            minus = minus + (cdist(ours, -theirs, "sqeuclidean") if odd and layout.turns else plus)
    unit, image = linear_sum_assignment(np.minimum(plain, minus))
    move = unmoved(layout)
    sign = np.where((minus < plain)[unit, image], -1.0, 1.0) if layout.turns else np.ones(h)
    move[group] = (image, sign)
    return move
