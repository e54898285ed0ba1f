"""What a tracker is told: the parts of a step, from where to where, what is looked at, and when to stop."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from homotopy.arguments import function, integer, number, numbers, one_of, shown
from homotopy.continuation.parts.closed import Closed
from homotopy.continuation.parts.events import BranchPoint, Event, Fold, Jump
from homotopy.continuation.parts.linear import AUTO, Linear
from homotopy.continuation.parts.newton import Corrector
from homotopy.continuation.parts.predictors import Predictor
from homotopy.continuation.parts.spectrum import Spectrum
from homotopy.continuation.parts.stepcontrol import StepControl
from homotopy.continuation.point import Metric, Point
from homotopy.doors import doors
from homotopy.errors import ArgumentError
from homotopy.status import Budget

__all__ = ["Limits", "Observed", "Steps", "check_part"]


def check_part(name: str, part: Any, kind: type, verb: str) -> None:
    """Check that a part of a step is an object with what its kind does.

    Raises
    ------
    ArgumentError
        If it is not.
    """
    if isinstance(part, type) or not callable(getattr(part, verb, None)):
        raise ArgumentError(f"{name} must be a {kind.__name__} object, not {shown(part)}")


@doors
@dataclass(frozen=True)
class Steps:
    """The parts of a step.

    Parameters
    ----------
    predictor, corrector, step_control : Predictor, Corrector, StepControl
        Where the next point is guessed, how it is brought back to the curve, how long the next step is.
    scale : float, ndarray of shape (n,) or None
        The size of x, or of each component, in which lengths are measured; None learns it from the path.

    Raises
    ------
    ArgumentError
        If one is not what it must be.
    """

    predictor: Predictor
    corrector: Corrector
    step_control: StepControl
    scale: Any = None

    def __post_init__(self) -> None:
        check_part("predictor", self.predictor, Predictor, "predict")
        check_part("corrector", self.corrector, Corrector, "correct")
        check_part("step_control", self.step_control, StepControl, "next")
        object.__setattr__(self, "scale", _scale(self.scale))

    @property
    def natural(self) -> bool:
        """Whether steps are ones in t; else they are ones in arclength."""
        return self.corrector.natural

    @property
    def linear(self) -> Linear:
        """How linear systems are solved, also those of tangents."""
        linear: Linear = getattr(self.corrector, "linear", AUTO)
        return linear

    @cached_property
    def tight(self) -> Corrector:
        """The corrector with the tolerance of the end."""
        return self.corrector.tight()

    @cached_property
    def fixed(self) -> Corrector:
        """The corrector at fixed t."""
        own: Callable[[], Corrector] | None = getattr(self.corrector, "at_fixed_t", None)
        return self.corrector if own is None else own()

    @cached_property
    def landing(self) -> Corrector:
        """The corrector at fixed t with the tolerance of the end."""
        return self.fixed.tight()

    def metric(self, n: int) -> Metric:
        """Return how arclength is measured with n variables."""
        known = self._metrics.get(n)  # every step asks
        if known is None:
            own: Callable[[int], Metric] | None = getattr(self.corrector, "metric", None)
            known = self._metrics[n] = Metric.weighted(0.5, n) if own is None else own(n)
        return known

    @cached_property
    def _metrics(self) -> dict[int, Metric]:
        return {}


def _scale(scale: Any) -> Any:
    """Return a checked size of x, or None."""
    if scale is None:
        return None
    sizes = numbers("scale", scale)
    if sizes.ndim > 1 or not (np.isfinite(sizes).all() and (sizes > 0).all()):
        raise ArgumentError(f"scale must be a positive number, one for each variable, or None, not {shown(scale)}")
    return float(sizes) if sizes.ndim == 0 else sizes


@doors
@dataclass(frozen=True)
class Observed:
    """What is looked at on the way.

    Parameters
    ----------
    events : sequence of Event or Jump
        What to watch; folds (by arclength), branch points and jumps always are.
    spectrum : Spectrum or None
        What to compute of the Hessian's spectrum at the points.
    callback : callable or None
        Called with each accepted Point; StopIteration ends the path.
    beyond : bool
        Whether a natural path that stops looks for a branch beyond, to which a longer step would jump.

    Raises
    ------
    ArgumentError
        If one is not what it must be.
    """

    events: Sequence[Event | Jump] = ()
    spectrum: Spectrum | None = None
    callback: Callable[[Point], Any] | None = None
    beyond: bool = True

    def __post_init__(self) -> None:
        if not isinstance(self.events, Sequence) or isinstance(self.events, str):
            raise ArgumentError(f"events must be a sequence of Event and Jump objects, not {shown(self.events)}")
        allowed = "a sequence of Event and Jump objects; one of them is no such object"
        for event in self.events:
            one_of("events", event, (Event, Jump), allowed)
        if self.callback is not None:
            function("callback", self.callback, "callback(point)")
        if self.spectrum is not None:
            one_of("spectrum", self.spectrum, Spectrum, "a Spectrum or None")

    @property
    def jump(self) -> Jump:
        """How jumps are told."""
        return next((event for event in self.events if isinstance(event, Jump)), Jump())

    @property
    def branch_points(self) -> bool:
        """Whether branch points were asked for, and are not only watched for on the tracker's own account."""
        return any(isinstance(event, BranchPoint) for event in self.events)

    def watched(self, *, natural: bool, closed: Closed | None = None) -> list[Event]:
        """Return the events that are watched, with those that always are; whether the curve closes where it may."""
        events = [event for event in self.events if isinstance(event, Event)]
        if closed is not None and not natural:
            events.append(closed)
        if not natural and not any(isinstance(event, Fold) for event in events):
            events.insert(0, Fold())
        return events if self.branch_points else [*events, BranchPoint()]

    def wanted_spectrum(self) -> Spectrum | None:
        """Return what is computed of the spectrum: an event may need the index."""
        if self.spectrum is None and any(isinstance(e, Event) and e.needs_index for e in self.events):
            return Spectrum()
        return self.spectrum


@doors
@dataclass(frozen=True)
class Limits:
    """When to stop, and what start is good enough.

    Parameters
    ----------
    max_steps : int
        The largest number of attempts, accepted or not.
    budget : Budget
        What the path may cost.
    start_tolerance : float
        BAD_START unless ``|grad H(x0, t0)| <= start_tolerance * metric.residual``, the size of the gradient.

    Raises
    ------
    ArgumentError
        If one is out of its range.
    """

    max_steps: int = 1000
    budget: Budget = field(default_factory=Budget)
    start_tolerance: float = 1e-6

    def __post_init__(self) -> None:
        object.__setattr__(self, "max_steps", integer("max_steps", self.max_steps))
        number("start_tolerance", self.start_tolerance, "a number, at least 0", least=0.0)
