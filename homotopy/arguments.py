"""Checks of arguments: one sentence that names the argument, its value and what is allowed.

Every check takes the argument's name and what was given, and raises ArgumentError where that is not allowed.
"""

from __future__ import annotations

import os
from collections.abc import Collection
from math import inf, isnan, prod
from numbers import Real
from reprlib import Repr
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.errors import ArgumentError
from homotopy.naming import hint

__all__ = [
    "affordable",
    "choice",
    "each_of",
    "function",
    "generator",
    "integer",
    "number",
    "numbers",
    "one_of",
    "positive",
    "positive_or_none",
    "shown",
    "vector",
]

_REPR = Repr()
_REPR.maxother = _REPR.maxstring = 60


MEMORY = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") if hasattr(os, "sysconf") else 2**36
"""How many bytes of memory this machine has."""


WORDS = 1000
"""Of a seed that is a sequence: a longer one is data, and no seed."""


def shown(value: Any) -> str:
    """Return a value as a message shows it: short, and in one line."""
    try:
        return " ".join(_REPR.repr(value).split())
    except Exception:  # an integer of more digits than Python writes, or an object whose own text fails
        return f"{'an integer of very many digits' if isinstance(value, int) else type(value).__name__}"


def _refused(name: str, value: Any, allowed: str, more: str = "") -> ArgumentError:
    return ArgumentError(f"{name} must be {allowed}, not {shown(value)}{more}")


def number(
    name: str,
    value: Any,
    allowed: str = "a number",
    *,
    above: float | None = None,
    least: float = -inf,
    below: float | None = None,
    most: float = inf,
) -> float:
    """Return a real number in a range as a float; NaN, texts and truth values are no numbers.

    The range is above < value < below and least <= value <= most, `allowed` says so in words; ``below=inf`` leaves out
    infinity.

    Examples
    --------
    >>> number("mu", 2, "a positive number", above=0)
    2.0
    """
    plain = type(value) is float  # the usual case first: checks stand in constructors that are called often
    if plain or (isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)):
        found = value if plain else _float(value)
        inside = (above is None or found > above) and (below is None or found < below) and least <= found <= most
        if inside and not isnan(found):
            return found
    raise _refused(name, value, allowed)


def integer(name: str, value: Any, *, least: int = 1, most: int | None = None) -> int:
    """Return a whole number from `least` to `most` as an int; a float that is one will do.

    Examples
    --------
    >>> integer("n_steps", 1e4)
    10000
    """
    if type(value) is int and least <= value < (2**63 if most is None else most + 1):
        return value
    allowed = f"an integer, at least {least}" + ("" if most is None else f" and at most {most}")
    found = number(name, value, allowed, least=least, most=inf if most is None else most)
    if found == inf or found != int(found):
        raise _refused(name, value, allowed)
    if most is None and found >= 2**63:
        raise _refused(name, value, f"{allowed} and below 2^63")
    return int(value)


def positive(name: str, value: Any, *, most: float | None = None, or_zero: bool = False) -> float:
    """Return a positive finite number, at most `most`, as a float; 0 is allowed where `or_zero` says so."""
    allowed = ("0 or " if or_zero else "") + "a positive number" + ("" if most is None else f", at most {most:g}")
    low: Any = {"least": 0.0} if or_zero else {"above": 0.0}
    return number(name, value, allowed, below=inf, most=inf if most is None else most, **low)


def positive_or_none(name: str, value: Any) -> float | None:
    """Return `positive`, or None where nothing was given."""
    return None if value is None else positive(name, value)


def affordable(name: str, *sizes: int) -> None:
    """Check that so many numbers of 8 bytes as the product of these sizes find room in this machine's memory.

    Raises
    ------
    ArgumentError
        If they do not: nothing so large can be meant.
    """
    asked = 8 * prod(map(int, sizes))
    if asked > MEMORY:
        shape = " x ".join(f"{size:,}" for size in sizes)
        raise ArgumentError(
            f"{name} ask for {shape} numbers, {asked / 2**30:,.0f} GiB; there are {MEMORY / 2**30:,.0f}"
        )


def choice(name: str, value: Any, options: Collection[str]) -> str:
    """Return one of several words; where another one is close, the message suggests it.

    Examples
    --------
    >>> choice("rows", "gaussian", ("orthonormal", "gaussian"))
    'gaussian'
    """
    if isinstance(value, str) and value in options:
        return value
    *most, last = (repr(option) for option in options)
    words = f"{', '.join(most)} or {last}" if most else last
    close = hint(value, options) if isinstance(value, str) else ""
    raise _refused(name, value, words, close)


def vector(name: str, value: Any, size: int | None, owner: str, *, finite: bool = False) -> NDArray[np.float64]:
    """Return a copy of a real vector as float64, of shape (size,), or of any length above 0 where `size` is None.

    `owner` is what needs so many entries: "the homotopy"; `finite` refuses NaN and infinite ones.

    Raises
    ------
    ArgumentError
        If it is not one.

    Examples
    --------
    >>> vector("x0", [1, 2], 2, "the homotopy")
    array([1., 2.])
    """
    raw = _array(value)
    if raw.dtype.kind not in "iuf":
        raise _refused(name, value, "a vector of real numbers")
    wanted = "(n,)" if size is None else f"({size},)"
    if raw.ndim != 1 or raw.size != (raw.size if size is None else size) or not raw.size:
        raise ArgumentError(f"{name} has shape {raw.shape}; {owner} needs {wanted}")
    if finite and not np.isfinite(raw).all():
        raise ArgumentError(f"{name} has entries that are not finite; every entry must be a finite number")
    with np.errstate(over="ignore"):  # of longer floats
        return np.array(raw, dtype=np.float64)


def numbers(name: str, value: Any) -> NDArray[np.float64]:
    """Return a copy of an array of real numbers as float64, C-contiguous, of any shape; truth values count as 0 and 1.

    Ragged arrays, texts, complex numbers, dates, masked entries and other objects are refused.

    Examples
    --------
    >>> numbers("X", [[1, 2], [3, 4]]).shape
    (2, 2)
    """
    raw = _array(value)
    if raw.dtype.kind == "O" and raw.ndim and all(isinstance(one, Real) for one in raw.flat):
        raw = np.array([_float(one) for one in raw.flat]).reshape(raw.shape)
    if raw.dtype.kind not in "biuf" or np.ma.is_masked(value):
        raise _refused(name, value, "an array of real numbers")
    with np.errstate(over="ignore"):  # of longer floats
        return np.array(raw, dtype=np.float64, order="C")


def _array(value: Any) -> NDArray[Any]:
    """Return a value as an array; where it cannot be one, as an object that is none."""
    try:
        return np.asarray(value)
    except MemoryError:
        raise
    except Exception:  # rows of unequal lengths, lists too deep, objects that refuse to be arrays
        return np.array(None, dtype=object)


def _float(value: Any) -> float:
    """Return a number as a float, infinite where it is too large."""
    try:
        return float(value)
    except OverflowError:
        return inf if value > 0 else -inf


def generator(name: str, rng: Any) -> np.random.Generator:
    """Return a Generator from a seed, or the one given; None draws a fresh seed.

    Examples
    --------
    >>> int(generator("rng", 0).integers(10))
    8
    """
    try:
        if hasattr(rng, "__len__") and len(rng) > WORDS:
            raise ValueError(rng)
        listed = rng.ravel().tolist() if isinstance(rng, np.ndarray) else rng if isinstance(rng, (list, tuple)) else ()
        if not all(isinstance(one, (int, np.integer)) for one in listed):  # NumPy follows lists in lists anywhere
            raise ValueError(rng)
        return np.random.default_rng(rng)
    except Exception:  # objects that refuse to be arrays among them
        raise _refused(name, rng, "a Generator, an integer >= 0 or None") from None


def function(name: str, value: Any, form: str) -> None:
    """Check that something can be called, in a form such as ``callback(point)``."""
    if not callable(value):
        raise _refused(name, value, f"a function, {form}")


def each_of(name: str, values: Any, kind: type) -> list[Any]:
    """Return a list of objects of a class from what can be gone through once.

    Raises
    ------
    ArgumentError
        If one is no object of the class.
    """
    try:
        found = list(values)
    except TypeError:
        raise _refused(name, values, f"a list of {kind.__name__} objects") from None
    for one in found:
        one_of(f"an entry of {name}", one, kind, f"a {kind.__name__}")
    return found


def one_of(name: str, value: Any, kinds: Any, allowed: str) -> None:
    """Check that something is an object of a class, or of one of several; `allowed` says so in words."""
    if not isinstance(value, kinds):
        raise _refused(name, value, allowed)
