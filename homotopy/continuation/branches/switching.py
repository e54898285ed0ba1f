"""Branch points: switching to the branch that crosses, both ways, and whole diagrams."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from homotopy.arguments import number, one_of
from homotopy.continuation.engine.settings import Course, Limits, Observed, Steps, check_bounds
from homotopy.continuation.engine.tracker import Tracker
from homotopy.continuation.parts.events import BranchPoint, Event, Occurrence, Setting
from homotopy.continuation.parts.linear import is_symmetric
from homotopy.continuation.parts.newton import ArclengthNewton
from homotopy.continuation.parts.predictors import Predictor, Tangent
from homotopy.continuation.parts.spectrum import Spectrum, crossing_direction
from homotopy.continuation.parts.stepcontrol import Adaptive, StepControl
from homotopy.continuation.point import Direction, Guess, Metric, Point
from homotopy.continuation.results.path import Path
from homotopy.objectives.family import Homotopy
from homotopy.status import Status
from homotopy.threads import one_blas_thread

__all__ = ["Explorer", "Start", "switch"]


@dataclass(frozen=True)
class Start:
    """Where a branch begins: a point of it, and which way it goes from there."""

    point: Point
    direction: Direction


class Closed(Event):
    """The path is back at its start, in the same direction."""

    needs_tangent = True
    continuous = False

    def __init__(self, start: Start, metric: Metric) -> None:
        super().__init__("closed", lambda point: 0.0, terminal=True)
        self.start, self.metric = start, metric

    def value(self, point: Point, setting: Setting) -> tuple[float, float]:
        """Return how far beyond the start the point lies, and how far away."""
        origin, direction = self.start.point, self.start.direction
        dx, dt = point.x - origin.x, point.t - origin.t
        same = point.tangent is None or self.metric.inner(*point.tangent, *direction) > 0.5
        ahead = self.metric.inner(dx, dt, *direction)
        return ahead, self.metric.norm(dx, dt) if same else np.inf

    def happened(self, before: tuple[float, float], after: tuple[float, float]) -> bool:
        """Whether the start's normal plane was crossed close to it."""
        return before[0] < 0.0 <= after[0] and before[1] + after[1] < 4.0 * (after[0] - before[0])


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
        None computes no index: the diagram then does not tell stable from unstable.
    offset : float
        How far from a branch point the crossing branch is looked for, in the metric.

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

    def __post_init__(self) -> None:
        one_of("corrector", self.corrector, ArclengthNewton, "an ArclengthNewton object")
        check_bounds(self.bounds)
        # The rest of what a branch's tracker is told checks itself, here already.
        Steps(self.predictor, self.corrector, self.step_control)
        Observed(self.events, self.spectrum)
        Limits(self.max_steps)
        number("offset", self.offset, "a positive number", above=0)

    def follow(self, homotopy: Homotopy, start: Start) -> Path:
        """Return the branch from a start to a bound, back to the start, or to `max_steps`."""
        metric = self.corrector.metric(homotopy.size)
        events = [*self.events, BranchPoint(), Closed(start, metric)]
        return Tracker(
            homotopy,
            start.point.x,
            Steps(self.predictor, self.corrector, self.step_control),
            Course(start.point.t, None, self.bounds, start.direction),
            Observed(events, self.spectrum if is_symmetric(homotopy) else None),
            Limits(self.max_steps, start_tolerance=max(1e-6, self.corrector.tolerance)),
        ).run()

    def both(self, homotopy: Homotopy, start: Start) -> Path:
        """Return the branch through a start, followed to both sides, as one path from one end to the other."""
        forward = self.follow(homotopy, start)
        if forward.status is Status.TERMINAL_EVENT and forward.events and forward.events[-1].name == "closed":
            return forward
        back = self.follow(homotopy, Start(start.point, _reversed(start.direction)))
        if forward.points[-1].s == 0.0:  # the start lies on a bound, and this way leads out
            forward = replace(forward, points=forward.points[:1])
        return _joined(back, forward) if back.points[-1].s > 0.0 else forward


@one_blas_thread
def switch(homotopy: Homotopy, branch_point: Occurrence, *, explorer: Explorer) -> list[Start]:
    """Return the starts of the two halves of the branch that crosses at a branch point; fewer where none is found.

    Parameters
    ----------
    homotopy : Homotopy
        The family.
    branch_point : Occurrence
        As `track` recorded it, with its tangent.
    explorer : Explorer
        The corrector, the metric and the offset.

    Raises
    ------
    ArgumentError
        If the branch point or the explorer is none.

    Notes
    -----
    The guess is the branch point plus the offset along the null vector of [A, b] normal to the known branch; Newton's
    method in the normal plane of that vector cannot return to the known branch.
    """
    one_of("explorer", explorer, Explorer, "an Explorer object")
    one_of("branch_point", branch_point, Occurrence, "an Occurrence, as in path.events")
    point, metric = branch_point.point, explorer.corrector.metric(homotopy.size)
    if point.tangent is None:
        return []
    linear = explorer.corrector.linear
    across = crossing_direction(homotopy, point.x, point.t, along=point.tangent, linear=linear, metric=metric)
    if across is None:
        return []
    starts = []
    for side in (across, _reversed(across)):
        for offset in (explorer.offset, 0.3 * explorer.offset, 0.1 * explorer.offset):
            guess = Guess(point.x + offset * side.x, point.t + offset * side.t, side, metric)
            found = replace(explorer.corrector, max_iter=20).correct(homotopy, guess)
            if found.status is Status.CONVERGED and found.distance < 2.0 * offset:
                direction = metric.unit(found.x - point.x, found.t - point.t)
                starts.append(Start(Point(found.x, found.t, found.value, found.grad_norm), direction))
                break
    return starts


def _reversed(direction: Direction) -> Direction:
    return Direction(-direction.x, -direction.t)


def _joined(back: Path, forward: Path) -> Path:
    """Return one path: the first reversed, then the second."""
    length, count = back.points[-1].s, len(back.points) - 1
    forward = forward.shifted(length, count)
    points = [
        replace(p, s=length - p.s, tangent=None if p.tangent is None else _reversed(p.tangent))
        for p in reversed(back.points[1:])
    ]
    events = []
    for e in reversed(back.events):
        turned = replace(e, index_before=e.index_after, index_after=e.index_before)
        where = replace(e.point, s=length - e.point.s)
        events.append(replace(turned, step=max(0, count - e.step - 1), point=where))
    path = replace(forward, points=(*points, *forward.points), events=(*events, *forward.events))
    return replace(path, counts=back.counts + forward.counts, seconds=back.seconds + forward.seconds)
