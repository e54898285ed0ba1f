"""Starts of a net, layer by layer, and data sets read from a user's file."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.arguments import integer
from homotopy.errors import DataError
from homotopy.naming import hint
from homotopy.objectives.base import Vector
from homotopy.problems.base import Starts
from homotopy.streams import Draws

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
    integer(name, seed, least=0)
    return np.random.default_rng([seed, *stream] if stream else seed)


def uniform(width: float) -> Draw:
    """Return a Draw from the uniform distribution on [-width, width]."""
    return lambda rng, shape, _: rng.uniform(-width, width, shape)


def normal(deviation: float, mean: float = 0.0) -> Draw:
    """Return a Draw from the normal distribution with this standard deviation."""
    return lambda rng, shape, _: mean + deviation * rng.standard_normal(shape)


def fan_in(gain: float = 1.0) -> Draw:
    """Return a Draw from the normal distribution with variance gain^2 / n_inputs."""
    return lambda rng, shape, n_inputs: gain / np.sqrt(n_inputs) * rng.standard_normal(shape)


def constant(number: float = 0.0) -> Draw:
    """Return a Draw that is always this number."""
    return lambda rng, shape, _: np.full(shape, number)


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

    def start(rng: Any) -> Vector:
        lead = (len(rng),) if isinstance(rng, Draws) else ()
        parts: list[NDArray[np.float64]] = []
        for layer, (n_in, n_out) in enumerate(pairwise(sizes)):
            parts.append(np.reshape(weights[layer](rng, (n_out, n_in), n_in), (*lead, n_out * n_in)))
            if biases is not None:
                parts.append(np.broadcast_to(biases[layer](rng, (n_out,), n_in), (*lead, n_out)))
        return np.concatenate(parts, axis=-1)

    return Starts(start)


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


def read_csv(path: str | Path, target: str | None = None, *, classes: bool = False) -> Table:
    """Read a data set with a header row.

    Parameters
    ----------
    path : str or Path
        A text file in UTF-8; commas, semicolons or tabs separate the columns.
    target : str or None
        The name of the target column; by default the last.
    classes : bool
        Whether the target holds class labels (any text) instead of numbers.

    Returns
    -------
    Table
        The features are all other columns, in the file's order.

    Raises
    ------
    DataError
        If the file is missing, is not text or is empty; a column is missing or two have the same name; a row is
        too short or too long; a cell is empty, text where a number must stand, NaN or infinite (with line and
        column); the target is constant; or there are fewer than two rows or no feature.
    """
    path = Path(path)
    header, rows = _cells(path)
    position = _position(path, header, target)
    if len(header) < 2:
        raise DataError(f"{path}: there is no feature column beside the target {header[position]!r}")
    if len(rows) < 2:
        raise DataError(f"{path}: {len(rows)} data rows are too few; at least 2 are needed")
    numeric = [column for column in range(len(header)) if column != position or not classes]
    numbers = np.array([[_number(path, line, column, header, row[column]) for column in numeric] for line, row in rows])
    if not classes:
        y: NDArray[Any] = numbers[:, position]
        labels: tuple[str, ...] = ()
        X = np.delete(numbers, position, axis=1)
    else:
        words, y = np.unique(
            [_label(path, line, header[position], row[position]) for line, row in rows], return_inverse=True
        )
        labels, X = tuple(str(word) for word in words), numbers
    if np.all(y == y[0]):
        raise DataError(
            f"{path}: the target {header[position]!r} is constant ({rows[0][1][position].strip()}) in all rows"
        )
    features = tuple(name for column, name in enumerate(header) if column != position)
    return Table(features, header[position], np.ascontiguousarray(X), np.ascontiguousarray(y), labels)


def _cells(path: Path) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """Return the header and the rows with their line numbers, all as wide as the header."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise DataError(f"{path}: there is no such file") from None
    except UnicodeDecodeError:
        raise DataError(f"{path}: the file is not text in UTF-8") from None
    except OSError as error:
        raise DataError(f"{path}: the file cannot be read ({error.strerror})") from None
    lines = list(_rows(path, text))
    if not lines:
        raise DataError(f"{path}: the file is empty; its first row must name the columns")
    header = [name.strip() for name in lines[0][1]]
    for name in header:
        if not name:
            raise DataError(
                f"{path}: line {lines[0][0]}: column {header.index(name) + 1} has no name in the header row"
            )
        if header.count(name) > 1:
            raise DataError(f"{path}: line {lines[0][0]}: two columns are named {name!r}")
    for line, row in lines[1:]:
        if len(row) != len(header):
            raise DataError(f"{path}: line {line} has {len(row)} cells; the header names {len(header)} columns")
    return header, lines[1:]


def _rows(path: Path, text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield (line number, cells) of the rows that are not blank."""
    first = text.lstrip().split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(text.splitlines(keepends=True), delimiter=delimiter, strict=True)
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise DataError(f"{path}: line {reader.line_num}: {error}") from None
        if any(cell.strip() for cell in row):
            yield reader.line_num, row


def _position(path: Path, header: list[str], target: str | None) -> int:
    """Return the column of the target."""
    if target is None:
        return len(header) - 1
    if target not in header:
        close, columns = hint(target, header), ", ".join(header)
        raise DataError(f"{path}: there is no column {target!r}{close}; the columns are {columns}")
    return header.index(target)


def _number(path: Path, line: int, column: int, header: list[str], cell: str) -> float:
    """Return a cell as a finite number."""
    where = f"{path}: line {line}, column {column + 1} ({header[column]})"
    if not cell.strip():
        raise DataError(f"{where}: the cell is empty; a number must stand here")
    try:
        number = float(cell)
    except ValueError:
        raise DataError(f"{where}: {cell.strip()!r} is not a number") from None
    if not isfinite(number):
        raise DataError(f"{where}: {cell.strip()} is not a finite number")
    return number


def _label(path: Path, line: int, name: str, cell: str) -> str:
    """Return a class label."""
    if not cell.strip():
        raise DataError(f"{path}: line {line}: the class in column {name!r} is empty")
    return cell.strip()
