"""The cells of recurrent nets: what weights they have, how these are drawn, what a step costs."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy._core.mlp import activation_flops
from homotopy._core.rnn import cells
from homotopy.models.activations import activation

__all__ = ["BLOCKS", "CARRIED", "STARTS", "recurrent_weights", "shapes_of", "step_flops"]

BLOCKS = {"elman": 1, "gru": 3, "lstm": 4}
"""Every cell, and how many blocks of h rows its W, U and b have; the order is that of their codes."""
CARRIED = {"elman": 1, "gru": 1, "lstm": 2}
"""How many vectors of h numbers go from step to step: an LSTM carries its cell behind its hidden state."""
STARTS = ("normal", "orthogonal", "identity", "zero")
"""How recurrent weights may be drawn."""

if list(BLOCKS) != cells():
    raise ImportError(
        f"cells are {cells()} in ext/recurrent and {list(BLOCKS)} in homotopy/models; they must be the same"
    )


def shapes_of(sizes: tuple[int, ...], cell: str, *, learned: bool) -> dict[str, tuple[int, ...]]:
    """Return the shapes of the parts of theta, by their names and in their order, for sizes (d, h, k).

    Examples
    --------
    >>> shapes_of((2, 3, 1), "gru", learned=True)
    {'W': (9, 3), 'U': (9, 2), 'b': (9,), 'e': (3,), 'C': (1, 3), 'c': (1,), 'h0': (3,)}
    """
    d, h, k = sizes
    rows = BLOCKS[cell] * h
    shapes: dict[str, tuple[int, ...]] = {"W": (rows, h), "U": (rows, d), "b": (rows,)}
    if cell == "gru":
        shapes["e"] = (h,)
    shapes.update(C=(k, h), c=(k,))
    if learned:
        shapes["h0"] = (CARRIED[cell] * h,)
    return shapes


def recurrent_weights(kind: str, h: int, rng: np.random.Generator) -> NDArray[Any]:
    """Return a block of recurrent weights of one of the kinds of `STARTS`, shape (h, h)."""
    if kind == "identity":
        return np.eye(h)
    if kind == "zero":
        return np.zeros((h, h))
    normal = rng.standard_normal((h, h))
    if kind == "normal":
        return normal / math.sqrt(h)
    Q, R = np.linalg.qr(normal)
    return np.asarray(Q * np.where(np.diag(R) < 0, -1.0, 1.0))  # the signs make it uniform over rotations


def step_flops(sizes: tuple[int, ...], cell: str, act: str) -> float:
    """Return the operations of one step, forward and backward, without its outputs."""
    d, h, _ = sizes
    gate, tanh = (activation_flops(activation(name).code) for name in ("logistic", "tanh"))
    own = {"elman": activation_flops(activation(act).code), "gru": 2 * gate + tanh, "lstm": 3 * gate + 2 * tanh}
    return BLOCKS[cell] * h * (6.0 * h + 4.0 * d + 2.0) + h * own[cell]
