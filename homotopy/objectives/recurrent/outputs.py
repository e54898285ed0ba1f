"""The outputs of a recurrent net at the steps that count."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy._core.rnn import Risk
from homotopy.models.losses import Loss, loss
from homotopy.models.weights import weighted
from homotopy.objectives.base import Vector

__all__ = ["SequenceOutputs"]

Array = NDArray[Any]


class SequenceOutputs:
    """The outputs at the N pairs of sequence and step that count, sequence by sequence, by the model's passes.

    They depend on all inputs up to their step, so there are no ``inputs`` of theirs alone.
    """

    def __init__(self, risk: Any) -> None:
        own = risk.sequences
        self._model, self._state = risk.model, own.compiled_state
        self._X, Y, counts = own.compiled
        self._rows = counts > 0
        shares = counts[self._rows]
        alike = own.weights is None and (shares == shares[0]).all()
        self.loss: Loss = weighted(risk.loss, None if alike else shares)  # weights of sequences are none of its rows
        self.targets: Array = np.ascontiguousarray(Y[self._rows])

    def _spread(self, G: Array) -> Array:
        """Return G with zeros at the steps that do not count, shape (n, T, k)."""
        out = np.zeros((*self._rows.shape, self.targets.shape[1]), dtype=self._model.dtype)
        out[self._rows] = G
        return out

    def forward(self, x: Vector) -> Array:
        """Return the outputs at x, shape (N, k)."""
        return np.asarray(self._model.forward(x, self._X, self._state)[self._rows])

    def jvp(self, x: Vector, v: Vector) -> Array:
        """Return the derivative of the outputs along v, shape (N, k)."""
        return np.asarray(self._model.jvp(x, self._X, v, self._state)[self._rows])

    def vjp(self, x: Vector, G: Array) -> Vector:
        """Return the gradient of the sum of G times the outputs, shape (n,)."""
        return np.asarray(self._model.vjp(x, self._X, self._spread(G), self._state))

    def curvature(self, x: Vector, G: Array, v: Vector) -> Vector:
        """Return the Hessian of the sum of G times the outputs, times v.

        It is that of a squared loss whose residual over N is G, without the Gauss-Newton part.
        """
        far = self._spread(self.forward(x) - len(self.targets) * G)
        counts = self._rows.astype(np.float64)
        other = Risk(self._model, loss("squared").code, self._X, far, counts, 0.0, self._state)
        return np.asarray(other.hessp(x, v) - other.ggnp(x, v))
