"""Kinds of arguments: whether a value is of the kind that an annotation names, and the annotation in words."""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable, Collection, Iterable, Mapping
from itertools import islice
from typing import Any, BinaryIO, TextIO, TypeVar, Union, get_args, get_origin

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["fits", "has", "words"]

MANY = 1000  # entries of a sequence that are looked at

_NUMBERS = (int, float, np.integer, np.floating)
_PLAIN = {
    float: "a number",
    int: "an integer",
    bool: "True or False",
    str: "a text",
    type(None): "None",
    TextIO: "an open file",
    BinaryIO: "an open file",
    dict: "a dictionary",
}


def fits(value: Any, hint: Any) -> bool:
    """Return whether a value is of the kind that an annotation names; True where the annotation says nothing.

    Examples
    --------
    >>> from collections.abc import Sequence
    >>> fits(1, float), fits("1", float), fits([1, "a"], Sequence[int]), fits(np.ones(2), int | None)
    (True, False, False, False)
    """
    try:
        return _fits(value, hint)
    except Exception:  # of a value whose own methods raise
        return False


def has(value: Any, name: str) -> bool:
    """Return whether an object has an attribute; one that raises has not."""
    try:
        return hasattr(value, name)
    except Exception:
        return False


def _fits(value: Any, hint: Any) -> bool:
    origin, parts = get_origin(hint), get_args(hint)
    if hint is Any or hint is object or isinstance(hint, (str, TypeVar)) or hint is inspect.Parameter.empty:
        return True
    if hint is ArrayLike:
        return np.asarray(value).dtype.kind in "biufUST" and not np.ma.is_masked(value)
    if origin in (Union, types.UnionType):
        return any(fits(value, part) for part in parts)
    if hint in (float, int):
        whole = hint is float or (value == int(value) and -(2**63) <= value < 2**63)
        return isinstance(value, _NUMBERS) and not isinstance(value, bool) and whole and float(value) is not None
    if hint is bool:
        return isinstance(value, (bool, np.bool_))
    if origin is np.ndarray:
        return isinstance(value, np.ndarray) and _of_dtype(value, parts) and not np.ma.is_masked(value)
    if origin is type:
        return inspect.isclass(value) and issubclass(value, parts[0])
    if origin is Callable or hint is Callable:
        return callable(value)
    if hint in (TextIO, BinaryIO):  # whose names no stream has among its classes
        return has(value, "write") or has(value, "read")
    if inspect.isclass(origin) and issubclass(origin, Iterable):
        return _many(value, origin, parts)
    if getattr(hint, "_is_protocol", False):
        return all(has(value, name) for name in _members(hint))
    kind = origin or hint
    return isinstance(value, kind) if inspect.isclass(kind) else True


def _of_dtype(value: Any, parts: tuple[Any, ...]) -> bool:
    """Return whether an array has numbers where the annotation wants some."""
    wanted = [kind for kind in get_args(parts[-1]) if inspect.isclass(kind)]
    if not wanted or wanted[0] is np.object_:
        return True
    return value.dtype.kind in ("biu" if issubclass(wanted[0], (np.integer, np.bool_)) else "biuf")


def _many(value: Any, origin: Any, parts: tuple[Any, ...]) -> bool:
    if issubclass(origin, Mapping):
        some = islice(value.items(), MANY) if isinstance(value, Mapping) else ()
        return isinstance(value, Mapping) and all(fits(k, parts[0]) and fits(v, parts[1]) for k, v in some)
    if not isinstance(value, origin) and not (isinstance(value, np.ndarray) and value.ndim and origin is not tuple):
        return False
    if not isinstance(value, (Collection, np.ndarray)):  # one that can be gone through once alone
        return True
    if origin is tuple and parts[-1:] != (Ellipsis,):
        return len(value) == len(parts) and all(map(fits, value, parts))
    return not parts or all(fits(entry, parts[0]) for entry in islice(value, MANY))


def _members(protocol: Any) -> set[str]:
    """Return the names that an object must have to follow a protocol."""
    named = {name for kind in protocol.__mro__ for name in getattr(kind, "__annotations__", ())}
    return named | {name for name, value in vars(protocol).items() if not name.startswith("_") and callable(value)}


def words(hint: Any) -> str:
    """Return an annotation in words.

    Examples
    --------
    >>> from collections.abc import Sequence
    >>> words(int | None), words(Sequence[float])
    ('an integer or None', 'a list of numbers')
    """
    origin, parts = get_origin(hint), get_args(hint)
    if hint is ArrayLike:
        return "an array"
    if hint in _PLAIN:
        return _PLAIN[hint]
    if origin in (Union, types.UnionType):
        return " or ".join(dict.fromkeys(map(words, parts)))
    if origin is np.ndarray:
        return "an array of numbers"
    if origin is Callable:
        return "a function"
    if origin is tuple and parts[-1:] != (Ellipsis,):
        return f"a tuple of {len(parts)}: {', '.join(map(words, parts))}"
    if inspect.isclass(origin) and issubclass(origin, Mapping):
        return "a dictionary"
    if inspect.isclass(origin) and issubclass(origin, Iterable):
        return f"a {'tuple' if origin is tuple else 'list'} of {_plural(words(parts[0]))}" if parts else "a list"
    if origin is type:
        return f"a class, {getattr(parts[0], '__name__', parts[0])}"
    name = getattr(origin or hint, "__name__", str(hint))
    return f"{'an' if name[:1] in 'AEIOU' else 'a'} {name}"


def _plural(word: str) -> str:
    first = word.removeprefix("an ").removeprefix("a ")
    return first if " " in first and " or " not in first and not first.startswith("list") else f"{first}s"
