"""Points of a net carried into a wider net of the same function: a silent unit, or one unit split into copies."""

from __future__ import annotations

from typing import Any

import numpy as np

from homotopy.arguments import integer, numbers, shown
from homotopy.doors import door
from homotopy.errors import ArgumentError
from homotopy.landscape.symmetry.group.asked import net_of, point, require_layout
from homotopy.landscape.symmetry.group.layout import Array, Index, Layout, along

__all__ = ["silent_unit", "split_unit"]


@door
def silent_unit(model: Any, x: Any, *, layer: int = 0) -> tuple[Any, Array]:
    """Return the model with one hidden unit more and the same function, the new unit's weights all zero.

    Parameters
    ----------
    model : MLP, RNN, TeacherStudent or objective
        A net that can be made wider, or an objective on it.
    x : array_like of shape (n,)
        The weights.
    layer : int
        Which hidden layer, from 0; the unit stands behind the others.

    Returns
    -------
    wider : MLP, RNN, TeacherStudent or objective
        Of the same kind as `model`.
    weights : ndarray of shape (n',)
        Those of the wider model.

    Raises
    ------
    ArgumentError
        If the model has no known hidden units, or cannot be made wider, or there is no such layer.

    Notes
    -----
    At a stationary point, also one with a penalty, the new point is stationary if the activation is 0 at 0 and smooth
    there: the gradient by outgoing weights is a mean with act(0), that by incoming ones has the outgoing ones as a
    factor (K. Fukumizu and S. Amari, "Local minima and plateaus in hierarchical structures of multilayer perceptrons",
    Neural Networks 13, 2000, with which this begins).

    Examples
    --------
    >>> import homotopy as hp
    >>> silent_unit(hp.MLP([1, 1, 1], bias=False), [2.0, 3.0])
    (MLP([1, 2, 1], 'tanh', bias=False), array([2., 0., 3., 0.]))
    """
    layout, group = _asked(model, layer)
    at = point("x", x, layout)
    h = layout.widths[group]
    kept = np.r_[np.ones(h), 0.0]
    return _carried(model, layout, at, group, np.r_[np.arange(h), 0], (kept, kept))


@door
def split_unit(model: Any, x: Any, unit: int, shares: Any, *, layer: int = 0) -> tuple[Any, Array]:
    """Return the model with a hidden unit split into copies that share its outgoing weights; the function is the same.

    Parameters
    ----------
    model : MLP, RNN, TeacherStudent or objective
        A net that can be made wider, or an objective on it.
    x : array_like of shape (n,)
        The weights.
    unit : int
        Which unit of the layer, from 0; the copies stand in its place, one after the other.
    shares : array_like of shape (m,)
        What part of the outgoing weights each copy has; they sum to 1, and may be negative. A student whose outgoing
        weights are fixed to one shares the rows of its relu units instead: no share may then be negative.
    layer : int
        Which hidden layer, from 0.

    Returns
    -------
    wider : MLP, RNN, TeacherStudent or objective
        Of the same kind as `model`.
    weights : ndarray of shape (n',)
        Those of the wider model.

    Raises
    ------
    ArgumentError
        As in `silent_unit`, or if there is no such unit, or shares do not sum to 1.

    Notes
    -----
    At a stationary point without a penalty the new one is stationary for all shares: its gradient by the incoming
    weights of a copy is that of the unit times the share, and by outgoing weights that of the unit.

    References
    ----------
    K. Fukumizu and S. Amari, "Local minima and plateaus in hierarchical structures of multilayer perceptrons", Neural
    Networks 13 (2000).

    Examples
    --------
    >>> import homotopy as hp
    >>> split_unit(hp.MLP([1, 1, 1], bias=False), [2.0, 4.0], 0, [0.25, 0.75])
    (MLP([1, 2, 1], 'tanh', bias=False), array([2., 2., 1., 3.]))
    """
    layout, group = _asked(model, layer)
    at = point("x", x, layout)
    h = layout.widths[group]
    i, parts = integer("unit", unit, least=0, most=h - 1), numbers("shares", shares)
    if parts.ndim != 1 or not parts.size or not np.isfinite(parts).all():
        raise ArgumentError(f"shares is {shown(shares)}; it must be a vector of finite numbers, one a copy")
    if abs(parts.sum() - 1.0) > 1e-12 * max(1.0, np.abs(parts).sum()):
        raise ArgumentError(f"shares sum to {parts.sum():g}; they must sum to 1")
    if layout.shared and (parts < 0.0).any():
        raise ArgumentError("shares has a negative one; rows of units with fixed outgoing weights need 0 or more")
    source = np.r_[np.arange(i), np.full(parts.size, i), np.arange(i + 1, h)]
    go = np.r_[np.ones(i), parts, np.ones(h - i - 1)]
    return _carried(model, layout, at, group, source, (go if layout.shared else np.ones(source.size), go))


def _asked(model: Any, layer: int) -> tuple[Layout, int]:
    """Return the layout of a model and the group of one of its hidden layers."""
    layout = require_layout(model)
    if not layout.widths:
        raise ArgumentError(f"model is {shown(model)}; it must have a hidden layer")
    return layout, integer("layer", layer, least=0, most=len(layout.widths) - 1)


def _carried(
    model: Any, layout: Layout, x: Array, group: int, source: Index, factors: tuple[Array, Array]
) -> tuple[Any, Array]:
    """Return the wider model and its weights: the source units', times factors for what comes in and goes out."""
    wide = _wider(model, source.size - layout.widths[group], group)
    other = require_layout(wide)
    out = np.zeros(other.size)
    for old, new in zip(layout.pieces, other.pieces, strict=True):
        block = x[old.index]
        for k, axis in enumerate(old.axes):
            if axis is not None and axis.group == group:
                factor = factors[0] if axis.power > 0 else factors[1]
                block = block.take(source, axis=k) * along(factor, k, block.ndim)
        out[new.index] = block
    return wide, out


def _wider(model: Any, extra: int, group: int) -> Any:
    """Return a model with more hidden units in one layer, of the same kind."""
    net = net_of(model)
    if not hasattr(net, "wider") or (net is not model and not hasattr(model, "changed")):
        raise ArgumentError(
            f"model is {shown(model)}; it must be a net, or an objective on one, that can be made wider"
        )
    wide = net.wider(extra, layer=group) if hasattr(net, "sizes") else net.wider(extra)
    return wide if net is model else model.changed(model=wide)
