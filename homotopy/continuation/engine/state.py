"""One path: its state, on which the next step depends, and its plan, which stays the same."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from itertools import pairwise
from math import inf
from typing import Any, NamedTuple

from homotopy.continuation.counting import CountedHomotopy, Tally
from homotopy.continuation.crossing.identity import Identity, Kept
from homotopy.continuation.crossing.jumps import Jumps, Suspicion
from homotopy.continuation.engine.course import Course
from homotopy.continuation.engine.settings import Limits, Observed, Steps
from homotopy.continuation.engine.tangents import Tangents
from homotopy.continuation.engine.watch import Watch
from homotopy.continuation.parts.closed import Closed
from homotopy.continuation.parts.events import Event, Occurrence, Setting
from homotopy.continuation.parts.linear import Krylov
from homotopy.continuation.parts.newton import Newton
from homotopy.continuation.parts.stepcontrol import Fixed
from homotopy.continuation.point import Correction, Metric, Point, Trail
from homotopy.continuation.results.path import Path
from homotopy.objectives.curvature import Curvature
from homotopy.status import Counts, Status

__all__ = ["Plan", "State", "Trial", "plan"]

_LOOK = 12  # predictors look back on fewer points
_CLOSE = 0.1  # of the longest of the newest steps


@dataclass(slots=True)
class State:
    """Where a path stands: the steps of the tracker read, change and return it, and a checkpoint is it in a file."""

    step: float  # the length to try next
    points: list[Point] = field(default_factory=list)  # the start first
    values: list[Any] = field(default_factory=list)  # what the watched events say at the last point
    suspicion: Suspicion | None = None  # a jump that shorter steps have not cleared yet
    events: list[Occurrence] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)  # what a reader of the path must know
    attempts: int = 0
    rejected: int = 0
    jumped: bool = False  # whether the path went on after a jump
    tally: Tally = field(default_factory=Tally)  # the counted homotopy writes into it
    metric: Metric | None = None  # that of the path, in its own units; None before the start is known
    kept: Kept = field(default_factory=dict)  # distances of singular points from the last points, for their next step
    end: Curvature | None = None  # what the end is, of a path toward an objective
    status: Status | None = None  # None while the path is on its way
    message: str = ""
    began: float = field(default_factory=time.perf_counter)

    @property
    def last(self) -> Point:
        """The newest point."""
        return self.points[-1]

    def ahead(self) -> list[float] | None:
        """Return the distances of singular points from the last point, None where they are not known."""
        kept = self.kept.get(id(self.last))
        return None if kept is None or kept[0] is not self.last else kept[1].tolist()

    @property
    def counts(self) -> Counts:
        """Evaluations, in those of the family itself, and steps."""
        accepted = max(0, len(self.points) - 1)
        return Counts(grad=self.tally.grad, hessp=self.tally.hessp, accepted=accepted, rejected=self.rejected)

    @property
    def seconds(self) -> float:
        """Wall-clock time since this run began."""
        return time.perf_counter() - self.began

    def ended(self, status: Status, message: str = "") -> State:
        """End the path and return the state."""
        self.status, self.message = status, message or status.value
        return self

    def path(self, target: float | None) -> Path:
        """Return the path as it stands, its points read-only."""
        for point in self.points:
            point.x.setflags(write=False)
        status = self.status or Status.MAX_STEPS
        found = (tuple(self.points), status, tuple(self.events), self.counts, self.seconds)
        saddle = self.end is not None and not self.end.ok
        words = "" if self.end is None else str(self.end)
        return Path(
            *found,
            self.message or status.value,
            target,
            tuple(self.notes),
            self.jumped,
            metric=self.metric,
            end=words,
            saddle=saddle,
        )


class Trial(NamedTuple):
    """A step that was tried: its length, what the corrector made of it, and the new point.

    The point is None where the step is refused, for the corrector's reason or one that `why` says.
    """

    step: float
    correction: Correction
    point: Point | None = None
    why: str = ""
    met: Point | None = None  # where the determinant touched zero on the way
    end: Point | None = None  # the point at the target, where the way ends there although the step is refused


@dataclass(frozen=True, slots=True)
class Plan:
    """What the steps of one path have in common: what was asked for, the counted homotopy, and what looks at points."""

    setting: Setting
    steps: Steps
    course: Course
    observed: Observed
    limits: Limits
    tangents: Tangents
    watch: Watch
    jumps: Jumps
    identity: Identity

    def trail(self, state: State) -> Trail:
        """Return what a predictor looks back on."""
        points = _spaced(state) if self.course.milestones else state.points
        return Trail(points, self.tangents.natural, self.tangents.sense * self.course.length, self.setting.metric)

    def spent(self, state: State) -> bool:
        """Whether the budget leaves nothing."""
        budget = self.limits.budget
        dear = budget.gradients < inf and state.counts.gradient_equivalents >= budget.gradients
        return dear or (budget.seconds < inf and state.seconds >= budget.seconds)


def plan(
    homotopy: CountedHomotopy,
    steps: Steps,
    course: Course,
    observed: Observed,
    limits: Limits,
    *,
    state: State | None = None,
) -> Plan:
    """Return the plan of a path; its metric is that of a state which goes on, or the plain one."""
    metric = None if state is None else state.metric
    natural = steps.natural
    setting = Setting(homotopy, steps.linear, steps.metric(homotopy.size) if metric is None else metric)
    closes = course.target is None or course.bounds is not None  # else the way back leads behind t0, and out
    events = observed.watched(natural=natural, closed=Closed(whole=not course.milestones) if closes else None)
    wanted = _wants_tangents(setting, steps, observed, events)
    tangents = Tangents(setting, natural, course.sense, wanted, observed.wanted_spectrum())
    ratio = observed.jump.limit(fixed=isinstance(steps.step_control, Fixed))
    jumps = Jumps(ratio, setting, steps.predictor.order)
    return Plan(
        setting,
        steps,
        course,
        observed,
        limits,
        tangents,
        Watch(events, setting),
        jumps,
        Identity(setting, {} if state is None else state.kept),
    )


def _spaced(state: State) -> list[Point]:
    """Return the newest points without those that a milestone brought close to another, perhaps as near as rounding.

    Secants through such pairs have no direction.
    """
    newest = state.points[-_LOOK:]
    milestones = {event.point.s for event in state.events[-_LOOK:] if event.name == "milestone"}
    close = _CLOSE * max((b.s - a.s for a, b in pairwise(newest)), default=0.0)
    kept = [newest[-1]]
    for point in reversed(newest[:-1]):
        apart = kept[-1].s - point.s > close
        if apart or (point.s not in milestones and kept[-1].s not in milestones):
            kept.append(point)
    return kept[::-1]


def _wants_tangents(setting: Setting, steps: Steps, observed: Observed, events: list[Event]) -> bool:
    """Return whether anything needs tangents, or they cost little."""
    if steps.predictor.needs_tangent or not steps.natural:
        return True
    asked = events if observed.branch_points else events[:-1]  # the last one is then the tracker's own
    if any(event.needs_tangent for event in asked):
        return True
    # Tangents also serve to tell jumps, but without a matrix or for descents they may cost too much.
    homotopy = setting.homotopy
    matrix = any(hasattr(homotopy, name) for name in ("hessian", "factorize")) or homotopy.size <= 400
    return isinstance(steps.corrector, Newton) and not isinstance(setting.linear, Krylov) and matrix
