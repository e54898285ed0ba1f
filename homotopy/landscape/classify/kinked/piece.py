"""A smooth piece beside a kink: the same net, its units on or off on the samples that are on kinks."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.objectives.base import Vector

__all__ = ["Piece"]


class Piece:
    """A net with one hidden layer of relu units, which are on or off as said on the samples on kinks: smooth at x.

    Parameters
    ----------
    objective : Objective
        The net on its data.
    samples, units : ndarray of int, shape (m,)
        The pairs that are on kinks.
    on : ndarray of bool, shape (m,)
        Which of them are above zero.
    """

    def __init__(
        self, objective: Any, samples: NDArray[np.intp], units: NDArray[np.intp], on: NDArray[np.bool_]
    ) -> None:
        self.size = int(objective.size)
        self.units, self.outputs = objective.units(), objective.outputs
        self.act, self.l2 = self.units.activation, float(getattr(objective, "l2", 0.0))
        self.X = np.asarray(self.outputs.inputs, dtype=np.float64)
        self.at, self.gates = (samples, units), np.where(on, 1.0, self.act.leak)

    def value_and_grad(self, x: Vector) -> tuple[float, Vector]:
        """Return the value and the gradient."""
        W, b, outgoing, bias = self.units.layers(np.ascontiguousarray(x))
        Z = self.X @ W.T + (0.0 if b is None else b)
        gate = np.where(Z > 0, 1.0, self.act.leak)
        gate[self.at] = self.gates
        H = gate * Z
        inner = H @ outgoing.T + (0.0 if bias is None else bias)
        last = getattr(self.outputs, "last", None)
        out = inner if last is None else np.asarray(last(inner))
        loss, targets = self.outputs.loss, self.outputs.targets
        G = np.asarray(loss.grad(out, targets)) * (1.0 if last is None else np.asarray(last.derivative(inner)))
        D = gate * (G @ outgoing)
        parts = (D.T @ self.X, None if b is None else D.sum(axis=0), G.T @ H, None if bias is None else G.sum(axis=0))
        value = float(loss.value(out, targets)) + 0.5 * self.l2 * float(x @ x)
        return value, np.asarray(self.units.pack(*parts) + self.l2 * x)
