"""What may happen on a path, how it is noticed between two points, and what is recorded of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np

from homotopy.arguments import function as function_check
from homotopy.arguments import number, shown
from homotopy.continuation.parts.linear import Linear
from homotopy.continuation.parts.spectrum import null_vector
from homotopy.continuation.point import Direction, Metric, Point
from homotopy.doors import door, doors
from homotopy.errors import ArgumentError, EvaluationError
from homotopy.objectives.base import Vector
from homotopy.objectives.family import Homotopy

__all__ = ["BranchPoint", "Event", "Fold", "IndexChange", "Jump", "Kink", "Occurrence", "Setting"]


@dataclass(slots=True)
class Setting:
    """What an event may look at besides the point: the homotopy, the linear solver and the metric.

    The metric is learned at the start of a path, and again where the path has outgrown it.
    """

    homotopy: Homotopy
    linear: Linear
    metric: Metric
    first: Point | None = None  # where the path began


@doors
@dataclass(frozen=True, slots=True)
class Occurrence:
    """An event that happened.

    Attributes
    ----------
    name : str
        The event's name.
    point : Point
        Where, located to the tracker's tolerance; a jump has the last point before it.
    step : int
        The number of accepted points before it.
    null_vector : ndarray of shape (n,) or None
        The Hessian's null vector of unit length at a fold or branch point.
    index_before, index_after : int
        Unstable directions on both sides, as `Point.index`; -1 where unknown.
    detail : str
        More, in words.
    metric : Metric or None
        That of the path there.
    """

    name: str
    point: Point
    step: int
    null_vector: Vector | None = None
    index_before: int = -1
    index_after: int = -1
    detail: str = ""
    metric: Metric | None = None

    @property
    def tangent(self) -> Direction | None:
        """The tangent at the point."""
        return self.point.tangent


@door
class Event:
    """A user function of the point whose sign change, or arrival at zero, is an event.

    Parameters
    ----------
    name : str
        What it is called in the records.
    function : callable
        ``function(point) -> float``.
    direction : int
        1: only from below, -1: only from above, 0: both.
    terminal : bool
        Whether the path ends there, with TERMINAL_EVENT.
    reject : bool
        Whether a step over it is refused and shortened instead, so that the path never crosses.

    Raises
    ------
    ArgumentError
        If direction is none of -1, 0, 1, or terminal and reject are both set.
    """

    needs_tangent = False
    needs_index = False
    continuous = True
    tolerance = 1e-12  # of its location, relative to the step

    def __init__(
        self,
        name: str,
        function: Callable[[Point], float],
        *,
        direction: int = 0,
        terminal: bool = False,
        reject: bool = False,
    ) -> None:
        function_check("function", function, "function(point)")
        if direction not in (-1, 0, 1):
            raise ArgumentError(f"direction must be -1, 0 or 1, not {shown(direction)}")
        if terminal and reject:
            raise ArgumentError(f"event {shown(name)}: terminal and reject exclude each other")
        self.name, self.function = name, function
        self.direction, self.terminal, self.reject = direction, terminal, reject

    def value(self, point: Point, setting: Setting) -> Any:
        """Return the event function at a point."""
        return float(self.function(point))

    def test(self, point: Point, setting: Setting) -> Any:
        """Return the function whose zero, or change, is located: the event function."""
        return self.value(point, setting)

    def null_vector(self, where: Point, setting: Setting) -> Vector | None:
        """Return the Hessian's null vector at the located event, of unit length; None where it has none."""
        return None

    def happened(self, before: Any, after: Any) -> bool:
        """Whether the event lies between two points with these values; one that starts at zero has not happened."""
        return (before < 0.0 <= after and self.direction >= 0) or (before > 0.0 >= after and self.direction <= 0)

    def pinned(self, before: Any, after: Any) -> Sequence[Event]:
        """Return what is located between two points with these values between which it happened: the event itself."""
        return (self,)

    def confirmed(self, where: Point, setting: Setting) -> bool:
        """Whether what was located is the event, and nothing that only looked like it from afar."""
        return True

    def detail(self, where: Point, setting: Setting) -> str:
        """Return what is to be said of the located event."""
        return ""


@door
class Fold(Event):
    """The tangent's t component changes sign: a limit point (LP), where the curve turns back."""

    needs_tangent = True
    tolerance = 1e-9  # t is stationary there, so that its error is the square of this

    def __init__(self, *, terminal: bool = False, reject: bool = False) -> None:
        super().__init__("LP", lambda p: p.tangent.t if p.tangent else 0.0, terminal=terminal, reject=reject)

    def null_vector(self, where: Point, setting: Setting) -> Vector | None:
        """Return the null vector: at a fold the tangent is (null vector, 0)."""
        return None if where.tangent is None else where.tangent.x / np.linalg.norm(where.tangent.x)


@door
class BranchPoint(Event):
    """Another branch crosses (BP): the determinant of the Jacobian bordered with the tangent passes or touches zero.

    It is always watched where the linear solver's factors have a sign (dense, sparse or the homotopy's own);
    matrix-free, use `IndexChange`. A change of sign without a zero is a jump, and the step is rejected. A kernel of
    even dimension, where the sign does not change, is noticed up to 64 variables.
    """

    needs_tangent = True

    def __init__(self, *, terminal: bool = False) -> None:
        super().__init__("BP", lambda point: float(point.orientation), terminal=terminal)

    def null_vector(self, where: Point, setting: Setting) -> Vector | None:
        """Return the null vector, None where it cannot be computed."""
        with suppress(EvaluationError):
            return null_vector(setting.homotopy, where.x, where.t, linear=setting.linear, metric=setting.metric)
        return None

    def happened(self, before: float, after: float) -> bool:
        """Whether the sign changed; a path that starts on a branch point meets no event at once."""
        return before * after < 0.0


@door
class IndexChange(Event):
    """The number of unstable directions changes (`Spectrum`): of negative eigenvalues, in a gradient system."""

    needs_index = True
    continuous = False

    def __init__(self, *, terminal: bool = False, reject: bool = False) -> None:
        super().__init__("index", lambda point: float(point.index), terminal=terminal, reject=reject)

    def happened(self, before: float, after: float) -> bool:
        """Whether both are known and differ."""
        return before >= 0 and after >= 0 and before != after


@door
class Kink(Event):
    """A pattern of the point changes: a ReLU crosses its kink.

    Parameters
    ----------
    pattern : callable
        ``pattern(x)`` returns an array of booleans: which units are active on which samples.
    terminal : bool
        Whether the path ends there.
    """

    continuous = False

    def __init__(self, pattern: Callable[[Vector], Any], *, terminal: bool = False) -> None:
        super().__init__("kink", lambda point: 0.0, terminal=terminal)
        function_check("pattern", pattern, "pattern(x)")
        self.pattern = pattern

    def value(self, point: Point, setting: Setting) -> bytes:
        """Return the pattern as bytes."""
        return np.packbits(np.asarray(self.pattern(point.x), dtype=bool)).tobytes()

    def happened(self, before: bytes, after: bytes) -> bool:
        """Whether the patterns differ."""
        return before != after


@door
@dataclass(frozen=True, slots=True)
class Jump:
    """A corrector that lands on another branch is told by the error of its step; always watched for, as "jump".

    Parameters
    ----------
    ratio : float or None
        A step is suspected if the point lies further from its prediction, or the last point from the prediction
        backward from the new one, than `ratio` times the length of the move. None is 0.15, about the tangent of the
        angle between chord and tangent, or 0.5 with `Fixed` steps, which cannot be shortened to clear a suspicion.
    terminal : bool
        Whether a jump ends the path. If not, the path goes on from where the jump led, and is never a success.

    Raises
    ------
    ArgumentError
        If the ratio is not positive.

    Notes
    -----
    A suspected step is rejected and shortened until it is cleared or too small (`crossing.jumps.Jumps`).
    """

    ratio: float | None = None
    terminal: bool = True
    name: str = "jump"

    def __post_init__(self) -> None:
        if self.ratio is not None:
            number("ratio", self.ratio, "a positive number or None", above=0)

    def limit(self, *, fixed: bool) -> float:
        """Return the ratio in force."""
        return self.ratio or (0.5 if fixed else 0.15)
