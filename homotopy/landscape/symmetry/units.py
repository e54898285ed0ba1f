"""What leaves a net's function unchanged: swaps of hidden units, and sign flips where the activation is odd."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

from homotopy.doors import door, doors
from homotopy.landscape.symmetry.canonical import labels
from homotopy.landscape.symmetry.group.align import aligned, composed, exact, inverse, settled
from homotopy.landscape.symmetry.group.asked import layout_of, require_layout
from homotopy.landscape.symmetry.group.layout import Array, Layout, moved
from homotopy.models.activations import Activation
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


@doors
class HiddenUnits:
    """Permutations of the units of each hidden layer of a net and, where the activation is odd, their sign flips.

    Parameters
    ----------
    model : Chain, RNN, TeacherStudent or objective
        The net, such as an MLP.

    Attributes
    ----------
    odd : bool
        Whether the activation is odd.

    Raises
    ------
    ArgumentError
        If no hidden units are known of the model.

    Notes
    -----
    With one hidden layer the nearest image is exact: distances between units add up, so that it is a linear assignment.
    With more layers, and of recurrent units, it is a near image: layers are assigned in turn, from several starts,
    until nothing improves. The image of a symmetric copy of x is x to rounding.
    """

    def __init__(self, model: Any) -> None:
        self.model, self._layout = model, require_layout(model).isometries()
        self.odd = self._layout.turns

    def nearest(self, x: Vector, known: Vector) -> Vector:
        """Return the image of `known` nearest to x."""
        layout, at, other = self._layout, np.asarray(x, dtype=np.float64), np.array(known)
        unit = float(np.abs(at).max(initial=0.0) + np.abs(other).max(initial=0.0))
        if not 0.0 < unit < np.inf:  # nowhere, or both at 0
            return other
        a, b = at / unit, other / unit  # no square overflows, or vanishes beside the largest
        moves = aligned(layout, a, b)
        if not exact(layout) and _may_be_copies(a, b):
            start = composed(labels(layout, b), inverse(labels(layout, a)))
            moves.append(settled(layout, a, b, start))
        images = [moved(layout, other, move) for move in moves]
        return min(images, key=lambda image: float(np.linalg.norm(a - image / unit)))


def _may_be_copies(x: Array, y: Array) -> bool:
    """Return whether two points have the same weights up to order, signs and some rounding."""
    a, b = np.sort(np.abs(x)), np.sort(np.abs(y))
    return bool(np.abs(a - b).max(initial=0.0) <= 1e-6 * a.max(initial=0.0))


@door
def symmetries_of(objective: Any) -> Symmetries | None:
    """Return an objective's own ``symmetries``, or those of its net's hidden units; None where none are known."""
    own = getattr(objective, "symmetries", None)
    if own is not None:
        return own() if callable(own) else own  # type: ignore[no-any-return]
    layout: Layout | None = layout_of(objective)
    return HiddenUnits(objective) if layout is not None and layout.widths else None
