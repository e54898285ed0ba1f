"""What a column of texts holds: numbers, truth values or categories; and what counts as missing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from math import isfinite, nan
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["DATE", "MISSING", "TRUTH", "is_missing", "number_of", "numbers_of", "truth_of", "truth_words", "word"]

Floats = NDArray[np.float64]

MISSING = frozenset({"", "?", "na", "n/a", "#n/a", "<na>", "nan", "-nan", "null", "none", "nat", "."})
"""Cells that hold nothing, in small letters."""
TRUTH = (("false", "true"), ("no", "yes"), ("n", "y"), ("f", "t"), ("off", "on"))
"""Pairs of words, in small letters, that are taken as 0 and 1 where a column holds no others."""
DATE = re.compile(
    r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}([T ].*)?|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}( .*)?|\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?"
)
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_INFINITE = re.compile(r"[+-]?inf(inity)?", re.IGNORECASE)
_VALUES = {text: float(place) for pair in TRUTH for place, text in enumerate(pair)}


def is_missing(text: str) -> bool:
    """Whether a cell, without the blanks around it, holds nothing.

    Examples
    --------
    >>> is_missing("NA"), is_missing("?"), is_missing("0")
    (True, True, False)
    """
    return len(text) < 5 and text.lower() in MISSING


def number_of(text: str, decimal: str = ".") -> float | None:
    """Return a cell as a number, infinite where it says so or is too large; None where it is none.

    Only what is written as a number counts: no underscores, no digits of other scripts, no separators of thousands.

    Examples
    --------
    >>> number_of("-6e1"), number_of("1,5", ","), number_of("1_0"), number_of("1.5", ",")
    (-60.0, 1.5, None, None)
    """
    if decimal != ".":
        text = text.replace(".", "?").replace(decimal, ".")
    return float(text) if _NUMBER.fullmatch(text) or _INFINITE.fullmatch(text) else None


def numbers_of(texts: Sequence[str | None] | NDArray[Any], decimal: str = ".") -> tuple[Floats, NDArray[np.bool_]]:
    """Return cells as numbers, NaN where they are missing (None) or none, and which of them are none.

    Examples
    --------
    >>> numbers_of(["1", None, "two"])
    (array([ 1., nan, nan]), array([False, False,  True]))
    """
    quick = _quick(texts) if decimal == "." else None
    if quick is not None:
        return quick, np.zeros(len(texts), dtype=bool)
    values, wrong = np.full(len(texts), nan), np.zeros(len(texts), dtype=bool)
    for i, text in enumerate(texts):
        if text is not None:
            value = number_of(text, decimal)
            wrong[i] = value is None
            values[i] = nan if value is None else value
    return values, wrong


def _quick(texts: Sequence[str | None] | NDArray[Any]) -> Floats | None:
    """Return the numbers of cells that are all written plainly, by the shortest way; None where one may not be."""
    try:
        values = np.array([nan if text is None else float(text) for text in texts], dtype=np.float64)
    except ValueError:
        return None
    joined = "".join(filter(None, texts))
    plain = joined.isascii() and "_" not in joined and int(np.isnan(values).sum()) == sum(t is None for t in texts)
    return values if plain else None


def truth_words(words: Iterable[str]) -> bool:
    """Whether words are all of one pair of `TRUTH`."""
    found = {text.lower() for text in words}
    return bool(found) and any(found <= set(pair) for pair in TRUTH)


def truth_of(value: Any) -> float | None:
    """Return a truth value, a word of `TRUTH` or 0 or 1 as a number; None where it is none of them."""
    if isinstance(value, str):
        found = _VALUES.get(value.lower())
        value = number_of(value) if found is None else found
    elif isinstance(value, (bool, np.bool_)):
        value = float(value)
    return float(value) if value in (0, 1) else None


def word(value: Any) -> str:
    """Return a category as the text by which it is known, whichever way it came: 3, 3.0 and "3" are one.

    Examples
    --------
    >>> word(3.0), word(" red"), word(True), word(2.5)
    ('3', 'red', 'True', '2.5')
    """
    if isinstance(value, (float, np.floating)) and isfinite(value) and value == int(value):
        return str(int(value))
    return str(value).strip()
