"""One representative of all symmetric copies of a point, and how many copies there are.

What leaves the function of a net unchanged, for each hidden layer:

- permutations of its units, with their incoming and outgoing weights: n! copies for n units;
- sign flips of its units where act(-z) = -act(z) (tanh, erf, sin): 2^n times as many copies. A gated recurrent unit
  turns with its candidate, while its gates stay;
- flips that add c times the outgoing weights to the biases that follow, where act(z) + act(-z) = c (logistic). They
  leave the *function* unchanged and not the norm of x, so that a penalty is no longer the same;
- positive scalings where act(c z) = c act(z) (relu, leaky relu);
- any invertible mixing of linear units of a chain; of linear recurrent units permutations and flips alone are known.

The softmax loss without a penalty sees differences of outputs only: of its objectives the outputs' weights are taken
less their mean over outputs. That sin has a period is not made use of.
"""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.arguments import positive
from homotopy.doors import door
from homotopy.landscape.symmetry.group.asked import point, require_layout
from homotopy.landscape.symmetry.group.balance import balanced
from homotopy.landscape.symmetry.group.gauge import gauged
from homotopy.landscape.symmetry.group.layout import Array, Layout, Move, moved
from homotopy.landscape.symmetry.group.refine import Tables, ranked
from homotopy.landscape.symmetry.group.search import labelled
from homotopy.threads import one_blas_thread

__all__ = ["canonical", "centered", "labels", "orbit_size", "seen"]

ROUNDING = 1e-12
"""How far, relative to them, balanced weights and centered biases of two copies may differ by rounding."""


@door
@one_blas_thread
def canonical(model: Any, x: Any) -> NDArray[Any]:
    r"""Return the representative of a point's symmetric copies: equal for all of them, shape (n,).

    Parameters
    ----------
    model : MLP, RNN, TeacherStudent, objective or Problem
        A net of dense layers, a recurrent net, a student of fixed second layer, or an objective on one. An objective
        with a penalty (its `l2`) has only those of the symmetries below that keep the norm.
    x : array_like of shape (n,)
        The weights.

    Returns
    -------
    ndarray of shape (n,)
        In the dtype of `x` (float64 for integers). For permutations and sign flips it has x's entries, moved, with
        other signs, bit for bit the same for all copies; otherwise the same to rounding. -0.0 becomes 0.0.

    Raises
    ------
    ArgumentError
        If the model has no known symmetries, or `x` another shape or entries that are not finite.
    EvaluationError
        If the biases of a linear net are too large to be put together.

    Notes
    -----
    The symmetries are those of this module's docstring. Units are ordered by their weights as words are in a
    dictionary, and their first weight other than 0 is positive; ties that only another layer tells apart are searched
    through. Scaled units are balanced, the norm of x then being least, and units that add nothing have weights 0.
    Linear layers are the balanced factors of their product, hidden biases in the last layer: factors with one product,
    and one total bias, are all taken for copies.

    Examples
    --------
    Swap the two hidden units of a net, and the function is unchanged: n hidden units have n! copies of each minimum.

    >>> import numpy as np
    >>> import homotopy as hp
    >>> from homotopy.landscape import canonical, distance, orbit_size, same_function
    >>> net = hp.MLP([2, 2, 1], bias=False)
    >>> x = net.pack([([[-1.5, 2.0], [1.7, 0.4]], None), ([[2.3, 0.8]], None)])
    >>> swapped = net.pack([([[1.7, 0.4], [-1.5, 2.0]], None), ([[0.8, 2.3]], None)])
    >>> same_function(net, x, swapped, np.random.default_rng(0).standard_normal((20, 2)))
    True
    >>> canonical(net, x)
    array([ 1.5, -2. ,  1.7,  0.4, -2.3,  0.8])
    >>> bool((canonical(net, x) == canonical(net, swapped)).all()), distance(net, x, swapped)
    (True, 0.0)

    With relu units there are 2! = 2 copies; the signs of tanh units make them 2! 2^2 = 8.

    >>> orbit_size(hp.MLP([2, 2, 1], "relu", bias=False), x), orbit_size(net, x)
    (2, 8)
    """
    layout = require_layout(model)
    at = seen(layout, point("x", x, layout))
    if layout.linear:
        found = gauged(layout, at)
    else:
        at = balanced(layout, at)
        found = moved(layout, at, labels(layout, at))
    return np.asarray(found + 0.0, dtype=_dtype(x))


@door
@one_blas_thread
def orbit_size(model: Any, x: Any, *, rtol: float = 1e-9) -> int:
    r"""Return how many different points the permutations and sign flips of hidden units make of one.

    Parameters
    ----------
    model : MLP, RNN, TeacherStudent or objective
        As in `canonical`.
    x : array_like of shape (n,)
        The weights.
    rtol : float
        Weights that differ by no more than this times the largest one count as equal, so that a point found to rounding
        has the symmetries of the exact one; 0 for bit for bit.

    Returns
    -------
    int
        The order of the group over that of the stabilizer: :math:`\prod_l n_l!\, 2^{n_l}` (without the powers where
        units have no sign flips) for layers of n_l different units, less where units are equal or 0.

    Raises
    ------
    ArgumentError
        As in `canonical`, or if `rtol` is negative or not finite.
    """
    layout = require_layout(model)
    at = point("x", x, layout)
    slack = positive("rtol", rtol, or_zero=True) * float(np.abs(at).max(initial=0.0))
    still = labelled(_tables(layout, at, slack)).order
    return prod(layout.n_moves) // still


def labels(layout: Layout, x: Array) -> Move:
    """Return the move that makes the representative of x, which is balanced where units have scales."""
    return labelled(_tables(layout, x, 0.0)).move


def seen(layout: Layout, x: Array) -> Array:
    """Return x less what the objective does not see of the outputs."""
    if layout.gauge is None:
        return x
    out = x.copy()
    for index in layout.layers[-1]:
        if index is not None:
            rows = np.ascontiguousarray(x[index].T)
            kept = layout.gauge(rows)
            nothing = np.abs(kept) <= 4e-16 * rows.shape[-1] * np.abs(rows).max(axis=-1, keepdims=True, initial=0.0)
            out[index] = np.where(nothing, 0.0, kept).T
    return out


def centered(layout: Layout, x: Array) -> Array:
    """Return x with biases for activations act - c/2, which are odd where act(z) + act(-z) = c: flips are of signs."""
    if not layout.constant:
        return x
    out = x.copy()
    for weights, bias in layout.layers[1:]:
        out[bias] += 0.5 * layout.constant * x[weights].sum(axis=1)
    return out


def _tables(layout: Layout, x: Array, slack: float) -> Tables:
    """Return the ranks of weights; those that differ by rounding, or by no more than `slack`, are equal."""
    at = centered(layout, x)
    loose = np.full(layout.size, slack)
    if layout.scales:
        loose = np.maximum(loose, ROUNDING * np.abs(x))
    if layout.gauge is not None:
        weights = layout.layers[-1][0]
        loose[weights] = np.maximum(loose[weights], ROUNDING * np.abs(x[weights]).max(axis=0, initial=0.0))
    if layout.constant:
        for weights, bias in layout.layers[1:]:
            terms = np.abs(x[bias]) + 0.5 * abs(layout.constant) * np.abs(x[weights]).sum(axis=1)
            loose[bias] = np.maximum(loose[bias], ROUNDING * terms)
    return Tables(layout, [ranked(at[piece.index], loose[piece.index]) for piece in layout.pieces])


def _dtype(x: Any) -> Any:
    """Return the dtype of the answer."""
    kind = getattr(x, "dtype", np.dtype(np.float64))
    return kind if kind in (np.dtype(np.float32), np.dtype(np.float64)) else np.dtype(np.float64)
