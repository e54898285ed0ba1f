"""What is known of a problem made from sequences: predictions in their units, scores, and what was done, in a line."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.doors import doors
from homotopy.models.recurrent import RNN
from homotopy.objectives.base import Vector
from homotopy.problems.recurrent.telling import diagnosis
from homotopy.problems.sequences.long import Long, padded
from homotopy.problems.sequences.reading import Reader
from homotopy.tables import Encoding, TargetCoding

__all__ = ["HeldOutSequences", "SequenceData", "answers"]

Floats = NDArray[np.float64]


def answers(model: RNN, x: Vector, X: Floats, lengths: NDArray[np.intp], at: NDArray[np.intp]) -> Floats:
    """Return the outputs of a net at some rows of sequences in the long form, shape (len(at), k).

    Parameters
    ----------
    model : RNN
        The net.
    x : ndarray of shape (p,)
        Its weights.
    X : ndarray of shape (n, T, d)
        Coded inputs, padded.
    lengths : ndarray of shape (n,)
        Steps of each sequence.
    at : ndarray of int
        The rows, counted over the steps of all sequences.
    """
    with np.errstate(all="ignore"):  # a net that blows up is seen in its outputs
        out = np.asarray(model.forward(np.ascontiguousarray(x, dtype=np.float64), X))
    return out[np.arange(X.shape[1]) < lengths[:, None]][at]


@dataclass(frozen=True, eq=False)  # arrays are neither equal nor not
class HeldOutSequences:
    """The score of weights on held-out sequences: the share of right classes, or R2, higher is better.

    Attributes
    ----------
    target : TargetCoding
        What the outputs mean.
    model : RNN
        The net.
    X : ndarray of shape (n, T, d)
        Coded inputs.
    y : ndarray
        Coded targets, one entry for each of `at`.
    lengths, at : ndarray of int
        Steps of each sequence, and the rows that have a target (`answers`).
    """

    target: TargetCoding
    model: RNN
    X: Floats
    y: NDArray[Any]
    lengths: NDArray[np.intp]
    at: NDArray[np.intp]

    def __call__(self, x: Vector) -> float:
        """Return the score of one vector of weights, shape (p,); -inf where R2 has outputs that are not finite."""
        found = answers(self.model, x, self.X, self.lengths, self.at)
        if self.target.loss == "squared" and not np.isfinite(found).all():
            return -np.inf
        return self.target.score(found, self.y)


@doors
@dataclass(frozen=True, eq=False)
class SequenceData:
    """How sequences became a problem; what `Problem.data` holds.

    Attributes
    ----------
    encoding : Encoding
        How inputs are coded.
    target : TargetCoding
        How targets become numbers, and outputs targets.
    model : RNN
        The net.
    reader : Reader
        How sequences are read.
    every_step : bool
        Whether each step has a target, or the last one of a sequence.
    train, test : ndarray of int
        The sequences, or pieces, that are learned from and those held out, counted from 0.
    said : tuple of str
        The parts of `describe`.
    """

    encoding: Encoding
    target: TargetCoding
    model: RNN
    reader: Reader
    every_step: bool
    train: NDArray[np.intp]
    test: NDArray[np.intp]
    said: tuple[str, ...] = ()

    def describe(self) -> str:
        """Return in one line what was done with the sequences."""
        return "; ".join(self.said)

    def diagnose(self, x: Vector) -> str:
        """Return what may be the reason of large losses on held-out sequences."""
        return diagnosis(self.model, x)

    def predict(self, x: Vector, X: Any) -> Any:
        """Return what a net says of sequences, in the units of the targets.

        Parameters
        ----------
        x : ndarray of shape (p,)
            The weights, as a Result has them.
        X : array, list of arrays, table or path
            Sequences as the problem was made of; targets may be among them.

        Returns
        -------
        ndarray or list of ndarray
            Of problems with one target a sequence, shape (n,), or (n, k) with several targets; else one array for each
            sequence, of shape (T_i,) or (T_i, k).

        Raises
        ------
        DataError
            If the sequences cannot be used; the sentence says where and why.

        Warns
        -----
        UserWarning
            If steps have a category that training had not, or further columns are left out.
        """
        long = self.reader.read(X, wants_targets=False)
        begins = long.begins
        at = np.arange(int(long.lengths.sum())) if self.every_step else begins + long.lengths - 1
        found = self.target.decode(self._answers(x, long, at))
        return np.split(found, begins[1:]) if self.every_step else found

    def score(self, x: Vector, X: Any, y: Any = None) -> float:
        """Return the share of right classes, or R2, on sequences with their targets.

        Parameters
        ----------
        x, X
            As for `predict`.
        y : array_like or None
            The targets of arrays; None where X is a table or a file.
        """
        long = self.reader.read(X, y)
        assert long.targets is not None
        return self.target.score(self._answers(x, long, long.at), self.target.encode(long.targets))

    def _answers(self, x: Vector, long: Long, at: NDArray[np.intp]) -> Floats:
        coded, notes = self.encoding.transform(long.inputs, others=self.target.names)
        for note in notes:
            warnings.warn(note, UserWarning, stacklevel=4)
        return answers(self.model, x, padded(coded, long.lengths), long.lengths, at)
