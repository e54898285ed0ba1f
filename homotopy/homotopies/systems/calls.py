"""The functions of a user's system: what they return is an array of exactly the right shape, or refused.

Lists, columns, rows and numbers, which an objective's functions may return (`homotopy.calls`), are mistakes here: where
a vector, a matrix and a number are three things, whoever returns one for another mostly means something else.
"""

from __future__ import annotations

from sys import getrefcount
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.arguments import shown
from homotopy.calls import Call, raise_named
from homotopy.errors import ArgumentError
from homotopy.linalg import DenseLU, DenseSymmetric, SparseLU, Tridiagonal
from homotopy.returned import exact_matrix, exactly

__all__ = ["ArrayCall", "FactorsCall", "SquareCall"]

Array = NDArray[np.float64]

_ARRAY, _DOUBLE = np.ndarray, np.dtype(np.float64)
_OURS = {DenseLU, DenseSymmetric, SparseLU, Tridiagonal}


def _references() -> int:
    """Return how many references Python counts to an object that one local variable alone holds."""
    made = np.empty(0)
    return getrefcount(made)


_ALONE = _references()


class ArrayCall(Call):
    """A function that returns an array of shape (n,)."""

    __slots__ = ()

    def __call__(self, x: Any, *rest: Any) -> Array:
        """Return a new array of shape (n,)."""
        return exactly(self.name, self.raw(x, *rest), self.shape)

    def at(self, x: Any, t: float) -> Array:
        """Return the same for a function of x and t, in half the time: this stands in every step of a path.

        An array of its own memory that nobody else holds cannot be filled again, and is not copied.
        """
        copy = self.given.copy
        if type(x) is not _ARRAY or copy.tobytes() != x.tobytes():
            copy = self.given.renewed(x)
        try:
            f = self.function(copy, t)
        except Exception as error:
            raise_named(error, self.name)
        if type(f) is _ARRAY and f.dtype is _DOUBLE and f.shape == self.shape:
            return f if f.base is None and getrefcount(f) <= _ALONE else f.copy()
        return exactly(self.name, f, self.shape)


class SquareCall(Call):
    """A function that returns a matrix of shape (n, n), dense or sparse."""

    __slots__ = ()

    def __call__(self, x: Any, *rest: Any) -> Any:
        """Return a new matrix."""
        a = self.raw(x, *rest)
        if type(a) is _ARRAY and a.dtype is _DOUBLE and a.shape == (self.n, self.n):
            return a.copy()
        return exact_matrix(self.name, a, self.n)


class FactorsCall(Call):
    """A function that returns factors of a matrix, an object that has ``solve(b)``; a LinAlgError says: singular."""

    __slots__ = ()

    def __call__(self, x: Any, t: float) -> Any:
        """Return the factors, whose solutions are looked at."""
        copy = self.given.copy
        if type(x) is not _ARRAY or copy.tobytes() != x.tobytes():
            copy = self.given.renewed(x)
        try:
            found = self.function(copy, t)
        except np.linalg.LinAlgError:
            raise
        except Exception as error:
            raise_named(error, self.name)
        if type(found) in _OURS:  # this package's own need no look
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
            raise_named(error, self._name)
        return exactly(self._name, found, b.shape)
