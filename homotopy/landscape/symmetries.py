"""What leaves a net's function unchanged: swaps of hidden units, and sign flips where the activation is odd."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from scipy.optimize import linear_sum_assignment

from homotopy.models.mlp import MLP
from homotopy.objectives.base import Vector

__all__ = ["HiddenUnits", "Symmetries", "symmetries_of"]

_ODD = ("tanh", "erf", "sin", "identity")


class Symmetries(Protocol):
    """A group that acts on points without changing the objective."""

    def nearest(self, x: Vector, known: Vector) -> Vector:
        """Return the image of `known` that lies nearest to x, shape (n,)."""


class HiddenUnits:
    """Permutations of the units of each hidden layer of an MLP and, where the activation is odd, their sign flips.

    Parameters
    ----------
    model : MLP
        The net.

    Notes
    -----
    With one hidden layer the nearest image is exact: distances between units add up, so that it is a linear assignment.
    With more layers they are aligned one after the other, from the input on, which gives a near image.
    """

    def __init__(self, model: MLP) -> None:
        self.model = model
        name = getattr(model.activation, "name", model.activation)
        self.odd = str(name) in _ODD

    def nearest(self, x: Vector, known: Vector) -> Vector:
        """Return the image of `known` nearest to x."""
        mine = [_unit(layer) for layer in self.model.unpack(np.ascontiguousarray(x))]
        other: list[tuple[Any, Any]] = [
            (w.copy(), None if b is None else b.copy()) for w, b in self.model.unpack(np.ascontiguousarray(known))
        ]
        for k in range(len(other) - 1):
            ours = np.hstack([mine[k], self.model.unpack(x)[k + 1][0].T])
            theirs = np.hstack([_unit(other[k]), other[k + 1][0].T])
            plus = ((ours[:, None, :] - theirs[None, :, :]) ** 2).sum(axis=-1)
            minus = ((ours[:, None, :] + theirs[None, :, :]) ** 2).sum(axis=-1) if self.odd else plus
            rows, columns = linear_sum_assignment(np.minimum(plus, minus))
            signs = np.where(minus[rows, columns] < plus[rows, columns], -1.0, 1.0)
            w, b = other[k]
            other[k] = (signs[:, None] * w[columns], None if b is None else signs * b[columns])
            w, b = other[k + 1]
            other[k + 1] = (w[:, columns] * signs, b)
        return np.asarray(self.model.pack(other))


def _unit(layer: tuple[Any, Any]) -> Vector:
    """Return the rows of a layer with its biases, one row a unit."""
    w, b = layer
    return np.asarray(w if b is None else np.hstack([w, b[:, None]]))


def symmetries_of(objective: Any) -> Symmetries | None:
    """Return an objective's own ``symmetries``, or those of its MLP; None where it has neither."""
    own = getattr(objective, "symmetries", None)
    if own is not None:
        return own() if callable(own) else own  # type: ignore[no-any-return]
    model = getattr(objective, "model", None)
    return HiddenUnits(model) if isinstance(model, MLP) and len(model.sizes) > 2 else None
