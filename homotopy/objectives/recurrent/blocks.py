"""The weights of recurrent nets of any width, unit by unit, at one point or at many."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.errors import ArgumentError
from homotopy.models.cells import BLOCKS, CARRIED, shapes_of
from homotopy.objectives.base import Vector

__all__ = ["Layout"]

Array = NDArray[np.float64]
Blocks = dict[str, Array]
"""W (..., g, h, h), U (..., g, h, d), b (..., g, h), e (..., h), C (..., k, h), c (..., k) and h0 (..., m, h)."""


@dataclass(frozen=True)
class Layout:
    """Where the weights of a cell's units stand, for d inputs, k outputs and any number of units."""

    n_in: int
    n_out: int
    cell: str
    learned: bool

    def shapes(self, h: int) -> dict[str, tuple[int, ...]]:
        """Return the shapes of `Blocks` for h units."""
        g, m = BLOCKS[self.cell], CARRIED[self.cell]
        apart = {"W": (g, h, h), "U": (g, h, self.n_in), "b": (g, h), "h0": (m, h)}
        own = shapes_of((self.n_in, h, self.n_out), self.cell, learned=self.learned)
        return {name: apart.get(name, shape) for name, shape in own.items()}

    def size(self, h: int) -> int:
        """Return the number of weights of h units."""
        return sum(math.prod(shape) for shape in self.shapes(h).values())

    def count(self, x: Vector) -> int:
        """Return the number of units of points (..., p).

        Raises
        ------
        ArgumentError
            If no number of units has as many weights.
        """
        p, g = x.shape[-1], BLOCKS[self.cell]
        each = self.size(1) - g - self.n_out  # of every unit, beside g h^2 of all pairs and the outputs' biases
        h = round((math.sqrt(each**2 + 4.0 * g * max(p - self.n_out, 0)) - each) / (2 * g))
        if h < 1 or self.size(h) != p:
            raise ArgumentError(
                f"x has {p} numbers; no {self.cell} net from {self.n_in} inputs to {self.n_out} outputs has as many"
            )
        return h

    def split(self, x: Vector) -> Blocks:
        """Return the weights of points (..., p) as views."""
        parts, at = {}, 0
        for name, shape in self.shapes(self.count(x)).items():
            n = math.prod(shape)
            parts[name] = x[..., at : at + n].reshape(*x.shape[:-1], *shape)
            at += n
        return parts

    def joined(self, parts: Blocks) -> Vector:
        """Return the points with these weights: the inverse of `split`."""
        lead = parts["c"].shape[:-1]
        h = parts["C"].shape[-1]
        return np.concatenate([parts[name].reshape(*lead, -1) for name in self.shapes(h)], axis=-1)

    def grown(self, parts: Blocks, extra: int) -> Blocks:
        """Return copies with `extra` more units whose weights are all zero."""
        lead, h = parts["c"].shape[:-1], parts["C"].shape[-1]
        out = {}
        for name, shape in self.shapes(h + extra).items():
            out[name] = np.zeros((*lead, *shape))
            out[name][tuple(slice(n) for n in parts[name].shape)] = parts[name]
        return out

    def kept(self, parts: Blocks, keep: Any) -> Blocks:
        """Return copies of some units alone, given by indices, a slice or a mask."""
        index = np.arange(parts["C"].shape[-1])[keep]
        out = {name: part[..., index] for name, part in parts.items() if name not in ("W", "U", "c")}
        out["W"], out["U"] = parts["W"][..., index, :][..., index], parts["U"][..., index, :]
        return out | {"c": parts["c"]}
