"""From where to where a path goes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import copysign, inf, isfinite
from typing import Any

import numpy as np

from homotopy.arguments import number, numbers, one_of, shown
from homotopy.continuation.point import Direction, Metric
from homotopy.doors import doors
from homotopy.errors import ArgumentError

__all__ = ["ON_FOLD", "Course", "check_bounds"]

LARGEST = 1e150  # of t: its square is a number
ON_FOLD = 1e-9  # of the length of the course: a fold this near to a target is one on it


@doors
@dataclass(frozen=True)
class Course:
    """From where to where.

    Parameters
    ----------
    t0, target : float
        Where the path starts and which t it must reach; target None goes on until an event or a limit ends it.
    bounds : tuple of float or None
        The path ends where t leaves this interval; by default, for a target, behind t0.
    direction : Direction or None
        The first tangent's approximate direction; by default t moves toward the target.
    metric : Metric or None
        That to begin with, as another path has learned it; None learns it at the start.
    milestones : sequence of float
        Where the path gets a point whenever it passes. They are kept in order; one within 1e-9 of the length of the
        course from t0, the target, a bound or another is that one.

    Raises
    ------
    ArgumentError
        If a t is not finite, the target is t0, or the bounds are no interval.
    """

    t0: float = 0.0
    target: float | None = 1.0
    bounds: tuple[float, float] | None = None
    direction: Direction | None = None
    metric: Metric | None = None
    milestones: Sequence[float] = ()

    def __post_init__(self) -> None:
        t0 = number("t0", self.t0, "a finite number", above=-inf, below=inf)
        object.__setattr__(self, "t0", t0)
        if self.target is not None:
            target = number("target", self.target, "a finite number")
            if not abs(target) < LARGEST or target == t0:
                raise ArgumentError(
                    f"target must be a finite number other than the first t ({shown(t0)}), not {shown(self.target)}"
                )
        if self.bounds is not None:
            check_bounds(self.bounds)
        if self.direction is not None:
            one_of("direction", self.direction, Direction, "a Direction or None")
        if not isinstance(self.milestones, tuple) or self.milestones:
            object.__setattr__(self, "milestones", self._in_order(self.milestones))

    def _in_order(self, given: Any) -> tuple[float, ...]:
        """Return checked milestones."""
        times = numbers("milestones", given)
        if times.ndim > 1 or not np.isfinite(times).all():
            raise ArgumentError(f"milestones must be finite numbers, not {shown(given)}")
        stops, kept = [t for t in (self.t0, self.target, *self.span) if t is not None], set[float]()
        for one in sorted(times.ravel().tolist()):
            kept.add(next((t for t in (*stops, *kept) if abs(t - one) <= ON_FOLD * self.length), one))
        return tuple(sorted(kept))

    @cached_property
    def sense(self) -> float:
        """The sign of t's motion at the start."""
        return 1.0 if self.target is None or self.target > self.t0 else -1.0

    @cached_property
    def length(self) -> float:
        """The size of t: from t0 to the target, or that of the bounds where there is no target; else 1."""
        if self.target is not None:
            return abs(self.target - self.t0)
        width = self.bounds[1] - self.bounds[0] if self.bounds is not None else inf
        return width if isfinite(width) else 1.0

    @cached_property
    def span(self) -> tuple[float, float]:
        """The interval of t: `bounds`, or what does not lie behind t0, since a path to a target may not turn back."""
        if self.bounds is not None:
            return self.bounds
        if self.target is None:
            return (-inf, inf)
        far = copysign(inf, self.target - self.t0)
        return (min(self.t0, far), max(self.t0, far))


def check_bounds(bounds: Any) -> None:
    """Check that something is an interval of t.

    Raises
    ------
    ArgumentError
        If it is none.
    """
    try:
        low, high = (number("bounds", one) for one in bounds)
        good = low < high
    except (TypeError, ValueError):
        good = False
    if not good:
        raise ArgumentError(f"bounds must be two numbers, low < high, not {shown(bounds)}")
