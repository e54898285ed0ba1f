"""Linear layers: one representative of all factors of the same product."""

from __future__ import annotations

from functools import reduce
from math import exp, log

import numpy as np
from scipy.linalg import svd

from homotopy.errors import EvaluationError
from homotopy.landscape.symmetry.group.layout import Array, Layout

__all__ = ["gauged", "turned_near"]

CUT = 1e-12
"""Singular values of the product below this share of what the factors could make are rounding."""
_MOST_SWEEPS = 100


def gauged(layout: Layout, x: Array) -> Array:
    r"""Return the balanced factors of a linear chain's product, hidden biases all in the last layer, shape (n,).

    Notes
    -----
    With the product :math:`P = U S V^T` of L layers and one orthogonal Q the factors are
    :math:`Q^T S^{1/L} V^T`, then :math:`Q^T S^{1/L} Q`, at last :math:`U S^{1/L} Q`. They have the least norm of all
    factors of P. Q makes the first factor an echelon form with pivots as in a pivoted Cholesky decomposition of
    :math:`(P^T P)^{1/L}`: the factors depend on this matrix alone, also where singular values are equal.
    """
    out = np.zeros_like(x)
    weights = [x[w] for w, _ in layout.layers]
    sizes = [float(np.abs(w).max(initial=0.0)) for w in weights]
    _put_bias(layout, x, out)
    if len(weights) == 1:
        out[layout.layers[0][0]] = weights[0]
        return out
    if not min(sizes) > 0.0:
        return out
    plain = [w / size for w, size in zip(weights, sizes, strict=True)]
    unit = exp(sum(map(log, sizes)) / len(sizes))
    left, s, right = svd(reduce(lambda a, b: b @ a, plain), full_matrices=False)
    most = min(s.size, *layout.widths)
    rank = min(int((s > CUT * np.prod([np.linalg.norm(w, 2) for w in plain])).sum()), most)
    root = s[:rank] ** (1.0 / len(plain))
    Q = _echelon(root[:, None] * right[:rank])
    factors = [Q.T @ (root[:, None] * right[:rank])]
    factors += [Q.T @ (root[:, None] * Q)] * (len(plain) - 2)
    factors += [(left[:, :rank] * root) @ Q]
    for (index, _), factor in zip(layout.layers, factors, strict=True):
        out[index[: factor.shape[0], : factor.shape[1]]] = unit * factor
    return out


def _put_bias(layout: Layout, x: Array, out: Array) -> None:
    """Put the biases, as they reach the outputs, into the last layer's."""
    total: Array | None = None
    for weights, bias in layout.layers:
        with np.errstate(over="ignore", invalid="ignore"):
            carried = None if total is None else x[weights] @ total
        total = carried if bias is None else x[bias] + (0.0 if carried is None else carried)
    last = layout.layers[-1][1]
    if last is not None and total is not None:
        if not np.isfinite(total).all():
            raise EvaluationError("the outputs of the linear net at 0 are not finite")
        out[last] = total


def _echelon(rows: Array) -> Array:
    """Return the orthogonal Q for which Q' rows is triangular in pivot columns, with positive pivots."""
    left, basis = rows.copy(), np.zeros((len(rows), 0))
    for _ in range(len(rows)):
        squares = (left**2).sum(axis=0)
        pivot = int(np.argmax(squares >= (1.0 - 1e-6) * squares.max()))  # the first of those that rounding may mix up
        new = left[:, pivot]
        for _ in range(2):
            new = new - basis @ (basis.T @ new)
        new = new / np.linalg.norm(new)
        basis = np.column_stack([basis, new])
        left = left - np.outer(new, new @ left)
    return basis


def turned_near(layout: Layout, x: Array, y: Array) -> Array:
    """Return y with each hidden layer rotated, so that it lies near x; nearest for one hidden layer.

    Notes
    -----
    One layer's rotation is an orthogonal Procrustes problem (P. H. Schönemann, Psychometrika 31, 1966); several are
    solved in turn until nothing improves.
    """
    best, length = y, float(np.linalg.norm(x - y))
    for _ in range(1 if len(layout.widths) == 1 else _MOST_SWEEPS):
        before = length
        for k in range(len(layout.widths)):
            (come, bias), (go, _) = layout.layers[k], layout.layers[k + 1]
            a, b = (np.hstack([v[come], v[go].T]) for v in (x, best))
            U, _, Vt = svd(a @ b.T)
            turn, tried = U @ Vt, best.copy()
            tried[come], tried[go] = turn @ best[come], best[go] @ turn.T
            if bias is not None:
                tried[bias] = turn @ best[bias]
            new = float(np.linalg.norm(x - tried))
            if new < length:
                best, length = tried, new
        if not length < before * (1.0 - 1e-12):
            break
    return best
