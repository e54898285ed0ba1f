"""Numbers that change along a descent: step sizes, the homotopy parameter, the amplitude of noise.

Compiled loops read them from a table of at most `TABLE_SIZE` + 1 entries, so any schedule costs the same; a descent
of more steps than that samples its schedules every 2^s steps. A number that is not allowed raises ArgumentError.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from typing import Protocol

import numpy as np

from homotopy.arguments import choice, integer, number, shown
from homotopy.doors import door, doors
from homotopy.errors import ArgumentError
from homotopy.objectives.base import Vector

__all__ = [
    "TABLE_SIZE",
    "Constant",
    "Cosine",
    "Exponential",
    "InverseTime",
    "Noise",
    "Ramp",
    "Schedule",
    "sample",
    "table_shift",
]

TABLE_SIZE = 1 << 16


class Schedule(Protocol):
    """A number for every step of a descent."""

    def values(self, steps: Vector, n_steps: int) -> Vector:
        """Return the numbers at these steps of a descent of `n_steps` steps, shape of `steps`."""


def _positive(where: str, value: float) -> None:
    number(where, value, "a positive number", above=0, below=inf)


@door
@dataclass(frozen=True)
class Constant:
    """The same number at every step.

    Examples
    --------
    >>> Constant(0.1).values(np.arange(3.0), 3).tolist()
    [0.1, 0.1, 0.1]
    """

    size: float

    def __post_init__(self) -> None:
        _positive("Constant: size", self.size)

    def values(self, steps: Vector, n_steps: int) -> Vector:
        """Return `size` everywhere."""
        del n_steps
        return np.full(len(steps), float(self.size))


@doors
@dataclass(frozen=True)
class InverseTime:
    """The step size size / (1 + step / half), halved after `half` steps.

    Examples
    --------
    >>> InverseTime(1.0, half=10).values(np.array([0.0, 10.0, 30.0]), 100).tolist()
    [1.0, 0.5, 0.25]
    """

    size: float
    half: float

    def __post_init__(self) -> None:
        _positive("InverseTime: size", self.size)
        _positive("InverseTime: half", self.half)

    def values(self, steps: Vector, n_steps: int) -> Vector:
        """Return size / (1 + step / half)."""
        del n_steps
        return self.size / (1.0 + steps / self.half)


@doors
@dataclass(frozen=True)
class Exponential:
    """The step size falls geometrically from `size` at the first step to `size` times `last` at the last one.

    Examples
    --------
    >>> Exponential(1.0, last=0.01).values(np.array([0.0, 5.0, 10.0]), 10).round(12).tolist()
    [1.0, 0.1, 0.01]
    """

    size: float
    last: float = 0.01

    def __post_init__(self) -> None:
        _positive("Exponential: size", self.size)
        _positive("Exponential: last", self.last)

    def values(self, steps: Vector, n_steps: int) -> Vector:
        """Return size last^(step / n_steps)."""
        return np.asarray(self.size * self.last ** (steps / max(n_steps, 1)))


@doors
@dataclass(frozen=True)
class Cosine:
    """The step size falls from `size` to `size` times `last` along half a cosine (Loshchilov and Hutter, 2017, eq. 5).

    `last` is in [0, 1].

    Examples
    --------
    >>> Cosine(1.0, last=0.0).values(np.array([0.0, 5.0, 10.0]), 10).round(12).tolist()
    [1.0, 0.5, 0.0]
    """

    size: float
    last: float = 0.0

    def __post_init__(self) -> None:
        _positive("Cosine: size", self.size)
        number("Cosine: last", self.last, "a number in [0, 1]", least=0, most=1)

    def values(self, steps: Vector, n_steps: int) -> Vector:
        """Return size (last + (1 - last) (1 + cos(pi step / n_steps)) / 2)."""
        wave = 0.5 * (1.0 + np.cos(np.pi * steps / max(n_steps, 1)))
        return np.asarray(self.size * (self.last + (1.0 - self.last) * wave))


@doors
@dataclass(frozen=True)
class Ramp:
    """The homotopy parameter t rises from `start` to 1 over the first `share` of the steps and stays there.

    Parameters
    ----------
    share : float
        The part of the steps over which t rises, in [0, 1].
    power : float
        Positive: t = start + (1 - start) s^power at the part s of the rise; above 1 it begins slowly.
    start : float
        t at the first step, in [0, 1].

    Examples
    --------
    >>> Ramp(share=0.5).values(np.array([0.0, 2.0, 5.0, 10.0]), 10).tolist()
    [0.0, 0.4, 1.0, 1.0]
    """

    share: float = 0.8
    power: float = 1.0
    start: float = 0.0

    def __post_init__(self) -> None:
        for name in ("share", "start"):
            number(f"Ramp: {name}", getattr(self, name), "a number in [0, 1]", least=0, most=1)
        _positive("Ramp: power", self.power)

    def values(self, steps: Vector, n_steps: int) -> Vector:
        """Return t at these steps."""
        rise = self.share * n_steps
        part = np.minimum(steps / rise, 1.0) if rise > 0 else np.ones(len(steps))
        return np.asarray(self.start + (1.0 - self.start) * part**self.power)


@doors
@dataclass(frozen=True)
class Noise:
    """Noise added to the variables after every `period` steps, and annealed away.

    Parameters
    ----------
    amplitude : float
        Half the width of the uniform distribution, or the standard deviation of the Gaussian one; positive.
    kind : str
        ``"uniform"`` or ``"gaussian"``.
    period : int
        Steps from one disturbance to the next.
    share : float
        The part of the steps over which there is noise, in (0, 1]: its amplitude falls to zero there.
    annealing : str
        ``"linear"``, ``"exponential"`` (to a thousandth, then zero) or ``"none"`` (full until `share`, then zero).

    Examples
    --------
    >>> Noise(1.0, share=0.5).values(np.array([0.0, 1.0, 2.0, 9.0]), 8).tolist()
    [1.0, 0.75, 0.5, 0.0]
    """

    amplitude: float
    kind: str = "uniform"
    period: int = 100
    share: float = 0.8
    annealing: str = "linear"

    def __post_init__(self) -> None:
        _positive("Noise: amplitude", self.amplitude)
        choice("Noise: kind", self.kind, ("uniform", "gaussian"))
        integer("Noise: period", self.period)
        number("Noise: share", self.share, "a number in (0, 1]", above=0, most=1)
        choice("Noise: annealing", self.annealing, ("linear", "exponential", "none"))

    def values(self, steps: Vector, n_steps: int) -> Vector:
        """Return the amplitude at these steps."""
        part = steps / max(self.share * n_steps, 1.0)
        factor = {"linear": 1.0 - part, "exponential": 1e-3**part, "none": np.ones(len(steps))}[self.annealing]
        return np.asarray(self.amplitude * np.where(part < 1.0, factor, 0.0))


def table_shift(n_steps: int) -> int:
    """Return s such that tables of a descent of `n_steps` steps hold one number for every 2^s steps."""
    return max(0, int(n_steps).bit_length() - TABLE_SIZE.bit_length() + 1)


def sample(schedule: Schedule, n_steps: int) -> Vector:
    """Return a schedule's table over a descent of `n_steps` steps: entry k serves the steps from k 2^s on.

    Raises
    ------
    ArgumentError
        If the schedule gives a number that is not finite, or not one a step.
    """
    if isinstance(schedule, Constant):
        return np.array([schedule.size], dtype=np.float64)
    if isinstance(schedule, Mapping):  # whose values are another thing
        raise ArgumentError(f"a schedule gives a number for every step, and {shown(schedule)} is none")
    steps = np.append(np.arange(0, n_steps, 1 << table_shift(n_steps), dtype=np.float64), float(n_steps))
    table = np.ascontiguousarray(schedule.values(steps, n_steps), dtype=np.float64)
    if table.shape != steps.shape or not np.isfinite(table).all():
        raise ArgumentError(f"the schedule {shown(schedule)} must give one finite number for every step")
    if len(table) > 1 and (table == table[0]).all():
        table = table[:1].copy()
    return table
