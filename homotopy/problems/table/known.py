"""What a problem made from a table knows of it: predictions in the table's units, and what was done, in a line."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.arguments import shown
from homotopy.doors import doors
from homotopy.errors import ArgumentError
from homotopy.models.mlp import MLP
from homotopy.objectives.base import Vector
from homotopy.tables import Encoding, TargetCoding, frame_of, read_table
from homotopy.tables.taking import is_path

__all__ = ["HeldOut", "TableData"]

VERSION = 1
Floats = NDArray[np.float64]


@doors
@dataclass(frozen=True, eq=False)  # arrays are neither equal nor not
class HeldOut:
    """The score of weights on held-out rows: the share of right classes, or R2, higher is better.

    Attributes
    ----------
    target : TargetCoding
        What the outputs mean.
    model : MLP
        The net.
    X, y : ndarray
        Coded inputs, shape (n, d), and targets of the rows.
    weights : ndarray of shape (n,) or None
        What they count.
    """

    target: TargetCoding
    model: MLP
    X: Floats
    y: NDArray[Any]
    weights: Floats | None = None

    def __call__(self, x: Vector) -> float:
        """Return the score of one vector of weights, shape (p,)."""
        return self.target.score(
            self.model.forward(np.ascontiguousarray(x, dtype=np.float64), self.X), self.y, self.weights
        )


@doors
@dataclass(frozen=True, eq=False)  # arrays are neither equal nor not
class TableData:
    """How a table became a problem; what `Problem.data` holds.

    Attributes
    ----------
    encoding : Encoding
        How columns become inputs.
    target : TargetCoding
        How targets become numbers, and outputs targets.
    model : MLP
        The net.
    train, test : ndarray of int
        The rows of the table that are learned from and those held out, counted from 0.
    weights : ndarray or None
        What the rows that are learned from count.
    options : tuple of (str, str)
        How a file is read: its delimiter and decimal mark, where they were given.
    said : tuple of str
        The parts of `describe`.
    """

    encoding: Encoding
    target: TargetCoding
    model: MLP
    train: NDArray[np.intp]
    test: NDArray[np.intp]
    weights: Floats | None = None
    options: tuple[tuple[str, str], ...] = ()
    said: tuple[str, ...] = ()

    def describe(self) -> str:
        """Return in one line what was done with the table."""
        return "; ".join(self.said)

    def outputs(self, x: Vector, X: Any) -> Floats:
        """Return the raw outputs of the net, shape (n, k), on rows of a table.

        Parameters
        ----------
        x : ndarray of shape (p,)
            The weights of the net.
        X : ndarray, list of rows, DataFrame or path
            Rows with the columns of the table, in any order where they have names; the target may be among them.

        Raises
        ------
        DataError
            If a column is not there or a cell cannot be used; the sentence names it.

        Warns
        -----
        UserWarning
            If rows have a category that training had not, or further columns are left out.
        """
        coded, notes = self.encoding.transform(self._frame(X), others=self.target.names)
        for note in notes:
            warnings.warn(note, UserWarning, stacklevel=5)
        return np.asarray(self.model.forward(np.ascontiguousarray(x, dtype=np.float64), coded), dtype=np.float64)

    def predict(self, x: Vector, X: Any) -> NDArray[Any]:
        """Return numbers in the table's units, or labels of classes, shape (n,) or with several targets (n, k).

        Parameters
        ----------
        x : ndarray of shape (p,)
            The weights of the net, as a Result has them.
        X : ndarray, list of rows, DataFrame or path
            As for `outputs`, which says what is refused.
        """
        return self.target.decode(self.outputs(x, X))

    def predict_proba(self, x: Vector, X: Any) -> Floats:
        """Return the probabilities of classes, shape (n, classes), or of several targets' second classes.

        Parameters
        ----------
        x, X
            As for `predict`; targets that are numbers raise ArgumentError.
        """
        return self.target.probabilities(self.outputs(x, X))

    def score(self, x: Vector, X: Any, y: Any = None) -> float:
        """Return the share of right classes, or R2, on rows of a table; NaN where R2 is of equal targets.

        Parameters
        ----------
        x, X
            As for `predict`.
        y : array_like, DataFrame or None
            The true targets; by default the columns of X that are called so.
        """
        frame = self._frame(X)
        truth = frame if y is None else frame_of(y, self.target.names[0])
        return self.target.score(self.outputs(x, frame), self.target.encode(truth))

    def to_dict(self) -> dict[str, Any]:
        """Return what predictions need, as numbers, texts, lists and dictionaries, as JSON has them."""
        net = {"sizes": list(self.model.sizes), "activation": self.model.activation}
        parts = {"encoding": self.encoding.to_dict(), "target": self.target.to_dict(), "net": net}
        return {"version": VERSION, **parts, "options": dict(self.options), "said": list(self.said)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> TableData:
        """Return what `to_dict` wrote down; it knows no rows.

        Raises
        ------
        ArgumentError
            If it is nothing of this version, or a part of it is not.
        """
        if not isinstance(data, Mapping) or data.get("version") != VERSION:
            raise ArgumentError(
                f"what is known of a table must be a dictionary of version {VERSION}, not {shown(data)}"
            )
        try:
            net, options = data["net"], tuple((str(key), str(value)) for key, value in data["options"].items())
            encoding, target = Encoding.from_dict(data["encoding"]), TargetCoding.from_dict(data["target"])
            model, said = MLP(net["sizes"], net["activation"]), tuple(map(str, data["said"]))
        except (KeyError, TypeError, AttributeError):
            raise ArgumentError(f"what is known of a table lacks some of its parts: {shown(dict(data))}") from None
        if (len(encoding.names), target.n_outputs) != (model.sizes[0], model.sizes[-1]):
            raise ArgumentError(
                f"the net has {model.sizes[0]} inputs and {model.sizes[-1]} outputs; the columns need "
                f"{len(encoding.names)} and {target.n_outputs}"
            )
        none = np.empty(0, dtype=np.intp)
        return cls(encoding, target, model, none, none, None, options, said)

    def _frame(self, X: Any) -> Any:
        return read_table(X, **dict(self.options)) if is_path(X) else frame_of(X)
