"""The random streams of many runs, made when they are needed."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from homotopy.methods.base import streams

__all__ = ["lazy_streams"]


class _Own:
    """The random stream of one run, made when it is first asked for."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._rng: np.random.Generator | None = None

    def __call__(self) -> np.random.Generator:
        if self._rng is None:
            self._rng = _child(self.seed, 1)
        return self._rng


def _child(seed: int, number: int) -> np.random.Generator:
    """Return one of the children that ``default_rng(seed).spawn`` would give."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(number,))))


def lazy_streams(
    seed: np.random.Generator | int | None,
) -> tuple[np.random.Generator, Callable[[], np.random.Generator]]:
    """Return the streams of `streams`, the second one only made when it is called."""
    if isinstance(seed, int) and seed >= 0:
        return _child(seed, 0), _Own(seed)
    start, own = streams(seed)
    return start, lambda: own
