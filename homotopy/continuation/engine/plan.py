"""What stays the same along one path: what was asked for, and what is made of it once."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

from homotopy.continuation.counting import CountedHomotopy
from homotopy.continuation.engine.settings import Course, Limits, Observed, Steps
from homotopy.continuation.engine.state import State
from homotopy.continuation.engine.tangents import Tangents
from homotopy.continuation.engine.watch import Watch
from homotopy.continuation.parts.events import Event, Setting
from homotopy.continuation.parts.jumps import Jumps
from homotopy.continuation.parts.linear import Krylov
from homotopy.continuation.parts.newton import Newton
from homotopy.continuation.parts.stepcontrol import Fixed
from homotopy.continuation.point import Trail

__all__ = ["Plan", "plan"]


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

    def trail(self, state: State) -> Trail:
        """Return what a predictor looks back on."""
        return Trail(state.points, self.tangents.natural, self.tangents.sense, self.setting.metric)

    def spent(self, state: State) -> bool:
        """Whether the budget leaves nothing."""
        budget = self.limits.budget
        if budget.gradients < inf and state.counts.gradient_equivalents >= budget.gradients:
            return True
        return budget.seconds < inf and state.seconds >= budget.seconds


def plan(homotopy: CountedHomotopy, steps: Steps, course: Course, observed: Observed, limits: Limits) -> Plan:
    """Return the plan of a path."""
    natural = steps.natural
    setting = Setting(homotopy, steps.linear, steps.metric(homotopy.size))
    events = observed.watched(natural=natural)
    wanted = _wants_tangents(setting, steps, observed, events)
    tangents = Tangents(setting, natural, course.sense, wanted, observed.wanted_spectrum())
    ratio = observed.jump.limit(fixed=isinstance(steps.step_control, Fixed))
    jumps = Jumps(ratio, setting.metric, steps.predictor.order)
    return Plan(setting, steps, course, observed, limits, tangents, Watch(events, setting), jumps)


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
