"""The scales of homogeneous units at which the weights are least: one representative of each scaling orbit."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import LinAlgError, cho_factor, cho_solve
from scipy.sparse import coo_array
from scipy.sparse.csgraph import breadth_first_order

from homotopy.landscape.symmetry.group.layout import Array, Index, Layout, along

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
    half = np.exp(0.5 * (s[edges.head] - s[edges.tail]))  # twice, so that scales of any size do not overflow
    out[edges.place] = out[edges.place] * half * half
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
                ends[axis.power] = np.broadcast_to(along(units, k, piece.index.ndim), piece.index.shape)
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
    alone = _alone(edges)
    for _ in range(1 if alone else 3):
        for a, b in pairwise(starts):
            come, go = _norms(edges, logs, s)
            s[a:b] += 0.25 * (go - come)[a:b]
    return s if alone else _newton(edges, logs, s)


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
    shift = (logs + s[edges.head] - s[edges.tail]).max(initial=-np.inf)
    last = np.inf
    for _ in range(_MOST_STEPS):
        squares = _squares(edges, logs - shift, s)
        step = _newton_step(edges, squares)
        longest = float(np.abs(step).max(initial=0.0))
        if longest < 1e-16 or (longest < 1e-8 and longest > 0.5 * last):  # rounding is all that is left
            break
        share = 1.0
        while longest > 1e-3 and share > 1e-6:  # below, Newton's steps converge, and rounding would decide
            if _squares(edges, logs - shift, s + share * step).sum() < squares.sum():
                break
            share *= 0.5
        s, last = s + share * step, longest
    return s


def _squares(edges: _Edges, logs: Array, s: Array) -> Array:
    """Return the squares of scaled weights; those that vanish beside the largest are 0."""
    return np.exp(np.maximum(2.0 * (logs + s[edges.head] - s[edges.tail]), -700.0))


def _newton_step(edges: _Edges, squares: Array) -> Array:
    """Return the step of Newton's method, shape (units + 1,); 0 for units that have no weights."""
    n, step = edges.units, np.zeros(edges.units + 1)
    come, go = (np.bincount(ends, squares, n + 1)[:n] for ends in (edges.head, edges.tail))
    used = np.flatnonzero(come + go > 0.0)
    matrix = np.zeros((n + 1, n + 1))
    np.add.at(matrix, (edges.head, edges.tail), squares)
    matrix = np.diag(come + go) - (matrix + matrix.T)[:n, :n]
    root = np.sqrt((come + go)[used])  # the scale of each row, so that factors do not depend on units
    try:
        factors = cho_factor(matrix[np.ix_(used, used)] / root[:, None] / root)
    except LinAlgError:  # the scales of some units hang together by nothing that rounding leaves
        step[used] = 0.25 * np.log(go[used] / come[used])
        return step
    step[used] = cho_solve(factors, (go - come)[used] / root) / root / 2.0
    return step
