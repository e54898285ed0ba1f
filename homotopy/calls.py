"""Users' functions: what they are given is theirs, what they return is looked at, an error says where it comes from.

| returned | what becomes of it |
|---|---|
| an array of float64 of the right shape | a copy, so that the function may fill one array again and again |
| an array of integers or of other floats of that shape | converted |
| a list, a column or row of n numbers, a number where n = 1 | an objective's is converted, a system's refused |
| None, text, truth values, complex or other objects, another number of entries | ArgumentError, one sentence |

What systems' functions return is looked at in `homotopy.homotopies.systems.calls`.

What a function is given is a copy, which it may overwrite: the same one as long as the point is the same, so that it
may keep what it has computed for an x. An ArithmeticError or a LinAlgError of the function says that it cannot be
evaluated at this point and becomes an EvaluationError, after which a tracker tries a shorter step. Every other error
is the function's own: it passes as it is, with a note that names the function.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn, TypeVar

import numpy as np
from numpy.typing import NDArray

from homotopy.arguments import function as function_check
from homotopy.arguments import shown
from homotopy.doors.telling import FOREIGN
from homotopy.errors import ArgumentError, EvaluationError, reason
from homotopy.returned import matrix_of, number_of, vector_of

__all__ = [
    "Call",
    "DrawCall",
    "Given",
    "MatrixCall",
    "Named",
    "NumberCall",
    "PairCall",
    "VectorCall",
    "called",
    "called_or_none",
    "named_error",
    "raise_named",
]

Array = NDArray[np.float64]

_ARRAY, _DOUBLE = np.ndarray, np.dtype(np.float64)


def _good(found: Any, shape: tuple[int, ...]) -> bool:
    return type(found) is _ARRAY and found.dtype is _DOUBLE and found.shape == shape


def named_error(error: Exception, name: str) -> Exception:
    """Return the error to raise in place of what a function raised: an EvaluationError, or the same with a note."""
    if isinstance(error, (ArithmeticError, np.linalg.LinAlgError)) and not isinstance(error, EvaluationError):
        return EvaluationError(f"{name} raised {reason(error)}")
    note = f"raised by {name}, {FOREIGN}"
    if note not in getattr(error, "__notes__", ()):
        error.add_note(note)
    return error


def raise_named(error: Exception, name: str) -> NoReturn:
    """Raise `named_error` in place of what a function raised."""
    found = named_error(error, name)
    if found is error:
        raise error
    raise found from error


class Given:
    """The copy of a point that is handed out: the same one for as long as it equals the point, byte by byte."""

    __slots__ = ("copy",)

    def __init__(self) -> None:
        self.copy: Array = np.empty(0)

    def renewed(self, x: Any) -> Array:
        """Return a new copy of x."""
        plain = type(x) is _ARRAY and x.dtype is _DOUBLE
        copy: Array = x.copy() if plain else np.array(x, dtype=np.float64)
        self.copy = copy
        return copy


class _Anew(Given):
    """A new copy every time: functions that threads share must not share copies."""

    __slots__ = ()

    def renewed(self, x: Any) -> Array:
        """Return a new copy of x."""
        return np.array(x, dtype=np.float64)


class _With:
    """A function with its last arguments."""

    __slots__ = ("args", "function")

    def __init__(self, function: Callable[..., Any], args: tuple[Any, ...]) -> None:
        self.function, self.args = function, args

    def __call__(self, *given: Any) -> Any:
        return self.function(*given, *self.args)


class Call:
    """A user's function with the name by which errors call it.

    Parameters
    ----------
    name, function : str, callable
        ``"jacobian"`` and ``function(x, *rest, *args)``.
    n : int
        The number of variables.
    args : tuple
        Further arguments.
    given : Given or None
        Where copies of x come from; None makes a new one for every call.

    Raises
    ------
    ArgumentError
        If `args` is no tuple.
    """

    __slots__ = ("function", "given", "n", "name", "shape")

    def __init__(
        self, name: str, function: Any, n: int, *, args: tuple[Any, ...] = (), given: Given | None = None
    ) -> None:
        if not isinstance(args, (tuple, list)):
            raise ArgumentError(f"args must be a tuple, not {shown(args)}")
        self.name, self.function = name, _With(function, tuple(args)) if args else function
        self.n, self.shape, self.given = n, (n,), given or _Anew()

    def raw(self, x: Any, *rest: Any) -> Any:
        """Return what the function returns, untouched."""
        copy = self.given.copy
        if type(x) is not _ARRAY or copy.tobytes() != x.tobytes():
            copy = self.given.renewed(x)
        try:
            return self.function(copy, *rest)
        except Exception as error:
            raise_named(error, self.name)


class VectorCall(Call):
    """A function that returns a vector of shape (n,)."""

    __slots__ = ()

    def __call__(self, x: Any, *rest: Any) -> Array:
        """Return a new array of shape (n,)."""
        f = self.raw(x, *rest)
        return f.copy() if _good(f, self.shape) else vector_of(self.name, f, self.n)


class DrawCall(Call):
    """A function of a Generator that returns a vector of shape (n,)."""

    __slots__ = ()

    def __call__(self, rng: Any) -> Array:
        """Return a new array of shape (n,)."""
        try:
            drawn = self.function(rng)
        except Exception as error:
            if not hasattr(rng, "random"):
                raise ArgumentError(f"rng must be a Generator, as np.random.default_rng(0), not {shown(rng)}") from None
            raise_named(error, self.name)
        return vector_of(self.name, drawn, self.n)


class NumberCall(Call):
    """A function that returns a number."""

    __slots__ = ()

    def __call__(self, x: Any, *rest: Any) -> float:
        """Return the number."""
        found = self.raw(x, *rest)
        return found if type(found) is float else number_of(self.name, found)


class PairCall(Call):
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


class MatrixCall(Call):
    """A function that returns a matrix of shape (n, n), dense or sparse."""

    __slots__ = ()

    def __call__(self, x: Any, *rest: Any) -> Any:
        """Return a new matrix."""
        a = self.raw(x, *rest)
        if type(a) is _ARRAY and a.dtype is _DOUBLE and a.shape == (self.n, self.n):
            return a.copy()
        return matrix_of(self.name, a, self.n)


class Named:
    """A function that errors call by a name of its own."""

    def __init__(self, name: str, function: Any) -> None:
        self.name, self.function = name, function

    def __call__(self, *arguments: Any) -> Any:
        """Return what the function returns."""
        return self.function(*arguments)


_Kind = TypeVar("_Kind", bound=Call)


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
