"""How target columns become what a loss takes, and how outputs become numbers and classes again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, softmax

from homotopy.arguments import shown
from homotopy.doors import doors
from homotopy.errors import ArgumentError, DataError
from homotopy.tables.coding.labels import LOSSES, Label, chosen_loss, distinct, labels, prepared
from homotopy.tables.coding.scaling import moments, restored, scaled
from homotopy.tables.deciding import as_kind
from homotopy.tables.frames import Frame
from homotopy.tables.kinds import word
from homotopy.tables.missing import refuse_missing

__all__ = ["TargetCoding"]

VERSION = 1
Floats = NDArray[np.float64]


@doors
@dataclass(frozen=True)
class TargetCoding:
    """How all targets are coded.

    Attributes
    ----------
    names : tuple of str
        The target columns.
    loss : str
        ``squared``, ``logistic`` or ``softmax``.
    classes : tuple of tuple
        For each target its classes in order, with their own types; empty under the squared loss.
    means, scales : tuple of float
        Under the squared loss a target v becomes (v - mean) / scale; one each a target.
    reason : str
        Why this loss, where that may surprise.

    Examples
    --------
    >>> from homotopy.tables import frame_of
    >>> code = TargetCoding.fit(frame_of(["red", "blue", "red"], "color"))
    >>> code.loss, code.classes, code.encode(frame_of(["red"], "color")), code.decode(np.array([[-3.0]]))
    ('logistic', (('blue', 'red'),), array([[1.]]), array(['blue'], dtype='<U4'))
    """

    names: tuple[str, ...]
    loss: str
    classes: tuple[tuple[Label, ...], ...] = ()
    means: tuple[float, ...] = ()
    scales: tuple[float, ...] = ()
    reason: str = ""

    @classmethod
    def fit(
        cls, frame: Frame, *, loss: str | None = None, standardize: bool = True, train: NDArray[np.bool_] | None = None
    ) -> TargetCoding:
        """Learn the coding of targets.

        Parameters
        ----------
        frame : Frame
            The target columns, all rows.
        loss : str or None
            The loss; None chooses it by the targets (`homotopy.tables.coding.labels.chosen_loss`).
        standardize : bool
            Whether numbers are brought to mean 0 and standard deviation 1 under the squared loss.
        train : ndarray of bool or None
            The rows that give mean and deviation; by default all. Classes are those of all rows.

        Returns
        -------
        TargetCoding
            That of these rows.

        Raises
        ------
        ArgumentError
            If the loss is unknown.
        DataError
            If a target is missing in a row, is constant, or does not go with the loss.
        """
        refuse_missing(frame, "every row needs its target")
        ready = replace(frame, columns=tuple(prepared(frame, column, loss) for column in frame.columns))
        chosen, reason = chosen_loss(ready, loss)
        rows = np.ones(len(frame), dtype=bool) if train is None else train
        for column in ready.columns:
            if distinct(replace(column, values=column.values[rows])) < 2:
                raise DataError(f"{frame.prefix}the target {column.name!r} is constant in the training rows")
        if chosen != "squared":
            classes = tuple(tuple(sorted(set(labels(column)), key=_order)) for column in ready.columns)
            return cls(frame.names, chosen, classes, reason=reason)
        found = [moments(as_kind(ready, column, "number").values[rows]) for column in ready.columns]
        means, scales = zip(*(found if standardize else [(0.0, 1.0)] * len(found)), strict=True)
        return cls(frame.names, chosen, (), means, scales, reason)

    @property
    def n_outputs(self) -> int:
        """How many outputs the net has."""
        return len(self.classes[0]) if self.loss == "softmax" else len(self.names)

    @property
    def score_name(self) -> str:
        """``accuracy`` for classes, ``R2`` for numbers."""
        return "R2" if self.loss == "squared" else "accuracy"

    @property
    def standardized(self) -> bool:
        """Whether numbers are standardized."""
        return self.loss == "squared" and (self.means, self.scales) != ((0.0,) * len(self.names),
                                                                        (1.0,) * len(self.names))  # fmt: skip

    def encode(self, frame: Frame) -> NDArray[Any]:
        """Return targets as the loss takes them.

        Parameters
        ----------
        frame : Frame
            A table that holds the target columns.

        Returns
        -------
        ndarray
            Under softmax the numbers of the classes, shape (n,); else shape (n, k): standardized numbers, or 0 and 1.

        Raises
        ------
        DataError
            If a column is not there, a cell is missing or no number, or a class was not there before.
        """
        frame = frame.chosen(self.names) if frame.named or len(frame.columns) != len(self.names) else frame
        refuse_missing(frame, "every row needs its target")
        parts = []
        for j, column in enumerate(frame.columns):
            ready = prepared(frame, column, self.loss)
            if self.loss == "squared":
                parts.append(scaled(ready.values, self.means[j], self.scales[j]))
                continue
            places = {word(label): place for place, label in enumerate(self.classes[j])}
            found = [word(label) for label in labels(ready)]
            unknown = [i for i, label in enumerate(found) if label not in places]
            if unknown:
                raise DataError(
                    f"{frame.place(unknown[0], column.name)}: the class {found[unknown[0]]!r} was not there in training"
                )
            parts.append(np.array([places[label] for label in found], dtype=np.float64))
        return parts[0].astype(np.intp) if self.loss == "softmax" else np.stack(parts, axis=1)

    def decode(self, outputs: Floats) -> NDArray[Any]:
        """Return what outputs of the net, shape (n, k), say in the units of the table.

        Returns
        -------
        ndarray of shape (n,), or (n, k) with several targets
            Numbers, or labels with the type that they had.

        Raises
        ------
        ArgumentError
            If outputs has another shape.
        """
        if np.ndim(outputs) != 2 or outputs.shape[1] != self.n_outputs:
            raise ArgumentError(f"outputs has shape {np.shape(outputs)}; (n, {self.n_outputs}) is needed")
        if self.loss == "squared":
            parts = [restored(outputs[:, j], self.means[j], self.scales[j]) for j in range(len(self.names))]
        else:
            at = self._places(outputs)
            parts = [np.array(one)[at[:, j]] for j, one in enumerate(self.classes)]
        return parts[0] if len(parts) == 1 else np.stack(parts, axis=1)

    def probabilities(self, outputs: Floats) -> Floats:
        """Return the probabilities of classes for outputs of shape (n, k).

        Returns
        -------
        ndarray
            Of one target, shape (n, classes); of several, of the second class of each, shape (n, targets).

        Raises
        ------
        ArgumentError
            If the targets are numbers.
        """
        if self.loss == "squared":
            raise ArgumentError("probabilities are those of classes; these targets are numbers")
        if self.loss == "softmax":
            return np.asarray(softmax(outputs, axis=1))
        share = np.asarray(expit(outputs))
        return np.concatenate([expit(-outputs), share], axis=1) if len(self.names) == 1 else share

    def score(self, outputs: Floats, y: NDArray[Any], weights: Floats | None = None) -> float:
        """Return how well outputs (n, k) fit encoded targets: the share of right classes, or R2.

        With several targets it is the mean over them. R2 is 1 - sum w (v - p)^2 / sum w (v - mean of v)^2, which is the
        same in the units of the table; NaN where the targets do not differ.

        Raises
        ------
        ArgumentError
            If there are not as many targets as outputs.
        """
        if len(y) != len(outputs):
            raise ArgumentError(f"y has {len(y)} rows and outputs {len(outputs)}; they must be as many")
        if self.loss != "squared":
            right = self._places(outputs) == y.reshape(len(outputs), -1)
            return float(np.mean(np.average(right, axis=0, weights=weights)))
        if weights is not None:
            y, outputs, weights = (part[weights > 0] for part in (y, outputs, weights))
        if not np.all(y.max(axis=0) > y.min(axis=0)):  # the mean of equal numbers may differ from them by rounding
            return float("nan")
        apart = y - np.average(y, axis=0, weights=weights)
        unit = np.abs(apart).max(axis=0)  # so that no square overflows
        with np.errstate(over="ignore"):  # R2 is then -inf
            rest = np.average(((y - outputs) / unit) ** 2, axis=0, weights=weights)
        spread = np.average((apart / unit) ** 2, axis=0, weights=weights)
        return float(np.mean(1 - rest / spread))

    def _places(self, outputs: Floats) -> NDArray[np.intp]:
        """Return the numbers of the likeliest classes, shape (n, targets)."""
        if self.loss == "softmax":
            return np.asarray(np.argmax(outputs, axis=1)[:, np.newaxis])
        return (outputs > 0).astype(np.intp)

    def to_dict(self) -> dict[str, Any]:
        """Return all of it as numbers, texts, lists and dictionaries, as JSON has them."""
        return {
            "version": VERSION,
            "names": list(self.names),
            "loss": self.loss,
            "classes": [list(one) for one in self.classes],
            "means": list(self.means),
            "scales": list(self.scales),
            "reason": self.reason,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> TargetCoding:
        """Return the TargetCoding that `to_dict` wrote down.

        Raises
        ------
        ArgumentError
            If it is none of this version.
        """
        if not isinstance(data, Mapping) or data.get("version") != VERSION:
            raise ArgumentError(f"a coding of targets must be a dictionary of version {VERSION}, not {shown(data)}")
        try:
            made = cls(
                tuple(data["names"]),
                data["loss"],
                tuple(tuple(one) for one in data["classes"]),
                tuple(map(float, data["means"])),
                tuple(map(float, data["scales"])),
                data["reason"],
            )
            if made.loss in LOSSES and made.names and _whole(made):
                return made
        except (KeyError, TypeError, ValueError, OverflowError):
            pass
        raise ArgumentError(f"a coding of targets lacks some of its parts: {shown(dict(data))}")


def _whole(coding: TargetCoding) -> bool:
    """Return whether a coding has a mean and a scale, or the classes, of each target, as many as its loss has."""
    n = len(coding.names)
    if coding.loss == "squared":
        return len(coding.means) == len(coding.scales) == n
    sizes = [len({*one}) if len({*one}) == len(one) else 0 for one in coding.classes]
    return sizes == [2] * n if coding.loss == "logistic" else n == len(sizes) == 1 and sizes[0] >= 2


def _order(label: Label) -> tuple[bool, Any]:
    """Put numbers before texts, each in their own order."""
    return isinstance(label, str), label
