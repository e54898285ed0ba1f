"""How far two points are from each other where symmetric copies count as one, and whether they are one function."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from homotopy.arguments import numbers, positive, shown
from homotopy.doors import door
from homotopy.errors import ArgumentError, DataError, EvaluationError
from homotopy.landscape.symmetry.canonical import centered, labels, seen
from homotopy.landscape.symmetry.group.align import aligned, all_but_one_assignment, composed, exact, inverse, settled
from homotopy.landscape.symmetry.group.asked import net_of, point, require_layout
from homotopy.landscape.symmetry.group.balance import balanced
from homotopy.landscape.symmetry.group.gauge import gauged, turned_near
from homotopy.landscape.symmetry.group.layout import Array, Layout, Move, moved
from homotopy.models.activations import activation
from homotopy.threads import one_blas_thread

__all__ = ["distance", "outputs", "same_function"]

ROUNDED = 1e-6
"""No more of the terms of an output is put down to rounding."""
SMALL = 0.5
"""Errors below this of an activation's input are looked at through the activation."""


@door
@one_blas_thread
def distance(model: Any, x: Any, y: Any) -> float:
    """Return the least Euclidean distance between x and the symmetric copies of y, in units of the weights.

    Parameters
    ----------
    model : MLP, RNN, TeacherStudent or objective
        As in `canonical`, whose Notes list the symmetries.
    x, y : array_like of shape (n,)
        Weights of the model.

    Raises
    ------
    ArgumentError, EvaluationError
        As in `canonical`.

    Notes
    -----
    It is the same from y to x. Where units can be scaled or mixed (relu, leaky relu, linear layers) it is the distance
    of the balanced representatives. With one hidden layer it is exact: squared distances of units add up, so that the
    nearest copy is a linear assignment, or an orthogonal Procrustes problem for linear layers. With more layers,
    recurrent units, and logistic units, it is an upper bound, 0 to rounding for every copy: layers are assigned in turn
    from several starts until nothing improves, as in the matching of weights. One of the starts is the move that
    carries one representative into the other; for few enough units all moves of every other layer are tried, which is
    exact. Beside a unit that adds nothing to the function distances of balanced points grow as square roots do.

    References
    ----------
    S. K. Ainsworth, J. Hayase and S. Srinivasa, "Git Re-Basin: merging models modulo permutation symmetries", ICLR 2023
    (section 3.2, without signs and scales).

    Examples
    --------
    >>> import homotopy as hp
    >>> net = hp.MLP([1, 2, 1], bias=False)
    >>> distance(net, [3.0, -4.0, 1.0, 2.0], [4.0, 3.0, -2.0, 1.0])
    0.0
    >>> distance(net, [3.0, -4.0, 1.0, 2.0], [4.0, 3.0, -2.0, 2.0])
    1.0
    """
    layout = require_layout(model)
    a, b = seen(layout, point("x", x, layout)), seen(layout, point("y", y, layout))
    if a.tobytes() > b.tobytes():
        a, b = b, a  # so that rounding, too, is the same both ways
    if layout.linear:
        a, b = gauged(layout, a), gauged(layout, b)
    unit = 2.0 ** np.frexp(max(np.abs(a).max(initial=0.0), np.abs(b).max(initial=0.0)))[1]
    a, b = a / unit, b / unit  # no square overflows, or vanishes beside the largest
    if layout.linear:
        return float(unit * np.linalg.norm(a - turned_near(layout, a, b)))
    a, b = balanced(layout, a), balanced(layout, b)
    moves = _moves(layout, a, b)
    ways = [np.linalg.norm(a - moved(layout, b, move)) for move in moves]
    if layout.constant:  # flips of logistic units change lengths: the nearest copy of x may be nearer
        ways += [np.linalg.norm(b - moved(layout, a, inverse(move))) for move in moves]
    return float(unit * min(ways))


def _moves(layout: Layout, x: Array, y: Array) -> list[Move]:
    """Return moves of y that may lie nearest to x."""
    at, of = centered(layout, x), centered(layout, y)
    plain = layout if not layout.constant else _odd(layout)
    moves = aligned(plain, at, of)
    if not exact(layout) or layout.constant:
        start = composed(labels(layout, y), inverse(labels(layout, x)))
        moves += [settled(plain, at, of, start), *all_but_one_assignment(plain, at, of)]
    if layout.constant:
        moves += aligned(layout.isometries(), x, y)
    return moves


def _odd(layout: Layout) -> Layout:
    """Return the layout for centered biases, where flips change signs only."""
    return replace(layout, constant=0.0)


@door
@one_blas_thread
def same_function(model: Any, x: Any, y: Any, X: Any, *, rtol: float = 1e-10) -> bool:
    """Return whether two points have the same outputs on data, to rounding.

    Parameters
    ----------
    model : MLP, RNN, TeacherStudent or objective
        A net with ``forward(x, X)``, a student of fixed second layer, or an objective on one.
    x, y : array_like of shape (n,)
        Weights of the model.
    X : array_like
        Inputs as the net takes them: of shape (N, d), or (N, T, d) of a recurrent net.
    rtol : float
        Outputs count as equal if they differ by no more than this times the largest output of either point on the
        data, or by what rounding makes of the terms that these are sums of, at most 1e-6 of these.

    Raises
    ------
    ArgumentError
        If the model has no outputs, `x` or `y` another shape, or `rtol` is negative.
    DataError
        If X has values that are not finite.
    EvaluationError
        If an output is not finite.

    Examples
    --------
    >>> import homotopy as hp
    >>> net = hp.MLP([1, 2, 1], "relu", bias=False)
    >>> same_function(net, [1.0, -1.0, 2.0, 2.0], [2.0, -4.0, 1.0, 0.5], [[-1.0], [0.0], [1.0]])
    True
    """
    layout, net = require_layout(model), net_of(model)
    a, b = point("x", x, layout), point("y", y, layout)
    inputs = numbers("X", X)
    if not np.isfinite(inputs).all():
        raise DataError("X has values that are not finite")
    tolerance = positive("rtol", rtol, or_zero=True)
    f, g = (outputs(net, at, inputs) for at in (a, b))
    if not (np.isfinite(f).all() and np.isfinite(g).all()):
        raise EvaluationError("an output of the net on X is not finite")
    size = max(np.abs(f).max(initial=0.0), np.abs(g).max(initial=0.0))
    rounding = max(_rounding(net, at, inputs) for at in (a, b))
    return bool(np.abs(f - g).max(initial=0.0) <= tolerance * size + rounding)


def outputs(net: Any, x: Array, X: Array) -> Array:
    """Return the outputs of a net, or of a student with second layer one.

    Raises
    ------
    ArgumentError
        If it is neither, or the inputs have another shape than a student's.
    """
    if hasattr(net, "forward"):
        kind = getattr(net, "dtype", np.float64)
        return np.asarray(net.forward(x.astype(kind), X.astype(kind)), dtype=np.float64)
    if hasattr(net, "rows"):
        if X.ndim != 2 or X.shape[1] != net.d:
            raise ArgumentError(f"X has shape {X.shape}; the student takes (N, {net.d})")
        return np.asarray(np.maximum(X @ net.rows(x).T, 0.0).sum(axis=1))
    raise ArgumentError(f"model is {shown(net)}; it must have forward(x, X), which its outputs come from")


def _rounding(net: Any, x: Array, X: Array) -> float:
    """Return how large rounding may make an error of an output; 0 where the net's layers are not known.

    It is at most 1e-6 of the terms that an output is a sum of: where rounding might do more, as in nets that multiply
    errors from layer to layer, outputs that differ by more count as different.
    """
    if not hasattr(net, "sizes"):
        return 0.0
    act, eps = activation(net.activation), float(np.finfo(getattr(net, "dtype", np.float64)).eps)
    values, error, terms, largest = X, np.zeros_like(X), X, 0.0
    with np.errstate(all="ignore"):
        for weights, bias in net.unpack(x):
            W, b = np.asarray(weights), 0.0 if bias is None else np.asarray(bias)
            terms = np.abs(values) @ np.abs(W).T + np.abs(b)
            error = error @ np.abs(W).T + len(W.T) * eps * terms
            largest, Z = 4.0 * float(error.max(initial=0.0)), values @ W.T + b
            values = act(Z)
            passed = np.maximum(np.abs(act(Z + error) - values), np.abs(act(Z - error) - values))
            # Slopes are at most about 1; saturated units pass less of a small error on.
            error = np.where(error < SMALL, np.minimum(error, passed), error) + eps * np.abs(values)
    return min(largest, ROUNDED * float(terms.max(initial=0.0))) if np.isfinite(largest) else 0.0
