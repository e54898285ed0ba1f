"""Which weights belong to which hidden units: arrays whose axes are tagged by groups of units."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from math import factorial
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Axis", "Layout", "Move", "Piece", "along", "moved", "unmoved"]

Array = NDArray[np.float64]
Index = NDArray[np.intp]
Move = list[tuple[Index, Array]]
"""For each group an order and signs, both of shape (h,): unit j of the image is sign[j] times unit order[j]."""


@dataclass(frozen=True)
class Axis:
    """An axis of an array of weights that counts the units of one group.

    Parameters
    ----------
    group : int
        Which group.
    odd : bool
        Whether the entries change sign when a unit is turned.
    power : int
        1 where the entries grow with the unit's scale (what comes in), -1 where they shrink with it (what goes out).
    """

    group: int
    odd: bool = True
    power: int = 0


@dataclass(frozen=True, eq=False)
class Piece:
    """An array of weights: where its entries stand in x, and its axes; None is an axis whose places are fixed."""

    index: Index
    axes: tuple[Axis | None, ...]


@dataclass(frozen=True, eq=False)
class Layout:
    """The weights of a net by its groups of interchangeable hidden units.

    Parameters
    ----------
    size : int
        The number of weights.
    widths : tuple of int
        The number of units of each group.
    pieces : tuple of Piece
        Every array of weights.
    turns : bool
        Whether units may be turned: all their odd entries change sign.
    constant : float
        The c with act(z) + act(-z) = c; where it is not 0, turning a unit moves the biases that follow (`layers`).
    scales : bool
        Whether units may be scaled by positive numbers.
    linear : bool
        Whether a layer's units may be mixed by any invertible matrix.
    layers : tuple of (Index, Index or None)
        Of a chain of dense layers, where W and b of each stand in x; of a recurrent net, of the outputs alone.
    shared : bool
        Whether outgoing weights are fixed to one, so that units split into copies share what comes in.
    gauge : callable or None
        The projection of outputs, of shape (..., k), onto what an objective sees of them.
    """

    size: int
    widths: tuple[int, ...]
    pieces: tuple[Piece, ...]
    turns: bool = False
    constant: float = 0.0
    scales: bool = False
    linear: bool = False
    layers: tuple[tuple[Index, Index | None], ...] = ()
    shared: bool = False
    gauge: Callable[[Array], Array] | None = None

    def isometries(self) -> Layout:
        """Return the layout with those symmetries alone that keep the norm of x: permutations and sign flips."""
        turns = self.turns and self.constant == 0.0
        return replace(self, scales=False, linear=False, constant=0.0, turns=turns, gauge=None)

    @cached_property
    def rows(self) -> tuple[list[tuple[Axis, Index]], ...]:
        """For each group its axes, each with the places of its entries in x, one row a unit."""
        return tuple(
            [
                (piece.axes[k] or Axis(group), np.moveaxis(piece.index, k, 0).reshape(h, -1))
                for piece, k in self.touching(group)
            ]
            for group, h in enumerate(self.widths)
        )

    @property
    def n_moves(self) -> list[int]:
        """For each group the number of its moves: orders of the units, times their signs where they may be turned."""
        return [factorial(h) * (2**h if self.turns else 1) for h in self.widths]

    def touching(self, group: int) -> list[tuple[Piece, int]]:
        """Return the pieces with an axis of a group, and which axis."""
        return [
            (piece, k)
            for piece in self.pieces
            for k, axis in enumerate(piece.axes)
            if axis is not None and axis.group == group
        ]


def along(values: Any, axis: int, ndim: int) -> Any:
    """Return values, one a unit, in the shape in which they act on one axis of an array of so many."""
    return values.reshape([-1 if k == axis else 1 for k in range(ndim)])


def unmoved(layout: Layout) -> Move:
    """Return the move that changes nothing."""
    return [(np.arange(h), np.ones(h)) for h in layout.widths]


def moved(layout: Layout, x: Array, move: Move) -> Array:
    """Return the image of x under a move, shape (n,); entries move and change sign, those of biases may be shifted."""
    out = x.copy()
    for piece in layout.pieces:
        index = piece.index
        for k, axis in enumerate(piece.axes):
            if axis is not None:
                index = index.take(move[axis.group][0], axis=k)
        out[piece.index] = x[index]
    for group, (_, sign) in enumerate(move):
        if (sign < 0).any():
            _turn(layout, out, group, sign)
    return out


def _turn(layout: Layout, x: Array, group: int, sign: Array) -> None:
    """Turn units of one group in place; layers before it have been turned already."""
    if layout.constant:
        weights, bias = layout.layers[group + 1]
        x[bias] += layout.constant * x[weights][:, sign < 0].sum(axis=1)
    for axis, rows in layout.rows[group]:
        if axis.odd:
            x[rows] *= sign[:, None]
