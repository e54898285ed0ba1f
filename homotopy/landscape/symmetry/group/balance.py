"""The scales of homogeneous units at which the weights are least: one representative of each scaling orbit."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import LinAlgError, cho_factor, cho_solve
from scipy.sparse import coo_array
from scipy.sparse.csgraph import breadth_first_order

from homotopy.landscape.symmetry.group.layout import Array, Index, Layout

__all__ = ["balanced"]

_MOST_STEPS = 200


@dataclass(frozen=True)
class _Edges:
    """The weights as edges from one unit to another; the root, after all units, is inputs, biases and outputs."""

    place: Index  # in x
    head: Index  # the unit that an entry comes into
    tail: Index  # the unit that it goes out of
    units: int

    def kept(self, mask: NDArray[np.bool_]) -> _Edges:
        """Return the edges of a mask."""
        return _Edges(self.place[mask], self.head[mask], self.tail[mask], self.units)


def balanced(layout: Layout, x: Array) -> Array:
    r"""Return the point of least norm among those with scaled units, or the limit of such points, shape (n,).

    Notes
    -----
    With unit i scaled by :math:`e^{s_i}` the entry w from unit i into j becomes :math:`w e^{s_j - s_i}`, and half the
    squared norm is convex in s. It has one minimum, where of each unit the incoming and the outgoing weights have the
    same norm, if every unit lies on a way from the inputs to the outputs. Units on no such way add nothing to the
    function, and their weights tend to 0 as the norm does to its infimum: they are set to 0. A layer of units is
    balanced in closed form; several layers by Newton's method to rounding.

    References
    ----------
    P. Stock, B. Graham, R. Gribonval and H. Jégou, "Equi-normalization of neural networks", ICLR 2019: the minimum and
    its uniqueness; E. E. Osborne, "On pre-conditioning of matrices", Journal of the ACM 7 (1960): the sweeps.
    """
    if not layout.scales or not layout.widths:
        return x
    edges, out = _edges(layout), x.copy()
    dead = _dead(edges, x)
    out[edges.place[dead[edges.head] | dead[edges.tail]]] = 0.0
    edges = edges.kept((out[edges.place] != 0.0) & (edges.head != edges.tail))
    logs = np.log(np.abs(out[edges.place]))
    s = _scales(edges, logs, layout)
    c = np.exp(s)
    out[edges.place] *= c[edges.head] / c[edges.tail]
    return out


def _edges(layout: Layout) -> _Edges:
    """Return the edges of a layout's pieces."""
    starts = np.cumsum([0, *layout.widths])
    root = int(starts[-1])
    places, heads, tails = [], [], []
    for piece in layout.pieces:
        ends = {1: np.full(piece.index.shape, root), -1: np.full(piece.index.shape, root)}
        for k, axis in enumerate(piece.axes):
            if axis is not None and axis.power:
                units = starts[axis.group] + np.arange(piece.index.shape[k])
                shape = [-1 if j == k else 1 for j in range(piece.index.ndim)]
                ends[axis.power] = np.broadcast_to(units.reshape(shape), piece.index.shape)
        places.append(piece.index.ravel())
        heads.append(ends[1].ravel())
        tails.append(ends[-1].ravel())
    return _Edges(np.concatenate(places), np.concatenate(heads), np.concatenate(tails), root)


def _dead(edges: _Edges, x: Array) -> NDArray[np.bool_]:
    """Return which units no way from the root to the root passes; the root is not one of them."""
    there = edges.kept(x[edges.place] != 0.0)
    dead = np.zeros(edges.units + 1, dtype=np.bool_)
    for a, b in ((there.tail, there.head), (there.head, there.tail)):
        graph = coo_array((np.ones(a.size), (a, b)), shape=(edges.units + 1, edges.units + 1)).tocsr()
        reached = breadth_first_order(graph, edges.units, return_predecessors=False)
        missed = np.ones(edges.units + 1, dtype=np.bool_)
        missed[reached] = False
        dead |= missed
    dead[edges.units] = False
    return dead


def _scales(edges: _Edges, logs: Array, layout: Layout) -> Array:
    """Return the s of `balanced`, shape (units + 1,), 0 at the root."""
    s = np.zeros(edges.units + 1)
    starts = np.cumsum([0, *layout.widths])
    simple = all(piece.axes[0] != piece.axes[-1] or len(piece.axes) == 1 for piece in layout.pieces)
    for _ in range(3 if len(layout.widths) > 1 or not simple else 1):
        for a, b in pairwise(starts):
            come, go = _norms(edges, logs, s)
            s[a:b] += 0.25 * (go - come)[a:b]
    return s if len(layout.widths) == 1 and _alone(edges) else _newton(edges, logs, s)


def _alone(edges: _Edges) -> bool:
    """Return whether no unit acts on another one, so that each is balanced by itself."""
    return not ((edges.head < edges.units) & (edges.tail < edges.units)).any()


def _norms(edges: _Edges, logs: Array, s: Array) -> tuple[Array, Array]:
    """Return the logarithms of the squared norms of what comes into each unit and what goes out; 0 without weights."""
    e = 2.0 * (logs + s[edges.head] - s[edges.tail])
    found = []
    for ends in (edges.head, edges.tail):
        top = np.full(edges.units + 1, -np.inf)
        np.maximum.at(top, ends, e)
        top[np.isneginf(top)] = 0.0
        total = np.zeros(edges.units + 1)
        np.add.at(total, ends, np.exp(e - top[ends]))
        found.append(np.where(total > 0.0, top + np.log(np.where(total > 0.0, total, 1.0)), 0.0))
    return found[0], found[1]


def _newton(edges: _Edges, logs: Array, s: Array) -> Array:
    """Return the minimum of half the squared norm over s, from a start near it."""
    n = edges.units
    shift = logs.max(initial=0.0)

    def parts(s: Array) -> tuple[float, Array]:
        squares = np.exp(2.0 * (logs - shift + s[edges.head] - s[edges.tail]))
        return float(squares.sum()), squares

    value, squares = parts(s)
    for _ in range(_MOST_STEPS):
        come, go = (np.bincount(ends, squares, n + 1)[:n] for ends in (edges.head, edges.tail))
        used = np.flatnonzero(come + go > 0.0)
        if not used.size:
            break
        matrix = np.zeros((n + 1, n + 1))
        np.add.at(matrix, (edges.head, edges.tail), squares)
        matrix = np.diag(come + go) - (matrix + matrix.T)[:n, :n]
        root = np.sqrt((come + go)[used])  # the scale of each row, so that the factors do not depend on units
        scaled = matrix[np.ix_(used, used)] / root[:, None] / root
        try:
            step = cho_solve(cho_factor(scaled), (go - come)[used] / root) / root / 2.0
        except LinAlgError:  # rounding has taken all that is left
            break
        longest, share = float(np.abs(step).max()), 1.0
        moved = s.copy()
        while True:
            moved[used] = s[used] + share * step
            new, fresh = parts(moved)
            if new <= value * (1.0 + 4e-16) or share < 1e-3:
                break
            share *= 0.5
        if new > value * (1.0 + 4e-16):
            break
        s, value, squares = moved, new, fresh
        if longest < 1e-15:
            break
    return s
