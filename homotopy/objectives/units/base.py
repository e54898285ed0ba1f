"""Hidden units added to a net and taken away again: the moves of every homotopy in the width."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.objectives.base import Vector
from homotopy.objectives.facets import require
from homotopy.streams import Draws

__all__ = ["Units", "units_of"]


class Units(ABC):
    """The hidden units of an objective's net, h of them.

    What changes points (`narrow`, `join`, `take_away`, `add_silent`, `refit`, `grow`) takes one point, shape (n,), or r
    points of one width, shape (r, n), and returns as many dimensions. What becomes of a point depends on no other one,
    bit for bit; random numbers come from a Generator for one point and from a `Draws` of r streams for r points.

    Attributes
    ----------
    width : int
        The number h of hidden units of the true problem.
    exact : bool
        Whether units are taken away by closed forms of function space: any number of them at once, and fits below are
        exact. Otherwise they go one by one, compensated on the samples.
    """

    width: int
    exact: bool

    @abstractmethod
    def wider(self, extra: int) -> Any:
        """Return the objective of a net with `extra` more units."""

    @property
    @abstractmethod
    def surplus(self) -> int:
        """How many units more to begin with."""

    @property
    @abstractmethod
    def surplus_beside_path(self) -> int:
        """How many units more to begin with beside a linear path."""

    @abstractmethod
    def outgoing(self, extra: int) -> NDArray[np.bool_]:
        """Return which variables of the wider net silence its last `extra` units where they are zero."""

    def belonging(self, extra: int) -> NDArray[np.bool_]:
        """Return which variables of the wider net are weights of its last `extra` units: the outgoing ones at least."""
        return self.outgoing(extra)

    @abstractmethod
    def narrow(self, x: Vector) -> Vector:
        """Return a wider net's point without its last units, which are left out as they are."""

    @abstractmethod
    def removal_flops(self, count: int, extra: int, *, beside_path: bool = False) -> float:
        """Return the flops of taking away `count` units from a net of `extra` units more than the true one."""

    @abstractmethod
    def join(self, x: Vector, donor: Vector, count: int) -> Vector:
        """Return x with the first `count` units of `donor` appended; the function changes."""

    @abstractmethod
    def take_away(self, x: Vector, count: int, *, beside_path: bool = False) -> Vector:
        """Return x with `count` units fewer, the function changed as little as the moves allow.

        With `beside_path`, functions that differ by an affine function of the inputs count as equal.
        """

    @abstractmethod
    def add_silent(self, x: Vector, count: int, rng: np.random.Generator | Draws) -> Vector:
        """Return x with `count` random units that do not change the function, or hardly."""

    def refit(self, x: Vector, *, beside_path: bool = False) -> Vector:
        """Return x with outgoing weights that fit the targets; x itself where these are fixed."""
        del beside_path
        return x

    def refit_flops(self, extra: int, *, beside_path: bool = False) -> float:
        """Return the flops of `refit` of a net of `extra` units more; zero where nothing is fitted."""
        del extra, beside_path
        return 0.0

    def grow(self, x: Vector, extra: int, draw: Any) -> Vector:
        """Return x with `extra` units taken from points, shaped as x, that ``draw()`` returns, as many as it takes."""
        while extra > 0:
            count = min(extra, self.width)
            x = self.join(x, draw(), count)
            extra -= count
        return x


def units_of(objective: Any) -> Units:
    """Return the hidden units of an objective."""
    require(objective, ("units",))
    units: Units = objective.units()
    return units
