"""One unit of a recurrent net replaced by a combination of the others."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from homotopy.objectives.recurrent.blocks import Blocks, Layout
from homotopy.objectives.units.dictionary import NEARLY

__all__ = ["compensation", "first_least", "without"]

Array = NDArray[np.float64]

RIDGE = 1e-6


def compensation(S: Array, weights: Array | None) -> tuple[Array, Array]:
    """Return how units are combinations of the others, and how much of each is none.

    Parameters
    ----------
    S : ndarray of shape (N, h)
        States of the units.
    weights : ndarray of shape (N,) or None
        What each row counts.

    Returns
    -------
    shares : ndarray of shape (h, h + 1)
        Row j is the combination of the other units, and of the constant at its end, that is nearest to unit j; 0 of
        itself. Zero where states are not finite: then nothing is known.
    freedom : ndarray of shape (h,)
        The mean square of what is left of each unit.
    """
    h = S.shape[1]
    share = np.full(len(S), 1.0 / len(S)) if weights is None else weights / weights.sum()
    squares = S.T @ S / len(S) if weights is None else (S.T * share) @ S
    size = np.sqrt(np.diag(squares))
    if not np.isfinite(squares).all():
        return np.zeros((h, h + 1)), np.where(np.isfinite(size), size**2, np.inf)
    gram = np.ones((h + 1, h + 1))
    gram[:h, :h], gram[:h, h] = squares, share @ S
    gram[h, :h] = gram[:h, h]
    size = np.append(np.where(size > 0, size, 1.0), 1.0)
    G = np.linalg.inv(gram / size / size[:, None] + RIDGE * np.eye(h + 1))
    left = 1.0 / np.diag(G)[:h]
    shares = -G[:h] * left[:, None] * size[:h, None] / size
    shares[np.arange(h), np.arange(h)] = 0.0
    return shares, left * size[:h] ** 2


def without(layout: Layout, parts: Blocks, j: int, shares: Array) -> Blocks:
    """Return one point's weights without unit j, whose columns go to the others and to the biases by its shares."""
    share, rest = shares[j, :-1], shares[j, -1]
    W, C = parts["W"], parts["C"]
    out = dict(parts)
    out["W"] = W + W[..., j, None] * share
    out["C"] = C + C[..., j, None] * share
    out["c"] = parts["c"] + C[..., j] * rest
    constant = W[..., j] * rest
    if layout.cell == "gru":  # its candidate receives the state with the bias e, behind the reset gate
        out["e"] = parts["e"] + constant[-1]
        constant[-1] = 0.0
    out["b"] = parts["b"] + constant
    return layout.kept(out, np.arange(C.shape[-1]) != j)


def first_least(cost: Array) -> int:
    """Return the first of the lowest costs but for rounding; the last one where none is a number."""
    known = np.where(np.isfinite(cost), cost, np.inf)
    lowest = known.min()
    if not np.isfinite(lowest):
        return len(cost) - 1
    return int(np.argmax(known <= lowest + NEARLY * abs(lowest)))
