"""Units of one net assigned to those of another, so that the weights lie near each other."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations, product
from math import prod

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist

from homotopy.landscape.symmetry.group.layout import Array, Layout, Move, moved, unmoved

__all__ = ["aligned", "all_but_one_assignment", "composed", "exact", "inverse", "settled"]

_MOST_SWEEPS = 50
MOST_TRIED = 100
"""How many moves of the other layers are tried one by one where that makes the nearest image exact."""


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
    return len(layout.widths) < 2 and not _recurrent(layout)


def _recurrent(layout: Layout) -> bool:
    """Return whether units act on others of their group."""
    return any(
        len(p.axes) == 2 and p.axes[0] and p.axes[1] and p.axes[0].group == p.axes[1].group for p in layout.pieces
    )


def aligned(layout: Layout, x: Array, y: Array) -> list[Move]:
    """Return moves of y that may lie near x: one by assignment where that is exact, else several.

    Assigned are all units of a layer by what comes in, from the inputs on; by what goes out, from the outputs on, each
    with what the order of the layer not yet assigned does not decide; and by all they have, from where they are. Each
    is then improved layer by layer until nothing changes.
    """
    groups = range(len(layout.widths))
    if exact(layout):
        return [settled(layout, x, y, unmoved(layout))]
    starts = [unmoved(layout)]
    for order, power in ((groups, 1), (reversed(groups), -1)):
        move, image = unmoved(layout), y
        for group in order:
            step = _assigned(layout, x, image, group, power)
            move, image = composed(move, step), moved(layout, image, step)
        starts.append(move)
    return [settled(layout, x, y, move) for move in starts]


def all_but_one_assignment(layout: Layout, x: Array, y: Array) -> Iterator[Move]:
    """Yield moves of y, the nearest among them, where few enough are to be tried; else none.

    Where every other layer of a chain is held, the layers between are assigned each by itself, exactly. All moves of
    the held ones are tried.
    """
    if exact(layout) or _recurrent(layout):
        return
    sizes = layout.n_moves
    odd, even = prod(sizes[1::2]), prod(sizes[::2])
    if min(odd, even) > MOST_TRIED:
        return
    held = range(1, len(sizes), 2) if odd <= even else range(0, len(sizes), 2)
    for moves in product(*(_every(layout.widths[g], layout.turns) for g in held)):
        move = unmoved(layout)
        for group, one in zip(held, moves, strict=True):
            move[group] = one
        image = moved(layout, y, move)
        for group in set(range(len(sizes))) - set(held):
            step = _assigned(layout, x, image, group, 0)
            move = composed(move, step)
        yield move


def _every(h: int, turns: bool) -> list[tuple[np.ndarray, Array]]:
    """Return every order and signs of h units."""
    signs = list(product((1.0, -1.0), repeat=h)) if turns else [(1.0,) * h]
    return [(np.array(order), np.array(sign)) for order in permutations(range(h)) for sign in signs]


def settled(layout: Layout, x: Array, y: Array, move: Move) -> Move:
    """Return a move of y, improved by assigning the units of one group after the other until nothing improves."""
    if exact(layout):
        return _assigned(layout, x, y, 0, 0) if layout.widths else move
    image = moved(layout, y, move)
    best = float(np.linalg.norm(x - image))
    for _ in range(_MOST_SWEEPS):
        before = best
        for group in range(len(layout.widths)):
            step = _assigned(layout, x, image, group, 0)
            tried = moved(layout, image, step)
            length = float(np.linalg.norm(x - tried))
            if length < best:
                move, image, best = composed(move, step), tried, length
        if not best < before:
            break
    return move


def _assigned(layout: Layout, x: Array, y: Array, group: int, power: int) -> Move:
    """Return the move of one group of y's units nearest to x's.

    It is by all entries (power 0), or by those of one power as they are and by the others' sizes in ascending order.
    """
    odd: list[tuple[Array, Array]] = []
    even: list[tuple[Array, Array]] = []
    for axis, rows in layout.rows[group]:
        if power in (0, axis.power):
            (odd if axis.odd else even).append((x[rows], y[rows]))
        else:
            even.append((np.sort(np.abs(x[rows]), axis=1), np.sort(np.abs(y[rows]), axis=1)))
    h = layout.widths[group]
    plain, minus = np.zeros((h, h)), np.zeros((h, h))
    if even:
        plain += cdist(*(np.hstack(rows) for rows in zip(*even, strict=True)), "sqeuclidean")
        minus += plain
    if odd:
        ours, theirs = (np.hstack(rows) for rows in zip(*odd, strict=True))
        plus = cdist(ours, theirs, "sqeuclidean")
        minus += cdist(ours, -theirs, "sqeuclidean") if layout.turns else plus
        plain = plain + plus
    unit, image = linear_sum_assignment(np.minimum(plain, minus))
    move = unmoved(layout)
    move[group] = (image, np.where((minus < plain)[unit, image], -1.0, 1.0) if layout.turns else np.ones(h))
    return move
