"""Names and seeds written as lists ``6/10/20`` and ranges ``6..20``."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable
from operator import index
from typing import Any

from homotopy.errors import ArgumentError
from homotopy.problems.base import parse_name

__all__ = ["expand", "expand_seeds"]

LITERAL = ("path", "target")  # parameters whose text is taken as it stands
RANGE = re.compile(r"(-?\d+)\.\.(-?\d+)(?:\.\.(\d+))?")
MOST_SEEDS = 10_000_000  # starts of one comparison
LARGEST = 100_000  # names that one range may stand for


def expand(text: str) -> list[str]:
    """Return the names that a name with lists and ranges stands for.

    Parameters
    ----------
    text : str
        ``name:par=value,...`` where a value may be a list ``6/10/20``, a range ``6..20`` (both ends included) or a
        range with a step ``6..20..2``, or a list of these.

    Raises
    ------
    ArgumentError
        If a range is empty or a list has an empty part.

    Notes
    -----
    The parameters path and target, of a user's file, are taken as they stand.

    Examples
    --------
    >>> expand("teacher:k=6..8")
    ['teacher:k=6', 'teacher:k=7', 'teacher:k=8']
    >>> expand("xor:hidden=2/3,activation=tanh/relu")[1]
    'xor:hidden=2,activation=relu'
    """
    name, parameters = parse_name(text)
    if not parameters:
        return [name]
    choices = [[value] if key in LITERAL else _values(text, value) for key, value in parameters.items()]
    out = []
    for combination in itertools.product(*choices):
        inside = ",".join(f"{key}={value}" for key, value in zip(parameters, combination, strict=True))
        out.append(f"{name}:{inside}")
    return out


def _values(text: str, value: str) -> list[str]:
    """Return the values of a list or a range; a single value is a list of one."""
    out: list[str] = []
    for part in value.split("/"):
        if not part:
            raise ArgumentError(f"{text!r}: the list {value!r} has an empty part")
        match = RANGE.fullmatch(part)
        out += [str(n) for n in _range(text, part, match)] if match else [part]
    return out


def _range(text: str, part: str, match: re.Match[str]) -> range:
    low, high, step = int(match[1]), int(match[2]), int(match[3] or 1)
    if step < 1 or high < low:
        raise ArgumentError(f"{text!r}: the range {part!r} is empty; write low..high or low..high..step")
    if (high - low) // step >= LARGEST:
        raise ArgumentError(f"{text!r}: the range {part!r} has more than {LARGEST} values")
    return range(low, high + 1, step)


def expand_seeds(seeds: int | str | Iterable[int]) -> tuple[int, ...]:
    """Return the seeds that a count, a text or a sequence stands for.

    Parameters
    ----------
    seeds : int, str or iterable of int
        A count N means 0 to N - 1, as does its text; ``"100..199"`` and ``"1/5/9"`` name the seeds themselves.

    Raises
    ------
    ArgumentError
        If there is no seed, one is negative or one is given twice.

    Examples
    --------
    >>> expand_seeds(3), expand_seeds("5..7")
    ((0, 1, 2), (5, 6, 7))
    """
    try:
        if isinstance(seeds, str) and not seeds.strip().lstrip("-").isdigit():
            out = [int(part) for part in _values(f"seeds={seeds}", seeds)]
        elif isinstance(seeds, (int, str)):
            out = list(range(min(int(seeds), MOST_SEEDS + 1)))
        else:
            out = [_seed(seed) for seed in seeds]
    except (ValueError, TypeError) as error:
        if isinstance(error, ArgumentError):
            raise
        raise ArgumentError(f"seeds must be a count, a range low..high or a list a/b/c, not {seeds!r}") from None
    if len(out) > MOST_SEEDS:
        raise ArgumentError(f"seeds must be at most {MOST_SEEDS:,}, not {seeds!r}")
    if not out or min(out) < 0 or len(set(out)) < len(out):
        raise ArgumentError(f"seeds must be a positive count or different numbers from 0 on, not {seeds!r}")
    return tuple(out)


def _seed(seed: Any) -> int:
    """Return one seed; 1.5, "1" and True are none."""
    if isinstance(seed, bool):
        raise TypeError(seed)
    return index(seed)
