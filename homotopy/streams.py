"""Random streams of runs: counter-based, so that a run's numbers depend on its seed alone and many are drawn at once.

A run has a key of two 64-bit words, (seed, 0) for an integer seed. Its stream number i is that of
``numpy.random.Generator(numpy.random.Philox(key=key, counter=[0, 0, 0, i]))``: number 0 draws the start, number 1 is
the run's own Generator, the following ones belong to one compiled move each.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy._core import draws
from homotopy.arguments import generator, integer

__all__ = ["Draws", "Keys", "Streams", "generator_of", "key_of", "keys_of"]

Keys = NDArray[np.uint64]
"""Keys of r runs, shape (r, 2)."""

WORDS = 16
"""Words of one stream's state: key, counter, buffer, and how much of the buffer is used (ext/draws/philox.h)."""
AT, HALVED, HALF = 10, 11, 12
EMPTY = 4
"""The place in a buffer that is used up."""


def key_of(rng: Any) -> tuple[int, int]:
    """Return the key of a run from what its caller gave: a seed, or a Generator or None, from which it is drawn.

    Raises
    ------
    ArgumentError
        If it is none of these, or a seed of more than 64 bits.
    """
    if isinstance(rng, (int, np.integer)) and not isinstance(rng, bool):
        return integer("rng", int(rng), least=0, most=2**64 - 1), 0
    first, second = generator("rng", rng).integers(2**64, size=2, dtype=np.uint64).tolist()
    return first, second


def keys_of(rngs: Sequence[Any] | NDArray[np.integer[Any]]) -> Keys:
    """Return the keys of many runs, shape (r, 2); see `key_of`."""
    numbers = np.array(rngs) if len(rngs) > 1 and isinstance(rngs[0], (int, np.integer)) else np.empty(0)
    if numbers.dtype.kind in "iu" and numbers.min() >= 0:
        keys = np.zeros((len(rngs), 2), dtype=np.uint64)
        keys[:, 0] = numbers
        return keys
    return np.array([key_of(rng) for rng in rngs], dtype=np.uint64).reshape(-1, 2)


def generator_of(key: Any, number: int) -> np.random.Generator:
    """Return the Generator of a run's stream of this number.

    Examples
    --------
    >>> first = generator_of((7, 0), 0).standard_normal(3)
    >>> many = Draws(keys_of([7, 8]), 0).standard_normal((3,))
    >>> bool((many[0] == first).all())
    True
    """
    words = np.array([0, 0, 0, number], dtype=np.uint64)
    return np.random.Generator(np.random.Philox(key=np.asarray(key, dtype=np.uint64), counter=words))


class Draws:
    """Random numbers of m runs at once: row i of every answer is what the Generator of run i would give next.

    Parameters
    ----------
    keys : ndarray of shape (m, 2), uint64
        The runs' keys.
    number : int or ndarray of shape (m,)
        Which of its streams each run draws from.

    Attributes
    ----------
    state : ndarray of shape (m, 16), uint64
        One ``hp_philox`` of ext/draws/philox.h a run, which compiled moves draw from, too.
    """

    def __init__(self, keys: Keys, number: Any = 0) -> None:
        self.state: NDArray[np.uint64] = np.zeros((len(keys), WORDS), dtype=np.uint64)
        self.state[:, :2] = keys
        self.state[:, 5] = number
        self.state[:, AT] = EMPTY

    def __len__(self) -> int:
        return len(self.state)

    def standard_normal(self, shape: tuple[int, ...]) -> NDArray[np.float64]:
        """Return standard normal numbers, shape (m, *shape)."""
        return draws.normals(self.state, int(np.prod(shape))).reshape(len(self), *shape)

    def random(self, shape: tuple[int, ...]) -> NDArray[np.float64]:
        """Return numbers uniform on [0, 1), shape (m, *shape)."""
        return draws.doubles(self.state, int(np.prod(shape))).reshape(len(self), *shape)

    def uniform(self, low: float, high: float, shape: tuple[int, ...]) -> NDArray[np.float64]:
        """Return numbers uniform on [low, high), shape (m, *shape)."""
        return low + (high - low) * self.random(shape)

    def integers(self, below: int, shape: tuple[int, ...]) -> NDArray[np.int64]:
        """Return integers from 0 to ``below - 1``, shape (m, *shape)."""
        return draws.integers(self.state, below, int(np.prod(shape))).reshape(len(self), *shape)

    def words(self) -> NDArray[np.uint64]:
        """Return 64 random bits a run, shape (m,)."""
        return draws.words(self.state)

    def generators(self) -> list[np.random.Generator]:
        """Return a Generator for each run that goes on where its stream is."""
        return [_continued(row) for row in self.state]


def _continued(row: NDArray[np.uint64]) -> np.random.Generator:
    bits = np.random.Philox(key=row[:2], counter=row[2:6])
    state: Any = bits.state
    state["buffer"], state["buffer_pos"] = row[6:10].copy(), int(row[AT])
    state["has_uint32"], state["uinteger"] = int(row[HALVED]), int(row[HALF])
    bits.state = state
    return np.random.Generator(bits)


class Streams:
    """The streams of r runs, each of which counts those that it has used.

    Parameters
    ----------
    keys : ndarray of shape (r, 2), uint64
        The runs' keys.
    """

    def __init__(self, keys: Keys) -> None:
        self.keys = keys
        self._next = np.full(len(keys), 2, dtype=np.uint64)
        self._own: dict[int, np.random.Generator] = {}

    def own(self, run: int) -> np.random.Generator:
        """Return a run's own Generator, the same one at every call."""
        if run not in self._own:
            self._own[run] = generator_of(self.keys[run], 1)
        return self._own[run]

    def draws(self, runs: NDArray[np.intp]) -> Draws:
        """Return what draws the next move of these runs, which are all different."""
        numbers = self._next[runs]
        self._next[runs] = numbers + np.uint64(1)
        return Draws(self.keys[runs], numbers)
