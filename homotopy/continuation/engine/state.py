"""The state of one path: what its next step depends on, and what was found until now."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from homotopy.continuation.counting import Tally
from homotopy.continuation.parts.events import Occurrence
from homotopy.continuation.parts.jumps import Suspicion
from homotopy.continuation.point import Correction, Point
from homotopy.continuation.results.path import Path
from homotopy.status import Counts, Status

__all__ = ["State", "Trial"]


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
    status: Status | None = None  # None while the path is on its way
    message: str = ""
    began: float = field(default_factory=time.perf_counter)

    @property
    def last(self) -> Point:
        """The newest point."""
        return self.points[-1]

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
        return Path(*found, self.message or status.value, target, tuple(self.notes), self.jumped)


@dataclass(frozen=True, slots=True)
class Trial:
    """A step that was tried: its length, what the corrector made of it, and the new point; None where it is refused."""

    step: float
    correction: Correction
    point: Point | None = None
