"""Nets with one hidden layer at many points at once: their layers, their outputs."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy._core import vmath
from homotopy.errors import ArgumentError
from homotopy.models.activations import Activation, activation
from homotopy.models.mlp import MLP
from homotopy.objectives.base import Vector

__all__ = ["count_of", "flat", "layers_of", "outputs_flops", "outputs_of", "packed"]

Array = NDArray[np.float64]

BLOCK = 2**15
"""Outputs of hidden units that are computed at once: 256 KB."""


def count_of(x: Vector, d: int, k: int, *, bias: bool = True) -> int:
    """Return the number of hidden units of nets (..., p) from d inputs to k outputs.

    Raises
    ------
    ArgumentError
        If no number of units has as many variables.
    """
    count, rest = divmod(x.shape[-1] - bias * k, d + bias + k)
    if count < 0 or rest:
        raise ArgumentError(
            f"x has {x.shape[-1]} numbers; a net from {d} inputs to {k} outputs has {d + bias + k} for each hidden "
            f"unit{f' and {k} more' if bias else ''}"
        )
    return int(count)


def layers_of(x: Vector, d: int, k: int, *, bias: bool = True) -> tuple[Array, Any, Array, Any]:
    """Return W (..., h, d), b (..., h), outgoing weights (..., k, h) and output bias (..., k) of nets (..., p): views.

    Without biases b and the output bias are None.

    Examples
    --------
    >>> [part.shape for part in layers_of(np.zeros((5, 26)), 3, 2)]
    [(5, 4, 3), (5, 4), (5, 2, 4), (5, 2)]
    """
    h, lead = count_of(x, d, k, bias=bias), x.shape[:-1]
    at = h * d + h * bias
    W, outgoing = x[..., : h * d].reshape(*lead, h, d), x[..., at : at + k * h].reshape(*lead, k, h)
    return (W, x[..., h * d : at], outgoing, x[..., -k:]) if bias else (W, None, outgoing, None)


def packed(W: Array, b: Any, outgoing: Array, bias: Any) -> Vector:
    """Return the nets (..., p) with these layers: the inverse of `layers_of`."""
    return np.concatenate([part for part in (flat(W), b, flat(outgoing), bias) if part is not None], axis=-1)


def flat(table: Array) -> Array:
    """Return tables (..., a, b) row by row, shape (..., a b)."""
    return table.reshape(*table.shape[:-2], table.shape[-2] * table.shape[-1])


def outputs_of(model: MLP, x: Vector, X: Array) -> Array:
    """Return the outputs (..., N, k) of nets (..., p) with biases and an identity output on inputs X (N, d).

    Each net's are computed for itself, whatever the others are.
    """
    points = x.reshape(-1, x.shape[-1])
    act, columns = activation(model.activation), np.vstack([X.T, np.ones(len(X))])
    out = np.empty((len(points), len(X), model.sizes[2]))
    size = max(1, BLOCK // max(1, len(X) * model.sizes[1]))
    for first in range(0, len(points), size):
        W, b, outgoing, bias = layers_of(points[first : first + size], model.sizes[0], model.sizes[2])
        hidden = np.concatenate([W, b[..., None]], axis=-1) @ columns  # units by samples: long rows
        values = outgoing @ _activated(act, hidden)
        values += bias[..., None]
        out[first : first + size] = values.swapaxes(-1, -2)
    return out.reshape(*x.shape[:-1], *out.shape[1:])


def _activated(act: Activation, z: Array) -> Array:
    """Return the units' outputs, by vectors and in place where that can be; z may be overwritten."""
    if act.homogeneous:
        return np.maximum(z, act.leak * z if act.leak else 0.0, out=z)
    if act.name == "softplus":
        return vmath.apply("softplus", z)
    if act.name == "gelu":
        return 0.5 * z * (1.0 + vmath.apply("erf", z * math.sqrt(0.5)))
    return np.asarray(act(z))


def outputs_flops(model: MLP, n_samples: int) -> float:
    """Return the flops of one net's outputs on so many samples.

    An activation counts 12 more than in the kernels: it is a pass of its own over the units' outputs.
    """
    d, h, k = model.sizes
    return n_samples * h * (2.0 * d + 12.0 + activation(model.activation).flops + 2.0 * k)
