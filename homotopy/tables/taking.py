"""Tables out of what Python users hold: arrays, lists of rows, mappings of columns, data frames, paths of files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from importlib import import_module
from numbers import Real
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.arguments import shown
from homotopy.doors import door
from homotopy.errors import DataError, reason
from homotopy.tables.frames import Column, Frame
from homotopy.tables.kinds import is_missing, word

__all__ = ["frame_of", "is_path"]


def is_path(X: Any) -> bool:
    """Whether a table is given by the path of a file."""
    return isinstance(X, (str, Path))


@door
def frame_of(X: Any, what: str = "X") -> Frame:
    """Return a table from Python.

    Parameters
    ----------
    X : ndarray, list of rows, mapping, DataFrame or Series
        An array of shape (n,) or (n, d), numbers or any objects; rows of equal length; columns by their names; or what
        pandas makes, or what can be turned into that by ``to_pandas``.
    what : str
        What messages call it, and the name of its columns where they have none: ``what1``, ``what2``, ..., or ``what``
        alone where there is one.

    Returns
    -------
    Frame
        Numbers are numbers, truth values booleans, the categories of pandas categories, and texts are undecided as in
        a file. None, NaN and what pandas calls missing is missing, and so are texts such as "NA".

    Raises
    ------
    DataError
        If it is sparse or has more than two axes, rows or columns have unequal lengths, two columns have one name, or
        cells are neither numbers, truth values nor texts.

    Examples
    --------
    >>> table = frame_of([[1, "red"], [None, "blue"]])
    >>> [(column.name, column.kind, column.values.tolist()) for column in table.columns]
    [('X1', 'number', [1.0, nan]), ('X2', 'text', ['red', 'blue'])]
    """
    if isinstance(X, Frame):
        return X
    if hasattr(X, "tocsr") or hasattr(X, "sparse"):
        raise DataError(f"{what} is sparse; give a dense array, as in {what}.toarray()")
    if hasattr(X, "to_pandas"):
        X = X.to_pandas()
    if isinstance(X, Mapping):
        return _framed({name: _column(str(name), cells) for name, cells in X.items()}, what)
    if hasattr(X, "iloc") and hasattr(X, "columns"):
        return _framed({name: _series(str(name), X.iloc[:, i]) for i, name in enumerate(X.columns)}, what, X.columns)
    if hasattr(X, "iloc"):
        name = what if X.name is None else str(X.name)
        return Frame((_series(name, X),), named=X.name is not None)
    if type(X).__module__.startswith("pandas"):
        return Frame((_column(what, X),), named=False)
    table = _array(X, what)
    if table.ndim == 1:
        return Frame((_column(what, table),), named=False)
    names = [f"{what}{j + 1}" for j in range(table.shape[1])] if table.shape[1] > 1 else [what]
    columns = tuple(_column(name, table[:, j]) for j, name in enumerate(names))
    return Frame(columns, rows=np.arange(len(table)), named=False)


def _framed(columns: dict[Any, Column], what: str, names: Iterable[Any] | None = None) -> Frame:
    names = [str(name) for name in (columns if names is None else names)]
    twice = [name for name, often in Counter(names).items() if often > 1]
    if twice:
        raise DataError(f"{what} has two columns named {twice[0]!r}")
    lengths = {len(column.values) for column in columns.values()}
    if len(lengths) > 1:
        raise DataError(f"the columns of {what} have unequal lengths, {min(lengths)} to {max(lengths)}")
    return Frame(tuple(columns.values()), rows=np.arange(max(lengths, default=0)))


def _array(X: Any, what: str) -> NDArray[Any]:
    """Return an array of one or two axes that keeps each cell's own type."""
    if isinstance(X, np.ma.MaskedArray):
        X = np.ma.MaskedArray(X, dtype=object).filled(None)
    table = X if isinstance(X, np.ndarray) else None
    if table is None:
        try:
            table = np.array(X, dtype=object)
        except ValueError:
            raise DataError(f"{what} has rows of unequal lengths") from None
        except Exception as error:  # what an object's own code raises
            raise DataError(f"{what} cannot be read as an array: {reason(error)}") from error
    if table.ndim not in (1, 2) or table.size == 0:
        raise DataError(f"{what} has shape {table.shape}; it must be a table of shape (rows, columns)")
    if table.ndim == 1 and table.dtype == object and any(isinstance(cell, (list, tuple)) for cell in table):
        raise DataError(f"{what} has rows of unequal lengths")
    return table


def _series(name: str, series: Any) -> Column:
    """Return a column of pandas."""
    types = import_module("pandas").api.types
    missing = series.isna().to_numpy()
    if type(series.dtype).__name__ == "CategoricalDtype":
        labels = [None if gone else _label(v) for v, gone in zip(series, missing, strict=True)]
        return Column(name, "category", _objects(labels))
    if types.is_bool_dtype(series.dtype) or types.is_numeric_dtype(series.dtype):
        if types.is_complex_dtype(series.dtype):
            raise DataError(f"column {name!r} holds complex numbers; give real ones")
        kind = "boolean" if types.is_bool_dtype(series.dtype) else "number"
        return Column(name, kind, series.to_numpy(dtype=np.float64, na_value=np.nan))
    if types.is_datetime64_any_dtype(series.dtype) or types.is_timedelta64_dtype(series.dtype):
        return Column(
            name, "date", _objects([None if gone else str(v) for v, gone in zip(series, missing, strict=True)])
        )
    return _column(name, series.to_numpy(dtype=object))


def _column(name: str, cells: Any) -> Column:
    """Return a column of an array or a list."""
    if type(cells).__module__.startswith("pandas"):  # an index, or an array of its own kinds
        cells = import_module("pandas").Series(cells)
    if hasattr(cells, "iloc"):
        return _series(name, cells)
    if isinstance(cells, (str, bytes)) or not isinstance(cells, Iterable):
        raise DataError(f"column {name!r} must be a list of cells, not {shown(cells)}")
    values = cells if isinstance(cells, np.ndarray) else _objects(cells)
    if values.ndim != 1:
        raise DataError(f"column {name!r} has shape {values.shape}; it must have one axis")
    if values.dtype.kind in "biuf":
        return Column(name, "boolean" if values.dtype.kind == "b" else "number", values.astype(np.float64))
    if values.dtype.kind == "M":
        return Column(name, "date", values.astype(str).astype(object))
    return _typed(name, [None if _gone(value) else value for value in values.tolist()])


def _typed(name: str, cells: list[Any]) -> Column:
    """Return a column of objects, by what they are."""
    present = [cell for cell in cells if cell is not None]
    truths = [isinstance(cell, (bool, np.bool_)) for cell in present]
    numbers = [isinstance(cell, Real) for cell in present]
    if present and all(numbers):
        return Column(name, "boolean" if all(truths) else "number", np.array([_float(cell) for cell in cells]))
    for cell, real in zip(present, numbers, strict=True):
        if type(cell).__name__ in ("datetime", "date", "Timestamp"):
            return Column(name, "date", _objects([None if one is None else str(one) for one in cells]))
        if not (real or isinstance(cell, str)):
            raise DataError(f"column {name!r} holds {shown(cell)}; cells must be numbers, truth values or texts")
    texts = [None if cell is None else word(cell) for cell in cells]
    return Column(name, "text", _objects([None if text is None or is_missing(text) else text for text in texts]))


def _float(cell: Any) -> float:
    """Return a number as a float, NaN for None; what is too large becomes infinite, which is refused with its place."""
    try:
        return float("nan") if cell is None else float(cell)
    except OverflowError:
        return float("inf") if cell > 0 else float("-inf")


def _objects(cells: Any) -> NDArray[np.object_]:
    listed = list(cells)
    out = np.empty(len(listed), dtype=object)
    out[:] = listed
    return out


def _gone(cell: Any) -> bool:
    """Whether a cell is None, NaN, or pandas' NA or NaT."""
    return cell is None or type(cell).__name__ in ("NAType", "NaTType") or (isinstance(cell, float) and cell != cell)


def _label(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value
