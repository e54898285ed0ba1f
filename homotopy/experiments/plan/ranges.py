"""Seeds written as a count, a list ``1/5/9`` or a range ``100..199``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import islice
from operator import index
from typing import Any

from homotopy.arguments import shown
from homotopy.errors import ArgumentError
from homotopy.naming import values

__all__ = ["expand_seeds"]

MOST_SEEDS = 10_000_000  # starts of one comparison
LARGEST_SEED = 2**63 - 1  # what a store and a record keep of a seed
DIGITS = re.compile(r"[0-9]+")  # int() takes 1_0 as well, which is a typing error


def expand_seeds(seeds: int | str | Iterable[int]) -> tuple[int, ...]:
    """Return the seeds that a count, a text or a sequence stands for.

    A count N means 0 to N - 1, as does its text; ``"100..199"`` and ``"1/5/9"`` name the seeds themselves.

    Raises
    ------
    ArgumentError
        If there is no seed, one is negative, larger than 2^63 - 1 or given twice, or a text is not made of plain
        digits.

    Examples
    --------
    >>> expand_seeds(3), expand_seeds("5..7")
    ((0, 1, 2), (5, 6, 7))
    """
    out: Sequence[int]
    try:
        if isinstance(seeds, str):
            out = _written(seeds)
        elif isinstance(seeds, int):
            out = _counted(_seed(seeds))
        else:
            out = [_seed(seed) for seed in islice(seeds, MOST_SEEDS + 1)]
    except ArgumentError:
        raise
    except Exception:  # what is no list of integers, and objects that refuse to be one
        raise ArgumentError(f"seeds must be a count, a range low..high or a list a/b/c, not {shown(seeds)}") from None
    if len(out) > MOST_SEEDS:
        raise ArgumentError(f"seeds must be at most {MOST_SEEDS:,}, not {shown(seeds)}")
    if not out or min(out) < 0 or len(set(out)) < len(out):
        raise ArgumentError(f"seeds must be a positive count or different numbers from 0 on, not {shown(seeds)}")
    if max(out) > LARGEST_SEED:
        raise ArgumentError(f"a seed must be at most 2^63 - 1 = {LARGEST_SEED}, not {max(out)}")
    return tuple(out)


def _written(text: str) -> Sequence[int]:
    """Return the seeds that a text names, or so many where it is a count."""
    plain = text.strip()
    if DIGITS.fullmatch(plain.removeprefix("-")):
        return _counted(int(plain))
    parts = values(f"seeds={plain}", plain)
    if not all(DIGITS.fullmatch(part.removeprefix("-")) for part in parts):
        raise ValueError(text)
    return [int(part) for part in parts]


def _counted(count: int) -> range:
    return range(min(count, MOST_SEEDS + 1))


def _seed(seed: Any) -> int:
    """Return one seed; 1.5, "1" and True are none."""
    if isinstance(seed, bool):
        raise TypeError(seed)
    return index(seed)
