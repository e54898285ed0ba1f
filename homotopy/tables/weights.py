"""What each row counts: a column or an array of weights, times a weight for its class."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.arguments import numbers, positive, shown
from homotopy.errors import ArgumentError, DataError
from homotopy.tables.deciding import as_kind
from homotopy.tables.frames import Frame, listed
from homotopy.tables.kinds import word
from homotopy.tables.missing import refuse_missing

__all__ = ["class_factors", "row_weights"]

Floats = NDArray[np.float64]


def row_weights(weights: Any, frame: Frame) -> Floats | None:
    """Return the weights of the rows, shape (n,), from an array, or from the column of the table that a text names.

    Raises
    ------
    ArgumentError
        If an array is not one number a row.
    DataError
        If there is no such column, a weight is missing, negative or infinite, or all are zero.
    """
    if weights is None:
        return None
    if isinstance(weights, str):
        part = frame.chosen([weights])
        refuse_missing(part, "every row needs its weight")
        found = as_kind(part, part.columns[0], "number").values
    else:
        found = numbers("weights", weights)
        if found.shape != (len(frame),):
            raise ArgumentError(f"weights has shape {found.shape}; there must be one for each of the {len(frame)} rows")
    bad = np.flatnonzero(~(np.isfinite(found) & (found >= 0)))
    if bad.size:
        raise DataError(
            f"{frame.prefix}{frame.row(int(bad[0]))}: the weight {found[bad[0]]:g} is not a finite number, 0 or more"
        )
    if not found.any():
        raise DataError(f"{frame.prefix}all weights are zero; one must be positive")
    return np.asarray(found, dtype=np.float64)


def class_factors(how: Any, codes: NDArray[np.intp], classes: tuple[Any, ...]) -> Floats:
    """Return what the rows of each class count.

    Parameters
    ----------
    how : str or mapping
        ``balanced``: n / (k n_c), so that all classes count the same together; or numbers by classes, 1 where a class
        is not named.
    codes : ndarray of shape (n,), int
        The number of each row's class.
    classes : tuple
        Their labels.

    Returns
    -------
    ndarray of shape (n,)
        One factor a row.

    Raises
    ------
    ArgumentError
        If it is neither, names a class that there is not, or a number is negative or not finite.

    Examples
    --------
    >>> class_factors("balanced", np.array([0, 1, 1, 1]), ("a", "b")).round(3)
    array([2.   , 0.667, 0.667, 0.667])
    """
    if isinstance(how, str) and how == "balanced":
        count = np.bincount(codes, minlength=len(classes))
        return np.asarray(len(codes) / (np.count_nonzero(count) * np.maximum(count, 1)))[codes]
    if not isinstance(how, Mapping):
        raise ArgumentError(f"class_weight must be 'balanced', numbers by classes or None, not {shown(how)}")
    given = {word(label): positive(f"class_weight of {label!r}", value, or_zero=True) for label, value in how.items()}
    unknown = [label for label in given if label not in map(word, classes)]
    if unknown:
        raise ArgumentError(f"class_weight names {listed(unknown)}; the classes are {listed(classes, 20)}")
    return np.array([given.get(word(label), 1.0) for label in classes])[codes]
