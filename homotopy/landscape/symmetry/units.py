"""What leaves a net's function unchanged: swaps of hidden units, and sign flips where the activation is odd."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Protocol

import numpy as np
import scipy

from homotopy.models.activations import Activation, activation
from homotopy.objectives.base import Vector

__all__ = ["Chain", "HiddenUnits", "Symmetries", "symmetries_of"]


class Symmetries(Protocol):
    """A group that acts on points without changing the objective."""

    def nearest(self, x: Vector, known: Vector) -> Vector:
        """Return the image of `known` that lies nearest to x, shape (n,)."""


class Chain(Protocol):
    """What a net says of itself if it is a chain of dense layers, each acting on the one before and on nothing else."""

    size: int  # the number of weights
    sizes: Sequence[int]  # inputs, hidden units of each layer, outputs
    activation: str | Activation  # of every hidden layer

    def unpack(self, theta: Any) -> list[tuple[Any, Any]]:
        """Return (W, b) of each layer, W of shape (n_out, n_in), b of shape (n_out,) or None."""

    def pack(self, layers: list[tuple[Any, Any]]) -> Any:
        """Return the weights of these layers."""


class HiddenUnits:
    """Permutations of the units of each hidden layer of a net and, where the activation is odd, their sign flips.

    Parameters
    ----------
    model : Chain
        The net, such as an MLP.

    Attributes
    ----------
    odd : bool
        Whether the activation is odd.

    Notes
    -----
    With one hidden layer the nearest image is exact: distances between units add up, so that it is a linear assignment.
    With more layers they are aligned one after the other, from the input on, which gives a near image.
    """

    def __init__(self, model: Chain) -> None:
        self.model, act = model, activation(model.activation)
        z = np.linspace(0.1, 3.0, 7)  # it is asked at a few places
        self.odd = bool(np.allclose(act(-z), -act(z), rtol=1e-12, atol=0.0))

    def nearest(self, x: Vector, known: Vector) -> Vector:
        """Return the image of `known` nearest to x."""
        mine = [_unit(layer) for layer in self.model.unpack(np.ascontiguousarray(x))]
        other = list(self.model.unpack(np.array(known)))
        for k in range(len(other) - 1):
            ours = np.hstack([mine[k], self.model.unpack(x)[k + 1][0].T])
            theirs = np.hstack([_unit(other[k]), other[k + 1][0].T])
            plus = ((ours[:, None, :] - theirs[None, :, :]) ** 2).sum(axis=-1)
            minus = ((ours[:, None, :] + theirs[None, :, :]) ** 2).sum(axis=-1) if self.odd else plus
            unit, image = scipy.optimize.linear_sum_assignment(np.minimum(plus, minus))
            signs = np.where(minus[unit, image] < plus[unit, image], -1.0, 1.0)
            w, b = other[k]
            other[k] = (signs[:, None] * w[image], None if b is None else signs * b[image])
            w, b = other[k + 1]
            other[k + 1] = (w[:, image] * signs, b)
        return np.asarray(self.model.pack(other))


def _unit(layer: tuple[Any, Any]) -> Vector:
    """Return the weights of a layer with its biases, one row a unit."""
    w, b = layer
    return np.asarray(w if b is None else np.hstack([w, b[:, None]]))


def _is_chain(model: Any) -> bool:
    """Return whether a model offers what a `Chain` does, and its weights are those of its layers and no others."""
    sizes = getattr(model, "sizes", ())
    if len(sizes) < 3 or not all(hasattr(model, name) for name in ("size", "activation", "unpack", "pack")):
        return False
    try:
        shapes = [np.shape(w) for w, _ in model.unpack(np.zeros(model.size))]
    except (TypeError, ValueError):  # a list of something else
        return False
    return shapes == [(n_out, n_in) for n_in, n_out in pairwise(sizes)]


def symmetries_of(objective: Any) -> Symmetries | None:
    """Return an objective's own ``symmetries``, or those of its net's hidden units; None where none are known."""
    own = getattr(objective, "symmetries", None)
    if own is not None:
        return own() if callable(own) else own  # type: ignore[no-any-return]
    model = getattr(objective, "model", None)
    return HiddenUnits(model) if model is not None and _is_chain(model) else None
