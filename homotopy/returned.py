"""What users' functions return: looked at, converted, or refused in one sentence.

An objective's functions return what SciPy takes, lists, columns and numbers where n = 1 among it. A system's return
arrays of exactly their shape (`exactly`): where a vector, a matrix and a number are three things, a list or a column is
mostly a mistake.
"""

from __future__ import annotations

from math import inf
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from homotopy.arguments import shown
from homotopy.errors import ArgumentError

__all__ = ["exact_matrix", "exactly", "is_vector", "matrix_of", "number_of", "vector_of"]

Array = NDArray[np.float64]

_NUMBER = "a real number"


def _wanted(shape: tuple[int, ...]) -> str:
    return f"an array of shape {shape}"


def _refused(name: str, wanted: str, value: Any, *, exact: bool = False) -> ArgumentError:
    """Return the error for what a function returned: by its shape or kind where that is what is wrong."""
    if exact and isinstance(value, (list, tuple)):
        return ArgumentError(f"{name} must return {wanted}, not a {type(value).__name__}")
    kind = getattr(getattr(value, "dtype", None), "kind", "")
    found = shown(value)
    if np.ma.is_masked(value):
        found = "an array with masked entries"
    elif isinstance(value, complex) or kind == "c":
        found = f"complex numbers, {found}" if np.ndim(value) else f"the complex number {found}"
    elif kind and kind in "iuf" and np.ndim(value):
        found = _wanted(np.shape(value))
    elif exact and ((kind and kind in "iuf") or (isinstance(value, (int, float)) and not isinstance(value, bool))):
        found = f"the number {found if kind == '' else value}"
    return ArgumentError(f"{name} must return {wanted}, not {found}")


def _numbers(value: Any) -> Any:
    """Return what was returned as an array of real numbers, None where it is none."""
    if isinstance(value, np.ma.MaskedArray) and np.ma.is_masked(value):
        return None
    try:
        raw = np.asarray(value)
    except Exception:  # ragged lists, and tensors that refuse to be arrays for reasons of their own
        return None
    return raw if raw.dtype.kind in "iuf" else None


def vector_of(name: str, value: Any, n: int) -> Array:
    """Return a new array of shape (n,) from what the function `name` returned: n real numbers along one axis.

    Raises
    ------
    ArgumentError
        If it is anything else.

    Examples
    --------
    >>> vector_of("function", [[1], [2]], 2)
    array([1., 2.])
    >>> vector_of("function", None, 2)
    Traceback (most recent call last):
    homotopy.errors.ArgumentError: function must return an array of shape (2,), not None
    """
    raw = _numbers(value)
    if raw is None or raw.size != n or (n > 1 and n not in raw.shape):
        raise _refused(name, _wanted((n,)), value if raw is None else raw)
    return np.array(raw, dtype=np.float64).reshape(n)


def number_of(name: str, value: Any) -> float:
    """Return what the function `name` returned, a real number or an array of one, as a float.

    Raises
    ------
    ArgumentError
        If it is anything else.

    Examples
    --------
    >>> number_of("fun", np.array([2]))
    2.0
    """
    if isinstance(value, int) and not isinstance(value, bool):
        try:
            return float(value)
        except OverflowError:
            return inf if value > 0 else -inf
    raw = _numbers(value)
    if raw is None or raw.size != 1:
        raise _refused(name, _NUMBER, value if raw is None else raw)
    return float(raw.reshape(()))


def exactly(name: str, value: Any, shape: tuple[int, ...], wanted: str = "") -> Array:
    """Return a new array from what the function `name` returned: an array of this very shape, of real numbers.

    Raises
    ------
    ArgumentError
        If it is anything else, a list among it.

    Examples
    --------
    >>> exactly("function", [1.0], (1,))
    Traceback (most recent call last):
    homotopy.errors.ArgumentError: function must return an array of shape (1,), not a list
    """
    if not (isinstance(value, np.ndarray) and value.shape == shape) or _numbers(value) is None:
        raise _refused(name, wanted or _wanted(shape), value, exact=True)
    return np.array(value, dtype=np.float64, order="K")


def exact_matrix(name: str, value: Any, n: int) -> Any:
    """Return a new matrix of shape (n, n), dense or sparse, from what the function `name` returned: one of that shape.

    Raises
    ------
    ArgumentError
        If it is none.
    """
    return matrix_of(name, value, n) if sp.issparse(value) else exactly(name, value, (n, n), _matrix(n))


def is_vector(name: str, value: Any, n: int, *, or_number: bool) -> bool:
    """Return whether the function `name` returned an array of shape (n,), or a real number, which has no axis.

    Raises
    ------
    ArgumentError
        If it is neither, or a number where that may not be.
    """
    if or_number and not isinstance(value, (list, tuple)):
        plain = isinstance(value, int) and not isinstance(value, bool)  # of any size
        raw = None if plain else _numbers(value)
        if plain or (raw is not None and raw.ndim == 0):
            return False
    exactly(name, value, (n,), _wanted((n,)) + (" or a number" if or_number else ""))
    return True


def matrix_of(name: str, value: Any, n: int) -> Any:
    """Return a new matrix of shape (n, n), dense or sparse, from what the function `name` returned.

    Raises
    ------
    ArgumentError
        If it is none.
    """
    if sp.issparse(value):
        if value.shape != (n, n) or value.dtype.kind not in "iuf":
            raise _refused(name, _matrix(n), value.data if value.dtype.kind == "c" else value)
        return value.astype(np.float64, copy=True)
    raw = _numbers(value)
    if raw is None or (raw.shape != (n, n) and not n == raw.size == 1):
        raise _refused(name, _matrix(n), value if raw is None else raw)
    return np.array(raw, dtype=np.float64).reshape(n, n)


def _matrix(n: int) -> str:
    return f"a matrix of shape {(n, n)}, dense or sparse"
