"""Seeds written as a count, a list ``1/5/9`` or a range ``100..199``."""

from __future__ import annotations

from collections.abc import Iterable
from operator import index
from typing import Any

from homotopy.errors import ArgumentError
from homotopy.naming import values

__all__ = ["expand_seeds"]

MOST_SEEDS = 10_000_000  # starts of one comparison


def expand_seeds(seeds: int | str | Iterable[int]) -> tuple[int, ...]:
    """Return the seeds that a count, a text or a sequence stands for.

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
            out = [int(part) for part in values(f"seeds={seeds}", seeds)]
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
