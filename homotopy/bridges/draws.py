"""Many points at once: how many, and how they are drawn where a net has no way of its own."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from homotopy.objectives.base import Vector

__all__ = ["BLOCK", "like"]

BLOCK = 2**18
"""About so many numbers are held at once where many points are evaluated together, for the processor's caches."""


def like(pieces: Sequence[Vector], rng: np.random.Generator) -> list[Vector]:
    """Return normal numbers in the shapes of `pieces`, each with the root mean square of its piece.

    A piece of zeros stays zero, as biases do, unless all are zero: then they are standard normal.

    Examples
    --------
    >>> drawn = like([np.full(1000, 3.0), np.zeros(2)], np.random.default_rng(0))
    >>> round(float(np.std(drawn[0]))), drawn[1].tolist()
    (3, [0.0, 0.0])
    """
    sizes = [float(np.sqrt(np.mean(np.square(piece)))) if np.size(piece) else 0.0 for piece in pieces]
    if not any(sizes):
        sizes = [1.0] * len(pieces)
    return [size * rng.standard_normal(np.shape(piece)) for size, piece in zip(sizes, pieces, strict=True)]
