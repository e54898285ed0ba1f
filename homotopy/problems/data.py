"""Starts of a net, layer by layer, and data sets read from a user's file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.arguments import integer
from homotopy.errors import DataError
from homotopy.objectives.base import Vector
from homotopy.problems.base import Starts
from homotopy.streams import Draws
from homotopy.tables import read_table
from homotopy.tables.coding.labels import prepared
from homotopy.tables.deciding import as_kind, decided_column
from homotopy.tables.frames import counted
from homotopy.tables.kinds import word

__all__ = [
    "Draw",
    "Table",
    "constant",
    "fan_in",
    "layer_starts",
    "normal",
    "read_csv",
    "seeded",
    "standardize",
    "uniform",
]

Draw = Callable[[Any, tuple[int, ...], int], NDArray[np.float64]]
"""What draws one array of a layer, or one a run: ``draw(rng or draws, shape, n_inputs of the layer)``."""


def seeded(name: str, seed: int, *stream: int) -> np.random.Generator:
    """Return the generator of a seed, or of a numbered stream of it.

    Raises
    ------
    ArgumentError
        If the seed, which the parameter `name` gives, is negative.
    """
    number = integer(name, seed, least=0)
    return np.random.default_rng([number, *stream] if stream else number)


def uniform(width: float) -> Draw:
    """Return a Draw from the uniform distribution on [-width, width]."""
    return partial(_uniform, width)


def normal(deviation: float, mean: float = 0.0) -> Draw:
    """Return a Draw from the normal distribution with this standard deviation."""
    return partial(_normal, deviation, mean)


def fan_in(gain: float = 1.0) -> Draw:
    """Return a Draw from the normal distribution with variance gain^2 / n_inputs."""
    return partial(_fan_in, gain)


def constant(number: float = 0.0) -> Draw:
    """Return a Draw that is always this number."""
    return partial(_constant, number)


# Plain functions, which can be pickled, so that a problem of the user's own runs in other processes.
def _uniform(width: float, rng: Any, shape: tuple[int, ...], _: int) -> Any:
    return rng.uniform(-width, width, shape)


def _normal(deviation: float, mean: float, rng: Any, shape: tuple[int, ...], _: int) -> Any:
    return mean + deviation * rng.standard_normal(shape)


def _fan_in(gain: float, rng: Any, shape: tuple[int, ...], n_inputs: int) -> Any:
    return gain / np.sqrt(n_inputs) * rng.standard_normal(shape)


def _constant(number: float, rng: Any, shape: tuple[int, ...], _: int) -> Any:
    return np.full(shape, number)


def layer_starts(sizes: tuple[int, ...], weights: list[Draw], biases: list[Draw] | None) -> Starts:
    """Return what draws starts of a net with these layer sizes.

    Parameters
    ----------
    sizes : tuple of int
        Inputs, hidden layers, outputs.
    weights, biases : list of Draw
        One a layer; None for a net without biases.

    Returns
    -------
    Starts
        Draws, layer by layer, W of shape (n_out, n_in) and then b, and returns them as one vector.
    """
    return Starts(partial(_layers, sizes, weights, biases))


def _layers(sizes: tuple[int, ...], weights: list[Draw], biases: list[Draw] | None, rng: Any) -> Vector:
    lead = (len(rng),) if isinstance(rng, Draws) else ()
    parts: list[NDArray[np.float64]] = []
    for layer, (n_in, n_out) in enumerate(pairwise(sizes)):
        parts.append(np.reshape(weights[layer](rng, (n_out, n_in), n_in), (*lead, n_out * n_in)))
        if biases is not None:
            parts.append(np.broadcast_to(biases[layer](rng, (n_out,), n_in), (*lead, n_out)))
    return np.concatenate(parts, axis=-1)


def standardize(columns: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return columns with mean zero and standard deviation one; a constant column becomes zero."""
    spread = columns.std(axis=0)
    return np.asarray((columns - columns.mean(axis=0)) / np.where(spread > 0, spread, 1.0))


@dataclass(frozen=True)
class Table:
    """A data set from a file.

    Attributes
    ----------
    features : tuple of str
        The names of the columns of X.
    target : str
        The name of the target column.
    X : ndarray of shape (n, d)
        The features.
    y : ndarray of shape (n,)
        The target: numbers, or class indices where `classes` is not empty.
    classes : tuple of str
        The sorted class labels.
    """

    features: tuple[str, ...]
    target: str
    X: NDArray[np.float64]
    y: NDArray[Any]
    classes: tuple[str, ...] = ()


def read_csv(path: str | Path, target: str | None = None, *, classes: bool | None = None) -> Table:
    """Read a data set of numbers with a header row; `homotopy.from_table` takes categories and missing cells, too.

    Parameters
    ----------
    path : str or Path
        A text file (`homotopy.tables.read_table`).
    target : str or None
        The name of the target column; by default the last.
    classes : bool or None
        Whether the target holds class labels (any text) instead of numbers; None: if it holds texts.

    Returns
    -------
    Table
        The features are all other columns, in the file's order.

    Raises
    ------
    DataError
        If the file cannot be read; a column is missing; a cell is empty, text where a number must stand, NaN or
        infinite (with line and column); the target is constant; or there are fewer than two rows or no feature.
    """
    frame = read_table(path)
    aim = frame.column(frame.names[-1] if target is None else target)
    left = frame.without([aim.name])
    if not left.columns:
        raise DataError(f"{path}: there is no feature column beside the target {aim.name!r}")
    if len(frame) < 2:
        raise DataError(f"{path}: {counted(len(frame), 'data row')}, and at least 2 are needed")
    for column in frame.columns:
        if column.missing.any():
            where = frame.place(int(np.flatnonzero(column.missing)[0]), column.name)
            raise DataError(f"{where}: the cell is empty; a number must stand here")
    parts = []
    for column in left.columns:
        decided_column(frame, column)  # knows why a text may not be a number
        parts.append(as_kind(frame, column, "number").values)
    ready = prepared(frame, aim, {None: None, True: "softmax", False: "squared"}[classes])
    if classes is None:
        classes = ready.kind != "number"
    if classes:
        words, y = np.unique([word(value) for value in aim.values], return_inverse=True)
        labels = tuple(str(one) for one in words)
    else:
        y, labels = ready.values, ()
    if np.all(y == y[0]):
        raise DataError(f"{path}: the target {aim.name!r} is constant ({aim.values[0]}) in all rows")
    return Table(left.names, aim.name, np.stack(parts, axis=1), np.ascontiguousarray(y), labels)
