"""How branches are followed, from a start to both sides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from homotopy.arguments import number, one_of
from homotopy.continuation.engine.course import Course, check_bounds
from homotopy.continuation.engine.settings import Limits, Observed, Steps
from homotopy.continuation.engine.tracker import Tracker
from homotopy.continuation.engine.units import learned
from homotopy.continuation.parts.events import BranchPoint, Event
from homotopy.continuation.parts.linear import is_symmetric
from homotopy.continuation.parts.newton import ArclengthNewton
from homotopy.continuation.parts.predictors import Predictor, Tangent
from homotopy.continuation.parts.spectrum import Spectrum
from homotopy.continuation.parts.stepcontrol import Adaptive, StepControl
from homotopy.continuation.point import Direction, Metric, Point
from homotopy.continuation.results.path import Path
from homotopy.doors import doors
from homotopy.objectives.base import Vector
from homotopy.objectives.family import Homotopy
from homotopy.status import Status

__all__ = ["Explorer", "Start", "turned"]


@doors
@dataclass(frozen=True)
class Start:
    """Where a branch begins: a point of it, which way it goes from there, and the metric that it is measured with."""

    point: Point
    direction: Direction
    metric: Metric | None = None


@doors
@dataclass(frozen=True)
class Explorer:
    """How branches are followed.

    Parameters
    ----------
    bounds : tuple of float
        Branches end where t leaves this interval.
    corrector : ArclengthNewton
        Which kind, and its tolerances.
    predictor, step_control : Predictor, StepControl
        The other parts of a step.
    events : sequence of Event
        What to watch besides folds and branch points.
    max_steps : int
        Of each branch.
    spectrum : Spectrum or None
        None computes no index: the diagram then does not tell stable from unstable. For root systems it must name the
        `flow`.
    offset : float
        How far from a branch point the other branches are looked for, in the metric.
    scale : float, ndarray of shape (n,) or None
        The size of x, or of each component; None learns it from each branch.

    Raises
    ------
    ArgumentError
        If the bounds are no interval, a part is not what it must be, or a number is not positive.
    """

    bounds: tuple[float, float]
    corrector: ArclengthNewton = ArclengthNewton()  # noqa: RUF009
    predictor: Predictor = Tangent()  # noqa: RUF009
    step_control: StepControl = Adaptive()  # noqa: RUF009
    events: Sequence[Event] = ()
    max_steps: int = 500
    spectrum: Spectrum | None = Spectrum()  # noqa: RUF009
    offset: float = 0.01
    scale: Any = None

    def __post_init__(self) -> None:
        one_of("corrector", self.corrector, ArclengthNewton, "an ArclengthNewton object")
        check_bounds(self.bounds)
        # The rest of what a branch's tracker is told checks itself, here already.
        assert self.steps
        Observed(self.events, self.spectrum)
        Limits(self.max_steps)
        number("offset", self.offset, "a positive number", above=0)

    @property
    def steps(self) -> Steps:
        """The parts of a step."""
        return Steps(self.predictor, self.corrector, self.step_control, self.scale)

    def metric(self, homotopy: Homotopy, x: Vector, t: float) -> Metric:
        """Return the metric of a branch that begins at (x, t), as it is learned there."""
        course = Course(t, None, self.bounds)
        plain = self.corrector.metric(homotopy.size)
        return learned(homotopy, plain, course, (x, t), scale=self.scale, linear=self.corrector.linear)

    def follow(self, homotopy: Homotopy, start: Start) -> Path:
        """Return the branch from a start to a bound, back to the start, or to `max_steps`."""
        events = [*self.events, BranchPoint()]
        return Tracker(
            homotopy,
            start.point.x,
            self.steps,
            Course(start.point.t, None, self.bounds, start.direction, start.metric),
            Observed(events, self.spectrum if self._of_interest(homotopy) else None),
            Limits(self.max_steps, start_tolerance=max(1e-6, self.corrector.tolerance)),
        ).run()

    def _of_interest(self, homotopy: Homotopy) -> bool:
        """Whether the index means something: of a root system where a flow was named."""
        return is_symmetric(homotopy) or (self.spectrum is not None and self.spectrum.flow is not None)

    def both(self, homotopy: Homotopy, start: Start) -> Path:
        """Return the branch through a start, followed to both sides, as one path from one end to the other."""
        forward = self.follow(homotopy, start)
        if forward.closed:
            return forward
        back = self.follow(homotopy, replace(start, direction=turned(start.direction)))
        if forward.points[-1].s == 0.0:  # the start lies on a bound, and this way leads out
            forward = replace(forward, points=forward.points[:1])
        return _joined(back, forward) if back.points[-1].s > 0.0 else forward


def turned(direction: Direction) -> Direction:
    """Return the opposite direction."""
    return Direction(-direction.x, -direction.t)


def _joined(back: Path, forward: Path) -> Path:
    """Return one path: the first reversed, then the second; its ending is that of the one which has none, if any."""
    length, count = back.points[-1].s, len(back.points) - 1
    forward = forward.shifted(length, count)
    points = [
        replace(p, s=length - p.s, tangent=None if p.tangent is None else turned(p.tangent))
        for p in reversed(back.points[1:])
    ]
    events = []
    for e in reversed(back.events):
        where = replace(e.point, s=length - e.point.s, tangent=e.tangent and turned(e.tangent))
        turned_round = replace(e, index_before=e.index_after, index_after=e.index_before)
        events.append(replace(turned_round, step=max(0, count - e.step - 1), point=where))
    path = replace(forward, points=(*points, *forward.points), events=(*events, *forward.events))
    if back.status is not Status.TERMINAL_EVENT:  # the worse end of the two is told
        path = replace(path, status=back.status, message=back.message)
    return replace(path, counts=back.counts + forward.counts, seconds=back.seconds + forward.seconds)
