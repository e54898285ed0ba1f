"""Nets with one hidden layer and biases at many points at once: their layers, their outputs."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from homotopy._core import vmath
from homotopy.models.activations import Activation, activation
from homotopy.models.mlp import MLP
from homotopy.objectives.base import Vector

__all__ = ["flat", "layers_of", "outputs_flops", "outputs_of", "packed"]

Array = NDArray[np.float64]

BLOCK = 2**15
"""Outputs of hidden units that are computed at once: 256 KB."""


def layers_of(model: MLP, x: Vector) -> tuple[Array, Array, Array, Array]:
    """Return W (..., h, d), b (..., h), the outgoing weights (..., k, h) and bias (..., k) of points (..., p): views.

    Examples
    --------
    >>> model = MLP([3, 4, 2])
    >>> [part.shape for part in layers_of(model, np.zeros((5, model.size)))]
    [(5, 4, 3), (5, 4), (5, 2, 4), (5, 2)]
    """
    (d, h, k), lead = model.sizes, x.shape[:-1]
    W, b, outgoing, bias = np.split(x, np.cumsum([h * d, h, k * h]), axis=-1)
    return W.reshape(*lead, h, d), b, outgoing.reshape(*lead, k, h), bias


def packed(W: Array, b: Array, outgoing: Array, bias: Array) -> Vector:
    """Return the points (..., p) with these layers: the inverse of `layers_of`."""
    return np.concatenate([flat(W), b, flat(outgoing), bias], axis=-1)


def flat(table: Array) -> Array:
    """Return tables (..., a, b) row by row, shape (..., a b)."""
    return table.reshape(*table.shape[:-2], table.shape[-2] * table.shape[-1])


def outputs_of(model: MLP, x: Vector, X: Array) -> Array:
    """Return the outputs (..., N, k) of nets (..., p) with an identity output on inputs X (N, d).

    Each net's are computed for itself, whatever the others are.
    """
    points = x.reshape(-1, x.shape[-1])
    act, columns = activation(model.activation), np.column_stack([X, np.ones(len(X))])
    out = np.empty((len(points), len(X), model.sizes[2]))
    size = max(1, BLOCK // max(1, len(X) * model.sizes[1]))
    for first in range(0, len(points), size):
        W, b, outgoing, bias = layers_of(model, points[first : first + size])
        hidden = columns @ np.concatenate([W, b[..., None]], axis=-1).swapaxes(-1, -2)
        np.matmul(_activated(act, hidden), outgoing.swapaxes(-1, -2), out=out[first : first + size])
        out[first : first + size] += bias[:, None]
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

    An activation counts 14: it is a pass of its own over the units' outputs.
    """
    d, h, k = model.sizes
    return n_samples * h * (2.0 * d + 14.0 + 2.0 * k)
