"""The rows of a table's problem as fits take them: learned from and held out, with weights of rows and classes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.errors import ArgumentError, DataError
from homotopy.fits.sample import Sample
from homotopy.problems import Problem
from homotopy.problems.table import TableData
from homotopy.tables.weights import class_factors

__all__ = ["CONSTANT", "Factors", "Rows", "counted", "factors_of", "rows_of", "sample_of"]

Array = NDArray[np.float64]
CONSTANT = 3.0
"""The size of the constant input through which the first layer's biases are penalized less (`Sample.biased`)."""


@dataclass(frozen=True, eq=False)
class Rows:
    """Coded rows: inputs (n, d), targets (n, k) as the loss has them, and what the rows count, (n,) or None."""

    X: Array
    y: Array
    weights: Array | None

    def __len__(self) -> int:
        return len(self.X)


Factors = Callable[[Rows], Array] | None
"""What gives the weight of each row's class; None where all classes count alike."""


def rows_of(problem: Problem) -> dict[str, Rows]:
    """Return the coded rows learned from, ``train``, and those held out, ``test``, where there are such."""
    parts: dict[str, Any] = {"train": problem.objective, "test": problem.test}
    return {
        part: Rows(risk.X, risk.y.reshape(len(risk.X), -1), risk.weights)
        for part, risk in parts.items()
        if risk is not None
    }


def factors_of(how: Any, data: TableData, learned: Rows) -> Factors:
    """Return what gives the class weights of rows, by the classes of the rows learned from.

    Raises
    ------
    ArgumentError
        If there is not one target of classes, or they are not allowed.
    DataError
        If no class that there is counts.
    """
    if how is None:
        return None
    if data.target.loss == "squared" or len(data.target.names) > 1:
        raise ArgumentError("class_weight is for one target of classes")
    each = class_factors(how, _codes(learned), data.target.classes[0])
    if not each.any():
        raise DataError("class_weight is zero for every class that there is; one must be positive")
    by_class = np.zeros(len(data.target.classes[0]))
    by_class[_codes(learned)] = each
    return lambda rows: by_class[_codes(rows)]


def counted(rows: Rows, factors: Factors) -> Rows:
    """Return rows with the weights of their classes in their weights."""
    if factors is None:
        return rows
    mine = factors(rows)
    return replace(rows, weights=mine if rows.weights is None else mine * rows.weights)


def sample_of(rows: Rows, data: TableData) -> Sample:
    """Return coded rows as a sample."""
    return Sample.of(rows.X, rows.y, data.target.loss, n_outputs=data.target.n_outputs, weights=rows.weights)


def _codes(rows: Rows) -> NDArray[np.intp]:
    """Return the number of each row's class."""
    found: NDArray[Any] = rows.y.argmax(axis=1) if rows.y.shape[1] > 1 else rows.y[:, 0]
    return found.astype(np.intp)
