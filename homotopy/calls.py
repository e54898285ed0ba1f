"""Users' functions: what they are given is theirs, what they return is looked at, an error says where it comes from.

| returned | what becomes of it |
|---|---|
| an array of float64 of the right shape | a copy, so that the function may fill one array again and again |
| a list, integers, float32, a column or row of n numbers, a number where n = 1 | converted: it has one meaning only |
| None, text, truth values, complex or other objects, another number of entries | ArgumentError, one sentence |

What a function is given is a copy, which it may overwrite: the same one as long as the point is the same, so that it
may keep what it has computed for an x. An ArithmeticError or a LinAlgError of the function says that it cannot be
evaluated at this point and becomes an EvaluationError, after which a tracker tries a shorter step. Every other error
is the function's own: it passes as it is, with a note that names the function.
"""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from typing import Any, TypeVar

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from homotopy.arguments import function as function_check
from homotopy.arguments import shown
from homotopy.errors import ArgumentError, EvaluationError

__all__ = [
    "DrawCall",
    "FactorsCall",
    "Given",
    "MatrixCall",
    "Named",
    "NumberCall",
    "PairCall",
    "VectorCall",
    "called",
    "called_or_none",
    "is_vector",
    "number_of",
    "vector_of",
]

Array = NDArray[np.float64]

_ARRAY, _DOUBLE = np.ndarray, np.dtype(np.float64)
_NUMBER = "a real number"


def _wanted(shape: tuple[int, ...]) -> str:
    return f"an array of shape {shape}"


def _refused(name: str, wanted: str, value: Any) -> ArgumentError:
    """Return the error for what a function returned: by its shape or kind where that is what is wrong."""
    kind = getattr(getattr(value, "dtype", None), "kind", "")
    found = shown(value)
    if isinstance(value, complex) or kind == "c":
        found = f"complex numbers, {found}" if np.ndim(value) else f"the complex number {found}"
    elif kind and kind in "iuf" and np.ndim(value):
        found = _wanted(np.shape(value))
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


def is_vector(name: str, value: Any, n: int, *, or_number: bool) -> bool:
    """Return whether the function `name` returned n real numbers, or a real number, which has no axis.

    Raises
    ------
    ArgumentError
        If it is neither, or a number where that may not be.
    """
    raw = _numbers(value)
    plain = isinstance(value, int) and not isinstance(value, bool)  # of any size
    if or_number and (plain or (raw is not None and raw.ndim == 0)):
        return False
    if raw is None or raw.size != n or (n > 1 and n not in raw.shape):
        raise _refused(name, _wanted((n,)) + (" or a number" if or_number else ""), value if raw is None else raw)
    return True


def _matrix_of(name: str, value: Any, n: int) -> Any:
    """Return a new matrix of shape (n, n), dense or sparse, from what the function `name` returned."""
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


def _named(error: Exception, name: str) -> Exception:
    """Return the error to raise in place of what a function raised: an EvaluationError, or the same with a note."""
    if isinstance(error, (ArithmeticError, np.linalg.LinAlgError)) and not isinstance(error, EvaluationError):
        return EvaluationError(f"{name} raised {type(error).__name__}: {error}")
    note = f"raised by {name}, a function that was given to this package"
    if note not in getattr(error, "__notes__", ()):
        error.add_note(note)
    return error


class Given:
    """The copy of a point that is handed out: the same one for as long as it equals the point, byte by byte."""

    __slots__ = ("copy",)

    def __init__(self) -> None:
        self.copy: Array = np.empty(0)

    def renewed(self, x: Any) -> Array:
        """Return a new copy of x."""
        copy: Array = np.array(x, dtype=np.float64)
        self.copy = copy
        return copy


class _Call:
    """A user's function with the name by which errors call it.

    Parameters
    ----------
    name : str
        What it is called: ``"jacobian"``.
    function : callable
        ``function(x, *rest, *args)``.
    n : int
        The number of variables.
    args : tuple
        Further arguments.
    given : Given or None
        Where copies of x come from, shared by functions of one x.
    """

    __slots__ = ("args", "function", "given", "n", "name", "shape")

    def __init__(
        self,
        name: str,
        function: Callable[..., Any],
        n: int,
        *,
        args: tuple[Any, ...] = (),
        given: Given | None = None,
    ) -> None:
        self.name, self.function, self.args = name, function, args
        self.n, self.shape, self.given = n, (n,), given or Given()

    def raw(self, x: Any, *rest: Any) -> Any:
        """Return what the function returns, untouched."""
        copy = self.given.copy
        if type(x) is not _ARRAY or copy.tobytes() != x.tobytes():
            copy = self.given.renewed(x)
        try:
            return self.function(copy, *rest, *self.args)
        except Exception as error:
            found = _named(error, self.name)
            if found is error:
                raise
            raise found from error


class VectorCall(_Call):
    """A function that returns a vector of shape (n,)."""

    __slots__ = ()

    def __call__(self, x: Any, *rest: Any) -> Array:
        """Return a new array of shape (n,)."""
        copy = self.given.copy  # as in `raw`, without two calls: this stands in every step of a path
        if type(x) is not _ARRAY or copy.tobytes() != x.tobytes():
            copy = self.given.renewed(x)
        try:
            f = self.function(copy, *rest, *self.args)
        except Exception as error:
            found = _named(error, self.name)
            if found is error:
                raise
            raise found from error
        if type(f) is _ARRAY and f.dtype is _DOUBLE and f.shape == self.shape:
            return f.copy()
        return vector_of(self.name, f, self.n)


class DrawCall(_Call):
    """A function of a Generator that returns a vector of shape (n,)."""

    __slots__ = ()

    def __call__(self, rng: Any) -> Array:
        """Return a new array of shape (n,)."""
        try:
            found = self.function(rng)
        except Exception as error:
            other = _named(error, self.name)
            if other is error:
                raise
            raise other from error
        return vector_of(self.name, found, self.n)


class NumberCall(_Call):
    """A function that returns a number."""

    __slots__ = ()

    def __call__(self, x: Any, *rest: Any) -> float:
        """Return the number."""
        found = self.raw(x, *rest)
        return found if type(found) is float else number_of(self.name, found)


class PairCall(_Call):
    """A function that returns a number and a vector of shape (n,)."""

    __slots__ = ()

    def __call__(self, x: Any, *rest: Any) -> tuple[float, Array]:
        """Return the number and a new array of shape (n,)."""
        found = self.raw(x, *rest)
        if not isinstance(found, (tuple, list)) or len(found) != 2:
            wanted = f"a pair, the value and the gradient of shape ({self.n},)"
            raise ArgumentError(f"{self.name} must return {wanted}, not {shown(found)}")
        value, grad = found
        number = value if type(value) is float else number_of(f"{self.name}, as the value,", value)
        return number, vector_of(f"{self.name}, as the gradient,", grad, self.n)


class MatrixCall(_Call):
    """A function that returns a matrix of shape (n, n), dense or sparse."""

    __slots__ = ()

    def __call__(self, x: Any, *rest: Any) -> Any:
        """Return a new matrix."""
        a = self.raw(x, *rest)
        if type(a) is _ARRAY and a.dtype is _DOUBLE and a.shape == (self.n, self.n):
            return a.copy(order="K")
        return _matrix_of(self.name, a, self.n)


class FactorsCall(_Call):
    """A function that returns factors of a matrix, an object that has ``solve(b)``; a LinAlgError says: singular."""

    __slots__ = ()

    def __call__(self, x: Any, *rest: Any) -> Any:
        """Return the factors, whose solutions are looked at."""
        try:
            found = self.raw(x, *rest)
        except EvaluationError as error:
            if isinstance(error.__cause__, np.linalg.LinAlgError):
                raise error.__cause__ from None
            raise
        if type(found).__module__.startswith("homotopy."):  # this package's own need no look
            return found
        if isinstance(found, type) or not callable(getattr(found, "solve", None)):
            raise ArgumentError(f"{self.name} must return an object that has solve(b), not {shown(found)}")
        return _Factors(found, self.name)


class _Factors:
    """A user's factors, given copies, with their solutions looked at; everything else is theirs."""

    __slots__ = ("_inner", "_name", "_solve")

    def __init__(self, inner: Any, name: str) -> None:
        self._inner, self._name, self._solve = inner, f"{name}(...).solve", inner.solve

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def solve(self, b: Array, **settings: Any) -> Array:
        """Return the solution of A x = b; b has shape (n,) or (n, k)."""
        try:
            found = self._solve(b.copy(order="K"), **settings)
        except np.linalg.LinAlgError:
            raise
        except Exception as error:
            other = _named(error, self._name)
            if other is error:
                raise
            raise other from error
        if type(found) is _ARRAY and found.dtype is _DOUBLE and found.shape == b.shape:
            return found.copy(order="K")
        raw = _numbers(found)
        if raw is None or raw.size != b.size or (raw.shape != b.shape and b.ndim > 1):
            raise _refused(self._name, _wanted(b.shape), found if raw is None else raw)
        return np.array(raw, dtype=np.float64).reshape(b.shape)


class Named:
    """A function that errors call by a name of its own."""

    def __init__(self, name: str, function: Any) -> None:
        self.name, self.function = name, function

    def __call__(self, *arguments: Any) -> Any:
        """Return what the function returns."""
        return self.function(*arguments)


_Kind = TypeVar("_Kind", bound=_Call)


def called(kind: type[_Kind], name: str, function: Any, form: str, **settings: Any) -> _Kind:
    """Return a user's function, of a form such as ``(x, t)``, as a call.

    Raises
    ------
    ArgumentError
        If it cannot be called.
    """
    while isinstance(function, Named):  # the innermost name is that of the user
        name, function = function.name, function.function
    function_check(name, function, f"{name}{form}")
    return kind(name, function, **settings)


def called_or_none(kind: type[_Kind], name: str, function: Any, form: str, **settings: Any) -> _Kind | None:
    """Return `called`, or None where there is no function."""
    return None if function is None else called(kind, name, function, form, **settings)
