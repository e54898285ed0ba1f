"""What predicts rows of a table: how its columns are coded, and one net or several."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from homotopy.doors import doors
from homotopy.errors import ArgumentError, DataError
from homotopy.fits.ensembles import Ensemble
from homotopy.fits.scores import predicted
from homotopy.models.losses import loss as by_name
from homotopy.problems.table import TableData
from homotopy.tables import Frame, frame_of, read_table
from homotopy.tables.taking import is_path

__all__ = ["Model", "decodable"]

Array = NDArray[np.float64]


@doors
@dataclass(frozen=True, eq=False)
class Model:
    """A fitted model of a table.

    Attributes
    ----------
    data : TableData
        How columns become inputs and outputs targets, and the net.
    weights : ndarray of shape (m, p)
        The weights of m nets, whose predictions are averaged.
    others : tuple of str
        Columns besides inputs and targets that the table had: of weights, or left out on purpose.
    about : dict
        How it was made: alpha, method, rows, costs, scores, version; numbers, texts, lists and dictionaries.
    """

    data: TableData
    weights: Array
    others: tuple[str, ...] = ()
    about: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, data: TableData, nets: Ensemble, constant: float, **rest: Any) -> Self:
        """Return the model of trained nets; their last input, this constant, goes into their biases; 0 for none."""
        weights = []
        for fit in nets.fits:
            layers = fit.net.unpack(np.ascontiguousarray(fit.theta))
            W, b = layers[0]
            if constant and b is not None:
                layers[0] = W[:, :-1], b + constant * W[:, -1]
            weights.append(data.model.pack(layers))
        return cls(data, np.array(weights), **rest)

    @property
    def target(self) -> str:
        """The name of the target; of several, their names joined by ``+``."""
        return "+".join(self.data.target.names)

    @property
    def classes(self) -> tuple[Any, ...]:
        """The classes of the target, in the order of `predict_proba`; empty for numbers and for several targets."""
        found = self.data.target.classes
        return found[0] if len(found) == 1 else ()

    def describe(self) -> str:
        """Return in one line what was done with the table, and which nets predict."""
        net = self.data.model
        sizes, many = "-".join(map(str, net.sizes)), len(self.weights)
        nets = f"the mean of {many} nets" if many > 1 else "one net"
        hidden = f" {net.activation}" if len(net.sizes) > 2 else ""
        alpha = f", alpha={self.about['alpha']:g}" if "alpha" in self.about else ""
        return f"{self.data.describe()}; {nets} {sizes}{hidden}{alpha}"

    def read(self, X: Any, *, delimiter: str | None = None, decimal: str | None = None) -> Frame:
        """Return rows of a table, read from a file as that of the fit was, unless told otherwise.

        Raises
        ------
        DataError
            If they cannot be read.
        """
        told = {"delimiter": delimiter, "decimal": decimal}
        options: dict[str, Any] = {**dict(self.data.options), **{k: v for k, v in told.items() if v is not None}}
        return read_table(X, **options) if is_path(X) else frame_of(X)

    def coded(self, frame: Frame) -> tuple[Array, tuple[str, ...]]:
        """Return the inputs of rows, shape (n, d), and what is to be said: unknown categories, columns left out.

        Raises
        ------
        DataError
            If a column is not there or a cell cannot be used; the sentence names it.
        """
        return self.data.encoding.transform(frame, others=(*self.data.target.names, *self.others))

    def outputs(self, coded: Array) -> Array:
        """Return what the nets say of coded rows (n, d) on average: probabilities, or standardized numbers, (n, k)."""
        net, loss = self.data.model, by_name(self.data.target.loss)
        if not len(coded):
            return np.empty((0, net.sizes[-1]))
        return np.asarray(np.mean([predicted(net.forward(theta, coded), loss) for theta in self.weights], axis=0))

    def decoded(self, outputs: Array, frame: Frame) -> NDArray[Any]:
        """Return outputs in the units of the table, or as classes, shape (n,), or (n, k) with several targets.

        Raises
        ------
        DataError
            If a number is not finite.
        """
        with np.errstate(over="ignore"):
            made = self.data.target.decode(decodable(outputs, self.data.target.loss))
        if made.dtype.kind == "f" and not np.isfinite(made).all():
            i = int(np.flatnonzero(~np.isfinite(made).reshape(len(made), -1).all(axis=1))[0])
            raise DataError(f"{frame.prefix}{frame.row(i)}: what is predicted is too large for a number")
        return made

    def shares(self, outputs: Array) -> Array:
        """Return the probabilities of classes, of several targets those of the second class of each; see `outputs`.

        Raises
        ------
        ArgumentError
            If the target is a number.
        """
        if self.data.target.loss == "squared":
            raise ArgumentError("probabilities are those of classes; the target is a number")
        return np.hstack([1.0 - outputs, outputs]) if outputs.shape[1] == 1 else outputs

    def predict(self, X: Any) -> NDArray[Any]:
        """Return numbers in the units of the table, or classes, shape (n,), or (n, k) with several targets.

        Parameters
        ----------
        X : ndarray, list of rows, mapping, DataFrame or path
            Rows with the columns of the table, in any order where they have names; targets may be among them.

        Raises
        ------
        DataError
            If a column is not there, a cell cannot be used, or a number that is predicted is not finite.

        Warns
        -----
        UserWarning
            If rows have a category that training had not, or further columns are left out.
        """
        frame = self.read(X)
        return self.decoded(self.outputs(self._warned(frame)), frame)

    def predict_proba(self, X: Any) -> Array:
        """Return the probabilities of `classes`, shape (n, classes); of several targets, of the second class of each.

        Parameters
        ----------
        X
            As for `predict`; a target that is a number raises ArgumentError.
        """
        return self.shares(self.outputs(self._warned(self.read(X))))

    def score(self, X: Any, y: Any = None) -> float:
        """Return the share of right classes, or R2, on rows of a table; NaN where R2 is of equal targets.

        Parameters
        ----------
        X
            As for `predict`.
        y : array_like, DataFrame or None
            The true targets; by default the columns of X that are called so.
        """
        frame, target = self.read(X), self.data.target
        truth = frame if y is None else frame_of(y, target.names[0])
        return target.score(decodable(self.outputs(self._warned(frame)), target.loss), target.encode(truth))

    def save(self, path: str | os.PathLike[str], *, overwrite: bool = False) -> str:
        """Write the model to a file, which `load_model` reads, and return its path, with ``.npz`` at its end.

        Raises
        ------
        ArgumentError
            If the file is there and is not to be overwritten, or cannot be written.
        """
        from homotopy.fits.table.files import save_model

        return save_model(self, path, overwrite=overwrite)

    def _warned(self, frame: Frame) -> Array:
        """Return coded rows, with what is to be said as warnings."""
        coded, notes = self.coded(frame)
        for note in notes:
            warnings.warn(note, UserWarning, stacklevel=4)
        return coded


def decodable(outputs: Array, loss: str) -> Array:
    """Return what `TargetCoding` decodes and scores for probabilities (n, k): the likelier of two is above 0."""
    return outputs - 0.5 if loss == "logistic" else outputs
