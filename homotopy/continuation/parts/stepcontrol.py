"""How long the next step is."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan
from typing import Protocol

from homotopy.arguments import number, shown
from homotopy.continuation.point import Correction
from homotopy.doors import door
from homotopy.errors import ArgumentError
from homotopy.status import Status

__all__ = ["Adaptive", "Fixed", "StepControl"]


class StepControl(Protocol):
    """A rule for the length of steps, in t or in arclength."""

    @property
    def initial(self) -> float:
        """The first step."""

    def accepts(self, correction: Correction) -> bool:
        """Whether a step whose corrector converged is accepted."""

    def next(self, step: float, correction: Correction) -> float | Status:
        """Return the step to try next, or the Status that ends the path.

        Parameters
        ----------
        step : float
            The step just tried.
        correction : Correction
            What became of it; a status other than CONVERGED means that the step was rejected.
        """


@door
@dataclass(frozen=True)
class Fixed:
    """Steps of one length; the first failure ends the path with its own Status.

    Parameters
    ----------
    step : float
        The length, positive.
    """

    step: float

    def __post_init__(self) -> None:
        number("step", self.step, "a positive number", above=0)

    @property
    def initial(self) -> float:
        """The step."""
        return self.step

    def accepts(self, correction: Correction) -> bool:
        """Whether a converged step is accepted: always."""
        return True

    def next(self, step: float, correction: Correction) -> float | Status:
        """Return the same step, or the failure's Status."""
        return self.step if correction.status is Status.CONVERGED else correction.status


@door
@dataclass(frozen=True)
class Adaptive:
    """Steps that grow where the corrector finds it easy and shrink where it does not.

    Parameters
    ----------
    initial : float
        The first step.
    minimum, maximum : float
        Hard limits. A rejected step at the minimum ends the path with STEP_TOO_SMALL.
    iterations : int or None
        Corrector iterations aimed at; the step is scaled by ``2 ** ((iterations - n_iter) / 2)``.
        Those of a descent are not looked at.
    distance : float or None
        Distance from guess to corrected point aimed at; scaled by ``sqrt(distance / found)``, right for predictors of
        order one.
    angle : float or None
        Angle in radians between successive tangents aimed at; scaled by ``angle / found``. A step that bends more
        than three times as much is rejected.
    grow, shrink : float
        Limits of the scaling at an accepted step; a rejected step is scaled by `shrink`.

    Raises
    ------
    ArgumentError
        Unless 0 < minimum <= initial <= maximum and shrink < 1 < grow.

    Notes
    -----
    Where several aims are set, the smallest scaling holds.
    """

    initial: float = 0.02
    minimum: float = 1e-8
    maximum: float = 0.1
    iterations: int | None = 4
    distance: float | None = None
    angle: float | None = 0.3
    grow: float = 2.0
    shrink: float = 0.5

    def __post_init__(self) -> None:
        for name in ("initial", "minimum", "maximum", "grow", "shrink"):
            number(name, getattr(self, name))
        if not 0 < self.minimum <= self.initial <= self.maximum:
            found = f"{shown(self.minimum)}, {shown(self.initial)}, {shown(self.maximum)}"
            raise ArgumentError(f"steps must satisfy 0 < minimum <= initial <= maximum, not {found}")
        if not 0 < self.shrink < 1 < self.grow:
            found = f"{shown(self.shrink)}, {shown(self.grow)}"
            raise ArgumentError(f"shrink and grow must satisfy 0 < shrink < 1 < grow, not {found}")

    def next(self, step: float, correction: Correction) -> float | Status:
        """Return the next step, or STEP_TOO_SMALL after a rejection at the minimum."""
        if correction.status is not Status.CONVERGED:
            return Status.STEP_TOO_SMALL if step <= self.minimum else max(self.minimum, self.shrink * step)
        scale = self.grow
        if self.iterations is not None and not correction.descent:
            scale = min(scale, 2.0 ** (0.5 * (self.iterations - correction.n_iter)))
        if self.distance is not None and correction.distance > 0:
            scale = min(scale, (self.distance / correction.distance) ** 0.5)
        if self.angle is not None and correction.angle > 0:
            scale = min(scale, self.angle / correction.angle)
        return min(self.maximum, max(self.minimum, step * max(self.shrink, scale)))

    def accepts(self, correction: Correction) -> bool:
        """Whether a converged step is accepted: not if it turned the tangent by more than three times the aim."""
        return self.angle is None or isnan(correction.angle) or correction.angle <= 3.0 * self.angle
