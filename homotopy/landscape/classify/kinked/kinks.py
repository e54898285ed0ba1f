"""Where a net with one hidden layer of relu units is not smooth: pre-activations that vanish on samples."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.landscape.classify.kinked.piece import Piece
from homotopy.objectives.base import Vector
from homotopy.objectives.facets import lacking

__all__ = ["VANISHES", "Kinks", "at_kinks", "kinks_of", "vanishing"]

Matrix = NDArray[np.float64]
VANISHES = 1e-9
"""What is below this part of what it is a sum of is zero."""
SMALL = 1e-3
"""An outgoing weight below this part of the largest weight counts as this much where the size of slopes is asked."""


@dataclass(frozen=True)
class Kinks:
    r"""The m pairs of a unit and a sample whose pre-activation a.y vanishes at y = x, and what the slopes there are.

    Attributes
    ----------
    units, samples : ndarray of int, shape (m,)
        The pairs.
    normals : ndarray of shape (m, n)
        a of each: the sample and a one, at the weights and the bias of the unit.
    jumps : ndarray of shape (m,)
        By how much the slope in the pre-activation is larger above zero than below.
    base : ndarray of shape (n,)
        The gradient if all of them were below zero.
    scale : ndarray of shape (n,)
        The size of the terms of which each entry of the gradient is a sum.
    others : ndarray of shape (q, n)
        The normals of all other pairs, each over its pre-activation.

    Notes
    -----
    The derivative of the objective along d is :math:`b \cdot d + \sum_l j_l \max(0, a_l \cdot d)`, exactly.
    """

    units: NDArray[np.intp]
    samples: NDArray[np.intp]
    normals: Matrix
    jumps: Vector
    base: Vector
    scale: Vector
    others: Matrix

    @property
    def reach(self) -> float:
        """The distance from x to the nearest other kink."""
        return float(1.0 / np.linalg.norm(self.others, axis=1).max()) if len(self.others) else np.inf

    def scaled(self, scale: Vector) -> Kinks:
        """Return the kinks in the variables z = x / scale."""
        changed = {name: getattr(self, name) * scale for name in ("normals", "base", "scale", "others")}
        return replace(self, **changed)

    def slope(self, d: Vector) -> float:
        """Return the derivative along a direction."""
        return float(self.base @ d + self.jumps @ np.maximum(0.0, self.normals @ d))


def at_kinks(count: int) -> str:
    """Return in words that a point is at so many kinks."""
    return f"at {count} kink{'s' * (count != 1)}"


def vanishing(Z: Matrix, terms: Matrix) -> NDArray[np.bool_]:
    """Return which pre-activations (n, units) are zero, beside the sizes of their terms or of the unit's usual ones."""
    return np.asarray(np.abs(Z) <= VANISHES * np.maximum(terms, np.median(terms, axis=0)))


def kinks_of(objective: Any, x: Vector) -> Kinks | None:
    """Return the kinks of a net at a point, None where it is not one with a single hidden layer of relu units."""
    if lacking(objective, ("units", "outputs")) is not None:
        return None
    units, outputs = objective.units(), objective.outputs
    act, inputs = getattr(units, "activation", None), np.asarray(getattr(outputs, "inputs", np.zeros(0)))
    if act is None or not act.homogeneous or inputs.ndim != 2 or not hasattr(units, "layers"):
        return None
    W, b, outgoing, bias = units.layers(x)
    X1 = np.column_stack([inputs, np.ones(len(inputs))])
    W1 = np.column_stack([W, np.zeros(len(W)) if b is None else b])
    Z, terms = X1 @ W1.T, np.abs(X1) @ np.abs(W1).T
    lengths = np.linalg.norm(X1 if b is not None else inputs, axis=1)[:, None]
    on = vanishing(Z, terms) & (lengths > 0)
    samples, which = np.nonzero(on)
    G = np.asarray(outputs.loss.grad(outputs.forward(x), outputs.targets), dtype=np.float64)
    G, size = _before_output(outputs, outgoing, bias, act(Z), G)
    # Of each hidden output, and the size of its terms: a descent leaves errors in weights that should be 0.
    pull, pulls = G @ outgoing, size @ (np.abs(outgoing) + SMALL * float(np.abs(x).max()))
    jumps = (1.0 - act.leak) * pull
    normals = np.array([_packed(units, x, int(j), X1[i]) for i, j in zip(samples, which, strict=True)]).reshape(
        -1, x.size
    )
    # The risk's own gradient has the units on or off as rounding would have it.
    base = Piece(objective, samples, which, np.zeros(len(which), dtype=bool)).value_and_grad(x)[1]
    far = np.argwhere(~on & (lengths > 0))
    others = np.array([_packed(units, x, int(j), X1[i]) / Z[i, j] for i, j in far]).reshape(-1, x.size)
    first, last = pulls.T @ np.abs(X1), size.T @ np.abs(act(Z))
    scale = units.pack(first[:, :-1], None if b is None else first[:, -1], last, None if bias is None else size.sum(0))
    scale = scale + float(getattr(objective, "l2", 0.0)) * np.abs(x)
    return Kinks(which, samples, normals, jumps[samples, which], base, scale, others)


def _before_output(outputs: Any, outgoing: Matrix, bias: Any, H: Matrix, G: Matrix) -> tuple[Matrix, Matrix]:
    """Return the gradient in what the output activation is applied to, and the size of what cancels in it."""
    Z = H @ outgoing.T + (0.0 if bias is None else bias)
    last = getattr(outputs, "last", None)
    inner = np.ones_like(Z) if last is None else np.asarray(last.derivative(Z))
    rounding = 1e-10 * (np.abs(Z) + np.abs(np.asarray(outputs.targets, dtype=np.float64))) / len(Z)
    return G * inner, np.abs(G * inner) + rounding


def _packed(units: Any, x: Vector, unit: int, row: Vector) -> Vector:
    """Return the gradient of a unit's pre-activation on a sample (x, 1) in all weights."""
    parts = units.layers(np.zeros(x.size))
    parts[0][unit] = row[:-1]
    if parts[1] is not None:
        parts[1][unit] = row[-1]
    return np.asarray(units.pack(*parts))
