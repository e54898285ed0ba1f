"""The critical points of a sum: one of each of its functions, put together."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np

from homotopy.landscape.critical.moving.surface import Array, Surface
from homotopy.landscape.critical.separable.block import Block
from homotopy.landscape.critical.separable.blocks import Blocks
from homotopy.landscape.critical.separable.line import stationary_on_line

__all__ = ["products"]


def products(
    surface: Surface, blocks: Blocks, Z: Array, census: Callable[[Any, Array], Array], *, minima: bool, most: int
) -> Array | None:
    """Return all combinations of stationary points of the blocks, shape (m, n); None if they are more than `most`.

    Parameters
    ----------
    surface : Surface
        The function.
    blocks : Blocks
        Its coordinates.
    Z : ndarray of shape (r, n)
        Starts.
    census : callable
        ``census(objective, starts)`` returns the critical points of a function of several variables, one a row.
    minima : bool
        Whether minima of each block are enough.
    most : int
        The largest number of combinations.
    """
    parts, total = [], 1
    for V, W in zip(blocks.bases, blocks.inverses, strict=True):
        block, Y = Block(surface, blocks.origin, V), (Z - blocks.origin) @ W.T
        if block.size == 1:
            line = Surface(block, np.ones(1))
            found = stationary_on_line(line, Y[:, 0])[:, None]
            found = found[line.hessians(found)[:, 0, 0] > 0] if minima else found
        else:
            found = census(block, Y)
        parts.append(found @ V.T)
        total *= len(found)
        if not 0 < total <= most:
            return None
    return np.array([blocks.origin + np.sum(one, axis=0) for one in product(*parts)])
