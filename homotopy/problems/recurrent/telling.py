"""What is said of a recurrent net's weights: scores on held-out sequences, and why it may blow up there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from homotopy.doors import door
from homotopy.models.recurrent import RNN
from homotopy.objectives.base import Vector
from homotopy.problems.constant import constant_loss

__all__ = ["Known", "diagnosis", "explained", "spectral_radius"]


def explained(held: Any, x: Vector) -> float:
    """Return R2 on held-out sequences: 1 less the loss over that of the best constant outputs; -inf where it diverges.

    Parameters
    ----------
    held : RecurrentRisk
        The squared loss there, without a penalty.
    x : ndarray of shape (p,)
        The weights.
    """
    with np.errstate(all="ignore"):  # a net that blows up is seen in its score
        found = 1.0 - float(held.value(np.ascontiguousarray(x))) / constant_loss(held)
    return -np.inf if np.isnan(found) else found


@door
def spectral_radius(model: RNN, theta: Vector) -> float:
    """Return the largest modulus of the eigenvalues of a net's recurrent weights; infinite where one is not finite.

    Of a gated cell it is that of the block which makes new states: n of a GRU, g of an LSTM.

    Notes
    -----
    An Elman net whose activation has slopes in [0, 1] may grow without end only where it is above 1; relu nets then do,
    on sequences that keep the units of a growing direction active. It is a hint and no proof: a norm may grow for some
    steps below 1, and saturating units never leave their box.

    Examples
    --------
    >>> net = RNN(1, 2, 1, "relu")
    >>> spectral_radius(net, np.array([0.0, 2.0, 0.5, 0.0, 1.0, 1.0, 0.0, 0.0, 1.0, 1.0, 0.0]))
    1.0
    """
    h = model.n_hidden
    row = {"elman": 0, "gru": 2 * h, "lstm": 2 * h}[model.cell]
    W = np.asarray(model.unpack(np.asarray(theta))["W"], dtype=np.float64)[row : row + h]
    return float(np.abs(np.linalg.eigvals(W)).max()) if np.isfinite(W).all() else np.inf


def diagnosis(model: RNN, theta: Vector) -> str:
    """Return what may be the reason of large losses on held-out sequences."""
    return f"the spectral radius of the recurrent weights is {spectral_radius(model, theta):.3g}"


@dataclass(frozen=True)
class Known:
    """What is known of the sequences of a named problem.

    Attributes
    ----------
    model : RNN
        The net.
    train, test : int
        Sequences that are learned from, and held-out ones.
    n_steps : int
        How long they are.
    every_step : bool
        Whether the loss is that of all steps, or of the last.
    """

    model: RNN
    train: int
    test: int
    n_steps: int
    every_step: bool

    def describe(self) -> str:
        """Return in a line what the data and the net are."""
        where = "at all steps" if self.every_step else "at the last step"
        cell = "" if self.model.cell == "elman" else f" {self.model.cell}"
        return (
            f"{self.train:,} sequences of {self.n_steps:,} steps, {self.test:,} held out; loss {where}; "
            f"{self.model.n_hidden}{cell} {self.model.activation} units"
        )

    def diagnose(self, x: Vector) -> str:
        """Return what may be the reason of large losses on held-out sequences."""
        return diagnosis(self.model, x)
