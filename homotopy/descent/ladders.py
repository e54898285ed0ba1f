"""Ladders of t for methods that descend at one t after another; a number that is not allowed is an ArgumentError."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

import numpy as np

from homotopy.arguments import integer, number
from homotopy.doors import doors
from homotopy.objectives.base import Vector

__all__ = ["BY_NAME", "Geometric", "Linear", "Plateau", "Power", "Schedule"]


@doors
@dataclass(frozen=True)
class Linear:
    """Values of t in equal steps from 0, without the end t = 1.

    Parameters
    ----------
    stages : int
        How many, at least 1.

    Examples
    --------
    >>> Linear(4).ladder().tolist()
    [0.0, 0.25, 0.5, 0.75]
    """

    stages: int = 10

    def __post_init__(self) -> None:
        integer("stages", self.stages)

    def ladder(self) -> Vector:
        """Return the values of t, rising, below 1."""
        return np.arange(self.stages) / self.stages


@doors
@dataclass(frozen=True)
class Power(Linear):
    """Values s^power of equal steps s: slow at first for a power above 1.

    Parameters
    ----------
    power : float
        Positive.

    Examples
    --------
    >>> Power(4, 2.0).ladder().tolist()
    [0.0, 0.0625, 0.25, 0.5625]
    """

    power: float = 2.0

    def __post_init__(self) -> None:
        super().__post_init__()
        number("power", self.power, "positive", above=0)

    def ladder(self) -> Vector:
        """Return the values of t, rising, below 1."""
        return np.asarray(super().ladder() ** self.power)


@doors
@dataclass(frozen=True)
class Geometric(Linear):
    """The distance 1 - t falls by the same factor at each stage, to `last` at the end of the ladder.

    Parameters
    ----------
    last : float
        Between 0 and 1.

    Examples
    --------
    >>> Geometric(3, last=0.01).ladder().round(12).tolist()
    [0.0, 0.9, 0.99]
    """

    last: float = 0.01

    def __post_init__(self) -> None:
        super().__post_init__()
        number("last", self.last, "between 0 and 1", above=0, below=1)

    def ladder(self) -> Vector:
        """Return the values of t, rising, below 1."""
        return np.asarray(1.0 - self.last ** (np.arange(self.stages) / max(self.stages - 1, 1)))


@doors
@dataclass(frozen=True)
class Plateau(Linear):
    """Equal steps of t, each taken when the loss at this t has stopped falling: adaptive, start by start.

    Parameters
    ----------
    drop, window : float, int
        t moves on when the lowest value at this t fell by less than drop |lowest value| over the last `window` steps;
        0 or more, and at least 1.

    Notes
    -----
    A schedule of `homotopy.descend` too. There t also moves on where a stage has made its share of the steps,
    ``n_steps // (stages + 1)``; t = 1 has the rest. Every stage is one compiled loop over all starts that are left,
    with the rule's memory begun afresh.

    Examples
    --------
    >>> Plateau(4, drop=1e-3, window=5).plateau
    (0.001, 5)
    """

    drop: float = 1e-2
    window: int = 20

    def __post_init__(self) -> None:
        super().__post_init__()
        number("drop", self.drop, "0 or a positive number", least=0, below=inf)
        integer("window", self.window)

    @property
    def plateau(self) -> tuple[float, int]:
        """Drop and window, as `homotopy.descend` takes them."""
        return float(self.drop), int(self.window)


Schedule = Linear

BY_NAME: dict[str, type[Linear]] = {"linear": Linear, "power": Power, "geometric": Geometric, "plateau": Plateau}
"""Every ladder."""
